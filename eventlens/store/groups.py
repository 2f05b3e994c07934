"""Reading who belongs to which groups."""

from collections.abc import Sequence
from typing import Any, LiteralString

from eventlens.store.base import Store
from eventlens.store.events import chunks

_MANY = 5_000
"""Nodes per look-up: they still fit into one parameter."""


def projects_with_members(store: Store) -> list[str]:
    """Ids of the projects in which anybody was ever assigned to a group."""
    return [row[0] for row in store.query("SELECT DISTINCT project_id FROM group_members").rows]


def groups_of(
    store: Store, project_id: str, nodes: Sequence[int], each: int
) -> Sequence[tuple[int, int, str]]:
    """(node, since when in ms, group id) of some nodes, earliest first, at most `each` of every one."""
    sql: LiteralString = """
        SELECT node, toUnixTimestamp64Milli(min(since)) AS first, group_id FROM group_members
        WHERE project_id = {project:String} AND node IN {nodes:Array(UInt64)}
        GROUP BY node, group_id
        ORDER BY node, first, group_id
        LIMIT {each:UInt32} BY node
    """
    found: list[Any] = []
    for some in chunks(nodes, _MANY):
        found += store.query(sql, {"project": project_id, "nodes": list(some), "each": each}).rows
    return found


def owners_of(store: Store, project_id: str, devices: Sequence[int]) -> Sequence[tuple[int, int, str]]:
    """(device, first seen in ms, profile id) of the profile as which each of some devices was seen first."""
    sql: LiteralString = """
        SELECT device, min((seen, profile_id)) AS earliest, earliest.1, earliest.2
        FROM (
            SELECT device, toUnixTimestamp64Milli(min(first_seen)) AS seen, any(profile_id) AS profile_id
            FROM identity_links
            WHERE project_id = {project:String} AND device IN {nodes:Array(UInt64)}
            GROUP BY device, profile)
        GROUP BY device
    """
    found: list[Any] = []
    for some in chunks(devices, _MANY):
        rows = store.query(sql, {"project": project_id, "nodes": list(some)}).rows
        found += [(device, seen, profile_id) for device, _, seen, profile_id in rows]
    return found
