"""`profiles/{id}`: a person, by any of its ids: who it is, what was said of it, what it did in all."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal, LiteralString, cast
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from eventlens.errors import NotFound
from eventlens.insights.answers import Meta
from eventlens.insights.event_rows import Revenue, Utm
from eventlens.insights.people import Person, of_person, require_person, visitor_id
from eventlens.insights.plan import Plan
from eventlens.insights.query import meta_of
from eventlens.insights.question import Question
from eventlens.insights.ranges import LAST_DATED, Span, iso
from eventlens.insights.traits import TRAITS, Said, what_was_said
from eventlens.store.base import Store


class Touch(Struct, rename="camel", kw_only=True):
    """Where somebody came from in one session, and when that began."""

    at: str
    entry_path: str | None
    referrer: str | None
    referrer_name: str | None
    referrer_type: str | None
    utm: Utm


class Membership(Struct, kw_only=True):
    """A group of somebody: since when."""

    id: str
    since: str


class Merge(Struct, rename="camel", kw_only=True):
    """A step by which ids became one person.

    `link`: a device was first seen identified as a profile; `joined` is false where the device belongs
    to the one as whom it was seen before. `alias`: `alias` was said to be another name of the profile.
    """

    kind: Literal["link", "alias"]
    at: str
    profile_id: str
    device_id: str | None
    alias: str | None
    joined: bool


class Profile(Struct, rename="camel", kw_only=True):
    """A person. `id` is what it is called by: its first profile, else its `visitorId`.

    Property names are dot paths; `properties` is nested accordingly. Numbers are of all its events;
    `country` to `device` are of the latest one that knows them.
    """

    id: str
    identified: bool
    visitor_id: str
    profile_ids: list[str]
    device_ids: list[str]
    first_name: str | None
    last_name: str | None
    email: str | None
    avatar: str | None
    properties: dict[str, Any]
    first_change: str | None
    last_change: str | None
    first_seen: str | None
    last_seen: str | None
    events: int
    screen_views: int
    sessions: int
    revenue: list[Revenue]
    country: str | None
    region: str | None
    city: str | None
    browser: str | None
    os: str | None
    device: str | None
    groups: list[Membership]
    first_touch: Touch | None
    last_touch: Touch | None
    history: list[Merge]


class ProfileMeta(Meta, kw_only=True):
    """`partial`: the profile has more ids or steps than are shown, or some are where no shard answers."""


class ProfileAnswer(Struct):
    """A profile, of all of time."""

    data: Profile
    meta: ProfileMeta


def number_of(store: Store, project_id: str, profile_id: str, property_name: str) -> bool:
    """Whether a property (a dot path) can be added to: it is a number, or not there yet. Raises NotFound."""
    said = what_was_said(store, project_id, {0: [profile_id]}).get(0)
    if said is None:
        raise NotFound("There is no such profile.")
    value: Any = said.properties
    for part in property_name.split("."):
        if not isinstance(value, dict):
            return False
        value = cast("dict[str, Any]", value).get(part)
        if value is None:
            return True
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def profile(store: Store, question: Question, any_id: str) -> ProfileAnswer:
    """The person of a profile id, an alias, a device id or a `visitorId`, whatever the question's span.

    Raises NotFound.
    """
    project_id, zone = question.project_id, question.zone
    person = require_person(store, project_id, any_id)
    plan = life_of(question, person)
    said = what_was_said(store, project_id, {person.key: person.profiles}).get(person.key)
    said = said or Said(dict.fromkeys(TRAITS), {}, 0, 0)
    numbers = plan.run(store, _numbers_sql(plan)).dicts()[0]
    first_touch, last_touch = _touches(store, plan, numbers)
    found = Profile(
        id=person.profiles[0] if person.profiles else visitor_id(person.key),
        identified=bool(person.profiles),
        visitor_id=visitor_id(person.key),
        profile_ids=list(person.profiles),
        device_ids=list(person.devices),
        **cast("dict[str, Any]", said.traits),
        properties=said.properties,
        first_change=_when(said.first_change, zone),
        last_change=_when(said.last_change, zone),
        first_seen=_when(numbers["first"], zone),
        last_seen=_when(numbers["last"], zone),
        events=numbers["events"],
        screen_views=numbers["views"],
        sessions=numbers["sessions"],
        revenue=[Revenue(amount, name or None) for name, amount in plan.run(store, _revenue_sql(plan)).rows],
        **{name: numbers[name] or None for name in LATEST},
        groups=[Membership(id=id_, since=iso(since, zone)) for id_, since in _groups(store, plan)],
        first_touch=first_touch,
        last_touch=last_touch,
        history=[_merge(step, zone) for step in person.steps],
    )
    meta = ProfileMeta(**structs.asdict(meta_of(question)))
    meta.partial = person.partial
    return ProfileAnswer(found, meta)


def life_of(question: Question, person: Person) -> Plan:
    """A plan of everything that a person ever did; `of_person` says which events are its."""
    plan = Plan(replace(question, span=Span(0, LAST_DATED), identified=False))
    plan.binder.name("person", person.key, "UInt64")
    return plan


def _when(milliseconds: int, zone: ZoneInfo) -> str | None:
    return iso(milliseconds, zone) if milliseconds else None


def _merge(step: Any, zone: ZoneInfo) -> Merge:
    return Merge(
        kind=step.kind,
        at=iso(step.at, zone),
        profile_id=step.profile_id,
        device_id=step.device_id,
        alias=step.alias,
        joined=step.joined,
    )


# --- SQL ---

LATEST: tuple[LiteralString, ...] = ("country", "region", "city", "browser", "os", "device")


def latest_columns(plan: Plan, only: LiteralString = "") -> LiteralString:
    """Those of LATEST, each of the latest event `e` that knows it; `only`: ` AND …`, of which events."""
    order: LiteralString = plan.order("e.timestamp", "e.arrival")
    return ",\n  ".join([f"argMaxIf(e.{name}, {order}, e.{name} != ''{only}) AS {name}" for name in LATEST])


def _source(plan: Plan) -> LiteralString:
    mine = of_person(plan, plan.binder.values["person"])
    return plan.events_where(plan.in_span, people=False, early=(mine,))


def _numbers_sql(plan: Plan) -> LiteralString:
    session: LiteralString = "(e.session_key, toUnixTimestamp64Milli(e.session_start))"
    order: LiteralString = plan.order("e.timestamp", "e.arrival")
    return f"""SELECT count() AS events, countIf(e.name = 'screen_view') AS views,
  uniqExactIf({plan.session_id("e")}, e.session_key != 0) AS sessions,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first, toUnixTimestamp64Milli(max(e.timestamp)) AS last,
  argMinIf({session}, {order}, e.session_key != 0) AS first_session,
  argMaxIf({session}, {order}, e.session_key != 0) AS last_session,
  {latest_columns(plan)}{_source(plan)}"""


def _revenue_sql(plan: Plan) -> LiteralString:
    return f"""SELECT e.currency, sum(toInt128(assumeNotNull(e.revenue))) AS amount{_source(plan)}
  AND isNotNull(e.revenue)
