"""The rules that no type can say and that several payloads share: ids, names, times."""

from typing import NamedTuple

from eventlens.ingest.payload.refusal import Refusal
from eventlens.ingest.payload.shapes import Identifier, StatedTime
from eventlens.ingest.times import read_time

MAX_ID = 128
MAX_DEVICE_ID = 64
"""Characters of a device id, and of a session id."""
MAX_NAME = 80
MAX_PROFILE_ID = 256
"""Characters of the id of a profile or of a group."""
MAX_GROUPS = 32
"""Groups that one event or one assignment may name: each one is stored with every event."""

FUTURE_TOLERANCE_MS = 60_000
"""A client's clock may be ahead by this much; beyond it the server's time is taken."""

_EARLIEST_MS = 0
"""1970-01-01: what the store can date."""


class Moment(NamedTuple):
    """What reading a payload needs of its request."""

    now: int
    trusted: bool
    """The secret was verified."""
    unverified_revenue: bool = False
    """The project takes revenue without the secret too."""


def ids_refusal(id: str | None, device_id: str | None, session_id: str | None = None) -> Refusal | None:  # noqa: A002  # the field's name
    """Whether an event's ids are too long, or its id is empty."""
    if id is not None and not 1 <= len(id) <= MAX_ID:
        return Refusal("invalid", f"Expected 1 to {MAX_ID} characters", "payload/id")
    if device_id and len(device_id) > MAX_DEVICE_ID:
        return too_long(MAX_DEVICE_ID, "payload/deviceId")
    if session_id and len(session_id) > MAX_DEVICE_ID:
        return too_long(MAX_DEVICE_ID, "payload/sessionId")
    return None


def too_long(limit: int, where: str) -> Refusal:
    """A text over its limit."""
    return Refusal("invalid", f"Longer than {limit} characters", where)


def profile_refusal(value: Identifier, where: str = "payload/profileId") -> Refusal | None:
    """Whether an id of a profile or group is empty or too long."""
    text = identifier(value)
    if not text:
        return Refusal("invalid", "Expected a string that is not empty", where)
    return too_long(MAX_PROFILE_ID, where) if len(text) > MAX_PROFILE_ID else None


def identifier(value: Identifier) -> str:
    """Ids may be numbers; 7 and 7.0 are the same one."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def group_ids(stated: list[str], where: str = "payload/groups") -> tuple[str, ...] | Refusal:
    """Groups, each once, in order; an empty text is no group."""
    groups = tuple(dict.fromkeys(filter(None, stated)))
    if len(groups) > MAX_GROUPS:
        return Refusal("invalid", f"At most {MAX_GROUPS} groups, got {len(groups)}", where)
    if groups and max(map(len, groups)) > MAX_PROFILE_ID:
        index = next(index for index, group in enumerate(stated) if len(group) > MAX_PROFILE_ID)
        return too_long(MAX_PROFILE_ID, f"{where}/{index}")
    return groups


def time_of(value: StatedTime, where: str) -> int | Refusal:
    """Milliseconds of a stated time."""
    when = read_time(value)
    if when is None or when < _EARLIEST_MS:
        problem = "Expected an ISO 8601 time since 1970, milliseconds, or seconds (numbers below 10^11)"
        return Refusal("invalid", problem, where)
    return when


def stated_time(value: StatedTime | None, now: int) -> int | Refusal | None:
    """Milliseconds of a `timestamp`; None when none is stated, or one that cannot have come yet."""
    if value is None:
        return None
    when = time_of(value, "payload/timestamp")
    return None if isinstance(when, int) and when > now + FUTURE_TOLERANCE_MS else when
