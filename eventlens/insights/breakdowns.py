"""`referrers`, `devices`, `geo`, `breakdown`: numbers by the values of one or two dimensions.

A row's numbers are those of the same question with a filter on the row's value: a session counts in
the row of every value that any of its events has.
"""

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

from msgspec import UNSET, Struct, UnsetType

from eventlens.errors import InvalidInput
from eventlens.insights.answers import Change, change, relative
from eventlens.insights.dimensions import DIMENSIONS
from eventlens.insights.filters import of_session, text_sql
from eventlens.insights.metrics import METRICS, Metric
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.listed import listed
from eventlens.insights.values import typed_values
from eventlens.store.base import Store

Values = tuple[str, str]
"""The values of a row, '' where unknown or where there is no second dimension."""


class ValueRow(Struct, kw_only=True):
    """One value of a dimension; null: unknown (referrers: direct). Bounce rate in percent."""

    value: str | None
    unique_visitors: int
    sessions: int
    views: int
    bounce_rate: float


class ComparedValueRow(ValueRow, kw_only=True):
    """With `compare`, the row of the same value in the other span, null where there is none."""

    previous: ValueRow | UnsetType | None = UNSET
    change: Change | UnsetType = UNSET


BreakdownRow = dict[str, Any]
"""`values` (in the order of the dimensions, of the types that were sent) and the metrics by name; with
`compare` previous and change."""

_UNION: LiteralString = "\nUNION ALL\n"
_LIST_METRICS = ("unique_visitors", "total_sessions", "total_screen_views", "bounce_rate")


class Found(NamedTuple):
    """Numbers by values, in order, and the keys of those values to ask for them again."""

    rows: dict[Values, dict[str, Any]]
    keys: list[int]


def by_value(store: Store, question: Question, dimension: str) -> list[ComparedValueRow]:
    """Rows of one dimension, most visitors first; ties by sessions, views, then value."""
    metrics = tuple(METRICS[name] for name in _LIST_METRICS)
    now = _rows(Plan(question), (dimension,), metrics, store)
    rows = {key: _value_row(ComparedValueRow, key, numbers) for key, numbers in now.rows.items()}
    if question.compared is not None:
        then = _rows(Plan(question.previous()), (dimension,), metrics, store, only=now.keys).rows
        for key, row in rows.items():
            row.previous = _value_row(ValueRow, key, then[key]) if key in then else None
            row.change = change(row, row.previous)
    return list(rows.values())


def breakdown(
    store: Store, question: Question, dimensions: Sequence[str], metrics: Sequence[str]
) -> list[BreakdownRow]:
    """Rows of one or two dimensions or properties, the largest of the first metric first."""
    asked = tuple(METRICS[name] for name in metrics)
    for metric in asked:
        if metric.per is not None and metric.per not in dimensions:
            raise InvalidInput(
                f"{metric.name} adds up by {metric.per} only: name it as a dimension.", field="metrics"
            )
    now = _rows(Plan(question), dimensions, asked, store)
    typed = [
        typed_values(store, question, name, {key[place] for key in now.rows})
        for place, name in enumerate(dimensions)
    ]
    rows = {
        key: {"values": [types[value] for types, value in zip(typed, key, strict=False)], **numbers}
        for key, numbers in now.rows.items()
    }
    if question.compared is not None:
        then = _rows(Plan(question.previous()), dimensions, asked, store, only=now.keys).rows
        for key, row in rows.items():
            previous = then.get(key)
            row["change"] = {
                name: relative(number, previous[name] if previous else None)
                for name, number in now.rows[key].items()
            }
            row["previous"] = previous and {"values": row["values"], **previous}
    return list(rows.values())


def read_metrics(text: str) -> tuple[str, ...]:
    """Names from `metrics=unique_visitors,bounce_rate`. Raises InvalidInput."""
    found = tuple(text.split(","))
    for name in found:
        if name not in METRICS:
            raise InvalidInput(
                f"Unknown metric {name[:100]!r}; one of {', '.join(METRICS)}.", field="metrics"
            )
    if len(set(found)) < len(found):
        raise InvalidInput("A metric is given twice.", field="metrics")
    return found


def _value_row(kind: type[Any], key: Values, numbers: dict[str, Any]) -> Any:
    return kind(
        value=key[0] or None,
        unique_visitors=numbers["unique_visitors"],
        sessions=numbers["total_sessions"],
        views=numbers["total_screen_views"],
        bounce_rate=numbers["bounce_rate"],
    )


def _rows(
    plan: Plan,
    dimensions: Sequence[str],
    metrics: Sequence[Metric],
    store: Store,
    only: list[int] | None = None,
) -> Found:
    """What there is of the values `only`, where given, else the question's page of values."""
    if only == []:
        return Found({}, [])
    if len(dimensions) == 1:
        ahead = listed(store, plan.question, dimensions[0], metrics, only)
        if ahead is not None:
            return _found(ahead.rows)
    return _found(plan.run(store, _sql(plan, dimensions, metrics, only)).dicts())


def _found(rows: list[dict[str, Any]]) -> Found:
    keys = [row.pop("key") for row in rows]
    return Found({(row.pop("first"), row.pop("second")): row for row in rows}, keys)


