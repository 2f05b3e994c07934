"""The worker that turns what the queue holds into rows."""

import gc
import logging
import threading
import time
import traceback
from collections.abc import Collection
from contextlib import nullcontext
from typing import Protocol

from eventlens.clock import now_ms
from eventlens.errors import StoreUnavailable, TakenOver, Unavailable
from eventlens.ingest.apply import reason_of
from eventlens.ingest.process import Batch
from eventlens.meters import BATCH_FAILURES, BATCHES, BURIED, EXCLUDED, LAG, STORED
from eventlens.queues.base import Claim, Queue, arrival_ms
from eventlens.tracing import Noted, current
from eventlens.workers.traced import noted, tell

log = logging.getLogger(__name__)

_LINGER_SECONDS = 0.25
"""Least time between two batches under light load: fewer, larger parts, and still visible at once."""

_BACKLOG_FACTOR = 24
"""Under a backlog a worker takes this many batches at once: larger inserts are what the store likes."""

_LINGER_FACTOR = 5
"""A claim of fewer batches is no backlog: in an insert of a thousand an event costs the store three times as
much as in a large one."""

_CROWD = 12
_LONGEST_COURTESY_MS = 10_000
"""While this many small requests wait for one commit, collection is at its limit and every answer waits for
the processor that this thread would take: it steps back, until events have waited this long. Below that load
it never does."""

_PRUNE_SECONDS = 3600
_DEAD_LETTER_BYTES = 1024**3
"""Dead letters above this are deleted, the oldest first, or they would in the end stop collection."""

_ATTEMPTS = 3
_FIRST_BACKOFF = 0.25
_LONGEST_BACKOFF = 10.0


class Applies(Protocol):
    """What the worker does with a claim: `ingest.apply.Applier`."""

    def load(self) -> None: ...
    def apply(self, claim: Claim) -> Batch: ...
    def apply_apart(self, claim: Claim) -> Batch: ...


