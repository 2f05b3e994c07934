import json
from dataclasses import replace

import pytest
from msgspec import to_builtins

from eventlens.errors import InvalidInput
from eventlens.insights.breakdowns import breakdown, by_value
from eventlens.insights.dimensions_asked import read_dimensions
from eventlens.insights.filters import Test
from eventlens.insights.totals import totals
from tests.insights.world import World


def rows(world: World, dimension: str, **asked):
    return {row.value: row for row in by_value(world.settle().store, world.ask(**asked), dimension)}


def test_direct_is_the_null_row(world: World):
    world.see("a", "10:00", "/", referrer_name="Google", referrer_type="search")
    world.see("a", "10:01", "/b")
    world.see("b", "10:00", "/")
    found = rows(world, "referrer_name")
    assert {
        value: (row.unique_visitors, row.sessions, row.views, row.bounce_rate) for value, row in found.items()
    } == {"Google": (1, 1, 2, 0), None: (1, 1, 1, 100)}
    assert set(rows(world, "referrer_type")) == {"search", "direct"}


def test_a_session_counts_for_every_value_of_its_events(world: World):
    world.see("a", "10:00", "/", country="DE")
    world.see("a", "10:01", "/", country="AT")
    world.see("b", "10:00", "/", country="AT")
    found = rows(world, "country")
    assert {value: (row.sessions, row.views, row.bounce_rate) for value, row in found.items()} == {
        "AT": (2, 2, 50),
        "DE": (1, 1, 0),
    }


def test_a_row_is_the_answer_to_a_filter_on_its_value(world: World):
    for index, country in enumerate(["DE", "AT", "DE", "", "CH", "DE", "AT"]):
        world.see(f"v{index % 3}", f"10:0{index}", "/", country=country, browser=["Edge", ""][index % 2])
    world.settle()
    for dimension in ("country", "browser"):
        for value, row in rows(world, dimension).items():
            condition = Test(dimension, "is", (value,)) if value else Test(dimension, "isNull")
            whole = totals(world.store, world.ask(condition=condition))
            assert (row.unique_visitors, row.sessions, row.views, row.bounce_rate) == (
                whole.unique_visitors,
                whole.total_sessions,
                whole.total_screen_views,
                whole.bounce_rate,
            )


def test_a_row_with_no_previous_value_shows_none(world: World):
    world.see("a", "10:00", "/", browser="Firefox")
    world.see("b", "10:00", "/", browser="Safari")
    for who in ("a", "b", "c"):
        world.see(who, "2026-03-09T10:00", "/", browser="Firefox")
    found = rows(world, "browser", compared=world.ask("2026-03-09", "2026-03-10").span)
    firefox, safari = (to_builtins(found[name]) for name in ("Firefox", "Safari"))
    assert firefox["previous"]["unique_visitors"] == 3
    assert firefox["change"]["unique_visitors"] == -2 / 3
    assert safari["previous"] is None
    assert safari["change"]["unique_visitors"] is None


def test_ties_are_ordered_by_value(world: World):
    for browser in ("Safari", "Chrome", "Edge"):
        world.see(browser, "10:00", "/", browser=browser)
    assert list(rows(world, "browser")) == ["Chrome", "Edge", "Safari"]
    assert list(rows(world, "browser", limit=1, offset=1)) == ["Edge"]


def test_two_dimensions_and_properties(world: World):
    world.see("a", "10:00", country="DE", properties='{"plan":"pro","seats":5}')
    world.see("a", "10:10", country="DE", properties='{"plan":"pro","seats":7}')
    world.see("b", "10:00", country="DE", properties="{}")
    metrics = ("total_events", "avg_session_duration")
    found = breakdown(world.settle().store, world.ask(), ("country", "properties.plan"), metrics)
    assert found == [
        {"values": ["DE", "pro"], "total_events": 2, "avg_session_duration": 600},
        {"values": ["DE", None], "total_events": 1, "avg_session_duration": 0},
    ]
    counted = breakdown(world.store, world.ask(), ("properties.seats",), ("unique_visitors",))
    assert [row["values"] for row in counted] == [[None], [5], [7]]


