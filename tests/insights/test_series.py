"""`series` by hand: every metric, formulas, values, comparison; and what is refused."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from eventlens.errors import InvalidInput
from eventlens.insights import series as module
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.insights.series import series
from eventlens.insights.series_asked import FormulaItem, Given, SeriesItem, read_series
from tests.insights.world import World

QUESTION = Question(project_id="p", span=Span(0, 1), zone=ZoneInfo("UTC"))


def no_goal(_question: Any, _name: str, field: str) -> Any:
    raise InvalidInput("There is no such goal.", field=field)


def read(*items: dict[str, Any], formulas: Any = (), breakdown: Any = None, limit: int | None = None) -> Any:
    """As from a body; a formula may be its expression alone."""
    given = [each if isinstance(each, dict) else {"expression": each} for each in formulas]
    return read_series(
        Given(
            [msgspec.convert(item, SeriesItem) for item in items],
            [msgspec.convert(item, FormulaItem) for item in given],
            breakdown,
            limit,
        ),
        QUESTION,
        no_goal,
    )


def ask(world: World, *items: dict[str, Any], asked: dict[str, Any] | None = None, **more: Any) -> Any:
    """The lines; `asked` is of the question."""
    question = world.ask(**{"interval": "hour", **(asked or {})})
    return msgspec.to_builtins(series(world.store, question, read(*items, **more)))


def totals(answer: Any) -> dict[str, Any]:
    return {line["id"]: line["total"] for line in answer["lines"]}


def rows(answer: Any) -> list[tuple[Any, ...]]:
    """(values, total) of each line."""
    return [(line["values"] and tuple(line["values"]), line["total"]) for line in answer["lines"]]


def shop(world: World) -> World:
    """a: 10 and 20 at 9, b: 30 at 9 and "40" at 11, c: no number; each in one session but b in two."""
    world.see("a", "09:00", name="buy", properties='{"n":10}', country="DE")
    world.see("a", "09:05", name="buy", properties='{"n":20}', country="DE")
    world.see("b", "09:00", name="buy", properties='{"n":30}', country="FR")
    world.see("b", "11:00", name="buy", properties='{"n":"40"}', country="FR")
    world.see("c", "12:00", name="buy", properties='{"n":"many"}', country="FR")
    world.see("d", "12:00", "/", country="FR", properties='{"n":1000}')
    return world.settle()


@pytest.mark.parametrize(
    ("item", "total", "at_nine"),
    [
        ({}, 6, 3),
        ({"event": "buy"}, 5, 3),
        ({"metric": "unique_visitors"}, 4, 2),
        ({"metric": "unique_visitors", "event": "buy"}, 3, 2),
        ({"metric": "total_sessions", "event": "buy"}, 4, 2),
        ({"metric": "events_per_visitor", "event": "buy"}, 5 / 3, 1.5),
        ({"metric": "sum", "property": "properties.n", "event": "buy"}, 100, 60),
        ({"metric": "avg", "property": "properties.n", "event": "buy"}, 25, 20),
        ({"metric": "min", "property": "properties.n", "event": "buy"}, 10, 10),
        ({"metric": "max", "property": "properties.n", "event": "buy"}, 40, 30),
        ({"metric": "median", "property": "properties.n", "event": "buy"}, 25, 20),
        ({"metric": "percentile", "property": "properties.n", "event": "buy", "percentile": 75}, 32.5, 25),
        ({"metric": "percentile", "property": "properties.n", "event": "buy", "percentile": 0}, 10, 10),
        ({"metric": "sum_per_visitor", "property": "properties.n", "event": "buy"}, 100 / 3, 30),
        ({"event": "buy", "filters": [{"name": "country", "operator": "is", "value": ["DE"]}]}, 2, 2),
        ({"metric": "sum", "property": "properties.none"}, 0, 0),
        ({"metric": "avg", "property": "properties.none"}, None, None),
        ({"event": "nothing"}, 0, 0),
        ({"metric": "max", "property": "properties.n", "event": "nothing"}, None, None),
        ({"metric": "events_per_visitor", "event": "nothing"}, None, None),
    ],
)
def test_metrics(world: World, item: dict[str, Any], total: Any, at_nine: Any):
    (line,) = ask(shop(world), item)["lines"]
    assert (line["total"], line["points"][9]) == (pytest.approx(total), pytest.approx(at_nine))
    assert len(line["points"]) == 24
    empty = line["points"][3]
    assert empty == (0 if total is not None and item.get("metric", "sum") in ADDING else None)


ADDING = ("total_events", "unique_visitors", "total_sessions", "sum")


def test_a_session_counts_where_it_starts(world: World):
    world.see("a", "08:50", "/")
    world.see("a", "09:10", name="buy")
    (line,) = ask(world.settle(), {"metric": "total_sessions", "event": "buy"})["lines"]
    assert (line["points"][8], line["points"][9]) == (1, 0)


def test_the_filters_of_the_question_hold_for_all_series(world: World):
    only = {"condition": read({"filters": [{"name": "country", "operator": "is", "value": ["FR"]}]})
            .series[0].condition}  # fmt: skip
    found = totals(ask(shop(world), {}, {"event": "buy"}, asked=only))
    assert found == {"A": 4, "B": 3}


def test_revenue_in_one_currency(world: World):
    world.see("a", "09:00", name="revenue", revenue=100, currency="EUR")
    world.see("a", "09:00", name="revenue", revenue=900, currency="USD")
    item = {"metric": "sum", "property": "revenue", "currency": "eur"}
    assert totals(ask(world.settle(), item)) == {"A": 100}


def test_formulas(world: World):
    answer = ask(
        shop(world),
        {"metric": "unique_visitors", "event": "buy", "id": "buyers"},
        {"metric": "unique_visitors", "hidden": True},
        formulas=["buyers / B * 100", {"expression": "F1 / 100", "id": "share", "name": "Share"}],
    )
    assert [(line["id"], line["kind"], line["name"]) for line in answer["lines"]] == [
        ("buyers", "series", "unique_visitors: buy"),
        ("F1", "formula", "buyers / B * 100"),
        ("share", "formula", "Share"),
    ]
    assert totals(answer) == {"buyers": 3, "F1": 75, "share": 0.75}
    assert answer["lines"][1]["points"][9] == 100
    assert answer["lines"][1]["points"][12] == 50
    assert answer["lines"][1]["points"][3] is None


def test_by_value(world: World):
    for number in range(5):
        for _ in range(number):
            world.see(f"u{number}", "09:00", name="buy", city=f"C{number}")
    world.see("u4", "10:00", name="buy", city="C1")
    answer = ask(
        world.settle(), {"event": "buy"}, {"metric": "unique_visitors"}, formulas=["A / B"],
        breakdown="city", limit=2,
    )  # fmt: skip
    assert rows(answer) == [
        (None, 11), (None, 4), (None, 2.75),
        (("C4",), 4), (("C4",), 1), (("C4",), 4),
        (("C3",), 3), (("C3",), 1), (("C3",), 3),
        (("(other)",), 4), (("(other)",), 3), (("(other)",), pytest.approx(4 / 3)),
    ]  # fmt: skip
    assert [line["other"] for line in answer["lines"]] == [False] * 9 + [True] * 3
    assert answer["lines"][-3]["points"][9:11] == [3, 1]


def test_values_that_only_a_later_series_has(world: World):
    world.see("a", "09:00", name="buy", city="X")
    world.see("b", "09:00", "/", city="Y")
    answer = ask(world.settle(), {"event": "buy"}, {}, breakdown="city", limit=2)
    assert rows(answer) == [(None, 1), (None, 2), (("X",), 1), (("X",), 1), (("Y",), 0), (("Y",), 1)]


def test_averages_are_ranked_by_their_events(world: World):
    for when in ("09:00", "09:01"):
        world.see("a", when, name="buy", city="often", properties='{"n":1}')
    world.see("a", "09:02", name="buy", city="once", properties='{"n":100}')
    item = {"metric": "avg", "property": "properties.n"}
    answer = ask(world.settle(), item, breakdown="city", limit=1)
    assert rows(answer) == [(None, 34), (("often",), 1), (("(other)",), 100)]


def test_values_as_they_were_sent_and_two_at_once(world: World):
    world.see("a", "09:00", name="buy", city="X", properties='{"n":5}')
    world.see("a", "09:00", name="buy", city="X", properties='{"n":true}')
    world.see("a", "09:00", name="buy")
    answer = ask(world.settle(), {}, breakdown=["properties.n", "city"])
    assert sorted(rows(answer)[1:], key=repr) == [((5, "X"), 1), ((None, None), 1), ((True, "X"), 1)]


def test_whoever_has_several_of_the_other_values_counts_once(world: World):
    world.see("a", "09:00", groups=["x", "y", "z"])
    world.see("b", "09:00", groups=["x"])
    assert rows(ask(world.settle(), {}, breakdown="group", limit=1)) == [
        (None, 2), (("x",), 2), (("(other)",), 1),
    ]  # fmt: skip


def test_sessions_by_value(world: World):
    world.see("a", "09:00", "/", city="X")
    world.see("a", "09:01", "/", city="Y")
    world.see("b", "09:00", "/", city="Y")
    answer = ask(world.settle(), {"metric": "total_sessions"}, breakdown="city", limit=1)
    assert rows(answer) == [(None, 2), (("Y",), 2), (("(other)",), 1)]


def test_compared(world: World):
    world.see("a", "2026-03-09T09:30", name="buy")
    world.see("b", "2026-03-09T09:30", name="buy", city="Z")
    world.see("a", "09:00", name="buy")
    world.settle()
    before = {"compared": world.ask(start="2026-03-09", end="2026-03-10").span}
    answer = ask(world, {"event": "buy"}, {"event": "x"}, formulas=["A / B"], breakdown="city", asked=before)
    assert answer["previous_dates"][9] == "2026-03-09T09:00:00+00:00"
    one, none, formula, *by_city = answer["lines"]
    assert (one["total"], one["previous"]["total"], one["change"]) == (1, 2, -0.5)
    assert (one["points"][9], one["previous"]["points"][9]) == (1, 2)
    assert (none["total"], none["previous"]["total"], none["change"]) == (0, 0, None)
    assert (formula["previous"]["total"], formula["change"]) == (None, None)
    assert [(line["values"], line["total"], line["previous"]["total"]) for line in by_city[::3]] == [
        ([None], 1, 1),
        (["(other)"], 0, 1),
    ]


def test_percentiles_of_very_many_are_approximate(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_EXACT", 4)
    item = {"metric": "median", "property": "properties.n", "event": "buy"}
    question = world.ask(interval="hour")
    answer = series(shop(world).store, question, read(item))
    assert not question.trace.exact
    assert 20 <= (answer.lines[0].total or 0) <= 30


def test_1_and_true_are_different_filters(world: World):
    world.see("a", "09:00", properties='{"x":1}')
    world.see("a", "09:01", properties='{"x":1}')
    world.see("a", "09:02", properties='{"x":true}')
    items = [
        {"filters": [{"name": "properties.x", "operator": "is", "value": [value]}]} for value in (1, True)
    ]
    assert totals(ask(world.settle(), *items)) == {"A": 2, "B": 1}


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"items": []}, "series", "1 to 10 series."),
        ({"items": [{}] * 11}, "series", "1 to 10 series."),
        ({"items": [{"metric": "x"}]}, "series/0/metric", "Unknown metric 'x'; one of total_events, "),
        ({"items": [{}, {"metric": "sum"}]}, "series/1/property", "sum needs a property"),
        ({"items": [{"property": "properties.n"}]}, "series/0/property", "total_events takes no property."),
        ({"items": [{"metric": "sum", "property": "city"}]}, "series/0/property", "'city' is no number"),
        ({"items": [{"metric": "sum", "property": "properties."}]}, "series/0/property", "A property's key"),
        ({"items": [{"metric": "sum", "property": "revenue"}]}, "series/0/currency", "needs a currency"),
        ({"items": [{"currency": "EUR"}]}, "series/0/currency", "goes with the property revenue"),
        (
            {"items": [{"metric": "percentile", "property": "properties.n"}]},
            "series/0/percentile",
            "percentile is a number from 0 to 100.",
        ),
        (
            {"items": [{"metric": "percentile", "property": "properties.n", "percentile": 101}]},
            "series/0/percentile",
            "percentile is a number from 0 to 100.",
        ),
        ({"items": [{"percentile": 5}]}, "series/0/percentile", "goes with the metric percentile"),
        ({"items": [{"event": ""}]}, "series/0/event", "1 to 2000 characters"),
        ({"items": [{"event": "x" * 2001}]}, "series/0/event", "1 to 2000 characters"),
        (
            {"items": [{"metric": "sum", "property": "revenue", "currency": "euros"}]},
            "series/0/currency",
            "such as EUR",
        ),
        ({"items": [{"event": "a", "goal": "g"}]}, "series/0/goal", "either event or goal"),
        ({"items": [{"goal": "g"}]}, "series/0/goal", "no such goal"),
        ({"items": [{"filters": [{"name": "x"}]}]}, "series/0/filters/0/name", "Unknown name 'x'"),
        ({"items": [{"id": "1"}]}, "series/0/id", "begins with a letter"),
        ({"items": [{"id": "B"}, {}]}, "series/1/id", "The id B is given twice."),
        ({"items": [{}], "formulas": [{"expression": "A", "id": "A"}]}, "formulas/0/id", "given twice"),
        ({"items": [{}], "formulas": ["A / C"]}, "formulas/0/expression", "Unknown name 'C'"),
        ({"items": [{}], "formulas": ["F1"]}, "formulas/0/expression", "Unknown name 'F1'"),
        ({"items": [{}], "formulas": ["A"] * 11}, "formulas", "0 to 10 formulas."),
        ({"items": [{"name": ""}]}, "series/0/name", "A name has 1 to 200 characters."),
        ({"items": [{}], "breakdown": "color"}, "breakdown", "Unknown dimension 'color'"),
        ({"items": [{}], "breakdown": ["city", "city"]}, "breakdown", "different dimensions"),
        ({"items": [{}], "limit": 0}, "limit", "limit is a whole number from 1 to 100."),
        ({"items": [{}], "limit": 101}, "limit", "limit is a whole number from 1 to 100."),
    ],
)
def test_what_is_wrong_is_told_with_its_field(given: dict[str, Any], field: str, message: str):
    items = given.pop("items")
    with pytest.raises(InvalidInput) as error:
        read(*items, **given)
    assert error.value.field == field
    assert message in error.value.message


def test_an_answer_has_bounds(world: World):
    with pytest.raises(InvalidInput, match="1020 lines of 100 points are more than 100000 numbers"):
        ask(
            world, *[{}] * 10, breakdown="city", limit=100,
            asked={"start": "2026-01-01", "end": "2026-04-11", "interval": "day"},
        )  # fmt: skip
