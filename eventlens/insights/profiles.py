"""`profiles/{id}`: a profile is the fold of its changes by (timestamp, arrival), however they arrived."""

from decimal import Context, Decimal
from typing import Any, LiteralString, cast
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from eventlens.errors import NotFound
from eventlens.events import property_parts
from eventlens.insights.ranges import iso
from eventlens.store.base import Store


class Profile(Struct, rename="camel", kw_only=True):
    """What is known of a profile. Property names are dot paths; `properties` is nested accordingly."""

    id: str
    first_name: str | None
    last_name: str | None
    email: str | None
    avatar: str | None
    properties: dict[str, Any]
    first_change: str
    last_change: str


class ProfileMeta(Struct, rename="camel"):
    """Whose profile it is."""

    project_id: str
    timezone: str


class ProfileAnswer(Struct):
    """A profile and where it was looked up."""

    data: Profile
    meta: ProfileMeta


TRAITS = {"first_name": "$firstName", "last_name": "$lastName", "email": "$email", "avatar": "$avatar"}
"""Fields of a profile that are no properties of its user, by their name in the log."""

# A `set` makes what happened to the same property before it irrelevant; not so within an object that is
# changed as a whole as well: whether it was an object or a number decides what became of its other parts.
_LOG: LiteralString = """SELECT property, operation = 'add' AS adds, value
FROM (
  SELECT property, timestamp, arrival, operation, value,
    countSubstrings(property, '.') AS depth,
    min(depth) OVER (PARTITION BY splitByChar('.', property)[1]) AS least_depth,
    max(if(operation = 'set', (timestamp, arrival), (toDateTime64(0, 3, 'UTC'), toUInt64(0))))
      OVER (PARTITION BY property) AS newest_set
  FROM profile_changes FINAL
  WHERE project_id = {project:String} AND profile_id = {profile:String})
WHERE (timestamp, arrival) >= newest_set OR depth > least_depth
ORDER BY timestamp, arrival, property"""

_SPAN: LiteralString = """SELECT count(),
  toUnixTimestamp64Milli(min(timestamp)), toUnixTimestamp64Milli(max(timestamp))
FROM profile_changes
WHERE project_id = {project:String} AND profile_id = {profile:String}"""


def number_of(store: Store, project_id: str, profile_id: str, property_name: str) -> bool:
    """Whether a property (a dot path) can be added to: it is a number, or not there yet. Raises NotFound."""
    value: Any = profile(store, project_id, profile_id, ZoneInfo("UTC")).data.properties
    for part in property_name.split("."):
        if not isinstance(value, dict):
            return False
        value = cast("dict[str, Any]", value).get(part)
        if value is None:
            return True
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def profile(store: Store, project_id: str, profile_id: str, zone: ZoneInfo) -> ProfileAnswer:
    """The profile of that id. Raises NotFound."""
    asked = {"project": project_id, "profile": profile_id}
    count, first, last = store.query(_SPAN, asked).rows[0]
    if not count:
        raise NotFound("There is no such profile.")
    properties: dict[str, Any] = {}
    for name, adds, value in store.query(_LOG, asked).rows:
        _apply(properties, name, _decoder.decode(value), adds=bool(adds))
    properties = _plain(properties)
    traits = {field: _text(properties.pop(name, None)) for field, name in TRAITS.items()}
    found = Profile(
        id=profile_id,
        **traits,
        properties=properties,
        first_change=iso(first, zone),
        last_change=iso(last, zone),
    )
    return ProfileAnswer(found, ProfileMeta(project_id, zone.key))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


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
