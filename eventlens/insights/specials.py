"""Small reports on events of a fixed name, all made from one table.

Web vitals, errors, scroll depth, downloads, outgoing links, pages that were not found.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from msgspec import Struct

from eventlens.errors import InvalidInput
from eventlens.insights.aligning import aligned
from eventlens.insights.answers import relative
from eventlens.insights.filters import Test, all_of, text_sql
from eventlens.insights.measures import Cells, Reading, Split, also, measure, split_of, top_values
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import iso
from eventlens.insights.series_metrics import MOST_EXACT, number_sql, quantile_sql
from eventlens.store.base import Store

Row = dict[str, Any]
"""`values` (of `by`, in order), `other`, and the report's numbers. With `interval` its `series` of the same
numbers by date; with `compare` `previous` (null where there was nothing) and `change` of the counts.
"""


class SpecialAnswer(Struct, kw_only=True):
    """All events of the report and the people who sent them; rows, most events first."""

    event: str
    by: list[str]
    events: int
    unique_visitors: int
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a row: `sql` over events `e`, given what reads a property as a text and as a number."""

    name: LiteralString
    sql: Callable[[Plan], LiteralString]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """A report at `…/{path}` on events named `event`, by the values of `by` and one more dimension at will.

    `finish` works over a row's numbers, given its values.
    """

    path: str
    summary: str
    event: str
    by: str
    numbers: tuple[Number, ...]
    only: tuple[str, ...] = ()
    finish: Callable[[list[Any], Row], Row] | None = None
    properties: str = ""
    """What events must carry, in words."""


# --- numbers ---


@dataclass(frozen=True, slots=True)
class Vital:
    """Up to `good` is good, above `poor` is poor: milliseconds, but for CLS, which has no unit."""

    good: float
    poor: float


VITALS: Mapping[str, Vital] = {
    "LCP": Vital(2500, 4000),
    "INP": Vital(200, 500),
    "CLS": Vital(0.1, 0.25),
    "FCP": Vital(1800, 3000),
    "TTFB": Vital(800, 1800),
}
"""https://web.dev/articles/vitals, thresholds of the 75th percentile."""

_VALUE, _NAME, _DEPTH = "properties.value", "properties.name", "properties.depth"


_QUANTILE: LiteralString = "{quantile}"
"""In an aggregate: the function of percentiles that suits the number of events."""


def _percentile(name: LiteralString, level: LiteralString, of: str, words: str) -> Number:
    def sql(plan: Plan) -> LiteralString:
        return f"{_QUANTILE}({level})({number_sql(plan, of)})"

    return Number(name, sql, words)


def _threshold(plan: Plan, limits: list[float]) -> LiteralString:
    known = plan.binder.bind(list(VITALS), "Array(String)")
    bounds = plan.binder.bind(limits, "Array(Float64)")
    return f"transform({text_sql(_NAME, plan.binder)}, {known}, {bounds}, 0.)"


def _good(plan: Plan) -> LiteralString:
    most = _threshold(plan, [vital.good for vital in VITALS.values()])
    return f"countIf({number_sql(plan, _VALUE)} <= {most})"


def _poor(plan: Plan) -> LiteralString:
    least = _threshold(plan, [vital.poor for vital in VITALS.values()])
    return f"countIf({number_sql(plan, _VALUE)} > {least})"


def _measured(of: str) -> Callable[[Plan], LiteralString]:
    return lambda plan: f"count({number_sql(plan, of)})"


def _reached(name: LiteralString, depth: LiteralString) -> Number:
    def sql(plan: Plan) -> LiteralString:
        return f"countIf({number_sql(plan, _DEPTH)} >= {depth})"

    return Number(name, sql, f"percent of the depths that are at least {depth}")


def _latest(name: LiteralString, of: str, words: str) -> Number:
    def sql(plan: Plan) -> LiteralString:
        return f"argMax({text_sql(of, plan.binder)}, (e.timestamp, e.arrival))"

    return Number(name, sql, words)


