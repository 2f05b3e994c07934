"""Who is who: devices and profiles become people.

Stored are only facts whose order does not matter: which device was seen as which profile and when
first, and which profile is another name of which. People are derived from them and found again when
a question is asked, so that an identification also counts for what was done before it.

* A device belongs to the profile as which it was seen earliest.
* Aliases join profiles.
* A person is named after the first of its devices, so that the usual case, an anonymous visitor who
  signs up, changes nothing about the events from before.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from eventlens.ingest.filters import SeenFilter, hashes_of
from eventlens.ingest.keys import device_node, profile_node
from eventlens.ingest.process import Batch
from eventlens.ingest.rows import AliasRow, Link
from eventlens.store import identities as identity_rows
from eventlens.store.base import Store

_KNOWN_LINKS = 100_000
_MOST_LOADED = 5_000_000
_LOADED_AT_ONCE = 100_000
"""Links whose nodes are read into memory at start: in all, and at a time."""
_MOST_ROUNDS = 50
"""Longer chains of aliases are cut: nobody has fifty names."""

Node = int


class Identities:
    """Keeps the node → person map of the store. One worker thread uses it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[tuple[str, Node, Node], int] = OrderedDict()
        self._nodes: SeenFilter | None = None
        """Everybody of whom something was said; None where that is not known: then everybody is looked up."""

    def load(self) -> None:
        """Learn who is known, so that newcomers need no look-up."""
        count = identity_rows.count_links(self._store)
        self._nodes = None
        if count > _MOST_LOADED:
            return
        nodes = SeenFilter()
        parts = 1 + count // _LOADED_AT_ONCE
        for part in range(parts):
            nodes.add(hashes_of(identity_rows.nodes_part(self._store, part, parts)), 0)
        self._nodes = nodes

    def news(self, links: Iterable[Link]) -> list[Link]:
        """Those links that say something new: unknown ones, or seen earlier than known."""
        return [
            link
            for link in links
            if self._known.get((link.project_id, link.device, link.profile), link.first_seen + 1)
            > link.first_seen
        ]

    def remember(self, links: Iterable[Link]) -> None:
        """These links are stored now."""
        for link in links:
            self._known[link.project_id, link.device, link.profile] = link.first_seen
        while len(self._known) > _KNOWN_LINKS:
            self._known.popitem(last=False)

    def people(
        self, links: Sequence[Link], aliases: Sequence[AliasRow], *, retried: bool = False
    ) -> list[tuple[str, Node, Node]]:
        """(project id, node, person) of everybody whom these stored links and aliases have changed.

        `retried`: or may have changed before a crash, for what the store says of people may be new already.
        """
        news: defaultdict[str, tuple[list[Link], list[AliasRow]]] = defaultdict(lambda: ([], []))
        for link in links:
            news[link.project_id][0].append(link)
        for alias in aliases:
            news[alias.project_id][1].append(alias)
        people: list[tuple[str, Node, Node]] = []
        for project_id, (its_links, its_aliases) in news.items():
            strangers, others = self._divided(project_id, its_links, its_aliases)
            for link in strangers:
                people += ((project_id, link.profile, link.device), (project_id, link.device, link.device))
            if others or its_aliases:
                changed = self._changed(project_id, others, its_aliases, retried=retried)
                people += ((project_id, node, person) for node, person in changed.items())
        return people

    def _divided(
        self, project_id: str, links: Sequence[Link], aliases: Sequence[AliasRow]
    ) -> tuple[Sequence[Link], Sequence[Link]]:
        """Links of a device and a profile of whom nothing was ever said before or is said beside; the others.

        The former, most of all sign-ups, are a person each, without a look. Notes all of them.
        """
        said = Counter(node for link in links for node in (link.device, link.profile))
        said.update(node for alias in aliases for node in (alias.profile, alias.alias))
        nodes = self._nodes
        if nodes is None:
            return (), links
        hashes = hashes_of((project_id, node) for node in said)
        maybe = dict(zip(said, nodes.maybe_seen(hashes), strict=True))
        nodes.add(hashes, 0)
        strangers: list[Link] = []
        others: list[Link] = []
        for link in links:
            pair = (link.device, link.profile)
            alone = all(said[node] == 1 and not maybe[node] for node in pair)
            (strangers if alone else others).append(link)
        return strangers, others

    def _changed(
        self, project_id: str, links: Sequence[Link], aliases: Sequence[AliasRow], *, retried: bool
    ) -> dict[Node, Node]:
        """Node → person around some new links and aliases, without those that certainly stay who they are.

        A device that many people use, or a profile of many devices, must not make every batch slow: only
        the profiles that own or owned a touched device matter, and what they own.
        """
        fresh = Counter(link.device for link in links)
        touched = {alias.profile for alias in aliases} | {alias.alias for alias in aliases}
        touched.update(link.profile for link in links)
        if fresh:
            # Whoever owned a device before is among the first of its links that are not new.
            rows = identity_rows.first_links(self._store, project_id, sorted(fresh), max(fresh.values()) + 1)
            touched.update(row["profile"] for row in rows)
        profiles, known_aliases = self._names(project_id, touched)
        own = [Link(**row) for row in identity_rows.links_of(self._store, project_id, sorted(profiles))]
        devices = sorted({link.device for link in own})
        first = [Link(**row) for row in identity_rows.first_links(self._store, project_id, devices, 1)]
        people = people_of([*own, *first], known_aliases)
        theirs = profiles | {link.device for link in first if link.profile in profiles}
        if retried:
            return {node: person for node, person in people.items() if node in theirs}
        before = identity_rows.people_of(self._store, project_id, sorted(profiles))
        moved = {people[node] for node in profiles if before.get(node) != people[node]}
        return {
            node: person
            for node, person in people.items()
            if node in theirs and (person in moved or node in profiles or node in fresh)
        }

    def _names(self, project_id: str, profiles: set[Node]) -> tuple[set[Node], list[AliasRow]]:
        """All names of the people behind some profiles, and the aliases that make them so."""
        aliases: dict[tuple[Node, Node], AliasRow] = {}
        reached: set[Node] = set()
        frontier = profiles
        for _ in range(_MOST_ROUNDS):
            if not frontier:
                break
            reached |= frontier
            found: set[Node] = set()
            for row in identity_rows.aliases_of(self._store, project_id, sorted(frontier)):
                alias = AliasRow(**row)
                aliases[alias.profile, alias.alias] = alias
                found.update((alias.profile, alias.alias))
            frontier = found - reached
        return reached, list(aliases.values())


