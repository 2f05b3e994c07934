"""What may be changed while a server runs, with the caches of this process told of each change."""

from dataclasses import dataclass

from eventlens.accounts.clients import ClientCache, Clients
from eventlens.accounts.filters import FilterCache, Filters
from eventlens.accounts.projects import Projects
from eventlens.accounts.saved import SavedDefinitions
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms


@dataclass(frozen=True, slots=True)
class Management:
    """Changes through these hold in this process at once; in others within the caches' lives (10 s)."""

    projects: Projects
    clients: Clients
    filters: Filters
    saved: SavedDefinitions


def open_management(
    catalog: Catalog, clients: ClientCache, filters: FilterCache, clock: Clock = now_ms
) -> Management:
    """Management over a catalog that tells these caches."""
    return Management(
        Projects(catalog, clock, changed=filters.refresh),
        Clients(catalog, clock, changed=clients.forget),
        Filters(catalog, clock, changed=filters.refresh),
        SavedDefinitions(catalog, clock),
    )
