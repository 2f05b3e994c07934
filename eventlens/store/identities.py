"""Reading the identity tables."""

from collections.abc import Sequence
from typing import Any, LiteralString, cast

from eventlens.store.base import Store
from eventlens.store.events import chunks

_LINK: LiteralString = """
    project_id, device, profile, any(device_id) AS device_id, any(profile_id) AS profile_id,
    toUnixTimestamp64Milli(min(first_seen)) AS first_seen
"""


def first_links(store: Store, project_id: str, devices: Sequence[int], each: int) -> list[dict[str, Any]]:
    """The earliest links of some devices, at most `each` of every one."""
    sql: LiteralString = f"""
        SELECT {_LINK} FROM identity_links
        WHERE project_id = {{project:String}} AND device IN {{nodes:Array(UInt64)}}
        GROUP BY project_id, device, profile
        ORDER BY device, first_seen, profile_id
        LIMIT {{each:UInt32}} BY device
    """
    return _all(store, sql, project_id, devices, each=each)


def links_of(store: Store, project_id: str, profiles: Sequence[int]) -> list[dict[str, Any]]:
    """All links of some profiles."""
    sql: LiteralString = f"""
        SELECT {_LINK} FROM identity_links
        WHERE project_id = {{project:String}} AND profile IN {{nodes:Array(UInt64)}}
        GROUP BY project_id, device, profile
    """
    return _all(store, sql, project_id, profiles)


def links_of_profiles(store: Store, project_id: str, profiles: Sequence[int]) -> list[dict[str, Any]]:
    """`{profile, device}` of all links of some profiles."""
    sql: LiteralString = """
        SELECT DISTINCT profile, device FROM identity_links
        WHERE project_id = {project:String} AND profile IN {nodes:Array(UInt64)}
    """
    return _all(store, sql, project_id, profiles)


def aliases_of(store: Store, project_id: str, nodes: Sequence[int]) -> list[dict[str, Any]]:
    """All aliases of some profiles, in either direction."""
    sql: LiteralString = """
        SELECT project_id, profile, alias, any(profile_id) AS profile_id, any(alias_id) AS alias_id,
               toUnixTimestamp64Milli(min(first_seen)) AS first_seen
        FROM identity_aliases
        WHERE project_id = {project:String}
          AND (profile IN {nodes:Array(UInt64)} OR alias IN {nodes:Array(UInt64)})
        GROUP BY project_id, profile, alias
    """
    return _all(store, sql, project_id, nodes)


def people_of(store: Store, project_id: str, nodes: Sequence[int]) -> dict[int, int]:
    """Node → person, of those nodes about which something was said."""
    sql: LiteralString = """
        SELECT node, person FROM identities FINAL
        WHERE project_id = {project:String} AND node IN {nodes:Array(UInt64)}
    """
    return {row["node"]: row["person"] for row in _all(store, sql, project_id, nodes)}


def count_links(store: Store) -> int:
    """How many rows of links there are, before they are merged."""
    return int(store.query("SELECT count() FROM identity_links").rows[0][0])


def nodes_part(store: Store, part: int, parts: int) -> Sequence[tuple[str, int]]:
    """(project id, node) of a part of all that occur in links and aliases; some may come twice."""
    sql: LiteralString = """
        SELECT DISTINCT project_id, arrayJoin([device, profile]) AS node FROM identity_links
        WHERE device % {parts:UInt64} = {part:UInt64}
        UNION ALL
        SELECT DISTINCT project_id, arrayJoin([profile, alias]) AS node FROM identity_aliases
        WHERE alias % {parts:UInt64} = {part:UInt64}
    """
    found = store.query(sql, {"part": part, "parts": parts}).rows
    return cast("Sequence[tuple[str, int]]", found)


def _all(
    store: Store, sql: LiteralString, project_id: str, nodes: Sequence[int], **more: int
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for some in chunks(nodes):
        found += store.query(sql, {"project": project_id, "nodes": list(some), **more}).dicts()
    return found
