"""HTTP/1.1 for collection, straight from the socket: what most connections do, as lean as it goes.

A connection begins here. Ordinary requests to collection routes are parsed by llhttp (httptools), handed to
`track.Collection` and answered, without a task, a scope or messages in between. At the first request that is
anything else (another route, a chunked body, a head in pieces, two requests at once, something malformed) the
connection goes over to `protocol.GuardedProtocol` for good, with every byte of that request: one place
decides what is lawful, and this one only knows what is ordinary.
"""

import asyncio
import re
from asyncio import AbstractEventLoop, Transport
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, ClassVar, Protocol, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from eventlens.api.connections import REFUSED, Connections
from eventlens.api.doors import Answer, RawHeaders
from eventlens.api.protocol import GuardedProtocol, guarded, is_socket, watch_of
from eventlens.api.sender import CHAINS, Headers
from eventlens.api.track import ALWAYS, Incoming, Respond

_MOST_BACKLOG = 64 << 10
"""Bytes of further requests kept while one is answered; then reading pauses."""


class Collects(Protocol):
    """What serves the requests: `track.Collection`."""

    def begin(self, incoming: Incoming, respond: Respond, /) -> None: ...


class CollectionProtocol(asyncio.Protocol):
    """One connection; see the module's docstring. `collecting` binds it to an application."""

    collection: ClassVar[Collects]
    connections: ClassVar[Connections]
    guard: ClassVar[type[GuardedProtocol]]
    paths: ClassVar[dict[bytes, str]]
    body_limit: ClassVar[int]

    _peer = ""
    _since = 0.0
    _counted = False

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        self._config = config
        self._state = server_state
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._respond = self._answer  # bound once
        self._answering = False
        self._closing = False
        self._unread = False  # answers are piling up: their sender does not read them
        self._due = False  # what came during an answer is to be taken
        self._backlog = b""
        self._held = 0
        self._clear()

    def _clear(self) -> None:
        """Nothing of a next request is there."""
        self._first = b""  # all of the first read
        self._parts: list[bytes] = []  # of the body
        self._in_first = 0  # how many of them came with the first read
        self._begun = 0
        self._headed = False
        self._foreign = False
        self._whole = False

    # --- the transport ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen."""
        self._transport = cast("Transport", transport)
        address = get_remote_addr(self._transport)
        self._peer = address[0] if address else ""
        self._since = self._loop.time()
        if not self.connections.opened(self._peer):
            self._transport.write(REFUSED)
            self._transport.close()
            return
        self._counted = True
        self._state.connections.add(cast("Any", self))
        self._watch = watch_of(self._state)
        self._watch.start(self._loop, self.guard.sweep_seconds)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Whatever was accepted stays so; nobody hears the answer."""
        if self._counted:
            self._state.connections.discard(cast("Any", self))
            self._release()
            self.connections.closed(self._peer)
        self._forget()

    def data_received(self, data: bytes) -> None:
        """Read on; serve a request that is whole."""
        if not self._counted:
            return
        if self._answering:
            self._backlog += data
            if len(self._backlog) > _MOST_BACKLOG:
                self._transport.pause_reading()
            return
        fresh = not self._first
        before = len(self._parts)
        if fresh:
            self._first = data
            self._since = self._loop.time()
        if not self._parse(data, fresh=fresh):
            return
        if fresh and len(data) > self.guard.most_head:
            head = len(data) - sum(map(len, self._parts))
            self._foreign = self._foreign or head > self.guard.most_head
        if self._foreign or not self._headed:
            del self._parts[before:]
            self._hand_over(b"" if fresh else data)
        elif self._whole:
            self._serve()
        else:
            self._hold(len(data), fresh=fresh)

    def _parse(self, data: bytes, *, fresh: bool) -> bool:
        """Feed the parser. False: what was read was taken in another way."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # An offer that need not be taken; Java's client makes it with its first request.
            plain = _without_upgrade(data) if fresh and not is_socket(self._url) else data
            if plain != data:
                self._parser = httptools.HttpRequestParser(self)
                self._clear()
                self.data_received(plain)
                return False
            self._foreign = True
        except httptools.HttpParserError:
            self._foreign = True
        return True

    def eof_received(self) -> bool:
        """The sender has said all that it will; it may still wait for an answer."""
        self._closing = True
        return self._answering

    def pause_writing(self) -> None:
        """The sender does not read its answers: hear no more of it."""
        self._unread = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It does again."""
        self._unread = False
        if self._due:
            self._loop.call_soon(self._go_on)
        else:
            self._transport.resume_reading()

    # --- the server and its watch ----------------------------------------------------------------

    def shutdown(self) -> None:
        """Close: now when nothing is under way, else after the answer."""
        self._closing = True
        if not self._answering:
            self._transport.close()

    def overdue(self, now: float) -> None:
        """Close what is idle for too long; whoever is late with a body is the guard's to refuse."""
        if (self._answering and not self._due) or self._transport.is_closing():
            return
        waited = now - self._since
        if not self._first:
            if waited > self.guard.first_byte_seconds:
                # What nobody reads would never be sent, and a close waits for it.
                (self._transport.abort if self._unread else self._transport.close)()
        elif waited > self.guard.body_seconds + self._held / self.guard.body_rate:
            self._hand_over(b"")

    # --- the parser ------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins: the second one in a read is no ordinary thing."""
        self._begun += 1
        self._url = b""
        self._headers: Headers = {}
        if self._begun > 1:
            self._foreign = True

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; the lists that proxies append to are one list, else the last one counts."""
        name = name.lower()
        if name in CHAINS and name in self._headers:
            value = self._headers[name] + b"," + value
        self._headers[name] = value

    def on_headers_complete(self) -> None:
        """Decide whether the request is an ordinary one."""
        headers, parser = self._headers, self._parser
        length = headers.get(b"content-length", b"")
        self._headed = True
        if not (
            self._url in self.paths
            and length.isdigit()
            and int(length) <= self.body_limit
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and b"expect" not in headers
            and b"upgrade" not in headers
        ):
            self._foreign = True
        if not parser.should_keep_alive():
            self._closing = True

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._whole = True

    # --- a request -------------------------------------------------------------------------------

    def _serve(self) -> None:
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        incoming = Incoming("POST", self.paths[self._url], b"", self._headers, body, self._peer)
        self._release()
        self._clear()
        self._answering = True
        self.collection.begin(incoming, self._respond)

    def _answer(self, answer: Answer) -> None:
        transport = self._transport
        if transport.is_closing():
            return
        date = self._state.default_headers
        head = _head(
            answer.status, len(answer.body), answer.headers, date[0][1] if date else b"", self._closing
        )
        transport.write(head + answer.body)
        self._since = self._loop.time()
        if self._closing:
            transport.close()
        elif self._backlog:
            self._due = True
            self._loop.call_soon(self._go_on)  # not from inside this one, or many would be nested
        else:
            self._answering = False

    def _go_on(self) -> None:
        """Take what came during an answer, when its sender has read enough of what it was told."""
        if not self._due or self._unread or self._transport.is_closing():
            return
        self._answering = self._due = False
        data, self._backlog = self._backlog, b""
        self._transport.resume_reading()
        self.data_received(data)

    def _hold(self, size: int, *, fresh: bool) -> None:
        """Wait for the rest of a body, as long as all bodies under way fit into memory."""
        if fresh:
            self._in_first = len(self._parts)
        if self._watch.held + size > self.guard.most_held:
            self._hand_over(b"")
            return
        self._held += size
        self._watch.held += size

    def _release(self) -> None:
        self._watch.held -= self._held
        self._held = 0

    def _hand_over(self, data: bytes) -> None:
        """Give the connection away, with what was read of the request under way and `data` after it."""
        self._state.connections.discard(cast("Any", self))
        self._release()
        guard = self.guard(self._config, self._state, self._app_state, self._loop)
        self._transport.set_protocol(guard)
        guard.connection_made(self._transport)
        guard.take_over(self._peer)
        if self._unread:
            guard.pause_writing()
            self._transport.resume_reading()
        self._counted = False
        guard.data_received(b"".join([self._first, *self._parts[self._in_first :], data]))
        guard.backdate(self._since)  # reading it again began a new time
        self._forget()

    def _forget(self) -> None:
        """Break the circles (parser and self, self and its method): what was read would stay in memory until
        somebody looks for circles, which is seldom.
        """
        del self._parser, self._respond
        self._backlog = b""
        self._clear()


_UPGRADE = re.compile(
    rb"^(?:upgrade|http2-settings|connection)[ \t]*:[^\r\n]*\r\n", re.IGNORECASE | re.MULTILINE
)


def _without_upgrade(data: bytes) -> bytes:
    """A request whose head is whole, without its offer of another protocol; any other as it is."""
    head, end, body = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head + b"\r\n") + b"\r\n" + body if end else data


@lru_cache(maxsize=1024)
def _head(status: int, size: int, headers: RawHeaders, date: bytes, closing: bool) -> bytes:  # noqa: FBT001  # cached
    lines = [
        b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode()),
        b"content-length: %d" % size,
        *(name + b": " + value for name, value in (*ALWAYS, *headers)),
    ]
    if date:
        lines.append(b"date: " + date)
    if closing:
        lines.append(b"connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def collecting(
    collection: Collects, paths: Mapping[str, str], body_limit: int, connections: Connections
) -> type[CollectionProtocol]:
    """The protocol of a server that collects at `paths` (as requested → as `collection` knows it)."""

    class Bound(CollectionProtocol):
        guard = guarded(body_limit)

    Bound.guard.counter = connections
    Bound.connections = connections
    Bound.collection = collection
    Bound.paths = {requested.encode(): path for requested, path in paths.items()}
    Bound.body_limit = body_limit
    return Bound
