"""Conditions on people: what they did, what their profiles say; on hand-made events."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eventlens.errors import InvalidInput
from eventlens.insights.breakdowns import breakdown
from eventlens.insights.explorer import events
from eventlens.insights.filters import Condition, Resolver, read_condition, within
from eventlens.insights.funnels import funnel
from eventlens.insights.funnels_asked import Given, StepItem, read_funnel
from eventlens.insights.live import live, live_span
from eventlens.insights.measures import Reading, measure, split_of, top_values
from eventlens.insights.pages import pages
from eventlens.insights.ranges import Span
from eventlens.insights.timeseries import timeseries
from eventlens.insights.totals import totals
from tests.insights.world import World, ms
from tests.insights.world import _node as node

UTC = ZoneInfo("UTC")
_arrivals = itertools.count(1)


def resolver(
    saved: dict[str, Any] | None = None, now: str = "2026-03-10T12:00", zone: str = "UTC"
) -> Resolver:
    found = saved or {}
    return Resolver(lambda kind, id_: found.get(f"{kind}:{id_}"), ms(now), ZoneInfo(zone), ZoneInfo(zone))


def read(document: Any, **asked: Any) -> Condition | None:
    """The condition of filters, as a question about the tests' day has it."""
    condition = read_condition(document, "filters", resolver(**asked))
    return condition and within(condition, Span(ms("2026-03-10T00:00"), ms("2026-03-11T00:00")))


def matching(world: World, document: Any, **asked: Any) -> str:
    """Ids of the matching events of the day, sorted."""
    question = world.ask(condition=read(document, **asked))
    return "".join(sorted(row.id for row in events(world.store, question).rows))


def did(name: str | None = None, **said: Any) -> dict[str, Any]:
    return {"did": ({"name": name} if name else {}) | said}


def did_not(name: str, **said: Any) -> dict[str, Any]:
    return {"didNot": {"name": name, **said}}


def known(
    world: World, who: str, name: str, value: object, when: str = "09:00", operation: str = "set"
) -> None:
    """A change of the profile of that name."""
    change = {
        "profile_id": who,
        "node": node(who),
        "property": name,
        "timestamp": ms(when),
        "arrival": next(_arrivals),
        "operation": operation,
        "value": json.dumps(value),
    }
    world.insert("profile_changes", [change])


