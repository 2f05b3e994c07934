"""Pages from what was computed ahead, with raw rows in between.

Which pages are shown follows from numbers that add up; only their people are merged.
"""

from typing import Any, LiteralString, NamedTuple

from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.cover import Cover
from eventlens.insights.rollups.listed import cover_of_lists, rows_sql
from eventlens.insights.rollups.people import all_exact, corrected, estimated
from eventlens.store.base import Store


class _Mode(NamedTuple):
    """`pages`: the list that says which there are. `lists`: all that tell something of them. `titled`: rows
    that know a title.
    """

    pages: LiteralString
    lists: tuple[str, ...]
    titled: LiteralString


_MODES: dict[str, _Mode] = {
    "top": _Mode("page", ("page", "page_entry"), "r.list = 'page'"),
    "entry": _Mode("page_entry", ("page_entry", "page"), "true"),
    "exit": _Mode("page_exit", ("page_exit", "page_entry", "page"), "r.list != 'page_entry'"),
}


def paged(
    store: Store, question: Question, mode: str, only: list[int] | None = None
) -> list[dict[str, Any]] | None:
    """The pages of a mode in order, as `pages` shows them; those of the keys `only`.

    None where raw rows should answer the question.
    """
    found = cover_of_lists(store, question)
    if found is None:
        return None
    if only is None:
        plan = Plan(question)
        only = [key for (key,) in plan.run(store, _chosen_sql(plan, found, mode)).rows]
    if not only:
        return []
    plan = Plan(question)
    rows = plan.run(store, _sql(plan, found, mode, only)).dicts()
    question.trace.exact &= all_exact(rows)
    for row in rows:
        del row["entered"], row["gaps"]
    return rows


def _sql(plan: Plan, found: Cover, mode: str, only: list[int]) -> LiteralString:
    pages, lists, titled = _MODES[mode]
    chosen = plan.binder.any_of("r.key", only, "UInt64")
    own: LiteralString = f"r.list = '{pages}'"
    entry: LiteralString = "r.list = 'page_entry'"
    seen: LiteralString = "r.list = 'page'"
    return f"""SELECT r.key AS page, any(r.first) AS path, any(r.second) AS origin,
  argMaxIf(r.title, r.titled, {titled}) AS title,
  sumIf(r.views, {seen}) AS views, sumIf(r.sessions, {own}) AS sessions,
  {estimated("r.people", own)} AS estimate,
  least({corrected("estimate")}, sumIf(r.visitors, {own})) AS unique_visitors,
  sumIf(r.sessions, {entry}) AS entered, sumIf(r.gaps, {seen}) AS gaps,
  if(entered = 0, 0, 100 * sumIf(r.bounces, {entry}) / entered) AS bounce_rate,
  if(gaps = 0, NULL, sumIf(r.spent, {seen}) / 1000 / gaps) AS avg_time_on_page{
        rows_sql(plan, found, *lists, where=chosen)
    }
GROUP BY page
HAVING {_counts(mode)} > 0
ORDER BY {_counts(mode)} DESC, origin, path"""


def _counts(mode: str) -> LiteralString:
    """What pages are ordered by."""
    return "views" if mode == "top" else "sessions"


def _chosen_sql(plan: Plan, found: Cover, mode: str) -> LiteralString:
    return f"""SELECT r.key AS page{rows_sql(plan, found, _MODES[mode].pages, people=False, branches=1)}
GROUP BY page
HAVING sum(r.{_counts(mode)}) > 0
ORDER BY sum(r.{_counts(mode)}) DESC, any(r.second), any(r.first)
{plan.page()}"""
