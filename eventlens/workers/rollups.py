"""The worker that computes answers ahead, a little at a time and the newest first."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol
from zoneinfo import ZoneInfo

from eventlens.clock import Clock
from eventlens.errors import StoreUnavailable, Unavailable
from eventlens.insights.ranges import Span
from eventlens.insights.rollups.due import Day, Longer, Rollups, leftovers, sweep
from eventlens.insights.rollups.parts import put_together, scattered
from eventlens.meters import ROLLUPS
from eventlens.store.base import Store

log = logging.getLogger(__name__)

_SHARE = 0.15
"""Of one core's time, at most: collection and questions go first."""
_ROUND_SECONDS = 10.0
"""Between two looks at what is due."""
_LONGEST_ROUND_SECONDS = 60.0
"""After that it looks again: newer buckets have become due."""
_SWEEP_SECONDS = 3600.0
_FIRST_WAIT_SECONDS = 600.0
_LONGEST_WAIT_SECONDS = 86_400.0
"""Between two tries of a day that cannot be computed."""
_FEW = 100_000
"""Leftovers that may stay: to delete them costs writing others again."""


class Zoned(Protocol):
    """A project and the zone of its days: `accounts.projects.Project`."""

    @property
    def id(self) -> str: ...
    @property
    def timezone(self) -> str: ...


class RollupWorker:
    """Looks, computes, rests; in a thread of its own (`start`) or step by step (`run_once`)."""

    def __init__(
        self, store: Store, clock: Clock, projects: Callable[[], Iterable[Zoned]], *, exact_up_to: int
    ) -> None:
        """`exact_up_to`: projects with fewer events need nothing computed ahead."""
        self._store = store
        self._clock = clock
        self._projects = projects
        self._exact_up_to = exact_up_to
        self._rollups = Rollups(store, clock)
        self._failed: dict[tuple[str, Span], tuple[float, float]] = {}
        self._rounds = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._sweep_at = time.monotonic() + _SWEEP_SECONDS

    def start(self) -> None:
        """Work in a thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="rollup-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the day under way."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def run_once(self, *, rest: bool = False) -> int:
        """Compute what is due; how many buckets that were. Rests after each day, if told to."""
        deadline = time.monotonic() + _LONGEST_ROUND_SECONDS
        computed = 0
        for project in self._in_turn():
            began = time.monotonic()
            if not self._rollups.is_large(project.id, self._exact_up_to):
                continue
            due = self._rollups.due(project.id, ZoneInfo(project.timezone))
            for each in (*due.days, *due.longer):
                computed += self._build(project.id, each)
                if rest and (self._rest(began) or time.monotonic() > deadline):
                    return computed
                began = time.monotonic()
        return computed

    def _build(self, project_id: str, due: Day | Longer) -> int:
        """How many buckets were computed. What cannot be computed waits, and the rest goes on.

        Raises StoreUnavailable.
        """
        key = (project_id, due.span)
        again_at, wait = self._failed.get(key, (0.0, _FIRST_WAIT_SECONDS))
        if time.monotonic() < again_at:
            return 0
        try:
            self._rollups.build(project_id, due)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one day, the others can be computed
            log.error("a day could not be computed ahead, its raw rows answer: %s", error)  # noqa: TRY400  # the frames say nothing more
            self._failed[key] = (time.monotonic() + wait, min(2 * wait, _LONGEST_WAIT_SECONDS))
            return 0
        self._failed.pop(key, None)
        ROLLUPS.inc(due.count)
        return due.count

    def _in_turn(self) -> list[Zoned]:
        """All projects, each round beginning with another one: one that is busy must not starve the rest."""
        projects = list(self._projects())
        first = self._rounds % len(projects) if projects else 0
        self._rounds += 1
        return projects[first:] + projects[:first]

    def _rest(self, began: float) -> bool:
        return self._stopping.wait((time.monotonic() - began) * (1 / _SHARE - 1))

    def _run(self) -> None:
        while not self._stopping.wait(_ROUND_SECONDS):
            try:
                self.run_once(rest=True)
                self._sweep()
            except Unavailable as error:
                log.warning("answers could not be computed ahead, later again: %s", error)
            except Exception as error:  # noqa: BLE001  # whatever it is, the thread must live on
                log.error("answers could not be computed ahead: %s", error)  # noqa: TRY400  # the frames say nothing more

    def _sweep(self) -> None:
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + _SWEEP_SECONDS
        now = self._clock()
        if leftovers(self._store, now) > _FEW:
            sweep(self._store, now)
        for project in self._projects():
            self._rollups.drop_strays(project.id, ZoneInfo(project.timezone))
        for month in scattered(self._store)[:1]:  # one at a time: it reads and writes all of it
            put_together(self._store, month)