@pytest.fixture(scope="module")
def shop(make_world: Callable[[], World]) -> World:
    """Ann bought twice, on a phone (B) and at her desk (A); Cy once last week; Dee looked; nobody (0)."""
    world = make_world()
    world.see("C", "2026-03-04T10:00", name="buy", id="x")
    world.see("A", "2026-03-08T10:00", name="buy", id="y", properties='{"plan":"pro"}')
    for index, (who, name) in enumerate(
        [("A", "view"), ("B", "buy"), ("C", "view"), ("D", "view"), (0, "view"), (0, "buy")]
    ):
        world.see(
            who, f"1{index}:00", name=name, id=str(index), session=node(who) if isinstance(who, str) else 0
        )
    world.is_person("B", "A")
    return world.settle()


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ([did("buy")], "012"),
        ([did_not("buy")], "345"),
        ([{"not": did("buy")}], "345"),
        ([did("buy", count={"operator": "gte", "value": 2})], "01"),
        ([did("buy", count={"operator": "is", "value": 1})], "2"),
        ([did("buy", count={"operator": "isNot", "value": 1})], "01345"),
        ([did("buy", count={"operator": "lt", "value": 2})], "2345"),
        ([did("buy", count={"operator": "lte", "value": 0})], "345"),
        ([did("buy", count={"operator": "gt", "value": 1})], "01"),
        ([did("buy", count={"operator": "gte", "value": 0})], "012345"),
        ([did("buy", count={"operator": "lt", "value": 0})], ""),
        ([did("buy", count={"operator": "isNot", "value": 0})], "012"),
        ([did_not("buy", count={"operator": "gte", "value": 2})], "2345"),
        ([did("buy", days=1)], "01"),
        ([did("buy", days=3)], "01"),
        ([did("buy", days=3, count={"operator": "gte", "value": 2})], "01"),
        ([did("buy", days=2, count={"operator": "gte", "value": 2})], ""),
        ([did("buy", days=7)], "012"),
        ([did("buy", range="question")], "01"),
        ([did("buy", range="lastMonth")], ""),
        ([did("buy", range="all")], "012"),
        ([did("buy", startDate="2026-03-04", endDate="2026-03-05")], "2"),
        ([did("buy", startDate="2026-03-09")], "01"),
        ([did("buy", filters=[{"name": "properties.plan", "operator": "is", "value": ["pro"]}])], "01"),
        ([did("buy", filters={"name": "properties.plan", "operator": "is", "value": ["pro"]}, days=2)], None),
        ([did(filters=[{"name": "name", "operator": "is", "value": ["buy"]}])], "012"),
        ([did()], "0123"),
        ([did("' OR 1=1 --")], ""),
        ([did_not("{p0:String}\\')")], "012345"),
        ([did("buy"), {"name": "name", "operator": "is", "value": ["view"]}], "02"),
        ({"or": [did_not("buy"), {"name": "name", "operator": "is", "value": ["buy"]}]}, "1345"),
        ([did("buy", filters=[did("view")])], "012"),
        ([did("view", filters=[did_not("buy")])], "3"),
    ],
)
def test_what_they_did(shop: World, document: Any, found: str | None):
    if found is None:
        with pytest.raises(InvalidInput):
            read(document)
        return
    assert matching(shop, document) == found


@pytest.mark.parametrize(
    ("document", "numbers"),
    [([did("buy")], (2, 3, 3)), ([did_not("buy")], (1, 1, 3)), ([did("buy", range="question")], (1, 2, 2))],
)
def test_a_condition_on_people_selects_all_that_they_did(
    shop: World, document: Any, numbers: tuple[int, int, int]
):
    found = totals(shop.store, shop.ask(condition=read(document)))
    assert (found.unique_visitors, found.total_sessions, found.total_events) == numbers


# --- profiles ---


@pytest.fixture(scope="module")
def members(make_world: Callable[[], World]) -> World:
    """Profiles of every kind. P1 and P2 are one person (P1); A is a device of theirs; Z is unknown."""
    world = make_world()
    for index, who in enumerate(["P1", "P2", "A", "Q", "R", "S", "Z", 0]):
        world.see(who, f"1{index}:00", id=str(index), session=0)
    world.is_person("P2", "P1")
    world.is_person("A", "P1")
    world.settle()
    known(world, "P1", "plan", "free", "08:00")
    known(world, "P1", "plan", "trial", "09:00")
    known(world, "P2", "plan", "pro", "08:30")
    known(world, "Q", "plan", "pro", "08:30")
    known(world, "Q", "seats", 10)
    known(world, "R", "seats", 2.5, "08:00")
    known(world, "R", "seats", 0.1, "08:10", "add")
    known(world, "R", "seats", 0.2, "08:20", "add")
    known(world, "S", "seats", 3, "08:00", "add")
    known(world, "S", "seats", 100, "07:00")
    known(world, "S", "address", {"city": "Graz", "zip": {"code": 8010}}, "08:00")
    known(world, "R", "address.city", "Wien", "08:00")
    known(world, "Q", "address", {"city": "Graz"}, "08:00")
    known(world, "Q", "address", None, "09:00")
    known(world, "Q", "tags", ["a", "b"])
    known(world, "R", "tags", '["a"]')
    known(world, "Q", "vip", value=True)
    known(world, "R", "$email", "r@example.com")
    known(world, "R", "email", "other")
    known(world, "S", "we'ird \"k{p0:String}", "x")
    return world


