import asyncio
import threading
import time
import timeit
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from eventlens.accounts import clients as module
from eventlens.accounts.clients import (
    Client,
    ClientCache,
    Clients,
    hash_secret,
    secret_matches,
)
from eventlens.accounts.projects import Project, Projects
from eventlens.catalog.base import Base, ClientRow
from eventlens.catalog.connect import Catalog
from eventlens.errors import InvalidInput, NotFound, Unavailable


@pytest.fixture
def project(catalog: Catalog) -> Project:
    return Projects(catalog).create("Shop")


@pytest.fixture
def clients(catalog: Catalog, clock) -> Clients:
    return Clients(catalog, clock)


def test_a_client_is_found_as_it_was_created(clients: Clients, project: Project):
    client, secret = clients.create(project.id, "write", " Web ", ["https://A.example/", "*.b.example", "*"])
    assert UUID(client.id).version == 4
    assert (client.project_id, client.type, client.name) == (project.id, "write", "Web")
    assert client.origins == ("https://a.example", "*.b.example", "*")
    assert not client.revoked
    assert not client.ignore_cors_and_secret
    assert clients.find(client.id) == client
    assert secret_matches(client, secret)


def test_a_client_has_a_name_by_its_type(clients: Clients, project: Project):
    assert clients.create(project.id, "read")[0].name == "Read client"


def test_only_the_hash_of_a_secret_is_kept(clients: Clients, project: Project, catalog: Catalog):
    client, secret = clients.create(project.id, "root")
    assert secret.startswith("sec_")
    assert len(secret) == 4 + 43  # 32 bytes
    assert client.secret_hash == hash_secret(secret)
    with catalog.engine.connect() as connection:
        kept = "".join(str(connection.execute(select(table)).all()) for table in Base.metadata.sorted_tables)
    assert client.secret_hash in kept
    assert secret.removeprefix("sec_") not in kept


def test_secrets_differ(clients: Clients, project: Project):
    assert len({clients.create(project.id, "write")[1] for _ in range(20)}) == 20


@pytest.mark.parametrize("wrong", ["", "sec_", "x", "é", "\udc80", "x" * 100_000])
def test_a_wrong_secret_does_not_match_before_or_after_the_right_one(
    clients: Clients, project: Project, wrong: str
):
    client, secret = clients.create(project.id, "write")
    assert not secret_matches(client, wrong)
    assert secret_matches(client, secret)
    assert not secret_matches(client, wrong)
    assert not secret_matches(client, secret[:-1])
    assert secret_matches(client, secret)


def test_a_verified_secret_costs_no_hash(clients: Clients, project: Project):
    client, secret = clients.create(project.id, "write")
    assert secret_matches(client, secret)
    microseconds = (
        min(timeit.repeat(lambda: secret_matches(client, secret), number=2000, repeat=5)) / 2000 * 1e6
    )
    assert microseconds < 5  # usually 0.2 microseconds


