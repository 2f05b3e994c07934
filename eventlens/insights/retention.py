"""`retention`: who comes back, in calendar days, weeks or months after the one in which they began.

Cohorts, modes and periods are defined in docs/semantics.md. A visitor's buckets are collected as the bits of
one number (`retention_sql.py`); what follows from them is counted in the store, so that an answer is a
triangle of numbers however many visitors there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from msgspec import UNSET, Struct, UnsetType

from eventlens.clock import DAY
from eventlens.errors import InvalidInput
from eventlens.insights.answers import relative
from eventlens.insights.buckets import Bucket, cut
from eventlens.insights.filters import Condition
from eventlens.insights.measures import Reading, Split, also, split_of, top_values
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.insights.retention_sql import Events, cells_sql
from eventlens.store.base import Store

Period = Literal["day", "week", "month"]
Mode = Literal["on", "on_or_after"]
CohortKind = Literal["first", "first_ever", "recurring"]
PERIODS: tuple[Period, ...] = get_args(Period)
MODES: tuple[Mode, ...] = get_args(Mode)
COHORT_KINDS: tuple[CohortKind, ...] = get_args(CohortKind)

MAX_PERIODS = 400
MAX_CELLS = 500_000
"""Numbers in one answer, those of a breakdown included."""
_LONGEST = 40 * DAY
"""More than a bucket of any period lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """What is asked beside the question, whose interval is the period.

    `starts` and `returns`: which events begin, which count as coming back (None: any).
    """

    mode: Mode = "on"
    cohort: CohortKind = "first"
    starts: Condition | None = None
    returns: Condition | None = None
    dimensions: tuple[str, ...] = ()
    values: int = 10

    @property
    def events(self) -> Events:
        return Events(
            starts=self.starts,
            returns=self.returns,
            first=self.cohort != "recurring",
            ever=self.cohort == "first_ever",
            later=self.mode == "on_or_after",
        )


class Cohort(Struct):
    """People who began in the bucket of a date, and how many of them came back.

    `values` run from the cohort's own bucket (its size) to the range's last one. `complete`: false where the
    bucket of a value is not over, or lies only partly in the range.
    """

    date: str
    size: int
    values: list[int]
    complete: list[bool]


class Table(Struct, kw_only=True):
    """Cohorts by date, those of nobody too.

    `average`: percent of the people of all cohorts, bucket by bucket after the first; incomplete values are
    left out, null where no other is left.
    """

    cohorts: list[Cohort]
    average: list[float | None]


class TableChange(Struct):
    """(now - previous) / previous of each average, null where previous is 0 or missing."""

    average: list[float | None]


class ComparedTable(Table, kw_only=True):
    """With `compare`, the table of the other span, null where nobody began there."""

    previous: Table | UnsetType | None = UNSET
    change: TableChange | UnsetType = UNSET


class ValueTable(ComparedTable, kw_only=True):
    """The table of people who began with one value; null is unknown. `other`: all values without a table."""

    values: list[Any]
    other: bool


class Retention(ComparedTable, kw_only=True):
    """The table of everybody; with a breakdown one of each value."""

    breakdown: list[ValueTable] | UnsetType = UNSET


def retention(store: Store, question: Question, asked: Returning, now: int) -> Retention:
    """Who came back, as of `now` (milliseconds). Raises InvalidInput where that are too many periods."""
    frame = Frame.of(question, now)
    tables = 1 + (asked.values + 1 if asked.dimensions else 0)
    if tables * len(frame.buckets) * (len(frame.buckets) + 1) // 2 > MAX_CELLS:
        raise InvalidInput(
            f"That would be more than {MAX_CELLS} numbers; choose fewer values or longer periods.",
            field="limit",
        )
    other = None if question.compared is None else Frame.of(question.previous(), now)
    answer = Retention(**_table(store, question, asked, frame))
    if other is not None:
        _compare(answer, Table(**_table(store, question.previous(), asked, other)))
    if asked.dimensions:
        answer.breakdown = _breakdown(store, question, asked, frame, other)
    return answer


def _compare(now: ComparedTable, then: Table | None) -> None:
    averages = iter(then.average if then is not None else ())
    now.previous = then
    now.change = TableChange([relative(each, next(averages, None)) for each in now.average])


