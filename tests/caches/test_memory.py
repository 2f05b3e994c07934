"""The cache in the process: what it keeps, how long, how much."""

import threading

from eventlens.caches.memory import MemoryCache


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_gives_what_was_put_until_its_time_is_over():
    time = Time()
    cache = MemoryCache(10_000, time)
    cache.put("a", b"one", 5)
    assert cache.get("a") == b"one"
    time.now += 4.9
    assert cache.get("a") == b"one"
    time.now += 0.1
    assert cache.get("a") is None
    assert cache.size == 0


def test_a_later_entry_replaces_the_earlier():
    cache = MemoryCache(10_000)
    cache.put("a", b"one", 5)
    before = cache.size
    cache.put("a", b"two", 5)
    assert cache.get("a") == b"two"
    assert cache.size == before


def test_never_holds_more_than_its_limit_and_forgets_who_was_not_asked_for_the_longest():
    cache = MemoryCache(8 * 1000)
    for number in range(8):
        cache.put(f"key{number}", bytes(600), 60)  # about 900 each with what surrounds it
    assert cache.get("key0") is not None
    cache.put("newer", bytes(600), 60)
    assert cache.size <= 8000
    assert cache.get("key0") is not None
    assert cache.get("key1") is None
    assert cache.get("newer") is not None


def test_what_is_too_large_is_left_out_and_what_was_there_before_is_gone():
    cache = MemoryCache(8000)
    cache.put("a", b"small", 60)
    cache.put("a", bytes(2000), 60)
    assert cache.get("a") is None


def test_without_room_nothing_is_kept():
    cache = MemoryCache(0)
    cache.put("a", b"", 60)
    assert cache.get("a") is None


def test_many_threads_keep_the_count_right():
    cache = MemoryCache(50_000)

    def use(offset: int) -> None:
        for number in range(2000):
            cache.put(f"{(number * offset) % 97}", bytes(number % 500), 60)
            cache.get(f"{number % 97}")

    threads = [threading.Thread(target=use, args=(offset,)) for offset in (1, 3, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < cache.size <= 50_000
    cache.close()
    assert cache.size == 0
