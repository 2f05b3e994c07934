"""A body's steps, order, window and exclusions become a `Funnel`: everything is checked here."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args

from msgspec import Struct

from eventlens.clock import DAY
from eventlens.errors import InvalidInput
from eventlens.insights.buckets import INTERVALS, Interval
from eventlens.insights.dimensions import DIMENSIONS
from eventlens.insights.dimensions_asked import read_breakdown
from eventlens.insights.filters import (
    Condition,
    Group,
    Resolver,
    Test,
    all_of,
    event_named,
    has_many,
    read_condition,
)
from eventlens.insights.measures import MAX_VALUES

MAX_STEPS = 20
MAX_EXCLUSIONS = 20
MAX_WINDOW_SECONDS = 10 * 366 * 86_400
MAX_OVERLAPPING = 5
"""Different steps of one event name that `any` order takes: each subset of them is looked at."""

By = Literal["visitor", "session", "group"]
Order = Literal["ordered", "strict", "any"]
Attribution = Literal["every_step", "first_step"]
Outcome = Literal["converted", "dropped"]
T = TypeVar("T", bound=str)


class StepItem(Struct, forbid_unknown_fields=True, kw_only=True):
    """One step: the events of that name (null or left out: any event) that match the filters."""

    name: str | None = None
    filters: Any = None


class ExcludeItem(Struct, rename={"from_": "from"}, forbid_unknown_fields=True, kw_only=True):
    """Events that end an attempt between two steps, the first and the last one when left out."""

    name: str | None = None
    filters: Any = None
    from_: int | None = None
    to: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """`condition` says it all, the name included; None: any event."""

    name: str | None
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Events that must not follow step `first` (1 or later) before step `last`."""

    condition: Condition
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """What is counted. `window` in milliseconds, None: without end. `limit`: values of the breakdown."""

    steps: tuple[Step, ...]
    window: int | None = DAY
    by: By = "visitor"
    order: Order = "ordered"
    exclusions: tuple[Exclusion, ...] = ()
    breakdown: str | None = None
    attribution: Attribution = "every_step"
    limit: int = 10
    trend: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a body says, not yet checked."""

    steps: list[StepItem]
    window_seconds: int | None = 86_400
    by: str = "visitor"
    order: str = "ordered"
    exclude: list[ExcludeItem] = field(default_factory=list[ExcludeItem])
    breakdown: str | None = None
    attribution: str = "every_step"
    limit: int = 10
    trend: str | None = None


def read_funnel(given: Given, resolver: Resolver | None = None) -> Funnel:
    """The funnel that a body asks for. Raises InvalidInput with the field."""
    if not 1 <= len(given.steps) <= MAX_STEPS:
        raise InvalidInput(f"A funnel has 1 to {MAX_STEPS} steps.", field="steps")
    if len(given.exclude) > MAX_EXCLUSIONS:
        raise InvalidInput(f"At most {MAX_EXCLUSIONS} exclusions.", field="exclude")
    steps = tuple(_step(each, f"steps/{at}", resolver) for at, each in enumerate(given.steps))
    order = choice(given.order, get_args(Order), "order")
    if order == "any":
        _check_overlap(steps)
    return Funnel(
        steps=steps,
        window=_window(given.window_seconds),
        by=choice(given.by, get_args(By), "by"),
        order=order,
        exclusions=tuple(
            _exclusion(each, f"exclude/{at}", len(steps), order, resolver)
            for at, each in enumerate(given.exclude)
        ),
        breakdown=_breakdown(given),
        attribution=choice(given.attribution, get_args(Attribution), "breakdownAttribution"),
        limit=_limit(given.limit),
        trend=_trend(given.trend),
    )


def choice(text: str, allowed: tuple[T, ...], name: str) -> T:
    """One of the texts that are allowed. Raises InvalidInput."""
    for each in allowed:
        if each == text:
            return each
    raise InvalidInput(f"Unknown {name} {text[:100]!r}; one of {', '.join(allowed)}.", field=name)


def _step(item: StepItem, field: str, resolver: Resolver | None) -> Step:
    return Step(item.name, _condition(item.name, item.filters, field, resolver))


def _condition(name: str | None, filters: Any, field: str, resolver: Resolver | None) -> Condition | None:
    further = None if filters is None else read_condition(filters, f"{field}/filters", resolver)
    return all_of(event_named(name, f"{field}/name"), further)


def _exclusion(
    item: ExcludeItem, field: str, steps: int, order: Order, resolver: Resolver | None
) -> Exclusion:
    condition = _condition(item.name, item.filters, field, resolver)
    if condition is None:
        raise InvalidInput("An exclusion needs a name or filters.", field=f"{field}/name")
    if steps == 1:
        raise InvalidInput("A funnel of one step has nothing in between.", field=field)
    first = 1 if item.from_ is None else item.from_
    last = steps if item.to is None else item.to
    if not 1 <= first < steps:
        raise InvalidInput(f"from is a step from 1 to {steps - 1}.", field=f"{field}/from")
    if not first < last <= steps:
        raise InvalidInput(f"to is a step after from, {first + 1} to {steps}.", field=f"{field}/to")
    if order == "any" and (first, last) != (1, steps):
        raise InvalidInput(
            "In any order there is no step before another: leave out from and to.", field=f"{field}/from"
        )
    return Exclusion(condition, first, last)


def _window(seconds: int | None) -> int | None:
    if seconds is None:
        return None
    if not 1 <= seconds <= MAX_WINDOW_SECONDS:
        raise InvalidInput(
            f"windowSeconds is a whole number from 1 to {MAX_WINDOW_SECONDS}, or null for no window.",
            field="windowSeconds",
        )
    return seconds * 1000


def _breakdown(given: Given) -> str | None:
    if given.breakdown is None:
        return None
    names = read_breakdown(given.breakdown, "breakdown")
    if len(names) != 1:
        raise InvalidInput("A funnel is broken down by one dimension.", field="breakdown")
    if has_many(names[0]) and given.attribution == "first_step":
        raise InvalidInput(
            f"An event may have several values of {names[0]}: only every_step goes with it.",
            field="breakdownAttribution",
        )
    return names[0]


def _trend(interval: str | None) -> Interval | None:
    if interval is None:
        return None
    trend: Interval = choice(interval, INTERVALS, "trend")
    return trend


def _limit(limit: int) -> int:
    if not 1 <= limit <= MAX_VALUES:
        raise InvalidInput(f"limit is a whole number from 1 to {MAX_VALUES}.", field="limit")
    return limit


# --- which steps one event may be ---


def apart(one: Step, other: Step) -> bool:
    """Whether no event can be both: other names, or other values of the same dimension."""
    mine, others = _fixed(one.condition), _fixed(other.condition)
    return any(name in others and not values & others[name] for name, values in mine.items())


def _fixed(condition: Condition | None) -> dict[str, set[str]]:
    """The texts that a condition allows of some dimensions, where that is plain."""
    match condition:
        case Test(name, "is", values) if name in DIMENSIONS:
            dimension = DIMENSIONS[name]
            texts = {value for value in values if isinstance(value, str)}
            plain = len(texts) == len(values) and not (dimension.many or dimension.numeric)
            return {name: texts} if plain else {}
        case Group(True, parts):
            found: dict[str, set[str]] = {}
            for part in parts:
                for name, values in _fixed(part).items():
                    found[name] = found[name] & values if name in found else values
            return found
        case _:
            return {}


def overlapping(steps: tuple[Step, ...]) -> list[list[list[int]]]:
    """The places of steps that one event may be (by chains of such), and in there those that are the same."""
    open_places = set(range(len(steps)))
    found: list[list[list[int]]] = []
    while open_places:
        reached, todo = set[int](), [min(open_places)]
        while todo:
            at = todo.pop()
            if at not in reached:
                reached.add(at)
                todo += [other for other in open_places - reached if not apart(steps[at], steps[other])]
        open_places -= reached
        same: dict[str, list[int]] = {}
        for at in sorted(reached):
            same.setdefault(repr(steps[at].condition), []).append(at)
        found.append(list(same.values()))
    return found


def _check_overlap(steps: tuple[Step, ...]) -> None:
    for together in overlapping(steps):
        if len(together) > MAX_OVERLAPPING:
            raise InvalidInput(
                f"In any order at most {MAX_OVERLAPPING} different steps may be of one event name, unless "
                "filters with `is` on the same dimension keep them apart.",
                field="steps",
            )
