"""Answers computed ahead are the raw ones: every metric, dimension, interval and many zones."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import to_builtins

from eventlens.clock import DAY, HOUR
from eventlens.errors import StoreUnavailable
from eventlens.insights.breakdowns import breakdown, by_value
from eventlens.insights.buckets import INTERVALS
from eventlens.insights.filters import Test
from eventlens.insights.pages import MODES, Mode, pages
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span, day_start, local_date
from eventlens.insights.rollups import listed
from eventlens.insights.rollups.branches import DIMENSION_LISTS, TOGETHER
from eventlens.insights.rollups.due import Rollups, leftovers, sweep
from eventlens.insights.rollups.listed import SERVED
from eventlens.insights.timeseries import timeseries
from eventlens.insights.totals import totals
from eventlens.insights.trace import Trace
from eventlens.store.base import Store
from eventlens.store.touches import touch
from tests.insights.world import World, ms

pytestmark = pytest.mark.timeout(900)  # every zone asks a hundred questions twice, after computing three days

ZONES = (
    "UTC",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Santiago",
    "America/Havana",
    "Europe/Berlin",
)
NOW = {  # just after a change of the clocks
    "Australia/Lord_Howe": "2026-04-05T03:00",
    "America/Santiago": "2026-09-07T14:00",
    "America/Havana": "2026-11-01T19:00",
}
_tokens = iter(range(60_000))
"""Also milliseconds: time goes on while something is computed."""


def touched(world: World, start: int, end: int) -> None:
    """What the worker does after it stored something."""
    hours = range(start // HOUR, end // HOUR + 1)
    touch(world.store, ((world.project, hour) for hour in hours), f"{world.project}-touch-{next(_tokens)}")


def lively(world: World, start: int, end: int, seed: int = 7, visits: int = 60) -> None:
    """Visits by people, some with several devices, over hours, over midnight, in the same second."""
    chance = random.Random(seed)
    for _ in range(visits):
        who = f"v{chance.randrange(12)}"
        now = chance.randrange(start, end)
        browser, country = chance.choice(["Firefox", "Safari", ""]), chance.choice(["DE", "AT", ""])
        source = chance.choice(["news", "", ""])
        for _ in range(chance.choice([1, 1, 2, 3, 9])):
            path = chance.choice(["/", "/a", "/b", None])
            world.see(
                who,
                now,
                path,
                browser=browser,
                country=chance.choice([country, country, "CH"]),
                utm_source=source,
                title=chance.choice(["", "One", "Two"]) if path else "",
                origin=chance.choice(["https://a.example", "https://b.example"]),
            )
            now += chance.choice([0, 1000, 60_000, 1_500_000, 1_799_000])
    for alias in ("v1", "v2"):
        world.is_person(alias, "v0")
    world.settle()
    touched(world, start - DAY, end + DAY)


def built(world: World, now: int, zone: str = "UTC") -> Rollups:
    """Everything computed that is due."""
    rollups = Rollups(world.store, lambda: now + next(_tokens))
    for kind in ("days", "longer"):
        for due in getattr(rollups.due(world.project, ZoneInfo(zone), impatient=True), kind):
            rollups.build(world.project, due)
    return rollups


def ahead(question: Question) -> Question:
    return replace(question, exact=False, exact_up_to=-1, trace=Trace(wanted=True))


def raw(question: Question) -> Question:
    return replace(question, exact=True, trace=Trace(wanted=True))


def paged(mode: Mode) -> Any:
    return lambda store, asked: pages(store, asked, mode)


def served(question: Question) -> set[str]:
    return {part.source for part in question.trace.served_by}


def shown(answer: Any) -> Any:
    """As JSON; small sets of people are exact, so everything must be equal."""
    rows = to_builtins(answer)
    return sorted(rows, key=repr) if isinstance(rows, list) else rows


def same(world: World, question: Question, ask: Any, *sources: str) -> None:
    now, then = ahead(question), raw(question)
    assert shown(ask(world.store, now)) == shown(ask(world.store, then))
    assert served(then) == set()
    assert now.trace.exact
    if sources:
        assert served(now) == set(sources)


def spans(now: int, zone: str) -> Iterator[Span]:
    """Whole days, days up to now, and edges in the middle of hours."""
    where = ZoneInfo(zone)
    today = day_start(local_date(now, where), where)
    two = day_start(local_date(now - 2 * DAY, where), where)
    yield Span(two, today)
    yield Span(two, day_start(local_date(now + DAY, where), where))
    yield Span(two + 5 * HOUR + 1_234_567, now - 17 * 60_000 + 1)


@pytest.fixture(params=ZONES)
def zoned(request: pytest.FixtureRequest, world: World) -> tuple[World, int, str]:
    """A world with three days computed ahead in a zone's own days, as of some minutes after a full hour."""
    zone = request.param
    now = ms(NOW.get(zone, "2026-03-10T20:00")) + 25 * 60_000
    lively(world, now - 3 * DAY, now)
    built(world, now, zone)
    return world, now, zone


