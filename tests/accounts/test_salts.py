import sqlite3
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from eventlens.accounts.salts import Salts
from eventlens.catalog.base import SaltRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import DAY, to_datetime
from eventlens.ingest.devices import DeviceIds
from eventlens.settings import Settings
from tests.support.processes import REPOSITORY

MAKE_SALT = """
import sys
from datetime import date
from pathlib import Path
from eventlens.clock import DAY
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


def test_today_and_the_two_days_before_have_a_salt_and_no_other_day(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    day = today(clock)
    found = {offset: salts.for_day(day + timedelta(days=offset)) for offset in range(-3, 3)}
    assert [offset for offset, salt in found.items() if salt is not None] == [-2, -1, 0]
    assert len({found[-2], found[-1], found[0]}) == 3
    assert all(len(salt) == 16 for salt in found.values() if salt)
    assert days_kept(catalog) == [day - timedelta(days=2), day - timedelta(days=1), day]


def test_a_salt_stays_the_same_for_everybody(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    day = today(clock)
    first = salts.for_day(day)
    assert salts.for_day(day) == first
    assert Salts(catalog, clock).for_day(day) == first
    clock.now += DAY
    assert salts.for_day(day) == first, "yesterday's"
    clock.now += DAY
    assert salts.for_day(day) == first
    assert Salts(catalog, clock).for_day(day) == first
    clock.now += DAY
    assert salts.for_day(day) is None


def test_the_day_changes_at_midnight_utc(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    day = date(2026, 9, 22)
    clock.now = 1_790_035_199_999  # the last millisecond of 21 September
    assert salts.for_day(day) is None
    clock.now += 1
    assert salts.for_day(day) is not None


@pytest.mark.parametrize("emptied_database", ["sqlite"], indirect=True)  # a server has its files elsewhere
def test_old_salts_leave_no_trace_on_the_disk(catalog: Catalog, clock, settings: Settings):
    salts = Salts(catalog, clock)
    day = today(clock)
    first = salts.for_day(day)
    assert first is not None
    assert first in on_disk(settings)
    for _ in range(2):
        clock.now += DAY
        salts.for_day(today(clock))
    assert days_kept(catalog) == [day + timedelta(days=n) for n in range(3)]
    clock.now += DAY
    salts.for_day(today(clock))
    assert days_kept(catalog) == [day + timedelta(days=n) for n in range(1, 4)]
    assert first not in on_disk(settings)


def test_they_are_made_ahead_and_old_ones_destroyed_although_nobody_asks(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    day = today(clock)
    salts.look_after()
    assert days_kept(catalog) == [day + timedelta(days=n) for n in (-2, -1, 0, 1)]
    assert salts.for_day(day + timedelta(days=1)) is None, "tomorrow's is nobody's yet"
    catalog.engine.dispose()
    clock.now += DAY
    with catalog.session(write=True):  # whoever had to write now would wait
        assert salts.for_day(today(clock)) is not None
        assert salts.for_day(day) is not None
    salts.look_after()
    assert days_kept(catalog) == [day + timedelta(days=n) for n in (-1, 0, 1, 2)]
    clock.now += 3 * DAY
    Salts(catalog, clock).look_after()
    assert days_kept(catalog) == [today(clock) + timedelta(days=n) for n in (-2, -1, 0, 1)]


def on_disk(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in settings.data.iterdir())


@pytest.mark.parametrize("emptied_database", ["sqlite"], indirect=True)  # a server has its files elsewhere
@pytest.mark.parametrize("ended", [False, True])
def test_after_three_days_a_salt_is_nowhere(catalog: Catalog, clock, settings: Settings, ended: bool):
    """Neither at hand nor in any file, whether the server ran on or was started again."""
    salts = Salts(catalog, clock)
    salts.look_after()
    day = today(clock)
    kept = salts.for_day(day)
    assert kept is not None
    assert kept in on_disk(settings)
    for _ in range(2):
        clock.now += DAY
        salts.look_after()
        assert salts.for_day(day) == kept
    clock.now += DAY
    if ended:
        salts = Salts(catalog, clock)
    salts.look_after()
    assert kept not in salts._salts.values()
    assert kept not in on_disk(settings)
    assert salts.for_day(day) is None


def test_a_late_event_is_of_the_device_that_it_would_have_been_of(catalog: Catalog, clock):
    salts = Salts(catalog, clock)
    sent = clock.now

    def device(of: Salts) -> str:
        ids = DeviceIds(of.for_day, lambda *_: False, b"import key")
        return ids.compute("p", "203.0.113.7", "Firefox", sent, clock.now)

    in_time = device(salts)
    for _ in range(2):
        clock.now += DAY
        salts.look_after()
        assert device(salts) == in_time
        assert device(Salts(catalog, clock)) == in_time
    clock.now += DAY
    salts.look_after()
    assert device(salts) != in_time


@pytest.mark.parametrize("emptied_database", ["sqlite"], indirect=True)  # a server has its files elsewhere
def test_who_reads_meanwhile_only_delays_the_destruction(catalog: Catalog, clock, settings: Settings):
    salts = Salts(catalog, clock)
    salts.look_after()
    first = salts.for_day(today(clock))
    assert first is not None
    clock.now += 3 * DAY
    reader = sqlite3.connect(settings.data / "catalog.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM analytics_salts").fetchone()
    salts.look_after()
    assert first in on_disk(settings), "the reader may still look at it"
    assert today(clock) - timedelta(days=3) not in days_kept(catalog)
    reader.close()
    salts.look_after()
    assert first not in on_disk(settings)


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
