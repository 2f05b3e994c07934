"""Daily salts: the random part of device ids that are computed without cookies.

Those of the last three days are kept, so that an event which arrives late gets the id that it would have got
in time. Once a day's salt is destroyed, nobody can compute its ids again, not even with the whole database.
"""

import logging
import secrets
import threading
from datetime import date, timedelta

from sqlalchemy import Delete, delete
from sqlalchemy.exc import IntegrityError

from eventlens.catalog.base import SaltRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import DAY, Clock, now_ms, to_datetime
from eventlens.errors import Unavailable

log = logging.getLogger(__name__)

SALT_BYTES = 16
KEPT_DAYS = 3
"""Today and the two days before."""
_LOOK_AFTER_SECONDS = 600


class Salts:
    """The salts of a catalog; all processes on it see the same ones."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock
        # Day number and its date: replaced as a whole, because several threads may ask.
        self._today: tuple[int, date] = (-1, date.min)
        self._salts: dict[date, bytes] = {}
        self._cleaned = date.min
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def for_day(self, day: date) -> bytes | None:
        """The 16 random bytes of a UTC day, made on first use; None for days other than today and the
        two days before. Raises Unavailable when the catalog does not answer.
        """
        today = self._utc_today()
        if not timedelta(0) <= today - day < timedelta(days=KEPT_DAYS):
            return None
        return self._salts.get(day) or self._remember(day, today)

    def start(self) -> None:
        """Look after the salts in a thread until `stop`, so that no request waits for one."""
        self._thread = threading.Thread(target=self._run, name="salts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread of `start`."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def look_after(self) -> None:
        """Have the salts up to tomorrow's at hand and destroy old ones. Raises Unavailable."""
        today = self._utc_today()
        for offset in range(1 - KEPT_DAYS, 2):
            day = today + timedelta(days=offset)
            if day not in self._salts:
                self._remember(day, today)
        oldest = today - timedelta(days=KEPT_DAYS - 1)
        self._salts = {day: salt for day, salt in self._salts.copy().items() if day >= oldest}
        if self._cleaned == today:
            return
        with self._catalog.session(write=True) as session:
            session.execute(_delete_old(today))
        if self._catalog.forget_deleted():
            self._cleaned = today
        # Else somebody is reading what was there before: the next round tries again.

    def _run(self) -> None:
        while True:
            try:
                self.look_after()
            except Unavailable as error:
                log.warning("the daily salts could not be looked after: %s", error)
            if self._stopping.wait(_LOOK_AFTER_SECONDS):
                return

    def _utc_today(self) -> date:
        number = self._clock() // DAY
        known, today = self._today
        if number != known:
            today = to_datetime(number * DAY).date()
            self._today = (number, today)
        return today

    def _remember(self, day: date, today: date) -> bytes:
        salt = self._salts[day] = self._find(day) or self._make(day, today)
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
                session.execute(_delete_old(today))
        except IntegrityError:
            # Another process was faster. (Not on SQLite, where writers queue.)
            found = self._find(day)
            assert found is not None
            return found
        self._catalog.forget_deleted()
        return salt


def _delete_old(today: date) -> Delete:
    return delete(SaltRow).where(SaltRow.day <= today - timedelta(days=KEPT_DAYS))
