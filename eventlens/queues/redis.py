"""The shared queue: Redis streams, for any number of processes that append and that work.

How the promise of `base.py` is kept:

* Durable is what Redis has acknowledged; what that is worth follows from its persistence
  (`redis_promise`). Every step that changes the queue is one script, atomic in Redis (`lua/`).
* A key's records are in one of `LANES` streams. One thread a process appends (`redis_writer`): whatever
  waits shares a round trip, and an entry of a stream, a row, holds up to 500 events of many requests.
* A row's id `milliseconds-n` is the arrival of its first event. It is made inside of Redis, from the state,
  so none is ever used twice, by whichever process.
* A worker has a lane to itself while its lease lasts, which a thread renews. Each time that a lane changes
  hands it gets another `tenure`: of a worker that was taken for dead, nothing is acknowledged.
* A claim is what a lane's consumer group has pending. Whoever takes the lane over takes the pending rows
  over (XAUTOCLAIM) before it reads others: the same rows, and so the same token.
"""

import asyncio
import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from eventlens.clock import Clock, now_ms
from eventlens.errors import ConfigurationError, QueueLost, Unavailable
from eventlens.queues import redis_copy
from eventlens.queues import redis_letters as letters
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
)
from eventlens.queues.redis_promise import Weakness, weaknesses
from eventlens.queues.redis_writer import (
    RECORD_OVERHEAD,
    ROW_BYTES,
    ROW_EVENTS,
    Append,
    Writer,
    at_limit,
    lane_of,
    refuse_and_answer,
)
from eventlens.queues.sqlite import CLAIM_BYTES, LIMIT_BYTES
from eventlens.queues.sqlite_writer import settle
from eventlens.redis_server import OLDEST, Server, Word

log = logging.getLogger(__name__)

LANES = 16
"""Lanes of a new queue: as many workers may have something to do. What is in Redis counts."""
LEASE_SECONDS = 5.0
"""A worker that has not been heard of for this long is taken for dead."""
RENEW_SECONDS = 1.0
PAUSE_MS = 10_000
"""A pause whose process has not been heard of for this long is over."""
POLL_SECONDS = 0.05
"""How often `wait` looks for what other processes appended."""
FORMAT = 1
_COUNTERS = ("ms", "n", "events", "bytes", "letters", "letter_bytes")
_FULL_SHARE = 0.98
"""Of the server's memory limit, above which there is no room."""


class _Hold(NamedTuple):
    tenure: int
    until: float
    """Monotonic time up to which the lane is surely ours."""


