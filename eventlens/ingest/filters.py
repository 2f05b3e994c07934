"""A filter that says "surely not seen" or "maybe seen" in a byte or two per entry, thousands at a time."""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

_SLOTS_PER_ENTRY = 10
_PROBES = 6
_LARGEST = 4_194_304
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)

Hashes = NDArray[np.uint64]


def hashes_of(entries: Iterable[Hashable]) -> Hashes:
    """64-bit hashes of anything hashable; the same within one process only."""
    return np.fromiter(map(hash, entries), dtype=np.int64).view(np.uint64)


class _Bloom:
    __slots__ = ("bits", "capacity", "count", "newest", "size")

    def __init__(self, capacity: int) -> None:
        self.size = np.uint64(capacity * _SLOTS_PER_ENTRY)
        self.bits = np.zeros(capacity * _SLOTS_PER_ENTRY, dtype=np.bool_)
        self.capacity = capacity
        self.count = 0
        self.newest = 0


class SeenFilter:
    """A growing Bloom filter (about 0.3 % false "maybe"s a generation) that forgets whole generations.

    Times are in ms and only decide what `forget` drops.
    """

    def __init__(self, first_capacity: int = 65_536) -> None:
        self._generations: deque[_Bloom] = deque([_Bloom(first_capacity)])

    def add(self, entries: Hashes, when: int) -> None:
        """Note entries, seen at `when`."""
        if not len(entries):
            return
        newest = self._generations[-1]
        if newest.count + len(entries) > newest.capacity:
            newest = _Bloom(max(min(newest.capacity * 4, _LARGEST), len(entries)))
            self._generations.append(newest)
        newest.count += len(entries)
        newest.newest = max(newest.newest, when)
        for places in _places(entries, newest.size):
            newest.bits[places] = True

    def maybe_seen(self, entries: Hashes) -> Sequence[bool]:
        """For each entry: False when it surely was not added."""
        seen = np.zeros(len(entries), dtype=np.bool_)
        for generation in self._generations:
            found = np.ones(len(entries), dtype=np.bool_)
            for places in _places(entries, generation.size):
                found &= generation.bits[places]
            seen |= found
        return seen.tolist()

    def forget(self, before: int) -> None:
        """Drop the generations whose newest entry is older than `before`."""
        while len(self._generations) > 1 and self._generations[0].newest < before:
            self._generations.popleft()


def _places(entries: Hashes, size: np.uint64) -> Iterable[NDArray[np.intp]]:
    mixed = entries * _SPREAD
    step = (mixed >> _HALF) | np.uint64(1)
    for _ in range(_PROBES):
        yield (mixed % size).astype(np.intp)
        mixed = mixed + step
