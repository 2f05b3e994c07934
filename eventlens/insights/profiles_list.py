"""`profiles`: people with a matching event in the span, a page at a time, and who of them is searched for.

A page is found in two steps: the people in their order from narrow columns, then their rows whole. A list
is of one moment: its cursor holds the newest arrival that the first page saw, and whatever arrives later
is in no other page, so that nobody moves from one page to another while somebody reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, LiteralString, NamedTuple, cast, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct

from eventlens.insights.cursors import read_cursor, write_cursor
from eventlens.insights.event_rows import Revenue
from eventlens.insights.people import profiles_of, spoken_of, visitor_id
from eventlens.insights.plan import Plan
from eventlens.insights.profiles import LATEST, latest_columns
from eventlens.insights.question import Question
from eventlens.insights.ranges import iso
from eventlens.insights.traits import TRAITS, Said, what_was_said
from eventlens.nodes import device_node, profile_node
from eventlens.store.base import Store

Sort = Literal["lastSeen", "firstSeen", "events", "sessions"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Identified = Literal["all", "true", "false"]
IDENTIFIED: tuple[Identified, ...] = get_args(Identified)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people, and in which order. `search`: a part of an id, a name or any text of a profile."""

    sort: Sort = "lastSeen"
    order: Literal["desc", "asc"] = "desc"
    identified: Identified = "all"
    search: str | None = None

    @property
    def kind(self) -> str:
        """What cursors of this list are called."""
        return f"profiles-{self.sort}-{self.order}"


class ProfilePlace(NamedTuple):
    """A person's place in a list, and the newest arrival that the list knows of."""

    value: int
    person: int
    newest: int


class ProfileRow(Struct, rename="camel", kw_only=True):
    """A person. `id` is what it is called by: its first profile, else its `visitorId`.

    What it did is of the matching events in the span: `firstSeen` and `lastSeen` are the first and last of
    them, `devices` counts device ids, `country` to `device` are of the latest one that knows them. All of
    it is null or 0 where only its profile was changed. `properties` are as they are now.
    """

    id: str
    identified: bool
    visitor_id: str
    profile_ids: list[str]
    first_name: str | None
    last_name: str | None
    email: str | None
    avatar: str | None
    properties: dict[str, Any]
    first_seen: str | None
    last_seen: str | None
    events: int
    screen_views: int
    sessions: int
    revenue: list[Revenue]
    devices: int
    country: str | None
    region: str | None
    city: str | None
    browser: str | None
    os: str | None
    device: str | None


