"""Who is here right now."""

from eventlens.ingest import presence as under_test
from eventlens.ingest.keys import device_node
from eventlens.ingest.presence import Presence
from tests.support.pipeline import MINUTE, NOW

GAP = 30 * MINUTE


def test_events_less_than_half_an_hour_apart_are_one_session():
    presence = Presence()
    assert presence.see("p", 1, NOW) == NOW
    assert presence.see("p", 1, NOW + GAP - 1) == NOW
    assert presence.see("p", 1, NOW + 2 * GAP - 2) == NOW
    assert presence.see("p", 1, NOW + 3 * GAP - 2) == NOW + 3 * GAP - 2


def test_projects_and_keys_are_apart():
    presence = Presence()
    presence.see("p", 1, NOW)
    assert presence.see("q", 1, NOW + 1) == NOW + 1
    assert presence.see("p", 2, NOW + 2) == NOW + 2


def test_a_late_event_extends_backwards_or_stands_alone():
    presence = Presence()
    presence.see("p", 1, NOW)
    assert presence.see("p", 1, NOW - MINUTE) == NOW - MINUTE
    assert presence.see("p", 1, NOW - 5 * GAP) == NOW - 5 * GAP
    assert presence.see("p", 1, NOW + MINUTE) == NOW - MINUTE


def test_it_begins_with_what_the_store_knows():
    presence = Presence()
    presence.load([("p", 1, NOW - GAP, NOW - MINUTE)])
    assert presence.see("p", 1, NOW) == NOW - GAP


def test_a_device_was_seen_in_the_half_hour_before_or_not():
    presence = Presence()
    presence.see("p", device_node("d"), NOW)
    assert presence.seen_before("p", "d", NOW)
    assert presence.seen_before("p", "d", NOW + GAP - 1)
    assert not presence.seen_before("p", "d", NOW + GAP)
    assert not presence.seen_before("p", "d", NOW - 1)
    assert not presence.seen_before("p", "other", NOW)


def test_it_forgets_but_never_the_last_half_hour(monkeypatch):
    presence = Presence()
    for minute in range(0, 24 * 60, 5):
        presence.see("p", minute, NOW + minute * MINUTE)
        assert presence.see("p", max(minute - 25, 0), NOW + minute * MINUTE) <= NOW + minute * MINUTE
    assert len(presence._young) + len(presence._old) < 60


def test_a_crowd_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(under_test, "_MOST_KEYS", 100)
    presence = Presence()
    for key in range(1_000):
        presence.see("p", key, NOW)
    assert len(presence._young) + len(presence._old) <= 200
