"""A cache in this process: a dictionary that forgets who was not asked for the longest."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_OVERHEAD = 300
"""Bytes that an entry takes beside its key and its own: objects and the dictionary's slot."""
_LARGEST_SHARE = 8
"""An entry may take this part of the room: one must not push out all others."""


class MemoryCache:
    """See `base.Cache`. Holds at most `limit` bytes; with 0 nothing."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> bytes | None:
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            if self._clock() >= found[0]:
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return found[1]

    def put(self, key: str, entry: bytes, seconds: float) -> None:
        size = _size_of(key, entry)
        with self._lock:
            if key in self._entries:
                self._drop(key)
            if size > self._limit // _LARGEST_SHARE or seconds <= 0:
                return
            self._entries[key] = (self._clock() + seconds, entry)
            self._size += size
            while self._size > self._limit:
                self._drop(next(iter(self._entries)))

    def close(self) -> None:
        with self._lock:
            self._entries.clear()
            self._size = 0

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._size

    def _drop(self, key: str) -> None:
        _, entry = self._entries.pop(key)
        self._size -= _size_of(key, entry)


def _size_of(key: str, entry: bytes) -> int:
    return len(key) + len(entry) + _OVERHEAD
