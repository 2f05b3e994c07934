"""Reading who belongs to which groups."""

from collections.abc import Sequence
from typing import Any, LiteralString

from eventlens.store.base import Store
from eventlens.store.events import chunks


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
    for some in chunks(nodes):
        found += store.query(sql, {"project": project_id, "nodes": list(some), "each": each}).rows
    return found
