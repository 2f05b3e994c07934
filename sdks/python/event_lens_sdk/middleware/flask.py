"""For Flask: `EventLens(app, client)`."""

from typing import Any, Unpack

from flask import Flask, Request, Response, g, request

from event_lens_sdk.client import Client
from event_lens_sdk.middleware import Knowing, Seen, record_view, visitor_of
from event_lens_sdk.visitors import enter, leave


class EventLens:
    """The visitor is known to whatever answers a request of the application."""

    def __init__(self, app: Flask, client: Client, **knowing: Unpack[Knowing[Request]]) -> None:
        self.client = client
        self._knowing = knowing
        app.before_request(self._begin)
        app.after_request(self._answered)
        app.teardown_request(self._end)

    def _begin(self) -> None:
        skip = self._knowing.get("skip")
        if skip is not None and skip(_plain(request)):
            return
        seen = _seen(request)
        visitor = visitor_of(_plain(request), seen, self._knowing)
        g.event_lens = (seen, visitor, enter(visitor))

    def _answered(self, response: Response) -> Response:
        if "event_lens" in g and self._knowing.get("views"):
            seen, visitor, _ = g.event_lens
            record_view(self.client, visitor, seen, response.status_code, response.content_type or "")
        return response

    def _end(self, _: object) -> None:
        known: Any = g.pop("event_lens", None)
        if known is not None:
            leave(known[2])


def _plain(proxy: Any) -> Request:
    """The request itself, which is still there when the proxy no longer leads to it."""
    return proxy._get_current_object()  # noqa: SLF001  # documented by Werkzeug for this


def _seen(given: Request) -> Seen:
    headers = {name.lower(): value for name, value in given.headers.items()}
    return Seen(given.method, given.url, given.host, headers, given.remote_addr or "")
