"""What changed when: by hour of UTC, so that answers computed before are known to be old.

Whoever changes what questions are answered from (events, sessions, people) calls `touch` afterwards, never
before: an answer that was computed in between is then dropped needlessly, but never kept wrongly.
"""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

from eventlens.clock import HOUR
from eventlens.store.base import Store
from eventlens.store.events import chunks

Touch = tuple[str, int]
"""(project id, hours since 1970)."""

WITHOUT_DEVICE = 0
"""An hour in which nothing happens: touched where profiles of the project did things without a device."""


def touch(store: Store, touched: Iterable[Touch], token: str) -> None:
    """Say that something changed in these hours; the same `token` twice counts once."""
    rows = sorted(set(touched))
    columns = {
        "project_id": [project_id for project_id, _ in rows],
        "hour": [hour for _, hour in rows],
        "count": [1] * len(rows),
    }
    store.insert("touches", columns, token)


def touch_span(store: Store, project_id: str, start: int, end: int, token: str) -> None:
    """`touch` every hour from `start` up to `end` (milliseconds): for what changes or deletes whole spans."""
    hours = range(max(start, 0) // HOUR, -(-end // HOUR))
    touch(store, ((project_id, hour) for hour in hours), token)


def was_touched(store: Store, project_id: str, hour: int) -> bool:
    """Whether an hour ever was."""
    sql: LiteralString = """
        SELECT 1 FROM touches WHERE project_id = {project:String} AND hour = {hour:UInt32} LIMIT 1
    """
    return bool(store.query(sql, {"project": project_id, "hour": hour}).rows)


def hours_of_sessions(store: Store, project_id: str, sessions: Sequence[tuple[int, int, int]]) -> set[Touch]:
    """The hours in which some sessions (key, start ms, end ms) have events.

    Also finds what other sessions of these keys did meanwhile.
    """
    sql: LiteralString = """
        SELECT DISTINCT intDiv(toUnixTimestamp64Milli(timestamp), 3600000) FROM events
        WHERE project_id = {project:String}
          AND toDate(timestamp) >= toDate(fromUnixTimestamp64Milli({first:Int64}, 'UTC'))
          AND toDate(timestamp) <= toDate(fromUnixTimestamp64Milli({last:Int64}, 'UTC'))
          AND session_key IN {keys:Array(UInt64)}
    """
    found: set[Touch] = set()
    for some in chunks(sessions):
        parameters: dict[str, Any] = {
            "project": project_id,
            "first": min(start for _, start, _ in some),
            "last": max(end for _, _, end in some),
            "keys": [key for key, _, _ in some],
        }
        found.update((project_id, hour) for (hour,) in store.query(sql, parameters).rows)
    return found


def hours_of_nodes(store: Store, project_id: str, nodes: Sequence[int]) -> set[Touch]:
    """The hours in which some nodes did anything or a session of theirs began.

    A Bloom filter keeps other events from being read. Also finds what rows say that are replaced by now.
    """
    sql: LiteralString = """
        SELECT DISTINCT
          arrayJoin(arrayMap(t -> intDiv(toUnixTimestamp64Milli(t), 3600000), [timestamp, session_start]))
        FROM events
        WHERE project_id = {project:String} AND visitor IN {nodes:Array(UInt64)}
    """
    found: set[Touch] = set()
    for some in chunks(nodes):
        parameters: dict[str, Any] = {"project": project_id, "nodes": list(some)}
        found.update((project_id, hour) for (hour,) in store.query(sql, parameters).rows)
    return found


def count_touches(store: Store, project_id: str) -> int:
    """How often anything of a project was touched; of a moment ago. Raises StoreUnavailable, QueryLimit."""
    sql: LiteralString = "SELECT sum(count) FROM touches WHERE project_id = {project:String}"
    return store.recent(sql, {"project": project_id}).rows[0][0]
