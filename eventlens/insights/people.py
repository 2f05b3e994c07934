"""Who somebody is: from any of a person's ids to all of them, and how they came together.

An id is looked up as a profile's (or alias), then as a device's, then as a `visitorId`. What belongs to a
person is decided by the store's `identities`, as everywhere.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, LiteralString

from msgspec import Struct

from eventlens.errors import NotFound
from eventlens.insights.binder import Binder
from eventlens.insights.plan import Plan
from eventlens.nodes import device_node, profile_node
from eventlens.store.base import Store

MOST_IDS = 1000
"""Ids of a person, and steps of its history, that are shown."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person: its key, its profiles (the first is what it is called by) and its devices, and the steps.

    `partial`: there are more than `MOST_IDS` of any of these.
    """

    key: int
    profiles: tuple[str, ...]
    devices: tuple[str, ...]
    steps: tuple["Step", ...] = field(default=())
    partial: bool = False


class Step(Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that says who somebody is. `at` in milliseconds.

    `link`: the device was seen identified as the profile; `joined` is false where the device belongs to
    somebody else, as whom it was seen before. `alias`: `alias` is another name of the profile.
    """

    kind: Literal["link", "alias"]
    at: int
    profile_id: str
    device_id: str | None = None
    alias: str | None = None
    joined: bool = True


def find_person(store: Store, project_id: str, any_id: str) -> Person | None:
    """The person of an id; None where nobody ever had it."""
    nodes = [profile_node(any_id), device_node(any_id)]
    if len(any_id) == 16 and not any_id.strip("0123456789abcdef"):
        nodes.append(int(any_id, 16))
    asked = {"project": project_id, "nodes": nodes, "profile": any_id}
    persons: dict[int, int] = dict(store.query(_KNOWN, asked).rows)
    if nodes[0] not in persons:
        persons = dict(store.query(_SENDERS, asked).rows) | persons
    for node in nodes:
        if node in persons:
            return _person(store, project_id, persons[node], any_id)
    return None


def require_person(store: Store, project_id: str, any_id: str) -> Person:
    """The person of an id. Raises NotFound."""
    person = find_person(store, project_id, any_id)
    if person is None:
        raise NotFound("There is no such profile.")
    return person


def of_person(plan: Plan, person: int) -> LiteralString:
    """True where the visitor of an event `e` is that person."""
    key = plan.binder.name("person", person, "UInt64")
    return f"""(e.visitor = {key} OR e.visitor IN (
    SELECT node FROM identities FINAL WHERE project_id = {plan.project} AND person = {key}))"""


def profiles_of(store: Store, project_id: str, persons: Sequence[int]) -> dict[int, list[str]]:
    """Person → the profiles that links and aliases name of it, the one it is called by first."""
    names: dict[int, list[str]] = {}
    rows = store.query(_NAMES, {"project": project_id, "persons": list(persons)}).rows
    for person, profile_id in rows:
        names.setdefault(person, []).append(profile_id)
    return names


def visitor_id(person: int) -> str:
    """A person's key as it is shown."""
    return f"{person:016x}"


def persons_of(store: Store, project_id: str, nodes: Collection[int]) -> dict[int, int]:
    """Node → person, of those that differ from their node's; cheaper than a join for some thousand nodes."""
    binder = Binder()
    project = binder.name("project", project_id, "String")
    among = binder.any_of("node", sorted(nodes), "UInt64")
    sql: LiteralString = f"SELECT node, person FROM identities FINAL WHERE project_id = {project} AND {among}"
    return dict(store.query(sql, binder.values).rows) if nodes else {}


def spoken_of(store: Store, project_id: str, persons: Sequence[int]) -> dict[int, list[str]]:
    """Person → its profile, of people whose profile was changed and of whom no link or alias is known."""
    if not persons:
        return {}
    rows = store.query(_SPOKEN_OF, {"project": project_id, "persons": list(persons)}).rows
    return {person: [name] for person, name in rows}


# --- SQL ---

# What was said of nodes: `identities` has who is somebody else, a change names only the profile.
_KNOWN: LiteralString = """SELECT node, max(person) FROM (
  SELECT node, person FROM identities FINAL
  WHERE project_id = {project:String} AND node IN {nodes:Array(UInt64)}
  UNION ALL
  SELECT {nodes:Array(UInt64)}[1] AS node, node AS person FROM profile_changes
  WHERE project_id = {project:String} AND profile_id = {profile:String}
    AND node NOT IN (
      SELECT node FROM identities WHERE project_id = {project:String} AND node IN {nodes:Array(UInt64)})
  LIMIT 1)
GROUP BY node"""

# Who did something, and of whom nothing was said: dearer, because it reads events.
_SENDERS: LiteralString = """SELECT DISTINCT visitor, visitor FROM events
WHERE project_id = {project:String} AND visitor IN {nodes:Array(UInt64)}
UNION ALL
SELECT DISTINCT node, node FROM profile_changes
WHERE project_id = {project:String} AND node IN {nodes:Array(UInt64)}"""

_SPOKEN_OF: LiteralString = """SELECT node, any(profile_id) FROM profile_changes
WHERE project_id = {project:String} AND node IN {persons:Array(UInt64)}
GROUP BY node"""

