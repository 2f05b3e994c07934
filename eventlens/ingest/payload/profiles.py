"""What senders say of profiles: who they are, how their numbers change, what else they are called."""

import re

import msgspec

from eventlens.events import Add, Alias, Identify, property_parts
from eventlens.ingest.payload.checks import (
    Moment,
    identifier,
    ids_refusal,
    profile_refusal,
    stated_time,
)
from eventlens.ingest.payload.properties import BAD_NAME, encoded_each
from eventlens.ingest.payload.refusal import Refusal
from eventlens.ingest.payload.shapes import AddPayload, AliasPayload, IdentifyPayload

MAX_STEP = 10**15
"""By how much a profile's number may change at once: sums stay exact."""

_LONGEST_EMAIL = 320
_SPACE = re.compile(r"\s")


def identify_of(payload: IdentifyPayload, moment: Moment) -> Identify | Refusal:
    """The identification that a payload tells of."""
    when = stated_time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    refusal = profile_refusal(payload.profile_id) or ids_refusal(payload.id, payload.device_id)
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
    stated = {name: value for name, value in traits.items() if value is not None}
    properties = encoded_each({**stated, **(payload.properties or {})})
    if isinstance(properties, Refusal):
        return properties
    return Identify(
        profile_id=identifier(payload.profile_id),
        timestamp=when if when is not None else moment.now,
        id=payload.id or "",
        device_id=payload.device_id or "",
        properties=properties,
    )


def add_of(payload: AddPayload, moment: Moment, sign: int) -> Add | Refusal:
    """The change of a number that a payload tells of; `sign` is -1 for a decrement."""
    when = stated_time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    refusal = profile_refusal(payload.profile_id) or ids_refusal(payload.id, payload.device_id)
    if refusal:
        return refusal
    if not payload.property:
        return Refusal("invalid", "Expected a property name", "payload/property")
    if property_parts(payload.property) is None:
        return Refusal("invalid", BAD_NAME, "payload/property")
    value = 1 if payload.value is None else payload.value
    if not 0 < value <= MAX_STEP:
        return Refusal("invalid", "Expected a number above 0, at most 10^15", "payload/value")
    return Add(
        profile_id=identifier(payload.profile_id),
        timestamp=when if when is not None else moment.now,
        property=payload.property,
        value=msgspec.json.encode(sign * value),
        id=payload.id or "",
        device_id=payload.device_id or "",
    )


def alias_of(payload: AliasPayload, moment: Moment) -> Alias | Refusal:
    """The other name of a profile that a payload tells of."""
    when = stated_time(payload.timestamp, moment.now)
    if isinstance(when, Refusal):
        return when
    refusal = (
        profile_refusal(payload.profile_id)
        or profile_refusal(payload.alias, "payload/alias")
        or ids_refusal(payload.id, None)
    )
    if refusal:
        return refusal
    return Alias(
        profile_id=identifier(payload.profile_id),
        alias=identifier(payload.alias),
        timestamp=when if when is not None else moment.now,
        id=payload.id or "",
    )


def _is_email(text: str) -> bool:
    """Whether it has the shape of an address; in linear time, whatever a stranger sends."""
    if len(text) > _LONGEST_EMAIL or _SPACE.search(text):
        return False
    name, _, host = text.partition("@")
    return bool(name) and "@" not in host and "." in host[1:-1]
