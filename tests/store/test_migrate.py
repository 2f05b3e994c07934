"""Migrations add up to schema.sql, may run twice, and never touch a store that is newer than they are."""

import re
from importlib import resources
from typing import Any

import pytest

from eventlens.errors import ConfigurationError
from eventlens.nodes import profile_node
from eventlens.store.migrate import migrate, migrations, statements
from eventlens.store.tables import COLUMN_TYPES, EVENT_COLUMNS, SCHEMA, SESSION_COLUMNS, SESSION_OF_EVENT


def tables(store) -> dict[str, str]:
    """Table → its definition in the engine's own words, without the database's name."""
    rows = store.query(
        "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()"
    ).rows
    return {name: re.sub(r"^CREATE TABLE \S+", "CREATE TABLE", query) for name, query in rows}


def drop_all(store) -> None:
    for name in tables(store):
        sql: Any = f"DROP TABLE `{name}` SYNC"
        store.command(sql)


@pytest.fixture(autouse=True)
def empty(bare_store):
    drop_all(bare_store)
    yield
    drop_all(bare_store)


def test_migrations_add_up_to_the_schema(bare_store):
    migrate(bare_store)
    migrated = tables(bare_store)
    drop_all(bare_store)
    text: Any = SCHEMA
    for statement in statements(text):
        bare_store.command(statement)
    assert tables(bare_store) == migrated
    assert migrated.keys() == COLUMN_TYPES.keys()


def test_the_second_time_nothing_is_left_to_do(bare_store):
    assert [migration.number for migration in migrate(bare_store)] == [
        migration.number for migration in migrations()
    ]
    assert migrate(bare_store) == []


def test_a_migration_that_was_interrupted_is_finished(bare_store):
    """A process that was killed before it took its note: every statement may run again."""
    for migration in migrations():
        for statement in migration.statements[: len(migration.statements) // 2]:
            bare_store.command(statement)
    migrate(bare_store)
    expected = tables(bare_store)
    bare_store.command("TRUNCATE TABLE schema_migrations")
    migrate(bare_store)
    assert tables(bare_store) == expected


def test_rows_get_their_nodes_before_the_migration_is_noted(bare_store):
    """A process that was killed between the new column and the rows that were there already."""
    for migration in migrations()[:4]:
        for statement in migration.statements:
            bare_store.command(statement)
        if migration.number < 4:
            note = {"number": [migration.number], "name": [migration.name]}
            bare_store.insert("schema_migrations", note, token=f"note-{migration.number}")
    old = {"project_id": "p", "profile_id": "ada", "property": "plan", "timestamp": 1, "arrival": 1}
    old |= {"id": "i", "operation": "set", "value": '"pro"'}
    bare_store.insert("profile_changes", {name: [value] for name, value in old.items()}, token="old")
    assert migrate(bare_store)[0].number == 4
    found = bare_store.query("SELECT profile_id, node FROM profile_changes FINAL").rows
    assert found == [("ada", profile_node("ada"))]


def test_a_newer_schema_is_refused_and_left_alone(bare_store):
    migrate(bare_store)
    bare_store.insert("schema_migrations", {"number": [9999], "name": ["from_tomorrow"]}, token="newer")
    with pytest.raises(ConfigurationError, match=r"9999.*upgrade"):
        migrate(bare_store)


def test_numbers_are_unique_and_files_are_packaged():
    numbers = [migration.number for migration in migrations()]
    assert numbers == sorted(set(numbers)) != []
    assert resources.files("eventlens.store").joinpath("schema.sql").is_file()


def test_every_statement_of_a_migration_may_run_twice():
    for migration in migrations():
        for statement in migration.statements:
            assert re.search(r"\bIF (NOT )?EXISTS\b", statement), statement


def test_the_tables_are_read_from_the_schema(bare_store):
    migrate(bare_store)
    for table, columns in COLUMN_TYPES.items():
        sql = """
            SELECT name, type FROM system.columns
            WHERE database = currentDatabase() AND table = {table:String}
        """
        assert dict(bare_store.query(sql, {"table": table}).rows) == columns
    assert set(SESSION_OF_EVENT) < set(EVENT_COLUMNS)
    assert set(SESSION_OF_EVENT) < set(SESSION_COLUMNS)
