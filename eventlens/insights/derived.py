"""`session_start` and `session_end`: events that nobody sent, made from sessions when somebody asks.

They are in no number. They carry what their session carries; the first has the page on which the session
began, the last that on which it ended. Filters look at them as at any event; they have no properties.
"""

from collections.abc import Iterable
from typing import Literal, LiteralString, get_args

from eventlens.insights.event_rows import END, EVENT_COLUMNS, START, EventRow, Position, event_row
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.store.base import Store

Derived = Literal["session_start", "session_end"]
DERIVED: tuple[Derived, ...] = get_args(Derived)

_RANKS: dict[Derived, LiteralString] = {"session_start": "0", "session_end": "2"}
_PLACES: dict[Derived, tuple[LiteralString, LiteralString, LiteralString]] = {
    "session_start": ("'session_start'", "session_start", "entry"),
    "session_end": ("'session_end'", "session_end", "exit"),
}


def derived_from(plan: Plan, kind: Derived) -> LiteralString:
    """SELECT of the places (at, rank, number) of the matching derived events `e` of the span."""
    return f"""SELECT
  toUnixTimestamp64Milli(e.timestamp) AS at, {_RANKS[kind]} AS rank, e.session_key AS number
FROM ({_as_events(plan, kind)}) AS e
WHERE {plan.matches}"""


def derived_rows(store: Store, question: Question, positions: Iterable[Position]) -> dict[Position, EventRow]:
    """The derived events at some places, whole."""
    found: dict[Position, EventRow] = {}
    ranks: dict[Derived, int] = {"session_start": START, "session_end": END}
    for kind, rank in ranks.items():
        places = sorted(place for place in positions if place.rank == rank)
        if not places:
            continue
        span = Span(places[0].timestamp, places[-1].timestamp + 1)
        plan = Plan(question)
        plan.start, plan.end = plan.instant("start", span.start), plan.instant("end", span.end)
        keys = plan.binder.any_of("e.session_key", [place.number for place in places], "UInt64")
        sql: LiteralString = f"""SELECT {EVENT_COLUMNS}, {plan.person()} AS person
FROM ({_as_events(plan, kind)}) AS e{plan.join_people("e.visitor")}
WHERE {keys}"""
        for row in plan.run(store, sql).dicts():
            shown = event_row(row, question.project_id, question.zone)
            shown.id = f"{kind}-{shown.session_id}"
            found[Position(row["at"], rank, row["session_key"])] = shown
    return found


def _as_events(plan: Plan, kind: Derived) -> LiteralString:
    """Sessions whose edge lies in the span, with the columns of events."""
    name, time, page = _PLACES[kind]
    # Only a session's start is in the sort key; one that ends in the span may have begun at any time before.
    within: LiteralString = (
        plan.between("s.session_start", plan.start, plan.end)
        if kind == "session_start"
        else f"s.session_end >= {plan.start} AND s.session_end < {plan.end} AND s.session_start < {plan.end}"
    )
    return f"""SELECT {name} AS name, s.{time} AS timestamp, toUInt64(0) AS arrival, '' AS id,
    s.session_key AS session_key, s.session_start AS session_start, s.session_id AS session_id,
    s.project_id AS project_id, s.device_id AS device_id, s.profile_id AS profile_id, s.visitor AS visitor,
    s.{page}_path AS path, s.{page}_origin AS origin, s.{page}_title AS title, '' AS query, '' AS hash,
    '' AS language, '' AS screen, '' AS sdk, '' AS sdk_version, '{{}}' AS properties,
    CAST([], 'Array(String)') AS groups, CAST(NULL, 'Nullable(Int64)') AS revenue, '' AS currency,
    s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
    s.utm_source AS utm_source, s.utm_medium AS utm_medium, s.utm_campaign AS utm_campaign,
    s.utm_term AS utm_term, s.utm_content AS utm_content,
    s.click_id_name AS click_id_name, s.click_id AS click_id,
    s.country AS country, s.region AS region, s.city AS city, s.browser AS browser,
    s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version, s.device AS device,
    s.brand AS brand, s.model AS model
  FROM sessions AS s FINAL
  WHERE s.project_id = {plan.project} AND {within}"""
