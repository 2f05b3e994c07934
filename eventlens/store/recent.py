"""Look-ups that many callers ask at the same moment: answered once for all of them.

An answer is given again for a fifth of a second, and only until this process has changed anything in the
store: what one process has written it finds at once, what another has written a moment later. An answer that
lacks what is on a shard is given to whoever waits for it, and not again.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from eventlens.errors import Abandoned
from eventlens.store.base import Parameters, Result

SECONDS = 0.2
_MOST = 1_000
"""Answers that are kept; then all are forgotten."""


class Changes:
    """Counts what this process changed in a store; shared by all that write to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def made(self) -> None:
        """Something may have changed."""
        with self._lock:
            self.count += 1


class _Look(NamedTuple):
    changes: int
    at: float
    answer: Future[Result]


class Recent:
    """Gives answers again. Safe from any thread."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._lock = threading.Lock()
        self._looks: dict[tuple[str, str], _Look] = {}

    def look(self, sql: str, parameters: Parameters, ask: Callable[[], Result]) -> Result:
        """The answer of a moment ago, else what `ask` gives. Raises what that raises."""
        key = (sql, repr(parameters))
        while True:
            mine = _Look(self._changes.count, time.monotonic(), Future[Result]())
            with self._lock:
                look = self._looks.get(key)
                if look is None or look.changes != mine.changes or mine.at - look.at > SECONDS:
                    if len(self._looks) >= _MOST:
                        self._looks.clear()
                    look = self._looks[key] = mine
            if look is mine:
                return self._asked(key, mine, ask)
            try:
                return look.answer.result()
            except Abandoned:  # its caller has gone, not this one
                continue

    def _asked(self, key: tuple[str, str], mine: _Look, ask: Callable[[], Result]) -> Result:
        try:
            answer = ask()
        except BaseException as error:
            self._forget(key, mine)
            mine.answer.set_exception(error)
            raise
        if answer.partial:
            self._forget(key, mine)
        mine.answer.set_result(answer)
        return answer

    def _forget(self, key: tuple[str, str], look: _Look) -> None:
        with self._lock:
            if self._looks.get(key) is look:
                del self._looks[key]
