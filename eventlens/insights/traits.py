"""What was said of profiles: a fold of their changes by (timestamp, arrival), however they arrived.

All profiles of one person share one log: what was said of an alias was said of the person.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, LiteralString, cast

import msgspec

from eventlens.events import property_parts
from eventlens.store.base import Store

TRAITS = {"first_name": "$firstName", "last_name": "$lastName", "email": "$email", "avatar": "$avatar"}
"""Fields of a profile that are no properties of its user, by their name in the log."""

_LONGEST = 40_000
"""Bytes of the ids that are asked for at once."""


@dataclass(slots=True)
class Said:
    """What is known of somebody. Traits by field; `properties` nested by dot paths; times in milliseconds."""

    traits: dict[str, str | None]
    properties: dict[str, Any]
    first_change: int
    last_change: int


def what_was_said(store: Store, project_id: str, whose: Mapping[int, Sequence[str]]) -> dict[int, Said]:
    """What is known of some people, given as person → profiles; who was never spoken of is left out."""
    found: dict[int, Said] = {}
    for some in _parts(whose):
        found |= _said(store, project_id, some)
    return found


def _parts(whose: Mapping[int, Sequence[str]]) -> Iterator[dict[int, Sequence[str]]]:
    part: dict[int, Sequence[str]] = {}
    size = 0
    for person, profiles in whose.items():
        length = sum(len(each.encode()) + 30 for each in profiles)
        if part and size + length > _LONGEST:
            yield part
            part, size = {}, 0
        if profiles:
            part[person] = profiles
            size += length
    if part:
        yield part


def _said(store: Store, project_id: str, whose: Mapping[int, Sequence[str]]) -> dict[int, Said]:
    people = list(whose)
    pairs = [(profile, number) for number, person in enumerate(people, 1) for profile in whose[person]]
    asked = {
        "project": project_id,
        "profiles": [profile for profile, _ in pairs],
        "numbers": [number for _, number in pairs],
    }
    trees: dict[int, dict[str, Any]] = {}
    for number, name, adds, value in store.query(_LOG, asked).rows:
        _apply(trees.setdefault(number, {}), name, _decoder.decode(value), adds=bool(adds))
    found: dict[int, Said] = {}
    for number, first, last in store.query(_SPAN, asked).rows:
        properties = _plain(trees.get(number, {}))
        traits = {field: _text(properties.pop(name, None)) for field, name in TRAITS.items()}
        found[people[number - 1]] = Said(traits, properties, first, last)
    return found


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


# A `set` makes what happened to the same property before it irrelevant; not so within an object that is
# changed as a whole as well: whether it was an object or a number decides what became of its other parts.
_LOG: LiteralString = """SELECT whose, property, operation = 'add' AS adds, value
FROM (
  SELECT property, timestamp, arrival, operation, value,
    transform(profile_id, {profiles:Array(String)}, {numbers:Array(UInt32)}, 0) AS whose,
    countSubstrings(property, '.') AS depth,
    min(depth) OVER (PARTITION BY whose, splitByChar('.', property)[1]) AS least_depth,
    max(if(operation = 'set', (timestamp, arrival), (toDateTime64(0, 3, 'UTC'), toUInt64(0))))
      OVER (PARTITION BY whose, property) AS newest_set
  FROM profile_changes FINAL
  WHERE project_id = {project:String} AND profile_id IN {profiles:Array(String)})
WHERE (timestamp, arrival) >= newest_set OR depth > least_depth
ORDER BY timestamp, arrival, property"""

_SPAN: LiteralString = """SELECT
  transform(profile_id, {profiles:Array(String)}, {numbers:Array(UInt32)}, 0) AS whose,
  toUnixTimestamp64Milli(min(timestamp)), toUnixTimestamp64Milli(max(timestamp))
FROM profile_changes
WHERE project_id = {project:String} AND profile_id IN {profiles:Array(String)}
GROUP BY whose"""


# Decimals are kept as written until the end: 0.1 and 0.2 are 0.3.
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_ARITHMETIC = Context(prec=60, traps=[])
"""Exact for whatever can be sent; raises never."""


def _apply(properties: dict[str, Any], name: str, value: Any, *, adds: bool) -> None:
    """Set a property, or add to one that is a number or missing (others are left alone).

    A name that leads deeper than one can be sent is one flat name.
    """
    *parents, key = property_parts(name) or (name,)
    within = properties
    for parent in parents:
        deeper = within.get(parent)
        if not isinstance(deeper, dict):
            if adds and deeper is not None:
                return
            deeper = within[parent] = {}
        within = cast(dict[str, Any], deeper)
    if not adds:
        within[key] = value
        return
    old = within.get(key)
    if old is None:
        within[key] = value
    elif _is_number(old) and _is_number(value):
        whole = isinstance(old, int) and isinstance(value, int)
        within[key] = old + value if whole else _ARITHMETIC.add(old, value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """Decimals as JSON numbers; null for what none can hold."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in cast(list[Any], value)]
    return float(value) if isinstance(value, Decimal) else value
