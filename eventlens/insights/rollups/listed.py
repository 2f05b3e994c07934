"""Lists by value and of pages from what was computed ahead, with raw rows in between.

Sets of people are 12 KiB each and merging them is what costs, so only those of rows that may be shown are
merged: a value has at most as many visitors as its buckets have together. Where the first candidates do not
suffice to be sure of the order, all that may still matter are taken.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, LiteralString, NamedTuple

from eventlens.insights.metrics import Metric
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.insights.rollups.branches import COUNTS, DIMENSION_LISTS, KEY, LISTS
from eventlens.insights.rollups.cover import Cover, cover
from eventlens.insights.rollups.people import counted, exactly
from eventlens.store.base import Store

_MOST_RAW = 4
"""Raw spans between what was computed ahead; with more of them raw rows answer the question alone."""

_SPARE = 20
"""Candidates beside twice as many as are shown."""

_SUFFIXES: tuple[LiteralString, ...] = ("_a", "_b", "_c", "_d")

SERVED: dict[str, LiteralString] = {
    "unique_visitors": f"least({counted('r.people')}, sum(r.visitors))",
    "total_sessions": "sum(r.sessions)",
    "total_screen_views": "sum(r.views)",
    "total_events": "sum(r.events)",
    "avg_session_duration": "if(sum(r.sessions) = 0, 0, sum(r.duration) / 1000 / sum(r.sessions))",
    "bounce_rate": "if(sum(r.sessions) = 0, 0, 100 * sum(r.bounces) / sum(r.sessions))",
    "views_per_session": "if(sum(r.sessions) = 0, 0, sum(r.session_views) / sum(r.sessions))",
}
"""`{metric: what it is of rows r of one value}`."""

_PEOPLE = "unique_visitors"
_BOUND: LiteralString = "sum(if(r.ahead, r.visitors, r.events))"
"""Never less than `unique_visitors`, and known without merging anybody."""


class Listed(NamedTuple):
    """Rows in order: first, second, key and the metrics by name."""

    rows: list[dict[str, Any]]


def listed(
    store: Store, question: Question, dimension: str, metrics: Sequence[Metric], only: list[int] | None
) -> Listed | None:
    """The values of a dimension with their metrics, as `breakdowns` orders them; those of the keys `only`.

    None where raw rows should answer the question.
    """
    if dimension not in DIMENSION_LISTS or any(metric.name not in SERVED for metric in metrics):
        return None
    found = cover_of_lists(store, question)
    if found is None:
        return None
    return _List(store, question, found, dimension, metrics).ask(only)


def cover_of_lists(store: Store, question: Question) -> Cover | None:
    """What serves a list over the question's span; None where raw rows should."""
    span = question.span
    found = cover(store, question, "rollup_lists", (span.start, span.end))
    return found if found is not None and len(found.raw) <= _MOST_RAW else None


