"""How long the buckets are that are computed ahead: hours and days from raw rows, weeks and months from days.

The longer a bucket, the fewer sets of people a question has to merge.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eventlens.insights.ranges import Span, back_months, day_start, local_date

HOUR, DAY, WEEK, MONTH = range(4)
"""The column `grain`; of the project's zone, weeks beginning on Monday."""

NAMES = ("hours", "days", "weeks", "months")
"""`NAMES[grain]`, as `explain` shows it."""


class Long(NamedTuple):
    """A week or a month, and the days it is made of, in order."""

    grain: int
    span: Span
    days: tuple[Span, ...]


def long_buckets(days: Sequence[Span], zone: ZoneInfo) -> list[Long]:
    """The whole weeks and months among some days that follow each other; in order, weeks first."""
    found: list[Long] = []
    for grain in (WEEK, MONTH):
        for first, some in groupby(days, key=lambda day: _edges(grain, local_date(day.start, zone))):
            inner = tuple(some)
            span = Span(inner[0].start, inner[-1].end)
            if (span.start, span.end) == tuple(day_start(edge, zone) for edge in first):
                found.append(Long(grain, span, inner))
    return found


def _edges(grain: int, day: date) -> tuple[date, date]:
    """The first day of the bucket that holds a day, and of the next one."""
    if grain == WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, back_months(first, -1)
