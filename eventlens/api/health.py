"""Is it alive, is it ready."""

import asyncio
import time
from ipaddress import ip_address
from typing import Any

from starlette.datastructures import Address
from starlette.responses import JSONResponse, Response

from eventlens.api.route import Call, Route
from eventlens.api.services import Services
from eventlens.errors import Unavailable

LONGEST_WAIT_MS = 60_000
"""An event that waits longer than this says that no worker gets on."""

MOST_COUNTED = 1_000
"""Dead letters are counted up to this many."""

_STORE_SECONDS = 1.0
"""How long the store's answer is believed, so that whoever asks for readiness cannot load it."""


async def health(_: Call) -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


async def live(_: Call) -> dict[str, bool]:
    """The process answers."""
    return {"live": True}


class Readiness:
    """Whether one application can do its work."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asking = asyncio.Lock()
        self._asked = -_STORE_SECONDS
        self._down = ""

    async def answer(self, *, inside: bool) -> tuple[int, dict[str, Any]]:
        """Status and body. Looks at the queue each time, at the store at most once a second.

        Only who asks from `inside` the machine is told the addresses of proxies.
        """
        queue = self._services.queue
        body: dict[str, Any] = {"ready": False}
        try:
            depth = await asyncio.to_thread(queue.depth)
            buried = await asyncio.to_thread(queue.count_dead_letters, MOST_COUNTED)
            body["queue"] = {"events": depth.events, "oldest_ms": depth.oldest_ms, "dead_letters": buried}
            await asyncio.to_thread(queue.check_room)
        except Unavailable as error:
            return 503, {**body, "message": error.message}
        down = await self._store_down()
        if down:
            return 503, {**body, "message": down}
        if depth.oldest_ms > LONGEST_WAIT_MS:
            # Still 200: whoever stops sending here would turn a backlog into an outage.
            waited = depth.oldest_ms // 1000
            body["warning"] = f"Events wait for {waited} s: a backlog, or a worker that fails; see the log."
        if inside and (suspect := self._services.collector.crowding.suspect()) is not None:
            body["one_address"] = suspect.warning
        return 200, {**body, "ready": True}

    async def _store_down(self) -> str:
        """What is wrong with the store, '' if nothing."""
        async with self._asking:
            if time.monotonic() - self._asked >= _STORE_SECONDS:
                try:
                    await asyncio.to_thread(self._services.store.ping)
                    self._down = ""
                except Unavailable as error:
                    self._down = error.message
                self._asked = time.monotonic()
            return self._down


async def ready(call: Call) -> Response:
    """The store answers and the queue has room: 200, else 503; events that wait long are a warning."""
    readiness: Readiness = call.request.app.state.readiness
    status, body = await readiness.answer(inside=_is_loopback(call.request.client))
    return JSONResponse(body, status, {"retry-after": "1"} if status == 503 else None)


def _is_loopback(peer: Address | None) -> bool:
    try:
        return peer is not None and ip_address(peer.host).is_loopback
    except ValueError:
        return False


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET", path="/health", handler=health, access="public", tag="health", summary="Is it alive?"
    ),
    Route(
        method="GET",
        path="/healthz/live",
        handler=live,
        access="public",
        tag="health",
        summary="Is it alive?",
    ),
    Route(
        method="GET",
        path="/healthz/ready",
        handler=ready,
        access="public",
        tag="health",
        summary="Is it ready?",
    ),
    Route(
        method="GET",
        path="/healthcheck",
        handler=ready,
        access="public",
        tag="health",
        summary="Is it ready?",
    ),
)
