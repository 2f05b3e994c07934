"""The thread that empties the buffer: batches go out one after another, until each is settled or refused."""

import contextlib
import json
import random
import threading
import time
from typing import Any

from event_lens_sdk import lifecycle
from event_lens_sdk.answers import Verdict, judge
from event_lens_sdk.buffer import Batch, Buffer
from event_lens_sdk.problems import Problem, Reporter, log
from event_lens_sdk.transport import Transport

_FIRST_WAIT, _LONGEST_WAIT = 0.1, 20.0
"""Seconds between attempts: the wait doubles, and a random part of its half is taken off."""


class Sender:
    """Sends in a thread that starts with the first event, so that one after a fork starts in the child."""

    def __init__(self, buffer: Buffer, transport: Transport, reporter: Reporter, exit_timeout: float) -> None:
        self.buffer = buffer
        self._transport = transport
        self._reporter = reporter
        self._exit_timeout = exit_timeout
        self.accepted = self.refused = self.dropped = self.retries = 0
        self.reset()
        lifecycle.watch(self)  # and not the client, of which nobody may know any more while its events wait

    def reset(self) -> None:
        """Begin anew: in a forked child there is no such thread, and the connection is the parent's."""
        self._thread: threading.Thread | None = None
        self._deliver_lock = threading.Lock()
        self._deadline: float | None = None
        self._transport.forget()

    def start(self) -> bool:
        """See that the thread runs; False where the interpreter starts none any more."""
        thread = self._thread
        if thread is not None and thread.is_alive():
            return True
        with self.buffer.changed:
            if self._thread is not None and self._thread.is_alive():
                return True
            thread = threading.Thread(target=self._run, name="event-lens", daemon=True)
            with contextlib.suppress(RuntimeError):  # the interpreter is about to end
                thread.start()
                self._thread = thread
                lifecycle.see_process()
                return True
        return False

    def finish(self, seconds: float | None = None) -> None:
        """Send what waits, for at most so long; then give up what is left."""
        self._deadline = time.monotonic() + (self._exit_timeout if seconds is None else seconds)
        self.buffer.close()
        thread = self._thread
        if thread is not None and thread.is_alive():
            thread.join(max(0.0, self._deadline - time.monotonic()))
        else:
            self._run()
        self._give_up()

    # --- the life of the process (lifecycle) ---------------------------------------------------------

    def before_fork(self) -> None:
        """Hold the lock, so that the child gets the buffer in one piece."""
        self._held = self.buffer.changed
        self._held.acquire()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._held.release()

    def after_fork_in_child(self) -> None:
        """Begin anew: what waits is the parent's to send, and so are thread and connection."""
        self.buffer.reset()
        self.reset()

    def close_at_exit(self) -> None:
        """The process ends."""
        self.finish()

    # --- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        with self._deliver_lock:
            while not self._is_late() and (batch := self.buffer.take()) is not None:
                try:
                    self._deliver(batch)
                except Exception:  # noqa: BLE001  # the thread must live: without it nothing is sent any more
                    log.exception("a batch could not be sent")
                    self.dropped += len(batch.events)
                    self._reporter.tell(
                        Problem("internal", "the client failed, see the log", events=len(batch.events))
                    )
                    self.buffer.settle(batch)
            if self.buffer.closed:
                self._transport.close()

    def _deliver(self, batch: Batch) -> None:
        """Send a batch until it needs nothing more."""
        pieces = [batch.events]
        attempts = 0
        while pieces:
            body = b'{"events":[' + b",".join(pieces[0]) + b"]}"
            verdict = judge(self._transport.post(body, batch.agent), time.time())
            if verdict.then == "again":
                attempts += 1
                if not self._pause(verdict, attempts):
                    return  # time is up: what is left is given up
                continue
            if attempts:
                log.info("sending works again")
            attempts = 0
            if verdict.then == "halved" and len(pieces[0]) > 1:
                pieces[:1] = self._halves(pieces[0])
            else:
                self._settle(pieces.pop(0), verdict)
        self.buffer.settle(batch)

    def _halves(self, events: list[bytes]) -> list[list[bytes]]:
        middle = len(events) // 2
        self.buffer.batch_size = max(1, min(self.buffer.batch_size, middle))
        return [events[:middle], events[middle:]]

    def _settle(self, events: list[bytes], verdict: Verdict) -> None:
        if verdict.then != "settled":
            self.refused += len(events)
            event = _read(events[0]) if len(events) == 1 else None
            self._reporter.tell(Problem(verdict.code, verdict.message, events=len(events), event=event))
            return
        self.accepted += len(events) - len(verdict.rejected)
        self.refused += len(verdict.rejected)
        for one in verdict.rejected:
            event = _read(events[one.place]) if 0 <= one.place < len(events) else None
            self._reporter.tell(Problem(one.code, one.message, one.field, event=event))

    def _pause(self, verdict: Verdict, attempts: int) -> bool:
        """Wait before the next attempt; False where there is no time for another."""
        if attempts == 1:
            log.warning("sending again: %s (%d events wait)", verdict.message, self.buffer.waiting[0])
        self.retries += 1
        doubled = min(_FIRST_WAIT * 2 ** min(attempts - 1, 16), _LONGEST_WAIT)
        seconds = doubled * random.uniform(0.5, 1.0)  # noqa: S311  # spreads clients, hides nothing
        until = time.monotonic() + max(seconds, verdict.wait or 0.0)
        with self.buffer.changed:
            was_closed = self.buffer.closed
            while (left := until - time.monotonic()) > 0:
                if self.buffer.closed and not was_closed:
                    return True  # the end has come: once more, now
                if self._deadline is not None and until > self._deadline:
                    return False
                self.buffer.changed.wait(left)
        return not self._is_late()

    @property
    def is_this_thread(self) -> bool:
        """Whether the caller is the sender itself, which must not wait for itself."""
        return self._thread is threading.current_thread()

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _give_up(self) -> None:
        left = self.buffer.drop_all()
        if left:
            self.dropped += left
            self._reporter.tell(Problem("unsent", "the time to send them was up", events=left))


def _read(event: bytes) -> dict[str, Any]:
    return json.loads(event)
