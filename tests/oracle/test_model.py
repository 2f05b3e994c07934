"""The oracle itself, on cases small enough to count by hand."""

from datetime import date, datetime

import pytest

from tests.oracle.conditions import holds
from tests.oracle.model import GAP, LABELS, VIEW, Oracle, People, Sent, change, stored
from tests.oracle.profiles import fold

MINUTE = 60_000
DAY = date(1970, 1, 1)


def at(minutes: float, device: str = "d", name: str = VIEW, **more) -> Sent:
    when = int(minutes * MINUTE)
    return Sent("track", when, f"{device}{when}{name}{more}", name=name, device=device, **more)


def ask(*sent: Sent) -> dict[str, float]:
    return Oracle(list(sent), "UTC").metrics(DAY, DAY)


def test_two_visitors_one_bounce():
    found = ask(at(0, "a"), at(1, "a"), at(0, "b"))
    assert (found["unique_visitors"], found["total_screen_views"], found["bounce_rate"]) == (2, 3, 50)


def test_half_an_hour_cuts():
    assert ask(at(0), at(30))["total_sessions"] == 2
    assert ask(at(0), at(29.99))["total_sessions"] == 1
    assert GAP == 30 * MINUTE


def test_a_late_event_bridges():
    assert ask(at(0), at(50))["total_sessions"] == 2
    assert ask(at(0), at(50), at(25))["total_sessions"] == 1


def test_duration_counts_single_events():
    assert ask(at(0, "a"), at(15, "a"), at(0, "b"))["avg_session_duration"] == 450


def test_the_first_of_equal_ids_wins():
    first, second = Sent("track", 0, "x", name="one"), Sent("track", 5, "x", name="two")
    assert [event.sent.name for event in stored([first, second])] == ["one"]


def test_a_device_is_whom_it_was_first_seen_as():
    sent = [at(5, "d", profile="late"), at(3, "d", profile="early"), at(0, "d")]
    people, events = People(sent), stored(sent)
    assert [people.of(event) for event in events] == ["profile late", "profile early", "profile early"]


def test_aliases_join_through_others():
    sent = [Sent("alias", 0, "1", profile="b", alias="c"), Sent("alias", 0, "2", profile="a", alias="b")]
    assert {People(sent).of_profile(name) for name in "abc"} == {"profile a"}


def test_deviceless_events_join_the_current_session_of_a_linked_device():
    seen, paid = at(0, profile="p"), Sent("track", 20 * MINUTE, "pay", name="paid", profile="p")
    oracle = Oracle([seen, paid], "UTC")
    assert [(each.start, each.end) for each in oracle.every_session] == [(0, 0)]
    assert oracle.everything[1].session is oracle.every_session[0]
    stranger = Sent("track", 20 * MINUTE, "pay", name="paid", profile="q")
    assert len(Oracle([seen, stranger], "UTC").every_session) == 2


def test_deviceless_events_bridge_nothing():
    paid = Sent("track", 29 * MINUTE, "pay", name="paid", profile="p")
    oracle = Oracle([at(0, profile="p"), at(58, profile="p"), paid], "UTC")
    assert [(each.start, len(each.all_events)) for each in oracle.every_session] == [(0, 2), (58 * MINUTE, 1)]


@pytest.mark.parametrize(
    ("zone", "instant", "label"),
    [
        ("Europe/Berlin", "2024-10-27T00:30:00+00:00", "2024-10-27T02:00:00+02:00"),
        ("Europe/Berlin", "2024-10-27T01:30:00+00:00", "2024-10-27T02:00:00+01:00"),
        ("Australia/Lord_Howe", "2024-04-06T15:20:00+00:00", "2024-04-07T01:30:00+10:30"),
        ("Asia/Kathmandu", "2024-01-31T18:20:00+00:00", "2024-02-01T00:00:00+05:45"),
    ],
)
def test_hours_begin_on_the_local_clock_or_where_it_changes(zone, instant, label):
    oracle = Oracle([], zone)
    local = datetime.fromisoformat(instant).astimezone(oracle.zone)
    assert LABELS["hour"](local) == label


def test_time_on_a_page_ends_with_the_next_view_of_the_session():
    sent = [
        at(0, path="/a", title="Old"),
        at(1, path="/a", title="New"),
        at(2, path="/b", name="click"),
        at(4, path="/b"),
        at(60, path="/a"),
    ]
    rows = Oracle(sent, "UTC").pages(DAY, DAY, "top")
    assert (rows["/a"]["avg_time_on_page"], rows["/b"]["avg_time_on_page"]) == ((60 + 180) / 2, None)
    assert (rows["/a"]["title"], rows["/b"]["title"]) == ("New", None)
    assert (rows["/a"]["views"], rows["/a"]["sessions"], rows["/a"]["bounce_rate"]) == (3, 2, 50)


