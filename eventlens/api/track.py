"""Collection over HTTP: the hot path, from a whole request to its answer.

`collecting` drives it straight from the socket; as an ASGI application it serves the requests that come
another way. No coroutine runs for an ordinary request, only callbacks. How each route reads and answers is
in the table of `doors`.

Order of checks as the published clients know it: what is wrong with the body (400), whoever sends it, then
the client (401, 403), then what only that client may not do.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from eventlens.accounts.filters import ProjectFilters
from eventlens.api.counting import count
from eventlens.api.doors import (
    DOOR_AT,
    JSON,
    NOT_FOUND,
    NOT_NUMBER,
    Answer,
    Asked,
    Door,
    KnownDevice,
    RawHeaders,
    Reading,
    device_answer,
    device_refusal,
)
from eventlens.api.errors import unexpected
from eventlens.api.limits import Limits
from eventlens.api.refused import Refused
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
from eventlens.api.unpacking import unpacked
from eventlens.errors import EventLensError, NotFound, TooLarge, Unavailable
from eventlens.ingest.accept import BLOCKED_ADDRESS, Collected
from eventlens.ingest.admit import UUID_LENGTH, Admission, Credentials, admit
from eventlens.ingest.payload import AddPayload, Body, Moment, Refusal, command_of, identifier
from eventlens.ingest.senders import Sender
from eventlens.insights.profiles import number_of
from eventlens.store.base import Store
from eventlens.tracing import current, request_id, request_id_of

if TYPE_CHECKING:
    from eventlens.spans import Tracer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATHS = frozenset(DOOR_AT)

RawCredentials = tuple[bytes | None, bytes | None, bytes | None]

ALWAYS: RawHeaders = (
    (b"access-control-allow-origin", b"*"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
"""What every answer of collection has."""

_MOST_ADMISSIONS = 10_000

_LOOKS, _LOOK_SECONDS = 4, 0.3
"""How often, and at what distance, one looks for a profile while something waits to be stored."""
_LONGEST_ADMITTED = 1024
"""Bytes of credentials that are remembered: a page may send any secret, and none of it is checked there."""


class Incoming(NamedTuple):
    """A request for one of the collection routes, whole."""

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes
    peer: str
    """Address at the other end of the socket."""
    trace: str = ""
    """What goes on with its events, where it is traced."""


Respond = Callable[[Answer], None]
"""Called once, in the event loop."""


@dataclass(slots=True)
class _Request:
    """A request whose body was read."""

    incoming: Incoming
    door: Door
    reading: Reading
    bodies: Sequence[Body | Refusal]
    first: Body | None
    """Where credentials may stand that are not in the headers."""
    headers: Headers
    respond: Respond
    began: float
    """When it was whole, by `perf_counter`."""

    @property
    def raw(self) -> bytes:
        """What the sender said, wherever it stands: two pixels differ in their query."""
        return self.incoming.body or self.incoming.query

    def settle(self, outcome: Collected | Exception) -> None:
        """Answer with what became of it."""
        try:
            if isinstance(outcome, Exception):
                answer = _failure(outcome, self.incoming, self.door)
            else:
                answer = self.door.answer(self.reading, outcome)
        except Exception as error:  # noqa: BLE001  # whatever it is, the sender gets an answer
            answer = _failure(error, self.incoming, self.door)
        self.tell(answer)

    def tell(self, answer: Answer) -> None:
        """Answer."""
        count(self.incoming.path, answer.status, self.began)
        self.respond(answer)


class Collection:
    """The collection routes. `begin` serves one request; as an ASGI application it does the same."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self._clients = services.clients
        self._filters = services.filters
        self._collector = services.collector
        self._store = services.store
        self._queue = services.queue
        self._clock = services.clock
        self._limits = limits
        self._body_limit = services.settings.body_limit
        self._batch_limit = services.settings.track_batch_limit
        self._proxies = services.settings.trusted_proxies
        # Raw credentials → what they were admitted as, for as long as the client they name is the same.
        self._admissions: dict[RawCredentials, Admission] = {}
        self._refused = Refused()
        self._tasks: set[asyncio.Task[None]] = set()
        self._tracer = current()

    def begin(self, incoming: Incoming, respond: Respond) -> None:
        """Take a request; `respond` hears the answer, mostly when the events are durable."""
        began = perf_counter()
        if self._tracer is not None:
            incoming, respond = _traced(self._tracer, incoming, respond)
        door = DOOR_AT[incoming.path]
        try:
            answer = self._begin(incoming, door, respond, began)
        except Exception as error:  # noqa: BLE001  # whatever it is, the sender gets an answer
            answer = _failure(error, incoming, door)
        if answer is not None:
            count(incoming.path, answer.status, began)
            respond(answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        headers = headers_of(scope["headers"])
        method: str = scope["method"]
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        query: bytes = scope.get("query_string", b"")
        incoming = Incoming(method, path, query, headers, b"", peer_of(scope))
        try:
            body = await self._read(headers, receive) if method == "POST" else b""
        except EventLensError as error:
            refused = _failure(error, incoming, DOOR_AT[path])
            count(path, refused.status, perf_counter())
            answer.set_result(refused)
        else:
            whole = incoming._replace(body=body)
            self.begin(whole, lambda made: None if answer.done() else answer.set_result(made))
        status, content, more = await answer
        await send(_start(status, len(content), more))
        await send({"type": "http.response.body", "body": content})

    def _begin(self, incoming: Incoming, door: Door, respond: Respond, began: float) -> Answer | None:
        """The answer if there is one at once; else `respond` hears it later."""
        if incoming.method != door.method:
            return door.other_method(incoming.method, incoming.headers)
        headers = door.headers(incoming.headers)
        if incoming.body and b"content-encoding" in headers:
            body = unpacked(incoming.body, headers[b"content-encoding"], self._body_limit)
            if isinstance(body, Refusal):
                return door.refuse(body)
            incoming = incoming._replace(body=body)
        reading = door.read(Asked(incoming.query, headers, incoming.body), self._batch_limit)
        if isinstance(reading, Refusal):
            return door.refuse(reading)
        if isinstance(reading, list):
            first = next((body for body in reading if not isinstance(body, Refusal)), None)
            return self._admit(_Request(incoming, door, reading, reading, first, headers, respond, began))
        return self._admit(_Request(incoming, door, reading, [reading], reading, headers, respond, began))

    def _admit(self, request: _Request) -> Answer | None:
        """Go on with the client that the headers name, else the one that the body names."""
        body = request.first
        raw = raw_credentials_of(request.headers)
        in_body = body is not None and bool(body.client_id or body.client_secret)
        known = None if in_body else self._admissions.get(raw)
        # The cache of clients gives the same object until it has read the client anew.
        if known is not None and self._clients.remembered(known.client.id) is known.client:
            return self._collect(request, known)
        client_id, secret = (body.client_id, body.client_secret) if body else (None, None)
        credentials = credentials_of(request.headers, client_id or "", secret or "")
        if len(credentials.client_id) != UUID_LENGTH or self._clients.remembered(credentials.client_id):
            return self._judge(request, credentials, None if in_body else raw)
        return self._later(request, self._look_up(request, credentials, None if in_body else raw))

    def _later(self, request: _Request, answering: Awaitable[Answer | None]) -> None:
        """Answer from a task: what has to wait for a database."""

        async def run() -> None:
            try:
                answer = await answering
            except Exception as error:  # noqa: BLE001  # whatever it is, the sender gets an answer
                answer = _failure(error, request.incoming, request.door)
            if answer is not None:
                request.tell(answer)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look_up(
        self, request: _Request, credentials: Credentials, raw: RawCredentials | None
    ) -> Answer | None:
        """The client is not in memory: without blocking, ask the catalog for it first."""
        await self._clients.find_soon(credentials.client_id)
        return self._judge(request, credentials, raw)

    def _judge(
        self, request: _Request, credentials: Credentials, raw: RawCredentials | None
    ) -> Answer | None:
        admission = admit(credentials, self._clients)
        if isinstance(admission, Refusal):
            self._refused.note(credentials.client_id, admission.message, credentials.origin)
            return self._stranger(request, admission)
        if raw is not None and sum(map(len, filter(None, raw))) <= _LONGEST_ADMITTED:
            if len(self._admissions) >= _MOST_ADMISSIONS:
                self._admissions.clear()
            self._admissions[raw] = admission
        return self._collect(request, admission)

    def _collect(self, request: _Request, admission: Admission) -> Answer | None:
        incoming, client = request.incoming, admission.client
        sender = sender_of(incoming.headers, incoming.peer, proxies=self._proxies, trusted=admission.trusted)
        if self._limits.count_collection:
            self._limits.spend_collection(client.id, sender.ip, trusted=admission.trusted)
        filters = self._filters.of(client.project_id)
        if not filters.empty and filters.address(sender.ip):
            self._collector.set_apart(client.project_id, "ip", len(request.bodies))
            return request.door.refuse(BLOCKED_ADDRESS)
        if request.door.check == "device_id":
            return self._device(request, client.project_id, sender)
        if request.door.check == "profile_number":
            return self._later(request, self._checked(request, admission, sender, filters))
        self._collector.begin(
            admission, request.bodies, sender, request.raw, request.settle, filters, incoming.trace
        )
        return None

    def _device(self, request: _Request, project_id: str, sender: Sender) -> Answer:
        refusal = device_refusal(sender)
        if refusal is not None:
            return request.door.refuse(refusal)
        return device_answer(KnownDevice(*self._collector.known_device(project_id, sender)))

    async def _checked(
        self, request: _Request, admission: Admission, sender: Sender, filters: ProjectFilters
    ) -> Answer | None:
        """The legacy routes say what is wrong with a profile, as far as it is processed."""
        payload = request.first.payload if request.first else None
        assert isinstance(payload, AddPayload)
        asked = (admission.client.project_id, identifier(payload.profile_id), payload.property)
        is_number: bool | None = None
        for attempt in range(_LOOKS):
            if attempt:
                if not self._queue.depth().events:
                    break
                await asyncio.sleep(_LOOK_SECONDS)  # the profile may just have been sent
            async with self._limits.turns.turn():
                is_number = await asyncio.to_thread(_number_of, self._store, asked)
            if is_number is not None:
                break
        if is_number is None:
            return request.door.refuse(NOT_FOUND)
        if not is_number:
            return request.door.refuse(NOT_NUMBER)
        self._collector.begin(
            admission, request.bodies, sender, request.raw, request.settle, filters, request.incoming.trace
        )
        return None

    def _stranger(self, request: _Request, refusal: Refusal) -> Answer:
        """Refuse; who shows wrong credentials too often gets a 429. Raises RateLimited."""
        if request.first is not None and not isinstance(request.reading, list):
            # What is wrong with the body comes first.
            wrong = command_of(request.first, Moment(self._clock(), trusted=True))
            if isinstance(wrong, Refusal):
                return request.door.refuse(wrong)
        if refusal.code == "credentials":
            incoming = request.incoming
            address = address_of(incoming.headers, incoming.peer, proxies=self._proxies, trusted=False)
            self._limits.spend_stranger(address)
        return request.door.refuse(refusal)

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


def _number_of(store: Store, asked: tuple[str, str, str]) -> bool | None:
    """Whether a profile's property is a number; None where there is no such profile."""
    try:
        return number_of(store, *asked)
    except NotFound:
        return None


def _failure(error: Exception, incoming: Incoming, door: Door) -> Answer:
    if isinstance(error, EventLensError):
        return door.fail(error)
    known = request_id.get() or request_id_of(incoming.headers.get(b"x-request-id"))
    told = request_id.set(known)
    try:
        body = unexpected(error, f"{incoming.method} {incoming.path}")
    finally:
        request_id.reset(told)
    return Answer(500, body, (*JSON, (b"x-request-id", known.encode())))


def _traced(tracer: "Tracer", incoming: Incoming, respond: Respond) -> tuple[Incoming, Respond]:
    """The same, told of with its answer, if it is one of those that are traced."""
    span = tracer.begin(f"{incoming.method} {incoming.path}", incoming.headers.get(b"traceparent"))
    if span is None:
        return incoming, respond

    def told(answer: Answer) -> None:
        about = {
            "http.request.method": incoming.method,
            "http.route": incoming.path,
            "http.response.status_code": int(answer.status),
            "http.request.body.size": len(incoming.body),
        }
        tracer.end(span, about)
        respond(answer)

    return incoming._replace(trace=tracer.traceparent(span)), told


@lru_cache(maxsize=1024)
def _start(status: int, size: int, headers: RawHeaders) -> MutableMapping[str, Any]:
    return {
        "type": "http.response.start",
        "status": int(status),
        "headers": [(b"content-length", str(size).encode()), *ALWAYS, *headers],
    }
