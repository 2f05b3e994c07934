"""What strangers send meets an application in this process, or a real server."""

from collections.abc import Iterator

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project
from tests.support.server import Server
from tests.support.wire import Sender


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    running = InProcess(tmp_path_factory.mktemp("fuzz") / "data", RATE_LIMIT="off")
    yield running
    running.close()


@pytest.fixture(scope="module")
def inner_project(inside: InProcess) -> Project:
    """A project of the application in this process."""
    return inside.project()


@pytest.fixture(scope="module")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server that counts nobody's failures: what it refuses is the request's own fault."""
    running = Server(tmp_path_factory.mktemp("hostile") / "data", {"RATE_LIMIT": "off"})
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def outer_project(hostile_server: Server) -> Project:
    """A project of the real server."""
    return hostile_server.project("Hostile")


LIMIT = 100_000
"""BODY_LIMIT of the server below."""
PER_ADDRESS = 400
"""Connections that it has from one address."""


@pytest.fixture(scope="module")
def wire_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server with small limits."""
    settings = {
        "RATE_LIMIT": "off",
        "BODY_LIMIT": str(LIMIT),
        "EVENTLENS_CONNECTIONS_PER_ADDRESS": str(PER_ADDRESS),
    }
    running = Server(tmp_path_factory.mktemp("wire") / "data", settings)
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def sender(wire_server: Server) -> Sender:
    """Raw requests to it."""
    return Sender(wire_server.project("Wire"))
