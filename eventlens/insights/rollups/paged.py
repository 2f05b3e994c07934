"""Pages from what was computed ahead, with raw rows in between.

Which pages are shown follows from numbers that add up; only their people are merged.
"""

from typing import Any, LiteralString, NamedTuple

from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.cover import Cover
from eventlens.insights.rollups.listed import cover_of_lists, rows_sql
from eventlens.insights.rollups.people import NOBODY, counted, exactly
from eventlens.store.base import Store

_COLUMNS: tuple[LiteralString, ...] = (
    "views",
    "sessions",
    "visitors",
    "entered",
    "bounced",
    "gaps",
    "spent",
)


class _Source(NamedTuple):
    """A list and what a page takes from it: counts by name, people, titles."""

    name: str
    counts: dict[str, LiteralString]
    people: bool
    titles: bool


_ENTERED: dict[str, LiteralString] = {"entered": "r.sessions", "bounced": "r.bounces"}
_OWN: dict[str, LiteralString] = {"sessions": "r.sessions", "visitors": "r.visitors"}
_VIEWS: dict[str, LiteralString] = {"views": "r.views", "gaps": "r.gaps", "spent": "r.spent"}

_SOURCES: dict[str, tuple[_Source, ...]] = {
    "top": (
        _Source("page", {**_VIEWS, **_OWN}, people=True, titles=True),
        _Source("page_entry", _ENTERED, people=False, titles=False),
    ),
    "entry": (
        _Source("page_entry", {**_OWN, **_ENTERED}, people=True, titles=True),
        _Source("page", _VIEWS, people=False, titles=True),
    ),
    "exit": (
        _Source("page_exit", _OWN, people=True, titles=True),
        _Source("page_entry", _ENTERED, people=False, titles=False),
        _Source("page", _VIEWS, people=False, titles=True),
    ),
}
"""By mode; the first list says which pages there are."""


def paged(
    store: Store, question: Question, mode: str, only: list[int] | None = None
) -> list[dict[str, Any]] | None:
    """The pages of a mode in order, as `pages` shows them; those of the keys `only`.

    None where raw rows should answer the question.
    """
    found = cover_of_lists(store, question)
    if found is None:
        return None
    plan = Plan(question)
    rows = plan.run(store, _sql(plan, found, mode, only)).dicts()
    exact = [row.pop("exact") for row in rows]
    question.trace.exact &= all(exact)
    return rows


def _sql(plan: Plan, found: Cover, mode: str, only: list[int] | None) -> LiteralString:
    sources = _SOURCES[mode]
    counts: LiteralString = "views" if mode == "top" else "sessions"
    if only is None:
        chosen: LiteralString = (
            f"r.key IN (SELECT * FROM ({_chosen_sql(plan, found, sources[0].name, counts)}))"
        )
    else:
        chosen = plan.binder.any_of("r.key", only, "UInt64")
    union: LiteralString = "\nUNION ALL\n".join(
        [_source_sql(plan, found, source, chosen) for source in sources]
    )
    return f"""SELECT p.page AS page, any(p.path) AS path, any(p.origin) AS origin,
  argMax(p.title, p.titled) AS title, sum(p.views) AS views, sum(p.sessions) AS sessions,
  least({counted("p.people")}, sum(p.visitors)) AS unique_visitors,
  if(sum(p.entered) = 0, 0, 100 * sum(p.bounced) / sum(p.entered)) AS bounce_rate,
  if(sum(p.gaps) = 0, NULL, sum(p.spent) / 1000 / sum(p.gaps)) AS avg_time_on_page,
  {exactly("p.people")} AS exact
FROM (
{union}) AS p
GROUP BY page
HAVING {counts} > 0
ORDER BY {counts} DESC, origin, path
{plan.page(all_rows=only is not None)}"""


def _chosen_sql(plan: Plan, found: Cover, name: str, counts: LiteralString) -> LiteralString:
    most = plan.binder.name("most", plan.question.limit + plan.question.offset, "UInt64")
    return f"""SELECT r.key FROM {rows_sql(plan, found, name, people=False, branches=1)} AS r
  GROUP BY r.key
  ORDER BY sum(r.{counts}) DESC LIMIT {most} WITH TIES"""


def _source_sql(plan: Plan, found: Cover, source: _Source, chosen: LiteralString) -> LiteralString:
    numbers: LiteralString = ", ".join([f"{source.counts.get(name, '0')} AS {name}" for name in _COLUMNS])
    titles: LiteralString = "r.title AS title, r.titled AS titled"
    if not source.titles:
        titles = "'' AS title, toDateTime64(0, 3, 'UTC') AS titled"
    people: LiteralString = "r.people" if source.people else f"(SELECT {NOBODY})"
    rows = rows_sql(plan, found, source.name, people=source.people)
    return f"""SELECT r.key AS page, r.first AS path, r.second AS origin, {titles},
  {numbers}, {people} AS people
FROM {rows} AS r
WHERE {chosen}"""
