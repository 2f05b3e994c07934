"""Weeks and months made of days, and single filters that lists answer: the same numbers as raw rows."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eventlens.clock import DAY
from eventlens.insights.breakdowns import breakdown, by_value
from eventlens.insights.filters import Group, Not, Test
from eventlens.insights.ranges import Span, day_start
from eventlens.insights.rollups.due import Rollups
from eventlens.insights.rollups.grains import MONTH, WEEK, long_buckets
from eventlens.insights.rollups.narrowed import narrowed
from eventlens.insights.timeseries import timeseries
from eventlens.insights.totals import totals
from tests.insights.test_rollups import ahead, built, lively, paged, raw, same, served, shown, touched
from tests.insights.world import World, ms

pytestmark = pytest.mark.timeout(900)  # six weeks of days are computed, on a busy machine too

HAVANA = ZoneInfo("America/Havana")
"""Its clocks change on 8 March 2026, a Sunday."""


def instant(day: str) -> int:
    return day_start(date.fromisoformat(day), HAVANA)


def test_weeks_and_months(world: World):
    now = instant("2026-03-10") + 1_800_000
    lively(world, instant("2026-01-29"), now, visits=150)
    rollups = built(world, now, "America/Havana")
    assert rollups.due(world.project, HAVANA, impatient=True).longer == ()
    whole = replace(world.ask(), zone=HAVANA)
    february = replace(whole, span=Span(instant("2026-02-01"), instant("2026-03-01")))
    by_country: Any = lambda store, asked: by_value(store, asked, "country")  # noqa: E731  # one of a row of questions
    questions: tuple[Any, ...] = (totals, by_country, *(paged(mode) for mode in ("top", "entry", "exit")))
    for question in questions:
        same(world, february, question, "months")
    same(world, replace(february, interval="month"), timeseries, "months")
    same(world, replace(february, interval="week"), timeseries, "weeks", "days")
    same(world, replace(february, interval="day"), timeseries, "days")
    beside = replace(february, compared=Span(instant("2026-01-29"), february.span.start))
    same(world, beside, totals, "months", "days")
    same(world, replace(beside, interval="day"), timeseries, "days")
    before = totals(world.store, raw(beside.previous()))
    assert shown(totals(world.store, ahead(beside)).previous) == shown(before)
    longer = replace(whole, span=Span(instant("2026-01-31"), instant("2026-03-09")))
    for question in questions:
        same(world, longer, question, "days", "months", "weeks")
    _late(world)
    same(world, february, totals, "weeks", "days", "hours", "raw")
    for question in questions[1:]:
        same(world, february, question, "weeks", "days", "raw")
    assert {due.bucket.grain for due in rollups.due(world.project, HAVANA, impatient=True).longer} == set()
    built(world, now, "America/Havana")
    same(world, february, totals, "months")
    same(world, february, by_country, "months")


def test_of_two_spans_each_is_exact_that_is_small_enough(world: World):
    now = ms("2026-03-10T12:30")
    lively(world, ms("2026-03-08T00:00"), ms("2026-03-09T00:00"), visits=10)
    lively(world, ms("2026-03-09T00:00"), ms("2026-03-10T00:00"), visits=90, seed=8)
    built(world, now)
    earlier = Span(ms("2026-03-08"), ms("2026-03-09"))
    both = replace(world.ask("2026-03-09", "2026-03-10"), compared=earlier)
    few = totals(world.store, raw(both.previous())).total_events
    many = totals(world.store, raw(both)).total_events
    assert few < many
    expected = totals(world.store, raw(both))
    for most, sources, reads_events in (
        (few - 1, {"days"}, False),
        (few, {"days"}, True),
        (many, set[str](), True),
    ):
        asked = replace(ahead(both), exact_up_to=most)
        assert totals(world.store, asked) == expected
        assert served(asked) == sources
        assert any("FROM events" in str(each) for each in asked.trace.statements) is reads_events


def _late(world: World) -> None:
    """An event on a day whose week and month are thereby old."""
    world.see("late", "2026-02-11T15:20", "/late", country="NO")
    world.settle()
    touched(world, ms("2026-02-11T15:20"), ms("2026-02-11T15:20"))


def test_a_week_waits_for_its_days(world: World):
    now = ms("2026-03-10T00:30")
    lively(world, ms("2026-03-01T00:00"), now, visits=40)
    rollups = Rollups(world.store, lambda: now)
    days = rollups.due(world.project, ZoneInfo("UTC"), impatient=True).days
    for day in days[:-3]:
        rollups.build(world.project, day)
    assert rollups.due(world.project, ZoneInfo("UTC"), impatient=True).longer == ()
    for day in days[-3:]:
        rollups.build(world.project, day)
    (week,) = rollups.due(world.project, ZoneInfo("UTC"), impatient=True).longer
    touched(world, ms("2026-03-04T10:00"), ms("2026-03-04T10:00"))
    rollups.build(world.project, week)  # meanwhile a day of it has become old
    question = world.ask("2026-03-02", "2026-03-09")
    same(world, question, totals, "days", "hours", "raw")
    same(world, question, paged("top"), "days", "raw")


def test_whole_weeks_and_months_of_a_zone():
    edges = [day_start(date(2026, 1, 30) + timedelta(days=number), HAVANA) for number in range(50)]
    days = [Span(*edge) for edge in pairwise(edges)]
    found = {(each.grain, each.span, len(each.days)) for each in long_buckets(days, HAVANA)}
    months = {found for found in found if found[0] == MONTH}
    assert months == {(MONTH, Span(instant("2026-02-01"), instant("2026-03-01")), 28)}
    changed = Span(instant("2026-03-02"), instant("2026-03-09"))
    assert changed.end - changed.start == 7 * DAY - 3_600_000
    assert (WEEK, changed, 7) in found
    assert all(count == 7 for grain, _, count in found if grain == WEEK)


def test_a_single_filter_is_answered_from_a_list(world: World):
    now = ms("2026-03-10T12:30")
    lively(world, now - 3 * DAY, now)
    built(world, now)
    for name, value in (
        ("country", "CH"),
        ("country", "XX"),
        ("utm_source", "news"),
        ("event", "screen_view"),
    ):
        test = Test("name" if name == "event" else name, "is", (value,))
        question = replace(world.ask("2026-03-08", "2026-03-10"), condition=Group(True, (test,)))
        same(world, question, totals, "days")
        same(world, replace(question, interval="day"), timeseries, "days")
        same(world, replace(question, interval="hour"), timeseries)
        today = replace(question, span=Span(question.span.start + 1_234_567, now))
        same(world, today, totals, "days", "hours", "raw")
        same(world, replace(today, interval="day"), timeseries, "days", "hours", "raw")
        same(world, question, lambda store, asked: by_value(store, asked, "country"))


def test_rows_hold_what_was_asked_for_however_many_are_not_exact(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("eventlens.insights.rollups.people.EXACT_UP_TO", 0)
    now = ms("2026-03-10T12:30")
    lively(world, now - 2 * DAY, now)
    built(world, now)
    question = ahead(world.ask("2026-03-09", "2026-03-10"))
    rows = breakdown(world.store, question, ["country"], ["total_events", "unique_visitors"])
    assert len(rows) > 1
    assert {frozenset(row) for row in rows} == {frozenset({"values", "total_events", "unique_visitors"})}
    assert not question.trace.exact


def test_other_filters_are_not():
    country = Test("country", "is", ("CH",))
    assert narrowed(country) == ("country", "CH")
    assert narrowed(Group(False, (Group(True, (country,)),))) == ("country", "CH")
    for condition in (
        None,
        Not(country),
        Group(True, (country, country)),
        Test("country", "isNot", ("CH",)),
        Test("country", "is", ("CH", "DE")),
        Test("country", "isNull"),
        Test("country", "is", ("",)),
        Test("path", "is", ("/",)),
        Test("properties.country", "is", ("CH",)),
    ):
        assert narrowed(condition) is None, condition
