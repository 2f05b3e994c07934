"""What there is to choose from: names of events, keys of properties, values. Bounded at any size.

Names of events are counted over the whole span, from one narrow column. Keys and values are looked for in the
newest events of the span only: that says what can be chosen today, in the same time whatever the span is.
"""

from dataclasses import replace
from typing import Any, Literal, LiteralString, NamedTuple, get_args

import msgspec
from msgspec import Struct

from eventlens.errors import InvalidInput
from eventlens.insights.dimensions import DIMENSIONS, MAX_KEY, PROPERTY_PREFIX, names, property_paths
from eventlens.insights.filters import PROFILE_PREFIX, profile_path, sent_as_text_sql, text_sql
from eventlens.insights.filters.names import PROFILE_FIELDS
from eventlens.insights.filters.profiles import values_sql
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import iso
from eventlens.store.base import Store

KEYS_FROM = 50_000
VALUES_FROM = 1_000_000
PROPERTY_VALUES_FROM = 200_000
CHANGES_FROM = 200_000
"""Newest events, and newest changes of profiles, that are looked at."""

MAX_DEPTH = 3
"""Levels of nested objects whose keys are listed."""

Match = Literal["contains", "prefix"]
MATCHES: tuple[Match, ...] = get_args(Match)
Of = Literal["event", "profile"]
OF: tuple[Of, ...] = get_args(Of)


class EventName(Struct, kw_only=True):
    """A name of events: how many there are in the span, and the newest one's time."""

    name: str
    count: int
    last_seen: str


class PropertyKey(Struct, kw_only=True):
    """A property. `name` is what filters and breakdowns call it, `key` its keys, outermost first.

    `count`: events (of profiles: changes) that have it; `types` the same by JSON type, most first.
    """

    name: str
    key: list[str]
    types: dict[str, int]
    count: int


class PropertyValue(Struct, kw_only=True):
    """A value as it was sent, and how many events (of profiles: people's profiles) have it."""

    value: Any
    count: int


class Sample(Struct, kw_only=True):
    """What was looked at: so many of the newest `of` in all."""

    events: int
    of: int


class Picked(NamedTuple):
    """Rows, and what they were found in; None where that is everything."""

    rows: list[Any]
    sample: Sample | None


# --- names of events ---


def event_names(store: Store, question: Question, search: str | None = None) -> list[EventName]:
    """The names of the matching events, most frequent first."""
    plan = Plan(question)
    early: tuple[LiteralString, ...] = ()
    if search is not None:
        early = (_has("e.name", plan.binder.bind(search, "String"), "contains"),)
    sql: LiteralString = f"""SELECT toString(e.name) AS label, count() AS found,
  toUnixTimestamp64Milli(max(e.timestamp)) AS newest{
        plan.events_where(plan.in_span, people=False, early=early)
    }
GROUP BY label
ORDER BY found DESC, label
{plan.page()}"""
    return [
        EventName(name=label, count=found, last_seen=iso(newest, question.zone))
        for label, found, newest in plan.run(store, sql).rows
    ]


# --- keys of properties ---

_FIELDS = {stored: name for name, stored in PROFILE_FIELDS.items()}
_TYPES: dict[str, str] = {
    "String": "string",
    "Int64": "number",
    "UInt64": "number",
    "Double": "number",
    "Bool": "boolean",
    "Array": "array",
    "Object": "object",
    "Null": "null",
}


def event_properties(
    store: Store, question: Question, event: str | None = None, search: str | None = None
) -> Picked:
    """The keys of the newest matching events' properties, nested ones too, most frequent first."""
    recent, sample = _newest(store, question, KEYS_FROM, event)
    plan = Plan(recent)
    source = f"""SELECT e.properties AS document{_of_event(plan, event)}
  AND e.properties NOT IN ('', '{{}}')
ORDER BY e.timestamp DESC, e.arrival DESC
LIMIT {plan.binder.name("sample", KEYS_FROM, "UInt64")}"""
    rows = plan.run(store, _keys_sql(plan, source, search)).rows
    return Picked([_key(PROPERTY_PREFIX, *row) for row in rows], sample)


