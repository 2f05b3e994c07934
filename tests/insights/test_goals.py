"""Goals by hand: what they match, and how many reach them."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec import UNSET

from eventlens.errors import InvalidInput
from eventlens.insights.goals import Goal, GoalDefinition, conversions, goal_condition
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from tests.insights.world import World

QUESTION = Question(project_id="p", span=Span(0, 1), zone=ZoneInfo("UTC"))


def goal(own: str = "g", **definition: Any) -> Goal:
    return Goal(own, goal_condition(GoalDefinition(**definition), QUESTION))


def ask(world: World, *goals: Goal, dimensions: tuple[str, ...] = (), limit: int = 10, **asked: Any) -> Any:
    """By the goal's id: the numbers, or (whole, series, rows) where more was asked for."""
    found = conversions(world.store, world.ask(**asked), goals, dimensions, limit)
    if not dimensions and "interval" not in asked:
        return {own: msgspec.to_builtins(each.whole) for own, each in found.items()}
    return {
        own: tuple(
            None if part is UNSET else msgspec.to_builtins(part)
            for part in (each.whole, each.series, each.rows)
        )
        for own, each in found.items()
    }


def shop(world: World) -> World:
    """Four visitors in five sessions; a buys twice in one session, b once in the second of two."""
    world.see("a", "09:00", "/", country="DE")
    world.see("a", "09:01", name="buy", revenue=500, currency="EUR", country="DE")
    world.see("a", "09:02", name="buy", revenue=700, currency="USD", country="DE")
    world.see("b", "09:00", "/", country="FR")
    world.see("b", "12:00", "/thanks/1", country="FR")
    world.see("b", "12:01", name="buy", country="FR")
    world.see("c", "09:00", "/thanks", country="FR")
    world.see("d", "13:00", "/about", country="DE")
    return world.settle()


BUY = goal("buy", event="buy")
THANKS = goal("thanks", page="/thanks*")


def test_of_an_event_and_of_a_page(world: World):
    found = ask(shop(world), BUY, THANKS)
    assert found["buy"] == {
        "unique_conversions": 2,
        "total_conversions": 3,
        "conversion_rate": 50,
        "converting_sessions": 2,
        "session_conversion_rate": 40,
        "visitors": 4,
        "sessions": 5,
        "revenue": [
            {"currency": "EUR", "digits": 2, "amount": 500, "orders": 1},
            {"currency": "USD", "digits": 2, "amount": 700, "orders": 1},
        ],
    }
    assert (found["thanks"]["unique_conversions"], found["thanks"]["revenue"]) == (2, [])


def test_two_devices_of_a_person_convert_once(world: World):
    shop(world).is_person("b", "a")
    found = ask(world, BUY, identified=True)["buy"]
    assert (found["unique_conversions"], found["visitors"], found["total_conversions"]) == (1, 3, 3)


def test_no_visitors(world: World):
    found = ask(world, BUY)["buy"]
    assert (found["conversion_rate"], found["session_conversion_rate"], found["visitors"]) == (0, 0, 0)


def test_filters_of_the_goal_and_of_the_question(world: World):
    german = [{"name": "country", "operator": "is", "value": ["DE"]}]
    own = goal(event="buy", filters=german)
    found = ask(shop(world), own)["g"]
    assert (found["unique_conversions"], found["visitors"]) == (1, 4)
    asked = goal_condition(GoalDefinition(page="*", filters=german), QUESTION)
    found = ask(world, goal(page="/"), condition=asked)["g"]
    assert (found["unique_conversions"], found["visitors"], found["sessions"]) == (1, 2, 2)


def test_over_time(world: World):
    _, series, _ = ask(shop(world), BUY, interval="hour")["buy"]
    numbers = {row["date"][11:13]: row for row in series}
    assert len(series) == 24
    assert (numbers["09"]["unique_conversions"], numbers["09"]["conversion_rate"]) == (
        1,
        pytest.approx(100 / 3),
    )
    assert (numbers["12"]["unique_conversions"], numbers["12"]["conversion_rate"]) == (1, 100)
    assert (numbers["13"]["unique_conversions"], numbers["13"]["visitors"]) == (0, 1)
    assert numbers["09"]["revenue"][0]["amount"] == 500


def test_by_value(world: World):
    _, _, rows = ask(shop(world), BUY, dimensions=("country",), limit=1)["buy"]
    assert [(row["values"], row["unique_conversions"], row["visitors"], row["other"]) for row in rows] == [
        (["DE"], 1, 2, False),
        (["(other)"], 1, 2, True),
    ]
    assert rows[0]["revenue"][0]["amount"] == 500
    assert rows[1]["revenue"] == []


def test_compared(world: World):
    world.see("a", "2026-03-09T09:00", name="buy")
    shop(world)
    before = world.ask(start="2026-03-09", end="2026-03-10").span
    whole, series, rows = ask(world, BUY, dimensions=("country",), interval="day", compared=before)["buy"]
    assert whole["previous"]["conversion_rate"] == 100
    assert whole["change"] == {
        "unique_conversions": 1, "total_conversions": 2, "conversion_rate": -0.5,
        "converting_sessions": 1, "session_conversion_rate": -0.6, "visitors": 3, "sessions": 4,
    }  # fmt: skip
    assert series[0]["previous"]["total_conversions"] == 1
    assert [(row["values"], row["previous"] and row["previous"]["visitors"]) for row in rows] == [
        (["DE"], None),
        (["FR"], None),
        (["(other)"], 1),
    ]


def test_many_goals_are_read_some_at_a_time(world: World):
    goals = [goal(f"g{number}", event="buy" if number % 2 else "none") for number in range(23)]
    found = ask(shop(world), *goals)
    assert [each["total_conversions"] for each in found.values()] == [0, 3] * 11 + [0]


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/a", "/a", True),
        ("/a", "/a/", False),
        ("/a", "/ab", False),
        ("/a*", "/ab/c", True),
        ("*/c", "/ab/c", True),
        ("*/c", "/ab/cd", False),
        ("/a*c*e", "/abcde", True),
        ("/a.c*", "/abc", False),
        ("/a (b)*", "/a (b)c", True),
        ("/ä*", "/ä\nö", True),
        ("*", "/", True),
        ("/a+*", "/aa", False),
    ],
)
def test_stars_are_any_characters(world: World, pattern: str, path: str, matches: bool):
    world.see("a", "09:00", path)
    world.see("a", "09:00", name="click", path=path)
    assert ask(world.settle(), goal(page=pattern))["g"]["total_conversions"] == int(matches)


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ({}, "event"),
        ({"event": "a", "page": "/"}, "event"),
        ({"event": ""}, "event"),
        ({"event": "a" * 2001}, "event"),
        ({"page": "thanks"}, "page"),
        ({"page": ""}, "page"),
        ({"page": "/" + "*" * 11}, "page"),
        ({"event": "a", "filters": [{"name": "x", "operator": "is", "value": ["y"]}]}, "filters/0/name"),
        ({"event": "a", "filters": 5}, "filters"),
    ],
)
def test_what_is_no_goal(definition: dict[str, Any], field: str):
    with pytest.raises(InvalidInput) as error:
        goal_condition(GoalDefinition(**definition), QUESTION)
    assert error.value.field == field
