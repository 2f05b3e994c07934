from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from eventlens.clock import DAY
from eventlens.errors import InvalidInput
from eventlens.insights.buckets import INTERVALS, MAX_BUCKETS, Interval, cut, read_interval
from eventlens.insights.ranges import Span, dated_span
from tests.insights.world import ms

HOUR = 3_600_000


def labels(start: str, end: str, interval: Interval, zone: str) -> list[str]:
    return [
        bucket.date for bucket in cut(dated_span(start, end, 0, ZoneInfo(zone)), interval, ZoneInfo(zone))
    ]


def lengths(start: str, end: str, interval: Interval, zone: str) -> list[float]:
    span = dated_span(start, end, 0, ZoneInfo(zone))
    starts = [bucket.start for bucket in cut(span, interval, ZoneInfo(zone))]
    return [(after - before) / HOUR for before, after in zip(starts, [*starts[1:], span.end], strict=True)]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", "2026-03-29", 24),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/Havana", "2026-11-01", 25),
        ("America/Santiago", "2026-09-06", 23),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Asia/Kathmandu", "2026-03-29", 24),
    ],
)
def test_days_have_the_hours_they_have(zone: str, day: str, hours: float):
    assert lengths(day, day, "day", zone) == [hours]
    assert sum(lengths(day, day, "hour", zone)) == hours


def test_hours_of_kathmandu():
    assert labels("2026-01-01", "2026-01-01", "hour", "Asia/Kathmandu")[:2] == [
        "2026-01-01T00:00:00+05:45",
        "2026-01-01T01:00:00+05:45",
    ]


def test_the_hour_that_comes_twice():
    found = labels("2026-11-01", "2026-11-01", "hour", "America/Havana")
    assert found[:3] == [
        "2026-11-01T00:00:00-04:00",
        "2026-11-01T00:00:00-05:00",
        "2026-11-01T01:00:00-05:00",
    ]
    assert len(found) == 25


def test_the_hour_that_is_missing():
    found = labels("2026-09-06", "2026-09-06", "hour", "America/Santiago")
    assert (found[0], len(found)) == ("2026-09-06T01:00:00-03:00", 23)


def test_half_hours_of_lord_howe():
    day = "2026-04-05", "2026-04-05", "hour", "Australia/Lord_Howe"
    back = dict(zip(labels(*day), lengths(*day), strict=True))
    assert list(back.items())[1:4] == [
        ("2026-04-05T01:00:00+11:00", 1),
        ("2026-04-05T01:30:00+10:30", 0.5),
        ("2026-04-05T02:00:00+10:30", 1),
    ]
    forth = labels("2026-10-04", "2026-10-04", "hour", "Australia/Lord_Howe")
    assert forth[1:4] == [
        "2026-10-04T01:00:00+10:30",
        "2026-10-04T02:30:00+11:00",
        "2026-10-04T03:00:00+11:00",
    ]


def test_weeks_start_on_monday():
    assert labels("2026-01-01", "2026-01-12", "week", "UTC") == ["2025-12-29", "2026-01-05", "2026-01-12"]


def test_months():
    assert labels("2025-11-30", "2026-02-01", "month", "UTC") == [
        "2025-11-01",
        "2025-12-01",
        "2026-01-01",
        "2026-02-01",
    ]


def test_a_day_that_never_was_has_no_bucket():
    assert labels("2011-12-29", "2011-12-31", "day", "Pacific/Apia") == ["2011-12-29", "2011-12-31"]


def test_minutes():
    span = Span(ms("10:00:30"), ms("10:03"))
    assert [bucket.date[11:19] for bucket in cut(span, "minute", ZoneInfo("UTC"))] == [
        "10:00:00",
        "10:01:00",
        "10:02:00",
    ]


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca"]
)
@pytest.mark.parametrize("interval", ["hour", "day", "week", "month"])
def test_buckets_are_those_of_the_clock(zone: str, interval: Interval):
    """Every quarter of an hour lies in the bucket whose label its local date and hour make."""
    info = ZoneInfo(zone)
    for start in ("2026-03-27", "2026-10-02", "2026-10-24"):
        end = (datetime.fromisoformat(start) + timedelta(days=4)).date().isoformat()
        span = dated_span(start, end, 0, info)
        buckets = cut(span, interval, info)
        for instant in range(span.start, span.end, 900_000):
            bucket = [each for each in buckets if each.start <= instant][-1]
            local = datetime.fromtimestamp(instant / 1000, UTC).astimezone(info)
            shown = {
                "hour": local.isoformat()[:13],
                "day": local.date().isoformat(),
                "week": (local.date() - timedelta(days=local.weekday())).isoformat(),
                "month": local.date().replace(day=1).isoformat(),
            }
            assert bucket.date[: len(shown[interval])] == shown[interval]


def test_too_many():
    assert len(cut(Span(0, MAX_BUCKETS * 60_000), "minute", ZoneInfo("UTC"))) == MAX_BUCKETS
    with pytest.raises(InvalidInput, match="400 buckets of one minute") as refused:
        cut(Span(0, 10**15), "minute", ZoneInfo("UTC"))
    assert refused.value.field == "interval"


@pytest.mark.parametrize(
    ("length", "interval"),
    [
        (HOUR, "minute"),
        (DAY, "hour"),
        (25 * HOUR, "hour"),
        (7 * DAY, "day"),
        (366 * DAY, "day"),
        (500 * DAY, "month"),
    ],
)
def test_an_interval_that_suits(length: int, interval: str):
    assert read_interval(None, Span(0, length)) == interval
    assert len(cut(Span(0, length), read_interval(None, Span(0, length)), ZoneInfo("UTC"))) <= MAX_BUCKETS


def test_intervals_by_name():
    assert [read_interval(name, Span(0, 1)) for name in INTERVALS] == list(INTERVALS)
    with pytest.raises(InvalidInput, match="minute, hour, day, week, month"):
        read_interval("fortnight", Span(0, 1))


def test_what_nobody_stated_is_never_refused():
    """An event of 1970, and the longest span that dates can name."""
    for start, end in (("1970-01-02", "2026-03-10"), ("1970-01-02", "2199-12-31")):
        span = dated_span(start, end, 0, ZoneInfo("Europe/Berlin"))
        interval = read_interval(None, span)
        assert interval == "month"
        assert cut(span, interval, ZoneInfo("Europe/Berlin"))[0].date == "1970-01-01"
        with pytest.raises(InvalidInput, match="400 buckets of one day"):
            cut(span, read_interval("day", span), ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("length", "interval"),
    [(HOUR, "minute"), (6 * HOUR, "minute"), (DAY, "hour"), (300 * DAY, "day"), (900 * DAY, "month")],
)
def test_nor_is_it_where_the_compared_span_is_longer(length: int, interval: str):
    compared = Span(0, length)
    assert read_interval(None, Span(0, HOUR), compared) == interval
    assert cut(compared, read_interval(None, Span(0, HOUR), compared), ZoneInfo("UTC"))
