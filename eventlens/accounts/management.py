"""What may be changed while a server runs, with the caches of this process told of each change."""

from collections.abc import Callable
from dataclasses import dataclass

from eventlens.accounts.annotations import Annotations
from eventlens.accounts.clients import ClientCache, Clients
from eventlens.accounts.dashboards import Dashboards
from eventlens.accounts.filters import FilterCache, Filters
from eventlens.accounts.names import Names
from eventlens.accounts.projects import Projects
from eventlens.accounts.saved import SavedDefinitions
from eventlens.accounts.setup import NewProject, create_project
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms


@dataclass(frozen=True, slots=True)
class Management:
    """Changes through these hold in this process at once; in others within the caches' lives (10 s)."""

    projects: Projects
    clients: Clients
    filters: Filters
    saved: SavedDefinitions
    annotations: Annotations
    dashboards: Dashboards
    names: Names
    create_project: Callable[[str, str, str, str], NewProject]
    """Name, domain, time zone, organisation's id → a project with its clients; as `setup.create_project`."""


def open_management(
    catalog: Catalog, clients: ClientCache, filters: FilterCache, clock: Clock = now_ms
) -> Management:
    """Management over a catalog that tells these caches."""

    def add_project(name: str, domain: str, timezone: str, organisation_id: str) -> NewProject:
        made = create_project(catalog, name, domain, timezone, organisation_id=organisation_id, clock=clock)
        filters.refresh()
        return made

    return Management(
        Projects(catalog, clock, changed=filters.refresh),
        Clients(catalog, clock, changed=clients.forget),
        Filters(catalog, clock, changed=filters.refresh),
        SavedDefinitions(catalog, clock),
        Annotations(catalog, clock),
        Dashboards(catalog, clock),
        Names(catalog),
        add_project,
    )
