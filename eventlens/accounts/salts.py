"""Daily salts: the random part of device ids that are computed without cookies.

Once a day's salt is destroyed, nobody can compute its ids again, not even with the whole database.
"""

import secrets
from datetime import date, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from eventlens.catalog.base import SaltRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms, to_datetime

SALT_BYTES = 16
KEPT_DAYS = 3
DAY_MS = 86_400_000


class Salts:
    """The salts of a catalog; all processes on it see the same ones."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock
        # Day number, its date, its salts: replaced as a whole, because several threads may ask.
        self._state: tuple[int, date, dict[date, bytes]] = (-1, date.min, {})

    def for_day(self, day: date) -> bytes | None:
        """The 16 random bytes of a UTC day, made on first use; None for days other than today and
        yesterday. Raises Unavailable when the catalog does not answer.
        """
        number = self._clock() // DAY_MS
        known, today, salts = self._state
        if number != known:
            today, salts = to_datetime(number * DAY_MS).date(), {}
            self._state = (number, today, salts)
        salt = salts.get(day)
        if salt is None and timedelta(0) <= today - day <= timedelta(days=1):
            salt = salts[day] = self._find(day) or self._make(day, today)
        return salt

    def _find(self, day: date) -> bytes | None:
        with self._catalog.session() as session:
            row = session.get(SaltRow, day)
            return row.salt if row else None

    def _make(self, day: date, today: date) -> bytes:
        salt = secrets.token_bytes(SALT_BYTES)
        try:
            with self._catalog.session(write=True) as session:
                if row := session.get(SaltRow, day):
                    return row.salt
                session.add(SaltRow(day=day, salt=salt))
                session.execute(delete(SaltRow).where(SaltRow.day < today - timedelta(days=KEPT_DAYS)))
        except IntegrityError:
            # Another process was faster. (Not on SQLite, where writers queue.)
            found = self._find(day)
            assert found is not None
            return found
        self._catalog.forget_deleted()
        return salt
