"""The one thread of a process that writes to the queue's file: group commit."""

import asyncio
import contextlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

import msgspec

from eventlens.clock import Clock
from eventlens.errors import QueueFull, Unavailable
from eventlens.queues.base import ARRIVAL_BITS, Settled
from eventlens.queues.sqlite_file import (
    BUSY_SECONDS,
    FULL_RETRY_SECONDS,
    connect_writer,
    primary_code,
    unavailable,
)

log = logging.getLogger(__name__)

ROW_EVENTS = 500
"""A row is closed at this many events or bytes, so that claims come close to the number asked for."""

ROW_BYTES = 1024**2
COMMIT_BYTES = 16 * 1024**2
"""A transaction takes no more than this (and one record): it bounds the write-ahead log and the wait."""

WAITING_LIMIT = 50_000
"""With more than this many callers waiting the disk does not keep up: refuse at once."""

WAITING_BYTES = 128 * 1024**2
"""The same for what they hand over: it is in memory until it is written."""

RESERVE_BYTES = 64 * 1024**2
"""Appends are refused when the disk has less left than this (or than an eighth of a small disk), so that
the workers can still write what they need to empty the queue. Several times the write-ahead log."""

SPACE_SECONDS = 0.2
"""How long a look at the disk's free space is believed."""

_NO_SPACE = "The disk is almost full: the queue takes no more events."

CROWD_WEIGHT = 0.1
CROWD_SECONDS = 0.25
"""How `crowd` is smoothed, and how long it holds without an append."""
CROWD_EVENTS = 10
"""Of more events than that a request is not what costs: it makes no crowd."""

BUSY_STEP = 0.0005
"""Seconds between attempts to get the write lock from another process. SQLite's own waiting grows to
100 ms a step and starves beside a process that commits all the time."""

# The limit is looked at where it is enforced, so that it holds for all processes together.
INSERT = """
INSERT INTO batches (position, events, body)
SELECT max(last_arrival + 1, :now), :events, :body FROM state WHERE bytes < :limit
"""


@dataclass(slots=True, eq=False)
class Append:
    """A record that waits for its commit."""

    body: bytes
    events: int
    settled: Settled
    loop: asyncio.AbstractEventLoop | None
    """Where `settled` is called; None for the writer's own thread."""
    error: Exception | None = None


@dataclass(slots=True, eq=False)
class Work:
    """Anything else to do inside a transaction. A ValueError from `run` refuses it: raise before writing."""

    run: Callable[[sqlite3.Connection], object]
    future: "Future[Any]"
    answer: object = None
    error: Exception | None = None


@dataclass(slots=True, eq=False)
class _Row:
    appends: list[Append]
    events: int = 0
    size: int = 0

    def has_room(self, append: Append) -> bool:
        return self.events + append.events <= ROW_EVENTS and self.size + len(append.body) <= ROW_BYTES

    def add(self, append: Append) -> None:
        self.appends.append(append)
        self.events += append.events
        self.size += len(append.body)


