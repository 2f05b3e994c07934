"""The embedded queue: one SQLite file, any number of processes that append, one that claims.

How the promise of `base.py` is kept:

* One thread a process owns all writes (`sqlite_writer`). It takes everything that waits (appends,
  claims, acknowledgements), writes it in one transaction with one fsync, and then answers everybody:
  the more wait, the cheaper each becomes, and nobody waits for company.
* The appends of a transaction share rows of up to 500 events. A row is never split between claims.
* A row's position is the arrival of its first event. It comes from `state.last_arrival` inside the
  transaction, so no position, and with it no token, is ever used twice, by whichever process.
* A claim is a boundary in `state`, durable before the claim is handed out. Without an acknowledgement
  the next claim is the same one.

The space of acknowledged rows is used again; the file does not shrink.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from eventlens.clock import Clock, now_ms
from eventlens.errors import Unavailable
from eventlens.queues import sqlite_letters as letters
from eventlens.queues.base import (
    ARRIVAL_BITS,
    NOT_PAUSED,
    PAUSE_POLL_SECONDS,
    PAUSED_BY_ANOTHER,
    Claim,
    DeadLetter,
    Depth,
    Record,
    Settled,
    arrival_ms,
)
from eventlens.queues.sqlite_copy import held
from eventlens.queues.sqlite_file import ROW_OVERHEAD, Packed, connect_reader, prepare, unavailable
from eventlens.queues.sqlite_writer import Append, Work, Writer, settle, settle_all

LIMIT_BYTES = 8 * 1024**3
"""Records held before appends are refused; the file with its log is up to a fifth larger."""

POLL_SECONDS = 0.1
"""How often `wait` looks for what other processes appended."""

CLAIM_BYTES = 16 * 1024**2
"""A claim is cut here whatever number of events was asked for: applying it takes several times its size."""

CLAIM_TRIES = 10
_DECODER = msgspec.msgpack.Decoder(list[Packed])

_Run = Callable[[sqlite3.Connection], object]
_PENDING = "SELECT events, (SELECT min(position) FROM batches) FROM state"


@dataclass(frozen=True, slots=True)
class _Boundary:
    """A claim before its records are read: the positions after `acknowledged` up to `last`."""

    queue: str
    acknowledged: int
    last: int
    events: int
    retried: bool


class SqliteQueue:
    """A `Queue` in the file at `path`; several processes may have it open.

    `limit_bytes` bounds the records that wait and the dead letters. Raises ConfigurationError when the
    file is damaged, not a queue, or cannot be opened; the file is left as it was.
    """

    shared = False

    def __init__(self, path: Path, *, clock: Clock = now_ms, limit_bytes: int = LIMIT_BYTES) -> None:
        self._clock = clock
        self._path = path
        prepare(path)
        self._reader = connect_reader(path)
        self._reading = threading.Lock()
        self._appended = threading.Condition()
        self._claiming = threading.Lock()
        self._pausing = threading.Lock()
        self._is_paused = False
        self._tenure = 0
        self._appends = 0  # commits with appends, counted so that `wait` misses none
        self._closed = False
        self._gathered: dict[asyncio.AbstractEventLoop, list[Append]] = {}
        self._writer = Writer(path, clock, limit_bytes, self._note_append)

    async def append(self, body: bytes, events: int, key: str = "") -> None:
        """Make a record of `events` events (at least one) durable. Raises QueueFull."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.append_soon(body, events, partial(settle, future), key)
        await future

    def append_soon(
        self,
        body: bytes,
        events: int,
        settled: Settled,
        key: str = "",  # noqa: ARG002  # all keys share one lane
        twins: bytes = b"",  # noqa: ARG002  # one process collects, and knows its twins
    ) -> None:
        """`append` whose outcome is told to `settled`, later and in the running event loop."""
        loop = asyncio.get_running_loop()
        append = Append(body, _positive(events), settled, loop)
        gathered = self._gathered.get(loop)
        if gathered is None:
            # Whatever else this turn of the loop appends goes along: one hand-over, one commit.
            self._gathered[loop] = [append]
            loop.call_soon(self._hand_over, loop)
        else:
            gathered.append(append)

    def append_now(self, body: bytes, events: int, key: str = "") -> None:  # noqa: ARG002  # one lane
        """`append` for callers without an event loop. Blocks."""
        future: Future[None] = Future()
        self._writer.put(Append(body, _positive(events), partial(settle, future), None))
        future.result()

    def claim(self, events: int, without: Collection[int] = ()) -> Claim | None:
        """The oldest rows until `events` events are reached, or the claim that is not yet acknowledged."""
        if 0 in without:
            return None
        for _ in range(CLAIM_TRIES):  # again only when another claim or acknowledgement came between
            with self._claiming:
                boundary = self._boundary(events)
                if boundary is None or (self._is_paused and not boundary.retried):
                    return None
                persisted = self._work(lambda connection, boundary=boundary: _persist(connection, boundary))
            if persisted:
                claim = self._load(boundary)
                if claim is not None:
                    return claim
        raise Unavailable("Too many workers claim from one queue.")

    @contextmanager
    def paused(self, seconds: float, *, anew: bool = False) -> Generator[None]:
        """No claim is under way and none is handed out, until the end of the block."""
        deadline = time.monotonic() + seconds
        if not self._pausing.acquire(timeout=seconds):
            raise Unavailable(PAUSED_BY_ANOTHER)
        try:
            with self._claiming:
                self._is_paused = True
            while self._read("SELECT claim_last FROM state")[0][0]:
                if time.monotonic() > deadline:
                    raise Unavailable(NOT_PAUSED)
                time.sleep(PAUSE_POLL_SECONDS)
            yield
            self._tenure += anew
        finally:
            self._is_paused = False
            self._pausing.release()

    def held(self, path: Path) -> AbstractContextManager[Callable[[], None]]:
        """A transaction that reads this instant: appends and claims go on meanwhile."""
        return held(self._path, path)

    def wait(self, seconds: float) -> bool:
        """True as soon as something is there that no claim holds, False after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            with self._appended:
                seen = self._appends
            if self._read("SELECT last_arrival > max(acknowledged, claim_last) FROM state")[0][0]:
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with self._appended:
                if self._appends == seen and not self._closed:
                    self._appended.wait(min(left, POLL_SECONDS))

    def acknowledge(
        self,
        claim: Claim,
        tallies: Mapping[tuple[str, str], int] | None = None,
        buried: Sequence[tuple[Record, str]] = (),
    ) -> None:
        """Forget a claim's records, add the tallies, keep the dead letters. A second time does nothing.

        Raises ValueError for a claim that this queue has not handed out.
        """
        queue, last = _parse_token(claim.token)
        counts = [(source, outcome, count) for (source, outcome), count in (tallies or {}).items()]
        failed_at = self._clock()

        def run(connection: sqlite3.Connection) -> None:
            if _acknowledge(connection, queue, last, counts):
                for record, error in buried:
                    letters.bury(connection, record, error, failed_at)

        self._work(run)

    def dead_letters(self, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        """The newest `limit` dead letters (with ids below `before`), newest first."""
        below = letters.NO_ID if before is None else before
        return [DeadLetter(*row) for row in self._read(letters.PAGE, below, limit)]

    def count_dead_letters(self, limit: int) -> int:
        """How many there are, counted up to `limit`."""
        return self._read(letters.COUNT, limit)[0][0]

    def replay_dead_letters(self, ids: Sequence[int]) -> int:
        """Make dead letters records again, in one transaction; how many of the ids there were.

        The limit does not refuse them: what they take is counted already.
        """
        now = self._clock() << ARRIVAL_BITS
        return self._work(lambda connection: letters.replay(connection, ids, now))

    def discard_dead_letters(self, ids: Sequence[int]) -> int:
        """Forget dead letters for good; how many of the ids there were."""
        return self._work(lambda connection: letters.discard(connection, ids))

    def prune_dead_letters(self, longest_ms: int | None, most_bytes: int) -> int:
        """Forget what is kept for longer, then the oldest above a size; how many that were."""
        failed_before = 0 if longest_ms is None else self._clock() - longest_ms
        return self._work(lambda connection: letters.prune(connection, failed_before, most_bytes))

    def tallies(self, source: str) -> dict[str, int]:
        """Outcomes counted so far for one source, by whichever process."""
        return dict(self._read("SELECT outcome, count FROM tallies WHERE source = ?", source))

    def crowd(self) -> float:
        """How many small requests of this process shared a commit lately, on average; 0 when it is quiet."""
        return self._writer.crowd()

    def depth(self) -> Depth:
        """What waits, of all processes. A few microseconds."""
        events, oldest = self._read(_PENDING)[0]
        age = 0 if oldest is None else max(0, self._clock() - arrival_ms(oldest))
        return Depth(events, age)

    def peek(self, events: int) -> Sequence[Record]:
        """The newest records that wait, up to `events` of them or CLAIM_BYTES, the oldest first."""
        found: list[tuple[bytes, int]] = []
        size = 0
        for position, row_events, body in self._newest():
            events -= row_events
            size += len(body)
            if events < 0 or size > CLAIM_BYTES:
                break
            found.append((body, position))
        return [each.record for body, position in reversed(found) for each in _records(body, position)]

    def _newest(self) -> Iterator[tuple[int, int, bytes]]:
        """(position, events, body) of the rows that wait, the newest first, a few read at once."""
        page = "SELECT position, events, body FROM batches WHERE position < ? ORDER BY position DESC LIMIT 16"
        before = letters.NO_ID
        while rows := self._read(page, before):
            yield from rows
            before = rows[-1][0]

    def check_room(self) -> None:
        """Return if the next append finds room. Raises QueueFull."""
        self._writer.check_room(self._read("SELECT bytes FROM state")[0][0])

    def agree(self, name: str, value: str) -> bool:  # noqa: ARG002  # there is nobody else
        """Always: it belongs to the processes of one data directory."""
        return True

    def close(self) -> None:
        """Commit everything that waits. Later calls raise Unavailable; a second close does nothing."""
        for loop in list(self._gathered):
            self._hand_over(loop)
        self._writer.close()
        with self._appended:
            self._closed = True
            self._appended.notify_all()
        with self._reading:
            self._reader.close()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        appends = self._gathered.pop(loop, [])
        try:
            if appends:
                self._writer.put(*appends)
        except Unavailable as error:
            for append in appends:
                append.error = type(error)(error.message)  # one each: a traceback belongs to one caller
                append.error.retry_after = error.retry_after
            settle_all(appends)

    def _note_append(self) -> None:
        with self._appended:
            self._appends += 1
            self._appended.notify_all()

    def _work(self, run: _Run) -> Any:
        future: Future[Any] = Future()
        self._writer.put(Work(run, future))
        return future.result()

    def _read(self, statement: str, *values: object) -> list[Any]:
        with self._reading:
            if self._closed:
                raise Unavailable("The queue is closed.")
            try:
                return self._reader.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise unavailable(error) from error

    def _boundary(self, events: int) -> _Boundary | None:
        state = self._read("SELECT queue, acknowledged, claim_last, claim_events, last_arrival FROM state")
        queue, acknowledged, claim_last, claim_events, last_arrival = state[0]
        if claim_last:
            return _Boundary(queue, acknowledged, claim_last, claim_events, retried=True)
        if last_arrival <= acknowledged:
            return None
        last, total = acknowledged, 0
        rows = self._read(
            "SELECT position, events, length(body) FROM batches WHERE position > ? ORDER BY position LIMIT ?",
            acknowledged,
            max(1, events),
        )
        size = 0
        for position, row_events, row_bytes in rows:
            size += row_bytes
            if total and size > CLAIM_BYTES:
                break
            last, total = position, total + row_events
            if total >= events:
                break
        return _Boundary(queue, acknowledged, last, total, retried=False) if rows else None

    def _load(self, boundary: _Boundary) -> Claim | None:
        rows = self._read(
            "SELECT position, body FROM batches WHERE position > ? AND position <= ? ORDER BY position",
            boundary.acknowledged,
            boundary.last,
        )
        if not rows:  # acknowledged meanwhile, by somebody who held the same claim
            return None
        placed = [each for position, body in rows for each in _records(body, position)]
        replayed = any(each.replayed for each in placed)  # then a part of it may be stored
        token = f"{boundary.queue}-{rows[0][0]:x}-{boundary.last:x}"
        return Claim(
            token,
            [each.record for each in placed],
            boundary.events,
            boundary.retried or replayed,
            version=placed[-1].position,
            tenure=self._tenure,
        )


class _Placed(NamedTuple):
    """A record and its place in the queue: its arrival, unless it is a dead letter that is replayed."""

    record: Record
    position: int
    replayed: bool


def _records(body: bytes, position: int) -> Iterator[_Placed]:
    """The records of a row."""
    for packed in _DECODER.decode(body):
        record = Record(packed.arrival or position, packed.body, packed.events)
        yield _Placed(record, position, packed.arrival > 0)
        position += packed.events


def _positive(events: int) -> int:
    if events < 1:
        raise ValueError(f"a record has at least one event, not {events}")
    return events


def _parse_token(token: str) -> tuple[str, int]:
    """Queue id and last position."""
    queue, _first, last = token.split("-")
    return queue, int(last, 16)


# What follows runs in the writer's thread, inside a transaction.


def _persist(connection: sqlite3.Connection, boundary: _Boundary) -> bool:
    """Make the boundary the current claim; False when the state has moved on."""
    if boundary.retried:
        statement = "UPDATE state SET claim_attempts = claim_attempts + 1 WHERE claim_last = ?"
        return connection.execute(statement, (boundary.last,)).rowcount == 1
    statement = """
        UPDATE state SET claim_last = ?, claim_events = ?, claim_attempts = 1
        WHERE claim_last = 0 AND acknowledged = ?
    """
    values = (boundary.last, boundary.events, boundary.acknowledged)
    return connection.execute(statement, values).rowcount == 1


def _acknowledge(
    connection: sqlite3.Connection, queue: str, last: int, counts: Sequence[tuple[str, str, int]]
) -> bool:
    """Forget the claim; False when that was done before."""
    state = connection.execute("SELECT queue, acknowledged, claim_last FROM state").fetchone()
    if queue == state[0] and last <= state[1]:
        return False  # its answer was lost
    if queue != state[0] or last != state[2]:
        raise ValueError("this queue has not handed out such a claim")
    connection.execute(
        """
        UPDATE state SET
            acknowledged = claim_last, events = events - claim_events,
            bytes = bytes - (SELECT sum(length(body) + ?) FROM batches WHERE position <= claim_last),
            claim_last = 0, claim_events = 0, claim_attempts = 0
        """,
        (ROW_OVERHEAD,),
    )
    connection.execute("DELETE FROM batches WHERE position <= ?", (last,))
    connection.executemany(
        """
        INSERT INTO tallies (source, outcome, count) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET count = count + excluded.count
        """,
        counts,
    )
    return True
