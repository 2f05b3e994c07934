"""What the wire carries: bodies are read, checked and become commands, or refusals that name the field."""

from eventlens.ingest.payload.checks import (
    MAX_DEVICE_ID,
    MAX_GROUPS,
    MAX_ID,
    MAX_NAME,
    MAX_PROFILE_ID,
    Moment,
    identifier,
)
from eventlens.ingest.payload.commands import command_of, identify_inside, with_id
from eventlens.ingest.payload.properties import MAX_BYTES, MAX_DEPTH, MAX_KEY, MAX_PROPERTIES
from eventlens.ingest.payload.reading import read_batch, read_body, read_payload
from eventlens.ingest.payload.refusal import Refusal
from eventlens.ingest.payload.replays import MAX_REPLAY
from eventlens.ingest.payload.shapes import (
    BODIES,
    AddPayload,
    AliasPayload,
    AssignGroupPayload,
    Body,
    GroupPayload,
    Identifier,
    IdentifyPayload,
    ReplayPayload,
    TrackBody,
    TrackPayload,
)
from eventlens.ingest.payload.tracks import MAX_TEXT, stated_address

__all__ = [
    "BODIES",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_DEVICE_ID",
    "MAX_GROUPS",
    "MAX_ID",
    "MAX_KEY",
    "MAX_NAME",
    "MAX_PROFILE_ID",
    "MAX_PROPERTIES",
    "MAX_REPLAY",
    "MAX_TEXT",
    "AddPayload",
    "AliasPayload",
    "AssignGroupPayload",
    "Body",
    "GroupPayload",
    "Identifier",
    "IdentifyPayload",
    "Moment",
    "Refusal",
    "ReplayPayload",
    "TrackBody",
    "TrackPayload",
    "command_of",
    "identifier",
    "identify_inside",
    "read_batch",
    "read_body",
    "read_payload",
    "stated_address",
    "with_id",
]
