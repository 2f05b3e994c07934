"""Dead letters: listed page by page, replayed whole and once, forgotten by hand, by age and by size."""

import random
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from eventlens.errors import QueueFull
from eventlens.queues.base import ARRIVAL_BITS, Queue, Record, arrival_ms
from eventlens.queues.sqlite import SqliteQueue
from tests.queues.conftest import Backend
from tests.queues.test_processes import kill_after, start
from tests.support.letters import bury

NOW = 1_700_000_000_000
LETTERS = 600


def errors(queue: Queue, **page: int) -> list[str]:
    return [letter.error for letter in queue.dead_letters(**page)]


def claimed(queue: Queue) -> list[Record]:
    found: list[Record] = []
    while claim := queue.claim(10_000):
        found += claim.records
        queue.acknowledge(claim)
    return found


def ids(queue: Queue) -> list[int]:
    return [letter.id for letter in queue.dead_letters(limit=10_000)]


def test_they_are_kept_newest_first(backend: Backend):
    queue = backend(clock=lambda: NOW)
    records = [bury(queue, b"%d" % n, f"reason {n}") for n in range(3)]
    queue.close()
    letters = backend().dead_letters(2)
    assert [(letter.body, letter.error) for letter in letters] == [(b"2", "reason 2"), (b"1", "reason 1")]
    assert letters[0].failed_at == NOW
    assert letters[0].arrival == records[2].arrival
    assert letters[0].id > letters[1].id


def test_pages_go_on_where_the_last_one_ended_also_when_new_ones_come(queue: Queue):
    for n in range(5):
        bury(queue, b"x", str(n))
    first = queue.dead_letters(limit=2)
    bury(queue, b"x", "new")
    assert errors(queue, limit=2, before=first[-1].id) == ["2", "1"]
    assert errors(queue, before=queue.dead_letters()[-1].id) == []


def test_they_are_counted_up_to_a_limit(queue: Queue):
    assert queue.count_dead_letters(10) == 0
    for _ in range(3):
        bury(queue, b"x")
    assert (queue.count_dead_letters(10), queue.count_dead_letters(2)) == (3, 2)


def test_a_replayed_one_waits_behind_the_others_and_keeps_its_arrival(backend: Backend):
    now = [NOW]
    queue = backend(clock=lambda: now[0])
    buried = [bury(queue, f"letter {n}".encode(), events=3) for n in range(2)]
    now[0] += 5_000
    queue.append_now(b"waits", 4)
    chosen = ids(queue)
    assert queue.replay_dead_letters([*chosen, 4711]) == 2
    assert queue.replay_dead_letters(chosen) == 0
    assert queue.dead_letters() == []
    assert queue.depth().events == 10
    queue.close()
    claim = (queue := backend()).claim(10_000)
    assert claim is not None
    assert [record.body for record in claim.records] == [b"waits", b"letter 0", b"letter 1"]
    assert [record.arrival for record in claim.records[1:]] == [record.arrival for record in buried]
    assert [record.events for record in claim.records] == [4, 3, 3]
    assert claim.retried, "a part of it may be stored"
    assert claim.version > claim.records[0].arrival
    queue.acknowledge(claim)
    assert queue.depth().events == 0


def test_what_arrives_after_a_replay_has_arrivals_and_versions_of_its_own(queue: Queue):
    bury(queue, b"old")
    queue.replay_dead_letters(ids(queue))
    queue.append_now(b"new", 1)
    first = queue.claim(1)
    assert first is not None
    queue.acknowledge(first)
    second = queue.claim(1)
    assert second is not None
    assert (first.retried, second.retried) == (True, False)
    assert second.version > first.version > first.records[0].arrival
    assert second.records[0].arrival > first.version


def test_one_that_fails_again_is_a_dead_letter_again_with_its_arrival(queue: Queue):
    buried = bury(queue, b"x", "once")
    before = ids(queue)
    queue.replay_dead_letters(before)
    claim = queue.claim(1)
    assert claim is not None
    queue.acknowledge(claim, {}, [(claim.records[0], "twice")])
    (letter,) = queue.dead_letters()
    assert (letter.error, letter.arrival, letter.body) == ("twice", buried.arrival, b"x")
    assert letter.id > before[0]


def test_many_are_spread_over_rows_so_that_claims_stay_bounded(queue: Queue):
    for n in range(30):
        bury(queue, b"%d" % n, events=100)
    assert queue.replay_dead_letters(ids(queue)) == 30
    claim = queue.claim(100)
    assert claim is not None
    assert claim.events <= 500
    queue.acknowledge(claim)
    assert [int(record.body) for record in [*claim.records, *claimed(queue)]] == list(range(30))


def test_a_replayed_one_is_a_claim_like_any_other_over_a_crash(backend: Backend):
    queue = backend()
    bury(queue, b"x")
    queue.replay_dead_letters(ids(queue))
    first = queue.claim(1)
    queue.close()
    assert backend().claim(1) == first