class _List:
    def __init__(
        self, store: Store, question: Question, found: Cover, dimension: str, metrics: Sequence[Metric]
    ) -> None:
        self._store = store
        self._question = question
        self._found = found
        self._dimension = dimension
        self._metrics = metrics

    def ask(self, only: list[int] | None) -> Listed:
        wanted = self._question.limit + self._question.offset
        if only is not None or all(metric.name != _PEOPLE for metric in self._metrics):
            return self._answer(self._run(None, None, only))
        first = self._metrics[0].name
        rows = self._run(2 * wanted + _SPARE, None, None)
        last = rows[-1] if rows else None
        # Those left out have a lower bound than every candidate.
        if last is not None and last["candidates"] >= 2 * wanted + _SPARE and last[first] < last["least"]:
            rows = self._run(None, last[first], None)
        return self._answer(rows)

    def _answer(self, rows: list[dict[str, Any]]) -> Listed:
        for row in rows:
            self._question.trace.exact &= bool(row.pop("exact"))
            for name in ("candidates", "least"):
                row.pop(name)
        return Listed(rows)

    def _run(self, most: int | None, least: float | None, only: list[int] | None) -> list[dict[str, Any]]:
        plan = Plan(self._question)
        asked: LiteralString = ", ".join([f"{SERVED[each.name]} AS {each.name}" for each in self._metrics])
        order: LiteralString = ", ".join([f"{metric.name} DESC" for metric in self._metrics])
        people = any(metric.name == _PEOPLE for metric in self._metrics)
        exact: LiteralString = exactly("r.people") if people else "true"
        bound = self._bound()
        sql: LiteralString = f"""SELECT any(r.first) AS first, any(r.second) AS second, r.key AS key,
  {asked},
  {exact} AS exact, count() OVER () AS candidates, min({bound}) OVER () AS least
FROM {rows_sql(plan, self._found, self._dimension, people=people)} AS r{self._where(plan, most, least, only)}
GROUP BY key
HAVING {self._having()}
ORDER BY {order}, first, second
{plan.page(all_rows=only is not None)}"""
        return plan.run(self._store, sql).dicts()

    def _bound(self) -> LiteralString:
        first = self._metrics[0].name
        return _BOUND if first == _PEOPLE else SERVED[first]

    def _where(
        self, plan: Plan, most: int | None, least: float | None, only: list[int] | None
    ) -> LiteralString:
        if only is not None:
            return f"\nWHERE {plan.binder.any_of('r.key', only, 'UInt64')}"
        if most is None and least is None:
            return ""
        source = rows_sql(plan, self._found, self._dimension, people=False)
        if least is not None:
            kept: LiteralString = f"HAVING {self._bound()} >= {plan.binder.name('least', least, 'Float64')}"
        else:
            number = plan.binder.name("most", most, "UInt64")
            kept = f"HAVING {self._having()}\nORDER BY {self._bound()} DESC LIMIT {number} WITH TIES"
        return f"""
WHERE r.key IN (SELECT r.key FROM {source} AS r
  GROUP BY r.key
  {kept})"""

    def _having(self) -> LiteralString:
        """Whether raw rows would show a value: only where what is counted has any."""
        sources = {metric.source for metric in self._metrics}
        parts: list[LiteralString] = []
        if "events" in sources:
            parts.append("sum(r.events) > 0")
        if "sessions" in sources:
            parts.append("sum(r.sessions) > 0")
        return f"({' OR '.join(parts)})"


def rows_sql(
    plan: Plan, found: Cover, name: str, *, people: bool = True, branches: int | None = None
) -> LiteralString:
    """The rows of a list, in parentheses: those computed ahead and those made from raw rows.

    `branches`: only the first ones of these, where they have what is asked for.
    """
    shown, all_branches = LISTS[name]
    state: LiteralString = ", people" if people else ""
    numbers: LiteralString = ", ".join(COUNTS)
    sources: list[LiteralString] = [
        f"""SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, {numbers}{state}
FROM rollup_rows
WHERE project_id = {plan.project} AND list = '{shown}' AND {_pieces(plan, found)}"""
    ]
    for span, suffix in zip(found.raw, _SUFFIXES, strict=False):
        part = _part(plan, span, suffix)
        union: LiteralString = "\nUNION ALL\n".join([branch(part) for branch in all_branches[:branches]])
        sources.append(
            f"""SELECT 0 AS ahead, {KEY} AS key, first, second, title, titled, {numbers}{state}
FROM (
{union})"""
        )
    return "(\n" + "\nUNION ALL\n".join(sources) + ")"


def _part(plan: Plan, span: Span, suffix: LiteralString) -> Plan:
    return Plan(replace(plan.question, span=span), plan.binder, suffix)


def _pieces(plan: Plan, found: Cover) -> LiteralString:
    """True for the rows of some pieces; each has a version of its own."""
    versions = plan.binder.any_of("version", [piece.version for piece in found.pieces], "UInt64")
    first = plan.instant("first_piece", found.pieces[0].start)
    last = plan.instant("last_piece", found.pieces[-1].start)
    return f"bucket_start >= {first} AND bucket_start <= {last} AND {versions}"