OTHER_ZONES = ("UTC", "Asia/Kathmandu")
"""In which every zone's days are asked for: one shares the hours, one does not."""


def test_every_zone(zoned: tuple[World, int, str]):
    world, now, zone = zoned
    for place, span in enumerate(spans(now, zone)):
        question = replace(world.ask(), span=span, zone=ZoneInfo(zone))
        same(world, question, totals)
        for interval in INTERVALS[1:]:
            same(world, replace(question, interval=interval), timeseries)
        for other, asked in enumerate(each for each in OTHER_ZONES if each != zone):
            interval = INTERVALS[1 + (place + other) % (len(INTERVALS) - 1)]  # each of one of the spans
            same(world, replace(question, zone=ZoneInfo(asked), interval=interval), timeseries)
        for dimension in ("country", "utm_source"):
            same(world, question, lambda store, asked, name=dimension: by_value(store, asked, name))
        for mode in MODES:
            same(world, question, paged(mode))
    whole, today, _ = spans(now, zone)
    question = replace(world.ask(), span=whole, zone=ZoneInfo(zone))
    same(world, question, totals, "days")
    same(world, replace(question, interval="day"), timeseries, "days")
    same(world, question, lambda store, asked: by_value(store, asked, "browser"), "days")
    question = replace(question, span=today)
    same(world, question, totals, "days", "hours", "raw")
    same(world, question, lambda store, asked: by_value(store, asked, "country"), "days", "hours", "raw")


def test_every_dimension_and_every_metric(world: World):
    now = ms("2026-03-10T12:30")
    lively(world, now - 2 * DAY, now)
    built(world, now)
    question = world.ask("2026-03-09", "2026-03-11")
    everything = tuple(SERVED)
    for dimension in DIMENSION_LISTS:
        by = (dimension,)
        same(
            world,
            question,
            lambda store, asked, by=by: breakdown(store, asked, by, everything),
            "days",
            "hours",
            "raw",
        )
    for dimension in ("country", "utm_source"):
        for metric in SERVED:
            same(
                world,
                question,
                lambda store, asked, by=(dimension,), what=(metric,): breakdown(store, asked, by, what),
            )


def test_what_has_changed_is_raw_until_it_is_computed_again(world: World):
    now = ms("2026-03-10T12:30")
    lively(world, now - 2 * DAY, now)
    built(world, now)
    question = world.ask("2026-03-09", "2026-03-10")
    same(world, question, totals, "days")
    world.see("late", "2026-03-09T10:20", "/late", country="NO")
    world.settle()
    touched(world, ms("2026-03-09T10:20"), ms("2026-03-09T10:20"))
    same(world, question, totals, "hours", "raw")
    same(world, question, lambda store, asked: by_value(store, asked, "country"), "hours", "raw")
    same(world, question, lambda store, asked: pages(store, asked, "top"), "hours", "raw")
    built(world, now)
    same(world, question, totals, "days")
    same(world, question, lambda store, asked: by_value(store, asked, "country"), "days")


def test_another_time_zone_of_the_project_is_another_grid(world: World):
    now = ms("2026-03-10T12:30")
    lively(world, now - 2 * DAY, now)
    built(world, now, "UTC")
    rollups = built(world, now, "Asia/Kathmandu")
    question = world.ask("2026-03-09", "2026-03-10")
    same(world, question, totals, "days")
    assert rollups.drop_strays(world.project, ZoneInfo("Asia/Kathmandu")) > 0
    same(world, question, totals)
    local = replace(world.ask("2026-03-08T18:15", "2026-03-09T18:15"), zone=ZoneInfo("Asia/Kathmandu"))
    same(world, local, totals, "days")
    same(world, replace(local, interval="day"), timeseries, "days")