GROUP BY e.currency
ORDER BY e.currency"""


def _touches(store: Store, plan: Plan, numbers: dict[str, Any]) -> tuple[Touch | None, Touch | None]:
    """Where the sessions of somebody's first and last event came from; None without any session."""
    edges = (numbers["first_session"], numbers["last_session"])
    keys = plan.binder.bind([key for key, _ in edges], "Array(UInt64)")
    starts = plan.binder.bind([start for _, start in edges], "Array(Int64)")
    sql: LiteralString = f"""SELECT s.session_key AS key, toUnixTimestamp64Milli(s.session_start) AS at,
  s.entry_path AS path, s.referrer AS referrer, s.referrer_name AS referrer_name,
  s.referrer_type AS referrer_type, s.utm_source AS source, s.utm_medium AS medium,
  s.utm_campaign AS campaign, s.utm_term AS term, s.utm_content AS content
FROM sessions AS s FINAL
WHERE s.project_id = {plan.project} AND s.session_key IN {keys}
  AND (s.session_key, toUnixTimestamp64Milli(s.session_start)) IN arrayZip({keys}, {starts})"""
    rows = {(row["key"], row["at"]): row for row in plan.run(store, sql).dicts()}
    first, last = (rows.get(edge) for edge in edges)
    zone = plan.question.zone
    return (_touch(first, zone) if first else None, _touch(last, zone) if last else None)


def _touch(row: dict[str, Any], zone: ZoneInfo) -> Touch:
    return Touch(
        at=iso(row["at"], zone),
        entry_path=row["path"] or None,
        referrer=row["referrer"] or None,
        referrer_name=row["referrer_name"] or None,
        referrer_type=row["referrer_type"] or None,
        utm=Utm(**{name: row[name] or None for name in Utm.__struct_fields__}),
    )


def _groups(store: Store, plan: Plan) -> list[tuple[str, int]]:
    key = plan.binder.name("person", plan.binder.values["person"], "UInt64")
    sql: LiteralString = f"""SELECT group_id, toUnixTimestamp64Milli(min(since)) AS since
FROM group_members
WHERE project_id = {plan.project} AND (node = {key} OR node IN (
  SELECT node FROM identities FINAL WHERE project_id = {plan.project} AND person = {key}))
GROUP BY group_id
ORDER BY since, group_id
LIMIT 1000"""
    return [(name, since) for name, since in plan.run(store, sql).rows]
