"""One application in the tests' own process (the embedded engine opens one directory a process)."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from eventlens.api.app import App
from eventlens.api.services import Services
from eventlens.settings import Settings
from tests.support.inprocess import InProcess
from tests.support.project import Project

PEER = "198.51.100.7"
"""The address that requests come from, unless a test says otherwise."""


class Door(httpx.BaseTransport):
    """A blocking client's way into an application, as a socket from `peer`."""

    def __init__(self, app: App, peer: str) -> None:
        self.app = app
        self.peer = peer
        self.runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self.runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(self.peer, 4711))
        answer = await transport.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def close(self) -> None:
        self.runner.close()


def settings_with(settings: Settings, **changed: str) -> Settings:
    """The settings as they would be with other values in the environment."""
    environ = {"EVENTLENS_DATA": str(settings.data), "RATE_LIMIT": "off", **changed}
    return Settings.load(environ, None)


OpenDoor = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    running = InProcess(tmp_path_factory.mktemp("api") / "data", RATE_LIMIT="off")
    yield running
    running.close()


@pytest.fixture
def open_door(inside: InProcess) -> Iterator[OpenDoor]:
    """Clients of applications with settings or services of a test's own, over the same stores."""
    made: list[httpx.Client] = []

    def make(peer: str = PEER, services: dict[str, Any] | None = None, **settings: str) -> httpx.Client:
        here: Services = inside.runtime.services
        here = replace(here, settings=settings_with(here.settings, **settings), **(services or {}))
        made.append(httpx.Client(transport=Door(App(here), peer), base_url="http://in-process"))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture(scope="module")
def project(inside: InProcess) -> Project:
    """A project for tests that count nothing in it."""
    return inside.project()