@pytest.mark.parametrize(
    ("name", "operator", "values", "found"),
    [
        ("plan", "is", ["trial"], "012"),
        ("plan", "is", ["free"], ""),
        ("plan", "is", ["pro"], "3"),
        ("plan", "is", ["pro", "trial"], "0123"),
        ("plan", "isNot", ["pro"], "0124567"),
        ("plan", "isNull", [], "4567"),
        ("plan", "isNotNull", [], "0123"),
        ("plan", "contains", ["r"], "0123"),
        ("plan", "doesNotContain", ["t"], "34567"),
        ("plan", "startsWith", ["tr"], "012"),
        ("plan", "endsWith", ["o"], "3"),
        ("plan", "regex", ["^(pro|x)$"], "3"),
        ("seats", "is", [10], "3"),
        ("seats", "is", ["10"], "3"),
        ("seats", "is", [2.8], "4"),
        ("seats", "gt", [2.7], "345"),
        ("seats", "gte", [103], "5"),
        ("seats", "lt", [10], "4"),
        ("seats", "lte", [10], "34"),
        ("seats", "isNull", [], "01267"),
        ("address.city", "is", ["Graz"], "5"),
        ("address.city", "is", ["Wien"], "4"),
        ("address.city", "isNotNull", [], "45"),
        ("address.zip.code", "is", [8010], "5"),
        ("address", "isNotNull", [], "45"),
        ("address", "isNull", [], "012367"),
        ("address", "contains", ["Graz"], ""),
        ("address", "doesNotContain", ["Graz"], "01234567"),
        ('["address","city"]', "is", ["Graz"], "5"),
        ("tags", "is", ["a"], "3"),
        ("tags", "isNot", ["a"], "0124567"),
        ("tags", "is", ['["a"]'], "4"),
        ("tags", "contains", ["b"], "3"),
        ("vip", "is", [True], "3"),
        ("vip", "is", ["true"], "3"),
        ("email", "is", ["r@example.com"], "4"),
        ('["email"]', "is", ["other"], "4"),
        ("we'ird \"k{p0:String}", "is", ["x"], "5"),
        ("' OR 1=1 --", "isNotNull", [], ""),
        ("plan", "is", ["' OR 1=1 --"], ""),
    ],
)
def test_profiles(members: World, name: str, operator: str, values: list[object], found: str):
    test = {"name": f"profile.{name}", "operator": operator, "value": values}
    assert matching(members, [test]) == found


@pytest.mark.parametrize(
    ("changes", "value", "found"),
    [
        ([("plan", "pro", "set"), ("plan", None, "set")], None, False),
        ([("plan", "", "set")], None, False),
        ([("n", 1, "add"), ("n", 2, "add")], 3, True),
        ([("n", None, "set"), ("n", 2, "add")], 2, True),
        ([("n", "text", "set"), ("n", 2, "add")], "text", True),
        ([("n", True, "set"), ("n", 2, "add")], True, True),
        ([("n", [1], "set"), ("n", 2, "add")], "[1]", True),
        ([("n", 0.1, "set"), ("n", 0.2, "add")], 0.3, True),
        ([("n", 1e60, "set"), ("n", 1, "add")], 1e60, True),
        ([("n", 10**18, "set"), ("n", 1, "add")], str(10**18 + 1), True),
        ([("n", -5, "add"), ("n", 5, "add")], 0, True),
        ([("a.n", 1, "set"), ("a", 5, "set"), ("a.n", 2, "add")], 2, False),
        ([("a", {"n": 4}, "set"), ("a.n", 2, "add")], 6, True),
        ([("a", {}, "set"), ("a.n", 2, "add")], 2, True),
        ([("a.n", 4, "set"), ("a", {"m": 1}, "set")], 4, False),
        ([("a", {"n": 4}, "set"), ("a.m", 1, "set")], 4, True),
        ([("a.n", 4, "set"), ("a.n.x", 1, "set")], 4, False),
        ([("n.x", 1, "add"), ("n", None, "set")], None, False),
        ([("n", None, "set"), ("n.x", 1, "add")], None, True),
        ([("n.x", 1, "add"), ("n", 1, "add")], 1, False),
        ([("n", 1, "add"), ("n.x", 1, "add")], 1, True),
    ],
)
def test_the_fold_of_a_property(world: World, changes: list[Any], value: Any, found: bool):
    world.see("P", "12:00", id="1", session=0)
    world.settle()
    for minute, (name, said, operation) in enumerate(changes):
        known(world, "P", name, said, f"09:{minute:02}", operation)
    name = {"a": "a.n", "n.x": "n"}.get(changes[0][0], changes[0][0])
    test = {"name": f"profile.{name}", "operator": "isNotNull"}
    if value is not None:
        test |= {"operator": "is", "value": [value]}
    assert (matching(world, [test]) == "1") is found


