"""The OpenAPI document, made from the route table and the types of the wire."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.responses import HTMLResponse, Response

from eventlens import __version__
from eventlens.api.page import page
from eventlens.api.route import Access, Call, Parameter, Route
from eventlens.ingest.payload import AddPayload, AliasPayload, Body, IdentifyPayload

_REF = "#/components/schemas/{name}"


class Accepted(msgspec.Struct, rename="camel"):
    """A durable event, and the ids that it got; the session id is provisional."""

    success: bool
    device_id: str
    session_id: str


class Rejected(msgspec.Struct):
    """An event of a batch that was not taken."""

    index: int
    code: str
    message: str


class BatchAccepted(msgspec.Struct):
    """How many of a batch are durable, and which are not taken."""

    success: bool
    accepted: int
    rejected: list[Rejected]


class Batch(msgspec.Struct):
    """Up to `TRACK_BATCH_LIMIT` bodies."""

    events: list[Body]


class Problem(msgspec.Struct):
    """What went wrong: a code for programs, a message for people, the field it is about."""

    code: str
    message: str
    field: str = ""


class ErrorAnswer(msgspec.Struct):
    """The body of every error but those of the OpenPanel-compatible routes."""

    error: Problem


class WireProblem(msgspec.Struct):
    """A 400 of `/track`, as published clients know it; the message begins with the field's path."""

    status: int
    error: str
    message: str


_VIEW = {"name": "screen_view", "deviceId": "a-device", "path": "https://example.com/pricing"}
_SIGN_UP = {"name": "sign_up", "profileId": "ada", "properties": {"plan": "pro"}}
_ONE_LOGIN = {"profileId": "ada", "property": "logins", "value": 1}

COLLECTION: tuple[tuple[str, str, Any, Any, Any], ...] = (
    ("/track", "Send one event, or an array of them.", Body, Accepted, {"type": "track", "payload": _VIEW}),
    (
        "/track/batch",
        "Send many events; one bad event never sinks the rest.",
        Batch,
        BatchAccepted,
        {"events": [{"type": "track", "payload": _VIEW}, {"type": "track", "payload": _SIGN_UP}]},
    ),
    (
        "/identify",
        "Say who a profile is.",
        IdentifyPayload,
        Accepted,
        {"profileId": "ada", "deviceId": "a-device", "firstName": "Ada", "properties": {"plan": "pro"}},
    ),
    ("/increment", "Add to a number of a profile.", AddPayload, Accepted, _ONE_LOGIN),
    ("/decrement", "Subtract from a number of a profile.", AddPayload, Accepted, _ONE_LOGIN),
    (
        "/alias",
        "Say that a profile has another name.",
        AliasPayload,
        Accepted,
        {"profileId": "ada", "alias": "ada@old"},
    ),
)
"""Path, summary, body, answer, example of the routes that are served before the route table is asked."""

_WHO: dict[Access, str] = {
    "public": "Anybody may call this.",
    "write": "For a write or root client, with its secret.",
    "read": "For a read or root client, with its secret.",
    "root": "For a root client, with its secret.",
}
_WHO_SENDS = (
    "For a write or root client: with its secret, or without it from a page of one of the client's origins."
)

_PROBLEMS = {
    "400": "The input is wrong; `field` names the part.",
    "401": "Credentials are missing or wrong.",
    "403": "These credentials do not give access to this.",
    "429": "Too often: try again after `Retry-After` seconds.",
    "503": "Try again after `Retry-After` seconds.",
}
_TOO_LARGE = "The body or the batch is over its limit."


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all routes."""
    types: list[Any] = [kind for _, _, body, answer, _ in COLLECTION for kind in (body, answer)]
    types += [kind for route in routes for kind in (route.body, route.answer) if kind is not None]
    types += [ErrorAnswer, WireProblem]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for path, summary, body, answer, example in COLLECTION:
        operation = _collection(summary, by_type[repr(body)], by_type[repr(answer)], example)
        if path == "/track":
            operation["responses"] |= _wire_problems(by_type[repr(WireProblem)])
        paths[path] = {"post": operation}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Event Lens", "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}, {"url": "/api/v1/analytics"}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY_SCHEMES},
    }


_SECURITY_SCHEMES = {
    "clientId": {"type": "apiKey", "in": "header", "name": "event-lens-client-id"},
    "clientSecret": {"type": "apiKey", "in": "header", "name": "event-lens-client-secret"},
}
_NO_SCOPES: list[str] = []
_CLIENT = [{"clientId": _NO_SCOPES, "clientSecret": _NO_SCOPES}]


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _problems(problems: Mapping[str, str]) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="ErrorAnswer")}
    return {code: {"description": words, "content": _json(schema)} for code, words in problems.items()}


def _wire_problems(schema: Any) -> dict[str, Any]:
    """The two answers of `/track` whose words published clients rely on."""
    text = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "400": {"description": "The input is wrong; `message` names the part.", "content": _json(schema)},
        "401": {"description": _PROBLEMS["401"], "content": text},
    }


def _collection(summary: str, body: Any, answer: Any, example: Any) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": _WHO_SENDS,
        "tags": ["collection"],
        "security": [*_CLIENT, {"clientId": _NO_SCOPES}],  # without a secret: from a client's own origins
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body, "example": example}},
        },
        "responses": {
            "200": {"description": "Durable.", "content": _json(answer)},
            "202": {"description": "A bot's event, counted apart."},
            **_problems({**_PROBLEMS, "413": _TOO_LARGE}),
        },
    }


def _operation(route: Route, by_type: dict[str, Any]) -> dict[str, Any]:
    answer = by_type.get(repr(route.answer), {})
    operation: dict[str, Any] = {
        "summary": route.summary,
        "description": _WHO[route.access],
        "tags": [route.tag],
        "parameters": [_parameter(parameter) for parameter in route.parameters],
        "responses": {"200": {"description": "The answer.", "content": _content(route, answer)}},
    }
    if route.access != "public":
        operation["security"] = _CLIENT
        operation["responses"] |= _problems(_PROBLEMS)
    if re.search(r"\{(?!projectId\})", route.path):
        operation["responses"] |= _problems({"404": "There is no such thing."})
    if route.tag == "management":
        operation["responses"] |= _problems({"404": "There is no such thing.", "413": _TOO_LARGE})
    if route.body is not None:
        content = {"schema": by_type[repr(route.body)], "example": route.example}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _content(route: Route, answer: Any) -> dict[str, Any]:
    return {"text/html": {"schema": {"type": "string"}}} if route.path == "/docs" else _json(answer)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def routes_for(routes: Sequence[Route]) -> tuple[Route, ...]:
    """The two routes that describe `routes` and themselves."""

    @cache
    def written() -> dict[str, Any]:
        return document(everything)

    async def openapi(_: Call) -> Response:
        body = msgspec.json.encode(written())
        return Response(body, media_type="application/json", headers={"access-control-allow-origin": "*"})

    async def docs(_: Call) -> Response:
        return HTMLResponse(page(written()))

    described = tuple(
        Route(method="GET", path=path, handler=handler, access="public", tag="documentation", summary=summary)
        for path, handler, summary in (
            ("/openapi.json", openapi, "This API as an OpenAPI document."),
            ("/docs", docs, "This API for people."),
        )
    )
    everything = (*routes, *described)
    return described
