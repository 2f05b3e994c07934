"""Goals: what a project wants its visitors to do, and how many do.

A goal is an event, or a view of a page, with filters. All goals asked for are counted in one reading.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from msgspec import UNSET, Struct, UnsetType

from eventlens.errors import InvalidInput
from eventlens.insights.aligning import aligned
from eventlens.insights.answers import Change, change
from eventlens.insights.dimensions import DIMENSIONS
from eventlens.insights.filters import Condition, Group, Test, all_of, condition_sql, event_named, within
from eventlens.insights.measures import WHOLE, Cells, Reading, Split, also, measure, split_of, top_values
from eventlens.insights.money import EARNING, Earning, earning, most_orders
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.store.base import Store

LONGEST_PAGE = 512
MOST_STARS = 10


class GoalDefinition(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Either `event`, a name, or `page`, a path in which `*` stands for any characters; and filters."""

    event: str | None = None
    page: str | None = None
    filters: Any = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal and what its events match."""

    id: str
    condition: Condition


def goal_condition(goal: GoalDefinition, question: Question) -> Condition:
    """What the goal's events match where a question is asked. Raises InvalidInput with the field."""
    if (goal.event is None) == (goal.page is None):
        raise InvalidInput("A goal is either an event or a page.", field="event")
    what = event_named(goal.event, "event") if goal.event is not None else _page(goal.page or "")
    condition = all_of(what, question.further_condition(goal.filters, "filters"))
    assert condition is not None
    return condition


def _page(path: str) -> Condition:
    if not path.startswith(("/", "*")) or len(path) > LONGEST_PAGE or path.count("*") > MOST_STARS:
        raise InvalidInput(
            "page is a path such as /thanks or /shop/*: it begins with / or *, and has at most "
            f"{LONGEST_PAGE} characters, {MOST_STARS} of them *.",
            field="page",
        )
    view = Test("name", "is", ("screen_view",))
    if "*" not in path:
        return Group(every=True, parts=(view, Test("path", "is", (path,))))
    pattern = ".*".join(re.escape(part) for part in path.split("*"))
    return Group(every=True, parts=(view, Test("path", "regex", (f"^{pattern}$",))))


# --- numbers ---


class Conversions(Struct, kw_only=True):
    """People and events that reached a goal.

    Rates in percent: people who did over all visitors, sessions in which it happened over all sessions; 0
    where there are none.
    """

    unique_conversions: int
    total_conversions: int
    conversion_rate: float
    converting_sessions: int
    session_conversion_rate: float
    visitors: int
    sessions: int
    revenue: list[Earning]


class ComparedConversions(Conversions, kw_only=True):
    """With `compare`, the same in the other span; null where there is no such bucket."""

    previous: Conversions | UnsetType | None = UNSET
    change: Change | UnsetType = UNSET


class ConversionBucket(ComparedConversions, kw_only=True):
    """One bucket of a time series."""

    date: str


class ConversionValue(ComparedConversions, kw_only=True):
    """One value of a breakdown; `other`: all values without a row of their own."""

    values: list[Any]
    other: bool


class GoalConversions(ComparedConversions, kw_only=True):
    """A goal with its numbers; over time and by value where that is asked for."""

    id: str
    name: str
    event: str | None
    page: str | None
    filters: Any
    series: list[ConversionBucket] | UnsetType = UNSET
    rows: list[ConversionValue] | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Found:
    """A goal's numbers as fields of `ComparedConversions`, by bucket, and by value."""

    whole: ComparedConversions
    series: list[ConversionBucket] | UnsetType = UNSET
    rows: list[ConversionValue] | UnsetType = UNSET


_Column = tuple[LiteralString, LiteralString]

AT_ONCE = 10
"""Goals of one reading."""


def conversions(
    store: Store, question: Question, goals: Sequence[Goal], dimensions: tuple[str, ...] = (), limit: int = 10
) -> dict[str, Found]:
    """What was reached of each goal, by its id. Raises InvalidInput: too many buckets."""
    found: dict[str, Found] = {}
    for at in range(0, len(goals), AT_ONCE):
        some = goals[at : at + AT_ONCE]
        split = _split(store, question, some, dimensions, limit) if dimensions else None
        now = _Side(store, question, some, split)
        then = _Side(store, question.previous(), some, split) if question.compared is not None else None
        for place, goal in enumerate(some):
            found[goal.id] = _found(question, place, now, then, split)
    return found


def _split(
    store: Store, question: Question, goals: Sequence[Goal], dimensions: tuple[str, ...], limit: int
) -> Split:
    """The values of most converters; then those of most visitors."""
    condition = (
        goals[0].condition if len(goals) == 1 else Group(False, tuple(each.condition for each in goals))
    )

    def sizes(plan: Plan) -> list[tuple[LiteralString, LiteralString]]:
        reached = condition_sql(condition, plan.binder)
        return [("people", _people_if(plan, reached)), ("visitors", plan.people())]

    return split_of(
        store, question, dimensions, top_values(store, question, dimensions, limit, Reading(columns=sizes))
    )


def _people_if(plan: Plan, condition: LiteralString) -> LiteralString:
    return f"uniqExactIf({plan.person()}, e.visitor != 0 AND {condition})"


