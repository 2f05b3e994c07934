"""Do many visitors seem to share one address? Then a proxy stands in front that nobody told us to trust.

Addresses stay in memory for some minutes, a handful of them, and are told only where they are no visitor's.
"""

import time
from collections import deque
from collections.abc import Callable
from ipaddress import ip_address
from typing import NamedTuple

SLOT_SECONDS = 300
SLOTS = 3
"""What is looked at: this slot and the ones before it, 10 to 15 minutes."""

EACH_OF_THE_FIRST = 500
"""Of a slot: all of its first requests count, so that a quiet site is understood too, …"""
ONE_IN = 16
"""… and of the others one in so many, so that a busy one pays nothing."""

ADDRESSES = 32
"""Counted at the same time: an address with more than 1/32 of a slot's requests is among them."""
AGENTS = 64

LEAST_REQUESTS = 50
LEAST_SHARE = 0.5
LEAST_AGENTS = 12
"""People behind one household's or phone's address have fewer browsers than that."""


class Suspect(NamedTuple):
    """The address that looks like a proxy's."""

    address: str
    share: float
    """Of the requests, 0–1; a little less than it really is."""
    agents: int
    """Different user agents seen from there, at most `AGENTS` of each slot."""

    @property
    def warning(self) -> str:
        """What an operator should know."""
        return (
            f"{self.share:.0%} of the requests of the last minutes came from {self.told}, with "
            f"{self.agents} or more different user agents: if that is a proxy, its visitors cannot be told "
            "apart by address"
        )

    @property
    def told(self) -> str:
        """The address in words; a public one is not named: it may be somebody's."""
        try:
            private = not ip_address(self.address).is_global
        except ValueError:
            private = False
        return f"the address {self.address}" if private else "one public address"


class _Counted:
    __slots__ = ("agents", "requests")

    def __init__(self) -> None:
        self.requests = 0
        self.agents: set[int] = set()


class _Slot:
    """The most frequent addresses of a stretch of time, in bounded memory (Misra and Gries, 1982)."""

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self.requests = 0
        self.addresses: dict[str, _Counted] = {}

    def see(self, ip: str, user_agent: str) -> None:
        self.requests += 1
        counted = self.addresses.get(ip)
        if counted is None:
            if len(self.addresses) >= ADDRESSES:
                self._thin_out()
                return
            counted = self.addresses[ip] = _Counted()
        counted.requests += 1
        if len(counted.agents) < AGENTS:
            counted.agents.add(hash(user_agent))

    def _thin_out(self) -> None:
        for ip, counted in list(self.addresses.items()):
            counted.requests -= 1
            if not counted.requests:
                del self.addresses[ip]


class Crowding:
    """Watches where requests come from. For one thread. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots: deque[_Slot] = deque(maxlen=SLOTS)
        self._skip = 0

    def see(self, ip: str, user_agent: str) -> None:
        """A request of that address, as it was believed. Nanoseconds for most of a busy site's."""
        if self._skip:
            self._skip -= 1
            return
        slot = self._current()
        slot.see(ip, user_agent)
        if slot.requests >= EACH_OF_THE_FIRST:
            self._skip = ONE_IN - 1

    def suspect(self) -> Suspect | None:
        """The address from which most requests of the last minutes came with many different user agents."""
        horizon = self._clock() - SLOT_SECONDS * (SLOTS - 1)
        recent = [slot for slot in self._slots if slot.ends > horizon]
        total = sum(slot.requests for slot in recent)
        if total < LEAST_REQUESTS:
            return None
        found: dict[str, _Counted] = {}
        for slot in recent:
            for ip, counted in slot.addresses.items():
                both = found.setdefault(ip, _Counted())
                both.requests += counted.requests
                both.agents |= counted.agents
        ip, most = max(found.items(), key=lambda each: each[1].requests)
        if most.requests < LEAST_SHARE * total or len(most.agents) < LEAST_AGENTS:
            return None
        return Suspect(ip, most.requests / total, len(most.agents))

    def _current(self) -> _Slot:
        now = self._clock()
        if not self._slots or now >= self._slots[-1].ends:
            self._slots.append(_Slot(now + SLOT_SECONDS))
        return self._slots[-1]
