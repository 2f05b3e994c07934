"""`WS /insights/{projectId}/live/stream`: the answers of `live`, pushed whenever they become others.

Whoever may ask `live` may listen. All who listen to the same question share one reading of the store: it is
made when something of the project was touched, and every few seconds because people leave without a word.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect

from eventlens.api.access import admitted
from eventlens.api.errors import error_response
from eventlens.api.limits import Limits
from eventlens.api.route import Call, Route
from eventlens.api.services import Services
from eventlens.api.track import Receive, Scope, Send
from eventlens.errors import EventLensError, Forbidden, NotFound
from eventlens.insights.answers import told_as_partial
from eventlens.store.tickets import Ticket, asking
from eventlens.store.touches import count_touches

ROUTE = "/insights/{projectId}/live"
_PATH = re.compile(r"/insights/([^/]+)/live/stream")

LOOK_SECONDS = 1.0
"""How often it is looked whether something happened."""
LEAVE_SECONDS = 5.0
"""After how long an answer is made anew although nothing did."""
ADMIT_SECONDS = 60.0
"""After how long a listener's rights are looked at again."""


class _Channel:
    """One question and its newest answer; `told` is set anew with each."""

    def __init__(self) -> None:
        self.listeners = 0
        self.answer = b""
        self.told = asyncio.Event()
        self.work: asyncio.Task[None] | None = None

    def tell(self, answer: bytes) -> None:
        self.answer = answer
        told, self.told = self.told, asyncio.Event()
        told.set()


class LiveStreams:
    """The sockets of one process."""

    def __init__(self, route: Route, services: Services, limits: Limits) -> None:
        self._route = route
        self._services = services
        self._limits = limits
        self._channels: dict[tuple[str, str], _Channel] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket until either side ends it."""
        socket = WebSocket(scope, receive, send)
        found = _PATH.fullmatch(scope["path"])
        try:
            if found is None:
                raise NotFound("There is no socket here.")
            call = await self._admitted(scope, found[1])
            first = await self._answer(call)
        except EventLensError as error:
            await socket.send_denial_response(error_response(error))
            return
        await socket.accept()
        leaving = asyncio.ensure_future(_left(socket))
        telling = asyncio.ensure_future(self._tell(socket, call, first))
        try:
            await asyncio.wait({leaving, telling}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            telling.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect):
                await telling

    async def _admitted(self, scope: Scope, project_id: str) -> Call:
        """The call as if `live` had been asked. Raises what refuses it."""
        request = Request(
            {**scope, "type": "http", "method": "GET", "path_params": {"projectId": project_id}}
        )
        _check_origin(request, self._services)
        caller = await admitted(self._route, request, self._services, self._limits)
        return Call(request, self._services, self._limits, caller, project_id)

    async def _tell(self, socket: WebSocket, call: Call, first: bytes) -> None:
        loop = asyncio.get_running_loop()
        admit_at = loop.time() + ADMIT_SECONDS
        await socket.send_text(first.decode())
        async with self._channel(call, first) as channel:
            while True:
                told = channel.told
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, admit_at - loop.time())):
                        await told.wait()
                if loop.time() >= admit_at:
                    try:
                        await self._admitted(socket.scope, call.project_id)
                    except EventLensError as error:
                        await socket.close(1008, error.message[:120])
                        return
                    admit_at = loop.time() + ADMIT_SECONDS
                if told.is_set():
                    await socket.send_text(channel.answer.decode())

    @asynccontextmanager
    async def _channel(self, call: Call, first: bytes) -> AsyncGenerator[_Channel]:
        key = (call.project_id, str(call.request.query_params))
        channel = self._channels.setdefault(key, _Channel())
        channel.listeners += 1
        if channel.work is None:
            channel.work = asyncio.ensure_future(self._watch(channel, call, first))
        try:
            yield channel
        finally:
            channel.listeners -= 1
            if channel.listeners == 0:
                channel.work.cancel()
                del self._channels[key]

    async def _watch(self, channel: _Channel, call: Call, first: bytes) -> None:
        """Look again and again; a look that fails is made up for by the next one."""
        loop = asyncio.get_running_loop()
        shown, touched, made_at = _numbers(first), -1, loop.time()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(EventLensError):
                now = await asyncio.to_thread(count_touches, self._services.store, call.project_id)
                if now == touched and loop.time() - made_at < LEAVE_SECONDS:
                    continue
                answer = await self._answer(call)
                touched, made_at = now, loop.time()
                if (numbers := _numbers(answer)) != shown:
                    shown = numbers
                    channel.tell(answer)

    async def _answer(self, call: Call) -> bytes:
        """What `live` answers now, under the limits of a question."""
        ticket = Ticket(self._services.settings.query_seconds, may_be_partial=True)
        token = asking.set(ticket)
        try:
            async with self._limits.turns.turn():
                answer = await self._route.handler(call)
                return msgspec.json.encode(told_as_partial(answer) if ticket.partial else answer)
        finally:
            asking.reset(token)


class _Answered(msgspec.Struct):
    data: msgspec.Raw


def _numbers(answer: bytes) -> bytes:
    """The answer without its instants, which are others each time."""
    return bytes(msgspec.json.decode(answer, type=_Answered).data)


async def _left(socket: WebSocket) -> None:
    """Wait until the listener hangs up; what it says meanwhile is for nobody."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _check_origin(request: Request, services: Services) -> None:
    """A page of somebody else's must not listen with the cookie of whoever looks at it. Raises Forbidden."""
    origin = request.headers.get("origin")
    if origin is None or not request.headers.get("cookie"):
        return  # no browser; or nothing that a browser adds by itself
    own = {request.headers.get("host", ""), urlsplit(services.settings.base_url).netloc}
    if urlsplit(origin).netloc not in own and origin not in services.settings.cors_origins:
        raise Forbidden("This page is not of this server.")
