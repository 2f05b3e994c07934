"""Settings become an opened queue, store and catalog, and the use cases over them: the only wiring."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from eventlens.accounts.clients import ClientCache, Clients
from eventlens.accounts.projects import Projects
from eventlens.accounts.salts import Salts
from eventlens.api.services import Services
from eventlens.catalog.connect import Catalog, open_catalog
from eventlens.catalog.migrate import migrate as migrate_catalog
from eventlens.clock import Clock, now_ms
from eventlens.enrich.geo import GeoDatabase
from eventlens.errors import ConfigurationError
from eventlens.ingest.accept import Collector
from eventlens.ingest.apply import Applier
from eventlens.ingest.devices import DeviceIds
from eventlens.ingest.keys import SESSION_GAP_MS
from eventlens.ingest.presence import Presence
from eventlens.queues.base import Queue
from eventlens.queues.connect import open_queue
from eventlens.settings import Settings
from eventlens.store.base import Store
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate as migrate_store
from eventlens.store.sessions import live_since
from eventlens.workers.events import EventWorker


@dataclass(frozen=True, slots=True)
class Feed:
    """The collecting half: enough to put events into the queue beside a running server."""

    catalog: Catalog
    queue: Queue
    collector: Collector
    geo: GeoDatabase

    def close(self) -> None:
        self.queue.close()
        self.geo.close()
        self.catalog.close()


@dataclass(frozen=True, slots=True)
class Runtime(Feed):
    """Everything, opened. One per process and data directory."""

    store: Store
    worker: EventWorker
    services: Services

    def close(self) -> None:
        self.worker.stop()
        self.store.close()
        Feed.close(self)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The server that uses a data directory right now."""

    pid: int
    url: str


def open_feed(settings: Settings, clock: Clock = now_ms) -> Feed:
    """Open what collection needs. Raises ConfigurationError."""
    settings.data.mkdir(parents=True, exist_ok=True)
    catalog = open_catalog(settings)
    migrate_catalog(catalog)
    queue = open_queue(settings)
    geo = GeoDatabase.open(settings.geoip_database, settings.data)
    collector = _collector(settings, catalog, queue, geo, Presence(), clock)
    return Feed(catalog, queue, collector, geo)


def open_runtime(settings: Settings, clock: Clock = now_ms) -> Runtime:
    """Open and migrate everything; the worker is not started yet. Raises ConfigurationError."""
    settings.data.mkdir(parents=True, exist_ok=True)
    catalog = open_catalog(settings)
    migrate_catalog(catalog)
    store = open_store(settings)
    migrate_store(store)
    queue = open_queue(settings)
    geo = GeoDatabase.open(settings.geoip_database, settings.data)
    presence = Presence()
    presence.load(live_since(store, clock() - SESSION_GAP_MS))
    collector = _collector(settings, catalog, queue, geo, presence, clock)
    worker = EventWorker(
        queue,
        Applier(store, queue, clock),
        batch_size=settings.worker_batch_size,
        batch_timeout_ms=settings.worker_batch_timeout,
    )
    services = Services(
        settings=settings,
        clock=clock,
        projects=Projects(catalog),
        clients=ClientCache(Clients(catalog, clock), clock),
        collector=collector,
        queue=queue,
        store=store,
    )
    return Runtime(catalog, queue, collector, geo, store, worker, services)


def _collector(
    settings: Settings, catalog: Catalog, queue: Queue, geo: GeoDatabase, presence: Presence, clock: Clock
) -> Collector:
    salts = Salts(catalog, clock)
    devices = DeviceIds(salts.for_day, presence.seen_before, settings.secret_key.encode())
    return Collector(queue, geo, devices, presence, clock)


@contextlib.contextmanager
def claimed_directory(settings: Settings, user: str, url: str = "") -> Iterator[None]:
    """Be the one process that has the embedded stores of a data directory open.

    Raises ConfigurationError that names the other one.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "lock").open("a+") as lock:
        if not _lock(lock):
            raise ConfigurationError(
                f"The data directory is in use by {_holder(settings.data)}; stop it first, or use another directory."
            )
        note = settings.data / "server.json"
        note.write_text(json.dumps({"pid": os.getpid(), "user": user, "url": url}))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def running_server(settings: Settings) -> RunningServer | None:
    """The server on this data directory, if one runs. Raises ConfigurationError while a command has it open."""
    try:
        with (settings.data / "lock").open("r+") as lock:
            if _lock(lock):
                return None
        note = json.loads((settings.data / "server.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    if not note["url"]:
        raise ConfigurationError(f"The data directory is in use by {_holder(settings.data)}; wait until it is done.")
    return RunningServer(note["pid"], note["url"])


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(data: Path) -> str:
    try:
        note = json.loads((data / "server.json").read_text())
        return f"`eventlens {note['user']}` (process {note['pid']})"
    except (OSError, ValueError, KeyError):
        return "another process"
