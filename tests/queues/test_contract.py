"""What `queues/base.py` promises, for every kind of queue."""

import asyncio
import shutil
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from eventlens.errors import Unavailable
from eventlens.queues.base import ARRIVAL_BITS, Claim, Queue, arrival_ms
from eventlens.queues.redis import RedisQueue
from eventlens.queues.sqlite import SqliteQueue
from tests.queues.conftest import Backend


def drain(queue: Queue, events: int = 1000) -> list[Claim]:
    claims: list[Claim] = []
    while claim := queue.claim(events):
        claims.append(claim)
        queue.acknowledge(claim)
    return claims


def bodies(claims: list[Claim]) -> list[bytes]:
    return [record.body for claim in claims for record in claim.records]


def test_an_empty_queue_has_nothing_to_claim(queue: Queue):
    assert queue.claim(10) is None
    depth = queue.depth()
    assert (depth.events, depth.oldest_ms) == (0, 0)


def test_records_come_in_order_with_their_events(queue: Queue):
    queue.append_now(b"a", 1)
    queue.append_now(b"\x00binary\xff", 3)
    queue.append_now(b"c", 2)
    claim = queue.claim(100)
    assert claim is not None
    assert [record.body for record in claim.records] == [b"a", b"\x00binary\xff", b"c"]
    assert claim.events == 6
    assert not claim.retried


def test_many_waiting_appends_are_all_there_once(queue: Queue):
    async def many() -> None:
        await asyncio.gather(*(queue.append(b"%d" % n, 1) for n in range(3000)))

    asyncio.run(many())
    assert bodies(drain(queue)) == [b"%d" % n for n in range(3000)]


