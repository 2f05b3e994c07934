"""What this process and its machine (or container) say of themselves. Only Linux tells all of it."""

import os
import resource
from pathlib import Path

_PAGE = resource.getpagesize()
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


def resident_memory(pid: int) -> int | None:
    """Bytes of a process that are in memory; None where that is not told."""
    words = _read(Path(f"/proc/{pid}/statm")).split()
    return int(words[1]) * _PAGE if len(words) > 1 else None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
