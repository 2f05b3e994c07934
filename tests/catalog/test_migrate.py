import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, String, inspect, text

from eventlens.catalog.base import Base, ClientRow, OrganisationRow, ProjectRow
from eventlens.catalog.connect import Catalog, open_catalog
from eventlens.catalog.migrate import VERSION_TABLE, is_current, migrate
from eventlens.catalog.people import OrganisationMemberRow
from eventlens.errors import ConfigurationError
from eventlens.settings import Settings
from tests.support.processes import REPOSITORY

MIGRATE = """
import sys
from pathlib import Path
from eventlens.catalog.connect import open_catalog
from eventlens.catalog.migrate import is_current, migrate
from eventlens.settings import Settings
sys.stdin.readline()
catalog = open_catalog(Settings.load({}, Path(sys.argv[1])))
print(migrate(catalog), is_current(catalog))
"""


sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what only SQLite needs."""


@pytest.fixture
def catalog(tmp_path: Path, database: str):
    catalog = open_catalog(Settings.load({}, tmp_path))
    yield catalog
    catalog.close()


def test_migrations_add_up_to_the_models(catalog: Catalog):
    migrate(catalog)
    with catalog.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []


@sqlite_only
def test_migrations_make_the_very_tables_of_the_models(catalog: Catalog, tmp_path: Path):
    """Compares what `compare_metadata` does not look at: check constraints, their names, cascades."""
    migrate(catalog)
    direct = open_catalog(Settings.load({}, tmp_path / "direct"))
    Base.metadata.create_all(direct.engine)

    def schema(of: Catalog) -> dict[str, list[str]]:
        with of.engine.connect() as connection:
            rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
            return {
                # SQLite puts the name of a table that was made anew into quotes, a column that was added
                # on the last line.
                name: sorted(filter(None, map(str.strip, re.split(r"[,\n]", sql.replace('"', "")))))
                for name, sql in rows
                if name != VERSION_TABLE
            }

    assert schema(catalog) == schema(direct)
    direct.close()


def test_the_tables_have_the_specified_names(catalog: Catalog):
    migrate(catalog)
    names = set(inspect(catalog.engine).get_table_names())
    assert names == {VERSION_TABLE, *Base.metadata.tables}
    assert {f"analytics_{name}" for name in ("projects", "clients", "users", "members", "salts")} <= names


def test_what_was_there_is_kept_by_later_steps(catalog: Catalog):
    """The second step makes the table of projects anew; what refers to it must outlive that."""
    migrate(catalog, to="0001")
    at = "'2026-01-01 00:00:00.000'"
    with catalog.session(write=True) as session:
        session.execute(text(f"INSERT INTO analytics_projects VALUES ('p', 'Shop', '', 'UTC', {at})"))
        session.execute(text(f"INSERT INTO analytics_users VALUES ('u', 'a@b', NULL, true, {at})"))
        session.execute(
            text(
                "INSERT INTO analytics_clients VALUES "
                f"('c', 'p', 'Web', 'write', 'hash', '[\"*\"]', false, {at}, NULL)"
            )
        )
    assert migrate(catalog)
    with catalog.session() as session:
        project, client = session.get(ProjectRow, "p"), session.get(ClientRow, "c")
        assert project is not None
        assert (project.name, project.allow_unverified_revenue) == ("Shop", False)
        organisation = session.get(OrganisationRow, project.organisation_id)
        assert organisation is not None
        assert organisation.name == "My organisation"
        assert session.get(OrganisationMemberRow, (organisation.id, "u")) is not None
        assert client is not None
        assert (client.project_id, client.origins) == ("p", ["*"])


@pytest.mark.parametrize("begun", ["0001", "0003", "0004"])
@pytest.mark.parametrize("database", ["mariadb"], indirect=True)  # the others take back what broke off
def test_what_broke_off_in_the_middle_is_finished(catalog: Catalog, begun: str):
    migrate(catalog)
    with catalog.session(write=True) as session:
        session.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{begun}'"))
        if begun < "0004":
            session.execute(text("DROP TABLE analytics_saved"))
    assert migrate(catalog)
    with catalog.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []


def test_texts_are_compared_byte_by_byte_in_every_column(catalog: Catalog, database: str):
    migrate(catalog)
    found = {
        f"{table}.{column['name']}": str(getattr(column["type"], "collation", None))
        for table in Base.metadata.tables
        for column in inspect(catalog.engine).get_columns(table)
        if isinstance(column["type"], String) and not isinstance(column["type"], JSON)
    }
    expected = {"sqlite": {"None"}, "mariadb": {"utf8mb4_nopad_bin"}, "postgresql": {"C"}}[database]
    json_columns = {  # texts, for MariaDB
        f"{name}.{column.name}"
        for name, table in Base.metadata.tables.items()
        for column in table.columns
        if isinstance(column.type, JSON)
    }
    assert {found[name] for name in found.keys() - json_columns} == expected


def test_a_second_time_changes_nothing(catalog: Catalog):
    assert not is_current(catalog)
    assert migrate(catalog) is True
    assert migrate(catalog) is False
    assert is_current(catalog)


@sqlite_only
def test_references_are_checked_again_afterwards(catalog: Catalog):
    migrate(catalog)
    with catalog.engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


@sqlite_only
def test_rows_without_their_project_are_found(catalog: Catalog):
    migrate(catalog)
    with catalog.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("INSERT INTO analytics_members VALUES ('gone', 'gone', 'owner', '2026-01-01')")
        driver.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(ConfigurationError, match="project or user is missing"):
        migrate(catalog)


def test_a_newer_catalog_is_refused(catalog: Catalog):
    migrate(catalog)
    with catalog.session(write=True) as session:
        session.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="made by a newer Event Lens"):
        migrate(catalog)


def test_several_processes_at_once(tmp_path: Path, database: str):
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", MIGRATE, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        for _ in range(4)
    ]
    answers = _together(children)
    assert sorted(out.strip() for out, _ in answers) == ["False True"] * 3 + ["True True"], answers


def _together(children: list[subprocess.Popen[str]]) -> list[tuple[str, str]]:
    """Start all of them at the same moment: they wait for a line."""
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    return [child.communicate(timeout=60) for child in children]