class RedisQueue:
    """A `Queue` in the Redis database at `url`; any number of processes may have it open.

    Raises ConfigurationError when the server cannot be reached or is of no use.
    """

    shared = True

    def __init__(self, url: str, *, clock: Clock = now_ms, limit_bytes: int = LIMIT_BYTES) -> None:
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._server = Server(url, Path(__file__).with_name("lua"))
        self._worker = f"worker-{secrets.token_hex(6)}"
        self._found()
        self._lanes = self._read_lanes()
        self._held: dict[int, _Hold] = {}
        self._after = 0
        self._claiming = threading.Lock()
        self._appended = threading.Condition()
        self._appends = 0
        self._closed = False
        self._stopping = threading.Event()
        self._gathered: dict[asyncio.AbstractEventLoop, list[Append]] = {}
        self._writer = Writer(self._server, clock, limit_bytes, self._note_append, self._found)
        self._renewer: threading.Thread | None = None
        for weakness in self.weaknesses():
            log.log(logging.WARNING if weakness.grave else logging.INFO, "%s", weakness.message)

    def weaknesses(self) -> list[Weakness]:
        """By what this Redis may lose events."""
        return weaknesses(self._server)

    # --- appending ---

    async def append(self, body: bytes, events: int, key: str = "") -> None:
        """Make a record of `events` events (at least one) durable. Raises QueueFull."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.append_soon(body, events, partial(settle, future), key)
        await future

    def append_soon(
        self, body: bytes, events: int, settled: Settled, key: str = "", twins: bytes = b""
    ) -> None:
        """`append` whose outcome is told to `settled`, later and in the running event loop."""
        loop = asyncio.get_running_loop()
        append = self._append(body, events, settled, loop, key, twins)
        gathered = self._gathered.get(loop)
        if gathered is None:
            # Whatever else this turn of the loop appends goes along: one hand-over, one round trip.
            self._gathered[loop] = [append]
            loop.call_soon(self._hand_over, loop)
        else:
            gathered.append(append)

    def append_now(self, body: bytes, events: int, key: str = "") -> None:
        """`append` for callers without an event loop. Blocks."""
        future: Future[None] = Future()
        self._writer.put([self._append(body, events, partial(settle, future), None, key, b"")])
        future.result()

    def _append(
        self,
        body: bytes,
        events: int,
        settled: Settled,
        loop: asyncio.AbstractEventLoop | None,
        key: str,
        twins: bytes,
    ) -> Append:
        if events < 1:
            raise ValueError(f"a record has at least one event, not {events}")
        return Append(body, events, settled, loop, lane_of(key, self._lanes), twins, self._clock())

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        appends = self._gathered.pop(loop, [])
        try:
            if appends:
                self._writer.put(appends)
        except Unavailable as error:
            refuse_and_answer(appends, error)

    def _note_append(self) -> None:
        with self._appended:
            self._appends += 1
            self._appended.notify_all()

    def crowd(self) -> float:
        """How many requests of this process shared a round trip lately, on average; 0 when it is quiet."""
        return self._writer.crowd()

    # --- working ---

    def claim(self, events: int, without: Collection[int] = ()) -> Claim | None:
        """The claim pending in a lane of this worker's or of nobody's, or the lane's next rows."""
        with self._claiming:
            self._check_open()
            begun = time.monotonic()
            held = [word for lane, hold in self._held.items() for word in (lane, hold.tenure)]
            words: list[Word] = [self._worker, int(LEASE_SECONDS * 1000), events, ROW_EVENTS]
            words += (CLAIM_BYTES, ROW_BYTES, self._after, self._clock(), self._lanes, len(held) // 2)
            try:
                found = self._server.run("claim", [*words, *held, *without])
            except QueueLost:
                self._found()
                return None
            queue, lane, tenure, old, rows, gone = found
            for lost in gone:
                self._held.pop(int(lost), None)
            if lane < 0:
                return None
            self._after = lane
            self._hold(lane, tenure, begun)
            return self._claim(queue.decode(), lane, tenure, rows, retried=bool(old))

    def _hold(self, lane: int, tenure: int, begun: float) -> None:
        self._held[lane] = _Hold(tenure, begun + LEASE_SECONDS)
        if self._renewer is None:
            self._renewer = threading.Thread(target=self._renew_forever, name="queue-lease", daemon=True)
            self._renewer.start()

    def _claim(self, queue: str, lane: int, tenure: int, rows: Sequence[Any], *, retried: bool) -> Claim:
        placed = [each for id_, fields in rows for each in _records(id_, fields)]
        token = f"{queue}-{lane:x}-{_position(rows[0][0]):x}-{_position(rows[-1][0]):x}"
        return Claim(
            token,
            [each.record for each in placed],
            sum(each.record.events for each in placed),
            retried or any(each.replayed for each in placed),  # then a part of it may be stored
            version=placed[-1].position,
            lane=lane,
            tenure=tenure,
            held=partial(self._holds, lane, tenure),
        )

    def _holds(self, lane: int, tenure: int) -> bool:
        hold = self._held.get(lane)
        return hold is not None and hold.tenure == tenure and time.monotonic() < hold.until

    @contextlib.contextmanager
    def paused(self, seconds: float, *, anew: bool = False) -> Generator[None]:
        """No worker has a claim under way and none is handed out, until the end of the block.

        Raises Unavailable at its end where the pause had ended before, because this process stood still.
        """
        self._check_open()
        word = secrets.token_hex(8)
        deadline = time.monotonic() + seconds
        while not self._server.call("SET", self._server.key("pause"), word, "NX", "PX", PAUSE_MS):
            _before(deadline, PAUSED_BY_ANOTHER)
        ending = threading.Event()
        keeper = threading.Thread(target=self._keep_paused, args=(word, ending), name="pause", daemon=True)
        keeper.start()
        done = 0
        try:
            while self._server.call("HLEN", self._server.key("claims")):
                _before(deadline, NOT_PAUSED)
            yield
            done = 1
        finally:
            ending.set()
            keeper.join()
            held = self._server.run("resume", [word, self._lanes if anew and done else 0])
        if not held:
            raise Unavailable("The pause ended too soon: this process stood still; try again.")

    @contextlib.contextmanager
    def held(self, path: Path) -> Generator[Callable[[], None]]:
        """Read whole while it is paused: what is acknowledged is gone."""

        def write() -> None:
            rows = (row for lane in range(self._lanes) for row in self._rows_of(lane))
            redis_copy.write(path, rows, letters.every(self._server), self._server)

        yield write

    def adopt(self, path: Path, key_of: Callable[[bytes], str]) -> None:
        """Take over what `held` wrote; for a queue in which nothing waits. `key_of` a record's body."""
        redis_copy.read(path, self._server, lambda body: lane_of(key_of(body), self._lanes))

    def _rows_of(self, lane: int) -> Iterator[tuple[int, list[Record]]]:
        """(position, records) of all rows that wait in a lane, those behind the newest first."""
        before = "+"
        while page := self._server.run("newest", [lane, before]):
            for id_, fields in page:
                yield _position(id_), [each.record for each in _records(id_, fields)]
            before = f"({page[-1][0].decode()}"

    def _keep_paused(self, word: str, ending: threading.Event) -> None:
        while not ending.wait(RENEW_SECONDS):
            with contextlib.suppress(Unavailable):
                if self._server.call("GET", self._server.key("pause")) == word.encode():
                    self._server.call("PEXPIRE", self._server.key("pause"), PAUSE_MS)

    def wait(self, seconds: float) -> bool:
        """True as soon as a row is there that this worker may claim, False after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            with self._appended:
                seen = self._appends
            if self._look()[2]:
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

        Nor where another worker has taken it over: that one acknowledges. Raises ValueError for a claim
        that this queue has not handed out.
        """
        self._check_open()
        queue, lane, last = _parse_token(claim.token)
        size = sum(len(record.body) + RECORD_OVERHEAD for record in claim.records)
        words: list[Word] = [queue, lane, claim.tenure, last, claim.events, size, RECORD_OVERHEAD]
        words += (self._clock(), len(tallies or {}))
        for (source, outcome), count in (tallies or {}).items():
            words += (source, outcome, count)
        for record, error in buried:
            words += (record.body, error, record.arrival, record.events)
        outcome = self._server.run("acknowledge", words)
        if outcome == b"UNKNOWN":
            raise ValueError("this queue has not handed out such a claim")
        if outcome == b"LOST":
            self._held.pop(lane, None)
            log.warning("another worker has taken a claim over, which this one was slow to apply")

    # --- dead letters ---

    def dead_letters(self, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        """The newest `limit` dead letters (with ids below `before`), newest first."""
        self._check_open()
        return letters.page(self._server, limit, before)

    def count_dead_letters(self, limit: int) -> int:
        """How many there are, counted up to `limit`."""
        self._check_open()
        return min(limit, self._server.call("ZCARD", self._server.key("letters")))

    def replay_dead_letters(self, ids: Sequence[int]) -> int:
        """Make dead letters records again, all or none; how many of the ids there were.

        The limit does not refuse them: what they take is counted already.
        """
        self._check_open()
        return letters.replay(self._server, ids, self._clock())

    def discard_dead_letters(self, ids: Sequence[int]) -> int:
        """Forget dead letters for good; how many of the ids there were."""
        self._check_open()
        return self._server.run("forget", [0, "", RECORD_OVERHEAD, *ids])

    def prune_dead_letters(self, longest_ms: int | None, most_bytes: int) -> int:
        """Forget what is kept for longer, then the oldest above a size; how many that were."""
        self._check_open()
        before = 0 if longest_ms is None else self._clock() - longest_ms
        return self._server.run("forget", [before, most_bytes, RECORD_OVERHEAD])

    # --- looking ---

    def tallies(self, source: str) -> dict[str, int]:
        """Outcomes counted so far for one source, by whichever process."""
        self._check_open()
        found = self._server.call("HGETALL", self._server.key(f"tally:{source}"))
        return {outcome.decode(): int(count) for outcome, count in found.items()}

    def depth(self) -> Depth:
        """What waits, of all processes."""
        events, oldest, _ = self._look()
        if not events or not oldest:
            return Depth(events, 0)
        return Depth(events, max(0, self._clock() - (_position(oldest) >> ARRIVAL_BITS)))

    def peek(self, events: int) -> Sequence[Record]:
        """The newest records that wait, up to `events` of them or CLAIM_BYTES, the oldest first."""
        self._check_open()
        found: list[_Placed] = []
        for lane in range(self._lanes):
            found += self._newest(lane, events)
        found.sort(key=lambda each: each.position, reverse=True)
        kept: list[Record] = []
        size = 0
        for record, _, _ in found:
            events -= record.events
            size += len(record.body)
            if events < 0 or size > CLAIM_BYTES:
                break
            kept.append(record)
        return kept[::-1]

    def _newest(self, lane: int, events: int) -> Iterator["_Placed"]:
        size, before = 0, "+"
        while events >= 0 and size <= CLAIM_BYTES:
            page = self._server.run("newest", [lane, before])
            if not page:
                return
            for id_, fields in page:
                placed = list(_records(id_, fields))
                yield from placed
                events -= sum(each.record.events for each in placed)
                size += sum(len(each.record.body) for each in placed)
            before = f"({page[-1][0].decode()}"

    def check_room(self) -> None:
        """Return if the next append finds room. Raises QueueFull."""
        self._check_open()
        used = self._server.call("HGET", self._server.key("state"), "bytes")
        if int(used or 0) >= self._limit_bytes:
            raise at_limit(self._limit_bytes)
        told = self._server.call("INFO", "memory")
        if told["maxmemory"] and told["used_memory"] > told["maxmemory"] * _FULL_SHARE:
            raise at_limit(told["maxmemory"])

    # --- opening and closing ---

    def agree(self, name: str, value: str) -> bool:
        """Whether all processes on this Redis say the same of something; the first one decides."""
        self._check_open()
        agreed = self._server.key("agreed")
        self._server.call("HSETNX", agreed, name, value)
        return self._server.call("HGET", agreed, name) == value.encode()

    def close(self) -> None:
        """Append everything that waits, let go of the lanes. Later calls raise Unavailable."""
        for loop in list(self._gathered):
            self._hand_over(loop)
        self._writer.close()
        with self._appended:
            if self._closed:
                return
            self._closed = True
            self._appended.notify_all()
        self._stopping.set()
        if self._renewer is not None:
            self._renewer.join()
        with self._claiming, contextlib.suppress(Unavailable):  # else the leases run out by themselves
            if self._held:
                self._renew(0.0)
        self._server.close()

    def _renew_forever(self) -> None:
        while not self._stopping.wait(RENEW_SECONDS):
            try:
                self._renew(LEASE_SECONDS)
            except Exception as error:  # noqa: BLE001  # the lanes run out by themselves; go on trying
                log.warning("the leases of this worker could not be renewed: %s", error)

    def _renew(self, seconds: float) -> None:
        held = dict(self._held)
        begun = time.monotonic()
        words: list[Word] = [int(seconds * 1000)]
        for lane, hold in held.items():
            words += (lane, hold.tenure)
        gone = set(map(int, self._server.run("renew", words))) if held else set[int]()
        for lane, hold in held.items():
            if self._held.get(lane) == hold:  # it may have been given back meanwhile
                if lane in gone:
                    del self._held[lane]
                else:
                    self._held[lane] = _Hold(hold.tenure, begun + seconds)

    def _found(self) -> None:
        """Make the queue where there is none. Raises ConfigurationError."""
        state = self._server.key("state")
        try:
            version = self._server.call("INFO", "server")["redis_version"]
            if tuple(map(int, str(version).split(".")[:2])) < OLDEST:
                raise ConfigurationError(f"REDIS_URL: Redis {version} is too old; it must be 7.0 or newer.")
            for name, value in {**dict.fromkeys(_COUNTERS, 0), "lanes": LANES, "format": FORMAT}.items():
                self._server.call("HSETNX", state, name, value)
            # Last: what finds it finds the rest. Made once, so that a new queue never repeats an old token.
            self._server.call("HSETNX", state, "queue", secrets.token_hex(8))
            kept = int(self._server.call("HGET", state, "format"))
        except Unavailable as error:
            raise ConfigurationError(f"REDIS_URL: {error}") from error
        if kept > FORMAT:
            raise ConfigurationError("REDIS_URL: a newer Event Lens uses this Redis; update this one.")

    def _read_lanes(self) -> int:
        return int(self._server.call("HGET", self._server.key("state"), "lanes"))

    def _look(self) -> tuple[int, bytes, int]:
        self._check_open()
        words: list[Word] = [self._lanes]
        for lane, hold in list(self._held.items()):
            words += (lane, hold.tenure)
        return self._server.run("depth", words)

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("The queue is closed.")


class _Placed(NamedTuple):
    """A record and its place in the queue: its arrival, unless it is a dead letter that is replayed."""

    record: Record
    position: int
    replayed: bool


def _records(id_: bytes, fields: Sequence[bytes]) -> Iterator[_Placed]:
    """The records of a row: pairs of `events` or `events arrival`, and a body."""
    position = _position(id_)
    for said, body in zip(fields[::2], fields[1::2], strict=True):
        events, _, arrival = said.partition(b" ")
        record = Record(int(arrival) if arrival else position, body, int(events))
        yield _Placed(record, position, bool(arrival))
        position += record.events


def _before(deadline: float, reason: str) -> None:
    if time.monotonic() > deadline:
        raise Unavailable(reason)
    time.sleep(PAUSE_POLL_SECONDS)


def _position(id_: bytes) -> int:
    milliseconds, _, n = id_.partition(b"-")
    return (int(milliseconds) << ARRIVAL_BITS) + int(n)


def _parse_token(token: str) -> tuple[str, int, str]:
    """Queue id, lane, and the id of the last row."""
    queue, lane, _first, last = token.split("-")
    position = int(last, 16)
    return queue, int(lane, 16), f"{position >> ARRIVAL_BITS}-{position & ((1 << ARRIVAL_BITS) - 1)}"
