"""A body's series and formulas become what `series` answers: every name is read against a table."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from eventlens.errors import InvalidInput
from eventlens.insights.dimensions import PROPERTY_PREFIX, property_paths
from eventlens.insights.dimensions_asked import read_breakdown
from eventlens.insights.filters import Condition, Test, all_of, event_named
from eventlens.insights.formulas import parse
from eventlens.insights.measures import DEFAULT_VALUES, MAX_VALUES
from eventlens.insights.question import Question
from eventlens.insights.series import (
    MAX_FORMULAS,
    MAX_SERIES,
    AskedSeries,
    Reckoned,
    Series,
)
from eventlens.insights.series_metrics import SERIES_METRICS, SeriesMetric

MAX_NAME = 200
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,29}")


class SeriesItem(Struct, forbid_unknown_fields=True, kw_only=True):
    """One series. `id` is how formulas name it (A, B, … by its place when absent).

    `metric` is of the events named `event` (any when absent) that match `filters`. `property` is
    `properties.<key>` or `revenue`, for the metrics that take a number; with `revenue`, `currency` says
    which. `percentile` (0 to 100) is for that metric. Hidden series are only for formulas.
    """

    metric: str = "total_events"
    event: str | None = None
    filters: Any = None
    property: str | None = None
    percentile: float | None = None
    currency: str | None = None
    goal: str | None = None
    id: str | None = None
    name: str | None = None
    hidden: bool = False


class FormulaItem(Struct, forbid_unknown_fields=True, kw_only=True):
    """One formula over series and earlier formulas. `id` is F1, F2, … by its place when absent."""

    expression: str
    id: str | None = None
    name: str | None = None


GoalCondition = Callable[[Question, str, str], Condition]
"""What a goal's events match, by its id; the last is the field to blame. Raises InvalidInput."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a body says of series."""

    series: Sequence[SeriesItem]
    formulas: Sequence[FormulaItem]
    breakdown: str | list[str] | None
    limit: int | None


def read_series(given: Given, question: Question, goal: GoalCondition) -> AskedSeries:
    """Checked series and formulas of a question. Raises InvalidInput with the field."""
    _check_count(given.series, 1, MAX_SERIES, "series")
    _check_count(given.formulas, 0, MAX_FORMULAS, "formulas")
    ids = _ids(given)
    series = tuple(
        _series(item, ids[at], f"series/{at}", question, goal) for at, item in enumerate(given.series)
    )
    formulas: list[Reckoned] = []
    known = [each.id for each in series]
    for at, item in enumerate(given.formulas):
        formula = parse(item.expression, frozenset(known), f"formulas/{at}/expression")
        own = ids[len(series) + at]
        name = _name(item.name, f"formulas/{at}/name") or item.expression
        formulas.append(Reckoned(id=own, name=name, formula=formula))
        known.append(own)
    limit = DEFAULT_VALUES if given.limit is None else given.limit
    if not 1 <= limit <= MAX_VALUES:
        raise InvalidInput(f"limit is a whole number from 1 to {MAX_VALUES}.", field="limit")
    return AskedSeries(series, tuple(formulas), read_breakdown(given.breakdown, "breakdown"), limit)


def _check_count(given: Sequence[object], least: int, most: int, field: str) -> None:
    if not least <= len(given) <= most:
        raise InvalidInput(f"{least} to {most} {field}.", field=field)


def _ids(given: Given) -> list[str]:
    """The ids of series and formulas in order, each once. Raises InvalidInput."""
    found: list[str] = []
    places = [(item.id or chr(ord("A") + at), f"series/{at}/id") for at, item in enumerate(given.series)]
    places += [(item.id or f"F{at + 1}", f"formulas/{at}/id") for at, item in enumerate(given.formulas)]
    for each, field in places:
        if not _ID.fullmatch(each):
            raise InvalidInput("An id has letters, digits and _, and begins with a letter.", field=field)
        if each in found:
            raise InvalidInput(f"The id {each} is given twice.", field=field)
        found.append(each)
    return found


def _name(name: str | None, field: str) -> str | None:
    if name is not None and not 1 <= len(name) <= MAX_NAME:
        raise InvalidInput(f"A name has 1 to {MAX_NAME} characters.", field=field)
    return name


def _series(item: SeriesItem, own: str, field: str, question: Question, goal: GoalCondition) -> Series:
    metric = SERIES_METRICS.get(item.metric)
    if metric is None:
        raise InvalidInput(
            f"Unknown metric {item.metric[:100]!r}; one of {', '.join(SERIES_METRICS)}.",
            field=f"{field}/metric",
        )
    if item.event is not None and item.goal is not None:
        raise InvalidInput("Give either event or goal.", field=f"{field}/goal")
    return Series(
        id=own,
        name=_name(item.name, f"{field}/name") or _described(item),
        metric=metric,
        condition=all_of(
            event_named(item.event, f"{field}/event"),
            None if item.goal is None else goal(question, item.goal, f"{field}/goal"),
            _currency(item, field),
            question.further_condition(item.filters, f"{field}/filters"),
        ),
        property=_property(item, metric, field),
        percentile=_percentile(item, metric, field),
        hidden=item.hidden,
    )


def _described(item: SeriesItem) -> str:
    what = item.metric if item.property is None else f"{item.metric} of {item.property}"
    return f"{what}: {item.event}" if item.event else what


def _property(item: SeriesItem, metric: SeriesMetric, field: str) -> str | None:
    where = f"{field}/property"
    if not metric.takes_number:
        if item.property is not None:
            raise InvalidInput(f"{metric.name} takes no property.", field=where)
        return None
    if item.property is None:
        raise InvalidInput(f"{metric.name} needs a property: properties.<key> or revenue.", field=where)
    if item.property.startswith(PROPERTY_PREFIX):
        property_paths(item.property, where)
    elif item.property != "revenue":
        raise InvalidInput(f"{item.property[:100]!r} is no number; properties.<key> or revenue.", field=where)
    return item.property


def _currency(item: SeriesItem, field: str) -> Condition | None:
    """Amounts of different currencies are never reckoned with together."""
    where = f"{field}/currency"
    if item.property != "revenue":
        if item.currency is not None:
            raise InvalidInput("currency goes with the property revenue.", field=where)
        return None
    if item.currency is None or not _CURRENCY.fullmatch(item.currency):
        raise InvalidInput("revenue needs a currency such as EUR: they do not add up.", field=where)
    return Test("currency", "is", (item.currency.upper(),))


def _percentile(item: SeriesItem, metric: SeriesMetric, field: str) -> float:
    where = f"{field}/percentile"
    if metric.name != "percentile":
        if item.percentile is not None:
            raise InvalidInput("percentile goes with the metric percentile.", field=where)
        return 50
    if item.percentile is None or not 0 <= item.percentile <= 100:
        raise InvalidInput("percentile is a number from 0 to 100.", field=where)
    return item.percentile
