"""`revenue` by hand: per currency, over time, by value, compared."""

from typing import Any

from eventlens.insights.money import digits
from eventlens.insights.revenue import Revenues, revenue
from tests.insights.world import World


def sell(world: World, who: str | int, when: str, amount: int, currency: str = "EUR", **more: Any) -> None:
    world.see(who, when, name="revenue", revenue=amount, currency=currency, **more)


def ask(world: World, *dimensions: str, limit: int = 10, **asked: Any) -> Any:
    return revenue(world.store, world.ask(**asked), dimensions, limit)


def shop(world: World) -> World:
    """a buys twice and gives one back, b buys in two currencies, c looks, nobody pays 5."""
    sell(world, "a", "09:00", 1000, country="DE")
    sell(world, "a", "09:10", 500, country="DE")
    sell(world, "a", "10:00", -400, country="DE")
    sell(world, "b", "11:00", 300, country="FR")
    sell(world, "b", "11:00", 7000, "JPY", country="FR")
    world.see("c", "12:00", "/", country="DE")
    sell(world, 0, "13:00", 5, "", session=0)
    sell(world, "c", "13:00", 0, "USD")
    return world.settle()


def test_each_currency_for_itself(world: World):
    found = ask(shop(world))
    assert found.visitors == 3
    euros, nameless, yen = found.currencies
    assert [each.currency for each in found.currencies] == ["EUR", None, "JPY"]
    assert (euros.amount, euros.orders, euros.ordered, euros.refunds, euros.refunded) == (
        1400,
        3,
        1800,
        1,
        400,
    )
    assert (euros.average_order, euros.paying_visitors) == (600, 2)
    assert euros.revenue_per_visitor == 1400 / 3
    assert (yen.amount, yen.paying_visitors, yen.digits) == (7000, 1, 0)
    assert (nameless.amount, nameless.paying_visitors, nameless.digits) == (5, 0, None)


def test_one_person_of_two_devices_pays_once(world: World):
    sell(world, "a", "09:00", 100)
    sell(world, "b", "09:00", 100)
    world.settle().is_person("b", "a")
    found = ask(world, identified=True)
    assert (found.visitors, found.currencies[0].paying_visitors) == (1, 1)


def test_only_refunds(world: World):
    sell(world, "a", "09:00", -100)
    (euros,) = ask(world.settle()).currencies
    assert (euros.amount, euros.orders, euros.average_order, euros.paying_visitors) == (-100, 0, None, 0)


def test_nothing_earned(world: World):
    world.see("a", "09:00", "/")
    assert ask(world.settle(), "country", interval="hour") == Revenues(visitors=1, currencies=[])


def test_over_time(world: World):
    euros, *_ = ask(shop(world), interval="hour").currencies
    assert isinstance(euros.series, list)
    earned = {row.date[11:13]: row for row in euros.series if row.orders or row.refunds}
    assert {hour: (row.amount, row.orders) for hour, row in earned.items()} == {
        "09": (1500, 2),
        "10": (-400, 0),
        "11": (300, 1),
    }
    assert len(euros.series) == 24
    assert earned["09"].revenue_per_visitor == 1500
    assert euros.series[12].revenue_per_visitor == 0
    assert euros.series[0].revenue_per_visitor is None


def test_by_value_with_all_others_together(world: World):
    for number in range(5):
        sell(world, f"u{number}", "09:00", 100 + number, city=f"C{number}")
    sell(world, "u0", "09:01", 1, city="C1")
    (euros,) = ask(world.settle(), "city", limit=2).currencies
    assert isinstance(euros.rows, list)
    assert [(row.values, row.amount, row.paying_visitors, row.other) for row in euros.rows] == [
        (["C4"], 104, 1, False),
        (["C3"], 103, 1, False),
        (["(other)"], 100 + 101 + 102 + 1, 3, True),
    ]


def test_by_two_and_by_groups(world: World):
    sell(world, "a", "09:00", 100, country="DE", groups=["x", "y", "z"])
    sell(world, "b", "09:00", 40, country="FR", groups=["x"])
    sell(world, "c", "09:00", 7, country="FR")
    world.settle()
    (euros,) = ask(world, "group", "country").currencies
    assert isinstance(euros.rows, list)
    assert euros.amount == 147
    assert sorted((row.values, row.amount) for row in euros.rows if row.values[0]) == [
        (["x", "DE"], 100),
        (["x", "FR"], 40),
        (["y", "DE"], 100),
        (["z", "DE"], 100),
    ]
    (euros,) = ask(world, "group", limit=1).currencies
    assert isinstance(euros.rows, list)
    assert [(row.values, row.amount) for row in euros.rows] == [(["x"], 140), (["(other)"], 107)]


def test_values_are_ranked_by_the_currency_of_most_orders(world: World):
    sell(world, "a", "09:00", 900_000, "JPY", country="JP")
    sell(world, "b", "09:00", 100, country="DE")
    sell(world, "b", "09:01", 100, country="DE")
    euros, yen = ask(world.settle(), "country", limit=1).currencies
    assert isinstance(euros.rows, list)
    assert isinstance(yen.rows, list)
    assert [row.values for row in euros.rows] == [["DE"]]
    assert [row.values for row in yen.rows] == [["(other)"]]


def test_compared(world: World):
    sell(world, "a", "2026-03-09T10:00", 200)
    sell(world, "a", "2026-03-09T11:00", 30, "USD")
    sell(world, "a", "10:00", 100)
    world.settle()
    before = world.ask(start="2026-03-09", end="2026-03-10").span
    euros, dollars = ask(world, "country", interval="hour", compared=before).currencies
    assert euros.previous is not None
    assert euros.change["amount"] == -0.5
    assert (dollars.currency, dollars.amount, dollars.previous.amount) == ("USD", 0, 30)
    assert euros.series[10].previous.amount == 200
    assert euros.rows[0].previous.amount == 200


def test_decimals_of_currencies():
    assert [digits(each) for each in ("EUR", "JPY", "KWD", "")] == [2, 0, 3, None]
