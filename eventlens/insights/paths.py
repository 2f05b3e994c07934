"""`paths`: what follows what within sessions, step by step, as the nodes and links of a Sankey diagram.

A session's steps must be together to be put in order, so memory is bounded by taking sessions in parts: by
the days on which they start, a day with too many events in shares of its sessions. Each part is read twice:
for the names that get a node of their own at each step, then for the links between those.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from msgspec import UNSET, Struct, UnsetType, structs

from eventlens.clock import DAY
from eventlens.insights.answers import Change, Meta, change
from eventlens.insights.measures import OTHER as OTHER_NAME
from eventlens.insights.paths_sql import (
    MORE,
    NONE,
    OTHER,
    Part,
    Place,
    Shape,
    largest_sql,
    links_sql,
    names_sql,
    sizes_sql,
)
from eventlens.insights.plan import Plan
from eventlens.insights.query import meta_of
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.sessions import SESSION_GAP_MS
from eventlens.store.base import Store

PART_EVENTS = 3_000_000
"""Events of the sessions of one part: some 300 MiB."""
CANDIDATES = 1000
"""Names of a step that a part proposes for a node of their own."""
MORE_NAME = "(more)"


class Node(Struct, kw_only=True):
    """A step of sessions. `value`: sessions that are there at that step; `name`: null where it is unknown.

    `step` counts from 1; where paths are led to an end point, that is 0, the step before it -1 and so on.
    `entered`: sessions of which it is the very first step; `dropped`: sessions of which it is the last one.
    """

    id: str
    step: int
    name: str | None
    value: int
    entered: int
    dropped: int


class Link(Struct):
    """So many sessions went from one node to another."""

    source: str
    target: str
    value: int


class Flow(Struct, kw_only=True):
    """`sessions`: all whose path is shown; what they are made of comes by step, largest first."""

    sessions: int
    nodes: list[Node]
    links: list[Link]


class Paths(Flow, kw_only=True):
    """With `compare`, `previous` is that of the other span, and `change` how many more sessions there are."""

    previous: Flow | UnsetType = UNSET
    change: Change | UnsetType = UNSET


class PathsMeta(Meta, kw_only=True):
    """`partial`: sessions were left out that have more steps than anybody takes, or those of a shard that
    does not answer.
    """


class PathsAnswer(Struct):
    """The answer to `paths`."""

    data: Paths
    meta: PathsMeta


def paths(store: Store, question: Question, shape: Shape, limit: int) -> PathsAnswer:
    """The paths of the matching sessions, with `limit` names of their own at each step."""
    flow, partial = _flow(store, question, shape, limit)
    found = Paths(sessions=flow.sessions, nodes=flow.nodes, links=flow.links)
    if question.compared is not None:
        found.previous, also = _flow(store, question.previous(), shape, limit)
        found.change = change(flow, found.previous)
        partial = partial or also
    meta = PathsMeta(**structs.asdict(meta_of(question)))
    meta.partial = partial
    return PathsAnswer(found, meta)


def _flow(store: Store, question: Question, shape: Shape, limit: int) -> tuple[Flow, bool]:
    plan = Plan(question)
    sizes = plan.run(store, sizes_sql(plan, shape)).rows
    parts = list(parts_of(question, [Day(*row[:3]) for row in sizes]))
    names = _chosen(store, parts, shape, limit)
    counted = _links(store, parts, shape, names) if names else {}
    return _flow_of(counted, names, shape), any(row[-1] for row in sizes)


class Day(NamedTuple):
    """The sessions that start on a day (days since 1970, UTC): their events, the latest one's time."""

    day: int
    events: int
    until: int


def parts_of(question: Question, days: Iterable[Day]) -> Iterator[Part]:
    """The sessions of a question in parts, oldest first."""
    here: list[Day] = []
    for day in days:
        if here and sum(each.events for each in here) + day.events > PART_EVENTS:
            yield from _part(question, here)
            here = []
        here.append(day)
    if here:
        yield from _part(question, here)