_NODES: LiteralString = """SELECT node FROM identities FINAL
    WHERE project_id = {project:String} AND person = {person:UInt64}"""

# A profile that is another name of one comes after those that are not, then the earliest.
_ORDER: LiteralString = "max(other), min(at), id"

_NAMES_FROM: LiteralString = """SELECT profile AS node, profile_id AS id, first_seen AS at, 0 AS other
    FROM identity_links WHERE project_id = {project:String}
    UNION ALL
    SELECT profile AS node, profile_id AS id, first_seen AS at, 0 AS other
    FROM identity_aliases WHERE project_id = {project:String}
    UNION ALL
    SELECT alias AS node, alias_id AS id, first_seen AS at, 1 AS other
    FROM identity_aliases WHERE project_id = {project:String}"""

_NAMES: LiteralString = f"""SELECT i.person AS person, id
FROM (
  SELECT node, id, at, other FROM ({_NAMES_FROM})
  WHERE node IN (SELECT node FROM identities FINAL
    WHERE project_id = {{project:String}} AND person IN {{persons:Array(UInt64)}})) AS n
INNER JOIN (
  SELECT node, person FROM identities FINAL
  WHERE project_id = {{project:String}} AND person IN {{persons:Array(UInt64)}}) AS i USING (node)
GROUP BY person, id
ORDER BY person, {_ORDER}
LIMIT 100 BY person"""

_LINKS: LiteralString = f"""SELECT device, profile,
  any(device_id) AS device_id, any(profile_id) AS profile_id,
  toUnixTimestamp64Milli(min(first_seen)) AS at,
  device IN ({_NODES}) AS owned,
  profile IN ({_NODES}) AS named
FROM identity_links
WHERE project_id = {{project:String}} AND (device IN ({_NODES}) OR profile IN ({_NODES}))
GROUP BY device, profile
ORDER BY at, profile_id, device_id
LIMIT {{limit:UInt64}}"""

_ALIASES: LiteralString = f"""SELECT any(profile_id) AS profile_id, any(alias_id) AS alias_id,
  toUnixTimestamp64Milli(min(first_seen)) AS at
FROM identity_aliases
WHERE project_id = {{project:String}} AND (profile IN ({_NODES}) OR alias IN ({_NODES}))
GROUP BY profile, alias
ORDER BY at, profile_id, alias_id
LIMIT {{limit:UInt64}}"""

# What events themselves name, in the order in which it was seen: all there is of who was never identified.
_SEEN: LiteralString = f"""SELECT device_id, profile_id FROM events
WHERE project_id = {{project:String}} AND (visitor = {{person:UInt64}} OR visitor IN ({_NODES}))
GROUP BY device_id, profile_id
ORDER BY min(timestamp), device_id, profile_id
LIMIT {{limit:UInt64}}"""


def _person(store: Store, project_id: str, key: int, asked_by: str) -> Person:
    asked = {"project": project_id, "person": key, "limit": MOST_IDS + 1}
    links = store.query(_LINKS, asked).dicts()
    aliases = store.query(_ALIASES, asked).dicts()
    seen = store.query(_SEEN, asked).rows
    profiles = _profiles(key, links, aliases, seen, asked_by)
    profiles = profiles or spoken_of(store, project_id, [key]).get(key, [])
    devices = list(dict.fromkeys(row["device_id"] for row in links if row["owned"]))
    mine = {device_node(device) for device in devices} | {key}
    devices += [
        device for device, _ in seen if device and device not in devices and device_node(device) in mine
    ]
    steps = _steps(links, aliases)
    counts = (len(links), len(aliases), len(seen), len(profiles), len(devices))
    return Person(
        key=key,
        profiles=tuple(profiles[:MOST_IDS]),
        devices=tuple(dict.fromkeys(devices))[:MOST_IDS],
        steps=tuple(steps[:MOST_IDS]),
        partial=max(counts) > MOST_IDS,
    )


def _profiles(
    key: int, links: Sequence[Any], aliases: Sequence[Any], seen: Sequence[Any], asked_by: str
) -> list[str]:
    """All names, the one that the person is called by first: as in `_NAMES`."""
    best: dict[str, tuple[int, int]] = {}

    def note(name: str, other: int, at: int) -> None:
        known = best.get(name, (0, at))
        best[name] = (max(known[0], other), min(known[1], at))

    for row in links:
        if row["named"]:
            note(row["profile_id"], 0, row["at"])
    for row in aliases:
        note(row["profile_id"], 0, row["at"])
        note(row["alias_id"], 1, row["at"])
    names = sorted(best, key=lambda name: (*best[name], name))
    if not names and profile_node(asked_by) == key:
        return [asked_by]
    return names or list(dict.fromkeys(profile for _, profile in seen if profile))


def _steps(links: Sequence[Any], aliases: Sequence[Any]) -> list[Step]:
    steps = [
        Step(
            kind="link",
            at=row["at"],
            profile_id=row["profile_id"],
            device_id=row["device_id"],
            joined=bool(row["owned"] and row["named"]),
        )
        for row in links
    ]
    steps += [
        Step(kind="alias", at=row["at"], profile_id=row["profile_id"], alias=row["alias_id"])
        for row in aliases
    ]
    return sorted(steps, key=lambda step: (step.at, step.kind, step.profile_id))
