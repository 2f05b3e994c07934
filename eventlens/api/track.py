"""Collection over HTTP: the hot path, written against ASGI itself.

Order of checks as the published clients know it: what is wrong with the body (400), whoever sends it, then
the client (401, 403), then what only that client may not do. `/track` answers in the OpenPanel wire's words
what those words are fixed for (400 and 401), and all else in the shape of every other route.
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from eventlens.api.cors import preflight_headers
from eventlens.api.errors import error_body, error_headers, status_of, unexpected
from eventlens.api.limits import Limits
from eventlens.api.sender import (
    Headers,
    address_of,
    credentials_of,
    headers_of,
    peer_of,
    raw_credentials_of,
    sender_of,
)
from eventlens.api.services import Services
from eventlens.errors import EventLensError, TooLarge, Unavailable
from eventlens.ingest.accept import Collected
from eventlens.ingest.admit import UUID_LENGTH, Admission, admit
from eventlens.ingest.payload import Body, Moment, Refusal, command_of, read_batch, read_body, read_payload

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SINGLE_PATHS = frozenset({"/track", "/track/"})
BATCH_PATHS = frozenset({"/track/batch", "/track/batch/"})
PAYLOAD_PATHS = {f"/{kind}": kind for kind in ("identify", "increment", "decrement", "alias")}
PATHS = SINGLE_PATHS | BATCH_PATHS | PAYLOAD_PATHS.keys()

RawCredentials = tuple[bytes | None, bytes | None, bytes | None]
RawHeaders = tuple[tuple[bytes, bytes], ...]

_JSON: RawHeaders = ((b"content-type", b"application/json"),)
_TEXT: RawHeaders = ((b"content-type", b"text/plain; charset=utf-8"),)
_ALWAYS: RawHeaders = (
    (b"access-control-allow-origin", b"*"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)

_STATUS = {"credentials": 401, "revenue": 401, "client_type": 403, "too_large": 413}
_CODE = {"credentials": "unauthenticated", "revenue": "unauthenticated", "client_type": "forbidden"}
_encoder = msgspec.json.Encoder()

_MOST_ADMISSIONS = 10_000


class Answer(NamedTuple):
    """What goes back: status, body, headers."""

    status: int
    body: bytes
    headers: RawHeaders = _JSON


class _Accepted(msgspec.Struct, rename="camel"):
    success: bool
    device_id: str
    session_id: str


class TrackApp:
    """ASGI application of the collection routes."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self._clients = services.clients
        self._collector = services.collector
        self._clock = services.clock
        self._limits = limits
        self._body_limit = services.settings.body_limit
        self._batch_limit = services.settings.track_batch_limit
        self._proxies = services.settings.trusted_proxies
        # Raw credentials → what they were admitted as, for as long as the client they name is the same.
        self._admissions: dict[RawCredentials, Admission] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        try:
            answer = await self._answer(scope, receive, path)
        except EventLensError as error:
            status, code = status_of(error)
            extra = tuple((name.encode(), value.encode()) for name, value in error_headers(error).items())
            answer = Answer(status, error_body(code, error.message), (*_JSON, *extra))
        except Exception as error:  # noqa: BLE001  # whatever it is, the sender gets an answer
            answer = Answer(500, unexpected(error, f"POST {path}"))
        await send(_start(answer.status, len(answer.body), answer.headers))
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive, path: str) -> Answer:
        headers = headers_of(scope["headers"])
        if scope["method"] != "POST":
            return _other_method(scope["method"], headers)
        raw = await self._read(headers, receive)
        if path in BATCH_PATHS or (path in SINGLE_PATHS and raw.lstrip()[:1] == b"["):
            lines = b"ndjson" in headers.get(b"content-type", b"")
            bodies = read_batch(raw, lines=lines, limit=self._batch_limit)
            if isinstance(bodies, Refusal):
                return _refusal(path, bodies)
            return await self._many(scope, headers, bodies, raw, path)
        kind = PAYLOAD_PATHS.get(path)
        body = read_body(raw) if kind is None else read_payload(kind, raw)
        if isinstance(body, Refusal):
            return _refusal(path, body)
        return await self._one(scope, headers, body, raw, path)

    async def _one(self, scope: Scope, headers: Headers, body: Body, raw: bytes, path: str) -> Answer:
        admission = await self._admit(headers, body)
        if isinstance(admission, Refusal):
            wrong = command_of(body, Moment(self._clock(), trusted=True))
            if isinstance(wrong, Refusal):
                return _refusal(path, wrong)
            return self._stranger(scope, headers, admission, path)
        collected = await self._collect(scope, headers, admission, [body], raw)
        if collected.refusals:
            return _refusal(path, collected.refusals[0][1])
        if collected.bot is not None:
            bot = {"name": collected.bot.name, "type": collected.bot.type}
            return Answer(202, _encoder.encode({"bot": bot}))
        return Answer(200, _encoder.encode(_Accepted(True, collected.device_id, collected.session_id)))

    async def _many(
        self, scope: Scope, headers: Headers, bodies: Sequence[Body | Refusal], raw: bytes, path: str
    ) -> Answer:
        first = next((body for body in bodies if not isinstance(body, Refusal)), None)
        admission = await self._admit(headers, first)
        if isinstance(admission, Refusal):
            return self._stranger(scope, headers, admission, path)
        collected = await self._collect(scope, headers, admission, bodies, raw)
        rejected = [
            {"index": index, "code": refusal.code, "message": _message(f"events/{index}", refusal)}
            for index, refusal in collected.refusals
        ]
        body = {"success": True, "accepted": collected.accepted, "rejected": rejected}
        return Answer(200, _encoder.encode(body))

    async def _collect(
        self,
        scope: Scope,
        headers: Headers,
        admission: Admission,
        bodies: Sequence[Body | Refusal],
        raw: bytes,
    ) -> Collected:
        if self._limits.collection is not None:
            self._limits.collection.spend(admission.client.id)
        sender = sender_of(headers, peer_of(scope), proxies=self._proxies, trusted=admission.trusted)
        return await self._collector.collect(admission, bodies, sender, raw)

    async def _admit(self, headers: Headers, body: Body | None) -> Admission | Refusal:
        """The client that the headers name, else the one that the body names."""
        raw = raw_credentials_of(headers)
        in_body = body is not None and bool(body.client_id or body.client_secret)
        known = None if in_body else self._admissions.get(raw)
        # The cache of clients gives the same object until it has read the client anew.
        if known is not None and self._clients.remembered(known.client.id) is known.client:
            return known
        client_id, secret = (body.client_id, body.client_secret) if body else (None, None)
        credentials = credentials_of(headers, client_id or "", secret or "")
        if len(credentials.client_id) == UUID_LENGTH:
            # Then the look-up of `admit` waits for nothing.
            await self._clients.find_soon(credentials.client_id)
        admission = admit(credentials, self._clients)
        if isinstance(admission, Admission) and not in_body:
            if len(self._admissions) >= _MOST_ADMISSIONS:
                self._admissions.clear()
            self._admissions[raw] = admission
        return admission

    def _stranger(self, scope: Scope, headers: Headers, refusal: Refusal, path: str) -> Answer:
        """Refuse; who shows wrong credentials too often gets a 429. Raises RateLimited."""
        if refusal.code == "credentials":
            address = address_of(headers, peer_of(scope), proxies=self._proxies, trusted=False)
            self._limits.spend_stranger(address)
        return _refusal(path, refusal)

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        limit = self._body_limit
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            raise TooLarge(f"The body is over the limit of {limit} bytes.")
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Unavailable("The sender went away.")
            body: bytes = message.get("body", b"")
            size += len(body)
            if size > limit:
                raise TooLarge(f"The body is over the limit of {limit} bytes.")
            if not message.get("more_body"):
                return b"".join([*parts, body]) if parts else body
            parts.append(body)