class EventWorker:
    """Claims, applies, acknowledges; in a thread of its own (`start`) or step by step (`run_once`)."""

    def __init__(
        self,
        queue: Queue,
        applier: Applies,
        *,
        batch_size: int,
        batch_timeout_ms: int,
        dead_letter_ms: int | None = None,
    ) -> None:
        self._queue = queue
        self._applier = applier
        self._batch_size = batch_size
        self._dead_letter_ms = dead_letter_ms
        self._prune_at = time.monotonic()
        self._linger = min(_LINGER_SECONDS, batch_timeout_ms / 1000)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._loaded = False
        self._failures: dict[int, int] = {}  # of each lane whose claim has failed
        self._rests: dict[int, tuple[float, float]] = {}  # lane → when it is tried again, the pause before

    def start(self) -> None:
        """Work in a thread until `stop`."""
        calm_collector()
        self._thread = threading.Thread(target=self._run, name="event-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way and end; what is still queued stays queued."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def run_once(self, without: Collection[int] = ()) -> int:
        """Apply one claim; the number of events in it (0 when the queue is empty).

        Raises what went wrong; the same claim is then tried again by the next call, unless its lane is
        among those that rest.
        """
        if not self._loaded:
            self._applier.load()
            self._loaded = True
        claim = self._queue.claim(self._batch_size * _BACKLOG_FACTOR, without)
        if claim is None:
            return 0
        failures = self._failures.get(claim.lane, 0)
        began, began_ns = time.perf_counter(), time.time_ns()
        tracer = current()
        try:
            with noted() if tracer is not None else nullcontext[Noted]([]) as notes:
                apply = self._applier.apply if failures < _ATTEMPTS else self._applier.apply_apart
                batch = apply(claim)
        except TakenOver:
            BATCH_FAILURES.labels("taken_over").inc()
            raise
        except Exception as error:
            BATCH_FAILURES.labels("store" if isinstance(error, StoreUnavailable) else "other").inc()
            if not isinstance(error, StoreUnavailable):
                self._failures[claim.lane] = failures + 1
            self._rest(claim.lane)
            raise
        self._queue.acknowledge(claim, batch.tallies, batch.buried)
        self._failures.pop(claim.lane, None)
        self._rests.pop(claim.lane, None)
        _count(claim, batch, began)
        if tracer is not None and batch.traces:
            tell(tracer, claim, batch.traces, began_ns, notes)
        return claim.events

    def _rest(self, lane: int) -> None:
        """Of several lanes, leave one that failed alone for a while, longer each time."""
        if self._queue.shared:
            _, pause = self._rests.get(lane, (0.0, _FIRST_BACKOFF / 2))
            pause = min(2 * pause, _LONGEST_BACKOFF)
            self._rests[lane] = (time.monotonic() + pause, pause)

    def _resting(self) -> list[int]:
        now = time.monotonic()
        return [lane for lane, (until, _) in self._rests.items() if until > now]

    def drain(self) -> None:
        """Work until the queue is empty (for commands without a server).

        Raises StoreUnavailable at once, anything else when it stays after every attempt.
        """
        failures = 0
        while True:
            try:
                done = self.run_once()
            except StoreUnavailable:
                raise
            except Exception:
                failures += 1
                if failures > _ATTEMPTS:
                    raise
                continue
            if not done:
                return
            failures = 0

    def _run(self) -> None:
        backoff = _FIRST_BACKOFF
        while not self._stopping.is_set():
            self._step_back()
            if self._stopping.is_set():
                return
            began = time.monotonic()
            try:
                self._prune()
                done = self.run_once(self._resting())
            except Exception as error:  # noqa: BLE001  # whatever it is, the thread must live on
                _report(error)
                if self._resting():
                    continue  # with the other lanes
                self._stopping.wait(backoff)
                backoff = min(backoff * 2, _LONGEST_BACKOFF)
                continue
            backoff = _FIRST_BACKOFF
            if done < self._batch_size * _LINGER_FACTOR:
                self._stopping.wait(max(0.0, self._linger - (time.monotonic() - began)))
                self._queue.wait(0.5)

    def _prune(self) -> None:
        """Forget dead letters that are kept for longer than was asked for, once an hour."""
        if time.monotonic() < self._prune_at:
            return
        count = self._queue.prune_dead_letters(self._dead_letter_ms, _DEAD_LETTER_BYTES)
        self._prune_at = time.monotonic() + _PRUNE_SECONDS
        if count:
            log.warning("%d dead letters were too old or too many and are deleted", count)

    def _step_back(self) -> None:
        """Let collection go first while it is crowded, for a bounded time."""
        while self._queue.crowd() >= _CROWD and not self._stopping.is_set():
            if self._queue.depth().oldest_ms > _LONGEST_COURTESY_MS:
                return
            self._stopping.wait(0.1)


def _count(claim: Claim, batch: Batch, began: float) -> None:
    """Count a batch that is stored."""
    STORED.inc(claim.events)
    BATCHES.observe(time.perf_counter() - began)
    LAG.observe(max(0, now_ms() - arrival_ms(claim.records[0].arrival)) / 1000)
    if batch.buried:
        BURIED.inc(len(batch.buried))
    for key, count in batch.excluded.items():
        EXCLUDED.labels(key.reason).inc(count)


def calm_collector(objects: int = 50_000) -> None:
    """Let Python look for cycles less often than it does by itself, which costs a fifth of the worker's time.

    A batch is tens of thousands of rows without a cycle. `objects` may be made until it looks.
    """
    gc.set_threshold(objects, 20, 50)
    gc.freeze()  # what is loaded by now stays: no need to look through it again and again


def _report(error: Exception) -> None:
    """Log what went wrong, never the values that it went wrong with: they are people's data."""
    if isinstance(error, Unavailable):
        log.warning("a batch could not be stored and is tried again: %s", error)
    else:
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("a batch could not be stored and is tried again: %s\n%s", reason_of(error), frames)