_COMMON = (
    Number("events", lambda _: "count()", "events"),
    Number("unique_visitors", lambda plan: plan.people(), "different people"),
    Number("first_seen", lambda _: "toUnixTimestamp64Milli(min(e.timestamp))", "first one in the span"),
    Number("last_seen", lambda _: "toUnixTimestamp64Milli(max(e.timestamp))", "last one in the span"),
)
_TIMES = ("first_seen", "last_seen")


def _rated(values: list[Any], row: Row) -> Row:
    """Shares instead of counts, and the rating of the 75th percentile."""
    count = row.pop("measured")
    good, poor = row.pop("good"), row.pop("poor")
    row |= {"p50": _known(row["p50"]), "p75": _known(row["p75"]), "p95": _known(row["p95"])}
    row["good"] = _share(good, count)
    row["needs_improvement"] = _share(count - good - poor, count)
    row["poor"] = _share(poor, count)
    vital = VITALS.get(values[0])
    row["rating"] = None if vital is None or row["p75"] is None else _rating(vital, row["p75"])
    return row


def _rating(vital: Vital, value: float) -> str:
    if value <= vital.good:
        return "good"
    return "poor" if value > vital.poor else "needs_improvement"


_REACHED = ("reached_25", "reached_50", "reached_75", "reached_100")


def _scrolled(_values: list[Any], row: Row) -> Row:
    count = row.pop("measured")
    row["average_depth"] = _known(row["average_depth"])
    return row | {name: _share(row[name], count) for name in _REACHED}


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


SPECIALS: tuple[Special, ...] = (
    Special(
        path="web-vitals",
        summary="Web vitals: percentiles, and how many are good, need improvement or are poor",
        event="web_vital",
        properties="`name` (LCP, INP, CLS, FCP or TTFB) and `value` (milliseconds; CLS without a unit)",
        by=_NAME,
        only=tuple(VITALS),
        numbers=(
            *_COMMON,
            Number("measured", _measured(_VALUE), ""),
            _percentile("p50", "0.5", _VALUE, "median value"),
            _percentile("p75", "0.75", _VALUE, "75th percentile, which the rating is about"),
            _percentile("p95", "0.95", _VALUE, "95th percentile"),
            Number("good", _good, "percent of the values that are good"),
            Number("poor", _poor, "percent of the values that are poor"),
        ),
        finish=_rated,
    ),
    Special(
        path="errors",
        summary="Errors by message: how many, whom they hit, when last",
        event="error",
        properties="`message`, and where known `type`",
        by="properties.message",
        numbers=(
            *_COMMON,
            _latest("type", "properties.type", "type of the latest one"),
            _latest("path", "path", "page of the latest one"),
        ),
    ),
    Special(
        path="scroll-depth",
        summary="How far pages are scrolled",
        event="scroll_depth",
        properties="`depth`, the deepest part of the page that was seen, in percent (0 to 100), once a view",
        by="path",
        numbers=(
            *_COMMON,
            Number("measured", _measured(_DEPTH), ""),
            Number("average_depth", lambda plan: f"avg({number_sql(plan, _DEPTH)})", "mean depth in percent"),
            _reached("reached_25", "25"),
            _reached("reached_50", "50"),
            _reached("reached_75", "75"),
            _reached("reached_100", "100"),
        ),
        finish=_scrolled,
    ),
    Special(
        path="downloads",
        summary="Files that were downloaded",
        event="file_download",
        properties="`href`, the file's address",
        by="properties.href",
        numbers=_COMMON,
    ),
    Special(
        path="outgoing-links",
        summary="Links to other sites that were followed",
        event="link_out",
        properties="`href`, the link's address",
        by="properties.href",
        numbers=_COMMON,
    ),
    Special(
        path="not-found",
        summary="Pages that were asked for and not there",
        event="not_found",
        properties="none beside the page's path",
        by="path",
        numbers=(*_COMMON, _latest("referrer", "referrer", "referrer of the latest one's session")),
    ),
)


# --- the report ---


