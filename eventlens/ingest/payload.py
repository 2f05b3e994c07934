"""A request's body becomes commands, or refusals that name the field.

Two steps: `msgspec` checks the shape (types, required fields) while it decodes; then each payload is
taken apart into a `Command` of `events.py`, where the rules that no type can say are checked.
Unknown keys are ignored, null equals absence (the published clients send both).
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
from msgspec import Struct, field

from eventlens.events import (
    MAX_PROPERTY_NAME,
    MAX_PROPERTY_PARTS,
    Add,
    Alias,
    Command,
    Identify,
    Track,
    property_parts,
)
from eventlens.ingest.times import read_time

T = TypeVar("T")

MAX_ID = 128
MAX_DEVICE_ID = 64
MAX_NAME = 80
MAX_PROFILE_ID = 256
MAX_TEXT = 2048
"""Characters kept of a path, referrer or title."""

MAX_DEPTH = 100
"""Levels of objects and arrays in properties: nobody's data has more, and every reader can follow so far."""

MAX_STEP = 10**15
"""By how much a profile's number may change at once: sums stay exact."""

_BAD_PROPERTY = (
    f"Expected a name of at most {MAX_PROPERTY_NAME} characters and {MAX_PROPERTY_PARTS} parts between dots"
)

_MAX_MESSAGE = 200
"""Characters kept of what the decoder says: it quotes the sender."""

FUTURE_TOLERANCE_MS = 60_000
"""A client's clock may be ahead by this much; beyond it the server's time is taken."""

_EARLIEST_MS = 0
"""1970-01-01: what the store can date."""

RESERVED_NAMES = frozenset({"session_start", "session_end"})
_LINE_BREAK = re.compile(r"[\r\n]")
_LONGEST_EMAIL = 320
_SPACE = re.compile(r"\s")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Refusal(NamedTuple):
    """Why something was not taken: a code for programs, a message for people, the field it is about."""

    code: str
    message: str
    field: str = ""


Identifier = str | int | float


class TrackPayload(Struct, rename="camel", gc=False):
    """What happened."""

    name: str
    properties: dict[str, Any] | None = None
    profile_id: Identifier | None = None
    groups: list[str] | None = None
    id: str | None = None
    device_id: str | None = None
    session_id: str | None = None
    path: str | None = None
    referrer: str | None = None
    timestamp: str | int | float | None = None


class IdentifyPayload(Struct, rename="camel", gc=False):
    """Who it is, and what is known of them."""

    profile_id: Identifier
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    avatar: str | None = None
    properties: dict[str, Any] | None = None
    id: str | None = None
    device_id: str | None = None
    timestamp: str | int | float | None = None


class AddPayload(Struct, rename="camel", gc=False):
    """By how much a number of a profile grows or shrinks."""

    profile_id: Identifier
    property: str
    value: int | float | None = None
    id: str | None = None
    device_id: str | None = None
    timestamp: str | int | float | None = None


class AliasPayload(Struct, rename="camel", gc=False):
    """Another name of a profile."""

    profile_id: Identifier
    alias: Identifier
    id: str | None = None
    timestamp: str | int | float | None = None


class _Body(Struct, rename="camel", tag_field="type", gc=False):
    client_id: str | None = field(default=None, name="clientId")
    client_secret: str | None = field(default=None, name="clientSecret")


class TrackBody(_Body, tag="track", kw_only=True):
    """`{"type": "track", "payload"}`."""

    payload: TrackPayload


class IdentifyBody(_Body, tag="identify", kw_only=True):
    """`{"type": "identify", "payload"}`."""

    payload: IdentifyPayload


class IncrementBody(_Body, tag="increment", kw_only=True):
    """`{"type": "increment", "payload"}`."""

    payload: AddPayload


class DecrementBody(_Body, tag="decrement", kw_only=True):
    """`{"type": "decrement", "payload"}`."""

    payload: AddPayload


class AliasBody(_Body, tag="alias", kw_only=True):
    """`{"type": "alias", "payload"}`."""

    payload: AliasPayload


Body = TrackBody | IdentifyBody | IncrementBody | DecrementBody | AliasBody

