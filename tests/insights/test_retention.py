from dataclasses import replace
from typing import Any

import pytest

from eventlens.errors import InvalidInput
from eventlens.insights.filters import Test
from eventlens.insights.retention import Retention, Returning, retention
from eventlens.insights.retention_people import Cell, retained
from tests.insights.world import World, ms

LATER = ms("2027-01-01T00:00")


def ask(world: World, start: str, end: str, period: str = "day", now: int = LATER, **asked) -> Retention:
    of_question = {name: asked.pop(name) for name in ("zone", "identified", "condition") if name in asked}
    question = world.ask(start, end, interval=period, **of_question)
    return retention(world.settle().store, question, Returning(**asked), now)


def values(found: Retention) -> list[list[int]]:
    return [cohort.values for cohort in found.cohorts]


def visits(world: World, who: str, *days: int, **columns) -> None:
    for day in days:
        world.see(who, f"2026-03-{day:02d}T12:00", "/", **columns)


def test_empty_cohorts_are_rows(world: World):
    found = ask(world, "2026-03-01", "2026-03-04")
    assert values(found) == [[0, 0, 0], [0, 0], [0]]
    assert found.average == [0, 0, 0]


def test_average_is_weighted_by_size(world: World):
    for who in ("a", "b", "c"):
        visits(world, who, 1)
    visits(world, "c", 2)
    visits(world, "d", 2, 3)
    found = ask(world, "2026-03-01", "2026-03-04")
    assert values(found) == [[3, 1, 0], [1, 1], [0]]
    assert found.average == [100, 50, 0]


def test_what_is_not_over_is_left_out_of_the_average(world: World):
    visits(world, "a", 1, 2)
    visits(world, "b", 2)
    found = ask(world, "2026-03-01", "2026-03-05", now=ms("2026-03-03T08:00"))
    assert [cohort.complete for cohort in found.cohorts] == [
        [True, True, False, False],
        [True, False, False],
        [False, False],
        [False],
    ]
    assert found.average == [100, 100, None, None]


def test_edges_within_a_week_make_it_incomplete(world: World):
    world.see("a", "2026-03-04T12:00")  # a Wednesday
    world.see("a", "2026-03-09T12:00")
    world.see("b", "2026-03-03T12:00")  # before the range
    found = ask(world, "2026-03-04", "2026-03-18", "week")
    assert [cohort.date for cohort in found.cohorts] == ["2026-03-02", "2026-03-09", "2026-03-16"]
    assert values(found) == [[1, 1, 0], [0, 0], [0]]
    assert found.cohorts[0].complete == [False, True, False]
    assert found.average == [0, 100, None]


def test_first_ever_looks_before_the_range(world: World):
    visits(world, "old", 1, 3, 4)
    visits(world, "new", 3, 4)
    assert values(ask(world, "2026-03-03", "2026-03-05")) == [[2, 2], [0]]
    assert values(ask(world, "2026-03-03", "2026-03-05", cohort="first_ever")) == [[1, 1], [0]]


def test_first_ever_is_the_first_that_matches(world: World):
    world.see("a", "2026-03-01T12:00", name="look")
    world.see("a", "2026-03-03T12:00", name="signup")
    world.see("b", "2026-03-01T12:00", name="signup")
    world.see("b", "2026-03-03T12:00", name="signup")
    starts = Test("name", "is", ("signup",))
    assert values(ask(world, "2026-03-03", "2026-03-05", cohort="first_ever", starts=starts)) == [[1, 0], [0]]


def test_coming_back_before_having_begun_does_not_count(world: World):
    world.see("a", "2026-03-01T12:00", name="buy")
    world.see("a", "2026-03-02T12:00", name="signup")
    world.see("a", "2026-03-02T13:00", name="buy")
    world.see("a", "2026-03-04T12:00", name="buy")
    asked: dict[str, Any] = {
        "starts": Test("name", "is", ("signup",)),
        "returns": Test("name", "is", ("buy",)),
    }
    assert values(ask(world, "2026-03-01", "2026-03-05", **asked)) == [[0, 0, 0, 0], [1, 0, 1], [0, 0], [0]]
    later = ask(world, "2026-03-01", "2026-03-05", mode="on_or_after", **asked)
    assert values(later) == [[0, 0, 0, 0], [1, 1, 1], [0, 0], [0]]


def test_a_person_on_two_devices(world: World):
    visits(world, "phone", 1)
    visits(world, "desk", 2)
    world.is_person("desk", "phone")
    assert values(ask(world, "2026-03-01", "2026-03-03")) == [[1, 1], [0]]
    assert values(ask(world, "2026-03-01", "2026-03-03", identified=False)) == [[1, 0], [1]]


def test_nobody_is_in_no_cohort(world: World):
    world.see(0, "2026-03-01T12:00", "/", session=5)
    assert values(ask(world, "2026-03-01", "2026-03-03")) == [[0, 0], [0]]