def test_who_entered_and_who_left():
    oracle = Oracle([at(0, "a", path="/a"), at(1, "a", path="/b"), at(0, "b", path="/a", profile="p")], "UTC")
    assert {path: row["sessions"] for path, row in oracle.pages(DAY, DAY, "entry").items()} == {"/a": 2}
    assert {path: row["unique_visitors"] for path, row in oracle.pages(DAY, DAY, "exit").items()} == {
        "/a": 1,
        "/b": 1,
    }


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ([{"name": "path", "operator": "is", "value": ["/a", "/b"]}], "12"),
        ([{"name": "path", "operator": "isNot", "value": ["/a", "/b"]}], "3"),
        (
            {
                "or": [
                    {"name": "properties.n", "operator": "gt", "value": [5]},
                    {"name": "path", "operator": "isNull"},
                ]
            },
            "13",
        ),
        ([{"name": "properties.n", "operator": "is", "value": [10.0]}], "1"),
        ([{"name": "properties.n", "operator": "is", "value": ["10.0"]}], ""),
        ([{"name": "properties.n", "operator": "doesNotContain", "value": ["1"]}], "23"),
        ([{"name": "properties.o.k", "operator": "is", "value": [True]}], "2"),
        ([{"name": "properties.o", "operator": "regex", "value": ['^{"k":t']}], "2"),
        ([{"name": "properties.l", "operator": "is", "value": ["a"]}], "3"),
        ([{"name": "properties.l", "operator": "isNot", "value": ["a"]}], "12"),
        ([{"name": "properties.l", "operator": "contains", "value": [",1"]}], "3"),
        ([{"name": "utm_source", "operator": "is", "value": ["news"]}], "123"),
    ],
)
def test_filters_look_at_one_event_at_a_time(condition, ids):
    sent = [
        Sent("track", 0, "1", name="x", device="d", path="/a", utm_source="news", properties={"n": 10}),
        Sent("track", 1, "2", name="x", device="d", path="/b", properties={"n": "x", "o": {"k": True}}),
        Sent("track", 2, "3", name="x", device="d", properties={"l": ["a", 1]}),
    ]
    events = Oracle(sent, "UTC").everything
    assert "".join(event.sent.id for event in events if holds(condition, event)) == ids


def test_a_filter_measures_sessions_whole_and_also_by_what_follows_the_span():
    oracle = Oracle([at(23 * 60 + 50, path="/a"), at(24 * 60 + 10, path="/b")], "UTC")
    oracle.keep = lambda event: event.sent.path == "/b"
    found = oracle.metrics(DAY, DAY)
    assert (found["total_events"], found["total_sessions"], found["avg_session_duration"]) == (0, 1, 1200)


def test_a_profile_is_the_fold_of_what_was_said():
    sent = [
        Sent("increment", 3, "c", profile="p", property="coins", value=0.1),
        Sent("identify", 1, "a", profile="p", properties={"coins": 0.2, "stats": {"wins": 1}, "name": "x"}),
        Sent("decrement", 4, "d", profile="p", property="stats.wins", value=3),
        Sent("increment", 5, "e", profile="p", property="name", value=1),
        Sent("increment", 6, "c", profile="p", property="coins", value=100),
        Sent("increment", 0, "z", profile="p", property="coins", value=100),
    ]
    assert fold(sent, "p") == {"coins": 0.3, "stats": {"wins": -2}, "name": "x"}
    assert fold(sent, "q") is None


def test_changes_divide_by_what_was_before():
    assert change({"a": 3, "b": 1, "c": 2, "d": None}, {"a": 2, "b": 0}) == {"a": 0.5, "b": None, "c": None}


def test_events_carry_their_own_groups_then_those_of_the_profile_then_those_of_the_device():
    sent = [
        Sent("assign_group", 5, "1", device="d", groups=("late", "own")),
        Sent("assign_group", 2, "2", profile="p", groups=("acme",)),
        Sent("assign_group", 1, "3", profile="p", groups=("acme", "zoo")),
        Sent("identify", 9, "4", device="d", profile="p"),
        *(Sent("track", when, f"e{when}", name="x", device="d", groups=("own",)) for when in (0, 1, 5)),
        Sent("track", 3, "e3", name="x", profile="p"),
    ]
    groups = {event.sent.at: event.groups for event in Oracle(sent, "UTC").everything}
    assert groups == {
        0: ("own",),
        1: ("own", "acme", "zoo"),
        5: ("own", "acme", "zoo", "late"),
        3: ("acme", "zoo"),
    }
