"""Special reports by hand."""

import json
from typing import Any

import msgspec
import pytest

from eventlens.errors import InvalidInput
from eventlens.insights.specials import SPECIALS, special
from tests.insights.world import World

REPORTS = {each.path: each for each in SPECIALS}


def ask(world: World, path: str, dimension: str | None = None, limit: int = 10, **asked: Any) -> Any:
    answer = special(world.store, world.ask(**asked), REPORTS[path], dimension, limit)
    return msgspec.to_builtins(answer)


def send(world: World, who: str, when: str, event: str, path: str = "/", /, **properties: Any) -> None:
    world.see(who, when, name=event, path=path, properties=json.dumps(properties))


def test_web_vitals(world: World):
    for at, value in enumerate((1000, 2500, 2501, 4000, 4001)):
        send(world, f"u{at % 2}", "09:00", "web_vital", name="LCP", value=value)
    send(world, "u0", "09:01", "web_vital", name="CLS", value=0.1)
    send(world, "u0", "09:01", "web_vital", name="CLS", value="none")
    send(world, "u0", "09:01", "web_vital", name="FID", value=1)
    send(world, "u0", "09:01", "other", name="LCP", value=9)
    answer = ask(world.settle(), "web-vitals")
    assert (answer["event"], answer["by"], answer["events"], answer["unique_visitors"]) == (
        "web_vital", ["properties.name"], 7, 2,
    )  # fmt: skip
    lcp, cls = answer["rows"]
    assert lcp == {
        "values": ["LCP"], "other": False, "events": 5, "unique_visitors": 2,
        "first_seen": "2026-03-10T09:00:00+00:00", "last_seen": "2026-03-10T09:00:00+00:00",
        "p50": pytest.approx(2501), "p75": pytest.approx(4000), "p95": pytest.approx(4000.8),
        "good": 40, "needs_improvement": 40, "poor": 20, "rating": "needs_improvement",
    }  # fmt: skip
    assert (cls["events"], cls["p75"], cls["good"], cls["rating"]) == (2, pytest.approx(0.1), 100, "good")


def test_web_vitals_by_page_and_over_time(world: World):
    send(world, "a", "09:00", "web_vital", "/slow", name="TTFB", value=5000)
    send(world, "a", "10:00", "web_vital", "/fast", name="TTFB", value=50)
    answer = ask(world.settle(), "web-vitals", "path", interval="hour")
    assert {tuple(row["values"]): row["rating"] for row in answer["rows"]} == {
        ("TTFB", "/slow"): "poor",
        ("TTFB", "/fast"): "good",
    }
    series = {point["date"][11:13]: point for point in answer["rows"][0]["series"]}
    by_path = {row["values"][1]: row["series"] for row in answer["rows"]}
    assert len(series) == 24
    assert [point["p75"] for point in by_path["/slow"][8:11]] == [None, 5000, None]
    assert [point["events"] for point in by_path["/fast"][8:11]] == [0, 0, 1]


def test_errors(world: World):
    send(world, "a", "09:00", "error", "/a", message="x is undefined", type="ReferenceError")
    send(world, "b", "10:00", "error", "/b", message="x is undefined", type="TypeError")
    send(world, "b", "11:00", "error", message="boom")
    first, second = ask(world.settle(), "errors")["rows"]
    assert (first["values"], first["events"], first["unique_visitors"]) == (["x is undefined"], 2, 2)
    assert (first["type"], first["path"], first["last_seen"]) == (
        "TypeError", "/b", "2026-03-10T10:00:00+00:00",
    )  # fmt: skip
    assert second["type"] is None


def test_scroll_depth(world: World):
    for depth in (10, 25, 60, 100):
        send(world, "a", "09:00", "scroll_depth", "/a", depth=depth)
    send(world, "a", "09:00", "scroll_depth", "/b")
    rows = {row["values"][0]: row for row in ask(world.settle(), "scroll-depth")["rows"]}
    numbers = ("average_depth", "reached_25", "reached_50", "reached_75", "reached_100")
    assert [rows["/a"][name] for name in numbers] == [48.75, 75, 50, 25, 25]
    assert [rows["/b"][name] for name in numbers] == [None, 0, 0, 0, 0]


@pytest.mark.parametrize(("path", "event"), [("downloads", "file_download"), ("outgoing-links", "link_out")])
def test_addresses(world: World, path: str, event: str):
    for number in range(4):
        for _ in range(number):
            send(world, f"u{number}", "09:00", event, href=f"https://x.example/{number}")
    rows = ask(world.settle(), path, limit=1)["rows"]
    assert [(row["values"], row["events"], row["unique_visitors"], row["other"]) for row in rows] == [
        (["https://x.example/3"], 3, 1, False),
        (["(other)"], 3, 2, True),
    ]


def test_pages_that_were_not_found(world: World):
    world.see("a", "09:00", "/lost", referrer="https://y.example/")
    world.see("a", "09:00", name="not_found", path="/lost")
    (row,) = ask(world.settle(), "not-found")["rows"]
    assert (row["values"], row["referrer"]) == (["/lost"], "https://y.example/")


def test_compared(world: World):
    send(world, "a", "2026-03-09T09:00", "error", message="old")
    send(world, "a", "2026-03-09T09:00", "error", message="same")
    send(world, "a", "09:00", "error", message="same")
    send(world, "b", "09:30", "error", message="same")
    before = world.settle().ask(start="2026-03-09", end="2026-03-10").span
    same, other = ask(world, "errors", compared=before, interval="day")["rows"]
    assert (same["previous"]["events"], same["change"]) == (1, {"events": 1, "unique_visitors": 1})
    assert same["series"][0]["previous"]["events"] == 1
    assert (other["values"], other["events"], other["previous"]["events"]) == (["(other)"], 0, 1)
    assert other["change"]["events"] == -1


def test_nothing(world: World):
    assert ask(world, "web-vitals", "path", interval="day")["rows"] == []


def test_not_by_the_same_twice(world: World):
    with pytest.raises(InvalidInput) as error:
        ask(world, "not-found", "path")
    assert error.value.field == "dimension"
