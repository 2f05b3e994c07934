"""Everything in the test's own process, where a worker does one step when told: fast and without waiting.

The embedded engine opens one directory per process: use it from fixtures that end with their module.
"""

import asyncio
from pathlib import Path

import httpx

from eventlens.api.app import App
from eventlens.clock import Clock, now_ms
from eventlens.runtime import open_runtime
from eventlens.settings import Settings
from tests.support.project import Project
from tests.support.server import add_project


class _Door(httpx.BaseTransport):
    """Hands a blocking client's requests to an ASGI application, on one event loop of its own."""

    def __init__(self, app: App) -> None:
        self._asgi = httpx.ASGITransport(app=app)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        raw = b"".join([part async for part in answer.aiter_raw()])  # packed, as the headers say
        return httpx.Response(answer.status_code, headers=answer.headers, content=raw)

    def close(self) -> None:
        self._runner.close()


class InProcess:
    """The API over a runtime whose worker runs when `drain` is called."""

    def __init__(self, data: Path, *, clock: Clock = now_ms, **settings: str) -> None:
        environ = {"EVENTLENS_DATA": str(data), "INSIGHTS_RATE_LIMIT": "1000000/minute", **settings}
        self.runtime = open_runtime(Settings.load(environ, data.parent), clock)
        door = _Door(App(self.runtime.services))
        self.http = httpx.Client(transport=door, base_url="http://in-process")

    def drain(self) -> None:
        """Apply everything that waits."""
        self.runtime.worker.drain()

    def project(self, name: str = "Test", *, timezone: str = "UTC", organisation_id: str = "") -> Project:
        catalog = self.runtime.catalog
        return add_project(catalog, self.http, name, timezone, self.drain, organisation_id=organisation_id)

    def close(self) -> None:
        self.http.close()
        self.runtime.close()
