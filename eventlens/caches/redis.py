"""A cache and counts that several processes share, in Redis. Where it fails, nobody waits for it."""

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventlens.errors import EventLensError
from eventlens.redis_server import Server, Word

ANSWER_SECONDS = 0.5
"""Longer than this, computing an answer anew is as good."""
_PAUSE_SECONDS = 2.0
"""For how long it is left alone after it has failed."""
_LARGEST_SHARE = 8
_ROOM_SECONDS = 1.0
_FULL_SHARE = 0.8
"""Of the server's memory limit: above it, its memory is for events."""

_NEWS_MS = 60_000
"""How long news are kept for whoever was busy."""


class _Patient:
    """Calls that give None where the server does not answer, and then not again for a moment."""

    def __init__(self, url: str) -> None:
        self._server = Server(url, Path(__file__).with_name("lua"), answer_seconds=ANSWER_SECONDS)
        self._again_at = 0.0

    def run(self, script: str, words: list[Word]) -> Any:
        return self._guarded(lambda: self._server.run(script, words))

    def call(self, *words: Word) -> Any:
        return self._guarded(lambda: self._server.call(*words))

    def key(self, name: str) -> str:
        return self._server.key(name)

    def close(self) -> None:
        self._server.close()

    def _guarded(self, ask: Any) -> Any:
        if time.monotonic() < self._again_at:
            return None
        try:
            return ask()
        except EventLensError:
            self._again_at = time.monotonic() + _PAUSE_SECONDS
            return None


class RedisCache:
    """See `base.Cache`. Entries go with their time; `limit` bounds the largest one, and 0 keeps none.

    Above four fifths of the server's memory limit nothing is put: what is left is for events.
    """

    def __init__(self, url: str, limit: int) -> None:
        self._limit = limit
        self._redis = _Patient(url)
        self._room = True
        self._room_until = 0.0

    def get(self, key: str) -> bytes | None:
        return self._redis.call("GET", self._redis.key(f"cache:{key}"))

    def put(self, key: str, entry: bytes, seconds: float) -> None:
        if seconds > 0 and len(key) + len(entry) <= self._limit // _LARGEST_SHARE and self._has_room():
            milliseconds = max(1, int(seconds * 1000))
            self._redis.call("SET", self._redis.key(f"cache:{key}"), entry, "PX", milliseconds)

    def close(self) -> None:
        self._redis.close()

    def _has_room(self) -> bool:
        if time.monotonic() >= self._room_until:
            told = self._redis.call("INFO", "memory")
            self._room = told is not None and (
                not told["maxmemory"] or told["used_memory"] < told["maxmemory"] * _FULL_SHARE
            )
            self._room_until = time.monotonic() + _ROOM_SECONDS
        return self._room


class RedisCounts:
    """Counts of windows, shared by all processes. See `base.Counts`."""

    def __init__(self, url: str) -> None:
        self._redis = _Patient(url)

    def count(self, more: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        words: list[Word] = []
        for name, (times, window_ms) in more.items():
            words += (name, times, window_ms)
        found = self._redis.run("count", words) if words else None
        if found is None:
            return {}
        return {name: (found[2 * n], found[2 * n + 1]) for n, name in enumerate(more)}

    def close(self) -> None:
        self._redis.close()


class RedisNews:
    """What processes tell each other about a topic. See `base.News`."""

    def __init__(self, url: str, topic: str) -> None:
        self._redis = _Patient(url)
        self._topic = topic
        self._origin = secrets.token_hex(8)
        self._heard = "0-0"

    def exchange(self, told: bytes) -> list[bytes]:
        found = self._redis.run("news", [self._topic, self._origin, told, self._heard, _NEWS_MS])
        if found is None:
            return []
        self._heard = found[0].decode()
        return found[1:]

    def close(self) -> None:
        self._redis.close()
