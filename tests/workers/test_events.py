"""The worker: nothing is lost to an outage, and nothing that cannot be applied stops the rest."""

import logging
import threading
import time
from collections.abc import Callable

import pytest

from eventlens.errors import QueryLimit, StoreUnavailable
from eventlens.ingest.process import Batch
from eventlens.queues.base import Claim
from eventlens.queues.redis import RedisQueue
from eventlens.queues.sqlite import SqliteQueue
from eventlens.workers import events as under_test
from eventlens.workers.events import EventWorker
from tests.support.letters import bury


class Recorder:
    """Applies by noting the bodies; fails as told."""

    def __init__(self) -> None:
        self.applied: list[bytes] = []
        self.calls = 0
        self.loads = 0
        self.fail: Callable[[Claim], Exception | None] = lambda _: None
        self.retries: list[bool] = []

    def load(self) -> None:
        self.loads += 1

    def apply(self, claim: Claim) -> Batch:
        self.calls += 1
        self.retries.append(claim.retried)
        error = self.fail(claim)
        if error is not None:
            raise error
        self.applied += [record.body for record in claim.records]
        batch = Batch(version=1)
        batch.tallies["import", "imported"] = claim.events
        return batch

    def apply_apart(self, claim: Claim) -> Batch:
        batch = Batch(version=1)
        for record in claim.records:
            if record.body == b"poison":
                batch.buried.append((record, "ValueError"))
            else:
                self.applied.append(record.body)
        return batch


@pytest.fixture
def queue(tmp_path):
    opened = SqliteQueue(tmp_path / "queue.db")
    yield opened
    opened.close()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def worker(queue, recorder, monkeypatch):
    monkeypatch.setattr(under_test, "_FIRST_BACKOFF", 0.01)
    monkeypatch.setattr(under_test, "_LONGEST_BACKOFF", 0.02)
    monkeypatch.setattr(under_test, "_LINGER_SECONDS", 0.01)
    made = EventWorker(queue, recorder, batch_size=10, batch_timeout_ms=10)
    yield made
    made.stop()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def put(queue: SqliteQueue, *bodies: bytes) -> None:
    for body in bodies:
        queue.append_now(body, 1)


def poison(claim: Claim) -> Exception | None:
    return (
        ValueError("I am about Jane Doe")
        if any(record.body == b"poison" for record in claim.records)
        else None
    )


def test_everything_is_applied_in_order_and_acknowledged(queue, recorder, worker):
    put(queue, b"1", b"2", b"3")
    worker.drain()
    assert recorder.applied == [b"1", b"2", b"3"]
    assert queue.depth().events == 0
    assert queue.tallies("import") == {"imported": 3}
    assert recorder.loads == 1


def test_an_empty_queue_is_nothing_to_do(worker):
    assert worker.run_once() == 0


def test_an_outage_is_waited_out_however_long(queue, recorder, worker):
    recorder.fail = lambda _: StoreUnavailable() if recorder.calls < 12 else None
    put(queue, b"1", b"poison", b"3")
    worker.start()
    until(lambda: queue.depth().events == 0)
    assert recorder.applied == [b"1", b"poison", b"3"]
    assert queue.dead_letters() == []
    assert recorder.retries[0] is False
    assert all(recorder.retries[1:])


def test_only_the_poison_is_buried_and_the_next_batches_go_on(queue, recorder, worker, caplog):
    caplog.set_level(logging.DEBUG)
    recorder.fail = poison
    put(queue, b"1", b"poison", b"3")
    worker.start()
    until(lambda: queue.depth().events == 0)
    put(queue, b"4")
    until(lambda: queue.depth().events == 0)
    assert recorder.applied == [b"1", b"3", b"4"]
    assert [(letter.body, letter.error) for letter in queue.dead_letters()] == [(b"poison", "ValueError")]
    assert "tried again" in caplog.text
    assert "Jane" not in caplog.text


def test_three_attempts_with_growing_pauses_before_anything_is_buried(queue, recorder, monkeypatch):
    """The default pauses: 0.25 s, then twice as long each time."""
    begun: list[float] = []

    def fail(claim: Claim) -> Exception:
        begun.append(time.monotonic())
        return ValueError()

    recorder.fail = fail
    put(queue, b"poison")
    worker = EventWorker(queue, recorder, batch_size=10, batch_timeout_ms=10)
    worker.start()
    until(lambda: queue.count_dead_letters(1) == 1)
    buried = time.monotonic()
    worker.stop()
    assert len(begun) == 3
    pauses = [after - before for before, after in zip(begun, [*begun[1:], buried], strict=True)]
    for pause, least in zip(pauses, (0.25, 0.5, 1.0), strict=True):
        assert least <= pause < least + 0.5


def test_pauses_grow_to_a_limit_and_a_success_resets_them(queue, recorder, worker, monkeypatch):
    monkeypatch.setattr(under_test, "_LONGEST_BACKOFF", 0.04)
    waited: list[float] = []
    stopping = worker._stopping
    monkeypatch.setattr(
        stopping, "wait", lambda seconds: waited.append(seconds) or threading.Event().wait(0.001)
    )
    recorder.fail = lambda _: StoreUnavailable() if recorder.calls in {1, 2, 3, 4, 6} else None
    put(queue, b"1")
    worker.start()
    until(lambda: recorder.applied == [b"1"])
    put(queue, b"2")
    until(lambda: recorder.applied == [b"1", b"2"])
    pauses = [seconds for seconds in waited if seconds in {0.01, 0.02, 0.04, 0.08}]
    assert pauses[:4] == [0.01, 0.02, 0.04, 0.04]
    assert pauses[-1] == 0.01


