"""What senders say of events, profiles and groups in their own words: types are kept, limits are stated.

Nothing is cut or left out: what is over a limit is refused with the limit and the field.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from eventlens.events import MAX_PROPERTY_NAME, MAX_PROPERTY_PARTS, property_parts
from eventlens.ingest.payload.refusal import Refusal

MAX_PROPERTIES = 256
"""Properties of one event (or set at once of a profile or group): people pick from them by name."""

MAX_DEPTH = 20
"""Levels of objects and arrays: names with so many dots nobody reads, and every reader can follow so far."""

MAX_KEY = MAX_PROPERTY_NAME
"""Characters of a property's name, at any level: the same for events and profiles."""

MAX_BYTES = 32 << 10
"""Bytes of one event's properties as JSON: a thousand of them still fit in a worker's hands."""

SPECIALS = frozenset(
    "__path __referrer __title __language __screen __timestamp __ip __deviceId __identify __revenue "
    "__os __osVersion __browser __browserVersion __device __brand __model "
    "__query __hash __bot __bot_reasons".split()
)
"""Names with a meaning of their own; they are no properties. The last four are the server's: what a sender
says of them does not count."""

BAD_NAME = f"Expected a name of at most {MAX_KEY} characters and {MAX_PROPERTY_PARTS} parts between dots"

_QUOTED = 80
"""Characters of a name that a refusal quotes."""

_encode = msgspec.json.Encoder().encode


def encoded_properties(properties: dict[str, Any], where: str = "payload/properties") -> bytes | Refusal:
    """An event's properties as JSON text."""
    try:
        encoded = _encode(properties)
    except RecursionError:
        return _too_deep(where)
    # A level has a bracket, a name its length: most texts cannot be over those limits, whatever they say.
    brackets = encoded.count(b"{") + encoded.count(b"[")
    if brackets > MAX_DEPTH or len(encoded) > MAX_KEY:
        return _refusal(properties, len(encoded), brackets, where) or encoded
    return encoded


def _refusal(properties: dict[str, Any], size: int, brackets: int, where: str) -> Refusal | None:
    if size > MAX_BYTES:
        return _too_large(size, where)
    if len(properties) > MAX_PROPERTIES:
        return _too_many(len(properties), where)
    if max(map(len, properties)) > MAX_KEY:
        return _long_name(max(properties, key=len), where)
    return _refusal_inside(properties.values(), MAX_DEPTH - 1, where) if brackets > 1 else None


def encoded_each(
    properties: Mapping[str, Any], where: str = "payload/properties"
) -> dict[str, bytes] | Refusal:
    """Properties that are set one by one, of a profile or a group: dotted name → JSON text."""
    if len(properties) > MAX_PROPERTIES:
        return _too_many(len(properties), where)
    found: dict[str, bytes] = {}
    for name, value in properties.items():
        if name in SPECIALS:
            continue
        if property_parts(name) is None:
            return Refusal("invalid", BAD_NAME, f"{where}/{name[:_QUOTED]}")
        try:
            found[name] = _encode(value)
        except RecursionError:
            return _too_deep(where)
    refusal = _refusal_inside(properties.values(), MAX_DEPTH - 1, where)
    if refusal:
        return refusal
    size = sum(map(len, found)) + sum(map(len, found.values()))
    return _too_large(size, where) if size > MAX_BYTES else found


def _refusal_inside(values: Iterable[object], levels: int, where: str) -> Refusal | None:
    """Whether one of the values is nested too deeply, or has too long a name inside."""
    for value in values:
        if isinstance(value, dict):
            inside = cast("dict[str, object]", value)
            if levels and inside and max(map(len, inside)) > MAX_KEY:
                return _long_name(max(inside, key=len), where)
            within: Iterable[object] = inside.values()
        elif isinstance(value, list):
            within = cast("list[object]", value)
        else:
            continue
        refusal = _refusal_inside(within, levels - 1, where) if levels else _too_deep(where)
        if refusal:
            return refusal
    return None


def _too_many(count: int, where: str) -> Refusal:
    return Refusal("invalid", f"At most {MAX_PROPERTIES} properties, got {count}", where)


def _too_large(size: int, where: str) -> Refusal:
    return Refusal("invalid", f"At most {MAX_BYTES} bytes of properties as JSON, got {size}", where)


def _too_deep(where: str) -> Refusal:
    return Refusal("invalid", f"Nested deeper than {MAX_DEPTH} levels", where)


def _long_name(name: str, where: str) -> Refusal:
    message = f"Expected names of at most {MAX_KEY} characters, got {len(name)}"
    return Refusal("invalid", message, f"{where}/{name[:_QUOTED]}")
