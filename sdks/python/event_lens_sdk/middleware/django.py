"""For Django, with or without async: `event_lens_sdk.middleware.django.event_lens` in MIDDLEWARE.

Settings: `EVENT_LENS = {"url": …, "client_id": …, "client_secret": …, "views": True}`, any option of a
client, and what `Knowing` has.
"""

import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from event_lens_sdk.client import Client
from event_lens_sdk.middleware import Knowing, Seen, record_view, visitor_of
from event_lens_sdk.visitors import Visitor, visiting


class Request(Protocol):
    """What is used of Django's request."""

    method: str | None
    META: dict[str, Any]
    headers: Any

    def build_absolute_uri(self) -> str: ...
    def get_host(self) -> str: ...


class Response(Protocol):
    """What is used of Django's response."""

    status_code: int
    headers: Any


_KNOWING = ("views", "profile_id", "device_id", "ip", "skip")


def _settings() -> dict[str, Any]:
    return dict(getattr(import_module("django.conf").settings, "EVENT_LENS", {}))


@cache
def client() -> Client:
    """The client of this process, made of the setting EVENT_LENS."""
    return Client(**{name: value for name, value in _settings().items() if name not in _KNOWING})


def event_lens(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The visitor is known to whatever answers a request: the middleware, sync or async as Django asks."""
    client()  # made here, in the main thread, where signals may be caught
    stated = {name: value for name, value in _settings().items() if name in _KNOWING}
    knowing = cast("Knowing[Request]", {"profile_id": _signed_in, **stated})
    if inspect.iscoroutinefunction(get_response):
        return _asynchronous(get_response, knowing)
    return _synchronous(get_response, knowing)


vars(event_lens).update(sync_capable=True, async_capable=True)


def _synchronous(
    get_response: Callable[[Request], Response], knowing: Knowing[Request]
) -> Callable[[Request], Response]:
    def middleware(request: Request) -> Response:
        found = _visitor(request, knowing)
        if found is None:
            return get_response(request)
        with visiting(found[1]):
            response = get_response(request)
        _answered(found, response, knowing)
        return response

    return middleware


def _asynchronous(
    get_response: Callable[[Request], Awaitable[Response]], knowing: Knowing[Request]
) -> Callable[[Request], Awaitable[Response]]:
    async def middleware(request: Request) -> Response:
        found = _visitor(request, knowing)
        if found is None:
            return await get_response(request)
        with visiting(found[1]):
            response = await get_response(request)
        _answered(found, response, knowing)
        return response

    return middleware


def _visitor(request: Request, knowing: Knowing[Request]) -> tuple[Seen, Visitor] | None:
    skip = knowing.get("skip")
    if skip is not None and skip(request):
        return None
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    address = str(request.META.get("REMOTE_ADDR") or "")
    try:
        seen = Seen(request.method or "", request.build_absolute_uri(), request.get_host(), headers, address)
    except Exception:  # noqa: BLE001  # DisallowedHost: Django's own answer to that is the right one
        return None
    return seen, visitor_of(request, seen, knowing)


def _answered(found: tuple[Seen, Visitor], response: Response, knowing: Knowing[Request]) -> None:
    if knowing.get("views"):
        seen, visitor = found
        record_view(
            client(), visitor, seen, response.status_code, str(response.headers.get("content-type", ""))
        )


def _signed_in(request: Any) -> str | None:
    """The key of the user who is signed in, where the request has loaded one: an event asks no database."""
    user = getattr(request, "_cached_user", None) or getattr(request, "_acached_user", None)
    return str(user.pk) if user is not None and user.is_authenticated else None