def _sql(
    plan: Plan, dimensions: Sequence[str], metrics: Sequence[Metric], only: list[int] | None
) -> LiteralString:
    sums: LiteralString = ", ".join([f"sum({metric.name}) AS {metric.name}" for metric in metrics])
    order: LiteralString = ", ".join([f"{metric.name} DESC" for metric in metrics])
    if _in_one_reading(plan, dimensions, metrics):
        return f"""{_once_sql(plan, dimensions, metrics, only)}
ORDER BY {order}, first, second
{plan.page(all_rows=only is not None)}"""
    having: LiteralString = ""
    if only is not None:
        having = f"\nHAVING {plan.binder.any_of('key', only, 'UInt64')}"
    builders = {"events": _events_sql, "sessions": _sessions_sql}
    sources: list[LiteralString] = [
        build(plan, dimensions, metrics)
        for source, build in builders.items()
        if any(metric.source == source for metric in metrics)
    ]
    return f"""SELECT first, second, cityHash64(first, second) AS key, {sums} FROM (
{_UNION.join(sources)})
GROUP BY first, second{having}
ORDER BY {order}, first, second
{plan.page(all_rows=only is not None)}"""


def _values_sql(plan: Plan, dimensions: Sequence[str], alias: LiteralString) -> LiteralString:
    first, second = _texts(plan, dimensions, alias)
    return f"toString({first}) AS first, toString({second}) AS second"


def _texts(
    plan: Plan, dimensions: Sequence[str], alias: LiteralString
) -> tuple[LiteralString, LiteralString]:
    """The values of the dimensions as they are stored."""
    first = text_sql(dimensions[0], plan.binder, alias)
    return first, text_sql(dimensions[1], plan.binder, alias) if len(dimensions) > 1 else "''"


def _columns(plan: Plan, metrics: Sequence[Metric], source: str) -> LiteralString:
    """The metrics of one source, zeros in the place of the others."""
    return ",\n  ".join(
        [f"{plan.metric(metric) if metric.source == source else '0'} AS {metric.name}" for metric in metrics]
    )


def _events_sql(plan: Plan, dimensions: Sequence[str], metrics: Sequence[Metric]) -> LiteralString:
    return f"""SELECT {_values_sql(plan, dimensions, "e")},
  {_columns(plan, metrics, "events")}{plan.events}
GROUP BY first, second"""


def _sessions_sql(plan: Plan, dimensions: Sequence[str], metrics: Sequence[Metric]) -> LiteralString:
    columns = _columns(plan, metrics, "sessions")
    if all(name in DIMENSIONS and DIMENSIONS[name].of_session for name in dimensions):
        return f"""SELECT {_values_sql(plan, dimensions, "s")},
  {columns}{plan.sessions()}
GROUP BY first, second"""
    return f"""SELECT v.first AS first, v.second AS second,
  {columns}
FROM (
  SELECT DISTINCT {_values_sql(plan, dimensions, "e")}, {plan.session_id("e")} AS session
  {plan.events_where(plan.of_starting, people=False)}) AS v
INNER JOIN (
  SELECT {plan.session_id("s")} AS session, s.session_start AS session_start, s.session_end AS session_end,
    s.screen_views AS screen_views
  FROM sessions AS s FINAL
  WHERE {plan.starting}) AS s USING (session)
GROUP BY first, second"""


def _in_one_reading(plan: Plan, dimensions: Sequence[str], metrics: Sequence[Metric]) -> bool:
    """Whether events tell all there is to tell, and sessions would not tell it faster."""
    if any(metric.once is None for metric in metrics) or all(each.source == "events" for each in metrics):
        return False
    condition = plan.question.condition
    by_session = all(name in DIMENSIONS and DIMENSIONS[name].of_session for name in dimensions)
    return not by_session or (condition is not None and not of_session(condition))


def _once_sql(
    plan: Plan, dimensions: Sequence[str], metrics: Sequence[Metric], only: list[int] | None
) -> LiteralString:
    """Events and sessions by value in one reading of the events of both."""
    session = plan.session_id("e")
    words: dict[LiteralString, LiteralString] = {
        "{person}": plan.person(),
        "{session}": session,
        "{counts}": f"e.timestamp < {plan.end}",
        "{starts}": plan.starts("e"),
        "{single}": f"""{session} IN (SELECT {plan.session_id("s")} FROM sessions AS s FINAL
    WHERE {plan.starting} AND s.screen_views = 1)""",
    }

    def once(metric: Metric) -> LiteralString:
        sql = metric.once
        assert sql is not None
        for word, meant in words.items():
            sql = sql.replace(word, meant)
        return sql

    columns: LiteralString = ",\n  ".join([f"{once(metric)} AS {metric.name}" for metric in metrics])
    people = any("{person}" in (metric.once or "") for metric in metrics)
    source = plan.events_where(plan.of_either, people=people)
    shown: list[LiteralString] = []
    if any(metric.source == "events" for metric in metrics):
        shown.append(f"countIf({words['{counts}']}) > 0")
    shown.append(f"countIf({words['{starts}']}) > 0")
    names: LiteralString = ", ".join([f"v.{metric.name} AS {metric.name}" for metric in metrics])
    chosen: LiteralString = "" if only is None else f"\nWHERE {plan.binder.any_of('key', only, 'UInt64')}"
    first, second = _texts(plan, dimensions, "e")
    return f"""SELECT toString(v.a) AS first, toString(v.b) AS second, cityHash64(first, second) AS key,
  {names}
FROM (
SELECT {first} AS a, {second} AS b,
  {columns}{source}
GROUP BY a, b
HAVING {" OR ".join(shown)}) AS v{chosen}"""
