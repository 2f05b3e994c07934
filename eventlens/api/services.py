"""The use cases a request may reach; built once by `runtime`."""

from collections.abc import Callable
from dataclasses import dataclass

from eventlens.accounts.clients import ClientCache
from eventlens.accounts.filters import FilterCache
from eventlens.accounts.management import Management
from eventlens.accounts.people import People
from eventlens.accounts.projects import Projects
from eventlens.caches.base import Counts
from eventlens.clock import Clock
from eventlens.ingest.accept import Collector
from eventlens.ingest.removing import Removing
from eventlens.insights.remembered import Answers
from eventlens.queues.base import Queue
from eventlens.settings import Settings
from eventlens.store.base import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Opened once per process; safe to use from any thread."""

    settings: Settings
    clock: Clock
    projects: Projects
    clients: ClientCache
    filters: FilterCache
    management: Management
    people: People
    collector: Collector
    queue: Queue
    store: Store
    removing: Removing
    answers: Answers
    apart: Callable[[], int | None] = lambda: None
    """Number of the process that prepares what is stored, while there is one."""
    counts: Counts | None = None
    """Where limits are shared with other processes."""
