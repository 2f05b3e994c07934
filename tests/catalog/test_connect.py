import sqlite3
import stat
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from eventlens.catalog import connect
from eventlens.catalog.base import OrganisationRow, ProjectRow
from eventlens.catalog.connect import Catalog, open_catalog
from eventlens.catalog.migrate import migrate
from eventlens.catalog.people import MemberRow
from eventlens.clock import to_datetime
from eventlens.errors import ConfigurationError, Unavailable
from eventlens.settings import Settings

sqlite_only = pytest.mark.parametrize("emptied_database", ["sqlite"], indirect=True)
"""For what only SQLite does, in files of ours."""


@pytest.fixture
def settings(tmp_path: Path, emptied_database: str) -> Settings:
    return Settings.load({}, tmp_path)


@pytest.fixture
def catalog(settings: Settings):
    catalog = open_catalog(settings)
    migrate(catalog)
    with catalog.session(write=True) as session:
        session.add(OrganisationRow(id="o", name="O", created_at=to_datetime(0)))
    yield catalog
    catalog.close()


def project(name: str) -> ProjectRow:
    return ProjectRow(
        id=name,
        organisation_id="o",
        name=name,
        domain="",
        timezone="UTC",
        created_at=to_datetime(1_700_000_000_123),
    )


@sqlite_only
def test_sqlite_is_durable_checks_references_and_overwrites_what_it_deletes(catalog: Catalog):
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    with catalog.session() as session:
        found = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in expected}
        assert session.execute(text("PRAGMA busy_timeout")).scalar_one() == connect.BUSY_SECONDS * 1000
    assert found == expected


@sqlite_only
def test_the_files_are_for_their_owner_only(settings: Settings, catalog: Catalog):
    with catalog.session(write=True) as session:
        session.add(project("a"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in settings.data.iterdir()}
    assert modes == dict.fromkeys(["catalog.db", "catalog.db-wal", "catalog.db-shm"], 0o600)


def test_a_block_that_raises_changes_nothing(catalog: Catalog):
    def fail():
        with catalog.session(write=True) as session:
            session.add(project("a"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with catalog.session() as session:
        assert session.get(ProjectRow, "a") is None


def test_times_come_back_in_utc_to_the_millisecond(catalog: Catalog):
    with catalog.session(write=True) as session:
        session.add(project("a"))
    with catalog.session() as session:
        row = session.get(ProjectRow, "a")
        assert row is not None
        assert row.created_at == to_datetime(1_700_000_000_123)
        assert row.created_at.utcoffset() is not None


def test_references_are_checked(catalog: Catalog):
    with pytest.raises(IntegrityError), catalog.session(write=True) as session:
        session.execute(
            insert(MemberRow).values(
                project_id="nobody", user_id="nothing", role="owner", created_at=to_datetime(0)
            )
        )


def test_many_threads_that_read_and_then_write_lose_nothing(catalog: Catalog):
    with catalog.session(write=True) as session:
        session.add(project("counter"))
        session.flush()
        session.execute(text("UPDATE analytics_projects SET name = '0'"))

    def count_up():
        for _ in range(10):
            with catalog.session(write=True) as session:
                row = session.get(ProjectRow, "counter")
                assert row is not None
                row.name = str(int(row.name) + 1)

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with catalog.session() as session:
        row = session.get(ProjectRow, "counter")
        assert row is not None
        assert row.name == "80"


def test_reading_does_not_wait_for_a_writer(catalog: Catalog):
    with catalog.session(write=True) as writer:
        writer.add(project("a"))
        writer.flush()
        with catalog.session() as reader:
            assert reader.get(ProjectRow, "a") is None


@sqlite_only
def test_a_locked_catalog_is_unavailable(
    settings: Settings, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0)
    other = open_catalog(settings)
    with catalog.session(write=True) as session:
        session.get(ProjectRow, "a")
        with pytest.raises(Unavailable, match="locked"), other.session(write=True) as late:
            late.get(ProjectRow, "a")
    other.close()


@sqlite_only
def test_what_was_deleted_is_forgotten_unless_somebody_is_in_the_way(settings: Settings, catalog: Catalog):
    def on_disk() -> bool:
        return b"a name to be forgotten" in b"".join(path.read_bytes() for path in settings.data.iterdir())

    with catalog.session(write=True) as session:
        session.add(project("a name to be forgotten"))
    reader = sqlite3.connect(settings.data / "catalog.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM analytics_projects").fetchone()
    with catalog.session(write=True) as session:
        session.execute(text("DELETE FROM analytics_projects"))
    assert catalog.forget_deleted() is False
    assert on_disk()
    reader.close()
    assert catalog.forget_deleted() is True
    assert not on_disk()
    with catalog.session() as session:
        assert session.execute(text("PRAGMA busy_timeout")).scalar_one() == connect.BUSY_SECONDS * 1000


def damage_header(path: Path) -> None:
    path.write_bytes(b"no database at all " * 500)


def damage_pages(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xaa" * (len(content) - 4096))


def cut_short(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    path.write_bytes(path.read_bytes()[:-6000])


@sqlite_only
@pytest.mark.parametrize("damage", [damage_header, damage_pages, cut_short])
def test_a_damaged_catalog_is_refused_with_what_to_do(settings: Settings, damage):
    catalog = open_catalog(settings)
    migrate(catalog)
    catalog.close()
    path = settings.data / "catalog.db"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError) as caught:
        open_catalog(settings)
    assert str(path) in caught.value.message
    assert "restore it from a backup" in caught.value.message
    assert "\n" not in caught.value.message
    assert path.read_bytes() == before


@sqlite_only
def test_a_catalog_that_is_a_directory_is_refused(settings: Settings):
    (settings.data / "catalog.db").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        open_catalog(settings)


@sqlite_only
def test_a_data_directory_that_cannot_be_made_is_refused(settings: Settings):
    settings.data.write_text("a file")
    with pytest.raises(ConfigurationError, match="cannot be made: File exists"):
        open_catalog(settings)


@pytest.mark.parametrize(
    ("url", "package"), [("mysql://u:hunter2@h/d", "pymysql"), ("postgresql://u:hunter2@h/d", "psycopg")]
)
def test_a_missing_driver_is_named(tmp_path: Path, url: str, package: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(ConfigurationError) as caught:
        open_catalog(Settings.load({"DATABASE_URL": url}, tmp_path))
    assert f"needs the Python package {package}, which is not installed" in caught.value.message
    assert "hunter2" not in caught.value.message
