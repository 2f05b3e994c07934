"""Questions are answered for somebody: when they hang up, or wait too long, what was begun for them ends."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from eventlens.api.services import Services
from eventlens.errors import NotFound, ShardMissing, Unavailable
from eventlens.insights.answers import tells_of_parts, told_as_partial
from eventlens.store.tickets import Ticket, asking

log = logging.getLogger(__name__)

T = TypeVar("T")


async def attended(request: Request, services: Services, work: Awaitable[T]) -> T:
    """What `work` gives; its statements share one time limit and end when the caller has gone.

    The request's body must have been read, or be none: from here on only its end is waited for. Within
    another question (a saved one) the ticket is that one's.
    """
    if asking.get() is not None:
        return await work
    ticket = Ticket(services.settings.query_seconds, may_be_partial=_tells_of_parts(request))
    token = asking.set(ticket)
    working = asyncio.ensure_future(work)  # inherits the ticket, and so do threads that it starts
    asking.reset(token)
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await _end(services, ticket)
        answer = await working
    except NotFound:
        if ticket.partial:  # it may be on the shard that does not answer
            raise ShardMissing from None
        raise
    finally:
        leaving.cancel()
    if ticket.partial:
        _tell(answer)
    return answer


def _tell(answer: object) -> None:
    """Say in an answer that it is partial; a response has been told before it was written."""
    if not isinstance(answer, Response):
        told_as_partial(answer)


def may_tell_of_parts(request: Request, answer: Any) -> None:
    """Note that a request is answered with such a type: a question then lacks a shard rather than fails."""
    request.state.tells_of_parts = tells_of_parts(answer)


def _tells_of_parts(request: Request) -> bool:
    return getattr(request.state, "tells_of_parts", False)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _end(services: Services, ticket: Ticket) -> None:
    try:
        await asyncio.to_thread(services.store.cancel, ticket)
    except Unavailable as error:
        log.warning("a question nobody waits for goes on: %s", error.message)