class ProfilePage(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    rows: list[ProfileRow]
    next_cursor: str | None


def profiles(
    store: Store, question: Question, wanted: Wanted, after: ProfilePlace | None = None
) -> ProfilePage:
    """The people who follow `after`, at most the question's limit."""
    newest = after.newest if after is not None else _newest(store, question)
    plan = Plan(question)
    rows = plan.run(store, _page_sql(plan, wanted, after, newest)).rows
    here = rows[: question.limit]
    found = _rows(store, question, [person for person, _ in here], newest)
    cursor = None
    if len(rows) > len(here):
        person, value = here[-1]
        cursor = write_cursor(wanted.kind, value, person, newest)
    return ProfilePage(found, cursor)


def everybody(
    store: Store, question: Question, wanted: Wanted, at_once: int = 50_000
) -> Iterator[list[ProfileRow]]:
    """All pages one after the other. Their order is worked out for `at_once` people at a time."""
    newest = _newest(store, question)
    after: ProfilePlace | None = None
    while True:
        plan = Plan(replace(question, limit=at_once))
        found = plan.run(store, _page_sql(plan, wanted, after, newest)).rows
        here = [person for person, _ in found[:at_once]]
        for at in range(0, len(here), question.limit):
            yield _rows(store, question, here[at : at + question.limit], newest)
        if len(found) <= at_once:
            return
        person, value = found[at_once - 1]
        after = ProfilePlace(value, person, newest)


def read_profile_cursor(text: str, wanted: Wanted) -> ProfilePlace:
    """The place that a cursor names. Raises InvalidInput."""
    return ProfilePlace(*read_cursor(text, wanted.kind, 3))


# --- who, in order ---

_VALUES: dict[Sort, LiteralString] = {
    "lastSeen": "toUInt64(toUnixTimestamp64Milli(max(e.timestamp)))",
    "firstSeen": "toUInt64(toUnixTimestamp64Milli(min(e.timestamp)))",
    "events": "count()",
}


def _newest(store: Store, question: Question) -> int:
    plan = Plan(question)
    sql: LiteralString = f"""SELECT greatest(
  (SELECT max(e.arrival) FROM events AS e WHERE {plan.in_span}),
  (SELECT max(arrival) FROM profile_changes WHERE project_id = {plan.project}))"""
    return int(plan.run(store, sql).rows[0][0])


def _until(plan: Plan, newest: int, column: LiteralString = "e.arrival") -> LiteralString:
    return f"{column} <= {plan.binder.name('newest', newest, 'UInt64')}"


def _page_sql(plan: Plan, wanted: Wanted, after: ProfilePlace | None, newest: int) -> LiteralString:
    sources: list[LiteralString] = [_senders_sql(plan, wanted, newest)]
    if plan.question.condition is None and wanted.identified != "false":
        sources.append(_spoken_of_sql(plan, wanted, newest))
    source: LiteralString = "\nUNION ALL\n".join(sources)
    way: LiteralString = "DESC" if wanted.order == "desc" else "ASC"
    having: LiteralString = ""
    if after is not None:
        sign: LiteralString = "<" if wanted.order == "desc" else ">"
        value = plan.binder.name("value", after.value, "UInt64")
        person = plan.binder.name("after", after.person, "UInt64")
        having = f"\nHAVING (place, person) {sign} ({value}, {person})"
    return f"""SELECT person, max(value) AS place FROM (
{source})
GROUP BY person{having}
ORDER BY place {way}, person {way}
LIMIT {plan.binder.name("limit", plan.question.limit + 1, "UInt64")}"""


def _senders_sql(plan: Plan, wanted: Wanted, newest: int) -> LiteralString:
    """Who did something that matches."""
    tests: list[LiteralString] = ["e.visitor != 0"]
    if wanted.identified != "all":
        known: LiteralString = "e.profile_id != ''"
        if plan.question.identified:
            known = f"(i.person != 0 OR {known})"
        tests.append(known if wanted.identified == "true" else f"NOT {known}")
    if wanted.search is not None:
        tests.append(f"{plan.person()} IN ({_searched_sql(plan, wanted.search)})")
    test: LiteralString = "\n  AND ".join(tests)
    early = _until(plan, newest)
    if wanted.sort == "sessions":
        source = plan.events_where(_span_of_sessions(plan), early=(early,))
        return f"""SELECT {plan.person()} AS person, {_sessions(plan)} AS value{source}
  AND {test}
GROUP BY person
HAVING countIf({_inside(plan)}) > 0"""
    return f"""SELECT {plan.person()} AS person, {_VALUES[wanted.sort]} AS value{
        plan.events_where(plan.in_span, early=(early,))
    }
  AND {test}
GROUP BY person"""


def _spoken_of_sql(plan: Plan, wanted: Wanted, newest: int) -> LiteralString:
    """Whose profile was changed."""
    test: LiteralString = ""
    if wanted.search is not None:
        test = f"\n  AND {plan.person('c.node')} IN ({_searched_sql(plan, wanted.search)})"
    return f"""SELECT DISTINCT {plan.person("c.node")} AS person, 0 AS value
FROM profile_changes AS c{plan.join_people("c.node")}
WHERE c.project_id = {plan.project} AND c.node != 0 AND {_until(plan, newest, "c.arrival")}
  AND c.timestamp >= {plan.start} AND c.timestamp < {plan.end}{test}"""


def _span_of_sessions(plan: Plan) -> LiteralString:
    """All events of the span and of the sessions that start in it."""
    last: LiteralString = f"greatest({plan.end}, ({plan.last_end(plan.starting)}))"
    return f"e.project_id = {plan.project}\n  AND {plan.between('e.timestamp', plan.start, last)}"


def _inside(plan: Plan) -> LiteralString:
    return f"e.timestamp < {plan.end}"


def _sessions(plan: Plan) -> LiteralString:
    """How many sessions that start in the span have a matching event of somebody."""
    starts: LiteralString = f"e.session_start >= {plan.start} AND e.session_start < {plan.end}"
    return f"uniqExactIf({plan.session_id('e')}, e.session_key != 0 AND {starts})"


# --- search ---


def _searched_sql(plan: Plan, text: str) -> LiteralString:
    """SELECT of the persons of whom any id, name or property has the text in it; case does not matter."""
    search = plan.binder.name("search", text, "String")
    exact = [profile_node(text), device_node(text)]
    if len(text) == 16 and not text.strip("0123456789abcdef"):
        exact.append(int(text, 16))
    nodes = plan.binder.name("searched", exact, "Array(UInt64)")
    project = plan.project
    found: LiteralString = f"""SELECT node FROM (
      SELECT node, argMax(value, (timestamp, arrival)) AS newest
      FROM profile_changes
      WHERE project_id = {project} AND node != 0 AND operation = 'set'
      GROUP BY node, property)
    WHERE {_has("if(JSONType(newest) = 'String', JSONExtractString(newest), newest)", search)}
    UNION ALL
    SELECT node FROM (
      SELECT node, argMaxIf(value, (timestamp, arrival), property = '$firstName') AS first,
        argMaxIf(value, (timestamp, arrival), property = '$lastName') AS last
      FROM profile_changes
      WHERE project_id = {project} AND node != 0 AND property IN ('$firstName', '$lastName')
      GROUP BY node)
    WHERE {_has("concat(JSONExtractString(first), ' ', JSONExtractString(last))", search)}
    UNION ALL
    SELECT node FROM profile_changes
    WHERE project_id = {project} AND node != 0 AND {_has("profile_id", search)}
    UNION ALL
    SELECT profile FROM identity_links WHERE project_id = {project} AND {_has("profile_id", search)}
    UNION ALL
    SELECT profile FROM identity_aliases WHERE project_id = {project} AND {_has("profile_id", search)}
    UNION ALL
    SELECT alias FROM identity_aliases WHERE project_id = {project} AND {_has("alias_id", search)}
    UNION ALL
    SELECT e.visitor FROM events AS e WHERE {plan.in_span} AND {_has("e.profile_id", search)}
    UNION ALL
    SELECT arrayJoin({nodes})"""
    if not plan.question.identified:
        return found
    return f"""
    SELECT if(wi.person = 0, w.node, wi.person) FROM (
    {found}) AS w
    LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project}) AS wi
      ON wi.node = w.node"""


def _has(text: LiteralString, search: LiteralString) -> LiteralString:
    return f"positionCaseInsensitiveUTF8({text}, {search}) > 0"


# --- their rows ---


def _rows(store: Store, question: Question, people: list[int], newest: int) -> list[ProfileRow]:
    if not people:
        return []
    numbers = _numbers(store, question, people, newest)
    names = profiles_of(store, question.project_id, people)
    for person in people:
        if person not in names and person in numbers and numbers[person]["profile"]:
            names[person] = [numbers[person]["profile"]]
    names |= spoken_of(store, question.project_id, [person for person in people if person not in names])
    said = what_was_said(store, question.project_id, names)
    revenue = _revenue(store, question, people, newest) if any(n["paid"] for n in numbers.values()) else {}
    return [
        _row(person, names.get(person, []), numbers.get(person), said.get(person), revenue, question.zone)
        for person in people
    ]


def _row(
    person: int,
    names: list[str],
    numbers: dict[str, Any] | None,
    said: Said | None,
    revenue: dict[int, list[Revenue]],
    zone: ZoneInfo,
) -> ProfileRow:
    numbers = numbers or {}
    said = said or Said(dict.fromkeys(TRAITS), {}, 0, 0)
    return ProfileRow(
        id=names[0] if names else visitor_id(person),
        identified=bool(names),
        visitor_id=visitor_id(person),
        profile_ids=names,
        **cast("dict[str, Any]", said.traits),
        properties=said.properties,
        first_seen=iso(numbers["first"], zone) if numbers else None,
        last_seen=iso(numbers["last"], zone) if numbers else None,
        events=numbers.get("events", 0),
        screen_views=numbers.get("views", 0),
        sessions=numbers.get("sessions", 0),
        revenue=revenue.get(person, []),
        devices=numbers.get("devices", 0),
        **{name: numbers.get(name) or None for name in LATEST},
    )


def _source(plan: Plan, people: list[int], newest: int, where: LiteralString) -> LiteralString:
    """FROM and WHERE of what these people did. Their nodes first: that needs no look-up of anybody."""
    keys = plan.binder.any_of("person", people, "UInt64")
    among = plan.binder.any_of("e.visitor", people, "UInt64")
    nodes: LiteralString = f"""({among} OR e.visitor IN (
    SELECT node FROM identities FINAL WHERE project_id = {plan.project} AND {keys}))"""
    return plan.events_where(where, early=(nodes, _until(plan, newest)))


def _numbers(store: Store, question: Question, people: list[int], newest: int) -> dict[int, dict[str, Any]]:
    plan = Plan(question)
    inside = _inside(plan)
    sql: LiteralString = f"""SELECT {plan.person()} AS key, countIf({inside}) AS events,
  countIf(e.name = 'screen_view' AND {inside}) AS views, {_sessions(plan)} AS sessions,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first,
  toUnixTimestamp64Milli(maxIf(e.timestamp, {inside})) AS last,
  uniqExactIf(e.device_id, e.device_id != '' AND {inside}) AS devices,
  countIf(isNotNull(e.revenue) AND {inside}) AS paid, max(e.profile_id) AS profile,
  {latest_columns(plan, f" AND {inside}")}{_source(plan, people, newest, _span_of_sessions(plan))}
GROUP BY key
HAVING events > 0"""
    return {row["key"]: row for row in plan.run(store, sql).dicts()}


def _revenue(store: Store, question: Question, people: list[int], newest: int) -> dict[int, list[Revenue]]:
    plan = Plan(question)
    total: LiteralString = "sum(toInt128(assumeNotNull(e.revenue)))"
    source = _source(plan, people, newest, plan.in_span)
    sql: LiteralString = f"""SELECT {plan.person()} AS key, e.currency, {total}{source}
  AND isNotNull(e.revenue) AND e.visitor != 0
GROUP BY key, e.currency
ORDER BY key, e.currency"""
    found: dict[int, list[Revenue]] = {}
    for person, currency, amount in plan.run(store, sql).rows:
        found.setdefault(person, []).append(Revenue(amount, currency or None))
    return found
