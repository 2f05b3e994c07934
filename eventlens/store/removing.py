"""Deleting rows of a project for good: of one person, or of what is too old.

A deletion is a mutation: the parts that hold such rows are written again without them, before this returns.
"""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from eventlens.sessions import SESSION_GAP_MS
from eventlens.store.base import Store
from eventlens.store.cluster import everywhere
from eventlens.store.events import chunks, select_list, text_chunks, whole_rows

Label = tuple[int, int]
"""(key, start ms) of a session."""

_NODES: LiteralString = "{nodes:Array(UInt64)}"

OF_PERSON: Mapping[LiteralString, LiteralString] = {
    "events": f"visitor IN {_NODES}",
    "sessions": f"visitor IN {_NODES}",
    "identity_links": f"profile IN {_NODES}",
    "identity_aliases": f"profile IN {_NODES} OR alias IN {_NODES}",
    "identities": f"node IN {_NODES} OR person IN {_NODES}",
    "profile_changes": f"node IN {_NODES} OR profile_id IN {{profiles:Array(String)}}",
    "group_members": f"node IN {_NODES}",
    "replay_chunks": (
        "profile_id IN {profiles:Array(String)} OR"
        f" (profile_id = '' AND (session_key IN {_NODES} OR device_id IN {{devices:Array(String)}}))"
    ),
}
"""Table → which of its rows are a person's, who is known by `nodes`, `devices` and `profiles`."""

NOBODYS: tuple[LiteralString, ...] = ("excluded", "group_changes", "touches")
"""Tables that know nothing of single people."""

ROLLED_UP: tuple[LiteralString, ...] = ("rollup_rows", "rollup_lists", "rollup_totals")
"""Computed from the others: deleted by hour. Those that a condition looks at come last."""


OF_PROJECT: tuple[LiteralString, ...] = (*OF_PERSON, *NOBODYS, *ROLLED_UP)
"""Tables with rows of projects."""


def names_of(store: Store, project_id: str, nodes: Sequence[int]) -> tuple[set[str], set[str]]:
    """All ids of devices and of profiles that stand in rows of some nodes; others may be among them."""
    sql: LiteralString = """
        SELECT DISTINCT device_id, profile_id FROM events
        WHERE project_id = {project:String} AND visitor IN {nodes:Array(UInt64)}
        UNION DISTINCT
        SELECT DISTINCT device_id, profile_id FROM identity_links
        WHERE project_id = {project:String}
          AND (device IN {nodes:Array(UInt64)} OR profile IN {nodes:Array(UInt64)})
        UNION DISTINCT
        SELECT DISTINCT '', arrayJoin([profile_id, alias_id]) FROM identity_aliases
        WHERE project_id = {project:String}
          AND (profile IN {nodes:Array(UInt64)} OR alias IN {nodes:Array(UInt64)})
        UNION DISTINCT
        SELECT DISTINCT device_id, profile_id FROM group_members
        WHERE project_id = {project:String} AND node IN {nodes:Array(UInt64)}
        UNION DISTINCT
        SELECT DISTINCT '', profile_id FROM profile_changes
        WHERE project_id = {project:String} AND node IN {nodes:Array(UInt64)}
        UNION DISTINCT
        SELECT DISTINCT device_id, profile_id FROM replay_chunks
        WHERE project_id = {project:String} AND session_key IN {nodes:Array(UInt64)}
    """
    devices: set[str] = set()
    profiles: set[str] = set()
    for some in chunks(nodes):
        for device_id, profile_id in store.query(sql, {"project": project_id, "nodes": list(some)}).rows:
            devices.add(device_id)
            profiles.add(profile_id)
    return devices - {""}, profiles - {""}


def nodes_of_people(store: Store, project_id: str, people: Sequence[int]) -> set[int]:
    """All nodes that are called one of some people."""
    sql: LiteralString = """
        SELECT node FROM identities FINAL
        WHERE project_id = {project:String} AND person IN {people:Array(UInt64)}
    """
    return {row[0] for row in store.query(sql, {"project": project_id, "people": list(people)}).rows}


def sessions_of_nodes(store: Store, project_id: str, nodes: Sequence[int]) -> list[Label]:
    """The sessions that some nodes have events in."""
    sql: LiteralString = """
        SELECT DISTINCT session_key, toUnixTimestamp64Milli(session_start) FROM events FINAL
        WHERE project_id = {project:String} AND visitor IN {nodes:Array(UInt64)} AND session_key != 0
    """
    found: list[Any] = []
    for some in chunks(nodes):
        found += store.query(sql, {"project": project_id, "nodes": list(some)}).rows
    return found


def sessions_over(store: Store, project_id: str, edge: int) -> list[Label]:
    """The sessions that began before a time (ms) and may have an event at it or later, guests counted."""
    sql: LiteralString = """
        SELECT session_key, toUnixTimestamp64Milli(session_start) FROM sessions FINAL
        WHERE project_id = {project:String}
          AND session_start < fromUnixTimestamp64Milli({edge:Int64}, 'UTC')
          AND session_end >= fromUnixTimestamp64Milli({near:Int64}, 'UTC')
    """
    near = edge - SESSION_GAP_MS
    rows: list[Any] = list(store.query(sql, {"project": project_id, "edge": edge, "near": near}).rows)
    return rows