def profile_properties(store: Store, question: Question, search: str | None = None) -> Picked:
    """The properties of profiles that changed last, most frequent first; the span plays no part."""
    plan = Plan(question)
    total = plan.run(store, f"SELECT count() FROM profile_changes WHERE project_id = {plan.project}").rows[0][
        0
    ]
    fields = plan.binder.bind(list(PROFILE_FIELDS.values()), "Array(String)")
    # The dots of a change's name lead into objects, as the keys of an object do.
    source: LiteralString = f"""SELECT concat(
    arrayStringConcat(arrayMap(part -> concat('{{', toJSONString(part), ':'), splitByChar('.', property))),
    value, repeat('}}', length(splitByChar('.', property)))) AS document
FROM profile_changes
WHERE project_id = {plan.project} AND (NOT startsWith(property, '$') OR property IN {fields})
ORDER BY arrival DESC
LIMIT {plan.binder.name("sample", CHANGES_FROM, "UInt64")}"""
    rows = plan.run(store, _keys_sql(plan, source, search)).rows
    sample = Sample(events=CHANGES_FROM, of=total) if total > CHANGES_FROM else None
    return Picked([_key(PROFILE_PREFIX, *row) for row in rows], sample)


def _keys_sql(plan: Plan, source: LiteralString, search: str | None) -> LiteralString:
    """Keys (and the keys of objects within them) of JSON documents, with how many have them, by type."""
    level: LiteralString = """arrayMap(pair -> ([pair.1], pair.2), JSONExtractKeysAndValuesRaw(document))"""
    deeper: LiteralString = """arrayFlatten(arrayMap(
      place -> if(startsWith(place.2, '{'),
        arrayMap(pair -> (arrayPushBack(place.1, pair.1), pair.2), JSONExtractKeysAndValuesRaw(place.2)), []),
      LEVEL))"""
    second = deeper.replace("LEVEL", "first_level")
    third = deeper.replace("LEVEL", "second_level")
    having: LiteralString = ""
    if search is not None:
        test = _has("arrayStringConcat(path, '.')", plan.binder.bind(search, "String"), "contains")
        having = f"\nHAVING {test}"
    return f"""SELECT path, sum(number) AS found, groupArray((kind, number)) AS kinds FROM (
  SELECT place.1 AS path, toString(JSONType(place.2)) AS kind, count() AS number
  FROM (
    SELECT {level} AS first_level, {second} AS second_level, {third} AS third_level,
      arrayJoin(arrayConcat(first_level, second_level, third_level)) AS place
    FROM ({source}))
  GROUP BY path, kind)
GROUP BY path{having}
ORDER BY found DESC, path
{plan.page()}"""


def _key(prefix: str, path: list[str], found: int, kinds: list[tuple[str, int]]) -> PropertyKey:
    types: dict[str, int] = {}
    for kind, number in sorted(kinds, key=lambda each: (-each[1], each[0])):
        name = _TYPES.get(kind, "string")
        types[name] = types.get(name, 0) + number
    own = _FIELDS.get(path[0]) if prefix == PROFILE_PREFIX and len(path) == 1 else None
    return PropertyKey(name=prefix + (own or _written(path, prefix)), key=path, types=types, count=found)


def _written(path: list[str], prefix: str) -> str:
    """A path as filters take it: with dots, or as JSON where a key could be read otherwise."""
    text = ".".join(path)
    if prefix == PROFILE_PREFIX and text in PROFILE_FIELDS:
        return msgspec.json.encode(path).decode()
    plain = all(part and "." not in part and "," not in part for part in path) and len(text) <= MAX_KEY
    return text if plain and not text.startswith("[") else msgspec.json.encode(path).decode()


# --- values ---