def _begun(store: Store, question: Question, split: Split | None) -> Cells:
    """All sessions: their own table is the shorter way, but only events have values."""
    dimensions = () if split is None else split.dimensions
    if all(name in DIMENSIONS and DIMENSIONS[name].of_session for name in dimensions):
        starts = Reading(columns=lambda _: [("sessions", "count()")], source="starts")
        return measure(store, question, starts, split)

    def columns(plan: Plan) -> list[_Column]:
        return [("sessions", f"uniqExact({plan.session_id('e')})")]

    return measure(store, question, Reading(columns=columns, source="sessions"), split)


_LETTERS: tuple[LiteralString, ...] = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")


class _Side:
    """One span: the cells of some goals, by their places in the reading."""

    def __init__(self, store: Store, question: Question, goals: Sequence[Goal], split: Split | None) -> None:
        self.question = question
        self._goals = goals
        anything = Group(every=False, parts=tuple(goal.condition for goal in goals))
        self._events = measure(store, question, Reading(columns=self._event_columns), split)
        converting = Reading(columns=self._session_columns, source="sessions")
        self._converting = measure(store, also(question, anything), converting, split)
        self._begun = _begun(store, question, split)
        earning = Reading(columns=self._earning_columns, key="toString(e.currency)", where=EARNING)
        self._earned: Cells = measure(store, also(question, anything), earning, split)

    def _conditions(self, plan: Plan) -> list[_Column]:
        asked = plan.question
        return [
            (
                letter,
                condition_sql(within(goal.condition, asked.span, identified=asked.identified), plan.binder),
            )
            for letter, goal in zip(_LETTERS, self._goals, strict=False)
        ]

    def _event_columns(self, plan: Plan) -> list[_Column]:
        people: LiteralString = plan.people()
        columns: list[_Column] = [("visitors", people)]
        for letter, reached in self._conditions(plan):
            columns.append((f"total_{letter}", f"countIf({reached})"))
            columns.append((f"unique_{letter}", _people_if(plan, reached)))
        return columns

    def _session_columns(self, plan: Plan) -> list[_Column]:
        return [
            (f"converting_{letter}", f"uniqExactIf({plan.session_id('e')}, {reached})")
            for letter, reached in self._conditions(plan)
        ]

    def _earning_columns(self, plan: Plan) -> list[_Column]:
        columns: list[_Column] = []
        for letter, reached in self._conditions(plan):
            amount: LiteralString = f"sumIf(toInt128(ifNull(e.revenue, 0)), {reached})"
            columns.append((f"amount_{letter}", amount))
            columns.append((f"orders_{letter}", f"countIf(e.revenue > 0 AND {reached})"))
            columns.append((f"rows_{letter}", f"countIf({reached})"))
        return columns

    def has(self, place: int) -> bool:
        return self._events.has(place) or self._begun.has(place)

    def fields(self, goal: int, place: int = WHOLE, bucket: int = WHOLE) -> dict[str, Any]:
        """The fields of `Conversions`."""
        letter = _LETTERS[goal]
        events, sessions = self._events.at(place, bucket), self._converting.at(place, bucket)
        unique, visitors = events.get(f"unique_{letter}", 0), events.get("visitors", 0)
        converting, begun = (
            sessions.get(f"converting_{letter}", 0),
            self._begun.at(place, bucket).get("sessions", 0),
        )
        return {
            "unique_conversions": unique,
            "total_conversions": events.get(f"total_{letter}", 0),
            "conversion_rate": 100 * unique / visitors if visitors else 0.0,
            "converting_sessions": converting,
            "session_conversion_rate": 100 * converting / begun if begun else 0.0,
            "visitors": visitors,
            "sessions": begun,
            "revenue": self._revenue(letter, place, bucket),
        }

    def _revenue(self, letter: str, place: int, bucket: int) -> list[Earning]:
        found: list[Earning] = []
        for currency in self._earned.every_key():
            cell = self._earned.at(place, bucket, currency)
            if cell.get(f"rows_{letter}"):
                found.append(earning(currency, cell[f"amount_{letter}"], cell[f"orders_{letter}"]))
        return sorted(found, key=most_orders)


def _found(question: Question, goal: int, now: _Side, then: _Side | None, split: Split | None) -> Found:
    whole = ComparedConversions(**now.fields(goal))
    if then is not None:
        _compare(whole, then.fields(goal))
    series = _series(question, goal, now, then) if question.interval is not None else UNSET
    rows = _rows(goal, now, then, split) if split is not None else UNSET
    return Found(whole, series, rows)


def _series(question: Question, goal: int, now: _Side, then: _Side | None) -> list[ConversionBucket]:
    rows = [
        ConversionBucket(date=bucket.date, **now.fields(goal, bucket=bucket.start))
        for bucket in question.buckets()
    ]
    if then is not None:
        earlier = [then.fields(goal, bucket=bucket.start) for bucket in then.question.buckets()]
        for row, fields in zip(rows, aligned(question, earlier), strict=True):
            _compare(row, fields)
    return rows


def _rows(goal: int, now: _Side, then: _Side | None, split: Split) -> list[ConversionValue]:
    rows: list[ConversionValue] = []
    for place in split.places:
        if place == 0 and not now.has(0) and not (then and then.has(0)):
            continue
        row = ConversionValue(values=split.shown(place), other=place == 0, **now.fields(goal, place))
        if then is not None:
            _compare(row, then.fields(goal, place) if then.has(place) else None)
        rows.append(row)
    return rows


def _compare(row: ComparedConversions, then: dict[str, Any] | None) -> None:
    row.previous = None if then is None else Conversions(**then)
    now = Conversions(**{name: getattr(row, name) for name in Conversions.__struct_fields__})
    row.change = change(now, row.previous)
