import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from eventlens.accounts.salts import DAY_MS, Salts
from eventlens.catalog.base import SaltRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import to_datetime
from eventlens.settings import Settings
from tests.support.processes import REPOSITORY

MAKE_SALT = """
import sys
from datetime import date
from pathlib import Path
from eventlens.accounts.salts import Salts
from eventlens.catalog.connect import open_catalog
from eventlens.settings import Settings
salts = Salts(open_catalog(Settings.load({}, Path(sys.argv[1]))), lambda: int(sys.argv[2]))
day = date.fromisoformat(sys.argv[3])
sys.stdin.readline()
print(salts.for_day(day).hex())
"""


def today(clock) -> date:
    return to_datetime(clock()).date()


def days_kept(catalog: Catalog) -> list[date]:
    with catalog.session() as session:
        return list(session.scalars(select(SaltRow.day).order_by(SaltRow.day)))


def test_today_and_yesterday_have_a_salt_and_no_other_day(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    day = today(clock)
    found = {offset: salts.for_day(day + timedelta(days=offset)) for offset in range(-3, 3)}
    assert [offset for offset, salt in found.items() if salt is not None] == [-1, 0]
    assert found[0] != found[-1]
    assert all(len(salt) == 16 for salt in found.values() if salt)
    assert days_kept(catalog) == [day - timedelta(days=1), day]


def test_a_salt_stays_the_same_for_everybody(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    day = today(clock)
    first = salts.for_day(day)
    assert salts.for_day(day) == first
    assert Salts(catalog, clock).for_day(day) == first
    clock.now += DAY_MS
    assert salts.for_day(day) == first, "yesterday's"
    clock.now += DAY_MS
    assert salts.for_day(day) is None


def test_the_day_changes_at_midnight_utc(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    day = date(2026, 9, 22)
    clock.now = 1_790_035_199_999  # the last millisecond of 21 September
    assert salts.for_day(day) is None
    clock.now += 1
    assert salts.for_day(day) is not None


def test_old_salts_leave_no_trace_on_the_disk(catalog: Catalog, clock, settings: Settings):
    salts = Salts(catalog, clock)
    day = today(clock)
    first = salts.for_day(day)
    assert first is not None

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in settings.data.iterdir())

    assert first in on_disk()
    for _ in range(2):
        clock.now += DAY_MS
        salts.for_day(today(clock))
    assert days_kept(catalog) == [day + timedelta(days=n) for n in range(3)]
    clock.now += DAY_MS
    salts.for_day(today(clock))
    assert days_kept(catalog) == [day + timedelta(days=n) for n in range(1, 4)]
    assert first not in on_disk()


def test_they_are_made_ahead_and_old_ones_destroyed_although_nobody_asks(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    day = today(clock)
    salts.look_after()
    assert days_kept(catalog) == [day + timedelta(days=n) for n in (-1, 0, 1)]
    assert salts.for_day(day + timedelta(days=1)) is None, "tomorrow's is nobody's yet"
    catalog.engine.dispose()
    clock.now += DAY_MS
    with catalog.session(write=True):  # whoever had to write now would wait
        assert salts.for_day(today(clock)) is not None
        assert salts.for_day(day) is not None
    salts.look_after()
    assert days_kept(catalog) == [day + timedelta(days=n) for n in (-1, 0, 1, 2)]
    clock.now += 3 * DAY_MS
    Salts(catalog, clock).look_after()
    assert days_kept(catalog) == [today(clock) + timedelta(days=n) for n in (-2, -1, 0, 1)]


def test_a_thread_looks_after_them(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    salts.start()
    try:
        deadline = time.monotonic() + 30
        while len(days_kept(catalog)) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        salts.stop()


@pytest.mark.parametrize("back", [0, 1])
def test_processes_that_ask_together_get_the_same_salt(
    settings: Settings, catalog: Catalog, clock, back: int
):
    day = today(clock) - timedelta(days=back)
    directory = settings.data.parent
    children = [make_salt(directory, clock.now, day) for _ in range(4)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    answers = [child.communicate(timeout=60) for child in children]
    found = Salts(catalog, clock).for_day(day)
    assert found is not None
    assert {out.strip() for out, _ in answers} == {found.hex()}, answers


def make_salt(directory: Path, now: int, day: date) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", MAKE_SALT, str(directory), str(now), day.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
