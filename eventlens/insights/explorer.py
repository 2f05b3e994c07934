"""`events`: single events, newest first, page by page without gaps or repeats.

A page is found in two steps: its (timestamp, arrival) pairs from narrow columns, looking back in
growing strides so that a project with much traffic reads only its last hour; then its rows whole.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, LiteralString, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from eventlens.insights.cursors import read_place, write_place
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import DAY, Span, iso
from eventlens.sessions import session_name
from eventlens.store.base import Store

_STRIDES = (DAY // 24, DAY, 7 * DAY)
"""How far back to look first, second, third (milliseconds); then the whole rest at once."""


class Utm(Struct):
    """Campaign of the event's session."""

    source: str | None
    medium: str | None
    campaign: str | None
    term: str | None
    content: str | None


class Revenue(Struct):
    """`amount` in minor units of `currency` (ISO 4217)."""

    amount: int
    currency: str | None


class EventRow(Struct, rename="camel", kw_only=True):
    """One event. `timestamp` is ISO 8601 with the zone's offset; unknown values are null."""

    id: str
    name: str
    timestamp: str
    device_id: str | None
    session_id: str | None
    profile_id: str | None
    visitor_id: str | None
    path: str | None
    origin: str | None
    query: str | None
    hash: str | None
    title: str | None
    referrer: str | None
    referrer_name: str | None
    referrer_type: str | None
    utm: Utm
    country: str | None
    region: str | None
    city: str | None
    browser: str | None
    browser_version: str | None
    os: str | None
    os_version: str | None
    device: str | None
    brand: str | None
    model: str | None
    properties: msgspec.Raw
    groups: list[str]
    revenue: Revenue | None


class Position(NamedTuple):
    """An event's place in the list: newest first means largest first."""

    timestamp: int
    arrival: int


class EventPage(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    rows: list[EventRow]
    next_cursor: str | None


def events(store: Store, question: Question, after: Position | None = None) -> EventPage:
    """The matching events that follow `after` in the list, at most the question's limit."""
    found = _positions(store, question, after)
    here, more = found[: question.limit], len(found) > question.limit
    rows = _rows(store, question, here)
    return EventPage(rows, write_cursor(here[-1]) if more else None)


def write_cursor(position: Position) -> str:
    """An opaque text for a place in the list."""
    return write_place(*position)


def read_cursor(text: str) -> Position:
    """The place that a cursor names. Raises InvalidInput."""
    return Position(*read_place(text, (14, 20)))


def _positions(store: Store, question: Question, after: Position | None) -> list[Position]:
    """Up to one more than the limit, so that the caller sees whether there is a next page."""
    wanted = question.limit + 1
    found: list[Position] = []
    for window in _windows(question, after):
        plan = Plan(replace(question, span=window))
        rows = plan.run(store, _positions_sql(plan, after, wanted - len(found))).rows
        found += [Position(*row) for row in rows]
        if len(found) >= wanted:
            break
    return found


def _positions_sql(plan: Plan, after: Position | None, limit: int) -> LiteralString:
    where: LiteralString = plan.in_span
    if after is not None:
        at = plan.instant("after", after.timestamp)
        arrival = plan.binder.name("arrival", after.arrival, "UInt64")
        where = f"{where}\n  AND (e.timestamp, e.arrival) < ({at}, {arrival})"
    return f"""SELECT toUnixTimestamp64Milli(e.timestamp) AS at, e.arrival AS arrival{
        plan.events_where(where, people=False)
    }
ORDER BY e.timestamp DESC, e.arrival DESC
LIMIT {plan.binder.name("limit", limit, "UInt64")}"""


def _windows(question: Question, after: Position | None) -> Iterator[Span]:
    """Half-open windows from the newest to the oldest that together cover the span up to the cursor."""
    start, high = question.span.start, question.span.end
    if after is not None:
        high = min(high, after.timestamp + 1)
    for stride in (*_STRIDES, high):
        low = max(start, high - stride)
        if low < high:
            yield Span(low, high)
        high = low


def _rows(store: Store, question: Question, positions: list[Position]) -> list[EventRow]:
    if not positions:
        return []
    plan = Plan(question)
    first = plan.instant("first", positions[-1].timestamp)
    last = plan.instant("last", positions[0].timestamp + 1)
    arrivals = plan.binder.any_of("e.arrival", [position.arrival for position in positions], "UInt64")
    sql: LiteralString = f"""SELECT {_COLUMNS}, {plan.person()} AS person
FROM events AS e FINAL{plan.join_people("e.visitor")}
PREWHERE {arrivals}
WHERE e.project_id = {plan.project} AND {plan.between("e.timestamp", first, last)}
ORDER BY e.timestamp DESC, e.arrival DESC"""
    return [_row(row, question.project_id, question.zone) for row in plan.run(store, sql).dicts()]


_TEXTS = (
    "device_id",
    "profile_id",
    "path",
    "origin",
    "query",
    "hash",
    "title",
    "referrer",
    "referrer_name",
    "referrer_type",
    "country",
    "region",
    "city",
    "browser",
    "browser_version",
    "os",
    "os_version",
    "device",
    "brand",
    "model",
)
_COLUMNS: LiteralString = """e.id AS id, e.arrival AS arrival, e.name AS name,
  toUnixTimestamp64Milli(e.timestamp) AS at,
  e.device_id AS device_id, e.profile_id AS profile_id, e.session_key AS session_key,
  toUnixTimestamp64Milli(e.session_start) AS session_start, e.session_id AS session_id,
  e.path AS path, e.origin AS origin, e.query AS query, e.hash AS hash, e.title AS title,
  e.referrer AS referrer, e.referrer_name AS referrer_name, e.referrer_type AS referrer_type,
  e.utm_source AS source, e.utm_medium AS medium, e.utm_campaign AS campaign, e.utm_term AS term,
  e.utm_content AS content, e.country AS country, e.region AS region, e.city AS city, e.browser AS browser,
  e.browser_version AS browser_version, e.os AS os, e.os_version AS os_version, e.device AS device,
  e.brand AS brand, e.model AS model, e.groups AS groups, e.revenue AS revenue, e.currency AS currency,
  e.properties AS properties"""


def _session_id(project_id: str, row: dict[str, Any]) -> str | None:
    """The client's own, else the session's name; None outside of any session."""
    key: int = row["session_key"]
    if key == 0:
        return None
    return row["session_id"] or session_name(project_id, key, row["session_start"])


def _row(row: dict[str, Any], project_id: str, zone: ZoneInfo) -> EventRow:
    return EventRow(
        **{name: row[name] or None for name in _TEXTS},
        name=row["name"],
        id=row["id"] or f"e{row['arrival']:x}",
        timestamp=iso(row["at"], zone),
        session_id=_session_id(project_id, row),
        visitor_id=f"{row['person']:016x}" if row["person"] else None,
        utm=Utm(**{name: row[name] or None for name in Utm.__struct_fields__}),
        properties=msgspec.Raw(row["properties"].encode() or b"{}"),
        groups=list(row["groups"]),
        revenue=None if row["revenue"] is None else Revenue(row["revenue"], row["currency"] or None),
    )
