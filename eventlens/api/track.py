"""Collection over HTTP: the hot path, from a whole request to its answer.

`collecting` drives it straight from the socket; as an ASGI application it serves the requests that come
another way. No coroutine runs for a request, only callbacks.

Order of checks as the published clients know it: what is wrong with the body (400), whoever sends it, then
the client (401, 403), then what only that client may not do. `/track` answers in the OpenPanel wire's words
what those words are fixed for (400 and 401), and all else in the shape of every other route.
"""

import asyncio
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
from eventlens.ingest.admit import UUID_LENGTH, Admission, Credentials, admit
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
ALWAYS: RawHeaders = (
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


class Incoming(NamedTuple):
    """A request for one of the collection routes, whole."""

    method: str
    path: str
    headers: Headers
    body: bytes
    peer: str
    """Address at the other end of the socket."""


Respond = Callable[[Answer], None]
"""Called once, in the event loop."""


class Collection:
    """The collection routes. `begin` serves one request; as an ASGI application it does the same."""

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
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, incoming: Incoming, respond: Respond) -> None:
        """Take a request; `respond` hears the answer, mostly when the events are durable."""
        try:
            answer = self._begin(incoming, respond)
        except Exception as error:  # noqa: BLE001  # whatever it is, the sender gets an answer
            answer = _failure(error, incoming)
        if answer is not None:
            respond(answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        headers = headers_of(scope["headers"])
        method: str = scope["method"]
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        try:
            body = await self._read(headers, receive) if method == "POST" else b""
        except EventLensError as error:
            answer.set_result(_failure(error, None))
        else:
            incoming = Incoming(method, path, headers, body, peer_of(scope))
            self.begin(incoming, lambda made: None if answer.done() else answer.set_result(made))
        status, content, more = await answer
        await send(_start(status, len(content), more))
        await send({"type": "http.response.body", "body": content})

    def _begin(self, incoming: Incoming, respond: Respond) -> Answer | None:
        """The answer if there is one at once; else `respond` hears it later."""
        path, raw = incoming.path, incoming.body
        if incoming.method != "POST":
            return _other_method(incoming.method, incoming.headers)
        if path in BATCH_PATHS or (path in SINGLE_PATHS and raw.lstrip()[:1] == b"["):
            lines = b"ndjson" in incoming.headers.get(b"content-type", b"")
            bodies = read_batch(raw, lines=lines, limit=self._batch_limit)
            if isinstance(bodies, Refusal):
                return _refusal(path, bodies)
            first = next((body for body in bodies if not isinstance(body, Refusal)), None)
            return self._admit(_Request(incoming, bodies, first, single=False), respond)
        kind = PAYLOAD_PATHS.get(path)
        body = read_body(raw) if kind is None else read_payload(kind, raw)
        if isinstance(body, Refusal):
            return _refusal(path, body)
        return self._admit(_Request(incoming, [body], body, single=True), respond)

    def _admit(self, request: "_Request", respond: Respond) -> Answer | None:
        """Go on with the client that the headers name, else the one that the body names."""
        body = request.first
        raw = raw_credentials_of(request.incoming.headers)
        in_body = body is not None and bool(body.client_id or body.client_secret)
        known = None if in_body else self._admissions.get(raw)
        # The cache of clients gives the same object until it has read the client anew.
        if known is not None and self._clients.remembered(known.client.id) is known.client:
            return self._collect(request, known, respond)
        client_id, secret = (body.client_id, body.client_secret) if body else (None, None)
        credentials = credentials_of(request.incoming.headers, client_id or "", secret or "")
        if len(credentials.client_id) != UUID_LENGTH or self._clients.remembered(credentials.client_id):
            return self._judge(request, credentials, respond, None if in_body else raw)
        task = asyncio.get_running_loop().create_task(
            self._look_up(request, credentials, respond, None if in_body else raw)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return None

    async def _look_up(
        self, request: "_Request", credentials: Credentials, respond: Respond, raw: RawCredentials | None
    ) -> None:
        """The client is not in memory: without blocking, ask the catalog for it first."""
        try:
            await self._clients.find_soon(credentials.client_id)
            answer = self._judge(request, credentials, respond, raw)
        except Exception as error:  # noqa: BLE001  # whatever it is, the sender gets an answer
            answer = _failure(error, request.incoming)
        if answer is not None:
            respond(answer)

    def _judge(
        self, request: "_Request", credentials: Credentials, respond: Respond, raw: RawCredentials | None
    ) -> Answer | None:
        admission = admit(credentials, self._clients)
        if isinstance(admission, Refusal):
            return self._stranger(request, admission)
        if raw is not None:
            if len(self._admissions) >= _MOST_ADMISSIONS:
                self._admissions.clear()
            self._admissions[raw] = admission
        return self._collect(request, admission, respond)

    def _collect(self, request: "_Request", admission: Admission, respond: Respond) -> Answer | None:
        incoming = request.incoming
        if self._limits.collection is not None:
            self._limits.collection.spend(admission.client.id)
        sender = sender_of(incoming.headers, incoming.peer, proxies=self._proxies, trusted=admission.trusted)

        def done(outcome: Collected | Exception) -> None:
            try:
                answer = (
                    _failure(outcome, incoming) if isinstance(outcome, Exception) else request.answer(outcome)
                )
            except Exception as error:  # noqa: BLE001  # whatever it is, the sender gets an answer
                answer = _failure(error, incoming)
            respond(answer)

        self._collector.begin(admission, request.bodies, sender, incoming.body, done)
        return None

    def _stranger(self, request: "_Request", refusal: Refusal) -> Answer:
        """Refuse; who shows wrong credentials too often gets a 429. Raises RateLimited."""
        incoming = request.incoming
        if request.single and request.first is not None:  # what is wrong with the body comes first
            wrong = command_of(request.first, Moment(self._clock(), trusted=True))
            if isinstance(wrong, Refusal):
                return _refusal(incoming.path, wrong)
        if refusal.code == "credentials":
            address = address_of(incoming.headers, incoming.peer, proxies=self._proxies, trusted=False)
            self._limits.spend_stranger(address)
        return _refusal(incoming.path, refusal)

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


class _Request(NamedTuple):
    """A request whose body was read."""

    incoming: Incoming
    bodies: Sequence[Body | Refusal]
    first: Body | None
    """Where credentials may stand that are not in the headers."""
    single: bool

    def answer(self, collected: Collected) -> Answer:
        """What the sender hears of what became of it."""
        if not self.single:
            return _answer_many(collected)
        if collected.refusals:
            return _refusal(self.incoming.path, collected.refusals[0][1])
        if collected.bot is not None:
            bot = {"name": collected.bot.name, "type": collected.bot.type}
            return Answer(202, _encoder.encode({"bot": bot}))
        return Answer(200, _encoder.encode(_Accepted(True, collected.device_id, collected.session_id)))


def _answer_many(collected: Collected) -> Answer:
    rejected = [
        {"index": index, "code": refusal.code, "message": _message(f"events/{index}", refusal)}
        for index, refusal in collected.refusals
    ]
    body = {"success": True, "accepted": collected.accepted, "rejected": rejected}
    return Answer(200, _encoder.encode(body))


def _failure(error: Exception, incoming: Incoming | None) -> Answer:
    if isinstance(error, EventLensError):
        status, code = status_of(error)
        extra = tuple((name.encode(), value.encode()) for name, value in error_headers(error).items())
        return Answer(status, error_body(code, error.message), (*_JSON, *extra))
    return Answer(500, unexpected(error, f"POST {incoming.path if incoming else ''}"))


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
        "headers": [(b"content-length", str(size).encode()), *ALWAYS, *headers],
    }