@pytest.mark.parametrize(
    ("zone", "before", "after", "last"),
    [
        # (last millisecond of the day with the change, first of the next, last of that)
        ("Europe/Berlin", "2026-03-29T21:59:59.999", "2026-03-29T22:00", "2026-03-30T21:59:59.999"),
        ("America/Havana", "2026-11-02T04:59:59.999", "2026-11-02T05:00", "2026-11-03T04:59:59.999"),
        ("Australia/Lord_Howe", "2026-04-05T13:29:59.999", "2026-04-05T13:30", "2026-04-06T13:29:59.999"),
        ("America/Santiago", "2026-09-07T02:59:59.999", "2026-09-07T03:00", "2026-09-08T02:59:59.999"),
    ],
)
def test_days_of_other_lengths(world: World, zone, before, after, last):
    for who, when in (("a", before), ("b", after), ("c", last)):
        world.see(who, when)
    world.see("a", after)
    start = "2026-03-29T00:00" if zone == "Europe/Berlin" else before[:8] + "01T12:00"
    found = ask(world, start, last, zone=zone)
    sizes = {cohort.date: cohort.size for cohort in found.cohorts if cohort.size}
    assert list(sizes.values()) == [1, 1]  # the last instant is outside
    assert next(cohort for cohort in found.cohorts if cohort.size).values[1] == 1


@pytest.mark.parametrize("days", [63, 64, 65, 128, 129, 256, 257, 400])
@pytest.mark.parametrize("cohort", ["first", "recurring"])
def test_any_number_of_periods(world: World, days, cohort):
    start = ms("2025-01-01T00:00")
    for day in (0, days // 2, days - 1):
        world.see("a", start + day * 86_400_000 + 1000)
    question = world.ask("2025-01-01", "2025-01-02", interval="day")
    span = type(question.span)(start, start + days * 86_400_000)
    question = replace(question, span=span)
    found = retention(world.settle().store, question, Returning(cohort=cohort), LATER)
    first = found.cohorts[0].values
    assert [after for after, people in enumerate(first) if people] == [0, days // 2, days - 1]
    assert found.cohorts[days // 2].values[-1] == (cohort == "recurring")


def test_too_many_periods(world: World):
    with pytest.raises(InvalidInput) as error:
        ask(world, "1990-01-01", "2026-01-01", "month")
    assert error.value.field == "period"
    with pytest.raises(InvalidInput) as error:
        ask(world, "2025-01-01", "2026-01-01", dimensions=("path",), values=50)
    assert error.value.field == "limit"


def test_breakdown_by_the_value_with_which_people_began(world: World):
    for who, country in (("a", "DE"), ("b", "DE"), ("c", "FR"), ("d", "NO"), ("e", "SE")):
        visits(world, who, 1, country=country)
    visits(world, "a", 2, country="FR")
    visits(world, "d", 2, country="NO")
    found = ask(world, "2026-03-01", "2026-03-03", dimensions=("country",), values=2)
    rows = {row.values[0]: [cohort.values for cohort in row.cohorts] for row in found.breakdown or []}
    assert rows == {
        "FR": [[1, 0], [1]],  # `a` began there on the second day
        "DE": [[2, 1], [0]],
        "(other)": [[2, 1], [0]],
    }
    assert [row.other for row in found.breakdown or []] == [False, False, True]


def test_the_people_behind_a_number(world: World):
    for who, days in (("a", (1, 3)), ("b", (1, 2, 3)), ("c", (2, 3)), ("d", (1,))):
        visits(world, who, *days)
    world.settle()
    for after, identified in ((0, False), (1, True), (2, False)):
        question = world.ask("2026-03-01", "2026-03-04", interval="day", limit=2, identified=identified)
        page = retained(world.store, question, Returning(), Cell("2026-03-01", after), LATER)
        found = [row.visitor_id[:2] for row in page.rows]
        assert found == {0: ["61", "62"], 1: ["62"], 2: ["61", "62"]}[after]
        assert (page.next_cursor is None) == (after > 0)


@pytest.mark.parametrize(("date", "index"), [("2026-02-28", 0), ("x", 0), ("2026-03-02", 2)])
def test_people_of_no_number(world: World, date, index):
    question = world.ask("2026-03-01", "2026-03-04", interval="day")
    with pytest.raises(InvalidInput) as error:
        retained(world.store, question, Returning(), Cell(date, index), LATER)
    assert error.value.field == ("index" if index else "date")


def test_compared_with_another_span(world: World):
    visits(world, "a", 1, 2)
    visits(world, "b", 3)
    compared = world.ask("2026-03-01", "2026-03-03").span
    question = world.ask("2026-03-03", "2026-03-05", interval="day", compared=compared)
    found = retention(world.settle().store, question, Returning(), LATER)
    assert values(found) == [[1, 0], [0]]
    assert found.previous
    assert [cohort.values for cohort in found.previous.cohorts] == [[1, 1], [0]]
    assert found.change
    assert found.change.average == [0, -1]


def test_values_are_compared_with_another_span(world: World):
    visits(world, "a", 1, 2, country="DE")
    visits(world, "a", 3, 4, country="DE")
    visits(world, "b", 3, country="NO")
    visits(world, "c", 1, country="FR")
    compared = world.ask("2026-03-01", "2026-03-03").span
    question = world.ask("2026-03-03", "2026-03-06", interval="day", compared=compared)
    found = retention(world.settle().store, question, Returning(dimensions=("country",), values=2), LATER)
    rows = {table.values[0]: table for table in found.breakdown or []}
    then = {
        name: table.previous and [cohort.values for cohort in table.previous.cohorts]
        for name, table in rows.items()
    }
    assert then == {"DE": [[1, 1], [0]], "NO": None, "(other)": [[1, 0], [0]]}
    assert [cohort.values for cohort in rows["(other)"].cohorts] == [[0, 0, 0], [0, 0], [0]]
    assert {name: table.change.average for name, table in rows.items() if table.change} == {
        "DE": [0, 0, None],
        "NO": [None, None, None],
        "(other)": [-1, None, None],
    }
