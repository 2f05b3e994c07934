"""Middleware: events made while a request is answered are its visitor's; pages may be recorded as views."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypedDict, TypeVar
from urllib.parse import urlsplit

from event_lens_sdk.client import Client
from event_lens_sdk.shapes import Identifier
from event_lens_sdk.visitors import Visitor

Q = TypeVar("Q")


class Knowing(TypedDict, Generic[Q], total=False):
    """How middleware knows visitors. `Q` is the framework's request."""

    views: bool
    """Record a screen view for each page that is answered; no unless it says so."""
    profile_id: Callable[[Q], Identifier | None]
    """Who is signed in; asked when an event is made."""
    device_id: Callable[[Q], str | None]
    """An id of the visitor's device, as from a cookie. Without one the server makes one for the day."""
    ip: Callable[[Q], str | None]
    """The visitor's address, where the framework's is a proxy's."""
    skip: Callable[[Q], bool]
    """Requests that are not looked at."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What all frameworks' requests can be reduced to. Names of headers are in lower case."""

    method: str
    url: str
    host: str
    headers: Mapping[str, str]
    ip: str


_PROGRAM = re.compile(
    r"bot|crawl|spider|slurp|preview|monitor|headless|curl|wget|python|http|java/|^$", re.IGNORECASE
)
"""Programs that say so: with the secret, as servers send, Event Lens does not look for them."""

_AHEAD = re.compile("prefetch|prerender")


def visitor_of(request: Q, seen: Seen, knowing: Knowing[Q]) -> Visitor:
    """The visitor of a request. A page's address is the request's own, or that of the page which asks."""
    referrer = seen.headers.get("referer", "")
    profile_id, device_id, ip = knowing.get("profile_id"), knowing.get("device_id"), knowing.get("ip")
    is_page = _is_navigation(seen)
    return Visitor(
        profile_id=None if profile_id is None else lambda: profile_id(request),
        device_id="" if device_id is None else lambda: device_id(request),
        path=seen.url if is_page else (referrer if _host(referrer) == seen.host else ""),
        referrer=referrer if is_page else "",
        ip=(ip(request) if ip is not None else None) or seen.ip,
        user_agent=seen.headers.get("user-agent", ""),
        language=seen.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip(),
    )


def record_view(client: Client, visitor: Visitor, seen: Seen, status: int, content_type: str) -> None:
    """Record a screen view, where the answer was a page that a person asked for."""
    if not 200 <= status < 400 or "text/html" not in content_type or not _is_navigation(seen):
        return
    if not _PROGRAM.search(seen.headers.get("user-agent", "")):
        with client.visitor(visitor):
            client.screen_view(seen.url)


def _is_navigation(seen: Seen) -> bool:
    headers = seen.headers
    ahead = _AHEAD.search(f"{headers.get('purpose', '')} {headers.get('sec-purpose', '')}")
    return seen.method == "GET" and not ahead and "text/html" in headers.get("accept", "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