def test_the_memory_of_verified_secrets_is_bounded(
    clients: Clients, project: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_VERIFIED_LIMIT", 3)
    monkeypatch.setattr(module, "_verified", {})
    for _ in range(10):
        assert secret_matches(*clients.create(project.id, "write"))
    assert len(module._verified) <= 3


def test_rotation_ends_the_old_secret(clients: Clients, project: Project):
    client, old = clients.create(project.id, "write")
    assert secret_matches(client, old)
    new = clients.rotate(client.id)
    rotated = clients.find(client.id)
    assert rotated is not None
    assert secret_matches(rotated, new)
    assert not secret_matches(rotated, old)


def test_a_rotated_secret_is_taken_for_the_grace_and_no_longer(clients: Clients, project: Project, clock):
    client, first = clients.create(project.id, "write")
    second = clients.rotate(client.id, grace_seconds=60)

    def taken(secret: str) -> bool:
        found = clients.find(client.id)
        return found is not None and secret_matches(found, secret)

    assert (taken(first), taken(second), taken("sec_x")) == (True, True, False)
    clock.now += 59_999
    assert (taken(first), taken(second)) == (True, True)
    clock.now += 1
    assert (taken(first), taken(second)) == (False, True)
    third = clients.rotate(client.id, grace_seconds=60)
    assert (taken(first), taken(second), taken(third)) == (False, True, True)
    fourth = clients.rotate(client.id)
    assert (taken(second), taken(third), taken(fourth)) == (False, False, True)


@pytest.mark.parametrize("seconds", [-1, module.LONGEST_GRACE + 1])
def test_a_grace_has_its_bounds(clients: Clients, project: Project, seconds: int):
    client, secret = clients.create(project.id, "write")
    with pytest.raises(InvalidInput) as caught:
        clients.rotate(client.id, seconds)
    assert caught.value.field == "grace_seconds"
    found = clients.find(client.id)
    assert found is not None
    assert secret_matches(found, secret)


def test_only_what_is_given_is_changed(clients: Clients, project: Project):
    client, _ = clients.create(project.id, "write", "Web", ["https://a.example"])
    assert clients.update(client.id) == client
    changed = clients.update(client.id, name=" ", ignore_cors_and_secret=True)
    assert changed == replace(client, name="Write client", ignore_cors_and_secret=True)
    assert clients.update(client.id, origins=[]).origins == ()
    with pytest.raises(InvalidInput) as caught:
        clients.update(client.id, name="x" * 201, origins=["*"])
    assert caught.value.field == "name"
    found = clients.find(client.id)
    assert found is not None
    assert found.origins == ()
    with pytest.raises(NotFound):
        clients.update("nobody", name="x")


def test_each_change_is_told(catalog: Catalog, project: Project):
    told: list[str] = []
    clients = Clients(catalog, changed=told.append)
    client, _ = clients.create(project.id, "write")
    clients.update(client.id, name="x")
    clients.set_origins(client.id, ["*"])
    clients.rotate(client.id)
    clients.revoke(client.id)
    assert told == [client.id] * 5
    with pytest.raises(NotFound):
        clients.revoke(client.id)
    assert len(told) == 5


def test_a_revoked_client_is_listed_and_never_found(clients: Clients, project: Project):
    client, _ = clients.create(project.id, "write")
    other, _ = clients.create(project.id, "read")
    clients.revoke(client.id)
    assert clients.find(client.id) is None
    assert {one.id: one.revoked for one in clients.list(project.id)} == {client.id: True, other.id: False}
    with pytest.raises(NotFound):
        clients.rotate(client.id)
    with pytest.raises(NotFound):
        clients.revoke(client.id)


def test_clients_are_listed_by_project(clients: Clients, project: Project, catalog: Catalog):
    other = Projects(catalog).create("Other")
    client, _ = clients.create(project.id, "write")
    clients.create(other.id, "write")
    assert clients.list(project.id) == [client]
    assert clients.list("nothing") == []


@pytest.mark.parametrize("method", ["rotate", "revoke"])
def test_an_unknown_client_is_not_found(clients: Clients, method: str):
    with pytest.raises(NotFound):
        getattr(clients, method)("nobody")


def test_an_unknown_project_is_not_found(clients: Clients):
    with pytest.raises(NotFound):
        clients.create("nothing", "write")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"type": "admin"}, "type"),
        ({"type": "write", "name": "x" * 201}, "name"),
        ({"type": "write", "name": "a\0b"}, "name"),
        ({"type": "write", "origins": ["https://a", "https://a/path"]}, "origins/1"),
        ({"type": "write", "origins": ["ftp//x"]}, "origins/0"),
        ({"type": "write", "origins": ["https://a"] * 101}, "origins"),
    ],
)
def test_wrong_input_names_its_field(clients: Clients, project: Project, arguments, field: str):
    with pytest.raises(InvalidInput) as caught:
        clients.create(project.id, **arguments)
    assert caught.value.field == field
    assert clients.list(project.id) == []


def test_the_database_refuses_another_type(catalog: Catalog, clients: Clients, project: Project):
    client, _ = clients.create(project.id, "write")
    change = update(ClientRow).where(ClientRow.id == client.id).values(type="admin")
    with pytest.raises((IntegrityError, Unavailable)), catalog.session(write=True) as session:
        session.execute(change)  # MariaDB does not call it a matter of integrity
    assert [each.type for each in clients.list(project.id)] == ["write"]


