"""The 64-bit keys by which visitors and sessions are known to the store."""

from functools import lru_cache
from hashlib import blake2b

SESSION_GAP_MS = 1_800_000
"""A gap of this much or more starts a new session."""


def device_node(device_id: str) -> int:
    """The node of a device."""
    return _node("d", device_id)


def profile_node(profile_id: str) -> int:
    """The node of a profile."""
    return _node("p", profile_id)


def visitor_node(device_id: str, profile_id: str) -> int:
    """Who did it: the profile where one is named, else the device, else nobody (0)."""
    if profile_id:
        return _node("p", profile_id)
    return _node("d", device_id) if device_id else 0


def session_key(session_id: str, device_id: str, profile_id: str) -> int:
    """What sessions are cut from: the client's session id, else its device, else its profile; 0 = none."""
    if session_id:
        return _node("s", session_id)
    return _node("d", device_id) if device_id else _node("p", profile_id) if profile_id else 0


@lru_cache(maxsize=65_536)
def _node(kind: str, text: str) -> int:
    # Never 0, which means nobody.
    digest = blake2b(f"{kind}{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1
