"""A span cut into minutes, hours, days, weeks or months of the project's time zone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from eventlens.clock import DAY, HOUR, MINUTE
from eventlens.errors import InvalidInput
from eventlens.insights.ranges import (
    Span,
    back_months,
    day_start,
    iso,
    local_date,
    offset_at,
    transition,
)

Interval = Literal["minute", "hour", "day", "week", "month"]
INTERVALS: tuple[Interval, ...] = get_args(Interval)
MAX_BUCKETS = 400
MAX_MONTHS = 3_000
"""More than the years that can be asked for have: the longest interval is never refused."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket begins at `start` (milliseconds) and ends where the next one begins or the span ends.

    `date` is its label. The first bucket may begin before the span; only the span is counted.
    """

    start: int
    date: str


def read_interval(name: str | None, span: Span, compared: Span | None = None) -> Interval:
    """The interval of that name, or one that suits the span and does not cut either span too finely.

    Raises InvalidInput.
    """
    if name is None:
        suiting = _suiting(span)
        if compared is not None and compared.end - compared.start > _MOST * _LEAST[suiting]:
            return _suiting(compared)
        return suiting
    for interval in INTERVALS:
        if interval == name:
            return interval
    raise InvalidInput(f"Unknown interval {name[:100]!r}; one of {', '.join(INTERVALS)}.", field="interval")


_MOST = MAX_BUCKETS - 4
"""Buckets that surely fit: first and last may be cut, and daylight saving adds some."""

_LEAST: dict[Interval, int] = {
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": 28 * DAY * MAX_MONTHS,
}


def _suiting(span: Span) -> Interval:
    length = span.end - span.start
    if length <= 2 * HOUR:
        return "minute"
    if length <= 2 * DAY + HOUR:
        return "hour"
    return "day" if length < (MAX_BUCKETS - 1) * DAY else "month"


def cut(span: Span, interval: Interval, zone: ZoneInfo) -> tuple[Bucket, ...]:
    """The buckets of a span in order, at most MAX_BUCKETS (MAX_MONTHS). Raises InvalidInput."""
    if interval in ("minute", "hour"):
        length = MINUTE if interval == "minute" else HOUR
        starts = ((start, iso(start, zone)) for start in _clock_starts(span, length, zone))
    else:
        starts = _day_starts(span, _CALENDAR[interval], zone)
    most = MAX_MONTHS if interval == "month" else MAX_BUCKETS
    buckets = tuple(Bucket(*start) for start in islice(starts, most + 1))
    if len(buckets) > most:
        raise InvalidInput(
            f"This range has more than {most} buckets of one {interval}; choose a longer interval "
            "or a shorter range.",
            field="interval",
        )
    return buckets


def _clock_starts(span: Span, length: int, zone: ZoneInfo) -> Iterator[int]:
    """A bucket begins where the local clock shows a full hour (minute) and where its offset changes."""
    start = span.start - (span.start + offset_at(span.start, zone)) % length
    if offset_at(start, zone) != offset_at(span.start, zone):
        start = transition(start, span.start, zone)
    while start < span.end:
        yield start
        following = start + length - (start + offset_at(start, zone)) % length
        if offset_at(following, zone) != offset_at(start, zone):
            following = transition(start, following, zone)
        start = following


_Calendar = tuple[Callable[[date], date], Callable[[date], date]]

_CALENDAR: dict[Interval, _Calendar] = {
    "day": (lambda day: day, lambda day: day + timedelta(days=1)),
    "week": (lambda day: day - timedelta(days=day.weekday()), lambda day: day + timedelta(days=7)),
    "month": (lambda day: day.replace(day=1), lambda day: back_months(day, -1)),
}
"""`{interval: (the first day of the bucket that holds a day, the first day of the next bucket)}`."""


def _day_starts(span: Span, calendar: _Calendar, zone: ZoneInfo) -> Iterator[tuple[int, str]]:
    first_day, next_day = calendar
    day = first_day(local_date(span.start, zone))
    start = day_start(day, zone)
    while start < span.end:
        following = day_start(next_day(day), zone)
        if following > start:  # else the zone skipped that day
            yield start, day.isoformat()
        day, start = next_day(day), following
