"""A filter that says "surely not seen" or "maybe seen" in two bytes an entry, thousands at a time."""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

_BITS_PER_ENTRY = 16
_PROBES = 6
_LARGEST = 4_194_304
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_BYTE = np.uint64(3)
_WITHIN_BYTE = np.uint64(7)

Hashes = NDArray[np.uint64]
_Probe = tuple[NDArray[np.intp], NDArray[np.uint8]]
"""For each entry: which byte, and the bit in it."""


def hashes_of(entries: Iterable[Hashable]) -> Hashes:
    """64-bit hashes of anything hashable; the same within one process only."""
    return np.fromiter(map(hash, entries), dtype=np.int64).view(np.uint64)


class _Bloom:
    __slots__ = ("bits", "capacity", "count", "newest", "size")

    def __init__(self, capacity: int) -> None:
        self.size = np.uint64(capacity * _BITS_PER_ENTRY)
        self.bits = np.zeros(capacity * _BITS_PER_ENTRY // 8, dtype=np.uint8)
        self.capacity = capacity
        self.count = 0
        self.newest = 0


class SeenFilter:
    """A growing Bloom filter (about 0.1 % false "maybe"s a generation) that forgets whole generations.

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
        for places, bits in _probes(entries, newest.size):
            np.bitwise_or.at(newest.bits, places, bits)

    def maybe_seen(self, entries: Hashes) -> Sequence[bool]:
        """For each entry: False when it surely was not added."""
        seen = np.zeros(len(entries), dtype=np.bool_)
        for generation in self._generations:
            found = np.ones(len(entries), dtype=np.bool_)
            for places, bits in _probes(entries, generation.size):
                found &= (generation.bits[places] & bits) != 0
            seen |= found
        return seen.tolist()

    def forget(self, before: int) -> None:
        """Drop the generations whose newest entry is older than `before`."""
        while len(self._generations) > 1 and self._generations[0].newest < before:
            self._generations.popleft()


def _probes(entries: Hashes, size: np.uint64) -> Iterable[_Probe]:
    mixed = entries * _SPREAD
    mixed = (mixed ^ (mixed >> _HALF)) * _SPREAD
    step = (mixed >> _HALF) | np.uint64(1)
    for _ in range(_PROBES):
        place = mixed % size
        bits = np.left_shift(np.uint8(1), (place & _WITHIN_BYTE).astype(np.uint8))
        yield (place >> _BYTE).astype(np.intp), bits
        mixed = mixed + step
