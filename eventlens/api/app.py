"""Every route on one screen, and the ASGI application that serves them.

Collection goes straight to `track`; everything else through the table of routes. All of it answers
below `/api/v1/analytics` as well, for gateways.
"""

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from eventlens.accounts.clients import Client, secret_matches
from eventlens.api import health, insights, openapi
from eventlens.api.errors import error_body, error_response
from eventlens.api.route import Call, Route
from eventlens.api.sender import credentials_of, headers_of
from eventlens.api.services import Services
from eventlens.api.track import PATHS as TRACK_PATHS
from eventlens.api.track import Receive, Scope, Send, TrackApp
from eventlens.errors import EventLensError, Forbidden, Unauthenticated

log = logging.getLogger(__name__)

GATEWAY_PREFIX = "/api/v1/analytics"

_DESCRIBED: tuple[Route, ...] = (
    # POST /track · /track/batch · /identify · /increment · /decrement · /alias: see `track`
    *health.ROUTES,
    *insights.ROUTES,
)

ROUTES = (*_DESCRIBED, *openapi.routes_for(_DESCRIBED))

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


class App:
    """The ASGI application of one process."""

    def __init__(self, services: Services) -> None:
        self._track = TrackApp(services)
        self._rest = _starlette(services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            if path.startswith(GATEWAY_PREFIX):
                path = path[len(GATEWAY_PREFIX) :] or "/"
                scope["path"] = path
            if path in TRACK_PATHS:
                await self._track(scope, receive, send, path)
                return
        await self._rest(scope, receive, send)


def _starlette(services: Services) -> Starlette:
    routes = [
        StarletteRoute(route.path, _endpoint(route, services), methods=[route.method]) for route in ROUTES
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _on_http_error})


def _endpoint(route: Route, services: Services) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        project_id: str = request.path_params.get("projectId", "")
        try:
            client = _authorised(route, request, services, project_id)
            answer = await route.handler(Call(request, services, client, project_id))
            response = answer if isinstance(answer, Response) else _json(answer)
        except EventLensError as error:
            response = error_response(error)
        except Exception:
            log.exception("unexpected error in %s %s", route.method, route.path)
            body = error_body("internal", "Something unexpected went wrong; the log has the details.")
            response = Response(body, 500, media_type="application/json")
        response.headers.update(SECURITY_HEADERS)
        return response

    return endpoint


def _json(answer: object) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _authorised(route: Route, request: Request, services: Services, project_id: str) -> Client | None:
    """The client behind a request. Raises Unauthenticated, Forbidden (wrong type, another project)."""
    if route.access == "public":
        return None
    credentials = credentials_of(headers_of(request.headers.raw))
    if not credentials.client_id:
        raise Unauthenticated(
            "Credentials are missing: send the headers event-lens-client-id and event-lens-client-secret."
        )
    client = services.clients.find(credentials.client_id)
    if client is None or not secret_matches(client, credentials.client_secret):
        raise Unauthenticated("The client id or secret is wrong.")
    if client.type not in (route.access, "root"):
        raise Forbidden(f"This needs a {route.access} or root client; this is a {client.type} client.")
    if project_id and client.project_id != project_id:
        raise Forbidden("This client has no access to that project.")
    return client


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {
        404: ("not_found", "There is no such route."),
        405: ("method_not_allowed", "Use another method."),
    }
    code, message = codes.get(error.status_code, ("error", str(error.detail)))
    body = error_body(code, message)
    return Response(body, error.status_code, error.headers, media_type="application/json")