BODIES: dict[str, type[Body]] = {
    "track": TrackBody,
    "identify": IdentifyBody,
    "increment": IncrementBody,
    "decrement": DecrementBody,
    "alias": AliasBody,
}

_body_decoder = msgspec.json.Decoder(Body)
_bodies_decoder = msgspec.json.Decoder(list[Body])
_raw_list_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_batch_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_payload_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(body.__annotations__["payload"]) for kind, body in BODIES.items()
}


def read_body(raw: bytes) -> Body | Refusal:
    """One `{"type", "payload"}` object."""
    return _decode(_body_decoder, raw)


def read_payload(kind: str, raw: bytes) -> Body | Refusal:
    """A payload alone, as the routes named after a type take it."""
    payload = _decode(_payload_decoders[kind], raw)
    return payload if isinstance(payload, Refusal) else BODIES[kind](payload=payload)


def read_batch(raw: bytes, *, lines: bool, limit: int) -> list[Body | Refusal] | Refusal:
    """`{"events": […]}`, a bare array, or one object a line (`lines`): each body, or why it is refused."""
    if lines:
        parts = [line for line in raw.splitlines() if line.strip()]
        return _too_many(len(parts), limit) or [read_body(part) for part in parts]
    array = _events_of(raw)
    if isinstance(array, Refusal):
        return array
    try:
        bodies = _bodies_decoder.decode(array)
    except (msgspec.MsgspecError, RecursionError):
        pass  # one of them is wrong: decode one by one to find which
    else:
        return _too_many(len(bodies), limit) or cast("list[Body | Refusal]", bodies)
    items = _decode(_raw_list_decoder, array)
    if isinstance(items, Refusal):
        return items
    return _too_many(len(items), limit) or [read_body(bytes(item)) for item in items]


def _events_of(raw: bytes) -> bytes | Refusal:
    if raw.lstrip()[:1] == b"[":
        return raw
    batch = _decode(_batch_decoder, raw)
    if isinstance(batch, Refusal):
        return batch
    if "events" not in batch:
        return Refusal("invalid", "Object missing required field `events`", "events")
    events = bytes(batch["events"])
    if events.lstrip()[:1] != b"[":
        return Refusal("invalid", "Expected `array`", "events")
    return events


def _too_many(count: int, limit: int) -> Refusal | None:
    if count <= limit:
        return None
    return Refusal("too_large", f"At most {limit} events fit in one batch, got {count}", "events")


def _decode(decoder: msgspec.json.Decoder[T], raw: bytes) -> T | Refusal:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        return _shape_refusal(str(error))
    except msgspec.DecodeError as error:
        mended = _without_lone_surrogates(raw)
        if mended != raw:
            return _decode(decoder, mended)
        return Refusal("malformed", f"The body is not valid JSON: {error}")
    except UnicodeDecodeError:
        return Refusal("malformed", "The body is not valid JSON: it is not UTF-8")
    except RecursionError:
        return Refusal("malformed", "The body is nested too deeply")


_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"  # a pair
    rb"|(?P<lone>u[dD][89a-fA-F][\da-fA-F]{2})|.)",
    re.DOTALL,
)


def _without_lone_surrogates(raw: bytes) -> bytes:
    """Half characters, as a page sends them that cut a title through an emoji, become U+FFFD."""
    if b"\\ud" not in raw and b"\\uD" not in raw:
        return raw
    return _ESCAPE.sub(lambda match: rb"\ufffd" if match["lone"] else match[0], raw)


