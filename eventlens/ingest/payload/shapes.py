"""The shapes of the wire: what `msgspec` checks while decoding. Unknown keys are ignored, null is absence."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

Identifier = str | int | float
"""Profile ids may be numbers."""

StatedTime = str | int | float
"""ISO 8601, or a number: seconds below 10^11, else milliseconds."""


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
    timestamp: StatedTime | None = None


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
    timestamp: StatedTime | None = None


class AddPayload(Struct, rename="camel", gc=False):
    """By how much a number of a profile grows or shrinks."""

    profile_id: Identifier
    property: str
    value: int | float | None = None
    id: str | None = None
    device_id: str | None = None
    timestamp: StatedTime | None = None


class AliasPayload(Struct, rename="camel", gc=False):
    """Another name of a profile."""

    profile_id: Identifier
    alias: Identifier
    id: str | None = None
    timestamp: StatedTime | None = None


class GroupPayload(Struct, rename="camel", gc=False):
    """What is known of a group: a company, a team. `id` is the group's own."""

    id: Identifier
    type: str
    name: str
    properties: dict[str, Any] | None = None
    timestamp: StatedTime | None = None


class AssignGroupPayload(Struct, rename="camel", gc=False):
    """A profile, or the device where none is named, belongs to groups."""

    group_ids: list[str]
    profile_id: Identifier | None = None
    id: str | None = None
    device_id: str | None = None
    timestamp: StatedTime | None = None


class ReplayPayload(Struct, rename="camel", gc=False):
    """A piece of a session's recording; `payload` is JSON text of its events."""

    chunk_index: Annotated[int, Meta(ge=0, le=65_535)] = field(name="chunk_index")
    events_count: Annotated[int, Meta(ge=1, le=1_000_000)] = field(name="events_count")
    is_full_snapshot: bool = field(name="is_full_snapshot")
    started_at: StatedTime = field(name="started_at")
    ended_at: StatedTime = field(name="ended_at")
    payload: str
    session_id: str | None = None
    profile_id: Identifier | None = None
    id: str | None = None
    device_id: str | None = None


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


class GroupBody(_Body, tag="group", kw_only=True):
    """`{"type": "group", "payload"}`."""

    payload: GroupPayload


class AssignGroupBody(_Body, tag="assign_group", kw_only=True):
    """`{"type": "assign_group", "payload"}`."""

    payload: AssignGroupPayload


class ReplayBody(_Body, tag="replay", kw_only=True):
    """`{"type": "replay", "payload"}`."""

    payload: ReplayPayload


Body = (
    TrackBody
    | IdentifyBody
    | IncrementBody
    | DecrementBody
    | AliasBody
    | GroupBody
    | AssignGroupBody
    | ReplayBody
)

BODIES: dict[str, type[Body]] = {
    "track": TrackBody,
    "identify": IdentifyBody,
    "increment": IncrementBody,
    "decrement": DecrementBody,
    "alias": AliasBody,
    "group": GroupBody,
    "assign_group": AssignGroupBody,
    "replay": ReplayBody,
}
