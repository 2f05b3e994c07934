"""How often somebody may ask: windows in memory, one dictionary look-up each.

Where several processes serve, a thread tells the others ten times a second what this one has counted, and
learns what they have: nobody waits for that, and a limit is exceeded by what the others take in that time.
"""

import asyncio
import math
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, IPv6Network

from eventlens.caches.base import Counts
from eventlens.errors import QueryLimit, RateLimited
from eventlens.settings import Rate, Settings
from eventlens.store.base import QUESTIONS_AT_ONCE

MOST_KEYS = 50_000
"""Keys counted on their own at a time; beyond them, newcomers share one window."""


GUESSES_HERE = Rate(10, 300)
"""Tries at one account from one address."""
GUESSES = Rate(200, 3600)
"""Tries at one account from everywhere."""
_EXCHANGE_SECONDS = 0.1


class Limit:
    """At most `rate.count` times per key within the `rate.seconds` that begin with the key's first.

    `setting` is where an operator changes it.
    """

    def __init__(self, rate: Rate, setting: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._setting = setting
        self._clock = clock
        # key → [end of its window, times]. Two generations: what is in neither has no window that still runs.
        self._young: dict[str, list[float]] = {}
        self._old: dict[str, list[float]] = {}
        self._turns_at = 0.0
        self._untold: dict[str, int] | None = None
        self._secret = b""

    def share(self, secret: bytes) -> None:
        """From now on note what `exchange` has to tell. Keys leave the process as digests with a secret."""
        self._secret = secret
        self._untold = {}

    def exchange(self, counts: Counts) -> None:
        """Tell the other processes what was counted here, and learn what they have counted."""
        untold, self._untold = self._untold, {}
        if not untold:
            return
        length = self._rate.seconds * 1000
        names = {f"{self._setting}:{_digest(self._secret, key)}": key for key in untold}
        told = counts.count({name: (untold[key], length) for name, key in names.items()})
        now = self._clock()
        for name, (times, left_ms) in told.items():
            key = names[name]
            window = self._young.get(key)
            if window is not None:
                window[0] = now + left_ms / 1000
                window[1] = times + self._untold.get(key, 0)

    def spend(self, key: str) -> None:
        """Count once for `key`. Raises RateLimited, which says when its next window begins."""
        now = self._clock()
        window = self._window(key, now)
        if window[1] >= self._rate.count:
            words = f"At most {self._rate.count} requests are taken in {self._rate.seconds} s"
            error = RateLimited(f"{words} ({self._setting}).")
            error.retry_after = math.ceil(window[0] - now)
            raise error
        window[1] += 1
        if self._untold is not None and len(self._untold) < MOST_KEYS:
            self._untold[key] = self._untold.get(key, 0) + 1

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


class Turns:
    """At most `count` at once; who waits longer than `seconds` for a turn is sent away.

    Questions are answered in threads: without this, slow ones would take them all, and the rest of the
    process waits for a thread.
    """

    def __init__(self, count: int, seconds: float = 5.0) -> None:
        self._free = asyncio.Semaphore(count)
        self._seconds = seconds

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for a turn and take it for the block. Raises QueryLimit."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            error = QueryLimit("Too many questions are being answered at the moment; ask again.")
            error.retry_after = 2.0
            raise error from None
        try:
            yield
        finally:
            self._free.release()


class Limits:
    """The limits of one process; None where a limit is off."""

    def __init__(self, settings: Settings, counts: Counts | None = None) -> None:
        self.strangers = _limit(settings.rate_limit, "RATE_LIMIT")
        """Failed authentications and public pages, by address. Whoever authenticates is never counted."""
        self.questions = _limit(settings.insights_rate_limit, "INSIGHTS_RATE_LIMIT")
        """Questions, by client."""
        self.collection = _limit(settings.ingest_rate_limit, "INGEST_RATE_LIMIT")
        """Requests that bring events, by client."""
        self.visitors = _limit(settings.address_rate_limit, "EVENTLENS_ADDRESS_RATE_LIMIT")
        """Requests that bring events, by address, of whoever shows no secret."""
        self._guesses_here = Limit(GUESSES_HERE, "a fixed limit of guesses")
        self._guesses = Limit(GUESSES, "a fixed limit of guesses")
        self.turns = Turns(QUESTIONS_AT_ONCE)
        """Questions being answered."""
        limits = (
            self.strangers,
            self.questions,
            self.collection,
            self.visitors,
            self._guesses_here,
            self._guesses,
        )
        if counts is not None:
            shared = [each for each in limits if each is not None]
            _share(shared, counts, settings.secret_key.encode())

    @property
    def count_collection(self) -> bool:
        """Whether `spend_collection` has anything to count: the hot path need not find out the address."""
        return self.collection is not None or self.visitors is not None

    def spend_collection(self, client_id: str, address: str, *, trusted: bool) -> None:
        """Count a request that brings events. Raises RateLimited.

        `address` is the visitor's. With a verified secret (`trusted`) only the client counts: a server
        sends for all its visitors from one address.
        """
        if self.visitors is not None and not trusted:
            self.visitors.spend(address_key(address))  # first: one noisy visitor is not the client's fault
        if self.collection is not None:
            self.collection.spend(client_id)

    def spend_guess(self, account: str, address: str) -> None:
        """Count a try at an account's password or code, whether there is such an account or not.

        Raises RateLimited.
        """
        self._guesses_here.spend(f"{address} {account}")
        self._guesses.spend(account)

    def spend_stranger(self, address: str) -> None:
        """Count a request nobody answers for. Raises RateLimited."""
        if self.strangers is not None:
            self.strangers.spend(address_key(address))


def _limit(rate: Rate | None, setting: str) -> Limit | None:
    return None if rate is None else Limit(rate, setting)


def _share(limits: Sequence[Limit], counts: Counts, secret: bytes) -> None:
    """Exchange what limits count with the other processes, in a thread that ends with the process."""
    for limit in limits:
        limit.share(secret)

    def exchange_forever() -> None:
        while True:
            time.sleep(_EXCHANGE_SECONDS)
            for limit in limits:
                limit.exchange(counts)

    threading.Thread(target=exchange_forever, name="limits", daemon=True).start()


def _digest(secret: bytes, key: str) -> str:
    return blake2b(key.encode("utf-8", "surrogatepass"), key=secret[:64], digest_size=12).hexdigest()


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """Whom an address stands for: one host; of IPv6 the /64, which any single host may use as it likes."""
    if ":" not in address:
        return address
    try:
        return str(IPv6Network((int(IPv6Address(address.partition("%")[0])), 64), strict=False))
    except ValueError:
        return address
