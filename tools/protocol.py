"""The wire as a JSON Schema, made from the shapes and limits that the server itself checks with.

`make docs` writes it to sdks/protocol/schema.json. Rules that a schema cannot say (sizes in bytes, depth,
currencies) are in sdks/protocol/examples.json, each with an example.
"""

import json
from typing import Any

import msgspec

from eventlens.api.replies import Accepted, BatchAccepted, BotAnswer
from eventlens.ingest.payload import (
    BODIES,
    MAX_DEVICE_ID,
    MAX_GROUPS,
    MAX_ID,
    MAX_KEY,
    MAX_NAME,
    MAX_PROFILE_ID,
    MAX_PROPERTIES,
    MAX_REPLAY,
)
from eventlens.ingest.payload.profiles import MAX_STEP
from eventlens.ingest.payload.tracks import RESERVED_NAMES

Schema = dict[str, Any]

_PROFILE = {"minLength": 1, "maxLength": MAX_PROFILE_ID}

_RULES: dict[str, Schema] = {
    "id": {"minLength": 1, "maxLength": MAX_ID},
    "deviceId": {"maxLength": MAX_DEVICE_ID},
    "sessionId": {"maxLength": MAX_DEVICE_ID},
    "profileId": _PROFILE,
    "alias": _PROFILE,
    "properties": {"maxProperties": MAX_PROPERTIES, "propertyNames": {"maxLength": MAX_KEY}},
    "groups": {"maxItems": MAX_GROUPS},
    "groupIds": {"maxItems": MAX_GROUPS},
    "property": {"minLength": 1, "maxLength": MAX_KEY},
    "value": {"exclusiveMinimum": 0, "maximum": MAX_STEP},
}
"""Field → what its type leaves open, wherever the field is."""

_RULES_OF: dict[str, Schema] = {
    "TrackPayload.name": {
        "minLength": 1,
        "maxLength": MAX_NAME,
        "pattern": r"^[^\r\n]*$",
        "not": {"enum": sorted(RESERVED_NAMES)},
    },
    "TrackPayload.profileId": {"maxLength": MAX_PROFILE_ID},  # '' is nobody
    "AssignGroupPayload.profileId": {"maxLength": MAX_PROFILE_ID},
    "ReplayPayload.profileId": {"maxLength": MAX_PROFILE_ID},
    "ReplayPayload.payload": {"maxLength": MAX_REPLAY},
    "GroupPayload.id": _PROFILE,
    "GroupPayload.type": {"minLength": 1, "maxLength": MAX_NAME},
    "GroupPayload.name": {"minLength": 1, "maxLength": MAX_PROFILE_ID},
}
"""Payload and field → the same, where it is not as everywhere."""

_KEYS_OF = {
    "string": {"minLength", "maxLength", "pattern", "not"},
    "object": {"maxProperties", "propertyNames"},
    "array": {"maxItems"},
    "number": {"exclusiveMinimum", "maximum"},
    "integer": {"exclusiveMinimum", "maximum"},
}
"""Type → the rules that have a meaning for it."""


def schema() -> str:
    """The whole document as JSON text."""
    answers = [Accepted, BatchAccepted, BotAnswer]
    reference = "#/$defs/{name}"
    _, found = msgspec.json.schema_components([*BODIES.values(), *answers], ref_template=reference)
    definitions = {name: _ruled(name, found[name]) for name in sorted(found)}
    definitions["Body"] = {
        "description": "One event.",
        "anyOf": [{"$ref": f"#/$defs/{body.__name__}"} for body in BODIES.values()],
    }
    definitions["Batch"] = {
        "description": "What POST /track/batch takes; answered with BatchAccepted.",
        "type": "object",
        "properties": {"events": {"type": "array", "items": {"$ref": "#/$defs/Body"}}},
        "required": ["events"],
    }
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The wire of Event Lens",
        "description": "By `make docs` from the server's types. Unknown fields are ignored, null is absent.",
        "$ref": "#/$defs/Body",
        "$defs": definitions,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _ruled(name: str, definition: Schema) -> Schema:
    """A definition with its limits, and without what only repeats the code (`title`, `default`)."""
    fields: dict[str, Schema] = definition.get("properties", {})
    ruled = {field: _field(f"{name}.{field}", schema) for field, schema in fields.items()}
    return {key: value for key, value in definition.items() if key != "title"} | {"properties": ruled}


def _field(place: str, schema: Schema) -> Schema:
    payload, _, field = place.partition(".")
    rules = _RULES_OF.get(place, _RULES.get(field, {})) if payload.endswith("Payload") else {}
    branches: list[Schema] | None = schema.get("anyOf")
    if branches is None:
        return {**schema, **_meant(schema, rules)}
    return {"anyOf": [{**branch, **_meant(branch, rules)} for branch in branches]}


def _meant(schema: Schema, rules: Schema) -> Schema:
    keys = _KEYS_OF.get(schema.get("type", ""), set[str]())
    return {key: value for key, value in rules.items() if key in keys}
