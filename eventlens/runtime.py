"""Settings become an opened queue, store and catalog, and the use cases over them: the only wiring."""

from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b

from eventlens import __version__
from eventlens.accounts.clients import ClientCache, Clients
from eventlens.accounts.filters import FilterCache
from eventlens.accounts.management import open_management
from eventlens.accounts.people import open_people
from eventlens.accounts.projects import Projects
from eventlens.accounts.salts import Salts
from eventlens.api.services import Services
from eventlens.caches.connect import open_cache, open_counts, open_news
from eventlens.catalog.connect import Catalog, open_catalog
from eventlens.catalog.migrate import migrate as migrate_catalog
from eventlens.clock import DAY, Clock, now_ms
from eventlens.enrich.geo import GeoDatabase
from eventlens.enrich.networks import NetworkDatabase
from eventlens.errors import ConfigurationError
from eventlens.ingest.accept import Collector
from eventlens.ingest.apply import Applier
from eventlens.ingest.devices import DeviceIds
from eventlens.ingest.lanes import Lanes
from eventlens.ingest.presence import Presence
from eventlens.ingest.presence_shared import SharedPresence
from eventlens.ingest.removing import Removing
from eventlens.insights.remembered import Answers
from eventlens.queues.base import Queue
from eventlens.queues.connect import open_queue
from eventlens.sessions import SESSION_GAP_MS
from eventlens.settings import Settings
from eventlens.store.base import BlockStore, Store
from eventlens.store.connect import open_questions, open_store
from eventlens.store.health import confirm
from eventlens.store.migrate import migrate as migrate_store
from eventlens.store.recent import Changes
from eventlens.store.sessions import live_since
from eventlens.store.tickets import content_with_less
from eventlens.tracing import start, stop
from eventlens.workers.apart import AppliesApart
from eventlens.workers.events import Applies, EventWorker
from eventlens.workers.retention import RetentionWorker
from eventlens.workers.rollups import RollupWorker

_RECALLED = 50_000
"""Events that may have waited when the last process ended: who sent them is looked up, within a second."""

_LOOKING_BACK_SECONDS = 110.0


@dataclass(frozen=True, slots=True)
class Feed:
    """The collecting half: enough to put events into the queue beside a running server."""

    catalog: Catalog
    queue: Queue
    collector: Collector
    geo: GeoDatabase
    networks: NetworkDatabase
    opened: ExitStack
    """Everything that `close` has to close, the last opened first."""

    def close(self) -> None:
        self.opened.close()


@dataclass(frozen=True, slots=True)
class Runtime(Feed):
    """Everything, opened. One per process and data directory."""

    store: Store
    """For writing and commands. Callers' questions have `services.store` and never keep it waiting."""
    worker: EventWorker
    rollups: RollupWorker
    retention: RetentionWorker
    services: Services


@dataclass(frozen=True, slots=True)
class Workers:
    """The half that stores what was collected, and computes ahead."""

    catalog: Catalog
    queue: Queue
    store: Store
    worker: EventWorker
    rollups: RollupWorker
    retention: RetentionWorker
    opened: ExitStack

    def close(self) -> None:
        self.opened.close()


def open_workers(settings: Settings, clock: Clock = now_ms) -> Workers:
    """What a worker process needs, opened; nothing is started yet. Raises ConfigurationError."""
    with _closed_on_failure() as stack:
        _trace(settings, "worker", stack)
        catalog = _open_catalog(settings, stack)
        queue = stack.enter_context(closing(open_queue(settings, clock)))
        store = _open_store(settings, Changes(), stack)

        def applier(_lane: int) -> Applier:
            return Applier(store, clock, replay_days=settings.replay_retention_days)

        workers = _workers(settings, catalog, queue, store, clock, Lanes(applier), stack)
        return Workers(catalog, queue, store, *workers, stack)


def open_feed(settings: Settings, clock: Clock = now_ms) -> Feed:
    """Open what collection needs. Raises ConfigurationError."""
    with _closed_on_failure() as stack:
        return _open_feed(settings, _open_catalog(settings, stack), Presence(), clock, stack)