def _part(question: Question, days: Sequence[Day]) -> Iterator[Part]:
    span = question.span
    within = Span(max(span.start, days[0].day * DAY), min(span.end, (days[-1].day + 1) * DAY))
    until = max(day.until for day in days) + SESSION_GAP_MS
    shares = -(-sum(day.events for day in days) // PART_EVENTS) or 1
    for share in range(shares):
        yield Part(replace(question, span=within), until, share, shares)


# --- names that get a node of their own ---


def _chosen(store: Store, parts: Sequence[Part], shape: Shape, limit: int) -> dict[Place, str]:
    """The names of most sessions at each step; ties in the order of names."""
    counts: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        plan = Plan(part.question)
        for step, name, sessions in plan.run(store, largest_sql(plan, part, shape, CANDIDATES)).rows:
            counts[step][name] += sessions
    candidates = {step: _largest(found, limit) for step, found in counts.items()}
    names = _names(store, parts, shape, {name for found in candidates.values() for name in found})
    chosen: dict[Place, str] = {}
    for step, found in candidates.items():
        ranked = sorted((-counts[step][name], names[name], name) for name in found if name in names)
        chosen |= {(step, name): text for _, text, name in ranked[:limit]}
    return chosen


def _largest(counts: dict[int, int], limit: int) -> list[int]:
    """The largest and those that are as large as the last of them; what lies between anchors is no name."""
    found = sorted(((count, name) for name, count in counts.items() if name), reverse=True)
    least = found[min(limit, len(found)) - 1][0] if found else 0
    return [name for count, name in found if count >= least]


def _names(store: Store, parts: Sequence[Part], shape: Shape, hashes: set[int]) -> dict[int, str]:
    """The names behind hashes: the newest part has nearly all of them."""
    names: dict[int, str] = {}
    for part in reversed(parts):
        missing = sorted(hashes - names.keys())
        if not missing:
            break
        plan = Plan(part.question)
        names |= dict(plan.run(store, names_sql(plan, part, shape, missing)).rows)
    return names


# --- links ---

Counted = dict[tuple[int, int, int], list[int]]
"""(step, place, following place) → sessions, of these entered and dropped there."""


def _links(store: Store, parts: Sequence[Part], shape: Shape, names: dict[Place, str]) -> Counted:
    places = {place: number for number, place in enumerate(names, start=1)}
    counted: Counted = defaultdict(lambda: [0, 0, 0])
    for part in parts:
        plan = Plan(part.question)
        for step, place, following, *counts in plan.run(store, links_sql(plan, part, shape, places)).rows:
            known = counted[step, place, following]
            for index, count in enumerate(counts):
                known[index] += count
    return counted


def _flow_of(counted: Counted, names: dict[Place, str], shape: Shape) -> Flow:
    texts = [OTHER_NAME, *names.values()]
    nodes: dict[str, Node] = {}
    links: list[tuple[int, Link]] = []
    for (step, place, following), (sessions, entered, dropped) in counted.items():
        node = _node(nodes, step, place, texts, shape)
        node.value += sessions
        node.entered += entered
        node.dropped += dropped
        if following != NONE:
            then = step - 1 if shape.backwards else step + 1
            links.append((node.step, Link(node.id, _id(then, following, texts, shape), sessions)))
    links.sort(key=lambda each: (each[0], -each[1].value, each[1].source, each[1].target))
    return Flow(
        sessions=sum(node.value for node in nodes.values() if node.step == (0 if shape.backwards else 1)),
        nodes=sorted(nodes.values(), key=_order),
        links=[link for _, link in links],
    )


def _order(node: Node) -> tuple[int, bool, int, str]:
    """By step, largest first; what has no name of its own comes last."""
    return node.step, node.id.startswith(f"{node.step}/"), -node.value, node.id


def _node(nodes: dict[str, Node], step: int, place: int, texts: Sequence[str], shape: Shape) -> Node:
    id_ = _id(step, place, texts, shape)
    if id_ not in nodes:
        name = MORE_NAME if place == MORE else texts[place]
        nodes[id_] = Node(id=id_, step=_shown(step, shape), name=name or None, value=0, entered=0, dropped=0)
    return nodes[id_]


def _shown(step: int, shape: Shape) -> int:
    return -step if shape.backwards else step


def _id(step: int, place: int, texts: Sequence[str], shape: Shape) -> str:
    """Unique: an event may have any name, `(other)` too."""
    if place in (OTHER, MORE):
        return f"{_shown(step, shape)}/{MORE_NAME if place == MORE else OTHER_NAME}"
    return f"{_shown(step, shape)}:{texts[place]}"
