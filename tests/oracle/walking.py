"""Paths the slow and obvious way: each session's list of steps, cut, then counted."""

from collections import Counter
from datetime import date
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from tests.oracle.model import Oracle, Session


class Asked(NamedTuple):
    """What is asked about days of the oracle's zone, both included."""

    start: date
    end: date
    mode: str = "pages"
    begin: str | None = None
    goal: str | None = None
    depth: int = 5
    limit: int = 10


class Shown(NamedTuple):
    """What is shown of a session: (step, name) in order, and whether these are its first and last step."""

    steps: list[tuple[int, str]]
    whole_start: bool
    whole_end: bool


def steps_of(session: Session, mode: str) -> list[str]:
    """All steps of a session, repeats collapsed; '' where there is no path."""
    events = sorted(session.all_events, key=lambda event: event.order)
    if mode == "pages":
        names = [event.sent.path for event in events if event.is_view]
    else:
        names = [event.sent.name for event in events]
    return [name for name, _ in groupby(names)]


def shown(session: Session, asked: Asked) -> Shown | None:
    """None where the session is not among the paths."""
    walk = steps_of(session, asked.mode)
    low, high = 0, len(walk) - 1
    if asked.begin is not None:
        if asked.begin not in walk:
            return None
        low = walk.index(asked.begin)
    if asked.goal is not None:
        after = low + 1 if asked.begin is not None else 0
        if asked.goal not in walk[after:]:
            return None
        high = walk.index(asked.goal, after)
    if not walk:
        return None
    if asked.goal is not None and asked.begin is None:
        low = max(low, high - asked.depth + 1)
        steps = [(place - high, walk[place]) for place in range(low, high + 1)]
    elif asked.goal is not None and high - low >= asked.depth:
        names = [*walk[low : low + asked.depth - 2], "(more)", walk[high]]
        steps = list(enumerate(names, start=1))
    else:
        high = min(high, low + asked.depth - 1)
        steps = list(enumerate(walk[low : high + 1], start=1))
    return Shown(steps, low == 0, high == len(walk) - 1)


def paths(oracle: Oracle, asked: Asked) -> dict[str, Any]:
    """`sessions`, nodes by id as (value, entered, dropped), links by (source, target)."""
    _, sessions = oracle.select(asked.start, asked.end)
    found = [each for session in sessions if (each := shown(session, asked)) is not None]
    counts = Counter(step for each in found for step in each.steps)
    own: set[tuple[int, str]] = set()
    for number in {number for number, _ in counts}:
        names = [step for step in counts if step[0] == number and step[1] != "(more)"]
        own |= set(sorted(names, key=lambda step: (-counts[step], step[1]))[: asked.limit])

    def id_of(step: tuple[int, str]) -> str:
        if step[1] == "(more)":
            return f"{step[0]}/(more)"
        return f"{step[0]}:{step[1]}" if step in own else f"{step[0]}/(other)"

    nodes: dict[str, list[int]] = {}
    links: Counter[tuple[str, str]] = Counter()
    for each in found:
        ids = [id_of(step) for step in each.steps]
        links.update(pairwise(ids))
        for number, id_ in enumerate(ids):
            node = nodes.setdefault(id_, [0, 0, 0])
            node[0] += 1
            node[1] += number == 0 and each.whole_start
            node[2] += number == len(ids) - 1 and each.whole_end
    return {"sessions": len(found), "nodes": nodes, "links": dict(links)}