def test_what_was_written_twice_is_added_once(world: World):
    world.see("P", "12:00", id="1", session=0)
    world.settle()
    known(world, "P", "n", 5, "09:00", "add")
    again = world.store.query(
        "SELECT toUnixTimestamp64Milli(timestamp) AS timestamp, * EXCEPT timestamp FROM profile_changes "
        "WHERE project_id = {p:String}",
        {"p": world.project},
    ).dicts()
    world.insert("profile_changes", again)
    assert matching(world, [{"name": "profile.n", "operator": "is", "value": [5]}]) == "1"


# --- the same on every route ---


@pytest.mark.parametrize(
    ("document", "paths", "visitors"),
    [
        ([did("buy")], ["/a", "/b"], 1),
        ([did_not("buy")], ["/b"], 1),
        ([did("buy", range="question")], ["/a", "/b"], 1),
        ([did("buy"), {"name": "path", "operator": "is", "value": ["/a"]}], ["/a"], 1),
        ([{"name": "profile.plan", "operator": "is", "value": ["pro"]}], ["/a", "/b"], 1),
        ([{"name": "profile.plan", "operator": "isNull"}], ["/b"], 1),
        ([{"name": "cohort", "operator": "is", "value": ["c"]}], ["/a", "/b"], 1),
        ([{"name": "cohort", "operator": "isNot", "value": ["c"]}], ["/b"], 1),
        ([{"name": "segment", "operator": "is", "value": ["s"]}], ["/a"], 1),
        ([{"name": "segment", "operator": "isNot", "value": ["s"]}], ["/b"], 2),
    ],
)
def test_every_report_means_the_same(world: World, document: Any, paths: list[str], visitors: int):
    for who, when, path in (("A", "10:00", "/a"), ("B", "10:01", "/b"), ("D", "10:01", "/b")):
        world.see(who, when, path)
    world.see("B", "10:02", name="buy")
    world.is_person("B", "A")
    world.settle()
    known(world, "A", "plan", "pro")
    saved = {"cohort:c": [did("buy")], "segment:s": [{"name": "path", "operator": "is", "value": ["/a"]}]}
    question = world.ask(condition=read(document, saved=saved))
    store = world.store
    views = [path for path in paths if path in ("/a", "/b")]
    assert sorted(row.path or "" for row in pages(store, question, "top")) == views
    assert totals(store, question).unique_visitors == visitors
    assert timeseries(store, replace(question, interval="day"))[0].unique_visitors == visitors
    rows = breakdown(
        store, question, ("path",), ("unique_visitors", "total_sessions", "avg_session_duration")
    )
    assert sorted(row["values"][0] for row in rows if row["values"][0]) == views
    now = live(store, question.about(live_span(ms("10:03"))))
    assert now.visitors == visitors
    assert sorted(page.path or "" for page in now.pages) == views
    found = {row.path for row in events(store, question).rows}
    assert sorted(path for path in found if path) == views