@dataclass(frozen=True, slots=True)
class Frame:
    """The buckets of a question, and which of them lie wholly in its span and in the past."""

    buckets: tuple[Bucket, ...]
    complete: tuple[bool, ...]

    @classmethod
    def of(cls, question: Question, now: int) -> "Frame":
        """Raises InvalidInput when they are too many."""
        assert question.interval is not None
        buckets = _periods(question)
        span = question.span
        last = buckets[-1].start
        after = cut(Span(last, last + _LONGEST), question.interval, question.zone)[1].start
        ends = [*(bucket.start for bucket in buckets[1:]), after]
        until = min(span.end, now)
        complete = tuple(
            span.start <= bucket.start and end <= until for bucket, end in zip(buckets, ends, strict=True)
        )
        return cls(buckets, complete)


def frames(question: Question, now: int) -> list[Frame]:
    """Of the question, and of the span that it is compared with. Raises InvalidInput."""
    asked = [question] if question.compared is None else [question, question.previous()]
    return [Frame.of(each, now) for each in asked]


def _periods(question: Question) -> tuple[Bucket, ...]:
    try:
        buckets = question.buckets()
    except InvalidInput:
        buckets = ()
    if not 0 < len(buckets) <= MAX_PERIODS:
        raise InvalidInput(
            f"A range has at most {MAX_PERIODS} periods; choose a longer period or a shorter range.",
            field="period",
        )
    return buckets


Cells = Mapping[tuple[int, int], int]
"""People by (cohort, bucket in which they came back); those of (cohort, cohort) are all of the cohort."""


def _table(store: Store, question: Question, asked: Returning, frame: Frame) -> dict[str, Any]:
    plan = Plan(question)
    rows = plan.run(store, cells_sql(plan, asked.events)).rows
    return table_of({(cohort, at): people for _, cohort, at, people in rows}, asked.mode, frame)


def _breakdown(
    store: Store, question: Question, asked: Returning, frame: Frame, other: Frame | None
) -> list[ValueTable]:
    """A table of each value; `other` is the frame of the span that is compared with."""
    split = _split(store, question, asked)
    now = _by_place(store, question, asked, split)
    then = {} if other is None else _by_place(store, question.previous(), asked, split)
    tables: list[ValueTable] = []
    for place in split.places:
        if place not in now and place not in then:
            continue
        numbers = table_of(now.get(place, {}), asked.mode, frame)
        table = ValueTable(values=split.shown(place), other=place == 0, **numbers)
        if other is not None:
            earlier = Table(**table_of(then[place], asked.mode, other)) if place in then else None
            _compare(table, earlier)
        tables.append(table)
    return tables


def _by_place(store: Store, question: Question, asked: Returning, split: Split) -> dict[int, Cells]:
    plan = Plan(question)
    cells: dict[int, dict[tuple[int, int], int]] = {}
    for place, cohort, at, people in plan.run(store, cells_sql(plan, asked.events, split)).rows:
        cells.setdefault(place, {})[cohort, at] = people
    return {**cells}


def _split(store: Store, question: Question, asked: Returning) -> Split:
    """The values with which most people began."""
    question = also(question, asked.starts)
    reading = Reading(columns=lambda plan: [("people", plan.people())])
    found = top_values(store, question, asked.dimensions, asked.values, reading)
    return split_of(store, question, asked.dimensions, found)


# --- cells → numbers ---


def table_of(cells: Cells, mode: Mode, frame: Frame) -> dict[str, Any]:
    """`cohorts` and `average`."""
    count = len(frame.buckets)
    cohorts: list[Cohort] = []
    for start, bucket in enumerate(frame.buckets):
        values = [cells.get((start, at), 0) for at in range(start, count)]
        if mode == "on_or_after":
            values = _still(values)
        cohorts.append(Cohort(bucket.date, values[0], values, list(frame.complete[start:])))
    return {"cohorts": cohorts, "average": _average(cohorts)}


def _still(last_seen: Sequence[int]) -> list[int]:
    """From people seen last in each bucket to those seen in it or later; the first number is the size."""
    values = [*last_seen]
    for place in range(len(values) - 2, 0, -1):
        values[place] += values[place + 1]
    return values


def _average(cohorts: Sequence[Cohort]) -> list[float | None]:
    average: list[float | None] = []
    for after in range(len(cohorts)):
        known = [each for each in cohorts if after < len(each.values) and each.complete[after]]
        size, back = sum(each.size for each in known), sum(each.values[after] for each in known)
        average.append((100 * back / size if size else 0.0) if known else None)
    return average
