"""Who is here right now."""

from eventlens.events import Alias, Context, Envelope, Identify, Track, pack
from eventlens.ingest import presence as under_test
from eventlens.ingest.keys import device_node, session_key
from eventlens.ingest.presence import Presence
from eventlens.queues.base import Record
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


def test_it_goes_on_with_what_waits_in_the_queue():
    presence = Presence()
    presence.load([("p", device_node("d"), NOW - GAP, NOW - 2 * MINUTE)])
    view = Track("view", NOW, own_time=False, device_id="d")
    named = Track("view", NOW, own_time=False, device_id="d", session_id="visit")
    presence.recall(
        [
            Record(1, pack([Envelope(Context("p"), [view, Identify("ada", NOW + MINUTE, device_id="e")])])),
            Record(3, b"\xc1 damaged"),
            Record(4, pack([Envelope(Context("p"), [named, Alias("ada", "bob", NOW)])])),
            Record(
                6,
                pack(
                    [Envelope(Context("p", excluded="bot"), [Track("x", NOW, own_time=False, device_id="b")])]
                ),
            ),
        ]
    )
    assert presence.see("p", device_node("d"), NOW + GAP - 1) == NOW - GAP
    assert presence.see("p", device_node("e"), NOW + 2 * MINUTE) == NOW + MINUTE
    assert presence.see("p", session_key("visit", "d", ""), NOW + MINUTE) == NOW
    assert not presence.seen_before("p", "b", NOW + 1)


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
