"""Every route on one screen, and the ASGI application that serves them.

Collection goes straight to `track`; everything else through the table of routes. All of it answers
below `/api/v1/analytics` as well, for gateways.
"""

import asyncio
import logging
from collections.abc import Callable, MutableMapping
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from eventlens.api import auth, health, insights, manage, measuring, openapi, opening
from eventlens.api.access import admitted
from eventlens.api.attending import attended, may_tell_of_parts
from eventlens.api.auth.doing import note
from eventlens.api.cors import RawHeaders, cors_headers, is_preflight, preflight_headers
from eventlens.api.counting import count_request
from eventlens.api.dashboard import FRAMED, Dashboard
from eventlens.api.errors import error_body, error_response, unexpected
from eventlens.api.limits import Limits
from eventlens.api.live_stream import ROUTE as LIVE
from eventlens.api.live_stream import LiveStreams
from eventlens.api.route import Call, Route
from eventlens.api.scripts import COLLECT, Scripts
from eventlens.api.sender import headers_of
from eventlens.api.services import Services
from eventlens.api.track import PATHS as TRACK_PATHS
from eventlens.api.track import Collection, Receive, Scope, Send
from eventlens.errors import EventLensError
from eventlens.settings import Settings
from eventlens.tracing import current, request_id, request_id_of

log = logging.getLogger(__name__)

GATEWAY_PREFIX = "/api/v1/analytics"

_DESCRIBED: tuple[Route, ...] = (
    # Collection has a table of its own: `doors`.
    *health.ROUTES,
    *measuring.ROUTES,
    *insights.ROUTES,
    *manage.ROUTES,
    *auth.ROUTES,
    *opening.ROUTES,
)

ROUTES = (*_DESCRIBED, *openapi.routes_for(_DESCRIBED))

SECURITY_HEADERS: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
]


class App:
    """The ASGI application of one process."""

    def __init__(self, services: Services) -> None:
        limits = Limits(services.settings, services.counts)
        self._origins = services.settings.cors_origins
        self._folder = urlsplit(services.settings.base_url).path
        self._renamed = _renamed(services.settings)
        self.collection = Collection(services, limits)
        self._rest = _starlette(services, limits)
        live = next(route for route in ROUTES if route.path == LIVE)
        self._live_streams = LiveStreams(live, services, limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._place(scope)
        if scope["type"] == "websocket":
            await self._live_streams(scope, receive, send)
            return
        if path in TRACK_PATHS:
            await self.collection(scope, receive, send, path)
            return
        headers = headers_of(scope["headers"])
        known = request_id_of(headers.get(b"x-request-id"))
        request_id.set(known)  # each request has a task, and so a context, of its own
        cors = cors_headers(self._origins, headers)
        if is_preflight(scope["method"], headers):
            if len(cors) > 1:
                cors += preflight_headers(_METHODS, headers)
            await Response(status_code=204)(scope, receive, _dressed(send, cors))
        else:
            await self._rest(scope, receive, _dressed(send, [*cors, (b"x-request-id", known.encode())]))

    def _place(self, scope: Scope) -> str:
        """The path without what stands before it: a sub-path that a proxy left on, the gateway's prefix.

        Notes in the scope where pages have to look for their assets.
        """
        path: str = scope["path"]
        root = self._folder
        if root and path.startswith(root + "/"):
            path = path[len(root) :]
        if path.startswith(GATEWAY_PREFIX + "/"):
            path = path[len(GATEWAY_PREFIX) :]
            root += GATEWAY_PREFIX
        path = self._renamed.get(path, path)
        scope["path"] = path
        scope["eventlens.root"] = root + "/"
        return path


def collection_paths(settings: Settings) -> dict[str, str]:
    """Paths of collection as they may be requested → as `track` knows them."""
    known = {path: path for path in TRACK_PATHS} | _renamed(settings)
    return {prefix + path: place for path, place in known.items() for prefix in ("", GATEWAY_PREFIX)}


def _renamed(settings: Settings) -> dict[str, str]:
    return {f"/{settings.collect_name}": f"/{COLLECT}"} if settings.collect_name else {}


_METHODS = b"GET,HEAD,POST,PUT,PATCH,DELETE"


def _dressed(send: Send, cors: RawHeaders) -> Send:
    """`send` with the headers that every answer has."""

    async def dressed(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own: RawHeaders = message["headers"]
            said = {name for name, _ in own}
            framed = any(
                name == b"content-security-policy" and FRAMED.encode() in value for name, value in own
            )
            if framed:
                said.add(b"x-frame-options")  # it knows no list of who may; the policy does
            more = [header for header in SECURITY_HEADERS if header[0] not in said]
            open_to_all = b"access-control-allow-origin" in said
            message["headers"] = [*own, *more, *([] if open_to_all else cors)]
        await send(message)

    return dressed


def _starlette(services: Services, limits: Limits) -> Starlette:
    routes = [
        StarletteRoute(_pattern(route), _endpoint(route, services, limits), methods=[route.method])
        for route in ROUTES
    ]
    dashboard = Dashboard()
    dashboard.framed_by = lambda token: _framed_by(services, token)
    routes += dashboard.routes
    routes += Scripts(services.settings).routes
    routes += [StarletteRoute(path, _redirect_to(docs)) for path, docs in _TO_DOCS.items()]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _on_http_error})
    app.state.readiness = health.Readiness(services)
    app.state.readings = measuring.Readings(
        services.settings, services.queue, services.store, services.settings.role, services.apart
    )
    # A redirect would name a host that the request made up, and lose the gateway's prefix.
    app.router.redirect_slashes = False
    return app


