"""Collection over HTTP: the hot path, written against ASGI itself.

Order of checks as the published clients know it: the body's shape (400), then the client (401, 403),
then each event's rules. `/track` answers refusals in the OpenPanel wire's words, the routes of our own
in the shape of every other route.
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import msgspec

from eventlens.api.errors import error_body, status_of
from eventlens.api.sender import credentials_of, headers_of, sender_of
from eventlens.api.services import Services
from eventlens.errors import EventLensError, RateLimited, TooLarge, Unavailable
from eventlens.ingest.accept import Collected
from eventlens.ingest.admit import admit
from eventlens.ingest.payload import Body, Refusal, read_batch, read_body, read_payload

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SINGLE_PATHS = frozenset({"/track", "/track/"})
BATCH_PATHS = frozenset({"/track/batch", "/track/batch/"})
PAYLOAD_PATHS = {f"/{kind}": kind for kind in ("identify", "increment", "decrement", "alias")}
PATHS = SINGLE_PATHS | BATCH_PATHS | PAYLOAD_PATHS.keys()

_JSON = (b"content-type", b"application/json")
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")

_WIRE_STATUS = {"credentials": 401, "revenue": 401, "client_type": 403, "too_large": 413}
_encoder = msgspec.json.Encoder()


class TrackApp:
    """ASGI application of the collection routes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._settings = services.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        method = scope["method"]
        if method == "OPTIONS":
            await _preflight(scope, send)
            return
        if method != "POST":
            await _answer(
                send,
                405,
                error_body("method_not_allowed", "Use POST."),
                (_JSON, (b"allow", b"POST, OPTIONS")),
            )
            return
        headers = headers_of(scope["headers"])
        try:
            raw = await self._read(headers, receive)
            await self._collect(scope, headers, raw, path, send)
        except EventLensError as error:
            status, code = status_of(error)
            extra: list[tuple[bytes, bytes]] = [_JSON]
            if isinstance(error, Unavailable | RateLimited):
                extra.append((b"retry-after", str(max(1, round(error.retry_after))).encode()))
            await _answer(send, status, error_body(code, error.message), extra)

    async def _read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        limit = self._settings.body_limit
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            raise TooLarge(f"The body is over the limit of {limit} bytes.")
        body = b""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Unavailable("The sender went away.")
            body = message.get("body", b"")
            size += len(body)
            if size > limit:
                raise TooLarge(f"The body is over the limit of {limit} bytes.")
            if not message.get("more_body"):
                return b"".join([*parts, body]) if parts else body
            parts.append(body)

    async def _collect(
        self, scope: Scope, headers: dict[bytes, bytes], raw: bytes, path: str, send: Send
    ) -> None:
        bodies, many = self._bodies(headers, raw, path)
        if isinstance(bodies, Refusal):
            await _refuse(send, path, bodies)
            return
        admission = admit(_credentials(headers, bodies), self._services.clients)
        if isinstance(admission, Refusal):
            await _refuse(send, path, admission)
            return
        sender = sender_of(
            headers, _peer(scope), proxies=self._settings.trusted_proxies, trusted=admission.trusted
        )
        collected = await self._services.collector.collect(admission, bodies, sender, raw)
        if many:
            await _answer(send, 200, _batch_answer(collected), (_JSON,))
        elif collected.refusals:
            await _refuse(send, path, collected.refusals[0][1])
        elif collected.bot is not None:
            bot = {"name": collected.bot.name, "type": collected.bot.type}
            await _answer(send, 202, _encoder.encode({"bot": bot}), (_JSON,))
        else:
            await _answer(send, 200, _single_answer(collected), (_JSON,))

    def _bodies(
        self, headers: dict[bytes, bytes], raw: bytes, path: str
    ) -> tuple[Sequence[Body | Refusal] | Refusal, bool]:
        """The bodies in a request, and whether it is a batch."""
        if path in BATCH_PATHS or (path in SINGLE_PATHS and raw.lstrip()[:1] == b"["):
            lines = b"ndjson" in headers.get(b"content-type", b"")
            return read_batch(raw, lines=lines, limit=self._settings.track_batch_limit), True
        kind = PAYLOAD_PATHS.get(path)
        body = read_payload(kind, raw) if kind else read_body(raw)
        return (body if isinstance(body, Refusal) else [body]), False


def _credentials(headers: dict[bytes, bytes], bodies: Sequence[Body | Refusal]) -> Any:
    first = next((body for body in bodies if not isinstance(body, Refusal)), None)
    if first is None:
        return credentials_of(headers)
    return credentials_of(headers, first.client_id or "", first.client_secret or "")


def _single_answer(collected: Collected) -> bytes:
    return _encoder.encode(
        {"success": True, "deviceId": collected.device_id, "sessionId": collected.session_id}
    )


def _batch_answer(collected: Collected) -> bytes:
    rejected = [
        {"index": index, "code": refusal.code, "message": _message(f"events/{index}", refusal)}
        for index, refusal in collected.refusals
    ]
    return _encoder.encode({"success": True, "accepted": collected.accepted, "rejected": rejected})


def _message(prefix: str, refusal: Refusal) -> str:
    """The field's path, then what is wrong with it."""
    return f"{'/'.join(filter(None, (prefix, refusal.field)))} {refusal.message}"


async def _refuse(send: Send, path: str, refusal: Refusal) -> None:
    status = _WIRE_STATUS.get(refusal.code, 400)
    if path not in SINGLE_PATHS or status == 403:
        field = refusal.field.removeprefix("payload/") if path in PAYLOAD_PATHS else refusal.field
        code = {"credentials": "unauthenticated", "client_type": "forbidden"}.get(refusal.code, refusal.code)
        await _answer(send, status, error_body(code, refusal.message, field), (_JSON,))
    elif status == 401:
        await _answer(send, 401, f"Ingestion: {refusal.message}".encode(), (_TEXT,))
    else:
        reason = "Payload Too Large" if status == 413 else "Bad Request"
        body = {"status": status, "error": reason, "message": _message("body", refusal)}
        if refusal.field:
            body["field"] = refusal.field
        await _answer(send, status, _encoder.encode(body), (_JSON,))


async def _preflight(scope: Scope, send: Send) -> None:
    headers = headers_of(scope["headers"])
    asked = headers.get(b"access-control-request-headers", b"content-type")
    extra = (
        (b"access-control-allow-methods", b"GET,HEAD,POST"),
        (b"access-control-allow-headers", asked),
        (b"access-control-max-age", b"604800"),
        (b"vary", b"access-control-request-headers"),
    )
    await _answer(send, 204, b"", extra)


async def _answer(send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-length", str(len(body)).encode()), _ANY_ORIGIN, *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
