from datetime import date
from zoneinfo import ZoneInfo

import pytest

from eventlens.errors import InvalidInput
from eventlens.insights.ranges import (
    RANGES,
    Span,
    back_months,
    compared_span,
    dated_span,
    day_start,
    iso,
    named_span,
    read_zone,
)
from tests.insights.world import ms

BERLIN = ZoneInfo("Europe/Berlin")
NOW = ms("2026-03-31T22:30:15.500")  # 00:30:15 on 1 April in Berlin, a Wednesday


def local(span: Span, zone: ZoneInfo = BERLIN) -> tuple[str, str]:
    return iso(span.start, zone)[:16], iso(span.end, zone)[:16]


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("30min", "2026-04-01T00:01", "2026-04-01T00:31"),
        ("lastHour", "2026-03-31T23:31", "2026-04-01T00:31"),
        ("today", "2026-04-01T00:00", "2026-04-02T00:00"),
        ("yesterday", "2026-03-31T00:00", "2026-04-01T00:00"),
        ("last24h", "2026-03-31T00:31", "2026-04-01T00:31"),
        ("7d", "2026-03-26T00:00", "2026-04-02T00:00"),
        ("30d", "2026-03-03T00:00", "2026-04-02T00:00"),
        ("3m", "2026-01-02T00:00", "2026-04-02T00:00"),
        ("6m", "2025-10-02T00:00", "2026-04-02T00:00"),
        ("12m", "2025-04-02T00:00", "2026-04-02T00:00"),
        ("monthToDate", "2026-04-01T00:00", "2026-04-02T00:00"),
        ("lastMonth", "2026-03-01T00:00", "2026-04-01T00:00"),
        ("yearToDate", "2026-01-01T00:00", "2026-04-02T00:00"),
        ("lastYear", "2025-01-01T00:00", "2026-01-01T00:00"),
        ("all", "2024-02-29T00:00", "2026-04-02T00:00"),
    ],
)
def test_names(name: str, start: str, end: str):
    span = named_span(name, NOW, BERLIN, lambda: ms("2024-02-29T12:00"))
    assert local(span) == (start, end)


@pytest.mark.parametrize(
    ("today", "start"),
    [
        ("2026-05-28", "2026-03-01"),
        ("2026-05-29", "2026-03-01"),
        ("2026-05-31", "2026-03-01"),
        ("2024-05-28", "2024-02-29"),
        ("2024-05-30", "2024-03-01"),
        ("2026-07-31", "2026-05-01"),
    ],
)
def test_three_months_back_into_a_shorter_one(today: str, start: str):
    span = named_span("3m", ms(f"{today}T12:00"), ZoneInfo("UTC"), lambda: None)
    assert iso(span.start, ZoneInfo("UTC"))[:10] == start


def test_every_name_of_the_contract():
    rolling, calendar = "30min lastHour today yesterday last24h", "7d 30d 3m 6m 12m"
    whole = "monthToDate lastMonth yearToDate lastYear all"
    assert list(RANGES) == f"{rolling} {calendar} {whole}".split()


def test_all_of_nothing_is_today():
    assert local(named_span("all", NOW, BERLIN, lambda: None)) == ("2026-04-01T00:00", "2026-04-02T00:00")


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-03-29", "2026-03-29", ("2026-03-29T00:00", "2026-03-30T00:00")),
        ("2026-03-29", None, ("2026-03-29T00:00", "2026-04-02T00:00")),
        ("2026-03-29T10:00:00Z", "2026-03-29T11:00:00Z", ("2026-03-29T12:00", "2026-03-29T13:00")),
        ("2026-03-29T12:00:00+02:00", "2026-03-29T13:00:00 02:00", ("2026-03-29T12:00", "2026-03-29T13:00")),
        ("2026-03-29T12:00", "2026-03-29T13:00:00.000", ("2026-03-29T12:00", "2026-03-29T13:00")),
    ],
)
def test_dates_and_instants(start: str, end: str | None, shown: tuple[str, str]):
    assert local(dated_span(start, end, NOW, BERLIN)) == shown


