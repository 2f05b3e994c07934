"""Is it alive, is it ready."""

import asyncio
from typing import Any

from starlette.responses import JSONResponse, Response

from eventlens.api.route import Call, Route
from eventlens.errors import Unavailable


async def health(_: Call) -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


async def live(_: Call) -> dict[str, bool]:
    """The process answers."""
    return {"live": True}


async def ready(call: Call) -> Response:
    """The store answers and the queue can be written: 200, else 503 with what is wrong."""
    checks: dict[str, Any] = {}
    try:
        await asyncio.to_thread(call.services.store.ping)
        depth = await asyncio.to_thread(call.services.queue.depth)
        checks = {"queue": {"events": depth.events, "oldest_ms": depth.oldest_ms}}
    except Unavailable as error:
        return JSONResponse({"ready": False, "message": error.message}, 503, {"retry-after": "1"})
    return JSONResponse({"ready": True, **checks})


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
