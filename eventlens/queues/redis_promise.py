"""What "durable" is worth on a Redis, by its persistence: said when the queue is opened, and by `check`.

An append is answered when Redis has acknowledged it. With `appendonly yes` Redis has handed it to the
operating system's files by then, so no crash of any process loses it, Redis killed with SIGKILL included.
Whether a machine that loses its power loses it is what `appendfsync` says.
"""

from dataclasses import dataclass
from typing import Any

from eventlens.errors import EventLensError
from eventlens.redis_server import Server


@dataclass(frozen=True, slots=True)
class Weakness:
    """Something by which events may be lost, and what to do about it."""

    message: str
    mend: str
    grave: bool = True
    """Whether a crash of a process is enough."""


def weaknesses(server: Server) -> list[Weakness]:
    """What a Redis does not promise. Raises Unavailable."""
    told = server.info()
    return [
        weakness
        for weakness in (_log(told), _sync(server, told), _eviction(told), _limit(told))
        if weakness is not None
    ]


def _log(told: dict[str, Any]) -> Weakness | None:
    if told.get("aof_enabled"):
        return None
    return Weakness(
        "Redis keeps no log (appendonly no): events that wait there are lost when it ends",
        "Set appendonly yes.",
    )


def _sync(server: Server, told: dict[str, Any]) -> Weakness | None:
    if not told.get("aof_enabled"):
        return None
    try:
        found: dict[str, object] = server.call("CONFIG", "GET", "appendfsync")
    except EventLensError:
        return None  # who hosts it for others often denies CONFIG
    how = _text(next(iter(found.values()), ""))
    if how == "no":
        return Weakness(
            "Redis leaves its log to the operating system (appendfsync no): a machine that fails may lose "
            "half a minute of events",
            "Set appendfsync always, or everysec.",
        )
    if how == "everysec":
        return Weakness(
            "Redis writes its log to the disk every second (appendfsync everysec): a machine that fails may "
            "lose the last second of events; a process that is killed loses nothing",
            "Set appendfsync always where that second matters.",
            grave=False,
        )
    return None


def _eviction(told: dict[str, Any]) -> Weakness | None:
    policy = _text(told.get("maxmemory_policy", "noeviction"))
    if policy == "noeviction":
        return None
    if policy.startswith("volatile"):
        return Weakness(
            f"Redis at its memory limit forgets leases of workers (maxmemory-policy {policy})",
            "Set maxmemory-policy noeviction.",
            grave=False,
        )
    return Weakness(
        f"Redis at its memory limit throws events away (maxmemory-policy {policy})",
        "Set maxmemory-policy noeviction: then senders are told to come again.",
    )


def _limit(told: dict[str, Any]) -> Weakness | None:
    if told.get("maxmemory"):
        return None
    return Weakness(
        "Redis has no memory limit (maxmemory 0): EVENTLENS_QUEUE_LIMIT alone keeps a backlog from taking "
        "all of its machine's memory",
        "Set maxmemory to what it may take.",
        grave=False,
    )


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
