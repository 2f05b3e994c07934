"""The worker that deletes what is older than a project keeps its events."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from eventlens.clock import Clock
from eventlens.errors import Unavailable
from eventlens.ingest.removing import Removing
from eventlens.insights.ranges import day_start, local_date

log = logging.getLogger(__name__)

_FIRST_SECONDS = 60.0
_ROUND_SECONDS = 3600.0
"""Between two looks: what is too old becomes so at midnight, in one zone or another."""


class Keeping(Protocol):
    """A project and how long it keeps events: `accounts.projects.Project`."""

    @property
    def id(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def event_retention_days(self) -> int | None: ...


class RetentionWorker:
    """Looks once an hour, in a thread of its own (`start`), or when told (`run_once`)."""

    def __init__(
        self, removing: Removing, clock: Clock, projects: Callable[[], Iterable[Keeping]], days: int
    ) -> None:
        """`days`: of projects that say nothing else, 0 for ever."""
        self._removing = removing
        self._clock = clock
        self._projects = projects
        self._days = days
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in a thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="retention-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the project under way."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def run_once(self) -> int:
        """Delete what is too old; how many projects had any. Raises Unavailable."""
        count = 0
        for project in self._projects():
            days = self._days if project.event_retention_days is None else project.event_retention_days
            if days and not self._stopping.is_set():
                count += self._removing.expire(project.id, self._edge(project, days))
        return count

    def _edge(self, project: Keeping, days: int) -> int:
        """The beginning of the oldest day that is kept: today and so many days before it are."""
        zone = ZoneInfo(project.timezone)
        return day_start(local_date(self._clock(), zone) - timedelta(days=days), zone)

    def _run(self) -> None:
        wait = _FIRST_SECONDS
        while not self._stopping.wait(wait):
            wait = _ROUND_SECONDS
            try:
                count = self.run_once()
            except Unavailable as error:
                log.warning("what is too old could not be deleted, later again: %s", error)
            except Exception as error:  # noqa: BLE001  # whatever it is, the thread must live on
                log.error("what is too old could not be deleted: %s", error)  # noqa: TRY400  # the frames say nothing more
            else:
                if count:
                    log.info("events that were too old are deleted from %d projects", count)
