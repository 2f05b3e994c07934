"""An event as it is shown, one shape for every list of events."""

from collections.abc import Iterable
from typing import Any, LiteralString, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from eventlens.insights.people import persons_of
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import iso
from eventlens.sessions import session_name
from eventlens.store.base import Store


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
    """An event's place in time: derived starts of sessions before events, ends after them.

    `number` breaks ties: an event's arrival, a derived event's session key.
    """

    timestamp: int
    rank: int
    number: int


START, EVENT, END = 0, 1, 2
"""Ranks: a session's derived start, an event that was sent, a session's derived end."""


def event_rows(store: Store, question: Question, positions: Iterable[Position]) -> dict[Position, EventRow]:
    """The sent events at some places, whole."""
    places = sorted(place for place in positions if place.rank == EVENT)
    if not places:
        return {}
    plan = Plan(question)
    first = plan.instant("first", places[0].timestamp)
    last = plan.instant("last", places[-1].timestamp + 1)
    arrivals = plan.binder.any_of("e.arrival", [place.number for place in places], "UInt64")
    sql: LiteralString = f"""SELECT {EVENT_COLUMNS}, e.visitor AS person
FROM events AS e FINAL
PREWHERE {arrivals}
WHERE e.project_id = {plan.project} AND {plan.between("e.timestamp", first, last)}"""
    rows = plan.run(store, sql).dicts()
    with_people(store, question, rows)
    return {
        Position(row["at"], EVENT, row["arrival"]): event_row(row, question.project_id, question.zone)
        for row in rows
    }


def with_people(store: Store, question: Question, rows: list[dict[str, Any]]) -> None:
    """Turn each row's `person` from a visitor's node into its person: for few rows cheaper than a join."""
    if not question.identified:
        return
    persons = persons_of(store, question.project_id, {row["person"] for row in rows if row["person"]})
    for row in rows:
        row["person"] = persons.get(row["person"], row["person"])


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
EVENT_COLUMNS: LiteralString = """e.id AS id, e.arrival AS arrival, e.name AS name,
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


def event_row(row: dict[str, Any], project_id: str, zone: ZoneInfo) -> EventRow:
    """The row of what `EVENT_COLUMNS` and `person` say of an event."""
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