def test_milliseconds():
    span = dated_span("2026-03-29T00:00:00.001Z", "2026-03-29T00:00:00.0029Z", NOW, BERLIN)
    assert span.end - span.start == 1


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("yesterday", None, "startDate"),
        ("2026-02-30", None, "startDate"),
        ("20260201", None, "startDate"),
        ("2026-W01-1", None, "startDate"),
        ("2026-02-01T25:00", None, "startDate"),
        ("0001-01-01", None, "startDate"),
        ("9999-12-31", None, "startDate"),
        ("9999-12-31T23:59:59-12:00", None, "startDate"),
        ("2026-02-01", "2026-01-31", "endDate"),
        ("2026-02-01T00:00Z", "2026-02-01T00:00Z", "endDate"),
        ("2026-02-01", "2026-02-01T", "endDate"),
        ("2027-01-01", None, "endDate"),
    ],
)
def test_what_is_no_date(start: str, end: str | None, field: str):
    with pytest.raises(InvalidInput) as refused:
        dated_span(start, end, NOW, BERLIN)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "europe/berlin", "UTC+1", "x" * 5000, "Europe"]
)
def test_what_is_no_zone(name: str):
    with pytest.raises(InvalidInput) as refused:
        read_zone(name)
    assert refused.value.field == "timezone"


@pytest.mark.parametrize(
    ("compare", "start", "end", "shown"),
    [
        ("previous", "2026-03-26", "2026-04-01", ("2026-03-19T00:00", "2026-03-26T00:00")),
        ("previous", "2026-03-29", "2026-03-29", ("2026-03-28T00:00", "2026-03-29T00:00")),
        ("previous", "2026-03-29T00:00Z", "2026-03-29T06:00Z", ("2026-03-28T19:00", "2026-03-29T01:00")),
        ("year", "2026-03-26", "2026-04-01", ("2025-03-26T00:00", "2025-04-02T00:00")),
        ("year", "2024-02-01", "2024-02-29", ("2023-02-01T00:00", "2023-03-01T00:00")),
        ("year", "2024-02-29", "2024-02-29", ("2023-03-01T00:00", "2023-03-02T00:00")),
        ("year", "2026-03-29T10:00Z", "2026-03-29T11:00Z", ("2025-03-29T12:00", "2025-03-29T13:00")),
        ("2025-01-01,2025-01-31", "2026-03-26", None, ("2025-01-01T00:00", "2025-02-01T00:00")),
    ],
)
def test_compared(compare: str, start: str, end: str | None, shown: tuple[str, str]):
    span = dated_span(start, end, NOW, BERLIN)
    assert local(compared_span(compare, span, NOW, BERLIN)) == shown


@pytest.mark.parametrize(
    "compare", ["", "last", "previous,year", "2025-01-01", "2025-01-01,", "2025-02-01,2025-01-01"]
)
def test_what_is_no_comparison(compare: str):
    with pytest.raises(InvalidInput) as refused:
        compared_span(compare, Span(0, 1000), NOW, BERLIN)
    assert refused.value.field == "compare"


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T01:00:00-03:00"),  # midnight does not exist
        ("America/Havana", date(2026, 11, 1), "2026-11-01T00:00:00-04:00"),  # midnight comes twice
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-31T00:00:00+14:00"),  # the day before did not exist
        ("America/Toronto", date(1943, 6, 1), "1943-06-01T00:00:00-04:00"),
        ("America/Scoresbysund", date(2024, 3, 31), "2024-03-31T00:00:00-01:00"),
        ("Asia/Kathmandu", date(2026, 1, 1), "2026-01-01T00:00:00+05:45"),
        ("America/Goose_Bay", date(2011, 11, 6), "2011-11-06T00:00:00-03:00"),  # from 00:01 back to 23:01
    ],
)
def test_days_begin(zone: str, day: date, start: str):
    assert iso(day_start(day, ZoneInfo(zone)), ZoneInfo(zone)) == start


def test_a_jump_from_before_midnight_to_after_it():
    # Kwajalein skipped 21 August 1993 altogether: from the 20th, 24:00, to the 22nd.
    zone = ZoneInfo("Pacific/Kwajalein")
    assert day_start(date(1993, 8, 21), zone) == day_start(date(1993, 8, 22), zone)


def test_months_back():
    assert back_months(date(2026, 3, 31), 1) == date(2026, 3, 1)
    assert back_months(date(2026, 1, 15), 13) == date(2024, 12, 15)
    assert back_months(date(2026, 12, 1), -1) == date(2027, 1, 1)


@pytest.mark.parametrize("name", ["localtime", "Factory", "Mars/Olympus", ""])
def test_zones_that_are_none(name: str):
    with pytest.raises(InvalidInput) as refused:
        read_zone(name)
    assert refused.value.field == "timezone"
