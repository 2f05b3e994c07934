"""Groups: who belongs to which, and the groups that their events carry.

An event carries the groups that it names, and those to which its profile and its device were assigned at
or before its time, as far as that is known when it is processed. A device that is known as a profile lends
that profile's groups to events that name no profile. Nothing that is stored is written again for an
assignment that arrives later.

Projects without assignments cost nothing. For the others one look-up a batch asks for everybody who is not
in memory, never one an event.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from eventlens.events import AssignGroup, Group
from eventlens.ingest.keys import device_node, profile_node
from eventlens.ingest.rows import Event, Link
from eventlens.store import groups as group_rows
from eventlens.store.base import Store

TYPE, NAME = "$type", "$name"
"""Names in the log for what is no property of the group's users."""

MOST_EACH = 100
"""Groups of one profile or device that its events carry: the first ones. Each is stored with every event."""

_KNOWN = 100_000
"""Profiles and devices kept in memory. With more, all are forgotten and looked up again as they come."""

Node = int
Key = tuple[str, Node]
"""(project id, node)."""

Sender = tuple[str, str, str]
"""(project id, device id, profile id) of an event."""

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
        self._members: dict[Key, Sequence[Membership]] = {}
        self._owners: dict[Key, Owner | None] = {}
        self._held: dict[Sender, tuple[Membership, ...]] = {}
        """What follows from these two."""

    def forget(self) -> None:
        """Drop what memory says: a batch failed, and may not be stored as it was seen."""
        self._projects = None
        self._forget_people()

    def _forget_people(self) -> None:
        self._held.clear()
        self._members.clear()
        self._owners.clear()

    def attach(self, events: Sequence[Event], assigned: Sequence[Member], links: Sequence[Link]) -> None:
        """Let events carry their groups. `assigned` is stored already; `links` is what the batch says."""
        if self._projects is None:
            self._projects = set(group_rows.projects_with_members(self._store))
        self._note(self._projects, assigned, links)
        if not self._projects:
            return
        by_project: defaultdict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.project_id in self._projects:
                by_project[event.project_id].append(event)
        for project_id, its_events in by_project.items():
            self._attach(project_id, its_events, links)
        if max(len(self._held), len(self._owners), len(self._members)) > _KNOWN:
            self._forget_people()

    def _note(self, projects: set[str], assigned: Sequence[Member], links: Sequence[Link]) -> None:
        """Memory must not lag behind the store, whether or not anybody is asked for now."""
        for member in assigned:
            projects.add(member.project_id)
            key = (member.project_id, member.node)
            known = self._members.get(key)
            if known is None or all(
                group_id != member.group_id or since > member.since for since, group_id in known
            ):
                self._members.pop(key, None)  # to be read again
                self._held.clear()
        for link in links:
            key = (link.project_id, link.device)
            if key in self._owners and self._owners[key] != (owner := _earlier(self._owners[key], link)):
                self._owners[key] = owner
                self._held.clear()

    def _attach(self, project_id: str, events: Sequence[Event], links: Sequence[Link]) -> None:
        held = self._held
        senders = [(project_id, event.device_id, event.profile_id) for event in events]
        unknown = {sender for sender in senders if sender not in held}
        if unknown:
            held.update(self._memberships(project_id, unknown, links))
        for event, sender in zip(events, senders, strict=True):
            if memberships := held[sender]:
                carried = [group_id for since, group_id in memberships if since <= event.timestamp]
                if carried:
                    event.groups = tuple(dict.fromkeys((*event.groups, *carried)))

    def _memberships(
        self, project_id: str, senders: set[Sender], links: Iterable[Link]
    ) -> dict[Sender, tuple[Membership, ...]]:
        """The memberships of senders: first the profile's (the device's owner's), then the device's."""
        devices = {device_node(device) for _, device, profile in senders if device and not profile}
        owners = self._owners_of(project_id, devices, links)
        bearers = {sender: _bearers(sender, owners) for sender in senders}
        members = self._members_of(project_id, (key for keys in bearers.values() for key in keys))
        return {
            sender: tuple(membership for key in keys for membership in members[key])
            for sender, keys in bearers.items()
        }

    def _owners_of(
        self, project_id: str, devices: Iterable[Node], links: Iterable[Link]
    ) -> Mapping[Key, Owner | None]:
        """What is known of the profiles that devices belong to, these among them."""
        unknown = sorted(device for device in devices if (project_id, device) not in self._owners)
        if unknown:
            self._owners.update(dict.fromkeys(((project_id, device) for device in unknown), None))
            for device, seen, profile_id in group_rows.owners_of(self._store, project_id, unknown):
                self._owners[project_id, device] = (seen, profile_id)
            asked = set(unknown)
            for link in links:
                if link.device in asked and link.project_id == project_id:
                    key = (project_id, link.device)
                    self._owners[key] = _earlier(self._owners[key], link)
        return self._owners

    def _members_of(self, project_id: str, keys: Iterable[Key]) -> Mapping[Key, Sequence[Membership]]:
        """What is known of who belongs to what, these among them."""
        unknown = sorted({node for key in keys if key not in self._members for node in key[1:]})
        if unknown:
            found: defaultdict[Node, list[Membership]] = defaultdict(list)
            for node, since, group_id in group_rows.groups_of(self._store, project_id, unknown, MOST_EACH):
                found[node].append((since, group_id))
            self._members.update({(project_id, node): tuple(found.get(node, ())) for node in unknown})
        return self._members


def _bearers(sender: Sender, owners: Mapping[Key, Owner | None]) -> list[Key]:
    project_id, device_id, profile_id = sender
    keys: list[Key] = []
    if profile_id:
        keys.append((project_id, profile_node(profile_id)))
    if device_id:
        device = (project_id, device_node(device_id))
        owner = None if profile_id else owners[device]
        if owner is not None:
            keys.append((project_id, profile_node(owner[1])))
        keys.append(device)
    return keys


def _earlier(owner: Owner | None, link: Link) -> Owner:
    other = (link.first_seen, link.profile_id)
    return other if owner is None else min(owner, other)