def open_runtime(settings: Settings, clock: Clock = now_ms, *, apart: bool = False) -> Runtime:
    """Open and migrate everything; the worker is not started yet. Raises ConfigurationError.

    `apart`: the worker's Python runs in a process of its own, by the machine's clock.
    """
    with _closed_on_failure() as stack:
        _trace(settings, settings.role, stack)
        catalog = _open_catalog(settings, stack)
        filters = stack.enter_context(closing(FilterCache(catalog)))
        filters.start()
        presence = Presence()
        feed = _open_feed(settings, catalog, presence, clock, stack)
        changes = Changes()
        store = _open_store(settings, changes, stack)
        with content_with_less(_LOOKING_BACK_SECONDS):
            presence.load(live_since(store, clock() - SESSION_GAP_MS))
        presence.recall(feed.queue.peek(_RECALLED))
        _share(presence, settings, stack)
        days = settings.replay_retention_days
        applies = (
            stack.enter_context(closing(AppliesApart(store, replay_days=days)))
            if apart
            else Lanes(lambda _lane: Applier(store, clock, replay_days=days))
        )
        clients = stack.enter_context(closing(ClientCache(Clients(catalog, clock), clock)))
        services = Services(
            settings=settings,
            clock=clock,
            projects=Projects(catalog),
            clients=clients,
            filters=filters,
            management=open_management(catalog, clients, filters, clock),
            people=open_people(catalog, settings, clock),
            collector=feed.collector,
            queue=feed.queue,
            store=stack.enter_context(closing(open_questions(settings, changes))),
            removing=Removing(store, feed.queue, clock),
            answers=Answers(stack.enter_context(closing(open_cache(settings))), clock),
            counts=open_counts(settings),
            apart=(lambda: applies.pid) if isinstance(applies, AppliesApart) else lambda: None,
        )
        workers = _workers(settings, catalog, feed.queue, store, clock, applies, stack)
        found = (feed.queue, feed.collector, feed.geo, feed.networks)
        return Runtime(catalog, *found, stack, store, *workers, services)


def _trace(settings: Settings, role: str, stack: ExitStack) -> None:
    """Tell of traces, if somebody wants to hear of them."""
    if settings.otlp_endpoint:
        start(settings.otlp_endpoint, __version__, role, per_second=settings.traces_per_second)
        stack.callback(stop)


def _share(presence: Presence, settings: Settings, stack: ExitStack) -> None:
    """Where several processes collect, let them tell each other who is here."""
    news = open_news(settings, "presence")
    if news is not None:
        stack.callback(news.close)
        shared = SharedPresence(presence, news)
        shared.start()
        stack.callback(shared.stop)


def _workers(
    settings: Settings,
    catalog: Catalog,
    queue: Queue,
    store: Store,
    clock: Clock,
    applies: Applies,
    stack: ExitStack,
) -> tuple[EventWorker, RollupWorker, RetentionWorker]:
    worker = EventWorker(
        queue,
        applies,
        batch_size=settings.worker_batch_size,
        batch_timeout_ms=settings.worker_batch_timeout,
        dead_letter_ms=settings.dead_letter_days * DAY or None,
    )
    rollups = RollupWorker(store, clock, Projects(catalog).list, exact_up_to=settings.exact_events)
    stack.callback(worker.stop)
    removing = Removing(store, queue, clock)
    retention = RetentionWorker(removing, clock, Projects(catalog).list, settings.event_retention_days)
    stack.callback(rollups.stop)
    stack.callback(retention.stop)
    return worker, rollups, retention


def _open_store(settings: Settings, changes: Changes, stack: ExitStack) -> BlockStore:
    store = stack.enter_context(closing(open_store(settings, changes)))
    migrate_store(store)
    confirm(store, settings)
    return store


def _open_catalog(settings: Settings, stack: ExitStack) -> Catalog:
    settings.data.mkdir(parents=True, exist_ok=True)
    catalog = stack.enter_context(closing(open_catalog(settings)))
    migrate_catalog(catalog)
    return catalog


def _open_feed(
    settings: Settings, catalog: Catalog, presence: Presence, clock: Clock, stack: ExitStack
) -> Feed:
    geo = stack.enter_context(closing(GeoDatabase.open(settings.geoip_database, settings.data)))
    queue = stack.enter_context(closing(open_queue(settings, clock)))
    # Ids of devices are computed with it: two keys would make two visitors of one.
    if not queue.agree("secret_key", blake2b(settings.secret_key.encode(), digest_size=16).hexdigest()):
        raise ConfigurationError(
            "EVENTLENS_SECRET_KEY is not that of the other processes on this Redis; give all the same. "
            "To change it for all, end them and run `redis-cli HDEL eventlens:agreed secret_key`."
        )
    networks = stack.enter_context(closing(NetworkDatabase.open(settings.asn_database)))
    salts = Salts(catalog, clock)
    salts.start()
    stack.callback(salts.stop)
    devices = DeviceIds(salts.for_day, presence.seen_before, settings.secret_key.encode())
    collector = Collector(queue, geo, devices, presence, clock, networks)
    return Feed(catalog, queue, collector, geo, networks, stack)


@contextmanager
def _closed_on_failure() -> Generator[ExitStack]:
    """A stack that closes what it holds when the block raises, and is its user's otherwise."""
    stack = ExitStack()
    try:
        yield stack
    except BaseException:
        stack.close()
        raise
