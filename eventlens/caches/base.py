"""The contract of a cache: bytes under a key, for a while.

* `get` gives what was put last, or None: entries go when their time is over, when others need the room, or
  for no reason at all. Nobody may rely on one being there.
* `put` never fails and never waits for room. What is too large to be kept is left out.
* Everything may be called from any thread. What several processes share, they share through one cache.

Whether what is found is still right is its user's business: keys and entries say what they were made from.
"""

from typing import Protocol


class Cache(Protocol):
    """See the module's docstring."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, entry: bytes, seconds: float) -> None: ...

    def close(self) -> None: ...
