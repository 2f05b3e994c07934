"""The 64-bit keys by which visitors and sessions are known to the store."""

from functools import lru_cache

from eventlens.nodes import device_node, node_of, profile_node

__all__ = ["device_node", "profile_node", "session_key", "visitor_node"]


def visitor_node(device_id: str, profile_id: str) -> int:
    """Who did it: the profile where one is named, else the device, else nobody (0)."""
    if profile_id:
        return profile_node(profile_id)
    return device_node(device_id) if device_id else 0


def session_key(session_id: str, device_id: str, profile_id: str) -> int:
    """What sessions are cut from: the client's session id, else its device, else its profile; 0 = none."""
    if session_id:
        return _named(session_id)
    return device_node(device_id) if device_id else profile_node(profile_id) if profile_id else 0


@lru_cache(maxsize=65_536)
def _named(session_id: str) -> int:
    return node_of("s", session_id)
