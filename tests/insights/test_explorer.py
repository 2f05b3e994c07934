import base64
import hashlib
import json

import msgspec
import pytest

from eventlens.errors import InvalidInput, NotFound
from eventlens.insights.derived import DERIVED
from eventlens.insights.event_rows import EVENT, Position
from eventlens.insights.explorer import Listing, event, events, read_cursor, write_cursor
from eventlens.insights.filters import Test
from tests.insights.world import World, ms


def walk(world: World, limit: int, **asked):
    """All ids, page by page."""
    seen, after = [], None
    for _ in range(100):
        page = events(world.store, world.ask(limit=limit, **asked), after)
        seen += [row.id for row in page.rows]
        if page.next_cursor is None:
            return seen
        assert len(page.rows) == limit
        after = read_cursor(page.next_cursor)
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_never_skip_or_repeat(world: World, limit: int):
    for index in range(12):
        world.see("a", ("10:00", "10:00", "10:00", "10:01", "03:00")[index % 5], id=f"id-{index:02}")
    order = sorted((event["timestamp"], event["arrival"], event["id"]) for event in world.events)
    world.settle()
    assert walk(world, limit) == [each for _, _, each in reversed(order)]


def test_events_of_many_days(world: World):
    world.see("a", "2026-01-01T00:00", id="first")
    world.see("a", "2026-03-10T23:59:59.999", id="last")
    world.see("a", "2026-03-01T00:00", id="middle")
    world.see("a", "2026-03-11T00:00", id="after")
    assert walk(world.settle(), 1, start="2026-01-01") == ["last", "middle", "first"]


def test_a_row(world: World):
    sent = {"plan": "pro", "list": [1, 2.5, None], "nested": {"a": True}}
    event = world.see(
        "a",
        "10:00:00.250",
        "/p",
        profile_id="P",
        utm_source="news",
        country="DE",
        groups=["g1"],
        revenue=1999,
        currency="EUR",
        properties=json.dumps(sent),
    )
    world.is_person("a", "b")
    (row,) = events(world.settle().store, world.ask(zone="Europe/Berlin")).rows
    shown = msgspec.to_builtins(msgspec.json.decode(msgspec.json.encode(row)))
    key = f"{world.project}/{event['session_key']}/{ms('10:00:00.250')}"
    assert shown == {
        "id": f"e{event['arrival']:x}",
        "name": "screen_view",
        "timestamp": "2026-03-10T11:00:00.250+01:00",
        "deviceId": None,
        "sessionId": base64.urlsafe_b64encode(hashlib.md5(key.encode()).digest())[:22].decode(),
        "profileId": "P",
        "visitorId": b"b".ljust(8, b"\0").hex(),
        "path": "/p",
        "origin": "https://site.example",
        "query": None,
        "hash": None,
        "title": None,
        "referrer": None,
        "referrerName": None,
        "referrerType": "direct",
        "utm": {"source": "news", "medium": None, "campaign": None, "term": None, "content": None},
        "country": "DE",
        "region": None,
        "city": None,
        "browser": None,
        "browserVersion": None,
        "os": None,
        "osVersion": None,
        "device": None,
        "brand": None,
        "model": None,
        "properties": sent,
        "groups": ["g1"],
        "revenue": {"amount": 1999, "currency": "EUR"},
    }


def test_sessions_are_named_as_the_client_did(world: World):
    world.see("a", "10:00", session=7, session_id="mine")
    world.see(0, "10:01", session=0)
    rows = events(world.settle().store, world.ask()).rows
    assert [(row.session_id, row.visitor_id) for row in rows] == [
        (None, None),
        ("mine", b"a".ljust(8, b"\0").hex()),
    ]


def test_filtered(world: World):
    for index in range(5):
        world.see("a", f"10:0{index}", id=str(index), country=["DE", "AT"][index % 2])
    assert walk(world.settle(), 2, condition=Test("country", "is", ("DE",))) == ["4", "2", "0"]


def test_cursors():
    place = Position(1_770_000_000_123, EVENT, (1 << 64) - 1)
    assert read_cursor(write_cursor(place)) == place


@pytest.mark.parametrize(
    "text", ["", "x", "é", "MTIz", "MTIzLg", "LTEuMg", "a b", "MS4xODQ0Njc0NDA3MzcwOTU1MTYxNg"]
)
def test_what_is_no_cursor(text: str):
    with pytest.raises(InvalidInput) as refused:
        read_cursor(text)
    assert refused.value.field == "cursor"


def test_a_page_of_ten_thousand(world: World):
    for index in range(10_001):
        world.see(index + 1, ms("10:00") + index, session=0)
    page = events(world.settle().store, world.ask(limit=10_000))
    assert (len(page.rows), page.next_cursor is None) == (10_000, False)


def test_oldest_first(world: World):
    for index in range(5):
        world.see("a", f"10:0{index}", id=str(index))
    page = events(world.settle().store, world.ask(limit=3), None, Listing("asc"))
    assert [row.id for row in page.rows] == ["0", "1", "2"]
    assert page.next_cursor is not None
    rest = events(world.store, world.ask(), read_cursor(page.next_cursor, "asc"), Listing("asc"))
    assert [row.id for row in rest.rows] == ["3", "4"]


def test_a_cursor_of_the_other_order_is_refused():
    cursor = write_cursor(Position(1, EVENT, 2), "asc")
    with pytest.raises(InvalidInput) as refused:
        read_cursor(cursor, "desc")
    assert refused.value.field == "cursor"


def test_starts_and_ends_of_sessions_when_asked_for(world: World):
    world.see("a", "10:00", "/in", utm_source="news", id="1", country="DE")
    world.see("a", "10:10", "/out", id="2")
    world.see("b", "10:10", "/alone", id="3")
    world.see(0, "10:05", session=0, id="outside")
    store = world.settle().store
    rows = events(store, world.ask(), None, Listing("asc", DERIVED)).rows
    assert [(row.name, row.path) for row in rows if row.name != "click"] == [
        ("session_start", "/in"),
        ("screen_view", "/in"),
        ("session_start", "/alone"),
        ("screen_view", "/out"),
        ("screen_view", "/alone"),
        ("session_end", "/out"),
        ("session_end", "/alone"),
    ]
    started = next(row for row in rows if row.name == "session_start")
    first = next(row for row in rows if row.id == "1")
    assert started.id == f"session_start-{first.session_id}"
    assert (started.session_id, started.visitor_id, started.utm) == (
        first.session_id,
        first.visitor_id,
        first.utm,
    )
    only = events(
        store, world.ask(condition=Test("name", "is", ("session_end",))), None, Listing("desc", DERIVED)
    ).rows
    assert {row.path for row in only} == {"/out", "/alone"}
    news = events(
        store, world.ask(condition=Test("utm_source", "is", ("news",))), None, Listing("asc", DERIVED)
    ).rows
    assert [row.name for row in news] == ["session_start", "screen_view", "screen_view", "session_end"]
    assert [row.name for row in events(store, world.ask()).rows].count("session_start") == 0


def test_one_event(world: World):
    named = world.see("a", "2026-03-01T10:00", "/p", id="mine")
    nameless = world.see("a", "10:00", "/q")
    store = world.settle().store
    assert event(store, world.ask(), "mine").path == named["path"]
    found = event(store, world.ask(), f"e{nameless['arrival']:x}")
    assert (found.path, found.id) == ("/q", f"e{nameless['arrival']:x}")
    for nobody in ("nobody", "e0", "e", f"e{named['arrival']:x}"):
        with pytest.raises(NotFound):
            event(store, world.ask(), nobody)
