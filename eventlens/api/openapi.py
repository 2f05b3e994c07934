"""The OpenAPI document, made from the route table and the types of the wire."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.responses import HTMLResponse, Response

from eventlens import __version__
from eventlens.api.openapi_collection import COLLECTION, operation, types
from eventlens.api.page import page
from eventlens.api.route import Access, Call, Parameter, Route

_REF = "#/components/schemas/{name}"


class Problem(msgspec.Struct):
    """What went wrong: a code for programs, a message for people, the field it is about."""

    code: str
    message: str
    field: str = ""


class ErrorAnswer(msgspec.Struct):
    """The body of every error but those of the OpenPanel-compatible routes."""

    error: Problem


_WHO: dict[Access, str] = {
    "public": "Anybody may call this.",
    "read": "For a read or root client with its secret, or a signed-in member with the right to it.",
    "root": "For a root client with its secret, or a signed-in member with the right to it.",
    "user": "For somebody who is signed in.",
    "session": "For somebody who is signed in, in their own browser.",
}
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
    described = types()
    described += [kind for route in routes for kind in (route.body, route.answer) if kind is not None]
    described.append(ErrorAnswer)
    schemas, components = msgspec.json.schema_components(described, ref_template=_REF)
    by_type = {repr(kind): schema for kind, schema in zip(described, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for each in COLLECTION:
        problems = _problems({**_PROBLEMS, **({"413": _TOO_LARGE} if each.body is not None else {})})
        method, said = operation(each, by_type, problems, _parameter)
        paths.setdefault(each.path, {})[method] = said
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
    "session": {"type": "apiKey", "in": "cookie", "name": "eventlens_session"},
    "token": {"type": "http", "scheme": "bearer"},
}
_NO_SCOPES: list[str] = []
_CLIENT = {"clientId": _NO_SCOPES, "clientSecret": _NO_SCOPES}
_BROWSER = {"session": _NO_SCOPES}
_TOKEN = {"token": _NO_SCOPES}
_SECURITY: dict[Access, list[dict[str, list[str]]]] = {
    "read": [_CLIENT, _BROWSER, _TOKEN],
    "root": [_CLIENT, _BROWSER, _TOKEN],
    "user": [_BROWSER, _TOKEN],
    "session": [_BROWSER],
}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _problems(problems: Mapping[str, str]) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="ErrorAnswer")}
    return {code: {"description": words, "content": _json(schema)} for code, words in problems.items()}


def _operation(route: Route, by_type: dict[str, Any]) -> dict[str, Any]:
    answer = by_type.get(repr(route.answer), {})
    operation: dict[str, Any] = {
        "summary": route.summary,
        "description": _WHO[route.access],
        "tags": [route.tag],
        "parameters": [_parameter(parameter) for parameter in route.parameters],
        "responses": {"200": {"description": "The answer.", "content": _content(route, answer)}},
    }
    if route.leads_on:
        operation["responses"] = {"303": {"description": "The way on, in `location`."}}
    if route.access != "public":
        operation["security"] = _SECURITY[route.access]
        operation["responses"] |= _problems(_PROBLEMS)
    elif route.body is not None:  # signing in: who they are is in the body
        known = {"404": "There is no such thing.", "409": "Something stands in the way.", "413": _TOO_LARGE}
        operation["responses"] |= _problems(_PROBLEMS | known)
    if re.search(r"\{(?!projectId\})", route.path):
        operation["responses"] |= _problems({"404": "There is no such thing."})
    if route.tag == "management":
        operation["responses"] |= _problems({"404": "There is no such thing.", "413": _TOO_LARGE})
    if route.body is not None:
        content = {"schema": by_type[repr(route.body)], "example": route.example}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _content(route: Route, answer: Any) -> dict[str, Any]:
    if route.path == "/docs":
        return {"text/html": {"schema": {"type": "string"}}}
    return _json(answer) if route.media == "application/json" else {route.media: {"schema": answer}}


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
