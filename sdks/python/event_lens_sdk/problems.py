"""What went wrong with events, told to whoever made the client: a call itself never fails."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

log = logging.getLogger("event_lens_sdk")

_QUIET_SECONDS = 10.0
"""Problems of one kind are logged no more often than this."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Events that will not be stored, and why."""

    code: str
    """What a program may ask for: the server's code (`invalid`, `revenue`, `unauthenticated` …), or
    `full` (the buffer was), `closed` (the client was), `unsent` (the time to send them was up), `unreadable`
    (no JSON can be made of it), `unexpected_answer` (another server answered), `internal`, `no_client_id`."""
    message: str
    field: str = ""
    """The field that is wrong, as in `payload/name`; '' where it is none."""
    events: int = 1
    event: dict[str, Any] | None = None
    """The event, where it is one and could be read."""


class Reporter:
    """Tells the callback of every problem, and the log of the first of each kind in ten seconds."""

    def __init__(self, callback: Callable[[Problem], object] | None) -> None:
        self._callback = callback
        self._logged: dict[str, float] = {}

    def tell(self, problem: Problem) -> None:
        """Report a problem; whatever the callback raises ends here."""
        if self._callback is not None:
            try:
                self._callback(problem)
            except Exception:  # the application's own code, in the sender's thread
                log.exception("on_problem failed")
        now = time.monotonic()
        if now - self._logged.get(problem.code, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            self._logged[problem.code] = now
            where = f" ({problem.field})" if problem.field else ""
            log.warning(
                "%d event(s) not sent: %s: %s%s", problem.events, problem.code, problem.message, where
            )
