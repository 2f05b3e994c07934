from eventlens.clock import DAY
from eventlens.insights import paths as product
from eventlens.insights.filters import read_filters
from eventlens.insights.paths import Flow, Paths, paths
from eventlens.insights.paths_sql import MAX_SESSION, Shape
from eventlens.insights.ranges import Span
from tests.insights.world import World, ms


def walk(world: World, who: str, steps: str, start: str = "10:00", **columns) -> None:
    for minute, path in enumerate(steps.split()):
        world.see(who, ms(start) + 60_000 * minute, path, **columns)


def ask(world: World, shape: Shape | None = None, limit: int = 10, **asked) -> Paths:
    return paths(world.settle().store, world.ask(**asked), shape or Shape(), limit).data


def links(found: Flow) -> dict[str, int]:
    return {f"{link.source} {link.target}": link.value for link in found.links}


def nodes(found: Flow) -> dict[str, tuple[int, int, int]]:
    return {node.id: (node.value, node.entered, node.dropped) for node in found.nodes}


def test_repeats_collapse_and_gaps_split(world: World):
    walk(world, "a", "/ /a /a /b /a")
    walk(world, "a", "/c /d", "11:00")
    found = ask(world)
    assert links(found) == {"1:/ 2:/a": 1, "2:/a 3:/b": 1, "3:/b 4:/a": 1, "1:/c 2:/d": 1}
    assert found.sessions == 2


def test_largest_first_and_the_others_together(world: World):
    for who, steps in {"a": "/ /a", "b": "/ /a", "c": "/ /b", "d": "/x /b", "e": "/y"}.items():
        walk(world, who, steps)
    found = ask(world, limit=1)
    assert nodes(found) == {
        "1:/": (3, 3, 0),
        "1/(other)": (2, 2, 1),
        "2:/a": (2, 0, 2),
        "2/(other)": (2, 0, 2),
    }
    assert [node.name for node in found.nodes] == ["/", "(other)", "/a", "(other)"]
    assert links(found) == {"1:/ 2:/a": 2, "1:/ 2/(other)": 1, "1/(other) 2/(other)": 1}


def test_names_of_equal_size_come_in_their_order(world: World):
    for who, path in (("a", "/c"), ("b", "/a"), ("c", "/b"), ("d", "/d")):
        walk(world, who, path)
    assert list(nodes(ask(world, limit=2))) == ["1:/a", "1:/b", "1/(other)"]


def test_from_a_start_point(world: World):
    walk(world, "a", "/x / /a / /b")
    walk(world, "b", "/x /y")
    found = ask(world, Shape(start="/"))
    assert links(found) == {"1:/ 2:/a": 1, "2:/a 3:/": 1, "3:/ 4:/b": 1}
    assert nodes(found)["1:/"] == (1, 0, 0)


def test_to_an_end_point(world: World):
    walk(world, "a", "/ /a /b /buy /b /buy")
    walk(world, "b", "/buy")
    walk(world, "c", "/ /a")
    found = ask(world, Shape(end="/buy", depth=3))
    assert links(found) == {"-2:/a -1:/b": 1, "-1:/b 0:/buy": 1}
    assert nodes(found) == {"-2:/a": (1, 0, 0), "-1:/b": (1, 0, 0), "0:/buy": (2, 1, 1)}


def test_between_two_points(world: World):
    walk(world, "a", "/buy / /a /buy /z")
    walk(world, "b", "/ /a /b /c /d /buy")
    walk(world, "c", "/buy /")
    found = ask(world, Shape(start="/", end="/buy", depth=4))
    assert found.sessions == 2
    assert links(found) == {
        "1:/ 2:/a": 2,
        "2:/a 3:/buy": 1,
        "2:/a 3/(more)": 1,
        "3/(more) 4:/buy": 1,
    }
    assert nodes(found)["4:/buy"] == (1, 0, 1)


def test_from_a_point_back_to_it(world: World):
    walk(world, "a", "/ /a /")
    walk(world, "b", "/ /a")
    assert links(ask(world, Shape(start="/", end="/"))) == {"1:/ 2:/a": 1, "2:/a 3:/": 1}