@pytest.mark.parametrize("merged_at_once", [20_000, 0])
def test_the_order_of_a_list_is_that_of_people_not_of_their_days(
    world: World, monkeypatch: pytest.MonkeyPatch, merged_at_once: int
):
    """A few who come every day look like many until they are merged, in short lists and in long ones."""
    now = ms("2026-03-10T00:10")
    for day in range(1, 10):
        at = f"2026-03-0{day}T10:00"
        for regular in range(12):
            world.see(f"r{regular}", at, "/", browser=f"Daily {regular % 4}")
        for number in range(day % 4):
            for value in range(40):
                world.see(f"{day}.{number}.{value}", at, "/", browser=f"B{value % (10 + number)}")
    world.settle()
    touched(world, ms("2026-03-01T00:00"), now)
    built(world, now)
    monkeypatch.setattr(listed, "_MERGED_AT_ONCE", merged_at_once)
    monkeypatch.setattr(listed, "_SPARE", 0)
    for limit, offset in ((1, 0), (3, 0), (3, 2), (5, 9), (50, 0)):
        question = replace(world.ask("2026-03-01", "2026-03-10"), limit=limit, offset=offset)
        for metrics in (
            ("unique_visitors",),
            ("unique_visitors", "total_sessions"),
            ("total_sessions", "unique_visitors"),
        ):
            rows = [breakdown(world.store, asked(question), ("browser",), metrics) for asked in (ahead, raw)]
            assert rows[0] == rows[1]


def test_small_and_exact_questions_and_filters_are_raw(world: World):
    now = ms("2026-03-10T12:30")
    lively(world, now - 2 * DAY, now)
    built(world, now)
    question = ahead(world.ask("2026-03-09", "2026-03-10"))
    events = totals(world.store, question).total_events
    for change in (
        {"exact_up_to": events},
        {"exact": True},
        {"exact_up_to": None},
        {"condition": Test("path", "is", ("/a",))},
    ):
        asked = replace(question, trace=Trace(wanted=True), **change)
        totals(world.store, asked)
        assert served(asked) == set()
        assert len(asked.trace.statements) >= 2
    totals(world.store, replace(question, exact_up_to=events - 1))
    assert served(question) == {"days"}


class Failing:
    """A store that fails at one of the commands."""

    def __init__(self, store: Store, at: int) -> None:
        self._store = store
        self._left = at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def command(self, *given: Any) -> None:
        self._left -= 1
        if self._left < 0:
            raise StoreUnavailable
        self._store.command(*given)


STATEMENTS = len(TOGETHER) + 3
"""Of a day: totals of its hours, its own totals, lists some at a time, the row that makes those count."""


@pytest.mark.parametrize("at", range(STATEMENTS + 1))
def test_whoever_is_ended_in_between_leaves_nothing_wrong(world: World, at: int):
    now = ms("2026-03-10T00:30")
    lively(world, ms("2026-03-09T08:00"), ms("2026-03-09T20:00"), visits=20)
    failing: Any = Failing(world.store, at)
    rollups = Rollups(failing, lambda: now)
    (day,) = rollups.due(world.project, ZoneInfo("UTC"), impatient=True).days[-1:]
    day = replace(day, list_hours=())
    with pytest.raises(StoreUnavailable) if at < STATEMENTS else nullcontext():
        rollups.build(world.project, day)
    question = world.ask("2026-03-09", "2026-03-10")
    for _ in range(2):
        same(world, question, totals)
        same(world, question, lambda store, asked: by_value(store, asked, "country"))
        same(world, question, lambda store, asked: pages(store, asked, "top"))
        Rollups(world.store, lambda: now + next(_tokens)).build(world.project, day)
    same(world, question, lambda store, asked: pages(store, asked, "top"), "days")


def test_two_who_compute_the_same_are_harmless(world: World):
    now = ms("2026-03-10T00:30")
    lively(world, ms("2026-03-09T08:00"), ms("2026-03-09T20:00"), visits=20)
    rollups = Rollups(world.store, lambda: now)
    day = replace(rollups.due(world.project, ZoneInfo("UTC"), impatient=True).days[-1], list_hours=())
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: rollups.build(world.project, day), range(2)))
    question = world.ask("2026-03-09", "2026-03-10")
    same(world, question, totals, "days")
    same(world, question, lambda store, asked: by_value(store, asked, "country"), "days")
    assert leftovers(world.store, now) == 0
    assert leftovers(world.store, now + DAY) > 0
    sweep(world.store, now + DAY)
    same(world, question, lambda store, asked: by_value(store, asked, "country"), "days")


def test_a_span_of_all_times(world: World):
    now = ms("2026-03-10T00:30")
    lively(world, ms("2026-03-09T08:00"), ms("2026-03-09T20:00"), visits=10)
    built(world, now)
    question = world.ask("1970-01-02", "2199-12-31")
    same(world, question, totals, "days", "raw")
    same(world, replace(question, interval="month"), timeseries, "days", "raw")
    same(world, question, lambda store, asked: pages(store, asked, "entry"), "days", "raw")
