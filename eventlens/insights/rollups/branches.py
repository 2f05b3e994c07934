"""The lists that are computed ahead, as SELECTs over the raw rows of a plan's span.

Each list is a union of branches of one shape, the columns of `rollup_rows`; what one branch does not count is
zero there. The builder stores their sums, questions read them for what is not stored.
"""

from collections.abc import Callable, Sequence
from typing import LiteralString

from eventlens.insights.dimensions import DIMENSIONS, names
from eventlens.insights.metrics import DURATION_MS
from eventlens.insights.plan import Plan
from eventlens.insights.rollups.people import NOBODY

COUNTS: tuple[LiteralString, ...] = (
    "events",
    "views",
    "sessions",
    "bounces",
    "duration",
    "session_views",
    "gaps",
    "spent",
    "visitors",
)
"""The columns that add up over buckets."""

VIEW: LiteralString = "e.name = 'screen_view'"
_NO_TITLE: LiteralString = "'' AS title, toDateTime64(0, 3, 'UTC') AS titled"
_SESSION: dict[str, LiteralString] = {
    "sessions": "count()",
    "bounces": "countIf(s.screen_views = 1)",
    "duration": f"toUInt64(sum({DURATION_MS}))",
    "session_views": "sum(s.screen_views)",
}

Branch = Callable[[Plan], LiteralString]


def shaped(
    named: LiteralString,
    first: LiteralString,
    second: LiteralString = "''",
    *,
    title: LiteralString = _NO_TITLE,
    people: LiteralString = NOBODY,
    **counts: LiteralString,
) -> LiteralString:
    """The columns of a branch; `named` is the list's name."""
    numbers: LiteralString = ", ".join([f"{counts.get(name, '0')} AS {name}" for name in COUNTS])
    return f"""{named} AS list, {first} AS first, {second} AS second, {title},
  {numbers},
  {people} AS people"""


_GROUPED: LiteralString = "\nGROUP BY list, first, second"


# --- by the values of dimensions: several at once, because reading is what costs ---


def _named(columns: Sequence[LiteralString], alias: LiteralString) -> tuple[LiteralString, LiteralString]:
    """The name of a list and the value: of one column, or of several one after another."""
    if len(columns) == 1:
        return f"'{columns[0]}'", f"toString({alias}.{columns[0]})"
    pairs: LiteralString = ", ".join([f"('{column}', toString({alias}.{column}))" for column in columns])
    return f"tupleElement(arrayJoin([{pairs}]) AS pair, 1)", "tupleElement(pair, 2)"


def _events_by(*columns: LiteralString) -> Branch:
    def branch(plan: Plan) -> LiteralString:
        shown = shaped(
            *_named(columns, "e"),
            events="count()",
            views=f"countIf({VIEW})",
            visitors=plan.people(),
            people=plan.people_state(),
        )
        return f"SELECT {shown}{plan.events}{_GROUPED}"

    return branch


def _sessions_by(*columns: LiteralString) -> Branch:
    """Of columns that sessions have."""

    def branch(plan: Plan) -> LiteralString:
        return f"SELECT {shaped(*_named(columns, 's'), **_SESSION)}{plan.sessions()}{_GROUPED}"

    return branch


def _sessions_of_events_by(*columns: LiteralString) -> Branch:
    """Of columns that events have: a session counts for each value of its events."""

    def branch(plan: Plan) -> LiteralString:
        named, value = _named(columns, "e")
        return f"""SELECT {shaped("v.named", "v.value", **_SESSION)}
FROM (
  SELECT DISTINCT {named} AS named, {value} AS value, {plan.session_id("e")} AS session
  {plan.events_where(plan.of_starting, people=False)}) AS v
INNER JOIN (
  SELECT {plan.session_id("s")} AS session, s.session_start AS session_start, s.session_end AS session_end,
    s.screen_views AS screen_views
  FROM sessions AS s FINAL
  WHERE {plan.starting}) AS s USING (session){_GROUPED}"""

    return branch


# --- pages: first is the path, second the origin ---