def test_depth_ends_what_is_shown_but_nobody_drops_there(world: World):
    walk(world, "a", "/ /a /b")
    walk(world, "b", "/ /a")
    assert nodes(ask(world, Shape(depth=2))) == {"1:/": (2, 2, 0), "2:/a": (2, 0, 1)}


def test_events_by_name(world: World):
    walk(world, "a", "/ /a")
    world.see("a", "10:05", name="click")
    world.see("a", "10:06", name="(other)")
    found = ask(world, Shape(mode="events"))
    assert links(found) == {"1:screen_view 2:click": 1, "2:click 3:(other)": 1}
    cut = ask(world, Shape(mode="events", start="click"))
    assert list(nodes(cut)) == ["1:click", "2:(other)"]


def test_equal_times_keep_the_order_of_arrival(world: World):
    for path in ("/c", "/a", "/b"):
        world.see("a", "10:00", path)
    assert links(ask(world)) == {"1:/c 2:/a": 1, "2:/a 3:/b": 1}


def test_a_page_of_no_path(world: World):
    world.see("a", "10:00", "")
    world.see("a", "10:01", "/a")
    found = ask(world)
    assert [node.name for node in found.nodes] == [None, "/a"]


def test_sessions_belong_to_the_day_on_which_they_start(world: World):
    walk(world, "a", "/ /a /b", "2026-03-10T23:59")
    walk(world, "b", "/ /c /d", "2026-03-09T23:59")
    assert links(ask(world)) == {"1:/ 2:/a": 1, "2:/a 3:/b": 1}


def test_filters_choose_sessions_and_leave_them_whole(world: World):
    walk(world, "a", "/ /a /b", country="DE")
    walk(world, "b", "/ /c", country="FR")
    walk(world, "c", "/ /d", utm_source="news")
    world.see("b", "10:05", name="buy")
    asked = {
        '[{"name":"path","operator":"is","value":["/b"]}]': {"1:/ 2:/a": 1, "2:/a 3:/b": 1},
        '[{"name":"name","operator":"is","value":["buy"]}]': {"1:/ 2:/c": 1},
        '[{"name":"utm_source","operator":"is","value":["news"]}]': {"1:/ 2:/d": 1},
    }
    for text, wanted in asked.items():
        assert links(ask(world, condition=read_filters(text))) == wanted


def test_sessions_of_robots_are_left_out(world: World):
    for number in range(MAX_SESSION + 1):
        world.see("robot", ms("10:00") + number, f"/{number % 2}")
    for number in range(MAX_SESSION):
        world.see("busy", ms("10:00") + number, f"/{number % 2}")
    answer = paths(world.settle().store, world.ask(), Shape(), 10)
    assert answer.data.sessions == 1
    assert answer.meta.partial


def test_nothing(world: World):
    answer = paths(world.store, world.ask(), Shape(), 10)
    assert (answer.data.sessions, answer.data.nodes, answer.data.links) == (0, [], [])
    assert not answer.meta.partial


def test_compared_with_another_span(world: World):
    walk(world, "a", "/ /a")
    walk(world, "a", "/ /b", "2026-03-09T10:00")
    found = ask(world, compared=world.ask("2026-03-09", "2026-03-10").span)
    assert (links(found), links(found.previous)) == ({"1:/ 2:/a": 1}, {"1:/ 2:/b": 1})  # pyright: ignore[reportArgumentType]  # it is set
    assert found.change == {"sessions": 0}


def test_parts(world: World):
    """By days that are small enough together, else a share of a day each."""
    first = ms("2026-03-10T00:00") // DAY
    question = world.ask("2026-03-10T06:00", "2026-03-14T06:00")
    million = product.PART_EVENTS // 3
    sizes = [(0, 1), (1, 1), (2, 7), (4, 1)]
    days = [product.Day(first + day, events * million, (first + day) * DAY) for day, events in sizes]
    parts = list(product.parts_of(question, days))
    assert [(part.share, part.shares) for part in parts] == [(0, 1), (0, 3), (1, 3), (2, 3), (0, 1)]
    assert parts[0].question.span == Span(question.span.start, (first + 2) * DAY)
    assert parts[1].question.span == Span((first + 2) * DAY, (first + 3) * DAY)
    assert parts[-1].question.span == Span((first + 4) * DAY, question.span.end)