def _framed_by(services: Services, token: str) -> tuple[str, ...]:
    """Whose pages may show the share of a link in a frame."""
    share = services.people.shares.find(token)
    return share.embed if share else ()


_NOTED = ("management", "sign-in")
"""Tags of routes whose changes stand in the audit log."""


def _pattern(route: Route) -> str:
    """The path that is matched. Ids that senders choose (of profiles, groups, sessions) may hold slashes."""
    if not route.path.startswith("/insights/"):
        return route.path
    return route.path.replace("/{id}", "/{id:path}")


_PROBED = ("/healthz/live", "/healthz/ready", "/metrics")
"""What machines ask all day: their traces would take the places of people's."""


_TO_DOCS = {"/": "docs", "/docs/": "../docs"}
"""Where people try their luck; `/` without a dashboard. Relative: a prefix stays, and no host is named."""


def _redirect_to(location: str) -> Callable[[Request], Response]:
    return lambda _: Response(status_code=307, headers={"location": location})


def _endpoint(route: Route, services: Services, limits: Limits) -> Callable[[Request], Any]:
    tracer = None if route.path in _PROBED else current()
    name = f"{route.method} {route.path}"

    async def endpoint(request: Request) -> Response:
        began = perf_counter()
        span = None if tracer is None else tracer.begin(name, request.headers.get("traceparent", "").encode())
        answer = await answered(request)
        count_request(route.method, route.path, answer.status_code, began)
        log.debug("%s: %d in %.1f ms", name, answer.status_code, (perf_counter() - began) * 1000)
        if tracer is not None and span is not None:
            about = {"http.route": route.path, "http.response.status_code": answer.status_code}
            tracer.end(span, about)
        return answer

    async def answered(request: Request) -> Response:
        project_id: str = request.path_params.get("projectId", "")
        try:
            caller = await admitted(route, request, services, limits)
            call = Call(request, services, limits, caller, project_id)
            if route.access == "public" or (route.tag != "insights" and not route.asks):
                answer = await route.handler(call)
            else:
                async with limits.turns.turn():
                    may_tell_of_parts(request, route.answer)
                    work = route.handler(call)
                    # A body is still to be read: whoever reads it attends to the rest.
                    answer = await (work if route.body else attended(request, services, work))
            if caller is not None and route.method != "GET" and route.tag in _NOTED:
                await asyncio.to_thread(note, route, call)
            return answer if isinstance(answer, Response) else _json(answer)
        except EventLensError as error:
            return error_response(error)
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller gets an answer
            body = unexpected(error, name)
            return Response(body, 500, media_type="application/json")

    return endpoint


def _json(answer: object) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {
        404: ("not_found", "There is no such route; /docs lists them all."),
        405: ("method_not_allowed", "Use another method."),
    }
    code, message = codes.get(error.status_code, ("error", str(error.detail)))
    body = error_body(code, message)
    return Response(body, error.status_code, error.headers, media_type="application/json")
