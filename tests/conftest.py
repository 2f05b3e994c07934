"""Fixtures for every test. In CI nothing may be skipped: a skip there is a failure with the test's name."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import databases
from tests.support.clickhouse import Node, library, start_node
from tests.support.project import Project
from tests.support.redis import RedisServer, binary, start_redis
from tests.support.server import Server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Turn a skip into a failure when CI=true."""
    report: pytest.TestReport = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not allow: {reason}"
    return report


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for every test that does not end it."""
    running = Server(tmp_path_factory.mktemp("server") / "data", {"TRACK_BATCH_LIMIT": "2000"})
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Servers of a test's own, not started yet; settings by keyword (`make_server(BODY_LIMIT="1000")`)."""
    made: list[Server] = []

    def make(name: str = "data", **settings: str) -> Server:
        made.append(Server(tmp_path / name, settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def project(server: Server) -> Project:
    """A fresh project on the shared server."""
    return server.project("Test")


@pytest.fixture(scope="session")
def clickhouse_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A real ClickHouse server; skipped where its library is not installed."""
    if library() is None:
        pytest.skip("the ClickHouse library is not installed (tools/clickhouse_node.py install)")
    node = start_node(tmp_path_factory.mktemp("clickhouse") / "node")
    try:
        yield node
    finally:
        node.close()


@pytest.fixture(scope="session")
def running_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis for every test that does not end it; skipped where its program is not installed."""
    if binary() is None:
        pytest.skip("redis-server is not installed")
    running = start_redis(tmp_path_factory.mktemp("redis"))
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def redis_server(running_redis: RedisServer) -> RedisServer:
    """The shared Redis, empty."""
    running_redis.empty()
    return running_redis


@pytest.fixture
def make_redis(tmp_path: Path) -> Iterator[Callable[..., RedisServer]]:
    """Servers of a test's own, with options as redis-server takes them."""
    if binary() is None:
        pytest.skip("redis-server is not installed")
    made: list[RedisServer] = []

    def make(*options: str) -> RedisServer:
        made.append(start_redis(tmp_path / f"redis-{len(made)}", *options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def database_server() -> Iterator[Callable[[str], databases.DatabaseServer]]:
    """Gives the session's MariaDB or PostgreSQL server, by name; skips where it is not installed."""
    running: dict[str, databases.DatabaseServer] = {}

    def get(name: str) -> databases.DatabaseServer:
        if name not in running:
            if reason := databases.missing(name):
                pytest.skip(reason)
            running[name] = databases.SERVERS[name]()
        return running[name]

    yield get
    for server in running.values():
        server.close()


@pytest.fixture(params=databases.DATABASES)
def database(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    database_server: Callable[[str], databases.DatabaseServer],
) -> str:
    """The name of a kind of database; settings of `tmp_path` lead to a new and empty one of that kind.

    They are in its `.env`, so that `Settings.load({}, tmp_path)` finds them in any process.
    """
    if request.param != "sqlite":
        _lead_to(database_server(request.param).create_database(), tmp_path)
    return request.param


@pytest.fixture(params=databases.DATABASES)
def emptied_database(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    database_server: Callable[[str], databases.DatabaseServer],
) -> str:
    """The same, much faster: all tables may be there already, without rows."""
    if request.param != "sqlite":
        _lead_to(database_server(request.param).emptied_database(), tmp_path)
    return request.param


def _lead_to(url: str, directory: Path) -> None:
    (directory / ".env").write_text(f"DATABASE_URL={url}\n")
