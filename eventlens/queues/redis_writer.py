"""The one thread of a process that appends to Redis: whatever waits shares one round trip and a few rows."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from zlib import crc32

from eventlens.clock import Clock
from eventlens.errors import EventLensError, QueueFull, QueueLost, Unavailable
from eventlens.queues.base import Settled
from eventlens.redis_server import FULL_RETRY_SECONDS, Server, Word

log = logging.getLogger(__name__)

ROW_EVENTS = 500
ROW_BYTES = 512 * 1024
"""A row is closed at this many events or bytes, so that claims come close to the number asked for."""
FLUSH_BYTES = 4 * 1024**2
FLUSH_RECORDS = 5_000
"""What is sent at once, about: the server does nothing else meanwhile."""
RECORD_OVERHEAD = 64
"""Bytes that a record needs beside its body, about."""

WAITING_LIMIT = 50_000
WAITING_BYTES = 128 * 1024**2
"""With more than this waiting the server does not keep up: refuse at once."""

CROWD_WEIGHT = 0.1
CROWD_SECONDS = 0.25
"""How `crowd` is smoothed, and how long it holds without an append."""


@dataclass(slots=True, eq=False)
class Append:
    """A record that waits for its answer."""

    body: bytes
    events: int
    settled: Settled
    loop: asyncio.AbstractEventLoop | None
    """Where `settled` is called; None for the writer's own thread."""
    lane: int
    twins: bytes
    sent_ms: int
    error: Exception | None = None


def lane_of(key: str, lanes: int) -> int:
    """The lane of all records with this key."""
    return crc32(key.encode("utf-8", "surrogatepass")) % lanes


class Writer:
    """Appends what is `put`, in order, and answers when it is in Redis.

    `on_append` is called (in the writer's thread) after each round that appended something; `found` makes
    the queue where there is none.
    """

    def __init__(
        self,
        server: Server,
        clock: Clock,
        limit_bytes: int,
        on_append: Callable[[], None],
        found: Callable[[], None],
    ) -> None:
        self._server = server
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._on_append = on_append
        self._found = found
        self._inbox: SimpleQueue[Sequence[Append] | None] = SimpleQueue()
        self._gate = threading.Lock()  # nothing is put behind the None that closes the inbox
        self._waiting = 0
        self._waiting_bytes = 0
        self._closed = False
        self._stopping = False
        self._crowd = 0.0
        self._crowd_until = 0.0
        self._thread = threading.Thread(target=self._run, name="queue-writer", daemon=True)
        self._thread.start()

    def put(self, appends: Sequence[Append]) -> None:
        """Hand over; returns at once. Raises QueueFull, or Unavailable after `close`."""
        with self._gate:
            if self._closed:
                raise Unavailable("The queue is closed.")
            if self._waiting >= WAITING_LIMIT or self._waiting_bytes >= WAITING_BYTES:
                error = QueueFull("Too many events wait for Redis.")
                error.retry_after = FULL_RETRY_SECONDS
                raise error
            self._waiting += len(appends)
            self._waiting_bytes += _size(appends)
            self._inbox.put(appends)

    def crowd(self) -> float:
        """How many appends shared a round trip lately, on average; 0 when it is quiet."""
        return self._crowd if time.monotonic() < self._crowd_until else 0.0

    def close(self) -> None:
        """Finish everything that was put, then stop. Safe to call twice."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._inbox.put(None)
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            batch = self._take()
            if batch:
                self._serve(batch)

    def _take(self) -> list[Append]:
        """Everything that waits, at least one; empty at the end."""
        batch: list[Append] = []
        size = 0
        while True:
            appends = self._inbox.get()
            if appends is None:
                self._stopping = True
                return batch
            batch += appends
            size += _size(appends)
            if size >= FLUSH_BYTES or len(batch) >= FLUSH_RECORDS or self._inbox.empty():
                return batch

    def _serve(self, batch: list[Append]) -> None:
        rows = _rows(batch)
        try:
            taken = self._send(rows)
        except Exception as error:  # noqa: BLE001  # whatever it is, everybody who waits must hear of it
            _refuse(batch, error if isinstance(error, EventLensError) else Unavailable(repr(error)))
        else:
            if taken < len(rows):
                left = [append for row in rows[taken:] for append in row]
                _refuse(left, at_limit(self._limit_bytes))
        with self._gate:
            self._waiting -= len(batch)
            self._waiting_bytes -= _size(batch)
        answer(batch)
        self._crowd += (len(batch) - self._crowd) * CROWD_WEIGHT
        self._crowd_until = time.monotonic() + CROWD_SECONDS
        self._on_append()

    def _send(self, rows: Sequence[Sequence[Append]]) -> int:
        words: list[Word] = [self._clock(), self._limit_bytes, RECORD_OVERHEAD]
        for row in rows:
            words += (row[0].lane, len(row))
            for append in row:
                words += (append.events, append.body, append.twins.hex(), append.sent_ms)
        try:
            return self._server.run("append", words)
        except QueueLost:
            self._found()
            return self._server.run("append", words)


def at_limit(limit_bytes: int) -> QueueFull:
    """What is said when the queue holds all that it may."""
    error = QueueFull(f"The queue holds its limit of {limit_bytes} bytes.")
    error.retry_after = FULL_RETRY_SECONDS
    return error


def _size(appends: Sequence[Append]) -> int:
    return sum(len(append.body) for append in appends)


def _rows(batch: Sequence[Append]) -> list[list[Append]]:
    """Each lane's records in order, several to a row."""
    rows: list[list[Append]] = []
    open_rows: dict[int, tuple[list[Append], int, int]] = {}
    for append in batch:
        row, events, size = open_rows.get(append.lane, ([], 0, 0))
        if row and (events + append.events > ROW_EVENTS or size + len(append.body) > ROW_BYTES):
            row, events, size = [], 0, 0
        if not row:
            rows.append(row)
        row.append(append)
        open_rows[append.lane] = (row, events + append.events, size + len(append.body))
    return rows


def _refuse(appends: Sequence[Append], error: EventLensError) -> None:
    """Each gets an error of its own: a traceback belongs to one caller."""
    for append in appends:
        append.error = type(error)(error.message)
        if isinstance(append.error, Unavailable) and isinstance(error, Unavailable):
            append.error.retry_after = error.retry_after


def refuse_and_answer(appends: Sequence[Append], error: EventLensError) -> None:
    """Tell everybody, in the thread of their loop, that nothing came of it."""
    _refuse(appends, error)
    _settle_all(appends)


def answer(appends: Sequence[Append]) -> None:
    """Tell everybody; one wake-up for each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[Append]] = {}
    for append in appends:
        if append.loop is None:
            append.settled(append.error)
        else:
            loops.setdefault(append.loop, []).append(append)
    for loop, its_appends in loops.items():
        try:
            loop.call_soon_threadsafe(partial(_settle_all, its_appends))
        except RuntimeError:
            log.debug("an event loop was closed before its answers came")


def _settle_all(appends: Sequence[Append]) -> None:
    for append in appends:
        try:
            append.settled(append.error)
        except Exception:
            log.exception("somebody who waited for the queue failed")  # and must not keep the others waiting
