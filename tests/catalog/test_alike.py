"""What every database must do alike, whatever its own habits are."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from eventlens.catalog.base import ClientRow, FilterRow, OrganisationRow, ProjectRow, SaltRow, SavedRow
from eventlens.catalog.connect import Catalog, open_catalog
from eventlens.catalog.migrate import migrate
from eventlens.catalog.people import UserRow
from eventlens.clock import to_datetime
from eventlens.errors import Unavailable
from eventlens.settings import Settings

NOW = to_datetime(1_790_000_000_123)


@pytest.fixture
def catalog(tmp_path: Path, emptied_database: str):
    catalog = open_catalog(Settings.load({}, tmp_path))
    migrate(catalog)
    add(catalog, OrganisationRow(id="o", name="O", created_at=NOW))
    yield catalog
    catalog.close()


def user(email: str) -> UserRow:
    return UserRow(id=str(uuid4()), email=email, password_hash=None, owner=False, created_at=NOW)


def project(key: str, name: str = "", created_at: datetime = NOW) -> ProjectRow:
    return ProjectRow(
        id=key, organisation_id="o", name=name or key, domain="", timezone="UTC", created_at=created_at
    )


def add(catalog: Catalog, *rows: Any) -> None:
    with catalog.session(write=True) as session:
        session.add_all(rows)


SIMILAR = [
    "ann@a.example",
    "Ann@a.example",
    "änn@a.example",
    "a\u0308nn@a.example",
    "ann@a.example ",
    "\uff21nn@a.example",
]


def test_what_is_similar_is_not_the_same(catalog: Catalog):
    add(catalog, *(user(email) for email in SIMILAR))
    with catalog.session() as session:
        for email in SIMILAR:
            found = session.scalars(select(UserRow.email).where(UserRow.email == email)).all()
            assert found == [email]


def test_what_is_the_same_is_refused_twice(catalog: Catalog):
    add(catalog, user("ann@a.example"))
    with pytest.raises(IntegrityError):
        add(catalog, user("ann@a.example"))


@pytest.mark.parametrize(
    "key", ["SHOP", "shop ", "shóp", "shop\0", "shop%", "s" * 70, "\0" * 1000, "\U0001f6cd"]
)
def test_an_id_that_is_nearly_right_finds_nothing(catalog: Catalog, key: str):
    add(catalog, project("shop"))
    with catalog.session() as session:
        assert session.get(ProjectRow, key) is None
        assert session.get(ProjectRow, "shop") is not None


def test_texts_are_sorted_by_their_characters_numbers(catalog: Catalog):
    names = ["", "A", "B", "a", "a b", "a-c", "aB", "ab", "b", "é", "ﬀ", "\U0001f6cd"]
    add(catalog, *(project(str(number), name) for number, name in enumerate(reversed(names))))
    with catalog.session() as session:
        # "" became the key in `project`
        found = session.scalars(select(ProjectRow.name).order_by(ProjectRow.name)).all()
    assert found == sorted(found)
    assert set(names) - {""} <= set(found)


@pytest.mark.parametrize(
    "name", ["Café \U0001f6cd 店", "'; DROP TABLE x; -- \\", "%s %(x)s :x {x}", "é" * 200, "\U0001f6cd" * 200]
)
def test_every_character_is_kept(catalog: Catalog, name: str):
    add(catalog, project("p", name))
    with catalog.session() as session:
        found = session.get(ProjectRow, "p")
        assert found is not None
        assert found.name == name


def test_what_is_too_long_is_never_cut(catalog: Catalog, emptied_database: str):
    """SQLite keeps it whole; the product's own limits are at most these."""
    try:
        add(catalog, project("p", "x" * 201))
    except DataError:
        assert emptied_database != "sqlite"
    else:
        assert emptied_database == "sqlite"


@pytest.mark.parametrize(
    "moment",
    [
        NOW,
        datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 2, 30, 0, 999_000, tzinfo=UTC),  # an hour that Berlin does not have
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    ],
)
def test_times_are_the_same_instants_to_the_millisecond(catalog: Catalog, moment: datetime):
    add(
        catalog, project("p", created_at=moment), project("q", created_at=moment + timedelta(microseconds=-1))
    )
    with catalog.session() as session:
        found = session.get(ProjectRow, "p")
        assert found is not None
        assert found.created_at == moment
        assert found.created_at.utcoffset() == timedelta(0)
        earlier = session.scalars(select(ProjectRow.id).where(ProjectRow.created_at < moment)).all()
        assert earlier == ["q"]


DEFINITIONS: list[Any] = [
    {"b": 1, "a": [1, 2.5, -0.0, 1e300, 2**53, None, True, 'é\U0001f6cd\\"\u0000'], "": {}},
    [],
    {},
    {"deep": [[[[[[[[{}]]]]]]]], "long": "x" * 32_000},
]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=range(len(DEFINITIONS)))
def test_json_comes_back_as_it_was(catalog: Catalog, definition: Any):
    add(catalog, project("p"))
    row = SavedRow(
        id="s", project_id="p", kind="goal", name="n", definition=definition, created_at=NOW, updated_at=NOW
    )
    add(catalog, row)
    with catalog.session() as session:
        found = session.get(SavedRow, "s")
        assert found is not None
        assert found.definition == definition
        assert list(found.definition) == list(definition), "in the same order"


def test_bytes_and_days_come_back(catalog: Catalog):
    salt = bytes(range(240, 256))
    add(catalog, SaltRow(day=NOW.date(), salt=salt))
    with catalog.session() as session:
        found = session.get(SaltRow, NOW.date())
        assert found is not None
        assert (found.day, found.salt) == (NOW.date(), salt)


def test_what_belongs_to_a_project_goes_with_it(catalog: Catalog):
    add(catalog, project("p"))
    client = ClientRow(
        id="c",
        project_id="p",
        name="",
        type="read",
        secret_hash="",
        origins=[],
        ignore_cors_and_secret=False,
        created_at=NOW,
    )
    add(catalog, client)
    add(catalog, FilterRow(id="f", project_id="p", kind="ip", value="x", note="", created_at=NOW))
    with catalog.session(write=True) as session:
        row = session.get(ProjectRow, "p")
        session.delete(row)
    with catalog.session() as session:
        assert session.get(ClientRow, "c") is None
        assert session.get(FilterRow, "f") is None


def test_writers_take_turns_and_readers_do_not_wait(catalog: Catalog):
    begun, done = threading.Event(), threading.Event()

    def write():
        begun.set()
        with catalog.session(write=True) as late:
            late.get(ProjectRow, "p")
            done.set()

    with catalog.session(write=True) as first:
        first.get(ProjectRow, "p")
        thread = threading.Thread(target=write)
        thread.start()
        assert begun.wait(10)
        with catalog.session() as reader:
            assert reader.get(ProjectRow, "p") is None
        assert not done.wait(0.3)
    thread.join(10)
    assert done.is_set()


def test_without_tables_the_catalog_is_unavailable(tmp_path: Path, database: str):
    catalog = open_catalog(Settings.load({}, tmp_path))
    try:
        with pytest.raises(Unavailable), catalog.session() as session:
            session.get(ProjectRow, "p")
    finally:
        catalog.close()
