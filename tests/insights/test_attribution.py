"""Attribution by hand: which visit a conversion is credited to."""

from typing import Any

import msgspec
import pytest

from eventlens.errors import InvalidInput
from eventlens.insights.attribution import AskedAttribution, attribution, read_touch_dimensions
from eventlens.insights.filters import Test
from tests.insights.world import World

BOUGHT = Test("name", "is", ("buy",))


def ask(world: World, model: Any, dimension: str = "utm_source", **asked: Any) -> Any:
    more = {name: asked.pop(name) for name in ("lookback_days", "limit") if name in asked}
    wanted = AskedAttribution(model=model, dimensions=read_touch_dimensions(dimension), **more)
    question = world.ask(**{"condition": BOUGHT, **asked})
    return msgspec.to_builtins(attribution(world.store, question, wanted))


def rows(answer: Any) -> dict[Any, int]:
    return {
        tuple(row["values"]) if len(row["values"]) > 1 else row["values"][0]: row["conversions"]
        for row in answer["rows"]
    }


def visit(world: World, who: str | int, when: str, source: str = "", **more: Any) -> None:
    """A session of its own that begins like this."""
    kind = {"utm_source": source, "referrer_type": "ad" if source else "direct"}
    world.see(who, when, "/", **{**kind, **more})


def buy(world: World, who: str | int, when: str, **more: Any) -> None:
    world.see(who, when, name="buy", **more)


def journey(world: World) -> World:
    """a comes by news, then mail, then directly and buys twice; b buys at once."""
    visit(world, "a", "2026-03-01T09:00", "news")
    visit(world, "a", "2026-03-05T09:00", "mail")
    visit(world, "a", "09:00")
    buy(world, "a", "09:05", revenue=100, currency="EUR")
    buy(world, "a", "09:06", revenue=30, currency="USD")
    visit(world, "b", "10:00", "ads")
    buy(world, "b", "10:01", revenue=50, currency="EUR")
    return world.settle()


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("first", {"news": 2, "ads": 1}),
        ("last", {None: 2, "ads": 1}),
        ("last_non_direct", {"mail": 2, "ads": 1}),
    ],
)
def test_models(world: World, model: str, wanted: dict[Any, int]):
    assert rows(ask(journey(world), model)) == wanted


def test_a_row(world: World):
    answer = ask(journey(world), "first")
    assert (answer["conversions"], answer["converters"], answer["lookback_days"]) == (3, 2, 30)
    assert answer["revenue"] == [
        {"currency": "EUR", "digits": 2, "amount": 150, "orders": 2},
        {"currency": "USD", "digits": 2, "amount": 30, "orders": 1},
    ]
    assert answer["rows"][0] == {
        "values": ["news"],
        "other": False,
        "conversions": 2,
        "converters": 1,
        "share": pytest.approx(200 / 3),
        "revenue": [
            {"currency": "EUR", "digits": 2, "amount": 100, "orders": 1},
            {"currency": "USD", "digits": 2, "amount": 30, "orders": 1},
        ],
    }


def test_the_window_begins_so_many_days_before_the_conversion(world: World):
    visit(world, "a", "2026-03-03T12:00", "news")
    visit(world, "a", "12:00")
    buy(world, "a", "12:00")
    visit(world, "b", "2026-03-03T12:00", "mail")
    visit(world, "b", "12:00")
    buy(world, "b", "12:00:01")
    world.settle()
    assert rows(ask(world, "first", lookback_days=7)) == {"news": 1, None: 1}
    assert rows(ask(world, "last_non_direct", lookback_days=7)) == {"news": 1, None: 1}
    assert rows(ask(world, "first", lookback_days=8)) == {"news": 1, "mail": 1}


def test_what_comes_after_the_conversion_is_no_touch(world: World):
    visit(world, "a", "09:00", "news")
    buy(world, "a", "09:10")
    visit(world, "a", "12:00", "mail")
    buy(world, "b", "08:00", session=0)
    visit(world, "b", "09:00", "ads")
    world.settle()
    for model in ("first", "last", "last_non_direct"):
        assert rows(ask(world, model)) == {"news": 1, None: 1}


def test_a_touch_may_lie_before_the_span_and_on_another_device(world: World):
    visit(world, "phone", "2026-03-05T09:00", "news")
    visit(world, "desk", "09:00")
    buy(world, "desk", "09:10")
    world.settle().is_person("desk", "phone")
    assert rows(ask(world, "first", identified=True)) == {"news": 1}
    assert rows(ask(world, "last", identified=True)) == {None: 1}
    assert rows(ask(world, "last_non_direct", identified=True)) == {"news": 1}


def test_nobody_has_no_touches(world: World):
    buy(world, 0, "09:00", session=0)
    visit(world, 0, "08:00", "news")
    assert rows(ask(world.settle(), "last", "referrer_type")) == {"direct": 1}


def test_sessions_of_an_unknown_campaign_but_a_referrer_are_not_direct(world: World):
    visit(world, "a", "08:00", "news")
    visit(world, "a", "09:00", referrer_type="search", referrer_name="Google")
    visit(world, "a", "10:00")
    buy(world, "a", "10:01")
    world.settle()
    assert rows(ask(world, "last_non_direct")) == {None: 1}
    assert rows(ask(world, "last_non_direct", "referrer_name")) == {"Google": 1}
    assert rows(ask(world, "last_non_direct", "referrer_type,utm_source")) == {("search", None): 1}
    assert rows(ask(world, "first", "utm_source,referrer_type")) == {("news", "ad"): 1}


def test_filters_are_about_conversions(world: World):
    journey(world)
    world.see("c", "11:00", name="view")
    both = Test("name", "is", ("buy", "view"))
    assert rows(ask(world.settle(), "last", condition=both)) == {None: 3, "ads": 1}


def test_all_others_together(world: World):
    for number in range(4):
        visit(world, f"u{number}", "09:00", f"s{number}")
        for _ in range(number + 1):
            buy(world, f"u{number}", "09:01", revenue=1, currency="EUR")
    answer = ask(world.settle(), "last", limit=2)
    assert rows(answer) == {"s3": 4, "s2": 3, "(other)": 3}
    assert answer["rows"][-1]["other"]
    assert answer["rows"][-1]["converters"] == 2
    assert answer["rows"][-1]["revenue"][0]["amount"] == 3


def test_no_conversions(world: World):
    visit(world, "a", "09:00", "news")
    assert ask(world.settle(), "first") == {
        "model": "first", "lookback_days": 30, "conversions": 0, "converters": 0, "revenue": [], "rows": [],
    }  # fmt: skip


def test_compared(world: World):
    visit(world, "a", "2026-03-09T09:00", "news")
    buy(world, "a", "2026-03-09T09:01")
    buy(world, "c", "2026-03-09T09:01")
    journey(world)
    before = world.ask(start="2026-03-09", end="2026-03-10").span
    answer = ask(world, "last", compared=before, limit=1)
    assert [
        (row["values"], row["conversions"], row["previous"]["conversions"]) for row in answer["rows"]
    ] == [
        ([None], 2, 1),
        (["(other)"], 1, 1),
    ]
    assert answer["rows"][0]["change"]["conversions"] == 1


@pytest.mark.parametrize("text", ["path", "properties.x", "utm_source,path", "x", "utm_source,utm_source"])
def test_only_what_belongs_to_a_sessions_beginning(text: str):
    with pytest.raises(InvalidInput) as error:
        read_touch_dimensions(text)
    assert error.value.field == "dimension"
