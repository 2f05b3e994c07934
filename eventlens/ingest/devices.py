"""Device ids without cookies: a keyed hash of address, user agent and project; the key changes daily."""

import hmac
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import blake2b

from eventlens.clock import DAY

SaltForDay = Callable[[date], bytes | None]
SeenAt = Callable[[str, str, int], bool]
"""(project id, device id, time in ms) → was that device seen in the 30 minutes before?"""

_Hash = Callable[[bytes], str]

_MOST_KEPT = 20_000
"""Senders whose ids are kept in memory at a time."""


class DeviceIds:
    """Computes device ids; `seen` joins a visit that crosses midnight to yesterday's id."""

    def __init__(self, salt_for_day: SaltForDay, seen: SeenAt, import_key: bytes) -> None:
        self._salt_for_day = salt_for_day
        self._seen = seen
        self._import_key = import_key
        # (project, address, user agent, day) → ids, and day → how to compute those of the day before and of
        # the day, as long as it is this day: salts are destroyed.
        self._pairs: dict[tuple[str, str, str, int], tuple[str, str]] = {}
        self._hashes: dict[int, tuple[_Hash | None, _Hash]] = {}
        self._today = -1

    def compute(self, project_id: str, ip: str, user_agent: str, when: int, now: int) -> str:
        """32 hex characters, the same for one sender on one UTC day."""
        if now // DAY != self._today or len(self._pairs) >= _MOST_KEPT:
            self._pairs, self._hashes = {}, {}
            self._today = now // DAY
        key = (project_id, ip, user_agent, when // DAY)
        pair = self._pairs.get(key)
        if pair is None:
            pair = self._pairs[key] = self._pair(_sender(project_id, ip, user_agent), when, now)
        yesterdays, own = pair
        return yesterdays if yesterdays and self._seen(project_id, yesterdays, when) else own

    def _pair(self, sender: bytes, when: int, now: int) -> tuple[str, str]:
        """The sender's id of the day before ('' when its salt is destroyed), and that of the day."""
        number = when // DAY
        hashes = self._hashes.get(number)
        if hashes is None:
            day = _utc_day(when)
            before = self._salt_for_day(day - timedelta(days=1))
            hashes = self._hashes[number] = (
                None if before is None else _hash_with(before),
                _hash_with(self._salt(day, now)),
            )
        of_before, of_day = hashes
        return "" if of_before is None else of_before(sender), of_day(sender)

    def of_day(self, project_id: str, ip: str, user_agent: str, now: int) -> str:
        """The id of the day itself, whatever was seen the day before."""
        return _hash(self._salt(_utc_day(now), now), _sender(project_id, ip, user_agent))

    def compute_imported(self, project_id: str, ip: str, user_agent: str) -> str:
        """For logs, which name the address anyway: one id for all days, so that visitors return."""
        sender = _sender(project_id, ip, user_agent)
        return _hash(self._import_key, sender)

    def keyed(self, said: bytes) -> bytes:
        """A digest that says nothing to whoever lacks the key; the same in every process."""
        return blake2b(said, key=self._import_key[:64], digest_size=16).digest()

    def _salt(self, day: date, now: int) -> bytes:
        salt = self._salt_for_day(day)
        if salt is not None:
            return salt
        # That day's salt is destroyed (or lies ahead): a salt of its own from today's keeps the days apart.
        today = self._salt_for_day(_utc_day(now)) or self._import_key
        return hmac.digest(today, day.isoformat().encode(), "sha256")


def _sender(project_id: str, ip: str, user_agent: str) -> bytes:
    return f"{project_id}\n{ip}\n{user_agent}".encode("utf-8", "surrogatepass")


def _utc_day(milliseconds: int) -> date:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date()


def _hash(salt: bytes, sender: bytes) -> str:
    return _hash_with(salt)(sender)


def _hash_with(salt: bytes) -> _Hash:
    return partial(_finish, blake2b(key=salt[:64], digest_size=16))


def _finish(keyed: blake2b, sender: bytes) -> str:
    hashed = keyed.copy()  # with the key in it already: that is half of the work
    hashed.update(sender)
    return hashed.hexdigest()