class CountedClients(Clients):
    """The real clients, counting look-ups."""

    looked_up = 0

    def find(self, id: str) -> Client | None:  # noqa: A002  # as in Clients
        self.looked_up += 1
        return super().find(id)


@pytest.fixture
def counted(catalog: Catalog, clock) -> CountedClients:
    return CountedClients(catalog, clock)


def test_a_cached_client_is_not_looked_up_again(counted: CountedClients, project: Project, clock):
    client, _ = counted.create(project.id, "write")
    cache = ClientCache(counted, clock)
    for _ in range(5):
        assert cache.find(client.id) == client
        clock.now += 1999
    assert counted.looked_up == 1
    clock.now += 10
    assert cache.find(client.id) == client
    assert counted.looked_up == 2


@pytest.mark.parametrize("end", ["revoke", "rotate"])
def test_a_change_is_noticed_within_the_cache_s_life(
    counted: CountedClients, project: Project, clock, end: str
):
    client, _ = counted.create(project.id, "write")
    cache = ClientCache(counted, clock, life_ms=10_000)
    cache.find(client.id)
    getattr(counted, end)(client.id)
    clock.now += 10_000
    found = cache.find(client.id)
    assert found is None if end == "revoke" else found is not None and found.secret_hash != client.secret_hash


def test_a_new_client_is_noticed_within_a_second(counted: CountedClients, project: Project, clock):
    client, _ = counted.create(project.id, "write")
    cache = ClientCache(counted, clock)
    counted.revoke(client.id)
    assert cache.find(client.id) is None
    assert cache.find(client.id) is None
    assert counted.looked_up == 1
    clock.now += 1000
    cache.find(client.id)
    assert counted.looked_up == 2


def test_ids_that_strangers_try_neither_grow_the_cache_nor_push_out_clients(
    counted: CountedClients, project: Project, clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ClientCache, "LIMIT", 50)
    client, _ = counted.create(project.id, "write")
    cache = ClientCache(counted, clock)
    cache.find(client.id)
    for number in range(300):
        assert cache.find(f"id-{number}") is None
    assert len(cache._unknown) <= 50
    before = counted.looked_up
    assert cache.find(client.id) == client
    assert counted.looked_up == before


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_client_in_use_is_read_anew_before_its_life_ends(counted: CountedClients, project: Project, clock):
    client, _ = counted.create(project.id, "write")
    with closing(ClientCache(counted, clock, life_ms=10_000)) as cache:
        first = cache.find(client.id)
        clock.now += 8_500
        assert cache.find(client.id) is first
        eventually(lambda: counted.looked_up == 2 and not cache._refreshing)
        clock.now += 5_000
        assert cache.find(client.id) is first, "unchanged, so the same object"
        assert counted.looked_up == 2
        counted.revoke(client.id)
        clock.now += 4_000
        cache.find(client.id)
        eventually(lambda: cache.find(client.id) is None)
        assert counted.looked_up == 3


class SlowClients(CountedClients):
    """The real clients behind a catalog that takes its time."""

    def __init__(self, catalog: Catalog, clock) -> None:
        super().__init__(catalog, clock)
        self.answers = threading.Event()

    def find(self, id: str) -> Client | None:  # noqa: A002  # as in Clients
        assert self.answers.wait(30)
        return super().find(id)


def test_an_event_loop_does_not_wait_for_the_catalog(catalog: Catalog, project: Project, clock):
    slow = SlowClients(catalog, clock)
    client, _ = slow.create(project.id, "write")

    async def ask(cache: ClientCache) -> None:
        asked = [asyncio.create_task(cache.find_soon(client.id)) for _ in range(20)]
        strange = asyncio.create_task(cache.find_soon("nobody"))
        await asyncio.sleep(0.05)
        assert cache.remembered(client.id) is None
        asked.pop().cancel()
        slow.answers.set()
        assert {found.id for found in await asyncio.gather(*asked) if found} == {client.id}
        assert await strange is None
        assert cache.remembered(client.id) == client

    with closing(ClientCache(slow, clock)) as cache:
        asyncio.run(ask(cache))
    assert slow.looked_up == 2, "those who wait for the same client share a look-up"


