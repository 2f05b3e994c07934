"""The worker steps back while collection is crowded, and not for ever."""

import threading
import time
from pathlib import Path

from eventlens.ingest.process import Batch
from eventlens.queues.base import Claim, Depth
from eventlens.queues.sqlite import SqliteQueue
from eventlens.workers.events import EventWorker


class _Applies:
    """Counts what it is given."""

    def __init__(self) -> None:
        self.events = 0
        self.seen = threading.Event()

    def load(self) -> None: ...

    def apply(self, claim: Claim) -> Batch:
        self.events += claim.events
        self.seen.set()
        return Batch(version=1)

    apply_apart = apply


class _Crowded(SqliteQueue):
    """A queue whose collectors are busy for as long as a test says."""

    crowded = True
    oldest_ms = 0

    def crowd(self) -> float:
        return 64.0 if self.crowded else 0.0

    def depth(self) -> Depth:
        return Depth(1, self.oldest_ms)


def _started(tmp_path: Path) -> tuple[_Crowded, _Applies, EventWorker]:
    queue = _Crowded(tmp_path / "queue.db")
    applies = _Applies()
    worker = EventWorker(queue, applies, batch_size=100, batch_timeout_ms=100)
    queue.append_now(b"x", 1)
    worker.start()
    return queue, applies, worker


def test_it_waits_while_collection_is_crowded(tmp_path: Path) -> None:
    queue, applies, worker = _started(tmp_path)
    time.sleep(0.4)
    assert applies.events == 0
    queue.crowded = False
    assert applies.seen.wait(5)
    worker.stop()
    queue.close()


def test_it_waits_no_longer_than_promised(tmp_path: Path) -> None:
    queue, applies, worker = _started(tmp_path)
    queue.oldest_ms = 10_001
    assert applies.seen.wait(5)
    worker.stop()
    queue.close()


def test_it_can_be_stopped_while_it_waits(tmp_path: Path) -> None:
    queue, applies, worker = _started(tmp_path)
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 2
    assert applies.events == 0
    queue.close()


def test_crowd_is_what_shares_a_commit(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "queue.db")
    assert queue.crowd() == 0
    for _ in range(20):
        queue.append_now(b"x", 1)
    assert 0 < queue.crowd() <= 1
    time.sleep(0.3)
    assert queue.crowd() == 0
    queue.close()
