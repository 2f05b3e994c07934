"""Every contract test runs on each kind of queue; a new kind joins here."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from eventlens.clock import Clock, now_ms
from eventlens.queues.base import Queue
from eventlens.queues.sqlite import SqliteQueue


class Backend(Protocol):
    """Opens the test's one queue, as often as asked."""

    def __call__(self, *, clock: Clock = now_ms) -> Queue: ...


def sqlite_backend(path: Path, opened: list[Queue]) -> Backend:
    def open_again(*, clock: Clock = now_ms) -> Queue:
        opened.append(SqliteQueue(path, clock=clock))
        return opened[-1]

    return open_again


KINDS: dict[str, Callable[[Path, list[Queue]], Backend]] = {"sqlite": sqlite_backend}


@pytest.fixture(params=KINDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened: list[Queue] = []
    yield KINDS[request.param](tmp_path / "queue.db", opened)
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
