from contextlib import closing

from eventlens.accounts.clients import ClientCache, Clients, secret_matches
from eventlens.accounts.filters import NO_FILTERS, FilterCache
from eventlens.accounts.management import open_management
from eventlens.accounts.projects import Projects
from eventlens.catalog.connect import Catalog


def test_this_process_knows_each_change_at_once(catalog: Catalog, clock) -> None:
    project = Projects(catalog).create("Shop")
    filters = FilterCache(catalog)
    with closing(ClientCache(Clients(catalog, clock), clock)) as cache:
        management = open_management(catalog, cache, filters, clock)
        client, old = management.clients.create(project.id, "write")
        assert cache.find(client.id) == client
        new = management.clients.rotate(client.id)
        found = cache.find(client.id)
        assert found is not None
        assert (secret_matches(found, old), secret_matches(found, new)) == (False, True)
        management.clients.revoke(client.id)
        assert cache.find(client.id) is None
    management.projects.update(project.id, allow_unverified_revenue=True)
    assert filters.of(project.id).allow_unverified_revenue
    added = management.filters.add(project.id, "event", "x")
    assert filters.of(project.id).event("x", "") == "event"
    management.filters.remove(project.id, added.id)
    management.projects.update(project.id, allow_unverified_revenue=False)
    assert filters.of(project.id) is NO_FILTERS
