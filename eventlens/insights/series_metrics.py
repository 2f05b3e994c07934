"""What a series can count: a table."""

from dataclasses import dataclass
from typing import LiteralString

from eventlens.insights.filters import text_sql
from eventlens.insights.measures import Source
from eventlens.insights.plan import Plan

MOST_EXACT = 1_000_000
"""Events of which percentiles are exact; of more they are approximate (t-digest)."""


def quantile_sql(*, exact: bool) -> LiteralString:
    """The aggregate function of percentiles, before its level."""
    return "quantileExactInclusive" if exact else "quantileTDigest"


@dataclass(frozen=True, slots=True)
class SeriesMetric:
    """`sql` is an aggregate over the events read, with {people}, {number} and {session} in it.

    `takes_number`: it needs a property. `empty`: what no events come to. `adds_up`: a larger one is more, so
    that values are ranked by it. `sorts`: it keeps every number to find its own.
    """

    name: str
    source: Source
    sql: LiteralString
    description: str
    takes_number: bool = False
    empty: float | None = 0
    adds_up: bool = True
    sorts: bool = False

    def over(self, plan: Plan, number: str | None, percentile: float, *, exact: bool) -> LiteralString:
        """The aggregate for one series; `exact` is for percentiles."""
        sql = self.sql.replace("{people}", plan.people()).replace("{session}", plan.session_id("e"))
        if number is not None:
            sql = sql.replace("{number}", number_sql(plan, number))
        if self.sorts:
            level = plan.binder.bind(percentile / 100, "Float64")
            sql = sql.replace("{quantile}", f"{quantile_sql(exact=exact)}({level})")
        return sql


def number_sql(plan: Plan, name: str) -> LiteralString:
    """A property or the revenue as a number; NULL where it is none; a text counts if it reads as one."""
    text = f"toFloat64OrNull({text_sql(name, plan.binder)})"
    return f"if(isFinite({text}), {text}, NULL)"


_PER_VISITOR: LiteralString = "if({people} = 0, NULL, {what} / {people})"

_ROWS = (
    SeriesMetric("total_events", "events", "count()", "matching events"),
    SeriesMetric("unique_visitors", "events", "{people}", "different people with a matching event"),
    SeriesMetric(
        "total_sessions", "sessions", "uniqExact({session})", "sessions that started, with a matching event"
    ),
    SeriesMetric(
        "events_per_visitor",
        "events",
        _PER_VISITOR.replace("{what}", "count()"),
        "matching events per person who has any, mean",
        empty=None,
        adds_up=False,
    ),
    SeriesMetric("sum", "events", "ifNull(sum({number}), 0)", "sum of the property", takes_number=True),
    SeriesMetric(
        "avg",
        "events",
        "avg({number})",
        "mean of the property over the events that have a number there",
        takes_number=True,
        empty=None,
        adds_up=False,
    ),
    SeriesMetric(
        "min", "events", "min({number})", "smallest number", takes_number=True, empty=None, adds_up=False
    ),
    SeriesMetric(
        "max", "events", "max({number})", "largest number", takes_number=True, empty=None, adds_up=False
    ),
    SeriesMetric(
        "median",
        "events",
        "{quantile}({number})",
        "the number in the middle; the mean of both where there are two",
        takes_number=True,
        empty=None,
        adds_up=False,
        sorts=True,
    ),
    SeriesMetric(
        "percentile",
        "events",
        "{quantile}({number})",
        "the number below which `percentile` percent are, interpolated between neighbours",
        takes_number=True,
        empty=None,
        adds_up=False,
        sorts=True,
    ),
    SeriesMetric(
        "sum_per_visitor",
        "events",
        _PER_VISITOR.replace("{what}", "ifNull(sum({number}), 0)"),
        "sum of the property per person with a matching event, mean",
        takes_number=True,
        empty=None,
        adds_up=False,
    ),
)

SERIES_METRICS: dict[str, SeriesMetric] = {metric.name: metric for metric in _ROWS}
