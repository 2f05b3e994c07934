"""`groups`: the groups of a project, and what is known of one of them."""

from typing import Any, LiteralString

import msgspec
from msgspec import UNSET, Struct, UnsetType

from eventlens.errors import NotFound
from eventlens.store.base import Store


class Group(Struct, kw_only=True):
    """A group. `members`: profiles and devices that were assigned to it. Null: only assigned to so far."""

    id: str
    type: str | None
    name: str | None
    members: int


class GroupDetail(Group, kw_only=True):
    """With its properties, by the names and of the types that were sent."""

    properties: dict[str, Any]


class GroupsMeta(Struct, rename="camel"):
    """Whose groups they are. `partial`: true where a shard of the store does not answer."""

    project_id: str
    partial: bool | UnsetType = UNSET


class GroupsAnswer(Struct):
    """Groups by their ids."""

    data: list[Group]
    meta: GroupsMeta


class GroupAnswer(Struct):
    """One group."""

    data: GroupDetail
    meta: GroupsMeta


_LIST: LiteralString = """SELECT id, max(kind) AS kind, max(title) AS title, sum(number) AS members
FROM (
  SELECT group_id AS id, argMaxIf(value, (timestamp, arrival), property = '$type') AS kind,
    argMaxIf(value, (timestamp, arrival), property = '$name') AS title, 0 AS number
  FROM group_changes WHERE project_id = {project:String}
  GROUP BY id
  UNION ALL
  SELECT group_id AS id, '' AS kind, '' AS title, uniqExact(node) AS number
  FROM group_members WHERE project_id = {project:String}
  GROUP BY id)
GROUP BY id
ORDER BY id
LIMIT {limit:UInt64} OFFSET {offset:UInt64}"""

_PROPERTIES: LiteralString = """SELECT property, argMax(value, (timestamp, arrival))
FROM group_changes
WHERE project_id = {project:String} AND group_id = {group:String}
GROUP BY property
ORDER BY property"""

_MEMBERS: LiteralString = """SELECT uniqExact(node) FROM group_members
WHERE project_id = {project:String} AND group_id = {group:String}"""


def groups(store: Store, project_id: str, limit: int, offset: int) -> GroupsAnswer:
    """The project's groups in the order of their ids."""
    rows = store.query(_LIST, {"project": project_id, "limit": limit, "offset": offset}).rows
    found = [
        Group(id=id_, type=_text(kind), name=_text(title), members=members)
        for id_, kind, title, members in rows
    ]
    return GroupsAnswer(found, GroupsMeta(project_id))


def group(store: Store, project_id: str, group_id: str) -> GroupAnswer:
    """One group. Raises NotFound."""
    asked = {"project": project_id, "group": group_id}
    values: dict[str, str] = dict(store.query(_PROPERTIES, asked).rows)
    members = store.query(_MEMBERS, asked).rows[0][0]
    if not values and not members:
        raise NotFound("There is no such group.")
    detail = GroupDetail(
        id=group_id,
        type=_text(values.pop("$type", "")),
        name=_text(values.pop("$name", "")),
        members=members,
        properties={name: msgspec.json.decode(value) for name, value in values.items()},
    )
    return GroupAnswer(detail, GroupsMeta(project_id))


def _text(value: str) -> str | None:
    return msgspec.json.decode(value, type=str) if value else None