def property_values(
    store: Store,
    question: Question,
    name: str,
    *,
    event: str | None = None,
    search: str | None = None,
    match: Match = "contains",
) -> Picked:
    """The values of a dimension or property, most frequent first. Raises InvalidInput."""
    if name.startswith(PROFILE_PREFIX):
        return Picked(_profile_values(store, question, name, search, match), None)
    of_property = name.startswith(PROPERTY_PREFIX)
    if of_property:
        property_paths(name, "name")
    elif name not in DIMENSIONS:
        known = ", ".join(names())
        raise InvalidInput(
            f"Unknown name {name[:100]!r}; one of {known}, properties.<key> or profile.<key>.", field="name"
        )
    most = PROPERTY_VALUES_FROM if of_property else VALUES_FROM
    recent, sample = _newest(store, question, most, event)
    plan = Plan(recent)
    value = text_sql(name, plan.binder)
    as_text: LiteralString = sent_as_text_sql(name, plan.binder) if of_property else "true"
    test: LiteralString = "label != ''"
    if search is not None:
        test = f"{test} AND {_has('label', plan.binder.bind(search, 'String'), match)}"
    sql: LiteralString = f"""SELECT label, count() AS found, max(sent) AS as_text FROM (
  SELECT toString({value}) AS label, {as_text} AS sent, e.timestamp AS at{_of_event(plan, event)}
  ORDER BY at DESC
  LIMIT {plan.binder.name("sample", most, "UInt64")})
WHERE {test}
GROUP BY label
ORDER BY found DESC, label
{plan.page()}"""
    typed = of_property or DIMENSIONS[name].numeric
    rows = [
        PropertyValue(value=_typed(label) if typed and (not as_text or not of_property) else label, count=n)
        for label, n, as_text in plan.run(store, sql).rows
    ]
    return Picked(rows, sample)


def _profile_values(
    store: Store, question: Question, name: str, search: str | None, match: Match
) -> list[PropertyValue]:
    plan = Plan(question)
    values = values_sql(profile_path(name, "name"), plan.binder, identified=question.identified)
    test: LiteralString = "text != ''"
    if search is not None:
        test = f"{test} AND {_has('text', plan.binder.bind(search, 'String'), match)}"
    sql: LiteralString = f"""SELECT text, count() AS found, max(kind = 'String') AS as_text
FROM ({values})
WHERE {test}
GROUP BY text
ORDER BY found DESC, text
{plan.page()}"""
    return [
        PropertyValue(value=text if as_text else _typed(text), count=found)
        for text, found, as_text in plan.run(store, sql).rows
    ]


def _typed(text: str) -> Any:
    """What a JSON text stands for; the text itself where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return text


# --- shared ---


def _has(text: LiteralString, search: LiteralString, match: Match) -> LiteralString:
    found: LiteralString = f"positionCaseInsensitiveUTF8({text}, {search})"
    return f"{found} > 0" if match == "contains" else f"{found} = 1"


def _of_event(plan: Plan, event: str | None) -> LiteralString:
    early: tuple[LiteralString, ...] = ()
    if event is not None:
        early = (f"e.name = {plan.binder.name('event', event, 'String')}",)
    return plan.events_where(plan.in_span, people=False, early=early)


def _newest(store: Store, question: Question, most: int, event: str | None) -> tuple[Question, Sample | None]:
    """The question about the newest hours of its span that have so many matching events, and how many."""
    plan = Plan(question)
    sql: LiteralString = f"""SELECT toUnixTimestamp(toStartOfHour(e.timestamp)) AS hour, count() AS found{
        _of_event(plan, event)
    }
GROUP BY hour
ORDER BY hour DESC"""
    hours = plan.run(store, sql).rows
    total = sum(found for _, found in hours)
    if total <= most:
        return question, None
    seen = 0
    start = question.span.start
    for hour, found in hours:
        seen += found
        start = max(question.span.start, hour * 1000)
        if seen >= most:
            break
    return replace(question, span=replace(question.span, start=start)), Sample(events=most, of=total)
