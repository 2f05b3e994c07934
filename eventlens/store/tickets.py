"""Whoever asks holds a ticket: it says how long the whole question may take, and ends it when they have gone.

A question is several statements. `asking` is set around them (threads that are started from there inherit
it); the store looks at it with each statement.
"""

import time
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
