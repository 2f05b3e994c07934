"""What only the queue in Redis has: lanes, workers that die or are slow, a server that is full or gone."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from eventlens.errors import ConfigurationError, QueueFull, Unavailable
from eventlens.queues import redis as under_test
from eventlens.queues.base import Claim
from eventlens.queues.redis import RedisQueue
from eventlens.queues.redis_writer import lane_of
from tests.support.redis import RedisServer

LANE_KEYS = {lane_of(f"key-{n}", under_test.LANES): f"key-{n}" for n in range(200)}
A, B = LANE_KEYS[0], LANE_KEYS[1]
Open = Callable[[], RedisQueue]


@pytest.fixture
def open_queue(redis_server: RedisServer) -> Iterator[Open]:
    opened: list[RedisQueue] = []

    def open_again() -> RedisQueue:
        opened.append(RedisQueue(redis_server.url))
        return opened[-1]

    yield open_again
    for queue in opened:
        queue.close()


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "LEASE_SECONDS", 0.5)
    monkeypatch.setattr(under_test, "RENEW_SECONDS", 0.1)


def claimed(queue: RedisQueue, events: int = 1000) -> Claim:
    claim = queue.claim(events)
    assert claim is not None
    return claim


def die(queue: RedisQueue) -> None:
    """Nothing more is heard of a worker; its lanes are not given back."""
    queue._stopping.set()
    if queue._renewer is not None:
        queue._renewer.join()


def bodies(claim: Claim) -> list[bytes]:
    return [record.body for record in claim.records]


def test_a_key_is_one_workers_and_another_key_is_anothers(open_queue: Open):
    one, other = open_queue(), open_queue()
    for key in (A, B):
        one.append_now(key.encode(), 1, key)
        one.append_now(b"again", 1, key)
    first, second = claimed(one), claimed(other)
    assert first.lane != second.lane
    assert bodies(first)[1:] == bodies(second)[1:] == [b"again"]
    assert other.claim(10) is not None, "its own once more"
    other.acknowledge(second)
    assert other.claim(10) is None, "the rest is the first one's"
    one.acknowledge(first)
    assert one.depth().events == 0


def test_a_lane_that_rests_lets_the_others_go_on(open_queue: Open):
    queue = open_queue()
    queue.append_now(b"poison", 1, A)
    poison = claimed(queue)
    queue.append_now(b"fine", 1, B)
    fine = queue.claim(10, [poison.lane])
    assert fine is not None
    assert bodies(fine) == [b"fine"]
    queue.acknowledge(fine)
    assert queue.claim(10, [poison.lane]) is None
    assert bodies(claimed(queue)) == [b"poison"]


def test_the_claim_of_a_dead_worker_is_taken_over_as_it_was(open_queue: Open, short_leases: None):
    dead, alive = open_queue(), open_queue()
    for n in range(5):
        dead.append_now(b"%d" % n, 2, A)
    left = claimed(dead, 6)
    die(dead)
    assert alive.claim(100) is None, "the lease holds a while"
    assert alive.wait(5)
    taken = claimed(alive, 1)
    assert (taken.token, taken.records, taken.version) == (left.token, left.records, left.version)
    assert taken.retried
    assert taken.tenure != left.tenure


def test_a_worker_that_was_taken_for_dead_acknowledges_nothing(open_queue: Open, short_leases: None):
    slow, other = open_queue(), open_queue()
    slow.append_now(b"a", 1, A)
    late = claimed(slow)
    assert late.held()
    die(slow)
    assert other.wait(5)
    assert not late.held()
    taken = claimed(other)
    slow.acknowledge(late, {("s", "done"): 1}, [(late.records[0], "late")])
    assert other.depth().events == 1
    assert (other.tallies("s"), other.dead_letters()) == ({}, [])
    other.acknowledge(taken, {("s", "done"): 1})
    slow.acknowledge(late, {("s", "done"): 1})
    assert other.tallies("s") == {"done": 1}
    assert other.depth().events == 0


def test_a_lease_is_renewed_as_long_as_the_worker_lives(open_queue: Open, short_leases: None):
    slow, other = open_queue(), open_queue()
    slow.append_now(b"a", 1, A)
    claim = claimed(slow)
    assert other.wait(1.5) is False
    assert claim.held()


def test_a_worker_that_ends_leaves_its_lanes_at_once(open_queue: Open):
    ends, other = open_queue(), open_queue()
    ends.append_now(b"a", 1, A)
    claim = claimed(ends)
    ends.close()
    assert claimed(other).token == claim.token


def test_an_idle_worker_gets_a_lane_of_one_that_has_several(open_queue: Open):
    busy = open_queue()
    for n in range(20):
        busy.append_now(b"a%d" % n, 1, A)
        busy.append_now(b"b%d" % n, 1, B)
    time.sleep(0.3)  # nobody else takes them
    for _ in range(2):
        busy.acknowledge(claimed(busy, 1))
    idle = open_queue()
    assert idle.claim(1) is None
    busy.acknowledge(claimed(busy, 1))
    given = claimed(idle, 1)
    kept = claimed(busy, 1)
    assert {given.lane, kept.lane} == {lane_of(A, under_test.LANES), lane_of(B, under_test.LANES)}


def test_many_workers_take_everything_once_and_each_key_in_order(open_queue: Open):
    feeder = open_queue()
    keys = [LANE_KEYS[lane] for lane in range(6)]
    for n in range(60):
        for key in keys:
            feeder.append_now(b"%s %d" % (key.encode(), n), 1, key)
    found: dict[str, list[int]] = {key: [] for key in keys}

    def work(queue: RedisQueue) -> None:
        while queue.depth().events:
            claim = queue.claim(7)
            if claim is None:
                time.sleep(0.01)
                continue
            for body in bodies(claim):
                key, number = body.decode().split()
                found[key].append(int(number))
            queue.acknowledge(claim)

    threads = [threading.Thread(target=work, args=(open_queue(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(numbers == list(range(60)) for numbers in found.values())


def test_twins_that_reach_two_processes_are_one(open_queue: Open):
    one, other = open_queue(), open_queue()

    def send(queue: RedisQueue, twins: bytes) -> None:
        async def sent() -> None:
            heard: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
            queue.append_soon(b"x", 1, heard.set_result, A, twins)
            assert await heard is None

        asyncio.run(sent())

    now = [1_700_000_000_000]
    one._clock = other._clock = lambda: now[0]
    send(one, b"same")
    now[0] += 100
    send(other, b"same")
    send(other, b"another")
    assert one.depth().events == 2
    now[0] += 1
    send(one, b"same")  # later than a tenth of a second after the first
    assert one.depth().events == 3


def test_over_its_memory_limit_redis_refuses_and_the_worker_can_still_empty_it(
    make_redis: Callable[..., RedisServer],
):
    server = make_redis("--maxmemory", "20mb", "--maxmemory-policy", "noeviction")
    queue = RedisQueue(server.url)
    kept = 0
    with pytest.raises(QueueFull) as full:  # noqa: PT012  # which one it is depends on the allocator
        for kept in range(1000):  # noqa: B007  # counted
            queue.append_now(os.urandom(100_000), 1)
    assert full.value.retry_after >= 1
    with pytest.raises(QueueFull):
        queue.check_room()
    done = 0
    while claim := queue.claim(10):
        queue.acknowledge(claim, {("s", "done"): claim.events}, [(claim.records[0], "no room, but kept")])
        queue.discard_dead_letters([queue.dead_letters(1)[0].id])
        done += claim.events
    assert done == kept
    queue.append_now(b"x", 1)
    queue.close()


def test_a_killed_redis_has_lost_nothing_and_is_found_again(make_redis: Callable[..., RedisServer]):
    server = make_redis()
    queue = RedisQueue(server.url)
    for n in range(100):
        queue.append_now(b"%d" % n, 1)
    claim = claimed(queue, 40)
    server.kill9()
    with pytest.raises(Unavailable) as refused:
        queue.append_now(b"refused", 1)
    assert refused.value.retry_after >= 1
    with pytest.raises(Unavailable):
        queue.claim(1)
    server.start()
    queue.append_now(b"100", 1)
    again = claimed(queue)
    assert again.token == claim.token
    queue.acknowledge(again)
    rest = claimed(queue)
    assert [*bodies(again), *bodies(rest)] == [b"%d" % n for n in range(101)]
    queue.close()


def test_a_redis_that_was_emptied_is_a_new_queue(open_queue: Open, redis_server: RedisServer):
    queue = open_queue()
    queue.append_now(b"a", 1)
    old = claimed(queue)
    redis_server.empty()
    assert queue.claim(1) is None
    queue.append_now(b"b", 1)
    new = claimed(queue)
    assert new.token.split("-")[0] != old.token.split("-")[0]
    with pytest.raises(ValueError, match="handed out"):
        queue.acknowledge(old)


def test_what_redis_does_not_promise_is_said(make_redis: Callable[..., RedisServer], caplog):
    options = ("--appendfsync", "always", "--maxmemory", "1gb", "--maxmemory-policy", "noeviction")
    safe = RedisQueue(make_redis(*options).url)
    assert safe.weaknesses() == []
    safe.close()
    assert caplog.records == []
    forgetful = RedisQueue(make_redis("--appendonly", "no", "--maxmemory-policy", "allkeys-lru").url)
    messages = [weakness.message for weakness in forgetful.weaknesses()]
    forgetful.close()
    for word in ("appendonly no", "throws events away", "maxmemory 0"):
        assert any(word in message for message in messages)
    assert "appendonly no" in caplog.text
    usual = RedisQueue(make_redis("--maxmemory", "1gb").url)
    (weakness,) = usual.weaknesses()
    assert "everysec" in weakness.message
    assert not weakness.grave
    usual.close()


def test_what_all_have_to_agree_on(open_queue: Open):
    one, other = open_queue(), open_queue()
    assert one.agree("secret_key", "x")
    assert other.agree("secret_key", "x")
    assert not other.agree("secret_key", "y")
    assert other.agree("else", "y")


def test_a_password_that_is_wrong_stops_the_start(make_redis: Callable[..., RedisServer]):
    server = make_redis()
    with server.client as client:
        client.config_set("requirepass", "right")
    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        RedisQueue(server.url.replace("127.0.0.1", ":wrong@127.0.0.1"))