def special(
    store: Store, question: Question, report: Special, dimension: str | None, limit: int
) -> SpecialAnswer:
    """The rows of a special report. Raises InvalidInput: too many buckets."""
    if dimension == report.by:
        raise InvalidInput(f"The rows are by {report.by} already.", field="dimension")
    dimensions = (report.by,) if dimension is None else (report.by, dimension)
    named = Test("name", "is", (report.event,))
    known = Test(report.by, "is", report.only) if report.only else None
    question = also(question, all_of(named, known))
    size = Reading(columns=lambda _: [("events", "count()")])
    split = split_of(store, question, dimensions, top_values(store, question, dimensions, limit, size))
    exact = _few(store, question, report, size)
    reading = Reading(columns=lambda plan: _columns(plan, report, exact=exact))
    now = measure(store, question, reading, split)
    then = measure(store, question.previous(), reading, split) if question.compared is not None else None
    whole = now.at()
    return SpecialAnswer(
        event=report.event,
        by=list(dimensions),
        events=whole.get("events", 0),
        unique_visitors=whole.get("unique_visitors", 0),
        rows=_rows(question, report, split, now, then),
    )


def _few(store: Store, question: Question, report: Special, size: Reading) -> bool:
    """Whether percentiles are of so few events that memory is no question; notes where they are not."""
    if report.finish is not _rated:
        return True
    spans = [question] if question.compared is None else [question, question.previous()]
    events = [measure(store, replace(each, interval=None), size).at().get("events", 0) for each in spans]
    question.trace.exact &= max(events) <= MOST_EXACT
    return max(events) <= MOST_EXACT


def _columns(plan: Plan, report: Special, *, exact: bool) -> list[tuple[LiteralString, LiteralString]]:
    kept = quantile_sql(exact=exact)
    return [(each.name, each.sql(plan).replace(_QUANTILE, kept)) for each in report.numbers]


def _rows(question: Question, report: Special, split: Split, now: Cells, then: Cells | None) -> list[Row]:
    rows: list[Row] = []
    for place in split.places:
        values = split.shown(place)
        numbers = _numbers(question, report, values, now.at(place))
        earlier = None if then is None else _numbers(question, report, values, then.at(place))
        if numbers is None and earlier is None:
            continue
        row = {"values": values, "other": place == 0, **(numbers or _nothing(report, values))}
        if then is not None:
            row["previous"] = earlier
            row["change"] = _change(row, earlier)
        if question.interval is not None:
            row["series"] = _series(question, report, place, values, now, then)
        rows.append(row)
    return rows


def _numbers(question: Question, report: Special, values: list[Any], cell: Row) -> Row | None:
    """The numbers as they are shown; None where there are no events."""
    if not cell:
        return None
    row: Row = {}
    for number in report.numbers:
        value = cell[number.name]
        row[number.name] = iso(value, question.zone) if number.name in _TIMES else value
        if value == "":
            row[number.name] = None
    return report.finish(values, row) if report.finish is not None else row


def _nothing(report: Special, values: list[Any]) -> Row:
    """The numbers of no events: counts and shares are 0, all else null."""
    counts = ("events", "unique_visitors", "measured", "good", "poor", *_REACHED)
    row: Row = {each.name: 0 if each.name in counts else None for each in report.numbers}
    return report.finish(values, row) if report.finish is not None else row


def _change(row: Row, earlier: Row | None) -> Row:
    return {
        name: relative(row[name], earlier[name] if earlier else None)
        for name in ("events", "unique_visitors")
    }


def _series(  # one row's place in both spans
    question: Question, report: Special, place: int, values: list[Any], now: Cells, then: Cells | None
) -> list[Row]:
    def points(asked: Question, cells: Cells) -> list[Row]:
        return [
            {
                "date": bucket.date,
                **(
                    _numbers(asked, report, values, cells.at(place, bucket.start)) or _nothing(report, values)
                ),
            }
            for bucket in asked.buckets()
        ]

    series = points(question, now)
    if then is not None:
        for point, earlier in zip(series, aligned(question, points(question.previous(), then)), strict=True):
            point["previous"] = earlier
    return series
