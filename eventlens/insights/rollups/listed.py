"""Lists by value and of pages from what was computed ahead, with raw rows in between.

Merging sets of people is what costs. Of long lists only those of rows that may be shown are merged: a value
has at most as many visitors as its buckets have together. Where the first candidates do not suffice to be
sure of the order, all are.
"""

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

from eventlens.insights.metrics import Metric
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.branches import COUNTS, DIMENSION_LISTS, KEY, LISTS
from eventlens.insights.rollups.cover import Cover, cover, few_raw, raw_plans, versions_sql
from eventlens.insights.rollups.people import all_exact, corrected, estimated
from eventlens.store.base import Store

_SPARE = 20
"""Candidates beside twice as many as are shown."""

SERVED: dict[str, LiteralString] = {
    "unique_visitors": f"least({corrected('estimate')}, sum(r.visitors))",
    "total_sessions": "sum(r.sessions)",
    "total_screen_views": "sum(r.views)",
    "total_events": "sum(r.events)",
    "avg_session_duration": "if(sum(r.sessions) = 0, 0, sum(r.duration) / 1000 / sum(r.sessions))",
    "bounce_rate": "if(sum(r.sessions) = 0, 0, 100 * sum(r.bounces) / sum(r.sessions))",
    "views_per_session": "if(sum(r.sessions) = 0, 0, sum(r.session_views) / sum(r.sessions))",
}
"""`{metric: what it is of rows r of one value}`; `estimate` is that of their people."""

_PEOPLE = "unique_visitors"
_BOUND: LiteralString = "sum(r.visitors)"
"""Never less than `unique_visitors`, and known without merging anybody."""
_MERGED_AT_ONCE = 20_000
"""Rows whose sets are merged without further ado."""


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
    """What serves a list over the question's span; None where raw rows should, as with any filter."""
    if question.condition is not None:
        return None
    span = question.span
    found = cover(store, question, "rollup_lists", (span.start, span.end))
    return found if found is not None and few_raw(found) else None


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
        if only is not None or not self._people or self._rows <= _MERGED_AT_ONCE:
            return self._answer(self._run(only, page=only is None))
        wanted = self._question.limit + self._question.offset
        bounds = self._bounds(2 * wanted + _SPARE)
        rows = self._run(list(bounds), page=True)
        # Those left out have no higher bound than any candidate, but may tie with it.
        first = self._metrics[0].name
        if rows and len(bounds) >= 2 * wanted + _SPARE and rows[-1][first] <= min(bounds.values()):
            rows = self._run(None, page=True)
        return self._answer(rows)

    @property
    def _people(self) -> bool:
        return any(metric.name == _PEOPLE for metric in self._metrics)

    @property
    def _rows(self) -> int:
        """How many there are of the list in what was computed ahead."""
        name = DIMENSION_LISTS[self._dimension]
        return sum(piece.sizes.get(name, 0) for piece in self._found.pieces)

    def _answer(self, rows: list[dict[str, Any]]) -> Listed:
        if self._people:
            self._question.trace.exact &= all_exact(rows)
        return Listed(rows)

    def _run(self, only: list[int] | None, *, page: bool) -> list[dict[str, Any]]:
        plan = Plan(self._question)
        asked: LiteralString = ", ".join([f"{SERVED[each.name]} AS {each.name}" for each in self._metrics])
        order: LiteralString = ", ".join([f"{metric.name} DESC" for metric in self._metrics])
        where: LiteralString = "" if only is None else plan.binder.any_of("r.key", only, "UInt64")
        estimate: LiteralString = f"{estimated('r.people')} AS estimate, " if self._people else ""
        sql: LiteralString = f"""SELECT r.key AS key, any(r.first) AS first, any(r.second) AS second,
  {estimate}{asked}{rows_sql(plan, self._found, self._dimension, people=self._people, where=where)}
GROUP BY key
HAVING {self._having()}
ORDER BY {order}, first, second
{plan.page(all_rows=not page)}"""
        return plan.run(self._store, sql).dicts()

    def _bounds(self, most: int) -> dict[int, float]:
        """`{key: what the first metric is at most}` of the values with the highest."""
        plan = Plan(self._question)
        first = self._metrics[0].name
        bound = _BOUND if first == _PEOPLE else SERVED[first]
        sql: LiteralString = f"""SELECT r.key AS key, {bound} AS bound{
            rows_sql(plan, self._found, self._dimension, people=False)
        }
GROUP BY key
HAVING {self._having()}
ORDER BY bound DESC LIMIT {plan.binder.name("most", most, "UInt64")}"""
        return dict(plan.run(self._store, sql).rows)

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
    plan: Plan,
    found: Cover,
    *names: str,
    people: bool = True,
    branches: int | None = None,
    where: LiteralString = "",
) -> LiteralString:
    """FROM and WHERE of the rows `r` of some lists: those computed ahead and those made from raw rows.

    `branches`: only the first ones of these, where they have what is asked for.
    """
    shown: LiteralString = ", ".join([f"'{LISTS[name][0]}'" for name in names])
    ahead: LiteralString = f"""FROM rollup_rows AS r
WHERE r.project_id = {plan.project} AND r.list IN ({shown}) AND {versions_sql(plan.binder, found.pieces)}"""
    if not found.raw:
        return f"\n{ahead} AND {where}" if where else f"\n{ahead}"
    numbers: LiteralString = ", ".join(COUNTS)
    state: LiteralString = ", people" if people else ""
    columns: LiteralString = f"first, toString(second) AS second, title, titled, {numbers}{state}"
    sources: list[LiteralString] = [f"SELECT toString(list) AS list, key, {columns}\n{ahead}"]
    for part in raw_plans(plan, found):
        union: LiteralString = "\nUNION ALL\n".join(
            [branch(part) for name in names for branch in LISTS[name][1][:branches]]
        )
        sources.append(f"SELECT list, {KEY} AS key, {columns}\nFROM (\n{union})")
    together: LiteralString = "\nUNION ALL\n".join(sources)
    return f"\nFROM (\n{together}) AS r\nWHERE {where or 'true'}"
