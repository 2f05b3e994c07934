import pytest
from msgspec import to_builtins

from eventlens.insights.pages import Mode, pages
from tests.insights.world import World


def by_path(world: World, mode: Mode = "top", **asked):
    return {row.path: row for row in pages(world.settle().store, world.ask(**asked), mode)}


def test_time_on_page(world: World):
    world.see("a", "00:00", "/a")
    world.see("a", "00:15", "/b")
    world.see("b", "00:00", "/a")
    rows = by_path(world)
    assert rows["/a"].avg_time_on_page == 900
    assert rows["/b"].avg_time_on_page is None


def test_time_on_page_looks_past_the_end_of_the_span(world: World):
    world.see("a", "2026-03-10T23:55", "/a")
    world.see("a", "2026-03-11T00:05", "/b")
    assert by_path(world)["/a"].avg_time_on_page == 600


def test_views_at_one_instant_follow_in_order_of_arrival(world: World):
    for path in ("/a", "/b", "/c"):
        world.see("a", "10:00", path)
    world.see("a", "10:01", "/d")
    rows = by_path(world)
    assert [rows[path].avg_time_on_page for path in ("/a", "/b", "/c")] == [0, 0, 60]


def test_modes(world: World):
    for who, when, path in (
        ("a", "10:00", "/"),
        ("a", "10:01", "/pricing"),
        ("b", "11:00", "/"),
        ("b", "15:00", "/pricing"),
        ("c", "12:00", "/blog"),
    ):
        world.see(who, when, path)
    world.see("c", "12:01", name="link_out")
    top = by_path(world)
    assert [(row.path, row.views, row.sessions, row.unique_visitors) for row in top.values()] == [
        ("/", 2, 2, 2),
        ("/pricing", 2, 2, 2),
        ("/blog", 1, 1, 1),
    ]
    assert [top[path].bounce_rate for path in ("/", "/pricing", "/blog")] == [50, 100, 100]
    entry = by_path(world, "entry")
    assert {path: (row.sessions, row.unique_visitors, row.views) for path, row in entry.items()} == {
        "/": (2, 2, 2),
        "/pricing": (1, 1, 2),
        "/blog": (1, 1, 1),
    }
    leaving = by_path(world, "exit")
    assert {path: row.sessions for path, row in leaving.items()} == {"/": 1, "/pricing": 2, "/blog": 1}


def test_one_row_per_origin_and_path_with_the_latest_title(world: World):
    world.see("a", "10:00", "/", title="New")
    world.see("b", "09:00", "/", title="Old")
    world.see("c", "11:00", "/", title="")
    world.see("d", "11:00", "/", origin="https://other.example")
    rows = pages(world.settle().store, world.ask(), "top")
    assert [(row.origin, row.title, row.views) for row in rows] == [
        ("https://site.example", "New", 3),
        ("https://other.example", None, 1),
    ]


def test_pages_of_people(world: World):
    world.see("a", "10:00", "/")
    world.see("b", "10:00", "/")
    world.is_person("a", "b")
    world.settle()
    assert [by_path(world, mode)["/"].unique_visitors for mode in ("top", "entry", "exit")] == [1, 1, 1]


def test_compared_pages(world: World):
    world.see("a", "10:00", "/")
    world.see("a", "10:10", "/new")
    for when in ("2026-03-09T10:00", "2026-03-09T11:00"):
        world.see("a", when, "/")
    compared = world.ask("2026-03-09", "2026-03-10").span
    rows = pages(world.settle().store, world.ask(compared=compared), "top")
    assert {row.path: row.previous and row.previous.views for row in rows} == {"/": 2, "/new": None}
    assert [to_builtins(row)["change"]["views"] for row in rows] == [-0.5, None]


def test_a_page_more_than_the_limit(world: World):
    for path in ("/c", "/b", "/a"):
        world.see("a", "10:00", path)
    world.settle()
    first = pages(world.store, world.ask(limit=2), "top")
    then = pages(world.store, world.ask(limit=2, offset=2), "top")
    assert [row.path for row in [*first, *then]] == ["/a", "/b", "/c"]


@pytest.mark.parametrize("mode", ["top", "entry", "exit"])
def test_no_pages(world: World, mode):
    assert pages(world.store, world.ask(), mode) == []


def test_ten_thousand_pages(world: World):
    for index in range(10_000):
        world.see(index + 1, "10:00", f"/{index}")
    rows = pages(world.settle().store, world.ask(limit=10_000), "top")
    assert (len(rows), sum(row.sessions for row in rows)) == (10_000, 10_000)