def test_discarded_ones_are_gone(queue: Queue):
    for n in range(3):
        bury(queue, b"x", str(n))
    newest, middle, _ = ids(queue)
    assert queue.discard_dead_letters([middle, newest, 99]) == 2
    assert errors(queue) == ["0"]
    assert claimed(queue) == []


def test_old_ones_are_pruned_by_age(backend: Backend):
    now = [NOW]
    queue = backend(clock=lambda: now[0])
    for n in range(3):
        bury(queue, b"x", str(n))
        now[0] += 1000
    assert queue.prune_dead_letters(2000, 10**9) == 1
    assert errors(queue) == ["2", "1"]
    assert queue.prune_dead_letters(2000, 10**9) == 0


def test_the_oldest_are_pruned_above_a_size(queue: Queue):
    for n in range(5):
        bury(queue, bytes(10_000), str(n))
    assert queue.prune_dead_letters(None, 25_000) == 3
    assert errors(queue) == ["4", "3"]
    assert queue.prune_dead_letters(None, 25_000) == 0
    assert queue.prune_dead_letters(None, 0) == 2


def test_they_count_for_the_limit_but_are_never_refused_by_it(make_queue):
    queue = make_queue(limit_bytes=5_000)
    bury(queue, bytes(4_000))
    queue.append_now(bytes(2_000), 1)
    with pytest.raises(QueueFull):
        queue.append_now(b"x", 1)
    claim = queue.claim(1)
    queue.acknowledge(claim, {}, [(claim.records[0], "no room, but kept")])
    with pytest.raises(QueueFull):
        queue.append_now(b"x", 1)
    assert queue.replay_dead_letters(ids(queue)) == 2  # nor is their replay
    assert len(claimed(queue)) == 2
    assert queue._read("SELECT bytes FROM state")[0][0] == 0
    queue.append_now(b"x", 1)


def test_bytes_are_given_back(make_queue):
    queue = make_queue()
    for _ in range(4):
        bury(queue, bytes(1_000))
    queue.discard_dead_letters(ids(queue)[:1])
    queue.prune_dead_letters(None, 2_500)
    assert queue.count_dead_letters(9) == 2
    queue.discard_dead_letters(ids(queue))
    assert queue._read("SELECT bytes FROM state")[0][0] == 0


def test_a_queue_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it(path: Path):
    SqliteQueue(path).close()
    body = b"x" * 100
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("ALTER TABLE dead_letters DROP COLUMN arrival")
        file.execute("ALTER TABLE dead_letters DROP COLUMN events")
        row = msgspec.msgpack.encode([(2, b"waits"), (1, b"too")])
        file.execute("INSERT INTO batches VALUES (?, 3, ?)", (NOW << ARRIVAL_BITS, row))
        file.execute("INSERT INTO dead_letters (body, error, failed_at) VALUES (?, 'old', ?)", (body, NOW))
        file.execute("PRAGMA user_version = 1")
    with closing(SqliteQueue(path)) as queue:
        (letter,) = queue.dead_letters()
        assert (letter.error, letter.arrival) == ("old", 0)
        assert [record.arrival - (NOW << ARRIVAL_BITS) for record in claimed(queue)] == [0, 2]
        queue.append_now(b"x", 1)
        queue.replay_dead_letters([letter.id])
        queue.append_now(b"y", 1)
        _, replayed, last = claimed(queue)
        assert arrival_ms(replayed.arrival) > NOW
        assert last.arrival - replayed.arrival >= 5  # a hundred bytes hold no more commands than that
    SqliteQueue(path).close()


def test_a_killed_replay_moves_each_once(path: Path):
    """Replays of one letter a transaction, killed again and again while another process works."""
    with closing(SqliteQueue(path)) as queue:
        for n in range(LETTERS):
            bury(queue, b"%d" % n)
    chance = random.Random(5)
    found: Counter[int] = Counter()
    kills = 0
    with closing(SqliteQueue(path)) as queue:
        while queue.count_dead_letters(1) and kills < 200:
            # Later each time: a crowded machine gets on, too.
            kill_after(start("replay_forever", path), chance.uniform(0, 0.02) * (1 + kills / 20))
            kills += 1
            found.update(int(record.body) for record in claimed(queue))
    assert kills >= 5
    assert found == dict.fromkeys(range(LETTERS), 1)


def test_two_replays_at_once_move_each_once(path: Path):
    with closing(SqliteQueue(path)) as queue:
        for n in range(LETTERS):
            bury(queue, b"%d" % n)
    children: list[subprocess.Popen[str]] = [start("replay_all", path) for _ in range(2)]
    moved = [int(child.communicate(timeout=60)[0].split()[-1]) for child in children]
    with closing(SqliteQueue(path)) as queue:
        deadline = time.monotonic() + 10
        assert sum(moved) == LETTERS
        assert sorted(int(record.body) for record in claimed(queue)) == list(range(LETTERS))
        assert time.monotonic() < deadline
