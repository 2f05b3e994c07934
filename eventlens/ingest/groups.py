"""Groups: who belongs to which, and the groups that their events carry.

An event carries the groups that it names, and those to which its profile and its device were assigned at
or before its time, as far as that is known when it is processed. A device that is known as a profile lends
that profile's groups to events that name no profile. Nothing that is stored is written again for an
assignment that arrives later.

Projects without assignments cost nothing. For the others one look-up a batch asks for everybody who is not
in memory, never one an event.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from eventlens.events import AssignGroup, Group
from eventlens.ingest.keys import device_node, profile_node
from eventlens.ingest.rows import Event, Link
from eventlens.store import groups as group_rows
from eventlens.store import identities as identity_rows
from eventlens.store.base import Store

T = TypeVar("T")

TYPE, NAME = "$type", "$name"
"""Names in the log for what is no property of the group's users."""

MOST_EACH = 100
"""Groups of one profile or device that its events carry: the first ones. Each is stored with every event."""

_KNOWN = 100_000
"""Profiles and devices kept in memory; others are looked up."""

Node = int
Key = tuple[str, Node]
"""(project id, node)."""

Membership = tuple[int, str]
"""(since when, in ms; group id)."""

Owner = tuple[int, str]
"""(first seen, in ms; profile id) of the profile that a device belongs to; the least one is the owner."""


class GroupChange(msgspec.Struct, gc=False, kw_only=True):
    """One row of `group_changes`."""

    project_id: str
    group_id: str
    property: str
    timestamp: int
    arrival: int
    value: str


class Member(msgspec.Struct, gc=False, kw_only=True, frozen=True):
    """One row of `group_members`."""

    project_id: str
    node: Node
    group_id: str
    profile_id: str
    device_id: str
    since: int


def changes_of(project_id: str, group: Group, arrival: int) -> list[GroupChange]:
    """What a command says of a group, one row a property."""
    own = {TYPE: msgspec.json.encode(group.type), NAME: msgspec.json.encode(group.name)}
    return [
        GroupChange(
            project_id=project_id,
            group_id=group.group_id,
            property=name,
            timestamp=group.timestamp,
            arrival=arrival,
            value=value.decode(),
        )
        for name, value in {**group.properties, **own}.items()
    ]


def members_of(project_id: str, assignment: AssignGroup) -> list[Member]:
    """Who belongs to what: the profile, else the device; nobody where neither is named."""
    profile_id = assignment.profile_id
    device_id = "" if profile_id else assignment.device_id
    if not profile_id and not device_id:
        return []
    node = profile_node(profile_id) if profile_id else device_node(device_id)
    return [
        Member(
            project_id=project_id,
            node=node,
            group_id=group_id,
            profile_id=profile_id,
            device_id=device_id,
            since=assignment.timestamp,
        )
        for group_id in assignment.group_ids
    ]


class Groups:
    """Gives events the groups of who sent them. One worker thread uses it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._projects: set[str] | None = None
        """Those with any assignment; None before they are known."""
        self._members: OrderedDict[Key, Sequence[Membership]] = OrderedDict()
        self._owners: OrderedDict[Key, Owner | None] = OrderedDict()

    def forget(self) -> None:
        """Drop what memory says: a batch failed, and may not be stored as it was seen."""
        self._projects = None
        self._members.clear()
        self._owners.clear()

    def attach(self, events: Sequence[Event], assigned: Sequence[Member], links: Sequence[Link]) -> None:
        """Let events carry their groups. `assigned` is stored already; `links` is what the batch says."""
        if self._projects is None:
            self._projects = set(group_rows.projects_with_members(self._store))
        for member in assigned:
            self._projects.add(member.project_id)
            self._members.pop((member.project_id, member.node), None)  # to be read again
        if not self._projects:
            return
        by_project: defaultdict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.project_id in self._projects:
                by_project[event.project_id].append(event)
        for project_id, its_events in by_project.items():
            self._attach(project_id, its_events, [link for link in links if link.project_id == project_id])

    def _attach(self, project_id: str, events: Sequence[Event], links: Sequence[Link]) -> None:
        owners = self._owners_of(project_id, _anonymous(events), links)
        bearers = [_bearers(event, owners) for event in events]
        members = self._members_of(project_id, {node for nodes in bearers for node in nodes})
        for event, nodes in zip(events, bearers, strict=True):
            carried = [
                group_id for node in nodes for since, group_id in members[node] if since <= event.timestamp
            ]
            if carried:
                event.groups = tuple(dict.fromkeys((*event.groups, *carried)))
        _trim(self._owners)
        _trim(self._members)

    def _owners_of(
        self, project_id: str, devices: set[Node], links: Iterable[Link]
    ) -> Mapping[Node, Owner | None]:
        """The profiles that devices belong to, as stored and as this batch says."""

        def read(unknown: Sequence[Node]) -> dict[Node, Owner]:
            rows = identity_rows.first_links(self._store, project_id, unknown, 1)
            return {row["device"]: (row["first_seen"], row["profile_id"]) for row in rows}

        for link in links:  # also of devices that no event needs now: memory must not lag behind
            key = (project_id, link.device)
            if key in self._owners:
                self._owners[key] = _earlier(self._owners[key], link)
        owners = _remembered(self._owners, project_id, devices, read, None)
        for link in links:
            if link.device in owners:
                owner = owners[link.device] = _earlier(owners[link.device], link)
                self._owners[project_id, link.device] = owner
        return owners

    def _members_of(self, project_id: str, nodes: set[Node]) -> Mapping[Node, Sequence[Membership]]:
        def read(unknown: Sequence[Node]) -> dict[Node, Sequence[Membership]]:
            found: defaultdict[Node, list[Membership]] = defaultdict(list)
            for node, since, group_id in group_rows.groups_of(self._store, project_id, unknown, MOST_EACH):
                found[node].append((since, group_id))
            return {node: tuple(memberships) for node, memberships in found.items()}

        return _remembered(self._members, project_id, nodes, read, ())


def _anonymous(events: Iterable[Event]) -> set[Node]:
    return {device_node(event.device_id) for event in events if event.device_id and not event.profile_id}


def _bearers(event: Event, owners: Mapping[Node, Owner | None]) -> list[Node]:
    """Whose groups an event carries: its profile's (the device's own, where it names none), its device's."""
    nodes: list[Node] = []
    if event.profile_id:
        nodes.append(profile_node(event.profile_id))
    if event.device_id:
        device = device_node(event.device_id)
        owner = None if event.profile_id else owners[device]
        if owner is not None:
            nodes.append(profile_node(owner[1]))
        nodes.append(device)
    return nodes


def _earlier(owner: Owner | None, link: Link) -> Owner:
    other = (link.first_seen, link.profile_id)
    return other if owner is None else min(owner, other)


def _remembered(
    memory: OrderedDict[Key, T],
    project_id: str,
    nodes: set[Node],
    read: Callable[[Sequence[Node]], Mapping[Node, T]],
    nothing: T,
) -> dict[Node, T]:
    """What is known of some nodes; what is not is read at once, and kept (also that there is nothing)."""
    unknown = sorted(node for node in nodes if (project_id, node) not in memory)
    if unknown:
        found = read(unknown)
        for node in unknown:
            memory[project_id, node] = found.get(node, nothing)
    for node in nodes:
        memory.move_to_end((project_id, node))
    return {node: memory[project_id, node] for node in nodes}


def _trim(memory: OrderedDict[Key, T]) -> None:
    while len(memory) > _KNOWN:
        memory.popitem(last=False)
