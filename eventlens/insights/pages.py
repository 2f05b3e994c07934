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
    now = _rows(store, Plan(question), mode)
    rows = {page: ComparedPageRow(**structs.asdict(row)) for page, row in now.items()}
    if question.compared is not None and rows:
        then = _rows(store, Plan(question.previous()), mode, only=list(rows))
        for page, row in rows.items():
            row.previous = then.get(page)
            row.change = change(row, row.previous)
    return list(rows.values())


def _rows(
    store: Store, plan: Plan, mode: Mode, only: list[tuple[str, str]] | None = None
) -> dict[tuple[str, str], PageRow]:
    rows = plan.run(store, _sql(plan, mode, only)).dicts()
    return {(row["origin"], row["path"]): _row(row) for row in rows}


def _row(values: dict[str, Any]) -> PageRow:
    known: dict[str, Any] = {name: values[name] or None for name in ("path", "origin", "title")}
    return PageRow(**{**values, **known})


def _sql(plan: Plan, mode: Mode, only: list[tuple[str, str]] | None) -> LiteralString:
    """Branches of one shape, added up by page."""
    counted: LiteralString = "views" if mode == "top" else "sessions"
    having: LiteralString = f"{counted} > 0"
    if only is not None:
        having = f"(origin, path) IN {plan.pairs(only)} AND {having}"
    branches: list[LiteralString] = [
        _views_sql(plan, people=mode == "top"),
        _time_sql(plan),
        _entered_sql(plan),
    ]
    branches.append(_viewed_sessions_sql(plan) if mode == "top" else _edge_sql(plan, _EDGES[mode]))
    return f"""SELECT max(p.path) AS path, max(p.origin) AS origin, argMax(p.title, p.titled) AS title,
  sum(p.views) AS views, sum(p.sessions) AS sessions, sum(p.people) AS unique_visitors,
  if(sum(p.entered) = 0, 0, 100 * sum(p.bounced) / sum(p.entered)) AS bounce_rate,
  if(sum(p.gaps) = 0, NULL, sum(p.spent) / 1000 / sum(p.gaps)) AS avg_time_on_page
FROM (
{_UNION.join(branches)}) AS p
GROUP BY p.page
HAVING {having}
ORDER BY {counted} DESC, unique_visitors DESC, origin, path
{plan.page(all_rows=only is not None)}"""


VIEW: LiteralString = "screen_view"
_UNION: LiteralString = "\nUNION ALL\n"
_EDGES: dict[str, LiteralString] = {"entry": "entry", "exit": "exit"}
_NO_TITLE: LiteralString = "'' AS title, toDateTime64(0, 3, 'UTC') AS titled"


_COUNTS: tuple[LiteralString, ...] = ("views", "sessions", "people", "entered", "bounced", "gaps", "spent")


def _counts(**given: LiteralString) -> LiteralString:
    """The columns that branches have in common; zero where a branch counts nothing."""
    return ", ".join([f"{given.get(name, '0')} AS {name}" for name in _COUNTS])


def _views_sql(plan: Plan, *, people: bool) -> LiteralString:
    counted: LiteralString = plan.people() if people else "0"
    return f"""SELECT cityHash64(e.origin, e.path) AS page, any(e.origin) AS origin, any(e.path) AS path,
  argMaxIf(e.title, {plan.order("e.timestamp", "e.arrival")}, e.title != '') AS title,
  maxIf(e.timestamp, e.title != '') AS titled,
  {_counts(views="count()", people=counted)}{plan.events_where(plan.in_span, name=VIEW)}
GROUP BY page"""


def _viewed_sessions_sql(plan: Plan) -> LiteralString:
    sessions: LiteralString = f"uniqExact({plan.session_id('e')})"
    return f"""SELECT cityHash64(e.origin, e.path) AS page, any(e.origin) AS origin, any(e.path) AS path,
  {_NO_TITLE},
  {_counts(sessions=sessions)}{plan.events_where(plan.of_starting, people=False, name=VIEW)}
GROUP BY page"""


def _entered_sql(plan: Plan) -> LiteralString:
    return f"""SELECT cityHash64(s.entry_origin, s.entry_path) AS page, any(s.entry_origin) AS origin,
  any(s.entry_path) AS path, {_NO_TITLE},
  {_counts(entered="count()", bounced="countIf(s.screen_views = 1)")}{plan.sessions()}
  AND s.screen_views > 0
GROUP BY page"""


def _edge_sql(plan: Plan, edge: LiteralString) -> LiteralString:
    order: LiteralString = plan.order(f"s.{edge}_time", f"s.{edge}_arrival")
    return f"""SELECT cityHash64(s.{edge}_origin, s.{edge}_path) AS page, any(s.{edge}_origin) AS origin,
  any(s.{edge}_path) AS path,
  argMaxIf(s.{edge}_title, {order}, s.{edge}_title != '') AS title,
  maxIf(s.{edge}_time, s.{edge}_title != '') AS titled,
  {_counts(sessions="count()", people=plan.people("s.visitor"))}{plan.sessions(people=True)}
  AND s.screen_views > 0
GROUP BY page"""


def _time_sql(plan: Plan) -> LiteralString:
    """Milliseconds from each matching view to the next view of its session, wherever that one lies.

    Views of a session are collected in an array of fixed-size tuples, which is faster than a window.
    """
    first: LiteralString = f"""(SELECT min(e.session_start) FROM events AS e FINAL
    WHERE {plan.in_span} AND e.session_key != 0)"""
    sessions: LiteralString = f"""s.project_id = {plan.project}
    AND {plan.between("s.session_start", first, plan.end)}"""
    last: LiteralString = f"({plan.last_end(sessions)})"
    return f"""SELECT step.1 AS page, '' AS origin, '' AS path, {_NO_TITLE},
  {_counts(gaps="count()", spent="sum(step.2)")}
FROM (
  SELECT arraySort(groupArray((toUnixTimestamp64Milli(e.timestamp), e.arrival, cityHash64(e.origin, e.path),
      e.timestamp < {plan.end} AND {plan.matches}))) AS seen,
    arrayJoin(arrayFilter((step, counted) -> counted,
      arrayMap((view, next) -> (view.3, next.1 - view.1), arrayPopBack(seen), arrayPopFront(seen)),
      arrayMap(view -> view.4, arrayPopBack(seen)))) AS step
  FROM events AS e FINAL
  PREWHERE e.name = '{VIEW}'
  WHERE e.project_id = {plan.project} AND e.session_key != 0
    AND {plan.between("e.timestamp", plan.start, last)}
  GROUP BY {plan.session_id("e")}
  HAVING length(seen) > 1)
GROUP BY page"""