def events_labelled(store: Store, project_id: str, labels: Sequence[Label]) -> list[dict[str, Any]]:
    """The rows of the events that are in some sessions."""
    sql: LiteralString = (
        "SELECT " + select_list("events") + " FROM events FINAL WHERE project_id = {project:String}"
        " AND session_key IN {keys:Array(UInt64)}"
        " AND (session_key, toUnixTimestamp64Milli(session_start)) IN"
        " arrayZip({keys:Array(UInt64)}, {starts:Array(Int64)})"
    )
    found: list[dict[str, Any]] = []
    for some in chunks(labels):
        parameters = _of_labels(project_id, some)
        found += whole_rows(store, "events", sql, parameters)
    return found


def first_event_before(store: Store, project_id: str, edge: int) -> int | None:
    """When the oldest event before a time (ms) happened; None where there is none."""
    sql: LiteralString = """
        SELECT toUnixTimestamp64Milli(min(timestamp)), count() FROM events
        WHERE project_id = {project:String}
          AND toDate(timestamp) <= toDate(fromUnixTimestamp64Milli({edge:Int64}, 'UTC'))
          AND timestamp < fromUnixTimestamp64Milli({edge:Int64}, 'UTC')
    """
    first, count = store.query(sql, {"project": project_id, "edge": edge}).rows[0]
    return int(first) if count else None


class Remover:
    """Deletes rows of one project. On a cluster, on each of its nodes, which must all be there."""

    def __init__(self, store: Store, project_id: str) -> None:
        self._store = store
        self._project_id = project_id

    def person(self, nodes: Sequence[int], devices: Sequence[str], profiles: Sequence[str]) -> None:
        """All rows of `OF_PERSON`."""
        named = list(text_chunks([*devices, *profiles])) or [[]]
        for table, condition in OF_PERSON.items():
            for some in chunks(nodes):
                for names in named:  # a name is looked for as both: what is none matches nothing
                    values = {"nodes": list(some), "devices": list(names), "profiles": list(names)}
                    self._delete(table, condition, values)

    def sessions(self, labels: Sequence[Label]) -> None:
        """The rows of some sessions, in `sessions` alone."""
        condition: LiteralString = """session_key IN {keys:Array(UInt64)}
            AND (session_key, toUnixTimestamp64Milli(session_start)) IN
                arrayZip({keys:Array(UInt64)}, {starts:Array(Int64)})"""
        for some in chunks(labels):
            self._delete("sessions", condition, _of_labels(self._project_id, some))

    def before(self, edge: int) -> None:
        """Events that happened before a time (ms), sessions that began before it, what was excluded."""
        at: LiteralString = "fromUnixTimestamp64Milli({edge:Int64}, 'UTC')"
        self._delete("events", f"timestamp < {at}", {"edge": edge})
        self._delete("sessions", f"session_start < {at}", {"edge": edge})
        self._delete("excluded", f"hour < {at}", {"edge": edge})

    def project(self) -> None:
        """All rows of the project, in every table that has any of one."""
        for table in OF_PROJECT:
            self._delete(table, "1", {})

    def rolled_up(self, hours: Sequence[int]) -> None:
        """What was computed ahead from any of some hours (since 1970)."""
        touched: LiteralString = """arrayExists(hour -> bucket_start < toDateTime(hour * 3600 + 3600, 'UTC')
            AND bucket_end > toDateTime(hour * 3600, 'UTC'), {hours:Array(UInt32)})"""
        for some in chunks(hours):
            values: dict[str, Any] = {"hours": list(some)}
            lists: LiteralString = f"""SELECT DISTINCT toUnixTimestamp64Milli(bucket_start) FROM rollup_lists
                WHERE project_id = {{project:String}} AND {touched}"""
            rows = self._store.query(lists, {**values, "project": self._project_id}).rows
            starts = {"starts": [row[0] for row in rows]}
            self._delete(
                "rollup_rows", "toUnixTimestamp64Milli(bucket_start) IN {starts:Array(Int64)}", starts
            )
            self._delete("rollup_lists", touched, values)
            self._delete("rollup_totals", touched, values)

    def _delete(self, table: LiteralString, condition: LiteralString, values: Mapping[str, Any]) -> None:
        which: LiteralString = f"project_id = {{project:String}} AND ({condition})"
        parameters = {**values, "project": self._project_id}
        # A mutation looks into every part even where there is nothing to delete.
        found = self._store.query(f"SELECT 1 FROM {table} WHERE {which} LIMIT 1", parameters).rows
        if not found:
            return
        share = self._store.layout.share(table)
        sql: LiteralString = f"ALTER TABLE {share} DELETE WHERE {which} SETTINGS mutations_sync = 2"
        everywhere(self._store, sql, parameters)


def _of_labels(project_id: str, labels: Sequence[Label]) -> dict[str, Any]:
    return {
        "project": project_id,
        "keys": [key for key, _ in labels],
        "starts": [start for _, start in labels],
    }
