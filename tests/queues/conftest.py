"""Every contract test runs on each kind of queue."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from eventlens.clock import Clock, now_ms
from eventlens.queues.base import Queue
from eventlens.queues.redis import RedisQueue
from eventlens.queues.sqlite import SqliteQueue
from tests.support.redis import RedisServer


class Backend(Protocol):
    """Opens the test's one queue, as often as asked."""

    def __call__(self, *, clock: Clock = now_ms) -> Queue: ...


@pytest.fixture(params=["sqlite", "redis"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened: list[Queue] = []

    def open_again(*, clock: Clock = now_ms) -> Queue:
        if request.param == "sqlite":
            opened.append(SqliteQueue(tmp_path / "queue.db", clock=clock))
        else:
            opened.append(RedisQueue(url, clock=clock))
        return opened[-1]

    url = ""
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        url = server.url
    yield open_again
    for queue in opened:
        queue.close()


@pytest.fixture
def queue(backend: Backend) -> Queue:
    return backend()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


@pytest.fixture
def make_queue(path: Path) -> Iterator[Callable[..., SqliteQueue]]:
    """Opens the SQLite file at `path`, with keywords as SqliteQueue takes them."""
    opened: list[SqliteQueue] = []

    def make(**options: int) -> SqliteQueue:
        opened.append(SqliteQueue(path, **options))  # pyright: ignore[reportArgumentType]  # tests pass limits only
        return opened[-1]

    yield make
    for queue in opened:
        queue.close()
