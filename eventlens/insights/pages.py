"""`pages`: one row per origin and path, of the pages that were viewed, entered or left.

Whatever the mode: `views` and `avg_time_on_page` are of the matching views in the span, `bounce_rate`
is of the sessions that entered there, `title` is the latest one. `sessions` and `unique_visitors` are
those that viewed the page (top), entered there (entry) or left from there (exit).
"""

from typing import Any, Literal, LiteralString, get_args

from msgspec import UNSET, Struct, UnsetType, structs

from eventlens.insights.answers import Change, change
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.paged import paged
from eventlens.store.base import Store

Mode = Literal["top", "entry", "exit"]
MODES: tuple[Mode, ...] = get_args(Mode)


class PageRow(Struct, kw_only=True):
    """Bounce rate in percent; time on page in seconds, null where no view was followed by another."""

    path: str | None
    origin: str | None
    title: str | None
    views: int
    sessions: int
    unique_visitors: int
    bounce_rate: float
    avg_time_on_page: float | None


class ComparedPageRow(PageRow, kw_only=True):
    """With `compare`, the row of the same page in the other span, null where there is none."""

    previous: PageRow | UnsetType | None = UNSET
    change: Change | UnsetType = UNSET


def pages(store: Store, question: Question, mode: Mode) -> list[ComparedPageRow]:
    """Rows of pages, most views (top) or sessions (entry, exit) first; ties by origin and path."""
    now = _first_rows(store, question, mode)
    rows = [ComparedPageRow(**structs.asdict(row)) for row in now.values()]
    if rows and question.compared is not None:
        then = _rows(store, question.previous(), mode, list(now))
        for page, row in zip(now, rows, strict=True):
            row.previous = then.get(page)
            row.change = change(row, row.previous)
    return rows


def _first_rows(store: Store, question: Question, mode: Mode) -> dict[int, PageRow]:
    """The question's page of pages, in order."""
    ahead = paged(store, question, mode)
    if ahead is not None:
        return _keyed(ahead)
    plan = Plan(question)
    chosen = [row[0] for row in plan.run(store, _chosen_sql(plan, mode)).rows]
    if not chosen:
        return {}
    found = _keyed(plan.run(store, _details_sql(plan, mode, chosen)).dicts())
    # A page may have lost its last exit since it was chosen: a visit that ended there goes on.
    return {page: found[page] for page in chosen if page in found}


def _rows(store: Store, question: Question, mode: Mode, chosen: list[int]) -> dict[int, PageRow]:
    rows = paged(store, question, mode, chosen)
    if rows is None:
        plan = Plan(question)
        rows = plan.run(store, _details_sql(plan, mode, chosen)).dicts()
    return _keyed(rows)


def _keyed(rows: list[dict[str, Any]]) -> dict[int, PageRow]:
    return {row.pop("page"): _row(row) for row in rows}


def _row(values: dict[str, Any]) -> PageRow:
    known: dict[str, Any] = {name: values[name] or None for name in ("path", "origin", "title")}
    return PageRow(**{**values, **known})


# --- SQL: which pages, then everything about those ---

_VIEW: LiteralString = "e.name = 'screen_view'"
_PAGE: LiteralString = "cityHash64(e.origin, e.path)"
_UNION: LiteralString = "\nUNION ALL\n"
_EDGES: dict[str, LiteralString] = {"entry": "entry", "exit": "exit"}
_NO_TITLE: LiteralString = "'' AS title, toDateTime64(0, 3, 'UTC') AS titled"
_COUNTS: tuple[LiteralString, ...] = ("views", "sessions", "people", "entered", "bounced", "gaps", "spent")


def _chosen_sql(plan: Plan, mode: Mode) -> LiteralString:
    if mode == "top":
        page, origin, path = _PAGE, "e.origin", "e.path"
        source: LiteralString = plan.events_where(plan.in_span, people=False, early=(_VIEW,))
    else:
        origin, path = f"s.{_EDGES[mode]}_origin", f"s.{_EDGES[mode]}_path"
        page = f"cityHash64({origin}, {path})"
        source = f"{plan.sessions()}\n  AND s.screen_views > 0"
    return f"""SELECT {page} AS page, any({origin}) AS origin, any({path}) AS path{source}
GROUP BY page
ORDER BY count() DESC, origin, path
{plan.page()}"""


