"""Reading and writing the rows of `events` (and what hangs on their ids)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString, TypeVar, cast

from eventlens.clock import DAY
from eventlens.store.base import Parameters, Store
from eventlens.store.tables import COLUMN_TYPES

T = TypeVar("T")

_CHUNK = 2_000
"""Numbers per parameter list: a server takes at most 128 KiB for one parameter."""

_CHUNK_BYTES = 60_000
"""Bytes of text per parameter list; escaping may double them."""

IdTable = LiteralString
EVENTS: IdTable = "events"
CHANGES: IdTable = "profile_changes"


def chunks(values: Sequence[T], size: int = _CHUNK) -> Iterator[Sequence[T]]:
    """Runs of at most `size` values."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def text_chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Runs of texts that fit into one parameter."""
    some: list[str] = []
    size = 0
    for value in values:
        length = len(value.encode()) + 4
        if some and size + length > _CHUNK_BYTES:
            yield some
            some, size = [], 0
        some.append(value)
        size += length
    if some:
        yield some


def day_number(milliseconds: int) -> int:
    """The UTC day of a time (ms since the epoch), as `toDate` numbers it."""
    return milliseconds // DAY


def days_around(moments: Iterable[int], margin: int) -> list[int]:
    """The UTC days (`day_number`) of some times and of `margin` ms before and after them."""
    days: set[int] = set()
    for moment in moments:
        days.add(day_number(max(moment - margin, 0)))
        days.add(day_number(moment + margin))
    return sorted(days)


def select_list(table: str) -> LiteralString:
    """All columns of a table in order, times as ms; without aliases, which would shadow columns."""
    parts = (
        f"toUnixTimestamp64Milli({name})" if kind.startswith("DateTime64") else name
        for name, kind in COLUMN_TYPES[table].items()
    )
    return cast(LiteralString, ", ".join(parts))  # names and types come from schema.sql


def whole_rows(store: Store, table: str, sql: LiteralString, parameters: Parameters) -> list[dict[str, Any]]:
    """Rows of a question that begins with `select_list(table)`, by column name."""
    names = tuple(COLUMN_TYPES[table])
    return [dict(zip(names, row, strict=True)) for row in store.query(sql, parameters).rows]


_EVENT_COLUMNS = select_list("events")


def newest_arrival(store: Store) -> int:
    """The highest arrival number that is stored; 0 when nothing is."""
    return int(store.query("SELECT max(arrival) FROM events").rows[0][0])


def count_ids(store: Store, since: int) -> int:
    """How many events with an id arrived since an arrival number."""
    sql = "SELECT count() FROM events WHERE arrival >= {since:UInt64} AND id != ''"
    return store.query(sql, {"since": since}).rows[0][0]


def ids_between(store: Store, first: int, last: int) -> Sequence[tuple[str, str]]:
    """(project id, id) of what arrived in [first, last)."""
    sql = """
        SELECT project_id, id FROM events
        WHERE arrival >= {first:UInt64} AND arrival < {last:UInt64} AND id != ''
        UNION ALL
        SELECT project_id, id FROM profile_changes
        WHERE arrival >= {first:UInt64} AND arrival < {last:UInt64} AND id != ''
    """
    return cast("Sequence[tuple[str, str]]", store.query(sql, {"first": first, "last": last}).rows)


def arrivals_since(
    store: Store, table: IdTable, project_id: str, ids: Sequence[str], since: int
) -> Sequence[tuple[str, int]]:
    """(id, first arrival) of those ids that arrived since an arrival number."""
    sql = f"""
        SELECT id, min(arrival) FROM {table}
        WHERE project_id = {{project:String}} AND id IN {{ids:Array(String)}} AND arrival >= {{since:UInt64}}
        GROUP BY id
    """
    found: list[Any] = []
    for some in text_chunks(ids):
        found += store.query(sql, {"project": project_id, "ids": list(some), "since": since}).rows
    return found


def arrivals_on(
    store: Store, table: IdTable, project_id: str, ids: Sequence[str], days: Sequence[int]
) -> Sequence[tuple[str, int]]:
    """(id, first arrival) of those ids among the rows of some UTC days (`day_number`)."""
    sql = f"""
        SELECT id, min(arrival) FROM {table}
        WHERE project_id = {{project:String}}
          AND toDate(timestamp) IN arrayMap(day -> toDate(day), {{days:Array(UInt16)}})
          AND id IN {{ids:Array(String)}}
        GROUP BY id
    """
    found: list[Any] = []
    for some in text_chunks(ids):
        found += store.query(sql, {"project": project_id, "ids": list(some), "days": list(days)}).rows
    return found


def events_of_sessions(
    store: Store, project_id: str, sessions: Sequence[tuple[int, int, int]]
) -> list[dict[str, Any]]:
    """The newest rows of some sessions (key, start ms, end ms)."""
    sql: LiteralString = (
        "SELECT " + _EVENT_COLUMNS + " FROM events FINAL WHERE project_id = {project:String}"
        " AND toDate(timestamp) >= toDate(fromUnixTimestamp64Milli({first:Int64}, 'UTC'))"
        " AND toDate(timestamp) <= toDate(fromUnixTimestamp64Milli({last:Int64}, 'UTC'))"
        " AND session_key IN {keys:Array(UInt64)}"
        " AND (session_key, toUnixTimestamp64Milli(session_start)) IN"
        " arrayZip({keys:Array(UInt64)}, {starts:Array(Int64)})"
    )
    found: list[dict[str, Any]] = []
    if not sessions:
        return found
    # The same span for every chunk: a joined session may hold events beyond what its own row says.
    first = min(start for _, start, _ in sessions)
    last = max(end for _, _, end in sessions)
    for some in chunks(sessions):
        parameters = {
            "project": project_id,
            "first": first,
            "last": last,
            "keys": [key for key, _, _ in some],
            "starts": [start for _, start, _ in some],
        }
        found += whole_rows(store, "events", sql, parameters)
    return found


def spans_near(
    store: Store, project_id: str, keys: Sequence[int], days: Sequence[int]
) -> Sequence[tuple[int, int, int]]:
    """(key, start ms, newest event ms) of the sessions that events of some keys and UTC days are in."""
    sql: LiteralString = """
        SELECT session_key, toUnixTimestamp64Milli(session_start), toUnixTimestamp64Milli(max(timestamp))
        FROM events FINAL
        WHERE project_id = {project:String}
          AND toDate(timestamp) IN arrayMap(day -> toDate(day), {days:Array(UInt16)})
          AND session_key IN {keys:Array(UInt64)}
        GROUP BY session_key, session_start
    """
    found: list[Any] = []
    for some in chunks(keys):
        found += store.query(sql, {"project": project_id, "keys": list(some), "days": list(days)}).rows
    return found


def keys_of_arrivals(
    store: Store, project_id: str, arrivals: Sequence[int], days: Sequence[int]
) -> Sequence[tuple[int, int]]:
    """(arrival, session key) of those events of some UTC days that are stored already."""
    sql: LiteralString = """
        SELECT arrival, session_key FROM events FINAL
        WHERE project_id = {project:String}
          AND toDate(timestamp) IN arrayMap(day -> toDate(day), {days:Array(UInt16)})
          AND arrival IN {arrivals:Array(UInt64)}
    """
    found: list[Any] = []
    for some in chunks(arrivals):
        found += store.query(sql, {"project": project_id, "arrivals": list(some), "days": list(days)}).rows
    return found