def test_what_is_forgotten_is_read_anew(counted: CountedClients, project: Project, clock):
    client, _ = counted.create(project.id, "write")
    cache = ClientCache(counted, clock)
    assert cache.find(client.id) == client
    counted.revoke(client.id)
    assert cache.remembered(client.id) == client, "another process's change: within the life"
    cache.forget(client.id)
    assert cache.remembered(client.id) is None
    assert cache.find(client.id) is None
    counted.create(project.id, "write")
    cache.forget("nobody")
    assert counted.looked_up == 2


class LateClients(CountedClients):
    """The real clients, but what they found arrives late."""

    def __init__(self, catalog: Catalog, clock) -> None:
        super().__init__(catalog, clock)
        self.found, self.arrive = threading.Event(), threading.Event()

    def find(self, id: str) -> Client | None:  # noqa: A002  # as in Clients
        client = super().find(id)
        self.found.set()
        assert self.arrive.wait(30)
        return client


def test_what_was_read_before_a_change_is_not_kept_after_it(catalog: Catalog, project: Project, clock):
    late = LateClients(catalog, clock)
    client, _ = late.create(project.id, "write")
    cache = ClientCache(late, clock)
    answers: list[Client | None] = []
    thread = threading.Thread(target=lambda: answers.append(cache.find(client.id)))
    thread.start()
    assert late.found.wait(30)
    late.revoke(client.id)
    cache.forget(client.id)
    late.arrive.set()
    thread.join()
    assert answers == [None]
    assert cache.find(client.id) is None


@pytest.fixture
def away(catalog: Catalog):
    """Takes the table of clients away and brings it back: the catalog does not answer meanwhile."""

    def move(source: str, target: str) -> None:
        with catalog.session(write=True) as session:
            session.execute(text(f"ALTER TABLE {source} RENAME TO {target}"))

    gone: list[bool] = []

    def switch(to: bool) -> None:
        if to != bool(gone):
            move(*(("analytics_clients", "gone") if to else ("gone", "analytics_clients")))
            gone[:] = [True] if to else []

    yield switch
    switch(False)


def test_a_known_client_is_accepted_while_the_catalog_is_away_for_its_stated_time(
    clients: Clients, project: Project, clock, away
):
    client, _ = clients.create(project.id, "write")
    with closing(ClientCache(clients, clock)) as cache:
        assert cache.find(client.id) == client
        away(True)
        for _ in range(3):
            clock.now += 60_000
            assert cache.find(client.id) == client
            assert asyncio.run(cache.find_soon(client.id)) == client
        with pytest.raises(Unavailable):
            cache.find("a stranger")
        with pytest.raises(Unavailable):
            asyncio.run(cache.find_soon("another"))
        clock.now += ClientCache.AWAY_MS
        with pytest.raises(Unavailable):
            cache.find(client.id)
        with pytest.raises(Unavailable):
            asyncio.run(cache.find_soon(client.id))
        away(False)
        assert cache.find(client.id) == client, "it recovers by itself"


def test_what_was_revoked_before_the_catalog_went_away_stays_revoked(
    clients: Clients, project: Project, clock, away
):
    client, _ = clients.create(project.id, "write")
    with closing(ClientCache(clients, clock)) as cache:
        assert cache.find(client.id) == client
        clients.revoke(client.id)
        clock.now += 10_000
        assert cache.find(client.id) is None
        away(True)
        clock.now += 500
        assert cache.find(client.id) is None
        cache.forget(client.id)
        with pytest.raises(Unavailable):
            cache.find(client.id)


def test_who_asks_does_not_wait_for_a_slow_catalog(clients: Clients, project: Project, clock):
    client, _ = clients.create(project.id, "write")
    going_on = threading.Event()

    class Slow(Clients):
        slow = False

        def find(self, id: str) -> Client | None:  # noqa: A002  # the signature is its parent's
            assert not self.slow or going_on.wait(30)
            return super().find(id)

    slowly = Slow(clients._catalog, clock)
    with closing(ClientCache(slowly, clock)) as cache:
        assert cache.find(client.id) == client
        slowly.slow = True
        clock.now += 60_000
        began = time.monotonic()
        assert asyncio.run(cache.find_soon(client.id)) == client
        assert asyncio.run(cache.find_soon(client.id)) == client, "the second one does not wait at all"
        assert time.monotonic() - began < 10
        going_on.set()
