"""Bring an event store to the current schema with the numbered files in `migrations/`.

Each file is a list of statements that may run twice (`IF NOT EXISTS`), so that two processes migrating
at once, or one that was killed between a statement and its note, do no harm.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib import resources
from typing import LiteralString, NamedTuple, cast

from eventlens.errors import ConfigurationError, StoreUnavailable
from eventlens.store.base import Layout, Store
from eventlens.store.cluster import of_share, require_all_shards, whole_tables
from eventlens.store.profile_nodes import fill_nodes
from eventlens.store.tables import statements

log = logging.getLogger(__name__)


class Migration(NamedTuple):
    """One file of `migrations/`."""

    number: int
    name: str
    statements: tuple[LiteralString, ...]


_FURTHER: Mapping[int, Callable[[Store], object]] = {4: fill_nodes}
"""By a migration's number, what is to do after its statements and SQL cannot say. It may run twice too."""


def migrations() -> list[Migration]:
    """All migrations in order, as shipped."""
    found = [
        (entry.name, entry.read_text("utf-8"))
        for entry in resources.files("eventlens.store").joinpath("migrations").iterdir()
        if entry.name.endswith(".sql")
    ]
    return [
        Migration(int(name[:4]), name[5:-4], statements(cast(LiteralString, text)))
        for name, text in sorted(found)
    ]


def migrate(store: Store) -> list[Migration]:
    """Apply what is missing; returns it. Raises ConfigurationError when the store is newer than us.

    On a cluster each node is brought to the schema by itself, so that one that joins later gets its tables
    the next time. Raises StoreUnavailable where one is away, unless the others lack nothing.
    """
    with ExitStack() as stack:
        try:
            nodes = stack.enter_context(store.nodes())
        except StoreUnavailable as error:
            if _missing(store, store.layout):
                raise
            log.warning("a shard could not be asked for its schema: %s", error.message)
            return []
        if store.layout.cluster:
            require_all_shards(store, nodes)
        return _migrate(store, nodes)


def _migrate(store: Store, nodes: Sequence[Store]) -> list[Migration]:
    missing = [_missing(node, store.layout) for node in nodes]
    applied = [each for each in migrations() if any(each in lacking for lacking in missing)]
    for migration in applied:
        for node, lacking in zip(nodes, missing, strict=True):
            if migration in lacking:
                _make_tables(node, migration, store.layout)
        if migration.number in _FURTHER:
            _FURTHER[migration.number](store)
        for node, lacking in zip(nodes, missing, strict=True):
            if migration in lacking:
                _note(node, migration, store.layout)
    return applied


def _make_tables(node: Store, migration: Migration, layout: Layout) -> None:
    for statement in migration.statements:
        node.command(of_share(statement) if layout.cluster else statement)
    if layout.cluster:
        for statement in whole_tables(layout.cluster, migration.statements):
            node.command(statement)


def _note(node: Store, migration: Migration, layout: Layout) -> None:
    table = layout.share("schema_migrations")
    sql: LiteralString = f"INSERT INTO {table} (number, name) SELECT {{number:UInt32}}, {{name:String}}"
    node.command(sql, {"number": migration.number, "name": migration.name})


def _missing(node: Store, layout: Layout) -> list[Migration]:
    known, applied = migrations(), _applied(node, layout.share("schema_migrations"))
    newest = known[-1].number
    if any(number > newest for number in applied):
        raise ConfigurationError(
            f"The event store has schema {max(applied)}, this version of Event Lens knows {newest}: "
            "upgrade Event Lens."
        )
    return [migration for migration in known if migration.number not in applied]


def _applied(node: Store, table: LiteralString) -> set[int]:
    exists = node.query(
        "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = {table:String}",
        {"table": table},
    ).rows[0][0]
    if not exists:
        return set()
    return {row[0] for row in node.query(f"SELECT DISTINCT number FROM {table}").rows}
