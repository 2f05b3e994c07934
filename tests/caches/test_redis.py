"""Shared over processes, and nobody waits for it where it fails."""

import time
from collections.abc import Callable
from contextlib import closing

from eventlens.api.limits import Limit
from eventlens.caches.redis import RedisCache, RedisCounts, RedisNews
from eventlens.errors import RateLimited
from eventlens.setting_kinds import Rate
from tests.support.redis import RedisServer


def test_what_one_process_puts_another_one_gets_for_a_while(redis_server: RedisServer):
    url = redis_server.url
    with closing(RedisCache(url, 10_000)) as one, closing(RedisCache(url, 0)) as other:
        one.put("k", b"entry", 2)
        assert other.get("k") == b"entry"
        time.sleep(2.1)
        assert other.get("k") is None
        one.put("large", b"x" * 2_000, 60)
        other.put("none", b"", 60)
        assert (one.get("large"), one.get("none")) == (None, None)


def test_what_is_left_of_memory_is_for_events(make_redis: Callable[..., RedisServer]):
    server = make_redis("--maxmemory", "20mb")
    with server.client as client:
        for number in range(17):
            client.set(f"ballast-{number}", b"x" * 1_000_000)
    with closing(RedisCache(server.url, 10_000)) as cache:
        cache.put("k", b"entry", 60)
        assert cache.get("k") is None


def test_without_an_answer_nothing_is_found_and_nobody_waits(make_redis: Callable[..., RedisServer]):
    server = make_redis()
    with closing(RedisCache(server.url, 10_000)) as cache, closing(RedisCounts(server.url)) as counts:
        cache.put("k", b"entry", 60)
        server.kill9()
        begun = time.monotonic()
        for _ in range(1000):
            assert cache.get("k") is None
            cache.put("k", b"entry", 60)
            assert counts.count({"w": (1, 1000)}) == {}
        assert time.monotonic() - begun < 10


def test_counts_of_all_processes_add_up_within_a_window(redis_server: RedisServer):
    with closing(RedisCounts(redis_server.url)) as one, closing(RedisCounts(redis_server.url)) as other:
        one.count({"a": (3, 60_000)})
        found = other.count({"a": (2, 60_000), "b": (1, 200)})
        assert (found["a"][0], found["b"][0]) == (5, 1)
        assert 50_000 < found["a"][1] <= 60_000
        time.sleep(0.3)
        assert other.count({"b": (1, 200)})["b"][0] == 1
        assert one.count({}) == {}


def test_news_reach_all_others_once(redis_server: RedisServer):
    with closing(RedisNews(redis_server.url, "t")) as one, closing(RedisNews(redis_server.url, "t")) as other:
        assert one.exchange(b"1") == []
        assert other.exchange(b"") == [b"1"]
        one.exchange(b"2")
        assert one.exchange(b"3") == []
        assert other.exchange(b"mine") == [b"2", b"3"]
        assert other.exchange(b"") == []
        assert one.exchange(b"") == [b"mine"]


def test_a_limit_holds_over_processes(redis_server: RedisServer):
    with closing(RedisCounts(redis_server.url)) as counts:
        limits = [Limit(Rate(10, 60), "RATE_LIMIT") for _ in range(2)]
        taken = 0
        for limit in limits:
            limit.share(b"secret")
        for _ in range(20):
            for limit in limits:
                try:
                    limit.spend("203.0.113.9")
                    taken += 1
                except RateLimited:
                    pass
                limit.exchange(counts)
        assert 10 <= taken <= 11  # what the other one takes before it has told
    with redis_server.client as client:
        assert not any(b"203" in key for key in client.scan_iter())
