"""Device ids without cookies."""

from datetime import UTC, date, datetime

import pytest

from eventlens.ingest.devices import DeviceIds
from eventlens.ingest.keys import device_node
from eventlens.ingest.presence import Presence
from tests.support.pipeline import DAY, HOUR, MINUTE

MIDNIGHT = int(datetime(2026, 9, 22, tzinfo=UTC).timestamp() * 1000)
SALTS = {date(2026, 9, 20): b"older", date(2026, 9, 21): b"yesterday", date(2026, 9, 22): b"today"}


@pytest.fixture
def presence() -> Presence:
    return Presence()


@pytest.fixture
def devices(presence) -> DeviceIds:
    return DeviceIds(SALTS.get, presence.seen_before, b"import")


def compute(
    devices: DeviceIds, when: int, ip: str = "192.0.2.1", agent: str = "Firefox", project: str = "p"
) -> str:
    return devices.compute(project, ip, agent, when, MIDNIGHT + HOUR)


def test_one_sender_is_one_device_all_day(devices):
    found = compute(devices, MIDNIGHT)
    assert len(found) == 32
    assert int(found, 16) >= 0
    assert compute(devices, MIDNIGHT + DAY - 1) == found


@pytest.mark.parametrize("other", [{"ip": "192.0.2.2"}, {"agent": "Safari"}, {"project": "q"}])
def test_other_senders_are_other_devices(devices, other):
    assert compute(devices, MIDNIGHT, **other) != compute(devices, MIDNIGHT)


def test_nobody_returns_the_next_day(devices):
    assert compute(devices, MIDNIGHT - 1) != compute(devices, MIDNIGHT)


def test_a_visit_over_midnight_keeps_its_device(devices, presence):
    evening = compute(devices, MIDNIGHT - 10 * MINUTE)
    presence.see("p", device_node(evening), MIDNIGHT - 10 * MINUTE)
    assert compute(devices, MIDNIGHT + 19 * MINUTE) == evening
    presence.see("p", device_node(evening), MIDNIGHT + 19 * MINUTE)
    assert compute(devices, MIDNIGHT + 40 * MINUTE) == evening
    assert compute(devices, MIDNIGHT + 49 * MINUTE) != evening


def test_a_day_whose_salt_is_destroyed_still_has_one_device_and_no_other_day_has_it(devices):
    old = {compute(devices, MIDNIGHT - days * DAY) for days in (5, 6, 7)}
    assert len(old) == 3
    assert compute(devices, MIDNIGHT - 5 * DAY + HOUR) in old


def test_the_id_cannot_be_computed_without_the_salt(presence):
    other = DeviceIds(dict.fromkeys(SALTS, b"guess").get, presence.seen_before, b"import")
    mine = DeviceIds(SALTS.get, presence.seen_before, b"import")
    assert compute(other, MIDNIGHT) != compute(mine, MIDNIGHT)


def test_a_log_has_one_id_a_sender_for_all_of_its_days(devices):
    assert devices.compute_imported("p", "192.0.2.1", "A") == devices.compute_imported("p", "192.0.2.1", "A")
    assert devices.compute_imported("p", "192.0.2.1", "A") != devices.compute_imported("q", "192.0.2.1", "A")


def test_any_text_of_a_header_will_do(devices):
    assert len(compute(devices, MIDNIGHT, agent="\udcff\0é")) == 32
