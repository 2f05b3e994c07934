"""The shared nouns of collection: what the queue carries from the API to the workers.

An `Envelope` is one request: what was true of it, and the commands in it. Records are packed as
msgpack arrays. The queue never holds an IP address: place and device id are looked up before.
"""

import msgspec

MAX_PROPERTY_NAME = 128
"""Characters of a profile property's name."""

MAX_PROPERTY_PARTS = 8
"""Levels that the dots of such a name stand for."""


def property_parts(name: str) -> list[str] | None:
    """The levels of a profile property's name, outermost first; None where they are too many or too long."""
    if len(name) > MAX_PROPERTY_NAME or name.count(".") >= MAX_PROPERTY_PARTS:
        return None
    return name.split(".")


class Context(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """What all commands of one request share."""

    project_id: str
    user_agent: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None
    sdk: str = ""
    sdk_version: str = ""
    source: str = ""
    """Name under which outcomes are tallied (an import), '' for none."""
    excluded: str = ""
    """Why these commands are counted apart instead of stored (bot, ip, …), '' when they are not."""
    excluded_name: str = ""
    outside_sessions: bool = False
    """Events keep their own referrer and belong to no session (raw log lines)."""
    hints: str = ""
    """What the browser said beside its user agent (`enrich.client_hints`)."""


class Track(msgspec.Struct, array_like=True, gc=False, tag="track"):
    """One event, its special properties taken apart. Times are milliseconds since the epoch."""

    name: str
    timestamp: int
    own_time: bool
    """The client said when; a repeated id is then recognised for good."""
    id: str = ""
    device_id: str = ""
    session_id: str = ""
    profile_id: str = ""
    path: str = ""
    referrer: str = ""
    title: str = ""
    language: str = ""
    screen: str = ""
    revenue: int | None = None
    currency: str = ""
    groups: tuple[str, ...] = ()
    properties: bytes = b"{}"
    overrides: dict[str, str] | None = None
    """Column name → value that beats the user agent's answer (`__os`, …)."""


class Identify(msgspec.Struct, array_like=True, gc=False, tag="identify"):
    """Set properties of a profile (dotted name → JSON text) and tie the device to it."""

    profile_id: str
    timestamp: int
    id: str = ""
    device_id: str = ""
    properties: dict[str, bytes] = {}


class Add(msgspec.Struct, array_like=True, gc=False, tag="add"):
    """Add to a number of a profile; `value` is JSON text of a number, negative for a decrement."""

    profile_id: str
    timestamp: int
    property: str
    value: bytes
    id: str = ""
    device_id: str = ""


class Alias(msgspec.Struct, array_like=True, gc=False, tag="alias"):
    """`alias` is another name of `profile_id`."""

    profile_id: str
    alias: str
    timestamp: int
    id: str = ""


class Group(msgspec.Struct, array_like=True, gc=False, tag="group"):
    """What is known of a group of profiles (a company, a team); properties are name → JSON text.

    Properties are set one by one: what is not named stays.
    """

    group_id: str
    type: str = msgspec.field(name="kind")  # "type" is the name of the tag
    name: str
    timestamp: int
    id: str = ""
    properties: dict[str, bytes] = {}


class AssignGroup(msgspec.Struct, array_like=True, gc=False, tag="assign_group"):
    """A profile, or a device where no profile is named, belongs to groups from now on."""

    profile_id: str
    group_ids: tuple[str, ...]
    timestamp: int
    id: str = ""
    device_id: str = ""


class Replay(msgspec.Struct, array_like=True, gc=False, tag="replay"):
    """A piece of a session's recording: `payload` is JSON text of its events, as it was sent."""

    session_id: str
    """As the sender names it; '' where it leaves that to the server."""
    device_id: str
    profile_id: str
    timestamp: int
    """When the first of its events happened."""
    ended_at: int
    chunk_index: int
    events_count: int
    is_full_snapshot: bool
    payload: str
    id: str = ""


Command = Track | Identify | Add | Alias | Group | AssignGroup | Replay

DeviceCommand = Track | Identify | Add | AssignGroup | Replay
"""What a device may have sent."""


class Envelope(msgspec.Struct, array_like=True, gc=False):
    """One request: its context and its commands, in order."""

    context: Context
    commands: list[Command]
    trace: str = ""
    """The `traceparent` that goes on with it, '' where nobody traces it."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Envelope])


def pack(envelopes: list[Envelope]) -> bytes:
    """The record that the queue keeps; one request is one envelope, an import packs many."""
    return _encoder.encode(envelopes)


def unpack(body: bytes) -> list[Envelope]:
    """The inverse of `pack`. Raises msgspec.MsgspecError for anything else."""
    try:
        return _decoder.decode(body)
    except UnicodeDecodeError as error:  # msgspec lets it through
        raise msgspec.DecodeError("A text in the record is not UTF-8.") from error
