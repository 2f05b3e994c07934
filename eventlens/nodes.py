"""The 64-bit keys by which devices and profiles are known to the store, whoever writes or asks."""

from functools import lru_cache
from hashlib import blake2b


@lru_cache(maxsize=65_536)
def device_node(device_id: str) -> int:
    """The node of a device."""
    return node_of("d", device_id)


@lru_cache(maxsize=65_536)
def profile_node(profile_id: str) -> int:
    """The node of a profile."""
    return node_of("p", profile_id)


def node_of(kind: str, text: str) -> int:
    """The node of a text of some kind; never 0, which means nobody."""
    digest = blake2b(f"{kind}{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1
