"""For FastAPI, Starlette and other ASGI: `app.add_middleware(EventLensMiddleware, client=client)`."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Unpack

from event_lens_sdk.client import Client
from event_lens_sdk.middleware import Knowing, Seen, record_view, visitor_of
from event_lens_sdk.visitors import visiting

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class EventLensMiddleware:
    """The visitor is known to whatever answers the request; the request is ASGI's scope.

    Routes that are plain functions run in threads of the framework's, which take the visitor along. The
    application's shutdown sends what waits, without blocking its loop.
    """

    def __init__(self, app: Application, client: Client, **knowing: Unpack[Knowing[Scope]]) -> None:
        self._app = app
        self._client = client
        self._knowing = knowing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, a socket, or the application's life."""
        skip = self._knowing.get("skip")
        if scope["type"] == "lifespan":
            await self._app(scope, receive, self._flushing(send))
        elif scope["type"] not in ("http", "websocket") or (skip is not None and skip(scope)):
            await self._app(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = _seen(scope)
        visitor = visitor_of(scope, seen, self._knowing)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and self._knowing.get("views"):
                headers = {bytes(name).lower(): bytes(value) for name, value in message.get("headers", ())}
                kind = headers.get(b"content-type", b"").decode("latin-1")
                record_view(self._client, visitor, seen, message["status"], kind)
            await send(message)

        with visiting(visitor):
            await self._app(scope, receive, watched)

    def _flushing(self, send: Send) -> Send:
        async def flushing(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                await self._client.aflush(5)
            await send(message)

        return flushing


def _seen(scope: Scope) -> Seen:
    headers = {
        bytes(name).decode("latin-1"): bytes(value).decode("latin-1") for name, value in scope["headers"]
    }
    host = headers.get("host", "")
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    path = bytes(scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    url = f"{scope.get('scheme', 'http')}://{host}{path}{'?' if query else ''}{query}"
    peer = scope.get("client")
    return Seen(scope.get("method", "GET"), url, host, headers, str(peer[0]) if peer else "")
