"""All of the event store at one instant, written to files and read from them: for backups.

A snapshot is a clone of each table: the engine links the files of the parts, which never change, so it takes
a moment whatever the size, and the originals go on. One SQL for the embedded engine and for servers. Files
are in the engine's Native format, one for each partition (a month, mostly), packed.

What is computed ahead (`rollup_…`) is left out: it is computed again.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import LiteralString, NamedTuple, cast

from eventlens.errors import StoreUnavailable
from eventlens.store.base import Store
from eventlens.store.tables import COLUMN_TYPES

TABLES: tuple[LiteralString, ...] = tuple(
    cast(LiteralString, name)
    for name in COLUMN_TYPES
    if not name.startswith("rollup_") and name != "schema_migrations"
)
"""What a snapshot holds, by name."""

EXPIRING = "replay_chunks"
"""Rows of this table are deleted when their time has come, in a copy too."""

_OF_PARTITION: LiteralString = " WHERE _partition_id = {partition:String}"


class Content(NamedTuple):
    """How many rows there are, replaced ones not counted, and the sum of their hashes (modulo 2^64)."""

    rows: int
    checksum: int

    def __add__(self, other: object) -> "Content":
        assert isinstance(other, Content)
        return Content(self.rows + other.rows, (self.checksum + other.checksum) % 2**64)


NOTHING = Content(0, 0)


def take(store: Store) -> None:
    """Clone all tables. Whoever writes must stand still meanwhile. Raises StoreUnavailable."""
    drop(store)  # of one that was ended in the middle
    layout = store.layout
    with store.nodes() as nodes:
        for node, table in product(nodes, TABLES):
            clone = clone_of(table)
            node.command(f"CREATE TABLE {layout.share(clone)} CLONE AS {layout.share(table)}")
            if layout.cluster:
                whole: LiteralString = (
                    f"Distributed('{layout.cluster}', currentDatabase(), '{layout.share(clone)}')"
                )
                node.command(f"CREATE TABLE {clone} AS {layout.share(clone)} ENGINE = {whole}")


def drop(store: Store) -> None:
    """Forget the clones."""
    with store.nodes() as nodes:
        for node, table in product(nodes, TABLES):
            share = store.layout.share(clone_of(table))
            node.command(f"DROP TABLE IF EXISTS {clone_of(table)} SYNC")
            node.command(f"DROP TABLE IF EXISTS {share} SYNC")


def clone_of(table: LiteralString) -> LiteralString:
    """The name of a table's clone."""
    return f"snapshot_{table}"


def partitions(store: Store, table: LiteralString) -> list[str]:
    """The partitions of a table that have rows, on any shard."""
    sql: LiteralString = f"""
        SELECT DISTINCT partition_id FROM {store.layout.parts}
        WHERE active AND database = currentDatabase() AND table = {{table:String}} ORDER BY partition_id
    """
    return [str(row[0]) for row in store.query(sql, {"table": store.layout.share(table)}).rows]


def write(store: Store, source: LiteralString, table: LiteralString, partition: str, path: Path) -> Content:
    """Write a partition of `source`, `table` or its clone, into a new file. Gives what is in it."""
    sql: LiteralString = f"SELECT {_columns(table)} FROM {source} FINAL{_OF_PARTITION}"
    store.write(sql, {"partition": partition}, "Native", path)
    return _content(store, source, table, partition, path.with_suffix(".sum"))


def content(store: Store, table: LiteralString, scratch: Path) -> Content:
    """What is in a table now. `scratch` names a file that may be made meanwhile."""
    found = NOTHING
    for partition in partitions(store, table):
        found += _content(store, table, table, partition, scratch)
    return found


def first_filled(store: Store) -> str:
    """The name of a table that has rows, '' where none has."""
    return next(_filled(store), "")


def load(store: Store, table: LiteralString, path: Path) -> None:
    """Add the rows of a file that `write` made. Raises StoreUnavailable."""
    store.read(table, list(COLUMN_TYPES[table]), path)


def empty(store: Store) -> None:
    """Delete all rows of all tables, of what is computed ahead too."""
    with store.nodes() as nodes:
        for node, name in product(nodes, COLUMN_TYPES):
            if name != "schema_migrations":
                node.command(f"TRUNCATE TABLE {store.layout.share(cast(LiteralString, name))}")


def _filled(store: Store) -> Iterator[str]:
    return (table for table in TABLES if store.query(f"SELECT 1 FROM {table} LIMIT 1").rows)


def _content(
    store: Store, source: LiteralString, table: LiteralString, partition: str, scratch: Path
) -> Content:
    # Into a file: a question is over its time limit long before hundreds of millions of rows are read.
    hashes: LiteralString = f"sum(cityHash64({_hashed(table)}))"
    sql: LiteralString = f"SELECT count(), {hashes} FROM {source} FINAL{_OF_PARTITION}"
    scratch.unlink(missing_ok=True)
    store.write(sql, {"partition": partition}, "TabSeparated", scratch)
    rows, _, checksum = scratch.read_text().strip().partition("\t")
    scratch.unlink()
    if not checksum:
        raise StoreUnavailable("The event store stopped in the middle of an answer.")
    return Content(int(rows), int(checksum))


def _columns(table: LiteralString) -> LiteralString:
    return cast(LiteralString, ", ".join(COLUMN_TYPES[table]))


def _hashed(table: LiteralString) -> LiteralString:
    """The columns for a hash, which is NULL where one of them is."""
    columns = COLUMN_TYPES[table].items()
    said = (f"ifNull(toString({name}), 'null')" if "Nullable" in kind else name for name, kind in columns)
    return cast(LiteralString, ", ".join(said))
