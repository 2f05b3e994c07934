"""What OpenAPI says of the collection routes: bodies, answers and examples beside the table of `doors`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from eventlens.api.doors import DOOR_AT
from eventlens.api.replies import Accepted, BatchAccepted, BotAnswer, DeviceIds, WireProblem
from eventlens.api.route import Parameter
from eventlens.ingest.payload import (
    AddPayload,
    AliasPayload,
    AssignGroupPayload,
    Body,
    GroupPayload,
    IdentifyPayload,
    ReplayPayload,
    TrackPayload,
)


class Batch(msgspec.Struct):
    """Up to `TRACK_BATCH_LIMIT` bodies."""

    events: list[Body]


Describe = Callable[[Parameter], dict[str, Any]]

JSON, TEXT, PICTURE = "application/json", "text/plain", "image/gif"


@dataclass(frozen=True, slots=True)
class Reply:
    """A status's meaning, and what may come with it: types as JSON, texts (`str`), pictures (`bytes`)."""

    words: str
    bodies: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What is said of a collection route."""

    path: str
    summary: str
    more: str = ""
    body: Any = None
    example: Any = None
    parameters: tuple[Parameter, ...] = ()
    replies: Mapping[str, Reply] = field(default_factory=dict[str, Reply])
    """Status → answer, instead of or beside what every route answers."""


_VIEW = {"name": "screen_view", "deviceId": "a-device", "path": "https://example.com/pricing"}
_SIGN_UP = {"name": "sign_up", "profileId": "ada", "properties": {"plan": "pro"}}
_ADA = {"profileId": "ada", "deviceId": "a-device", "firstName": "Ada", "properties": {"plan": "pro"}}
_ONE_LOGIN = {"profileId": "ada", "property": "logins", "value": 1}

_ACME = {"id": "acme", "type": "company", "name": "Acme", "properties": {"plan": "team"}}
_CHUNK = {
    "sessionId": "a-session",
    "deviceId": "a-device",
    "chunk_index": 0,
    "events_count": 2,
    "is_full_snapshot": True,
    "started_at": "2026-03-02T10:00:00.000Z",
    "ended_at": "2026-03-02T10:00:10.000Z",
    "payload": '[{"type":4,"data":{},"timestamp":1772445600000},{"type":2,"data":{}}]',
}

_TAKEN = {
    "200": Reply("Durable.", (Accepted,)),
    "202": Reply("A bot's event, counted apart.", (BotAnswer,)),
}
_UNKNOWN = "Credentials are missing or wrong."
_WIRE = {
    "400": Reply("The input is wrong; `message` names the part.", (WireProblem,)),
    "401": Reply(_UNKNOWN, (str,)),
}
"""The answers of OpenPanel's routes whose words published clients rely on."""

_KEY = Parameter(
    "idempotency-key",
    "The id of an event that has none of its own; in a batch the event's place is added to it.",
    {"type": "string"},
    where="header",
)

_PIXEL = tuple(
    Parameter(name, words, {"type": "string"})
    for name, words in (
        ("clientId", "The client's id, as an image sends no headers of its own."),
        ("name", "The event's name; `screen_view` when absent."),
        ("path", "The page's address or path."),
        ("referrer", "Where the visitor came from."),
        ("title", "The page's title."),
        ("profileId", "Who it is."),
        ("deviceId", "A stable id of the device."),
        ("sessionId", "An own name of the session."),
        ("id", "The event's id."),
    )
)


def _alone(path: str, summary: str, body: Any, example: Any) -> Described:
    """A route that takes a payload alone."""
    return Described(path=path, summary=summary, body=body, example=example, replies=_TAKEN)


def _legacy(path: str, summary: str, body: Any, example: Any, **replies: Reply) -> Described:
    """A route of OpenPanel's first clients: its answer is a text. `replies` by status, as in `s404`."""
    taken = Reply("Durable, as text; or a bot's event, counted apart.", (str, BotAnswer))
    own = {status[1:]: reply for status, reply in replies.items()}
    return Described(
        path=path, summary=summary, body=body, example=example, replies={"202": taken, **_WIRE, **own}
    )


_NUMBER = {
    "s400": Reply("The input is wrong, or the text `Not number`.", (WireProblem, str)),
    "s404": Reply("`Not found`: nothing is known of that profile yet.", (str,)),
}

