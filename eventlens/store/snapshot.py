"""All of the event store at one instant, written to files and read from them: for backups.

A snapshot is a clone of each table: the engine links the files of the parts, which never change, so it takes
a moment whatever the size, and the originals go on. One SQL for the embedded engine and for servers. Files
are in the engine's Native format, one for each partition (a month, mostly), packed.

What is computed ahead (`rollup_…`) is left out: it is computed again.
"""

from collections.abc import Iterator
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

_WHOLE = ""
"""Instead of a partition: the whole table."""


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
    for table in TABLES:
        store.command(f"CREATE TABLE snapshot_{table} CLONE AS {table}")


def drop(store: Store) -> None:
    """Forget the clones."""
    for table in TABLES:
        store.command(f"DROP TABLE IF EXISTS snapshot_{table} SYNC")


def partitions(store: Store, table: LiteralString, *, spread: bool) -> list[str]:
    """The partitions of a table that have rows. One that is `spread` over shards is taken whole."""
    if spread:
        return [_WHOLE]
    sql: LiteralString = """
        SELECT DISTINCT partition_id FROM system.parts
        WHERE active AND database = currentDatabase() AND table = {table:String} ORDER BY partition_id
    """
    return [str(row[0]) for row in store.query(sql, {"table": table}).rows]


def write(store: Store, source: LiteralString, table: LiteralString, partition: str, path: Path) -> Content:
    """Write a partition of `source`, `table` or its clone, into a new file. Gives what is in it."""
    where: LiteralString = "" if partition == _WHOLE else " WHERE _partition_id = {partition:String}"
    sql: LiteralString = f"SELECT {_columns(table)} FROM {source} FINAL{where}"
    store.write(sql, {"partition": partition}, "Native", path)
    return _content(store, source, table, partition, path.with_suffix(".sum"))


def content(store: Store, table: LiteralString, scratch: Path, *, spread: bool) -> Content:
    """What is in a table now. `scratch` names a file that may be made meanwhile."""
    found = NOTHING
    for partition in partitions(store, table, spread=spread):
        found += _content(store, table, table, partition, scratch)
    return found


def first_filled(store: Store) -> str:
    """The name of a table that has rows, '' where none has."""
    return next(_filled(store), "")


def load(store: Store, table: LiteralString, path: Path) -> None:
    """Add the rows of a file that `write` made. Raises StoreUnavailable."""
    store.read(table, list(COLUMN_TYPES[table]), path)


def empty(store: Store, *, cluster: str = "") -> None:
    """Delete all rows of all tables, of what is computed ahead too."""
    for name in COLUMN_TYPES:
        if name != "schema_migrations":
            table = cast(LiteralString, name)
            on = cast(LiteralString, f" ON CLUSTER '{cluster}'" if cluster else "")
            store.command(f"TRUNCATE TABLE {table}{on}")


def _filled(store: Store) -> Iterator[str]:
    return (table for table in TABLES if store.query(f"SELECT 1 FROM {table} LIMIT 1").rows)


def _content(
    store: Store, source: LiteralString, table: LiteralString, partition: str, scratch: Path
) -> Content:
    where: LiteralString = "" if partition == _WHOLE else " WHERE _partition_id = {partition:String}"
    # Into a file: a question is over its time limit long before hundreds of millions of rows are read.
    sql: LiteralString = f"SELECT count(), sum(cityHash64({_hashed(table)})) FROM {source} FINAL{where}"
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
