"""Finding the sessions that new events may belong to."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString, cast

from eventlens.store.base import Store
from eventlens.store.events import chunks, select_list, whole_rows

_SESSION_COLUMNS = select_list("sessions")


def sessions_near(
    store: Store, project_id: str, keys: Sequence[int], days: Sequence[int]
) -> list[dict[str, Any]]:
    """The sessions of some keys that have an event on one of some UTC days, however long ago they began.

    Between two events of a session lie less than 30 minutes, so whoever asks for the day of a new event,
    of the half hour before and of that after it finds every session that the event can join.
    """
    sql: LiteralString = """
        SELECT DISTINCT session_key, toUnixTimestamp64Milli(session_start) FROM events FINAL
        WHERE project_id = {project:String}
          AND toDate(timestamp) IN arrayMap(day -> toDate(day), {days:Array(UInt16)})
          AND session_key IN {keys:Array(UInt64)}
    """
    labels: list[Any] = []
    for some in chunks(keys):
        labels += store.query(sql, {"project": project_id, "days": list(days), "keys": list(some)}).rows
    return sessions_at(store, project_id, labels)


def sessions_at(store: Store, project_id: str, labels: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Sessions by (key, start ms)."""
    sql: LiteralString = (
        "SELECT " + _SESSION_COLUMNS + " FROM sessions FINAL WHERE project_id = {project:String}"
        " AND toDate(session_start) IN"
        " arrayMap(t -> toDate(fromUnixTimestamp64Milli(t, 'UTC')), {starts:Array(Int64)})"
        " AND session_key IN {keys:Array(UInt64)}"
        " AND (session_key, toUnixTimestamp64Milli(session_start)) IN"
        " arrayZip({keys:Array(UInt64)}, {starts:Array(Int64)})"
    )
    found: list[dict[str, Any]] = []
    for some in chunks(labels):
        parameters = {
            "project": project_id,
            "keys": [key for key, _ in some],
            "starts": [start for _, start in some],
        }
        found += whole_rows(store, "sessions", sql, parameters)
    return found


def sessions_starting(
    store: Store, project_id: str, keys: Sequence[int], days: Sequence[int]
) -> list[dict[str, Any]]:
    """The sessions of some keys that start on one of some UTC days."""
    sql: LiteralString = (
        "SELECT " + _SESSION_COLUMNS + " FROM sessions FINAL WHERE project_id = {project:String}"
        " AND toDate(session_start) IN arrayMap(day -> toDate(day), {days:Array(UInt16)})"
        " AND session_key IN {keys:Array(UInt64)}"
    )
    found: list[dict[str, Any]] = []
    for some in chunks(keys):
        parameters = {"project": project_id, "keys": list(some), "days": list(days)}
        found += whole_rows(store, "sessions", sql, parameters)
    return found


def sessions_of_keys(store: Store, project_id: str, keys: Sequence[int]) -> list[dict[str, Any]]:
    """All sessions of some keys, at any time."""
    sql: LiteralString = (
        "SELECT " + _SESSION_COLUMNS + " FROM sessions FINAL WHERE project_id = {project:String}"
        " AND session_key IN {keys:Array(UInt64)}"
    )
    found: list[dict[str, Any]] = []
    for some in chunks(keys):
        found += whole_rows(store, "sessions", sql, {"project": project_id, "keys": list(some)})
    return found


def keys_since(store: Store, since: int) -> Iterable[tuple[str, int]]:
    """(project id, key) of every session that ended at or after `since` (ms)."""
    sql: LiteralString = """
        SELECT DISTINCT project_id, session_key FROM sessions
        WHERE session_end >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    """
    return cast("Sequence[tuple[str, int]]", store.query(sql, {"since": since}).rows)


def live_since(store: Store, since: int) -> Iterable[tuple[str, int, int, int]]:
    """(project id, key, start ms, end ms) of the sessions whose newest event is at or after `since` (ms)."""
    sql: LiteralString = """
        SELECT project_id, session_key,
               toUnixTimestamp64Milli(session_start), toUnixTimestamp64Milli(session_end)
        FROM sessions FINAL
        WHERE session_end >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        LIMIT 200000
    """
    return cast("Sequence[tuple[str, int, int, int]]", store.query(sql, {"since": since}).rows)
