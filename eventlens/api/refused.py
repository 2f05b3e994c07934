"""Senders that are refused, told to whoever runs the server: a page that is not listed counts nothing.

One line a minute for each client and reason, so that nobody can fill the log; without secrets and addresses.
"""

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

TOLD_EVERY_SECONDS = 60.0
_MOST_KEYS = 1000
_LONGEST = 200


class Refused:
    """Says who was refused and why. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[tuple[str, str], list[float]] = {}
        """(client id, reason) → [when it was told last, how many since]."""

    def note(self, client_id: str, reason: str, origin: str) -> None:
        """A request was refused; `client_id` and `origin` as it states them."""
        key = (client_id[:36], reason)
        now = self._clock()
        told = self._told.get(key)
        if told is not None and now - told[0] < TOLD_EVERY_SECONDS:
            told[1] += 1
            return
        if len(self._told) >= _MOST_KEYS:
            self._told.clear()
        self._told[key] = [now, 0]
        more = f", and {told[1]:.0f} times before" if told is not None and told[1] else ""
        log.warning(
            "a sender was refused: %s (client %r, origin %r%s)", reason, key[0], origin[:_LONGEST], more
        )
