from dataclasses import replace

import msgspec
import pytest

from eventlens.clock import DAY
from eventlens.errors import InvalidInput, NotFound
from eventlens.insights.explorer import read_cursor
from eventlens.insights.filters import Test
from eventlens.insights.ranges import Span
from eventlens.insights.sessions_explorer import read_session_cursor, session, sessions
from eventlens.nodes import node_of
from tests.insights.world import World, ms


def ids(world: World, **asked):
    return [row.entry_path for row in sessions(world.store, world.ask(**asked)).rows]


def test_a_row(world: World):
    world.see("a", "10:00", "/in", utm_source="news", country="DE", device_id="D", title="In")
    world.see("a", "10:05")
    world.see("a", "10:20:00.500", "/out", country="FR")
    world.is_person("a", "b")
    (row,) = sessions(world.settle().store, world.ask(zone="Europe/Berlin")).rows
    shown = msgspec.json.decode(msgspec.json.encode(row))
    assert shown == {
        "id": row.id,
        "startedAt": "2026-03-10T11:00:00+01:00",
        "endedAt": "2026-03-10T11:20:00.500+01:00",
        "duration": 1200.5,
        "events": 3,
        "screenViews": 2,
        "bounce": False,
        "entryPath": "/in",
        "entryOrigin": "https://site.example",
        "entryTitle": "In",
        "exitPath": "/out",
        "exitOrigin": "https://site.example",
        "exitTitle": None,
        "deviceId": "D",
        "profileId": None,
        "visitorId": b"b".ljust(8, b"\0").hex(),
        "referrer": None,
        "referrerName": None,
        "referrerType": "direct",
        "utm": {"source": "news", "medium": None, "campaign": None, "term": None, "content": None},
        "country": "DE",
        **dict.fromkeys(
            ("region", "city", "browser", "browserVersion", "os", "osVersion", "device", "brand", "model")
        ),
    }
    assert len(row.id) == 22


def test_newest_first_and_only_those_that_start_in_the_span(world: World):
    world.see("a", "2026-03-09T23:50", "/before")
    world.see("a", "2026-03-10T00:10", "/before-too")
    world.see("b", "12:00", "/noon")
    world.see("c", "08:00", "/morning")
    world.see("d", "23:59", "/late")
    world.see("d", "2026-03-11T00:05", "/after")
    assert ids(world.settle()) == ["/late", "/noon", "/morning"]
    oldest = sessions(world.store, world.ask(), order="asc").rows
    assert [row.entry_path for row in oldest] == ["/morning", "/noon", "/late"]


def test_a_filter_finds_sessions_whole(world: World):
    world.see("a", "10:00", "/start")
    world.see("a", "10:10", "/buy")
    world.see("b", "11:00", "/start")
    found = sessions(world.settle().store, world.ask(condition=Test("path", "is", ("/buy",)))).rows
    assert [(row.entry_path, row.screen_views) for row in found] == [("/start", 2)]


def ever(world: World, **asked):
    return replace(world.ask(**asked), span=Span(0, ms("12:00") + DAY))


@pytest.mark.parametrize("named", ["", "visit/1"])
def test_one_session_with_its_events(world: World, named: str):
    extra = {"session": node_of("s", named), "session_id": named} if named else {}
    for minute in range(5):
        world.see("a", f"10:0{minute}", f"/{minute}", id=str(minute), **extra)
    world.see("b", "10:02", "/other")
    (row,) = (row for row in sessions(world.settle().store, world.ask()).rows if row.entry_path != "/other")
    assert (row.id == named) == bool(named)
    seen, after = [], None
    while True:
        found, page = session(world.store, ever(world, limit=2), row.id, after)
        assert found == row
        seen += [event.id for event in page.rows]
        assert {event.session_id for event in page.rows} == {row.id}
        if page.next_cursor is None:
            break
        after = read_cursor(page.next_cursor, "asc")
    assert seen == ["0", "1", "2", "3", "4"]


def test_no_session(world: World):
    world.see("a", "10:00", "/p")
    for name in ("nobody", "x" * 22):
        with pytest.raises(NotFound):
            session(world.settle().store, ever(world), name)


def test_a_cursor_of_the_other_order_is_refused(world: World):
    for who in range(1, 4):
        world.see(who, "10:00", "/p")
    page = sessions(world.settle().store, world.ask(limit=1))
    assert page.next_cursor is not None
    read_session_cursor(page.next_cursor, "desc")
    with pytest.raises(InvalidInput) as refused:
        read_session_cursor(page.next_cursor, "asc")
    assert refused.value.field == "cursor"
    assert "order" in refused.value.message