def _viewed(plan: Plan) -> LiteralString:
    order: LiteralString = plan.order("e.timestamp", "e.arrival")
    columns = shaped(
        "'page'",
        "e.path",
        "toString(e.origin)",
        title=f"""argMaxIf(e.title, {order}, e.title != '') AS title,
  maxIf(e.timestamp, e.title != '') AS titled""",
        events="count()",
        views="count()",
        visitors=plan.people(),
        people=plan.people_state(),
    )
    return f"SELECT {columns}{plan.events_where(plan.in_span, early=(VIEW,))}{_GROUPED}"


def _viewing_sessions(plan: Plan) -> LiteralString:
    columns = shaped("'page'", "e.path", "toString(e.origin)", sessions=f"uniqExact({plan.session_id('e')})")
    source = plan.events_where(plan.of_starting, people=False, early=(VIEW,))
    return f"SELECT {columns}{source}{_GROUPED}"


def _time_on_page(plan: Plan) -> LiteralString:
    columns = shaped(
        "'page'",
        "tupleElement(step.1, 2)",
        "tupleElement(step.1, 1)",
        gaps="count()",
        spent="toUInt64(sum(step.2))",
    )
    return f"SELECT {columns}\n{plan.steps('(toString(e.origin), e.path)')}{_GROUPED}"


def _edge(edge: LiteralString) -> Branch:
    def branch(plan: Plan) -> LiteralString:
        order: LiteralString = plan.order(f"s.{edge}_time", f"s.{edge}_arrival")
        columns = shaped(
            f"'page_{edge}'",
            f"s.{edge}_path",
            f"toString(s.{edge}_origin)",
            title=f"""argMaxIf(s.{edge}_title, {order}, s.{edge}_title != '') AS title,
  maxIf(s.{edge}_time, s.{edge}_title != '') AS titled""",
            sessions="count()",
            bounces="countIf(s.screen_views = 1)",
            visitors=plan.people("s.visitor"),
            people=plan.people_state("s.visitor"),
        )
        return f"""SELECT {columns}{plan.sessions(people=True)}
  AND s.screen_views > 0{_GROUPED}"""

    return branch


_OTHERS = ("click_id_name", "click_id")
"""Of the referrer's dimensions: rarely looked at, and mostly different in every session."""

DIMENSION_LISTS: dict[str, LiteralString] = {
    name: DIMENSIONS[name].column
    for name in ("name", *names("referrer", "geo", "device"))
    if name not in _OTHERS
}
"""`{dimension: its column}` of those whose lists are computed ahead."""

_OF_SESSION: tuple[LiteralString, ...] = tuple(
    column for name, column in DIMENSION_LISTS.items() if DIMENSIONS[name].of_session
)
_OF_EVENT: tuple[LiteralString, ...] = tuple(
    column for name, column in DIMENSION_LISTS.items() if not DIMENSIONS[name].of_session
)
_PAGES: dict[LiteralString, tuple[Branch, ...]] = {
    "page": (_viewed, _viewing_sessions, _time_on_page),
    "page_entry": (_edge("entry"),),
    "page_exit": (_edge("exit"),),
}

_AT_ONCE = 4
"""Dimensions of events in one statement: it holds every session once for each of their values."""

TOGETHER: tuple[tuple[Branch, ...], ...] = (
    (_events_by(*_OF_SESSION), _sessions_by(*_OF_SESSION)),
    *(
        (_events_by(*some), _sessions_of_events_by(*some))
        for some in (_OF_EVENT[at : at + _AT_ONCE] for at in range(0, len(_OF_EVENT), _AT_ONCE))
    ),
    *_PAGES.values(),
)
"""All lists, each whole within one of these groups of branches, so that a value has one row."""

LISTS: dict[str, tuple[LiteralString, tuple[Branch, ...]]] = {
    **{
        column: (
            column,
            (_events_by(column), (_sessions_by if column in _OF_SESSION else _sessions_of_events_by)(column)),
        )
        for column in DIMENSION_LISTS.values()
    },
    **{name: (name, branches) for name, branches in _PAGES.items()},
}
"""`{list: (its name in SQL, its branches)}`."""

KEY: LiteralString = "if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second))"
"""The key of a row, from its texts; the same as in the reports that answer from raw rows."""
