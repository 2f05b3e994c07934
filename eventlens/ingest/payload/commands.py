"""From body to command: which rules are asked for which payload."""

import msgspec

from eventlens.events import Command, Identify, Track
from eventlens.ingest.payload.checks import Moment
from eventlens.ingest.payload.groups import assignment_of, group_of
from eventlens.ingest.payload.profiles import add_of, alias_of, identify_of
from eventlens.ingest.payload.refusal import Refusal, shape_refusal
from eventlens.ingest.payload.replays import replay_of
from eventlens.ingest.payload.shapes import (
    AliasPayload,
    AssignGroupPayload,
    Body,
    DecrementBody,
    GroupPayload,
    IdentifyPayload,
    ReplayPayload,
    TrackPayload,
)
from eventlens.ingest.payload.tracks import track_of


def command_of(body: Body, moment: Moment) -> Command | Refusal:
    """The command that a body stands for, or why it is refused (field relative to the body)."""
    payload = body.payload
    match payload:
        case TrackPayload():
            return track_of(payload, moment)
        case IdentifyPayload():
            return identify_of(payload, moment)
        case AliasPayload():
            return alias_of(payload, moment)
        case GroupPayload():
            return group_of(payload, moment)
        case AssignGroupPayload():
            return assignment_of(payload, moment)
        case ReplayPayload():
            return replay_of(payload, moment)
        case _:
            return add_of(payload, moment, sign=-1 if isinstance(body, DecrementBody) else 1)


def identify_inside(body: Body, track: Command, moment: Moment) -> Identify | Refusal | None:
    """The `__identify` payload of a track: of the same time, unless it says otherwise."""
    payload = body.payload
    if not isinstance(payload, TrackPayload) or not payload.properties:
        return None
    inner = payload.properties.get("__identify")
    if inner is None:
        return None
    try:
        identify = msgspec.convert(inner, IdentifyPayload)
    except msgspec.ValidationError as error:
        found = shape_refusal(str(error))
    else:
        its_own = moment if identify.timestamp is not None else moment._replace(now=track.timestamp)
        found = identify_of(identify, its_own)
    if isinstance(found, Refusal):
        where = ("payload/properties/__identify", found.field.removeprefix("payload/"))
        return found._replace(field="/".join(filter(None, where)))
    if isinstance(track, Track):
        found.id = found.id or track.id  # sent again with its event, it is one identification as well
    return found


def with_id(body: Body, id: str) -> Body:  # noqa: A002  # the field's name
    """The body, under this id where it states none of its own. A group has its own id and needs no other."""
    payload = body.payload
    if not isinstance(payload, GroupPayload) and payload.id is None:
        payload.id = id
    return body
