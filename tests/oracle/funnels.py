"""Funnels, the slow way: every attempt of everybody is tried. Written from the contract, section 4."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from tests.oracle.conditions import holds, texts_of
from tests.oracle.model import LABELS, Event, Oracle

Times = list[int]
"""When an attempt reached its steps, in milliseconds."""


@dataclass(frozen=True)
class Asked:
    """The body of a question, and the days that it is about."""

    body: dict[str, Any]
    start: date
    end: date

    @property
    def steps(self) -> list[dict[str, Any]]:
        return self.body["steps"]

    @property
    def window(self) -> float:
        seconds = self.body.get("windowSeconds", 86_400)
        return float("inf") if seconds is None else seconds * 1000

    @property
    def order(self) -> str:
        return self.body.get("order", "ordered")


def matches(wanted: dict[str, Any], event: Event) -> bool:
    """Whether an event is a step (an exclusion)."""
    named = wanted.get("name") in (None, event.sent.name)
    return named and holds(wanted.get("filters", []), event)


def excluded(asked: Asked, event: Event, reached: int) -> bool:
    """Whether it must not come after so many steps."""
    last = len(asked.steps)
    return any(
        each.get("from", 1) <= reached < each.get("to", last) and matches(each, event)
        for each in asked.body.get("exclude", [])
    )


def in_order(asked: Asked, events: list[Event]) -> Times | None:
    """The attempt that the first of some events begins; None where an exclusion removes it."""
    reached = [events[0].sent.at]
    stopped = False
    for event in events[1:]:
        if event.sent.at > reached[0] + asked.window or len(reached) == len(asked.steps):
            break
        if not stopped and matches(asked.steps[len(reached)], event):
            reached.append(event.sent.at)
        elif excluded(asked, event, len(reached)):
            return None
        elif asked.order == "strict":
            stopped = True
    return reached


def in_any_order(asked: Asked, events: list[Event]) -> Times | None:
    """The same where every event may be any of the steps that no other event is needed for."""
    taken: list[set[int]] = []
    reached: Times = []
    for event in events:
        if event.sent.at > events[0].sent.at + asked.window or len(reached) == len(asked.steps):
            break
        fits = {at for at, step in enumerate(asked.steps) if matches(step, event)}
        if not fits and excluded(asked, event, 1):
            return None
        taken.append(fits)
        if most_pairs(taken) > len(reached):
            reached.append(event.sent.at)
    return reached


def most_pairs(choices: list[set[int]]) -> int:
    """How many can have one of their choices each, no two of them the same."""
    owner: dict[int, int] = {}

    def find(who: int, tried: set[int]) -> bool:
        for choice in choices[who] - tried:
            tried.add(choice)
            if choice not in owner or find(owner[choice], tried):
                owner[choice] = who
                return True
        return False

    return sum(find(who, set()) for who in range(len(choices)))


def owners(asked: Asked, oracle: Oracle, event: Event) -> list[Hashable]:
    """Whose an event is."""
    by = asked.body.get("by", "visitor")
    if by == "group":
        return list(event.groups)
    owner = oracle.people.of(event) if by == "visitor" else event.session and id(event.session)
    return [] if owner is None else [owner]


def attempts(asked: Asked, oracle: Oracle, events: Iterable[Event]) -> list[tuple[Hashable, Event, Times]]:
    """(whose, its first event, times) of every attempt that nothing removes, in the order of their starts."""
    whose: dict[Hashable, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda each: each.order):
        for owner in owners(asked, oracle, event):
            whose[owner].append(event)
    found: list[tuple[Hashable, Event, Times]] = []
    begins = asked.steps if asked.order == "any" else asked.steps[:1]
    follow = in_any_order if asked.order == "any" else in_order
    for owner, theirs in whose.items():
        for at, event in enumerate(theirs):
            day = oracle.local(event.sent.at).date()
            if asked.start <= day <= asked.end and any(matches(step, event) for step in begins):
                times = follow(asked, theirs[at:])
                if times is not None:
                    found.append((owner, event, times))
    return found


def best(found: Iterable[tuple[Hashable, Event, Times]]) -> dict[Hashable, Times]:
    """The attempt of each that got furthest, the first of several."""
    counting: dict[Hashable, Times] = {}
    for owner, _, times in found:
        if len(times) > len(counting.get(owner, [])):
            counting[owner] = times
    return counting


def numbers(asked: Asked, found: Iterable[tuple[Hashable, Event, Times]]) -> dict[str, Any]:
    """Counts, medians (seconds), and how long the ones who converted took."""
    counting = best(found).values()
    reached = [[times for times in counting if len(times) >= step] for step in range(1, len(asked.steps) + 1)]
    gaps = [
        [(times[at] - times[at - 1]) / 1000 for times in reached[at]] for at in range(1, len(asked.steps))
    ]
    whole = [(times[-1] - times[0]) / 1000 for times in reached[-1]] if len(asked.steps) > 1 else []
    return {
        "counts": [len(each) for each in reached],
        "medians": [None, *(median(each) if each else None for each in gaps)],
        "median": median(whole) if whole else None,
        "took": sorted(whole),
    }


def looked_at(asked: Asked, oracle: Oracle) -> list[Event]:
    """Everything that filters let through, from the first day on."""
    return [
        event
        for event in oracle.everything
        if oracle.local(event.sent.at).date() >= asked.start and holds(asked.body.get("filters", []), event)
    ]


def funnel(asked: Asked, oracle: Oracle) -> dict[str, Any]:
    return numbers(asked, attempts(asked, oracle, looked_at(asked, oracle)))


def by_every_step(asked: Asked, oracle: Oracle, name: str) -> dict[str, dict[str, Any]]:
    """What the same question says with a filter on each value."""
    events = looked_at(asked, oracle)
    values = {value for event in events for value in texts_of(name, event)}
    rows = {
        value: numbers(
            asked, attempts(asked, oracle, [event for event in events if value in texts_of(name, event)])
        )
        for value in values
    }
    return {value: row for value, row in rows.items() if row["counts"][0]}


def by_first_step(asked: Asked, oracle: Oracle, value: Callable[[Event], str]) -> dict[str, dict[str, Any]]:
    """The attempts kept apart by something of their first event."""
    found = attempts(asked, oracle, looked_at(asked, oracle))
    return {
        each: numbers(asked, [one for one in found if value(one[1]) == each])
        for each in {value(event) for _, event, _ in found}
    }


def over_time(asked: Asked, oracle: Oracle, interval: str) -> list[tuple[str, list[int]]]:
    label = LABELS[interval]
    found = by_first_step(asked, oracle, lambda event: label(oracle.local(event.sent.at)))
    none = [0] * len(asked.steps)
    return [
        (bucket, found[bucket]["counts"] if bucket in found else none)
        for bucket in oracle.buckets(asked.start, asked.end, interval)
    ]
