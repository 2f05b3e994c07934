"""The one source of the current time, so that tests can hold it, and the units of time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from zoneinfo import available_timezones

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
"""Milliseconds; a day of UTC."""

Clock = Callable[[], int]
"""Gives the current time in milliseconds since 1970-01-01 UTC."""


def now_ms() -> int:
    """Current time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def to_datetime(milliseconds: int) -> datetime:
    """Milliseconds since the epoch as an aware UTC datetime."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@cache
def zone_names() -> frozenset[str]:
    """The IANA time zones that mean the same on every machine: 'localtime' and its like do not."""
    return frozenset(available_timezones() - {"localtime", "Factory"})
