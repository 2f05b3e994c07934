"""Events between the call and their settlement: bounded, safe in threads, never held while anything is sent.

Events of one user agent go out together, because the server reads it of the request. Each event has a number;
a flush waits until no event up to the newest number at its call is outstanding.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

OVERHEAD = 160
"""Bytes that an event takes beside its text: the objects around it."""


MOST_BYTES = 1 << 20
"""Of a batch, beyond its first event."""

Settled = Callable[[bool], object]
"""Called with True when everything is settled, with False when it was given up."""


@dataclass(slots=True)
class Batch:
    """Events that are on their way, oldest first."""

    agent: str
    numbers: list[int]
    events: list[bytes]

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return sum(map(len, self.events)) + OVERHEAD * len(self.events)


class Buffer:
    """What waits, by user agent, and what is on its way.

    `changed` is a condition on a reentrant lock: signal handlers and finalizers make calls within calls.
    """

    def __init__(self, limit: int, batch_size: int, flush_after: float) -> None:
        self.limit = limit
        self.batch_size = batch_size
        self._flush_after = flush_after
        self._number = 0
        self.closed = False
        self.reset()

    def reset(self) -> None:
        """Empty it, with a lock of its own: a forked child must not send what its parent will send."""
        self.changed = threading.Condition()
        self._waiting: dict[str, deque[tuple[int, bytes]]] = {}
        self._sending: Batch | None = None
        self._count = 0
        self._bytes = 0
        self._since = 0.0
        self._waiters: list[tuple[int, Settled]] = []
        self._urgent = False

    # --- callers -------------------------------------------------------------------------------------

    def put(self, event: bytes, agent: str) -> bool:
        """Add an event; False where there is no room."""
        with self.changed:
            size = len(event) + OVERHEAD
            if self._bytes + size > self.limit:
                return False
            self._number += 1
            waiting = self._waiting.get(agent)
            if waiting is None:
                waiting = self._waiting[agent] = deque()
            waiting.append((self._number, event))
            self._bytes += size
            self._count += 1
            if self._count == 1:
                self._since = time.monotonic()
                self.changed.notify_all()
            elif self._count == self.batch_size:
                self.changed.notify_all()
            return True

    def wait_for_room(self, size: int, seconds: float) -> bool:
        """Wait until an event of so many bytes would fit; False where time is up or it never will."""
        needed = size + OVERHEAD
        if needed > self.limit:
            return False
        with self.changed:
            fits = lambda: self.closed or self._bytes + needed <= self.limit  # noqa: E731  # a name for the condition
            return self.changed.wait_for(fits, seconds) and not self.closed

    def when_settled(self, callback: Settled) -> None:
        """Call back, in any thread, once everything that was added so far is settled; sends it at once."""
        with self.changed:
            if self._oldest() is not None:
                self._waiters.append((self._number, callback))
                self._urgent = True
                self.changed.notify_all()
                return
        callback(True)

    def hurry(self) -> None:
        """Send what waits now; waits for nothing."""
        with self.changed:
            self._urgent = self._count > 0
            self.changed.notify_all()

    def forget(self, callback: Settled) -> None:
        """Do not call back any more."""
        with self.changed:
            self._waiters = [waiter for waiter in self._waiters if waiter[1] is not callback]

    def close(self) -> None:
        """Nothing more will be added; what waits is due."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    @property
    def waiting(self) -> tuple[int, int]:
        """Events that are not settled, and the bytes they take."""
        with self.changed:
            return self._count + (len(self._sending.events) if self._sending else 0), self._bytes

    # --- the sender ----------------------------------------------------------------------------------

    def take(self) -> Batch | None:
        """The next batch, once one is due; None when nothing waits any more."""
        with self.changed:
            while not self._is_due():
                if self.closed and not self._count:
                    return None
                left = self._since + self._flush_after - time.monotonic() if self._count else None
                self.changed.wait(left)
            self._sending = self._next_batch()
            return self._sending

    def settle(self, batch: Batch) -> None:
        """The batch needs nothing more: it is stored, refused or given up."""
        with self.changed:
            if self._sending is not batch:
                return  # given up meanwhile
            self._bytes -= batch.size
            self._sending = None
            done = self._settled_waiters()
            self.changed.notify_all()
        for callback in done:
            callback(True)

    def drop_all(self) -> int:
        """Give up whatever is not settled, and tell everybody who waited. Gives the number of events."""
        with self.changed:
            dropped, _ = self.waiting
            self._count, self._bytes, self._waiting = 0, 0, {}
            self._sending = None
            told, self._waiters = self._waiters, []
            self.changed.notify_all()
        for _, callback in told:
            callback(False)
        return dropped

    def _is_due(self) -> bool:
        if not self._count:
            return False
        full = self._count >= self.batch_size or self._urgent or self.closed
        return full or time.monotonic() - self._since >= self._flush_after

    def _next_batch(self) -> Batch:
        """From the agent that waits longest; those of whom more is left queue up again."""
        agent = next(iter(self._waiting))
        waiting = self._waiting.pop(agent)
        taken, size = [waiting.popleft()], 0
        while waiting and len(taken) < self.batch_size and size < MOST_BYTES:
            size += len(waiting[0][1])
            taken.append(waiting.popleft())
        if waiting:
            self._waiting[agent] = waiting
        self._count -= len(taken)
        self._urgent = bool(self._waiters)
        numbers, events = zip(*taken, strict=True)
        return Batch(agent, list(numbers), list(events))

    def _oldest(self) -> int | None:
        """The smallest number that is not settled."""
        oldest = [waiting[0][0] for waiting in self._waiting.values()]
        if self._sending is not None:
            oldest.append(self._sending.numbers[0])
        return min(oldest, default=None)

    def _settled_waiters(self) -> list[Settled]:
        if not self._waiters:
            return []
        oldest = self._oldest()
        done = [waiter for waiter in self._waiters if oldest is None or waiter[0] < oldest]
        self._waiters = [waiter for waiter in self._waiters if waiter not in done]
        self._urgent = bool(self._waiters)
        return [callback for _, callback in done]