def test_a_claim_is_forty_batches_at_most_and_less_when_time_is_up(queue, recorder, worker):
    """Batches of WORKER_BATCH_SIZE, or fewer after WORKER_BATCH_TIMEOUT; larger ones under a backlog only."""
    sizes: list[int] = []
    recorder.fail = lambda claim: sizes.append(claim.events)
    for _ in range(10):
        queue.append_now(b"x", 70)
    worker.drain()
    assert sum(sizes) == 700
    assert max(sizes) <= 40 * 10 + 70
    put(queue, b"alone")
    began = time.monotonic()
    worker.start()
    until(lambda: recorder.applied[-1] == b"alone")
    assert time.monotonic() - began < 1


def test_old_dead_letters_are_deleted_when_the_worker_starts_and_every_hour(tmp_path, recorder, caplog):
    now = [1_700_000_000_000]
    queue = SqliteQueue(tmp_path / "aged.db", clock=lambda: now[0])
    for error in ("old", "new"):
        bury(queue, b"x", error)
        now[0] += 60_000
    worker = EventWorker(queue, recorder, batch_size=10, batch_timeout_ms=10, dead_letter_ms=60_000)
    worker.start()
    until(lambda: queue.count_dead_letters(9) == 1)
    until(lambda: worker._prune_at > time.monotonic())  # it is done, and waits for the next hour
    now[0] += 1
    worker._prune_at = 0.0  # an hour later
    until(lambda: queue.count_dead_letters(9) == 0)
    worker.stop()
    assert "1 dead letters were too old" in caplog.text
    queue.close()


def test_a_failure_that_passes_costs_nothing(queue, recorder, worker):
    recorder.fail = lambda _: RuntimeError() if recorder.calls < 3 else None
    put(queue, b"1", b"poison")
    worker.drain()
    assert recorder.applied == [b"1", b"poison"]
    assert queue.dead_letters() == []


def test_a_batch_that_is_too_large_for_the_store_is_applied_in_parts(queue, recorder, worker):
    recorder.fail = lambda _: QueryLimit()
    put(queue, b"1", b"2")
    worker.drain()
    assert recorder.applied == [b"1", b"2"]


def test_draining_ends_at_an_outage(queue, recorder, worker):
    recorder.fail = lambda _: StoreUnavailable()
    put(queue, b"1")
    with pytest.raises(StoreUnavailable):
        worker.drain()
    assert queue.depth().events == 1


def test_draining_ends_when_nothing_helps(queue, recorder, worker, monkeypatch):
    recorder.fail = lambda _: RuntimeError("always")
    monkeypatch.setattr(recorder, "apply_apart", recorder.apply)
    put(queue, b"1")
    with pytest.raises(RuntimeError):
        worker.drain()
    assert queue.depth().events == 1


def test_a_new_event_is_applied_at_once(queue, recorder, worker):
    worker.start()
    time.sleep(0.05)
    began = time.monotonic()
    put(queue, b"1")
    until(lambda: recorder.applied == [b"1"])
    assert time.monotonic() - began < 1


def test_stopping_finishes_the_batch_under_way(queue, recorder, worker):
    entered, leave = threading.Event(), threading.Event()

    def slow(_: Claim) -> None:
        entered.set()
        leave.wait(10)

    recorder.fail = slow
    put(queue, b"1")
    worker.start()
    assert entered.wait(10)
    stopper = threading.Thread(target=worker.stop)
    stopper.start()
    leave.set()
    stopper.join(10)
    assert not stopper.is_alive()
    assert recorder.applied == [b"1"]
    assert queue.depth().events == 0


def test_what_waits_is_applied_by_the_next_worker(queue, recorder, worker):
    recorder.fail = lambda _: StoreUnavailable()
    put(queue, b"1")
    with pytest.raises(StoreUnavailable):
        worker.run_once()
    successor = Recorder()
    EventWorker(queue, successor, batch_size=10, batch_timeout_ms=10).drain()
    assert successor.applied == [b"1"]
    assert successor.retries == [True]


def test_a_lane_that_fails_rests_while_the_others_go_on(redis_server, recorder, monkeypatch):
    monkeypatch.setattr(under_test, "_LINGER_SECONDS", 0.01)
    queue = RedisQueue(redis_server.url)
    worker = EventWorker(queue, recorder, batch_size=10, batch_timeout_ms=10)
    recorder.fail = poison
    queue.append_now(b"poison", 1, "some key")
    lanes = [f"key {n}" for n in range(40)]
    worker.start()
    for key in lanes:
        queue.append_now(key.encode(), 1, key)
    until(lambda: queue.depth().events == 0)
    worker.stop()
    assert sorted(recorder.applied) == sorted(key.encode() for key in lanes)
    assert [letter.body for letter in queue.dead_letters()] == [b"poison"]
    queue.close()
