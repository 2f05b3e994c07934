"""Events: their special properties go where they belong, the rest stays as it was sent."""

from functools import lru_cache
from ipaddress import ip_address
from socket import AF_INET, inet_pton
from typing import Any

from eventlens.events import Track
from eventlens.ingest.payload.checks import (
    MAX_DEVICE_ID,
    MAX_NAME,
    MAX_PROFILE_ID,
    Moment,
    group_ids,
    identifier,
    ids_refusal,
    stated_time,
    too_long,
)
from eventlens.ingest.payload.currencies import CURRENCIES
from eventlens.ingest.payload.properties import SPECIALS, encoded_properties
from eventlens.ingest.payload.refusal import Refusal
from eventlens.ingest.payload.shapes import Body, TrackPayload

MAX_TEXT = 2048
"""Characters kept of a path, referrer or title."""

_LONGEST_ADDRESS = 100
"""Characters of an address with a zone and spaces around it."""

_MAX_SHORT = 35
"""Characters kept of a language or a screen's size."""

_MAX_OVERRIDE = 128
"""Characters kept of what is said instead of the user agent."""

RESERVED_NAMES = frozenset({"session_start", "session_end"})

_OVERRIDES = {
    "__os": "os",
    "__osVersion": "os_version",
    "__browser": "browser",
    "__browserVersion": "browser_version",
    "__device": "device",
    "__brand": "brand",
    "__model": "model",
}
_OVERRIDING = frozenset(_OVERRIDES)

_USUAL = frozenset(("__path", "__referrer", "__title", "__ip", "__identify"))
"""Specials that are read elsewhere, or of every event."""


def track_of(payload: TrackPayload, moment: Moment) -> Track | Refusal:
    """The event that a payload tells of."""
    refusal = _name_refusal(payload.name) or ids_refusal(payload.id, payload.device_id, payload.session_id)
    if refusal:
        return refusal
    when = None
    if payload.timestamp is not None:
        when = stated_time(payload.timestamp, moment.now)
        if isinstance(when, Refusal):
            return when
    profile_id = "" if payload.profile_id is None else identifier(payload.profile_id)
    if len(profile_id) > MAX_PROFILE_ID:
        return too_long(MAX_PROFILE_ID, "payload/profileId")
    groups = group_ids(payload.groups) if payload.groups else ()
    if isinstance(groups, Refusal):
        return groups
    track = Track(  # by position: with names it takes twice as long
        payload.name,
        moment.now if when is None else when,
        when is not None,
        payload.id or "",
        payload.device_id or "",
        payload.session_id or "",
        profile_id,
        _text(payload.path),
        _text(payload.referrer),
        groups=groups,
    )
    return _take_apart(track, payload.properties, moment) if payload.properties else track


def stated_address(body: Body) -> str:
    """The address that a track's `__ip` states, in normal form; '' where it states none."""
    payload = body.payload
    if not isinstance(payload, TrackPayload) or not payload.properties:
        return ""
    stated = payload.properties.get("__ip")
    return _normal_address(stated) if isinstance(stated, str) and len(stated) <= _LONGEST_ADDRESS else ""


@lru_cache(maxsize=16_384)
def _normal_address(stated: str) -> str:
    text = stated.strip()
    try:
        inet_pton(AF_INET, text)
    except (OSError, ValueError):
        pass  # none of version four, of which there is but one form
    else:
        return text
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


def _name_refusal(name: str) -> Refusal | None:
    if not name:
        return Refusal("invalid", "Expected `str` of length >= 1", "payload/name")
    if len(name) > MAX_NAME:
        return Refusal("invalid", f"Expected `str` of length <= {MAX_NAME}", "payload/name")
    if name in RESERVED_NAMES:
        return Refusal("reserved", f"`{name}` is reserved", "payload/name")
    if "\n" in name or "\r" in name:
        return Refusal("invalid", "A name has no line breaks", "payload/name")
    return None


def _take_apart(track: Track, properties: dict[str, Any], moment: Moment) -> Track | Refusal:
    """Move the special properties to where they belong; the rest stays as it was sent, types kept."""
    names = SPECIALS.intersection(properties)
    stated = properties.get
    if not track.path:
        track.path = _text(stated("__path")) or _text(stated("path"))
    if not track.referrer:
        track.referrer = _text(stated("__referrer")) or _text(stated("referrer"))
    plain = properties
    if names:
        track.title = _text(stated("__title"))
        if not names <= _USUAL and (refusal := _apply_specials(track, properties, names, moment)):
            return refusal
        if len(names) == len(properties):
            return track
        plain = {name: value for name, value in properties.items() if name not in names}
    encoded = encoded_properties(plain)
    if isinstance(encoded, Refusal):
        return encoded
    track.properties = encoded
    return track


def _apply_specials(
    track: Track, properties: dict[str, Any], names: frozenset[str], moment: Moment
) -> Refusal | None:
    """Those that few events have."""
    if "__language" in names:
        track.language = _text(properties["__language"], _MAX_SHORT)
    if "__screen" in names:
        track.screen = _text(properties["__screen"], _MAX_SHORT)
    if "__deviceId" in names and not track.device_id:
        track.device_id = _text(properties["__deviceId"], MAX_DEVICE_ID + 1)
        if len(track.device_id) > MAX_DEVICE_ID:
            return too_long(MAX_DEVICE_ID, "payload/properties/__deviceId")
    if "__timestamp" in names and not track.own_time:
        _apply_stated_time(track, properties["__timestamp"], moment.now)
    if not names.isdisjoint(_OVERRIDING):
        overrides = {
            column: text
            for key, column in _OVERRIDES.items()
            if (text := _text(properties.get(key), _MAX_OVERRIDE))
        }
        track.overrides = overrides or None
    if "__revenue" in names and track.name == "revenue":
        return _apply_revenue(track, properties, moment)
    return None


def _apply_stated_time(track: Track, stated: object, now: int) -> None:
    """`__timestamp`: what cannot be a time falls back to the server's, as the published clients rely on."""
    if not isinstance(stated, str | int | float) or isinstance(stated, bool):
        return
    when = stated_time(stated, now)
    if isinstance(when, int):
        track.timestamp, track.own_time = when, True


def _apply_revenue(track: Track, properties: dict[str, Any], moment: Moment) -> Refusal | None:
    amount = properties["__revenue"]
    if amount is None:
        return None
    where = "payload/properties/__revenue"
    if isinstance(amount, bool) or not isinstance(amount, int | float) or amount != int(amount) or amount < 0:
        return Refusal("invalid", "Expected a whole number of minor units, 0 or more", where)
    if amount >= 1 << 53:
        return Refusal("invalid", "Too large", where)
    if not moment.trusted and not moment.unverified_revenue:
        return Refusal("revenue", "Revenue tracking is not allowed without a client secret", where)
    currency = _text(properties.get("currency")).upper()
    if currency and currency not in CURRENCIES:
        return Refusal("invalid", "Expected an ISO 4217 code such as EUR", "payload/properties/currency")
    track.revenue, track.currency = int(amount), currency
    return None


def _text(value: object, most: int = MAX_TEXT) -> str:
    """What is text, as far as it is kept."""
    return value[:most] if isinstance(value, str) else ""
