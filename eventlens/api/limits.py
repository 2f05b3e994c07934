"""How often somebody may ask: windows in memory, counted per process, one dictionary look-up each."""

import math
import time
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network

from eventlens.errors import RateLimited
from eventlens.settings import Rate, Settings

MOST_KEYS = 50_000
"""Keys counted on their own at a time; beyond them, newcomers share one window."""


class Limit:
    """At most `rate.count` times per key within the `rate.seconds` that begin with the key's first."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        # key → [end of its window, times]. Two generations: what is in neither has no window that still runs.
        self._young: dict[str, list[float]] = {}
        self._old: dict[str, list[float]] = {}
        self._turns_at = 0.0

    def spend(self, key: str) -> None:
        """Count once for `key`. Raises RateLimited, which says when its next window begins."""
        now = self._clock()
        window = self._window(key, now)
        if window[1] >= self._rate.count:
            error = RateLimited(f"At most {self._rate.count} requests are taken in {self._rate.seconds} s.")
            error.retry_after = math.ceil(window[0] - now)
            raise error
        window[1] += 1

    def _window(self, key: str, now: float) -> list[float]:
        if now >= self._turns_at:
            self._old, self._young = self._young, {}
            self._turns_at = now + self._rate.seconds
        window = self._young.get(key) or self._old.pop(key, None)
        if window is None or now >= window[0]:
            window = [now + self._rate.seconds, 0]
        if len(self._young) >= MOST_KEYS and key not in self._young:
            return self._young.setdefault("", window)
        self._young[key] = window
        return window


class Limits:
    """The limits of one process; None where a limit is off."""

    def __init__(self, settings: Settings) -> None:
        self.strangers = _limit(settings.rate_limit)
        """Failed authentications and public pages, by address. Whoever authenticates is never counted."""
        self.questions = _limit(settings.insights_rate_limit)
        """Questions, by client."""
        self.collection = _limit(settings.ingest_rate_limit)
        """Requests that bring events, by client."""

    def spend_stranger(self, address: str) -> None:
        """Count a request nobody answers for. Raises RateLimited."""
        if self.strangers is not None:
            self.strangers.spend(address_key(address))


def _limit(rate: Rate | None) -> Limit | None:
    return None if rate is None else Limit(rate)


def address_key(address: str) -> str:
    """Whom an address stands for: one host; of IPv6 the /64, which any single host may use as it likes."""
    if ":" not in address:
        return address
    try:
        return str(IPv6Network((int(IPv6Address(address.partition("%")[0])), 64), strict=False))
    except ValueError:
        return address
