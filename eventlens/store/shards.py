"""What is answered while a shard of a cluster is away: nothing, or what the others hold, said to be partial.

As long as all is well this costs nothing: only a statement that failed for want of a shard is asked again,
without it. For a second after that others are not kept waiting for it either.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from eventlens.errors import ShardMissing
from eventlens.store.base import Result
from eventlens.store.tickets import Ticket

SECONDS = 1.0
"""How long a shard is believed to be away, and answers said to be partial, without another look."""

_WITHOUT: Mapping[str, object] = {
    "skip_unavailable_shards": 1,
    # Where nothing refuses the connection, each try takes a second.
    "connections_with_failover_max_tries": 1,
}


class Shards:
    """Knows whether one was away a moment ago. Safe from any thread."""

    def __init__(self) -> None:
        self._away_until = 0.0

    def ask(self, ticket: Ticket | None, ask: Callable[[Mapping[str, object]], Result]) -> Result:
        """What `ask` answers with these further settings. Raises what it raises.

        ShardMissing only where the ticket allows nothing else.
        """
        if ticket is None or not ticket.may_be_partial:
            return ask({})
        if time.monotonic() >= self._away_until:
            try:
                return _asked_twice(ask)
            except ShardMissing:
                self._away_until = time.monotonic() + SECONDS
        ticket.partial = True
        return replace(ask(_WITHOUT), partial=True)


def _asked_twice(ask: Callable[[Mapping[str, object]], Result]) -> Result:
    """A connection that broke off may be that of a server which is there again."""
    try:
        return ask({})
    except ShardMissing as error:
        if error.surely:
            raise
        return ask({})