def _details_sql(plan: Plan, mode: Mode, chosen: list[int]) -> LiteralString:
    """Branches of one shape, added up by page."""
    counted: LiteralString = "views" if mode == "top" else "sessions"
    branches: list[LiteralString] = [
        _viewed_sql(plan, chosen) if mode == "top" else _views_sql(plan, chosen),
        _time_sql(plan, chosen),
        _entered_sql(plan, chosen),
    ]
    if mode != "top":
        branches.append(_edge_sql(plan, chosen, _EDGES[mode]))
    return f"""SELECT p.page AS page,
  max(p.path) AS path, max(p.origin) AS origin, argMax(p.title, p.titled) AS title,
  sum(p.views) AS views, sum(p.sessions) AS sessions, sum(p.people) AS unique_visitors,
  if(sum(p.entered) = 0, 0, 100 * sum(p.bounced) / sum(p.entered)) AS bounce_rate,
  if(sum(p.gaps) = 0, NULL, sum(p.spent) / 1000 / sum(p.gaps)) AS avg_time_on_page
FROM (
{_UNION.join(branches)}) AS p
GROUP BY page
HAVING {counted} > 0"""


def _among(plan: Plan, page: LiteralString, chosen: list[int]) -> LiteralString:
    return plan.binder.any_of(page, chosen, "UInt64")


def _counts(**given: LiteralString) -> LiteralString:
    """The columns that branches have in common; zero where a branch counts nothing."""
    return ", ".join([f"{given.get(name, '0')} AS {name}" for name in _COUNTS])


def _views_sql(plan: Plan, chosen: list[int]) -> LiteralString:
    order: LiteralString = plan.order("e.timestamp", "e.arrival")
    early = (_VIEW, _among(plan, _PAGE, chosen))
    return f"""SELECT {_PAGE} AS page, any(e.origin) AS origin, any(e.path) AS path,
  argMaxIf(e.title, {order}, e.title != '') AS title, maxIf(e.timestamp, e.title != '') AS titled,
  {_counts(views="count()")}{plan.events_where(plan.in_span, people=False, early=early)}
GROUP BY page"""


def _viewed_sql(plan: Plan, chosen: list[int]) -> LiteralString:
    """Views with their people, and the sessions that have any, in one reading of the events of both."""
    order: LiteralString = plan.order("e.timestamp", "e.arrival")
    counts: LiteralString = f"e.timestamp < {plan.end}"
    titled: LiteralString = f"e.title != '' AND {counts}"
    numbers = _counts(
        views=f"countIf({counts})",
        people=f"uniqExactIf({plan.person()}, e.visitor != 0 AND {counts})",
        sessions=f"uniqExactIf({plan.session_id('e')}, {plan.starts('e')})",
    )
    source = plan.events_where(plan.of_either, early=(_VIEW, _among(plan, _PAGE, chosen)))
    return f"""SELECT {_PAGE} AS page, any(e.origin) AS origin, any(e.path) AS path,
  argMaxIf(e.title, {order}, {titled}) AS title, maxIf(e.timestamp, {titled}) AS titled,
  {numbers}{source}
GROUP BY page"""


def _entered_sql(plan: Plan, chosen: list[int]) -> LiteralString:
    return f"""SELECT cityHash64(s.entry_origin, s.entry_path) AS page, '' AS origin, '' AS path, {_NO_TITLE},
  {_counts(entered="count()", bounced="countIf(s.screen_views = 1)")}{plan.sessions()}
  AND s.screen_views > 0 AND {_among(plan, "page", chosen)}
GROUP BY page"""


def _edge_sql(plan: Plan, chosen: list[int], edge: LiteralString) -> LiteralString:
    order: LiteralString = plan.order(f"s.{edge}_time", f"s.{edge}_arrival")
    return f"""SELECT cityHash64(s.{edge}_origin, s.{edge}_path) AS page,
  any(s.{edge}_origin) AS origin, any(s.{edge}_path) AS path,
  argMaxIf(s.{edge}_title, {order}, s.{edge}_title != '') AS title,
  maxIf(s.{edge}_time, s.{edge}_title != '') AS titled,
  {_counts(sessions="count()", people=plan.people("s.visitor"))}{plan.sessions(people=True)}
  AND s.screen_views > 0 AND {_among(plan, "page", chosen)}
GROUP BY page"""


def _time_sql(plan: Plan, chosen: list[int]) -> LiteralString:
    return f"""SELECT step.1 AS page, '' AS origin, '' AS path, {_NO_TITLE},
  {_counts(gaps="count()", spent="sum(step.2)")}
{plan.steps(_PAGE)}
WHERE {_among(plan, "page", chosen)}
GROUP BY page"""
