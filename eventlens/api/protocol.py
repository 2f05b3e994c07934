"""What a stranger can make the server hold: bounds on heads, on bodies and on time, under the application.

uvicorn reads a head of any size, waits for its end for ever and lets every connection fill a body's buffer.
`GuardedProtocol` bounds the three. A request that arrives whole costs one comparison; only what is still
owed after a read is looked at closely, and one sweep over all connections watches the time.
"""

from asyncio import AbstractEventLoop, Transport
from collections.abc import Sized
from http import HTTPStatus
from typing import Protocol, cast
from weakref import WeakKeyDictionary

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from eventlens.api.connections import Connections, last_answer

_NEW, _REST, _HEAD, _BODY, _SURPLUS, _REFUSED, _LEFT = range(7)
"""What a connection owes: its first byte, nothing, a head, a body, a body already answered, its leaving; and
nothing to this protocol any more, because it is a socket now.
"""

_receive = HttpToolsProtocol.data_received
_headed = HttpToolsProtocol.on_headers_complete
_take_body = HttpToolsProtocol.on_body
_answered = HttpToolsProtocol.on_response_complete


class GuardedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with bounds: 431 for a head too large, 408 for one too late, 503 for bodies too many."""

    most_head = 64 << 10
    """Bytes of a head, and of what is not body within a body (trailers)."""
    most_held = 256 << 20
    """Bytes of bodies not yet answered, over all connections. What arrives in a single read always may."""
    first_byte_seconds: float = 75
    head_seconds: float = 15
    body_seconds: float = 30
    body_rate = 50_000
    """Bytes a second below which a body falls behind, once `body_seconds` are used up."""
    leaving_seconds: float = 5
    """How long one refused may go on sending (unheard) while it reads why."""
    sweep_seconds: float = 5

    counter: Connections | None = None
    """Who counts the connections given over to this protocol."""

    _phase = _NEW
    _since = 0.0
    _address: str | None = None
    _fat = False
    _upgrading = False
    _received = 0
    _unread = 0
    _held = 0
    _subject: object = None

    def connection_made(self, transport: Transport) -> None:
        super().connection_made(transport)
        self.flow = _OneReadAhead(transport, self.pipeline)
        self._since = self.loop.time()
        self._watch = watch_of(self.server_state)
        self._watch.start(self.loop, self.sweep_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._release()
        if self.counter is not None and self._address is not None:
            self.counter.closed(self._address)

    def data_received(self, data: bytes) -> None:
        if self._phase == _REFUSED:
            return
        self._unread += len(data)
        _receive(self, data)
        if self._phase == _LEFT:
            return
        cycle = self.cycle
        if self._fat:
            self._refuse_head()
        elif self._upgrading:
            # The parser takes what follows for another protocol, or for another request.
            message = "A request that has a body cannot change the protocol."
            self._refuse(HTTPStatus.BAD_REQUEST, "upgrade", message)
        elif (
            cycle is not None  # pyright: ignore[reportUnnecessaryComparison]  # None until the first head
            and cycle.scope is self.scope
            and not cycle.more_body
            and not cycle.response_complete
            and self._unread <= self.most_head
        ):
            self._phase = _REST
            self._unread = 0
        else:
            self._look(len(data))

    def _should_upgrade(self) -> bool:
        """Only to a socket, and only where there is one: any other offer need not be taken."""
        return is_socket(self.url) and super()._should_upgrade()

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        socket = self.transport.get_protocol()
        assert isinstance(socket, SocketProtocol)  # `serve` says so
        # The connection goes on, and is counted until it ends.
        socket.counter, socket.address = self.counter, self._address
        self._phase, self._address = _LEFT, None
        self._release()

    def on_headers_complete(self) -> None:
        # A body may follow in the same read, and the count of what is no body begins anew with it.
        self._fat = self._unread > self.most_head and self._head_size() > self.most_head
        parser = cast("httptools.HttpRequestParser", self.parser)
        self._upgrading = parser.should_upgrade() and any(
            name in (b"content-length", b"transfer-encoding") for name, _ in self.headers
        )
        _headed(self)

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        _take_body(self, body)

    def on_response_complete(self) -> None:
        if self._held and self.cycle.response_complete:
            self._release()
        _answered(self)

    def take_over(self, address: str) -> None:
        """The connection was counted for `address` before it was given over."""
        self._address = address

    def backdate(self, since: float) -> None:
        """What is owed began at `since`, before the connection was given over."""
        self._since = min(self._since, since)

    def overdue(self, now: float) -> None:
        """Refuse or close whoever let its time pass."""
        if self._phase == _REST or self.transport.is_closing():
            return
        waited = now - self._since
        if self._phase == _REFUSED:
            if waited > self.leaving_seconds:
                self.transport.abort()
        elif self._phase in (_NEW, _SURPLUS) or (self._phase == _BODY and self._is_answered()):
            if waited > (self.first_byte_seconds if self._phase == _NEW else self.body_seconds):
                self.transport.close()
        elif self.flow.read_paused or (self._phase == _HEAD and not self._is_answered()):
            self._since, self._received = now, 0  # it waits for us
        elif self._phase == _HEAD:
            if waited > self.head_seconds:
                self._refuse(HTTPStatus.REQUEST_TIMEOUT, "timeout", "The head of the request took too long.")
        elif waited > self.body_seconds + self._received / self.body_rate:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "timeout", "The body of the request took too long.")

    def _look(self, size: int) -> None:
        """After a read that left something owed, or brought more than a head may have."""
        if self.transport.is_closing():
            return
        phase = self._owed()
        if phase == _REST:
            self._unread = self._head_size()
        elif phase != self._phase or self.scope is not self._subject:
            self._since = self.loop.time()
            self._received = 0
            if cast("object", self.cycle) is not None:
                # The read may have ended other requests first: only what is known to be of this head counts.
                self._unread = self._head_size() if phase == _HEAD else 0
        elif phase == _SURPLUS:
            self._since = self.loop.time()
        self._phase, self._subject = phase, self.scope
        self._received += size
        if self._unread > self.most_head:
            self._refuse_head()
        elif phase == _REST:
            self._unread = 0
        elif phase == _BODY:
            if self._watch.held + size > self.most_held:
                message = "Too many request bodies are under way."
                self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", message)
                return
            self._held += size
            self._watch.held += size

    def _owed(self) -> int:
        scope = cast("object", self.scope)
        cycle = cast("object", self.cycle)
        if scope is None:
            return _NEW
        if cycle is None or self.cycle.scope is not scope:
            return _HEAD
        if self.cycle.more_body:
            return _SURPLUS if self.cycle.response_complete else _BODY
        return _HEAD if self.cycle.response_complete else _REST  # blank lines after an answer begin a head

    def _is_answered(self) -> bool:
        """Whether no answer is under way."""
        return cast("object", self.cycle) is None or self.cycle.response_complete

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse_head(self) -> None:
        message = f"The head is over the limit of {self.most_head} bytes."
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", message)

    def _release(self) -> None:
        self._watch.held -= self._held
        self._held = 0

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        """Answer and hang up; where an earlier answer is under way, only hang up."""
        answered = self._is_answered()
        mine = not answered and self.cycle.scope is self.scope and not self.cycle.response_started
        if self.pipeline or not (answered or mine):
            self.transport.close()
            return
        if mine:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self.cycle.body = bytearray()
        self._release()
        self._unset_keepalive_if_required()
        self._phase, self._since = _REFUSED, self.loop.time()
        self.flow.resume_reading()
        self.transport.write(last_answer(status, code, message))
        if self.transport.can_write_eof():
            # A close with bytes unread would be a reset, and the answer lost: read on, unheard, for a while.
            self.transport.write_eof()
        else:
            self.transport.close()


def is_socket(url: bytes) -> bool:
    """Whether a request's target is a place where sockets are."""
    return url.partition(b"?")[0].endswith(b"/live/stream")


