"""Settings become an opened queue, store and catalog, and the use cases over them: the only wiring."""

from dataclasses import dataclass

from eventlens.accounts.clients import ClientCache, Clients
from eventlens.accounts.projects import Projects
from eventlens.accounts.salts import Salts
from eventlens.api.services import Services
from eventlens.catalog.connect import Catalog, open_catalog
from eventlens.catalog.migrate import migrate as migrate_catalog
from eventlens.clock import Clock, now_ms
from eventlens.enrich.geo import GeoDatabase
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
        Applier(store, clock),
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
