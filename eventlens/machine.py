"""What this process and its machine (or container) say of themselves. Only Linux tells all of it."""

import os
import resource
import time
from pathlib import Path

_PAGE = resource.getpagesize()
_TICKS = os.sysconf("SC_CLK_TCK")
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_NO_LIMIT = 1 << 60
"""Version 1 of control groups says so, and so much, where there is none."""


def memory_limit() -> int | None:
    """Bytes that the container may take; None where there is no limit."""
    for name in _LIMITS:
        text = _read(Path(name))
        if text.strip().isdigit() and int(text) < _NO_LIMIT:
            return int(text)
    return None


def memory_size() -> int:
    """Bytes of the machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * _PAGE


def resident_memory(pid: int | None = None) -> int | None:
    """Bytes of a process (this one's) that are in memory; None where that is not told."""
    words = _read(Path(f"/proc/{pid or 'self'}/statm")).split()
    return int(words[1]) * _PAGE if len(words) > 1 else None


def open_files() -> int | None:
    """How many files this process has open."""
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # names alone, no paths made of them
    except OSError:
        return None


def threads() -> int | None:
    """Threads of this process."""
    words = _stat()
    return int(words[17]) if words else None


def started() -> float | None:
    """When this process started, in seconds since the epoch."""
    words = _stat()
    if not words:
        return None
    return time.time() - (time.clock_gettime(time.CLOCK_BOOTTIME) - int(words[19]) / _TICKS)


def processor_seconds() -> float:
    """Of this process, and of those it has started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _stat() -> list[str]:
    """/proc/self/stat from its third word on: the second, a name, may hold anything."""
    return _read(Path("/proc/self/stat")).rpartition(")")[2].split()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