def test_the_span_of_a_question_moves_with_it(world: World):
    world.see("A", "2026-03-09T10:00", name="buy")
    world.see("A", "10:00", name="view")
    question = world.settle().ask(condition=read([did("buy", range="question")]))
    assert totals(world.store, question).total_events == 0
    before = question.about(Span(ms("2026-03-09T00:00"), ms("2026-03-10T00:00")))
    assert totals(world.store, before).total_events == 1
    compared = replace(question, compared=before.span)
    assert totals(world.store, compared.previous()).total_events == 1


def test_profiles_of_one_person_share_a_log(world: World):
    world.see("A", "10:00", id="1", session=0)
    world.is_person("B", "A")
    world.settle()
    known(world, "A", "n", 5, "08:00")
    known(world, "B", "n", 2, "09:00", "add")
    assert matching(world, [{"name": "profile.n", "operator": "is", "value": [7]}]) == "1"
    known(world, "B", "n", None, "10:00")
    assert matching(world, [{"name": "profile.n", "operator": "isNull"}]) == "1"


def test_rows_by_what_people_are(world: World):
    for index, who in enumerate(["A", "B", "C", "D", 0]):
        world.see(who, f"1{index}:00", name="buy" if who in ("A", "C") else "view", session=0)
    world.is_person("B", "A")
    world.settle()
    known(world, "B", "plan", "it's")
    known(world, "D", "plan", {"name": "pro"})
    saved = {"cohort:bought": [did("buy")], "cohort:looked": [did("view")]}
    found = replace(resolver(saved), cohorts=lambda: ["bought", "looked"])
    question = world.ask(resolver=found)
    rows = {
        dimension: {
            row["values"][0]: (row["unique_visitors"], row["total_events"])
            for row in breakdown(world.store, question, (dimension,), ("unique_visitors", "total_events"))
        }
        for dimension in ("profile.plan", "profile.plan.name", "cohort")
    }
    assert rows == {
        "profile.plan": {"it's": (1, 2), None: (2, 3)},
        "profile.plan.name": {"pro": (1, 1), None: (2, 4)},
        "cohort": {"bought": (2, 3), "looked": (2, 3), None: (0, 1)},
    }


@pytest.mark.parametrize("dimensions", [("cohort",), ("cohort", "group"), ("group", "cohort")])
def test_others_have_an_event_of_several_cohorts_once(world: World, dimensions: tuple[str, ...]):
    world.see("A", "10:00", name="buy", groups=["g", "h"])
    world.see("A", "11:00", name="buy", groups=["g", "h"])
    world.see("B", "12:00", name="view")
    world.settle()
    saved = {f"cohort:{each}": [did("buy")] for each in ("one", "three", "two")}
    question = world.ask(resolver=replace(resolver(saved), cohorts=lambda: ["one", "two", "three"]))
    reading = Reading(columns=lambda _: [("events", "count()")], where="e.name = 'buy'")
    found = top_values(world.store, question, dimensions, 1, reading)
    split = split_of(world.store, question, dimensions, found)
    cells = measure(world.store, question, reading, split)
    assert split.values[0][dimensions.index("cohort")] == "one"
    assert [cells.at(place)["events"] for place in (1, 0)] == [2, 2]


def test_one_event_of_several_cohorts_is_one_step(world: World):
    world.see("A", "10:00", name="a")
    world.settle()
    saved = {f"cohort:{each}": [did("a")] for each in ("one", "two", "three")}
    question = world.ask(resolver=replace(resolver(saved), cohorts=lambda: ["one", "two", "three"]))
    asked = Given(steps=[StepItem(name="a"), StepItem(name="a")], breakdown="cohort", limit=1)
    answer = funnel(world.store, question, read_funnel(asked))
    assert isinstance(answer.breakdown, list)
    assert [[step.count for step in each.steps] for each in (answer, *answer.breakdown)] == [[1, 0]] * 3
