from msgspec import to_builtins

from eventlens.insights.timeseries import timeseries
from tests.insights.world import World


def rows(world: World, **asked):
    return {row["date"]: row for row in to_builtins(timeseries(world.settle().store, world.ask(**asked)))}


def test_empty_buckets_are_rows(world: World):
    world.see("a", "2026-03-10T10:00", "/")
    found = rows(world, start="2026-03-09", end="2026-03-12", interval="day")
    assert {date: row["total_events"] for date, row in found.items()} == {
        "2026-03-09": 0,
        "2026-03-10": 1,
        "2026-03-11": 0,
    }
    assert found["2026-03-11"] == {
        "date": "2026-03-11",
        "unique_visitors": 0,
        "total_sessions": 0,
        "total_screen_views": 0,
        "total_events": 0,
        "avg_session_duration": 0,
        "bounce_rate": 0,
    }


def test_a_session_counts_where_it_starts(world: World):
    world.see("a", "2026-03-10T23:50", "/")
    world.see("a", "2026-03-11T00:10", "/b")
    found = rows(world, end="2026-03-12", interval="day")
    assert [
        (
            row["total_sessions"],
            row["total_screen_views"],
            row["unique_visitors"],
            row["avg_session_duration"],
        )
        for row in found.values()
    ] == [(1, 1, 1, 1200), (0, 1, 1, 0)]


def test_a_session_that_started_before_the_span_is_not_in_it(world: World):
    world.see("a", "2026-03-09T23:50", "/")
    world.see("a", "2026-03-10T00:10", "/b")
    assert rows(world, interval="day")["2026-03-10"]["total_sessions"] == 0


def test_the_hour_that_comes_twice(world: World):
    world.see("a", "2026-11-01T04:30", "/")
    world.see("b", "2026-11-01T05:30", "/")
    world.see("c", "2026-11-01T05:40", "/")
    found = rows(
        world, start="2026-11-01T04:00", end="2026-11-02T05:00", zone="America/Havana", interval="hour"
    )
    assert len(found) == 25
    assert [row["unique_visitors"] for row in found.values()][:3] == [1, 2, 0]


def test_compared_bucket_by_bucket(world: World):
    for when in ("2026-03-10T10:00", "2026-03-10T11:00", "2026-03-08T10:00"):
        world.see("a", when, "/")
    compared = world.ask("2026-03-08", "2026-03-09").span
    found = rows(world, end="2026-03-12", interval="day", compared=compared)
    assert found["2026-03-10"]["previous"] == {
        "date": "2026-03-08",
        "unique_visitors": 1,
        "total_sessions": 1,
        "total_screen_views": 1,
        "total_events": 1,
        "avg_session_duration": 0,
        "bounce_rate": 100,
    }
    assert found["2026-03-10"]["change"]["total_events"] == 1
    assert found["2026-03-10"]["change"]["avg_session_duration"] is None
    assert found["2026-03-11"]["previous"] is None


def test_all_months_there_are(world: World):
    world.see("a", "1970-01-05T10:00", "/")
    world.see("b", "2026-03-10T10:00", "/")
    found = rows(world, start="1970-01-02", end="2199-12-31", interval="month")
    assert len(found) == 230 * 12
    assert {date for date, row in found.items() if row["total_sessions"]} == {"1970-01-01", "2026-03-01"}
