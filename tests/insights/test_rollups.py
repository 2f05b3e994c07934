"""Answers computed ahead are the raw ones: every metric, dimension, interval and many zones."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import to_builtins

from eventlens.insights.breakdowns import breakdown, by_value
from eventlens.insights.buckets import INTERVALS
from eventlens.insights.pages import MODES, pages
from eventlens.insights.question import Question
from eventlens.insights.ranges import DAY, Span, day_start, local_date
from eventlens.insights.rollups.branches import DIMENSION_LISTS
from eventlens.insights.rollups.due import Rollups
from eventlens.insights.rollups.listed import SERVED
from eventlens.insights.timeseries import timeseries
from eventlens.insights.totals import totals
from eventlens.insights.trace import Trace
from eventlens.store.touches import HOUR_MS, touch
from tests.insights.world import World, ms

HOUR = HOUR_MS
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
_tokens = iter(range(10**9))


def touched(world: World, start: int, end: int) -> None:
    """What the worker does after it stored something."""
    hours = range(start // HOUR, end // HOUR + 1)
    touch(world.store, ((world.project, hour) for hour in hours), f"{world.project}-touch-{next(_tokens)}")


def lively(world: World, start: int, end: int, seed: int = 7, visits: int = 60) -> None:
    """Visits by people with several devices, some of them over hours, over midnight and in the same second."""
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
    rollups = Rollups(world.store, lambda: now)
    for day in rollups.due(world.project, ZoneInfo(zone), impatient=True).days:
        rollups.build(world.project, day)
    return rollups


def ahead(question: Question) -> Question:
    return replace(question, exact=False, exact_up_to=-1, trace=Trace(wanted=True))


def raw(question: Question) -> Question:
    return replace(question, exact=True, trace=Trace(wanted=True))


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


def test_every_zone(zoned: tuple[World, int, str]):
    world, now, zone = zoned
    for span in spans(now, zone):
        for asked in {zone, "UTC", "Asia/Kathmandu"}:
            question = replace(world.ask(), span=span, zone=ZoneInfo(asked))
            same(world, question, totals)
            for interval in INTERVALS[1:]:
                same(world, replace(question, interval=interval), timeseries)
        question = replace(world.ask(), span=span, zone=ZoneInfo(zone))
        for dimension in ("country", "utm_source"):
            same(world, question, lambda *asked, name=dimension: by_value(*asked, name))
        for mode in MODES:
            same(world, question, lambda *asked, name=mode: pages(*asked, name))
    whole, today, _ = spans(now, zone)
    question = replace(world.ask(), span=whole, zone=ZoneInfo(zone))
    same(world, question, totals, "days")
    same(world, replace(question, interval="day"), timeseries, "days")
    same(world, question, lambda *asked: by_value(*asked, "browser"), "days")
    question = replace(question, span=today)
    same(world, question, totals, "days", "hours", "raw")
    same(world, question, lambda *asked: by_value(*asked, "country"), "days", "hours", "raw")


def test_every_dimension_by_every_metric(world: World):
    now = ms("2026-03-10T12:30")
    lively(world, now - 3 * DAY, now)
    built(world, now)
    question = world.ask("2026-03-08", "2026-03-11")
    for dimension in DIMENSION_LISTS:
        for metric in SERVED:
            same(world, question, lambda *asked, by=(dimension,), what=(metric,): breakdown(*asked, by, what))
        everything = tuple(SERVED)
        same(
            world,
            question,
            lambda *asked, by=(dimension,): breakdown(*asked, by, everything),
            "days",
            "hours",
            "raw",
        )