def _message(prefix: str, refusal: Refusal) -> str:
    """The field's path, then what is wrong with it."""
    return f"{'/'.join(filter(None, (prefix, refusal.field)))} {refusal.message}"


def _refusal(path: str, refusal: Refusal) -> Answer:
    status = _STATUS.get(refusal.code, 400)
    if path in SINGLE_PATHS and status == 401:
        return Answer(401, f"Ingestion: {refusal.message}".encode(), _TEXT)
    if path in SINGLE_PATHS and status == 400:
        message = _message("body", refusal)
        return Answer(400, _encoder.encode({"status": 400, "error": "Bad Request", "message": message}))
    field = refusal.field.removeprefix("payload/") if path in PAYLOAD_PATHS else refusal.field
    return Answer(status, error_body(_CODE.get(refusal.code, refusal.code), refusal.message, field))


def _other_method(method: str, headers: Headers) -> Answer:
    if method == "OPTIONS":
        return Answer(HTTPStatus.NO_CONTENT, b"", tuple(preflight_headers(b"GET,HEAD,POST", headers)))
    body = error_body("method_not_allowed", "Use POST.")
    return Answer(HTTPStatus.METHOD_NOT_ALLOWED, body, (*_JSON, (b"allow", b"POST, OPTIONS")))


@lru_cache(maxsize=1024)
def _start(status: int, size: int, headers: RawHeaders) -> MutableMapping[str, Any]:
    return {
        "type": "http.response.start",
        "status": int(status),
        "headers": [(b"content-length", str(size).encode()), *_ALWAYS, *headers],
    }