class Writer:
    """Writes what is `put`, in order, and answers through the futures once it is durable.

    `on_append` is called (in the writer's thread) after each commit that appended something.
    """

    def __init__(self, path: Path, clock: Clock, limit_bytes: int, on_append: Callable[[], None]) -> None:
        self._path = path
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._on_append = on_append
        self._connection: sqlite3.Connection | None = connect_writer(path)
        self._space = True
        self._space_until = 0.0
        self._inbox: SimpleQueue[Sequence[Append | Work] | None] = SimpleQueue()
        self._waiting = 0
        self._waiting_bytes = 0
        self._crowd = 0.0
        self._crowd_until = 0.0
        self._gate = threading.Lock()  # nothing is put behind the None that closes the inbox
        self._closed = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="queue-writer", daemon=True)
        self._thread.start()

    def put(self, *items: Append | Work) -> None:
        """Hand over; returns at once. Raises QueueFull, or Unavailable after `close`."""
        with self._gate:
            if self._closed:
                raise Unavailable("The queue is closed.")
            full = self._waiting >= WAITING_LIMIT or self._waiting_bytes >= WAITING_BYTES
            if full and isinstance(items[0], Append):  # what empties the queue is never kept out
                error = QueueFull("Too many events wait for the disk.")
                error.retry_after = FULL_RETRY_SECONDS
                raise error
            self._waiting += len(items)
            self._waiting_bytes += _size(items)
            self._inbox.put(items)

    def crowd(self) -> float:
        """How many appends of few events shared a commit lately, on average; 0 after a moment without any."""
        return self._crowd if time.monotonic() < self._crowd_until else 0.0

    def close(self) -> None:
        """Finish everything that was put, then stop. Safe to call twice."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._inbox.put(None)
        self._thread.join()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self) -> None:
        while not self._stopping:
            batch = self._take()
            if batch:
                self._serve(batch)

    def _take(self) -> list[Append | Work]:
        """Everything that waits, at least one item; empty at the end."""
        batch: list[Append | Work] = []
        size = 0
        while True:
            items = self._inbox.get()
            if items is None:
                self._stopping = True
                return batch
            batch += items
            size += _size(items)
            if size >= COMMIT_BYTES or self._inbox.empty():
                return batch

    def _serve(self, batch: list[Append | Work]) -> None:
        appends = [item for item in batch if isinstance(item, Append)]
        works = [item for item in batch if isinstance(item, Work)]
        try:
            self._commit(_pack(appends), works)
        except Exception as error:  # noqa: BLE001  # whoever waits must hear of it, and the thread must live on
            self._give_up()
            for item in batch:  # an error each: a traceback belongs to one caller
                item.error = _as_unavailable(error)
        with self._gate:
            self._waiting -= len(batch)
            self._waiting_bytes -= _size(batch)
        _answer(appends, works)
        if appends:
            few = sum(append.events <= CROWD_EVENTS for append in appends)
            self._crowd += (few - self._crowd) * CROWD_WEIGHT
            self._crowd_until = time.monotonic() + CROWD_SECONDS
            self._on_append()

    def _commit(self, rows: Sequence[_Row], works: Sequence[Work]) -> None:
        if self._connection is None:
            self._connection = connect_writer(self._path)
        if rows and not self._has_space():
            _refuse(rows, _NO_SPACE)
            rows = []
        if not rows and not works:
            return
        now = self._clock() << ARRIVAL_BITS
        if len(rows) == 1 and not works:
            # A statement on its own is a transaction, and gives the interpreter away once, not four times.
            self._insert(rows[0], now)
            return
        self._execute("BEGIN IMMEDIATE")
        for row in rows:
            self._insert(row, now)
        for work in works:
            try:
                work.answer = work.run(self._connection)
            except ValueError as error:
                work.error = error
        self._execute("COMMIT")

    def _insert(self, row: _Row, now: int) -> None:
        limit = self._limit_bytes
        body = msgspec.msgpack.encode([(append.events, append.body) for append in row.appends])
        values: dict[str, object] = {"now": now, "events": row.events, "body": body, "limit": limit}
        if self._execute(INSERT, values).rowcount == 1:
            return
        _refuse([row], self._at_limit())

    def check_room(self, used: int) -> None:
        """Return if there is room beside `used` bytes of records. Raises QueueFull."""
        if not self._has_space():
            raise QueueFull(_NO_SPACE)
        if used >= self._limit_bytes:
            raise QueueFull(self._at_limit())

    def _at_limit(self) -> str:
        return f"The queue holds its limit of {self._limit_bytes} bytes."

    def _has_space(self) -> bool:
        now = time.monotonic()
        if now >= self._space_until:
            disk = os.statvfs(self._path.parent)
            reserve = min(RESERVE_BYTES, disk.f_blocks * disk.f_frsize // 8)
            self._space = disk.f_bavail * disk.f_frsize >= reserve
            self._space_until = now + SPACE_SECONDS
        return self._space

    def _execute(self, statement: str, values: dict[str, object] | None = None) -> sqlite3.Cursor:
        """Execute, waiting for the lock of another process for up to BUSY_SECONDS."""
        connection = cast(sqlite3.Connection, self._connection)
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return connection.execute(statement, values or {})
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(BUSY_STEP)

    def _give_up(self) -> None:
        """Take back what was begun; the next commit starts with a new connection."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            with contextlib.suppress(sqlite3.Error):  # on a full disk this may free the log for the next try
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _size(items: Sequence[Append | Work]) -> int:
    return sum(len(item.body) for item in items if isinstance(item, Append))


def _as_unavailable(error: Exception) -> Unavailable:
    if isinstance(error, sqlite3.Error):
        return unavailable(error)
    return Unavailable(f"The queue failed ({error!r}).")


def _refuse(rows: Sequence[_Row], message: str) -> None:
    for append in (append for row in rows for append in row.appends):
        append.error = QueueFull(message)
        append.error.retry_after = FULL_RETRY_SECONDS


def _pack(appends: Sequence[Append]) -> list[_Row]:
    rows: list[_Row] = []
    for append in appends:
        if not rows or not rows[-1].has_room(append):
            rows.append(_Row([]))
        rows[-1].add(append)
    return rows


def _answer(appends: Sequence[Append], works: Sequence[Work]) -> None:
    """Tell everybody; one wake-up for each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[Append]] = {}
    for append in appends:
        if append.loop is None:
            append.settled(append.error)
        else:
            loops.setdefault(append.loop, []).append(append)
    for loop, its_appends in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle_all, its_appends)
    for work in works:
        settle(work.future, work.error, work.answer)


def settle_all(appends: Sequence[Append]) -> None:
    """Tell everybody of one event loop, in it, what became of their records."""
    for append in appends:
        try:
            append.settled(append.error)
        except Exception:
            log.exception("somebody who waited for the queue failed")  # and must not keep the others waiting


def settle(
    future: "asyncio.Future[Any] | Future[Any]", error: Exception | None, answer: object = None
) -> None:
    """Tell whoever waits for `future`, in the thread it belongs to."""
    if future.done():  # the caller was cancelled meanwhile; the record is kept all the same
        return
    if error is None:
        future.set_result(answer)
    else:
        future.set_exception(error)