def test_values_come_back_as_they_were_sent(world: World):
    """A value that some event sent as a text is a text: one row has one value."""
    sent = [
        5,
        5.0,
        2.5,
        True,
        False,
        None,
        "",
        "plain",
        "7",
        7,
        "true story",
        ["a", 1],
        {"k": [None]},
        "null",
        "[1]",
    ]
    for index, value in enumerate(sent):
        world.see("a", f"10:{index:02}", properties=json.dumps({"v": value, "a.b": {"c,d": index}}))
    world.settle()
    found = breakdown(world.store, world.ask(), ("properties.v",), ("total_events",))
    rows = {json.dumps(row["values"][0]): row["total_events"] for row in found}
    assert rows == {
        "5": 2,
        "2.5": 1,
        "true": 1,
        "false": 1,
        "null": 2,
        '"plain"': 1,
        '"7"': 2,
        '"true story"': 1,
        '["a", 1]': 1,
        '{"k": [null]}': 1,
        '"null"': 1,
        '"[1]"': 1,
    }
    exact = read_dimensions('properties.["a.b","c,d"],country')
    pairs = breakdown(world.store, world.ask(), exact, ("total_events",))
    assert [row["values"] for row in pairs] == [[index, None] for index in sorted(range(len(sent)), key=str)]
    (row,) = breakdown(world.store, world.ask(), ("revenue",), ("total_events",))
    assert row["values"] == [None]


def test_a_row_of_a_property_is_the_answer_to_a_filter_on_its_value(world: World):
    for index, value in enumerate([5, "5", 5.5, True, "true", [5], "x", None]):
        world.see(f"v{index}", "10:00", "/", properties=json.dumps({"v": value}))
    world.settle()
    for row in breakdown(world.store, world.ask(), ("properties.v",), ("total_events",)):
        (value,) = row["values"]
        if isinstance(value, list | type(None)):
            continue
        whole = totals(world.store, world.ask(condition=Test("properties.v", "is", (value,))))
        assert whole.total_events == row["total_events"] + (value == "5")  # also a member of the array


def test_revenue_is_a_number(world: World):
    world.see("a", "10:00", revenue=1999, currency="EUR")
    (row,) = breakdown(world.settle().store, world.ask(), ("revenue", "currency"), ("total_events",))
    assert row["values"] == [1999, "EUR"]


def test_names_joined_by_commas():
    assert read_dimensions("country,city") == ("country", "city")
    for text in ("", "country,", "country,country", "country,city,os", 'properties.["a', "properties."):
        with pytest.raises(InvalidInput) as refused:
            read_dimensions(text)
        assert refused.value.field == "dimension"


def test_compared_breakdown(world: World):
    world.see("a", "10:00", country="DE")
    world.see("a", "2026-03-09T10:00", country="DE")
    world.see("a", "2026-03-09T10:00", country="DE")
    question = replace(world.settle().ask(), compared=world.ask("2026-03-09", "2026-03-10").span)
    (row,) = breakdown(world.store, question, ("country",), ("total_events",))
    assert (row["previous"], row["change"]) == (
        {"values": ["DE"], "total_events": 2},
        {"total_events": -0.5},
    )


def test_as_many_values_as_the_limit_allows(world: World):
    """Ten thousand long values are compared in one question: no address is that long."""
    for index in range(1500):
        for when in ("2026-03-09T10:00", "2026-03-10T10:00"):
            world.see("a", when, referrer=f"https://{index}.example/{'x' * 1000}", session=index + 1)
    compared = world.ask("2026-03-09", "2026-03-10").span
    found = rows(world, "referrer", compared=compared, limit=10_000)
    assert len(found) == 1500
    assert all(to_builtins(row)["previous"]["sessions"] == 1 for row in found.values())
