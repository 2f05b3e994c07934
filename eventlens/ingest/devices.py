"""Device ids without cookies: a keyed hash of address, user agent and project; the key changes daily."""

import hmac
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

SaltForDay = Callable[[date], bytes | None]
SeenAt = Callable[[str, str, int], bool]
"""(project id, device id, time in ms) → was that device seen in the 30 minutes before?"""


class DeviceIds:
    """Computes device ids; `seen` joins a visit that crosses midnight to yesterday's id."""

    def __init__(self, salt_for_day: SaltForDay, seen: SeenAt, import_key: bytes) -> None:
        self._salt_for_day = salt_for_day
        self._seen = seen
        self._import_key = import_key

    def compute(self, project_id: str, ip: str, user_agent: str, when: int, now: int) -> str:
        """32 hex characters, the same for one sender on one UTC day."""
        sender = _sender(project_id, ip, user_agent)
        day = _utc_day(when)
        before = self._salt_for_day(day - timedelta(days=1))
        if before is not None:
            yesterdays = _hash(before, sender)
            if self._seen(project_id, yesterdays, when):
                return yesterdays
        return _hash(self._salt(day, now), sender)

    def of_day(self, project_id: str, ip: str, user_agent: str, now: int) -> str:
        """The id of the day itself, whatever was seen the day before."""
        return _hash(self._salt(_utc_day(now), now), _sender(project_id, ip, user_agent))

    def compute_imported(self, project_id: str, ip: str, user_agent: str) -> str:
        """For logs, which name the address anyway: one id for all days, so that visitors return."""
        sender = _sender(project_id, ip, user_agent)
        return _hash(self._import_key, sender)

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
    return blake2b(sender, key=salt[:64], digest_size=16).hexdigest()
