"""The contract of a cache: bytes under a key, for a while.

* `get` gives what was put last, or None: entries go when their time is over, when others need the room, or
  for no reason at all. Nobody may rely on one being there.
* `put` never fails and never waits for room. What is too large to be kept is left out.
* Everything may be called from any thread. What several processes share, they share through one cache.

Whether what is found is still right is its user's business: keys and entries say what they were made from.
"""

from collections.abc import Mapping
from typing import Protocol


class Counts(Protocol):
    """How often something happened within windows of time, in all processes. From any thread."""

    def count(self, more: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        """Count on: window → (how often more, its length in ms if it begins now).

        Gives window → (how often in all, ms that it still runs); nothing where that is not known.
        """
        ...

    def close(self) -> None: ...


class News(Protocol):
    """What processes tell each other, for those that listen. From one thread."""

    def exchange(self, told: bytes) -> list[bytes]:
        """Tell something (b"" for nothing); what the others have told since the last call. Never fails."""
        ...

    def close(self) -> None: ...


class Cache(Protocol):
    """See the module's docstring."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, entry: bytes, seconds: float) -> None: ...

    def close(self) -> None: ...
