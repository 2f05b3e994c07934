"""Whoever asks holds a ticket: it says how long the whole question may take, and ends it when they have gone.

A question is several statements. `asking` is set around them (threads that are started from there inherit
it); the store looks at it with each statement.

Where a shard of the store does not answer, whoever can say so in the answer gets what the others hold.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import uuid4

from eventlens.errors import Abandoned, QueryLimit


@dataclass(slots=True)
class Ticket:
    """One question of a caller's. Safe from any thread."""

    seconds: float
    """Of the whole question, from the first statement on."""
    id: str = field(default_factory=lambda: uuid4().hex)
    gone: bool = False
    may_be_partial: bool = False
    """Whether the answer can say that it is without what is on shards that do not answer."""
    partial: bool = False
    """Whether it is. Set by the store before it gives such rows."""
    _until: float = 0.0

    def remaining(self) -> float:
        """Seconds left for the next statement. Raises QueryLimit, Abandoned."""
        if self.gone:
            raise Abandoned
        now = time.monotonic()
        self._until = self._until or now + self.seconds
        if now >= self._until:
            raise QueryLimit(
                f"The question is over the time limit of {self.seconds:g} s (EVENTLENS_QUERY_SECONDS); "
                "narrow its range or filters."
            )
        return self._until - now


asking: ContextVar[Ticket | None] = ContextVar("asking", default=None)


@contextmanager
def content_with_less(seconds: float) -> Generator[None]:
    """For look-ups that are better made in part than not: a shard that does not answer is left out."""
    token = asking.set(Ticket(seconds, may_be_partial=True))
    try:
        yield
    finally:
        asking.reset(token)


def is_partial() -> bool:
    """Whether the question under way has rows already that are not all there should be."""
    ticket = asking.get()
    return ticket is not None and ticket.partial
