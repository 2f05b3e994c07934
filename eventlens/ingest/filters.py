"""A filter that says "surely not seen" or "maybe seen" in a byte or two per entry."""

from collections import deque

_BITS_PER_ENTRY = 12
_PROBES = 6
_MASK64 = (1 << 64) - 1


class _Bloom:
    __slots__ = ("bits", "capacity", "count", "newest", "size")

    def __init__(self, capacity: int) -> None:
        self.size = capacity * _BITS_PER_ENTRY
        self.bits = bytearray(self.size // 8 + 1)
        self.capacity = capacity
        self.count = 0
        self.newest = 0


class SeenFilter:
    """A growing Bloom filter (about 0.3 % false "maybe"s a generation) that forgets whole generations.

    Entries are 64-bit hashes; times are in ms and only decide what `forget` drops.
    """

    def __init__(self, first_capacity: int = 65_536) -> None:
        self._first_capacity = first_capacity
        self._generations: deque[_Bloom] = deque([_Bloom(first_capacity)])

    def add(self, entry: int, when: int) -> None:
        newest = self._generations[-1]
        if newest.count >= newest.capacity:
            newest = _Bloom(min(newest.capacity * 4, 4_194_304))
            self._generations.append(newest)
        newest.count += 1
        newest.newest = max(newest.newest, when)
        position, step = _start(entry)
        bits, size = newest.bits, newest.size
        for _ in range(_PROBES):
            bit = position % size
            bits[bit >> 3] |= 1 << (bit & 7)
            position += step

    def __contains__(self, entry: int) -> bool:
        start, step = _start(entry)
        for generation in self._generations:
            bits, size, position = generation.bits, generation.size, start
            for _ in range(_PROBES):
                bit = position % size
                if not bits[bit >> 3] & 1 << (bit & 7):
                    break
                position += step
            else:
                return True
        return False

    def forget(self, before: int) -> None:
        """Drop the generations whose newest entry is older than `before`."""
        while len(self._generations) > 1 and self._generations[0].newest < before:
            self._generations.popleft()


def _start(entry: int) -> tuple[int, int]:
    mixed = (entry * 0x9E3779B97F4A7C15) & _MASK64
    return mixed, (mixed >> 32) | 1