def links_of(batch: Batch) -> list[Link]:
    """Which device a batch saw as which profile, and when first."""
    seen: dict[tuple[str, str, str], int] = {}
    for call in (*batch.events, *batch.identified):
        if call.device_id and call.profile_id:
            pair = (call.project_id, call.device_id, call.profile_id)
            seen[pair] = min(call.timestamp, seen.get(pair, call.timestamp))
    return [
        Link(
            project_id=project_id,
            device=device_node(device_id),
            profile=profile_node(profile_id),
            device_id=device_id,
            profile_id=profile_id,
            first_seen=first_seen,
        )
        for (project_id, device_id, profile_id), first_seen in seen.items()
    ]


def people_of(links: Iterable[Link], aliases: Iterable[AliasRow]) -> Mapping[Node, Node]:
    """Node → person for everybody in a set of links and aliases that is closed under both."""
    names: dict[Node, str] = {}
    owner: dict[Node, Link] = {}
    for link in links:
        names[link.profile] = link.profile_id
        best = owner.get(link.device)
        if best is None or (link.first_seen, link.profile_id) < (best.first_seen, best.profile_id):
            owner[link.device] = link
    parent: dict[Node, Node] = {}
    for alias in aliases:
        names[alias.profile], names[alias.alias] = alias.profile_id, alias.alias_id
        parent[_root(parent, alias.alias)] = _root(parent, alias.profile)
    members: defaultdict[Node, set[Node]] = defaultdict(set)
    for profile in names:
        members[_root(parent, profile)].add(profile)
    devices: defaultdict[Node, list[Link]] = defaultdict(list)
    for link in owner.values():
        devices[_root(parent, link.profile)].append(link)
    people: dict[Node, Node] = {}
    for root, profiles in members.items():
        owned = devices[root]
        person = _first_device(owned) if owned else profile_node(min(names[node] for node in profiles))
        people.update(dict.fromkeys(profiles, person))
        people.update((link.device, person) for link in owned)
    return people


def _first_device(owned: Iterable[Link]) -> Node:
    return min(owned, key=lambda link: (link.first_seen, link.device_id)).device


def _root(parent: dict[Node, Node], node: Node) -> Node:
    root = node
    while (above := parent.get(root, root)) != root:
        root = above
    while (above := parent.get(node, node)) != root:
        parent[node] = root
        node = above
    return root
