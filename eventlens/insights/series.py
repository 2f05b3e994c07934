"""`series`: any numbers over time, side by side, by value, and formulas over them.

Series that read the same events are read together. Values of a breakdown are those that are largest in the
first series, then in the second, and so on: all series and formulas of an answer have the same ones.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from msgspec import UNSET, Struct, UnsetType

from eventlens.errors import InvalidInput
from eventlens.insights.aligning import aligned
from eventlens.insights.answers import relative
from eventlens.insights.filters import Condition
from eventlens.insights.formulas import Formula, Line
from eventlens.insights.measures import (
    WHOLE,
    Cells,
    Columns,
    Reading,
    Split,
    Values,
    also,
    measure,
    split_of,
    top_values,
)
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.series_metrics import MOST_EXACT, SERIES_METRICS, SeriesMetric
from eventlens.store.base import Store

MAX_SERIES = 10
MAX_FORMULAS = 10
MAX_NUMBERS = 100_000
"""Lines times buckets of one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series: `metric` of the events for which `condition` holds (None: all).

    `property` is the number that `metric` takes, `percentile` (0 to 100) which one; hidden series are for
    formulas only.
    """

    id: str
    name: str
    metric: SeriesMetric
    condition: Condition | None = None
    property: str | None = None
    percentile: float = 50
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """A formula with its id, by which later formulas may name it, and its name."""

    id: str
    name: str
    formula: Formula


class LineThen(Struct, kw_only=True):
    """The same of the other span; each point is that of the bucket which belongs beside this one."""

    total: float | None
    points: list[float | None]


class SeriesLine(Struct, kw_only=True):
    """A series or formula, of everything (`values` null), of one value, or of all others (`other`).

    `total` is of the whole span: people are counted once, so it need not be the sum of `points`. `change` is
    (now - previous) / previous of the totals, null where previous is 0 or null.
    """

    id: str
    name: str
    kind: str
    values: list[Any] | None
    other: bool
    total: float | None
    points: list[float | None]
    previous: LineThen | UnsetType = UNSET
    change: float | UnsetType | None = UNSET


class SeriesAnswer(Struct, kw_only=True):
    """`dates` are the labels of the points; `previous_dates` those beside which they are put, null: none."""

    dates: list[str]
    previous_dates: list[str | None] | UnsetType = UNSET
    lines: list[SeriesLine]


@dataclass(frozen=True, slots=True)
class AskedSeries:
    """Series, formulas over them and over earlier formulas, and what they are split by."""

    series: tuple[Series, ...]
    formulas: tuple[Reckoned, ...] = ()
    dimensions: tuple[str, ...] = ()
    values: int = 10


def series(store: Store, question: Question, asked: AskedSeries) -> SeriesAnswer:
    """The lines. Notes in the question's trace where percentiles are not exact.

    Raises InvalidInput: too many buckets, or too many numbers in all.
    """
    buckets = question.buckets()
    _check_size(asked, len(buckets))
    readings = _read_together(store, question, asked.series)
    split = _split(store, question, asked, readings) if asked.dimensions else None
    now = _Side(store, question, asked, readings, split)
    answer = SeriesAnswer(dates=[bucket.date for bucket in buckets], lines=[])
    then = None
    if question.compared is not None:
        earlier = question.previous()
        then = _Side(store, earlier, asked, readings, split)
        answer.previous_dates = aligned(question, [bucket.date for bucket in earlier.buckets()])
    for place in (WHOLE, *(split.places if split is not None else ())):
        if place == 0 and not now.has(0) and not (then and then.has(0)):
            continue
        values = split.shown(place) if split is not None and place != WHOLE else None
        for line in _lines(question, asked, place, now, then):
            line.values = values
            answer.lines.append(line)
    if not all(reading.exact for reading in readings):
        question.trace.exact = False
    return answer


def _check_size(asked: AskedSeries, buckets: int) -> None:
    lines = (len(asked.series) + len(asked.formulas)) * (asked.values + 2 if asked.dimensions else 1)
    if lines * buckets > MAX_NUMBERS:
        raise InvalidInput(
            f"{lines} lines of {buckets} points are more than {MAX_NUMBERS} numbers: choose a longer "
            "interval, a shorter range, or fewer values.",
            field="interval",
        )


# --- reading ---

_NAMES: tuple[LiteralString, ...] = ("n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9")


@dataclass(frozen=True, slots=True)
class _Together:
    """Series of the same events: one reading, a column for each."""

    series: tuple[Series, ...]
    exact: bool

    @property
    def condition(self) -> Condition | None:
        return self.series[0].condition

    def reading(self) -> Reading:
        def columns(plan: Plan) -> list[tuple[LiteralString, LiteralString]]:
            return [(name, self.sql(plan, each)) for name, each in zip(_NAMES, self.series, strict=False)]

        return Reading(columns=columns, source=self.series[0].metric.source)

    def sql(self, plan: Plan, each: Series) -> LiteralString:
        return each.metric.over(plan, each.property, each.percentile, exact=self.exact)

    def sizes(self, each: Series) -> Columns:
        """By what the values of a series are ranked: its numbers, or how many events they are made of."""
        metric = each.metric if each.metric.adds_up else SERIES_METRICS["total_events"]
        return lambda plan: [("size", metric.over(plan, each.property, each.percentile, exact=True))]


def _read_together(store: Store, question: Question, given: Sequence[Series]) -> list[_Together]:
    found: dict[Any, list[Series]] = {}
    for each in given:
        # As text: 1 and true are equal to Python, not to a filter.
        found.setdefault((each.metric.source, repr(each.condition)), []).append(each)
    return [_Together(tuple(some), _exact(store, question, some)) for some in found.values()]


def _exact(store: Store, question: Question, given: Sequence[Series]) -> bool:
    """Whether the percentiles among the series are of so few numbers that memory is no question."""
    if not any(each.metric.sorts for each in given):
        return True
    reading = Reading(columns=lambda _: [("numbers", "count()")])
    asked = also(question, given[0].condition)
    spans = [asked] if question.compared is None else [asked, asked.previous()]
    return all(
        measure(store, replace(each, interval=None), reading).at().get("numbers", 0) <= MOST_EXACT
        for each in spans
    )


def _split(store: Store, question: Question, asked: AskedSeries, readings: Sequence[_Together]) -> Split:
    found: dict[Values, int] = {}
    by_id = {each.id: reading for reading in readings for each in reading.series}
    for each in asked.series:
        if len(found) >= asked.values:
            break
        together = by_id[each.id]
        reading = Reading(columns=together.sizes(each), source=each.metric.source)
        of_series = also(question, each.condition)
        for values, key in top_values(store, of_series, asked.dimensions, asked.values, reading):
            if len(found) < asked.values:
                found.setdefault(values, key)
    return split_of(store, question, asked.dimensions, list(found.items()))


class _Side:
    """One span: the lines of everything and of each place."""

    def __init__(
        self,
        store: Store,
        question: Question,
        asked: AskedSeries,
        readings: Sequence[_Together],
        split: Split | None,
    ) -> None:
        self._asked = asked
        self._buckets = question.buckets()
        self._cells: dict[str, tuple[Cells, str, SeriesMetric]] = {}
        for together in readings:
            cells = measure(store, also(question, together.condition), together.reading(), split)
            for name, each in zip(_NAMES, together.series, strict=False):
                self._cells[each.id] = (cells, name, each.metric)

    def has(self, place: int) -> bool:
        return any(cells.has(place) for cells, _, _ in self._cells.values())

    def lines(self, place: int) -> Mapping[str, Line]:
        """Series and formulas by id."""
        lines = {each.id: self._line(each.id, place) for each in self._asked.series}
        for each in self._asked.formulas:
            lines[each.id] = each.formula.evaluate(lines, len(self._buckets))
        return lines

    def _line(self, series_id: str, place: int) -> Line:
        cells, name, metric = self._cells[series_id]

        def number(bucket: int) -> float | None:
            value = cells.at(place, bucket).get(name, metric.empty)
            return None if value is None or not math.isfinite(value) else float(value)

        return Line(number(WHOLE), tuple(number(bucket.start) for bucket in self._buckets))


# --- lines ---


def _lines(
    question: Question, asked: AskedSeries, place: int, now: _Side, then: _Side | None
) -> list[SeriesLine]:
    found = now.lines(place)
    earlier = then.lines(place) if then is not None else None
    lines: list[SeriesLine] = []
    for each in (*(one for one in asked.series if not one.hidden), *asked.formulas):
        line = SeriesLine(
            id=each.id,
            name=each.name,
            kind="series" if isinstance(each, Series) else "formula",
            values=None,
            other=place == 0,
            total=found[each.id].total,
            points=list(found[each.id].points),
        )
        if earlier is not None:
            other = earlier[each.id]
            line.previous = LineThen(total=other.total, points=aligned(question, other.points))
            line.change = relative(line.total, other.total)
        lines.append(line)
    return lines
