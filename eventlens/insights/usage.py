"""How much a project keeps: events and, about, bytes on disk."""

from collections.abc import Sequence
from typing import LiteralString

from msgspec import Struct

from eventlens.clock import DAY
from eventlens.insights.binder import Binder
from eventlens.store.base import Store

RECENT_DAYS = 30

_TABLES: tuple[LiteralString, ...] = ("events", "sessions", "profile_changes", "replay_chunks")
"""Those that grow with what is sent; what is computed from them is small beside them."""


class Usage(Struct, kw_only=True):
    """What a project keeps. `bytes` is about its part of the disk: its rows, each as large as they are on
    average, packed.
    """

    project_id: str
    events: int
    events_30d: int
    bytes: int


def usage(store: Store, project_ids: Sequence[str], now: int) -> list[Usage]:
    """What each of the projects keeps, in their order. `now` in ms."""
    if not project_ids:
        return []
    rows = {table: _rows(store, table, project_ids) for table in _TABLES}
    recent = _recent(store, project_ids, now - RECENT_DAYS * DAY)
    sizes = _sizes(store)
    return [
        Usage(
            project_id=each,
            events=rows["events"].get(each, 0),
            events_30d=recent.get(each, 0),
            bytes=sum(round(rows[table].get(each, 0) * size) for table, size in sizes.items()),
        )
        for each in project_ids
    ]


def _rows(store: Store, table: LiteralString, project_ids: Sequence[str]) -> dict[str, int]:
    """Project → rows. A row that waits to be merged away counts too: it lies on the disk."""
    binder = Binder()
    own = binder.any_of("project_id", project_ids, "String")
    sql: LiteralString = f"SELECT project_id, count() FROM {table} WHERE {own} GROUP BY project_id"
    return {str(project): int(count) for project, count in store.query(sql, binder.values).rows}


def _recent(store: Store, project_ids: Sequence[str], since: int) -> dict[str, int]:
    binder = Binder()
    own = binder.any_of("project_id", project_ids, "String")
    start: LiteralString = f"fromUnixTimestamp64Milli({binder.bind(since, 'Int64')}, 'UTC')"
    sql: LiteralString = (
        f"SELECT project_id, count() FROM events WHERE {own} "
        f"AND toDate(timestamp) >= toDate({start}) AND timestamp >= {start} GROUP BY project_id"
    )
    return {str(project): int(count) for project, count in store.query(sql, binder.values).rows}


def _sizes(store: Store) -> dict[LiteralString, float]:
    """Table → bytes of a row, on average of what lies on this node's disk."""
    rows = store.query(
        # Of a table that is spread over shards, the node's own share says how large a row is.
        "SELECT replaceRegexpOne(table, '_local$', '') AS name, sum(bytes_on_disk), sum(rows) "
        "FROM system.parts WHERE active AND database = currentDatabase() GROUP BY name HAVING sum(rows) > 0"
    ).rows
    found = {str(table): size / count for table, size, count in rows}
    return {table: found.get(table, 0.0) for table in _TABLES}