COLLECTION: tuple[Described, ...] = (
    Described(
        path="/track",
        summary="Send one event, or an array of them.",
        more="An array is answered as by `/track/batch`.",
        body=Body,
        example={"type": "track", "payload": _VIEW},
        replies={**_TAKEN, **_WIRE, "200": Reply("Durable.", (Accepted, BatchAccepted))},
    ),
    Described(
        path="/track/batch",
        summary="Send many events; one bad event never sinks the rest.",
        more="Also a bare array, or one body a line as `application/x-ndjson`. "
        "Like every collected body it may come with `content-encoding: gzip`.",
        body=Batch,
        example={"events": [{"type": "track", "payload": _VIEW}, {"type": "track", "payload": _SIGN_UP}]},
        replies={"200": Reply("How much of it is durable.", (BatchAccepted,))},
    ),
    _alone("/identify", "Say who a profile is.", IdentifyPayload, _ADA),
    _alone("/increment", "Add to a number of a profile.", AddPayload, _ONE_LOGIN),
    _alone("/decrement", "Subtract from a number of a profile.", AddPayload, _ONE_LOGIN),
    _alone(
        "/alias",
        "Say that a profile has another name.",
        AliasPayload,
        {"profileId": "ada", "alias": "ada@old"},
    ),
    _alone("/group", "Say what is known of a group, such as a company.", GroupPayload, _ACME),
    _alone(
        "/assign_group",
        "Say that a profile, or a device, belongs to groups.",
        AssignGroupPayload,
        {"profileId": "ada", "groupIds": ["acme"]},
    ),
    _alone("/replay", "Send a piece of a session's recording.", ReplayPayload, _CHUNK),
    Described(
        path="/pixel.gif",
        summary="Send one event by loading an image: for pages and mails without JavaScript.",
        more="Any `properties.<name>` is a property of the event. The answer is a picture in any case.",
        parameters=_PIXEL,
        replies={
            "200": Reply("Durable, or a bot's event counted apart.", (bytes,)),
            **{
                status: Reply(words, (bytes,))
                for status, words in (
                    ("400", "The input is wrong."),
                    ("401", _UNKNOWN),
                    ("403", "These credentials do not give access to this."),
                    ("429", "Too often: try again after `Retry-After` seconds."),
                    ("503", "Try again after `Retry-After` seconds."),
                )
            },
        },
    ),
    Described(
        path="/track/device-id",
        summary="The ids that an event of this sender would get.",
        replies={
            "200": Reply("Its device, and its session where one is under way.", (DeviceIds,)),
            "400": Reply("The address or the user agent is missing, as text.", (str,)),
            "401": Reply(_UNKNOWN, (str,)),
        },
    ),
    _legacy("/event", "Send one event, as OpenPanel's first clients do.", TrackPayload, _SIGN_UP),
    _legacy("/profile", "Say who a profile is, as OpenPanel's first clients do.", IdentifyPayload, _ADA),
    _legacy(
        "/profile/increment",
        "Add to a number of a profile that is known already.",
        AddPayload,
        _ONE_LOGIN,
        **_NUMBER,
    ),
    _legacy(
        "/profile/decrement",
        "Subtract from a number of a profile that is known already.",
        AddPayload,
        _ONE_LOGIN,
        **_NUMBER,
    ),
)
"""What is said of each route of `doors`, in the order of the page."""

WHO_SENDS = (
    "For a write or root client: with its secret, or without it from a page of one of the client's origins."
)
_NO_SCOPES: list[str] = []


def types() -> list[Any]:
    """Every type that is described."""
    bodies = [described.body for described in COLLECTION if described.body is not None]
    answers = [
        body for described in COLLECTION for reply in described.replies.values() for body in reply.bodies
    ]
    return [*bodies, *(body for body in answers if body not in (str, bytes))]


def operation(
    described: Described, schemas: Mapping[str, Any], problems: Mapping[str, Any], parameter: Describe
) -> tuple[str, dict[str, Any]]:
    """Method and OpenAPI operation. `schemas`: by a type's `repr`; `problems`: what any route answers."""
    method = DOOR_AT[described.path].method.lower()
    replies = {status: _response(reply, schemas) for status, reply in described.replies.items()}
    found: dict[str, Any] = {
        "summary": described.summary,
        "description": f"{WHO_SENDS} {described.more}".strip(),
        "tags": ["collection"],
        # Without a secret: from a client's own origins.
        "security": [{"clientId": _NO_SCOPES, "clientSecret": _NO_SCOPES}, {"clientId": _NO_SCOPES}],
        "parameters": [parameter(each) for each in described.parameters],
        "responses": dict(sorted({**problems, **replies}.items())),
    }
    if described.body is not None:
        found["parameters"].append(parameter(_KEY))
        content = {JSON: {"schema": schemas[repr(described.body)], "example": described.example}}
        found["requestBody"] = {"required": True, "content": content}
    return method, found


def _response(reply: Reply, schemas: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    structs = [schemas[repr(body)] for body in reply.bodies if body not in (str, bytes)]
    if structs:
        content[JSON] = {"schema": structs[0] if len(structs) == 1 else {"anyOf": structs}}
    if str in reply.bodies:
        content[TEXT] = {"schema": {"type": "string"}}
    if bytes in reply.bodies:
        content[PICTURE] = {"schema": {"type": "string", "format": "binary"}}
    return {"description": reply.words, "content": content}