def test_appends_from_threads_and_loops_together(queue: Queue):
    def from_thread(name: int) -> None:
        for n in range(50):
            queue.append_now(b"%d %d" % (name, n), 1)

    def from_loop(name: int) -> None:
        async def one_by_one() -> None:
            for n in range(50):
                await queue.append(b"%d %d" % (name, n), 1)

        asyncio.run(one_by_one())

    threads = [threading.Thread(target=from_thread if n % 2 else from_loop, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = [tuple(map(int, body.split())) for body in bodies(drain(queue))]
    for name in range(6):
        assert [n for other, n in records if other == name] == list(range(50))


def test_arrivals_grow_and_count_each_event(backend: Backend):
    now = [1_700_000_000_000]
    queue = backend(clock=lambda: now[0])
    for events, milliseconds in [(1, 0), (5, 0), (100, 0), (2, 7), (1, -1_000_000), (3, 0)]:
        now[0] += milliseconds
        queue.append_now(b"x" * events, events)
    records = [record for claim in drain(queue) for record in claim.records]
    ends = [record.arrival + len(record.body) for record in records]
    assert all(end <= after.arrival for end, after in zip(ends, records[1:], strict=False))
    assert records[0].arrival == 1_700_000_000_000 << ARRIVAL_BITS
    assert arrival_ms(records[3].arrival) == 1_700_000_000_007
    assert arrival_ms(records[5].arrival) == 1_700_000_000_007  # the clock went back; arrivals did not


def test_a_claim_stays_until_it_is_acknowledged(queue: Queue):
    for n in range(3):
        queue.append_now(b"%d" % n, 1)
    first = queue.claim(2)
    assert first is not None
    queue.append_now(b"3", 1)
    again = queue.claim(1000)
    assert again is not None
    assert (again.token, list(again.records), again.events) == (
        first.token,
        list(first.records),
        first.events,
    )
    assert again.retried
    queue.acknowledge(again)
    following = queue.claim(1000)
    assert following is not None
    assert following.token != first.token
    assert not following.retried


def test_a_claim_survives_a_restart(backend: Backend):
    before = backend()
    for n in range(5):
        before.append_now(b"%d" % n, 1)
    claim = before.claim(3)
    assert claim is not None
    before.close()
    again = backend().claim(1)
    assert again is not None
    assert (again.token, list(again.records)) == (claim.token, list(claim.records))
    assert again.retried


def test_a_claim_takes_at_least_one_record_and_stops_at_its_number(queue: Queue):
    queue.append_now(b"big", 100)
    for _ in range(10):
        queue.append_now(b"small", 1)
    assert [claim.events for claim in drain(queue, 4)] == [100, 4, 4, 2]


def test_acknowledging_twice_counts_once(queue: Queue):
    queue.append_now(b"a", 2)
    claim = queue.claim(10)
    assert claim is not None
    queue.acknowledge(claim, {("import-1", "imported"): 2})
    queue.append_now(b"b", 1)
    queue.acknowledge(claim, {("import-1", "imported"): 2})
    assert queue.tallies("import-1") == {"imported": 2}
    assert queue.depth().events == 1


def test_a_claim_that_was_never_handed_out_is_refused(queue: Queue):
    queue.append_now(b"a", 1)
    claim = queue.claim(10)
    assert claim is not None
    for token in (claim.token + "0", "0123456789abcdef" + claim.token[16:]):
        with pytest.raises(ValueError, match="handed out"):
            queue.acknowledge(Claim(token, [], 1, retried=False, version=1), {("s", "o"): 1})
    assert queue.tallies("s") == {}
    assert queue.depth().events == 1


def test_tallies_add_up_by_source_and_outcome(backend: Backend):
    queue = backend()
    for n in range(3):
        queue.append_now(b"x", 1)
        claim = queue.claim(1)
        assert claim is not None
        queue.acknowledge(claim, {("a", "imported"): n, ("a", "duplicate"): 1, ("b", "imported"): 10})
    queue.close()
    queue = backend()
    assert queue.tallies("a") == {"imported": 3, "duplicate": 3}
    assert queue.tallies("b") == {"imported": 30}
    assert queue.tallies("c") == {}


def test_what_waits_can_be_looked_at_without_claiming_it(backend: Backend):
    queue = backend()
    assert list(queue.peek(10)) == []
    for n in range(40):
        queue.append_now(b"%d" % n, 2)
    claim = queue.claim(4)
    assert claim is not None
    assert [record.body for record in queue.peek(100)] == [b"%d" % n for n in range(40)]
    assert [record.body for record in queue.peek(5)] == [b"38", b"39"]
    assert list(queue.peek(1)) == []
    queue.acknowledge(claim)
    left = list(queue.peek(100))
    following = queue.claim(100)
    assert following is not None
    assert (left, following.retried) == (following.records, False)


def test_depth_counts_what_is_not_acknowledged(backend: Backend):
    now = [1_700_000_000_000]
    queue = backend(clock=lambda: now[0])
    queue.append_now(b"a", 3)
    now[0] += 5000
    queue.append_now(b"b", 4)
    assert (queue.depth().events, queue.depth().oldest_ms) == (7, 5000)
    claim = queue.claim(1)
    assert claim is not None
    assert queue.depth().events == 7
    queue.acknowledge(claim)
    assert (queue.depth().events, queue.depth().oldest_ms) == (4, 0)


def test_an_acknowledgement_takes_its_dead_letters_along_and_only_once(backend: Backend):
    queue = backend()
    queue.append_now(b"x", 1)
    claim = queue.claim(1)
    assert claim is not None
    for _ in range(2):
        queue.acknowledge(claim, {("a", "failed"): 1}, [(claim.records[0], "reason")])
    queue.close()
    queue = backend()
    assert [(letter.body, letter.error) for letter in queue.dead_letters()] == [(b"x", "reason")]
    assert queue.tallies("a") == {"failed": 1}
    assert queue.depth().events == 0


def test_wait_gives_up_in_time(queue: Queue):
    begin = time.monotonic()
    assert queue.wait(0.15) is False
    assert 0.14 <= time.monotonic() - begin < 5


def test_wait_sees_what_was_appended_before_it(queue: Queue):
    queue.append_now(b"a", 1)
    assert queue.wait(0) is True
    claim = queue.claim(1)
    assert claim is not None
    assert queue.wait(0) is False  # a claim holds it
    queue.acknowledge(claim)
    assert queue.wait(0) is False


def test_a_record_without_events_is_refused(queue: Queue):
    with pytest.raises(ValueError, match="at least one event"):
        queue.append_now(b"a", 0)


def test_closing_commits_what_waits(backend: Backend):
    queue = backend()

    async def close_while_appending() -> None:
        tasks = [asyncio.create_task(queue.append(b"%d" % n, 1)) for n in range(500)]
        await asyncio.sleep(0)
        await asyncio.to_thread(queue.close)
        await asyncio.gather(*tasks)

    asyncio.run(close_while_appending())
    assert len(bodies(drain(backend()))) == 500


def test_a_closed_queue_says_so(queue: Queue):
    queue.close()
    queue.close()
    claim = Claim("0-0-0", [], 1, retried=False, version=1)
    calls = [
        lambda: queue.append_now(b"a", 1),
        lambda: asyncio.run(queue.append(b"a", 1)),
        lambda: queue.claim(1),
        lambda: queue.acknowledge(claim),
        queue.dead_letters,
        lambda: queue.count_dead_letters(1),
        lambda: queue.replay_dead_letters([1]),
        lambda: queue.discard_dead_letters([1]),
        lambda: queue.prune_dead_letters(1, 1),
        queue.depth,
        lambda: queue.tallies("a"),
        lambda: queue.wait(0),
    ]
    for call in calls:
        with pytest.raises(Unavailable, match="closed"):
            call()


def test_closing_ends_a_wait(queue: Queue):
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            queue.wait(60)
        except Unavailable as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.05)
    queue.close()
    thread.join(5)
    assert len(ended) == 1


def test_a_cancelled_append_disturbs_nobody(queue: Queue):
    async def cancel_some() -> None:
        tasks = [asyncio.create_task(queue.append(b"%d" % n, 1)) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert results[1::2] == [None] * 10

    asyncio.run(cancel_some())
    assert len(bodies(drain(queue))) == 20  # handed over before they were cancelled


def test_a_loop_that_ends_before_its_answer_disturbs_nobody(queue: Queue):
    loop = asyncio.new_event_loop()
    task = loop.create_task(queue.append(b"a", 1))
    loop.call_soon(loop.stop)
    loop.run_forever()
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    loop.close()
    queue.append_now(b"b", 1)
    assert bodies(drain(queue)) == [b"a", b"b"]


def test_workers_that_claim_at_once_get_the_same_claim(queue: Queue):
    for _ in range(20):
        queue.append_now(b"a", 1)
    claims: list[Claim | None] = []
    threads = [threading.Thread(target=lambda: claims.append(queue.claim(5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({claim.token for claim in claims if claim}) == 1
    assert sum(not claim.retried for claim in claims if claim) == 1


def test_a_pause_lets_a_claim_end_and_hands_out_no_other(backend: Backend):
    queue, worker = backend(), backend()
    queue.append_now(b"first", 1, "shop")
    first = worker.claim(10)
    assert first is not None
    with pytest.raises(Unavailable, match="does not come to an end"), queue.paused(0.1):
        pass
    worker.acknowledge(first)
    queue.append_now(b"second", 2, "shop")
    pausing = queue if queue.shared else worker  # of an embedded queue, the process that claims
    with pausing.paused(5, anew=True):
        assert worker.claim(10) is None
        with pytest.raises(Unavailable, match="under way"), pausing.paused(0.05):
            pass
        queue.append_now(b"third", 1, "shop")  # collection goes on
    following = worker.claim(10)
    assert following is not None
    assert [record.body for record in following.records] == [b"second", b"third"]
    assert following.tenure != first.tenure, "what the worker knows from memory is not true any more"


def test_what_waits_can_be_written_to_a_file_and_taken_over(backend: Backend, tmp_path: Path):
    """By a queue of either kind; each event keeps its number."""
    queue = backend()
    for body in (b"waits", b"fails", b"waits too"):
        queue.append_now(body, 2, "shop")
    claim = queue.claim(2)
    assert claim is not None
    queue.acknowledge(claim, {("import", "stored"): 2}, [(claim.records[0], "an error")])
    with queue.paused(5), queue.held(tmp_path / "copy.db") as write:
        write()
    rest = queue.claim(10)
    assert rest is not None
    shutil.copy(tmp_path / "copy.db", tmp_path / "embedded.db")
    with closing(SqliteQueue(tmp_path / "embedded.db")) as copy:
        _same(copy, rest, claim)
    if isinstance(queue, RedisQueue):
        queue.acknowledge(rest)
        queue.discard_dead_letters([letter.id for letter in queue.dead_letters()])
        queue.adopt(tmp_path / "copy.db", lambda _: "shop")
        _same(queue, rest, claim)


def _same(queue: Queue, rest: Claim, failed: Claim) -> None:
    found = queue.claim(10)
    assert found is not None
    assert [(each.arrival, each.body, each.events) for each in found.records] == [
        (each.arrival, each.body, each.events) for each in rest.records
    ]
    assert queue.depth().events == rest.events
    letter = queue.dead_letters()[0]
    assert (letter.body, letter.arrival) == (failed.records[0].body, failed.records[0].arrival)
    assert queue.tallies("import")["stored"] >= 2
    queue.append_now(b"later", 1, "shop")
    queue.acknowledge(found)
    later = queue.claim(10)
    assert later is not None
    assert later.records[0].arrival > max(each.arrival for each in rest.records)
