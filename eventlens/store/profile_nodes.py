"""Nodes for changes of profiles that were written without one: the engine does not know the hash."""

from hashlib import blake2b
from typing import Any

from eventlens.nodes import profile_node
from eventlens.store.base import Store
from eventlens.store.tables import COLUMN_TYPES

ROWS = 20_000
"""As many at a time."""

_ORDER = ("project_id", "profile_id", "property", "milliseconds", "arrival")


def fill_nodes(store: Store) -> int:
    """Write rows without a node again, with it; how many there were. Safe to repeat and to break off.

    The same row takes the place of the old one (`ReplacingMergeTree`). Part of migration 4, before it is
    noted: it looks at every change there is, which a start should not.
    """
    if not store.query("SELECT 1 FROM profile_changes WHERE node = 0 LIMIT 1").rows:
        return 0
    filled = 0
    after: tuple[Any, ...] | None = None
    while rows := _rows(store, after):
        last = rows[-1]
        after = tuple(last[name] for name in _ORDER)
        token = blake2b(repr((after, len(rows))).encode(), digest_size=16).hexdigest()
        for row in rows:
            row["timestamp"] = row["milliseconds"]
            row["node"] = profile_node(row["profile_id"])
        columns = {name: [row[name] for row in rows] for name in COLUMN_TYPES["profile_changes"]}
        store.insert("profile_changes", columns, f"profile-nodes-{token}")
        filled += len(rows)
    return filled


def _rows(store: Store, after: tuple[Any, ...] | None) -> list[dict[str, Any]]:
    """Rows without a node in the order of the table, those that follow `after`."""
    parameters: dict[str, Any] = {"rows": ROWS}
    if after is None:
        return store.query(f"{_SELECT}{_PAGE}", parameters).dicts()
    parameters |= dict(zip(_ORDER, after, strict=True))
    return store.query(f"{_SELECT}{_FOLLOWING}{_PAGE}", parameters).dicts()


_SELECT = """SELECT project_id, profile_id, property, toUnixTimestamp64Milli(timestamp) AS milliseconds,
  arrival, id, operation, value
FROM profile_changes FINAL
WHERE node = 0"""
_FOLLOWING = """
  AND project_id >= {project_id:String}
  AND (project_id, profile_id, property, milliseconds, arrival) > ({project_id:String}, {profile_id:String},
    {property:String}, {milliseconds:Int64}, {arrival:UInt64})"""
_PAGE = """
ORDER BY project_id, profile_id, property, milliseconds, arrival
LIMIT {rows:UInt32}"""