_AT = re.compile(r"^(.*?)(?: - at `(key in )?\$(.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"missing required field `([^`]+)`")


def _shape_refusal(text: str) -> Refusal:
    """The decoder says "Expected `str`, got `int` - at `$.payload.name`": split it into message and field."""
    match = _AT.match(text)
    message, path = (match[1], match[3] or "") if match else (text, "")
    parts = [part for part in re.split(r"[.\[\]]+", path) if part]
    missing = _MISSING.search(message)
    if missing:
        parts.append(missing[1])
    return Refusal("invalid", message[:_MAX_MESSAGE], "/".join(parts)[:_MAX_MESSAGE])


# --- from payload to command ---------------------------------------------------------------------


class Moment(NamedTuple):
    """What reading a payload needs of its request: the time, and whether the secret was verified."""

    now: int
    trusted: bool


def command_of(body: Body, moment: Moment) -> Command | Refusal:
    """The command that a body stands for, or why it is refused (field relative to the body)."""
    payload = body.payload
    if isinstance(payload, TrackPayload):
        return _track(payload, moment)
    if isinstance(payload, IdentifyPayload):
        return _identify(payload, moment)
    if isinstance(payload, AliasPayload):
        return _alias(payload, moment)
    return _add(payload, moment, sign=-1 if isinstance(body, DecrementBody) else 1)


def identify_inside(body: Body, track: Command, moment: Moment) -> Identify | Refusal | None:
    """The `__identify` payload of a track: of the same time, unless it says otherwise."""
    payload = body.payload
    inner = (payload.properties or {}).get("__identify") if isinstance(payload, TrackPayload) else None
    if inner is None:
        return None
    try:
        identify = msgspec.convert(inner, IdentifyPayload)
    except msgspec.ValidationError as error:
        found = _shape_refusal(str(error))
    else:
        its_own = moment if identify.timestamp is not None else moment._replace(now=track.timestamp)
        found = _identify(identify, its_own)
    if isinstance(found, Refusal):
        where = ("payload/properties/__identify", found.field.removeprefix("payload/"))
        return found._replace(field="/".join(filter(None, where)))
    return found


def stated_address(body: Body) -> str:
    """The address that a track's `__ip` states, in normal form; '' where it states none."""
    payload = body.payload
    if not isinstance(payload, TrackPayload) or not payload.properties:
        return ""
    stated = payload.properties.get("__ip")
    if not isinstance(stated, str):
        return ""
    try:
        return str(ip_address(stated.strip()))
    except ValueError:
        return ""


def _track(payload: TrackPayload, moment: Moment) -> Track | Refusal:
    refusal = _name_refusal(payload.name) or _id_refusal(payload)
    if refusal:
        return refusal
    when = _time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    profile_id = "" if payload.profile_id is None else _identifier(payload.profile_id)
    if len(profile_id) > MAX_PROFILE_ID:
        return Refusal("invalid", f"Longer than {MAX_PROFILE_ID} characters", "payload/profileId")
    track = Track(
        name=payload.name,
        timestamp=when if when is not None else moment.now,
        own_time=when is not None,
        id=payload.id or "",
        device_id=payload.device_id or "",
        session_id=payload.session_id or "",
        profile_id=profile_id,
        path=(payload.path or "")[:MAX_TEXT],
        referrer=(payload.referrer or "")[:MAX_TEXT],
        groups=tuple(payload.groups or ()),
    )
    if payload.properties:
        return _take_apart(track, payload.properties, moment)
    return track


_OVERRIDES = {
    "__os": "os",
    "__osVersion": "os_version",
    "__browser": "browser",
    "__browserVersion": "browser_version",
    "__device": "device",
    "__brand": "brand",
    "__model": "model",
}


_PLAIN_SPECIALS = ("__version", "__buildNumber")
"""Special only by name: kept as plain properties."""


def _take_apart(track: Track, properties: dict[str, Any], moment: Moment) -> Track | Refusal:
    """Move the special properties to where they belong; the rest stays as it was sent, types kept."""
    plain: dict[str, Any] = {}
    special: dict[str, Any] = {}
    for key, value in properties.items():
        (special if key[:2] == "__" else plain)[key] = value
    _apply_page(track, plain, special)
    track.device_id = track.device_id or _text(special.pop("__deviceId", None))
    if len(track.device_id) > MAX_DEVICE_ID:
        return Refusal("invalid", f"Longer than {MAX_DEVICE_ID} characters", "payload/properties/__deviceId")
    if not track.own_time and (stated := special.pop("__timestamp", None)) is not None:
        _apply_stated_time(track, stated, moment.now)
    if not _OVERRIDES.keys().isdisjoint(special):
        overrides = {column: text for key, column in _OVERRIDES.items() if (text := _text(special.get(key)))}
        track.overrides = overrides or None
    if track.name == "revenue" or "__revenue" in special:
        refusal = _apply_revenue(track, plain, special, moment)
        if refusal:
            return refusal
    plain.update((key, special[key]) for key in _PLAIN_SPECIALS if special.get(key) is not None)
    if plain:
        encoded = _encoded(plain)
        if encoded is None:
            return Refusal("invalid", f"Nested deeper than {MAX_DEPTH} levels", "payload/properties")
        track.properties = encoded
    return track


def _apply_page(track: Track, plain: dict[str, Any], special: dict[str, Any]) -> None:
    path = _text(special.get("__path")) or _text(plain.get("path"))
    referrer = _text(special.get("__referrer")) or _text(plain.get("referrer"))
    track.path = track.path or path[:MAX_TEXT]
    track.referrer = track.referrer or referrer[:MAX_TEXT]
    if "__title" in special:
        track.title = _text(special["__title"])[:MAX_TEXT]
    if "__language" in special:
        track.language = _text(special["__language"])[:35]
    if "__screen" in special:
        track.screen = _text(special["__screen"])[:35]


def _apply_stated_time(track: Track, stated: object, now: int) -> None:
    """`__timestamp`: what cannot be a time falls back to the server's, as the published clients rely on."""
    if not isinstance(stated, str | int | float) or isinstance(stated, bool):
        return
    when = _time(stated, now)
    if isinstance(when, int):
        track.timestamp, track.own_time = when, True


def _apply_revenue(
    track: Track, plain: dict[str, Any], special: dict[str, Any], moment: Moment
) -> Refusal | None:
    amount = special.pop("__revenue", None)
    if amount is None or track.name != "revenue":
        return None
    where = "payload/properties/__revenue"
    if isinstance(amount, bool) or not isinstance(amount, int | float) or amount != int(amount) or amount < 0:
        return Refusal("invalid", "Expected a whole number of minor units, 0 or more", where)
    if amount >= 1 << 53:
        return Refusal("invalid", "Too large", where)
    if not moment.trusted:
        return Refusal("revenue", "Revenue tracking is not allowed without a client secret", where)
    currency = _text(plain.get("currency")).upper()
    if currency and not _CURRENCY.fullmatch(currency):
        return Refusal("invalid", "Expected an ISO 4217 code such as EUR", "payload/properties/currency")
    track.revenue, track.currency = int(amount), currency
    return None


def _identify(payload: IdentifyPayload, moment: Moment) -> Identify | Refusal:
    when = _time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    refusal = _profile_refusal(payload.profile_id) or _id_refusal(payload)
    if refusal:
        return refusal
    if payload.email and not _is_email(payload.email):
        return Refusal("invalid", "Expected an e-mail address", "payload/email")
    if payload.avatar and not payload.avatar.startswith(("http://", "https://", "data:image/")):
        return Refusal("invalid", "Expected a URL", "payload/avatar")
    traits = {
        "$firstName": payload.first_name,
        "$lastName": payload.last_name,
        "$email": payload.email,
        "$avatar": payload.avatar,
    }
    properties = {name: msgspec.json.encode(value) for name, value in traits.items() if value is not None}
    for name, value in (payload.properties or {}).items():
        if name.startswith("__"):
            continue
        if property_parts(name) is None:
            return Refusal("invalid", _BAD_PROPERTY, f"payload/properties/{name[:MAX_NAME]}")
        encoded = _encoded(value)
        if encoded is None:
            return Refusal("invalid", f"Nested deeper than {MAX_DEPTH} levels", "payload/properties")
        properties[name] = encoded
    return Identify(
        profile_id=_identifier(payload.profile_id),
        timestamp=when if when is not None else moment.now,
        id=payload.id or "",
        device_id=payload.device_id or "",
        properties=properties,
    )


def _add(payload: AddPayload, moment: Moment, sign: int) -> Add | Refusal:
    when = _time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    refusal = _profile_refusal(payload.profile_id) or _id_refusal(payload)
    if refusal:
        return refusal
    if not payload.property:
        return Refusal("invalid", "Expected a property name", "payload/property")
    if property_parts(payload.property) is None:
        return Refusal("invalid", _BAD_PROPERTY, "payload/property")
    value = 1 if payload.value is None else payload.value
    if not 0 < value <= MAX_STEP:
        return Refusal("invalid", "Expected a number above 0, at most 10^15", "payload/value")
    return Add(
        profile_id=_identifier(payload.profile_id),
        timestamp=when if when is not None else moment.now,
        property=payload.property,
        value=msgspec.json.encode(sign * value),
        id=payload.id or "",
        device_id=payload.device_id or "",
    )


def _alias(payload: AliasPayload, moment: Moment) -> Alias | Refusal:
    when = _time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    refusal = (
        _profile_refusal(payload.profile_id)
        or _profile_refusal(payload.alias, "payload/alias")
        or _id_refusal(payload)
    )
    if refusal:
        return refusal
    return Alias(
        profile_id=_identifier(payload.profile_id),
        alias=_identifier(payload.alias),
        timestamp=when if when is not None else moment.now,
        id=payload.id or "",
    )


def _name_refusal(name: str) -> Refusal | None:
    if not name:
        return Refusal("invalid", "Expected `str` of length >= 1", "payload/name")
    if len(name) > MAX_NAME:
        return Refusal("invalid", f"Expected `str` of length <= {MAX_NAME}", "payload/name")
    if name in RESERVED_NAMES:
        return Refusal("reserved", f"`{name}` is reserved", "payload/name")
    if _LINE_BREAK.search(name):
        return Refusal("invalid", "A name has no line breaks", "payload/name")
    return None


def _id_refusal(payload: TrackPayload | IdentifyPayload | AddPayload | AliasPayload) -> Refusal | None:
    if payload.id is not None and not 1 <= len(payload.id) <= MAX_ID:
        return Refusal("invalid", f"Expected 1 to {MAX_ID} characters", "payload/id")
    if isinstance(payload, AliasPayload):
        return None
    if payload.device_id and len(payload.device_id) > MAX_DEVICE_ID:
        return Refusal("invalid", f"Longer than {MAX_DEVICE_ID} characters", "payload/deviceId")
    if isinstance(payload, TrackPayload) and payload.session_id and len(payload.session_id) > MAX_DEVICE_ID:
        return Refusal("invalid", f"Longer than {MAX_DEVICE_ID} characters", "payload/sessionId")
    return None


def _profile_refusal(value: Identifier, where: str = "payload/profileId") -> Refusal | None:
    text = _identifier(value)
    if not text:
        return Refusal("invalid", "Expected a string that is not empty", where)
    if len(text) > MAX_PROFILE_ID:
        return Refusal("invalid", f"Longer than {MAX_PROFILE_ID} characters", where)
    return None


def _is_email(text: str) -> bool:
    """Whether it has the shape of an address; in linear time, whatever a stranger sends."""
    if len(text) > _LONGEST_EMAIL or _SPACE.search(text):
        return False
    name, _, host = text.partition("@")
    return bool(name) and "@" not in host and "." in host[1:-1]


def _identifier(value: Identifier) -> str:
    """Profile ids may be numbers; 7 and 7.0 are the same one."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _encoded(value: object) -> bytes | None:
    """As JSON; None when it is nested too deeply."""
    try:
        encoded = msgspec.json.encode(value)
    except RecursionError:
        return None
    if encoded.count(b"{") + encoded.count(b"[") > MAX_DEPTH and not _is_shallow(value, MAX_DEPTH):
        return None
    return encoded


def _is_shallow(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = cast("Iterable[object]", value.values() if isinstance(value, dict) else value)
    return levels > 0 and all(_is_shallow(each, levels - 1) for each in inner)


def _time(value: str | float | None, now: int) -> int | Refusal | None:
    """Milliseconds of a stated time; None when none is stated, or one that cannot have come yet."""
    if value is None:
        return None
    when = read_time(value)
    if when is None or when < _EARLIEST_MS:
        problem = "Expected an ISO 8601 time since 1970, milliseconds, or seconds (numbers below 10^11)"
        return Refusal("invalid", problem, "payload/timestamp")
    return when if when <= now + FUTURE_TOLERANCE_MS else None