class SocketProtocol(WebSocketsSansIOProtocol):
    """A socket; it pings, and hangs up on whoever does not answer."""

    counter: Connections | None = None
    address: str | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.counter is not None and self.address is not None:
            self.counter.closed(self.address)

    def overdue(self, now: float) -> None:
        """Whether it is alive is found out by its pings."""


class _OneReadAhead(FlowControl):
    """Reads on only when all requests of the last read are under way: who sends without end has to wait."""

    def __init__(self, transport: Transport, pipeline: Sized) -> None:
        super().__init__(transport)
        self._pipeline = pipeline

    def resume_reading(self) -> None:
        if not self._pipeline:
            super().resume_reading()


class Watched(Protocol):
    """A connection that is watched."""

    def overdue(self, now: float, /) -> None: ...


class Watch:
    """What the connections of one server share."""

    def __init__(self, state: ServerState) -> None:
        self.held = 0
        self._connections = state.connections
        self._running = False

    def start(self, loop: AbstractEventLoop, seconds: float) -> None:
        if not self._running:
            self._running = True
            loop.call_later(seconds, self._sweep, loop, seconds)

    def _sweep(self, loop: AbstractEventLoop, seconds: float) -> None:
        now = loop.time()
        for connection in list(self._connections):
            cast("Watched", connection).overdue(now)
        self._running = False
        if self._connections:
            self.start(loop, seconds)


_watches: WeakKeyDictionary[ServerState, Watch] = WeakKeyDictionary()


def watch_of(state: ServerState) -> Watch:
    """The one watch over the connections of a server."""
    watch = _watches.get(state)
    if watch is None:
        watch = _watches[state] = Watch(state)
    return watch


def guarded(body_limit: int) -> type[GuardedProtocol]:
    """The protocol for a server whose bodies may have `body_limit` bytes: two of the largest always fit."""

    class Protocol(GuardedProtocol):
        most_held = max(GuardedProtocol.most_held, 2 * body_limit)

    return Protocol
