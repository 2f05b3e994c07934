"""When: names and dates become half-open spans of instants, in the project's time zone.

All arithmetic with calendars and daylight saving happens here and in `buckets.py`, in Python; the
store sees milliseconds only, so that engine and oracle cannot disagree about a zone.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from eventlens.clock import DAY, MINUTE, zone_names
from eventlens.errors import InvalidInput

LAST_DATED = 65_535 * DAY
"""2149-06-06: the store's `toDate` begins anew after it. No event can be that late, nor before 1970."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_EARLIEST, _LATEST = date(1970, 1, 2), date(2199, 12, 31)
_DATE_SHAPES = "an ISO date (2026-01-31) or an ISO instant (2026-01-31T12:00:00Z)"


@dataclass(frozen=True, slots=True)
class Span:
    """Instants from `start` up to but not including `end`, in milliseconds since the epoch."""

    start: int
    end: int


def read_zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises InvalidInput."""
    if name not in zone_names():
        raise InvalidInput(
            f"{name[:100]!r} is not an IANA time zone such as Europe/Berlin.", field="timezone"
        )
    return ZoneInfo(name)


def local_date(instant: int, zone: ZoneInfo) -> date:
    """The date that the clocks of the zone show at an instant."""
    return datetime.fromtimestamp(instant / 1000, zone).date()


def offset_at(instant: int, zone: ZoneInfo) -> int:
    """The zone's distance from UTC at an instant, in milliseconds."""
    distance = datetime.fromtimestamp(instant // 1000, zone).utcoffset() or timedelta()
    return int(distance.total_seconds()) * 1000


def transition(low: int, high: int, zone: ZoneInfo) -> int:
    """The instant at which the zone's offset changes, where it differs between `low` and `high`."""
    old = offset_at(low, zone)
    while high - low > 1000:
        middle = (low + high) // 2000 * 1000
        if middle <= low:
            break
        low, high = (middle, high) if offset_at(middle, zone) == old else (low, middle)
    return high // 1000 * 1000


def day_start(day: date, zone: ZoneInfo) -> int:
    """The first instant at which the clocks of the zone show `day` (01:00 where midnight is skipped)."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    instant = int(midnight.timestamp()) * 1000
    if local_date(instant - 1000, zone) < day:
        return instant
    return transition(instant - DAY, instant, zone)  # clocks jumped from before midnight to after it


def back_months(day: date, months: int) -> date:
    """The same day some months earlier; the first of the next month where that month is too short."""
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    try:
        return date(year, month, day.day)
    except ValueError:
        return date(year + month // 12, month % 12 + 1, 1)


def months_before(day: date, months: int) -> date:
    """The same day some months earlier; the last of that month where it is too short."""
    first = back_months(day.replace(day=1), months)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


# --- ranges by name ---


@dataclass(frozen=True, slots=True)
class _Now:
    instant: int
    zone: ZoneInfo
    first_event: Callable[[], int | None]

    @property
    def today(self) -> date:
        return local_date(self.instant, self.zone)

    def minutes(self, count: int) -> Span:
        end = (self.instant // MINUTE + 1) * MINUTE
        return Span(end - count * MINUTE, end)

    def days(self, first: date, after_last: date | None = None) -> Span:
        end = after_last or self.today + timedelta(days=1)
        return Span(day_start(first, self.zone), day_start(end, self.zone))

    def months(self, count: int) -> Span:
        return self.days(months_before(self.today, count) + timedelta(days=1))

    def all(self) -> Span:
        first = self.first_event()
        return self.days(self.today if first is None else min(self.today, local_date(first, self.zone)))


RANGES: dict[str, tuple[str, Callable[[_Now], Span]]] = {
    "30min": ("the 30 minutes up to the end of the current one", lambda now: now.minutes(30)),
    "lastHour": ("the 60 minutes up to the end of the current one", lambda now: now.minutes(60)),
    "today": ("today", lambda now: now.days(now.today)),
    "yesterday": ("yesterday", lambda now: now.days(now.today - timedelta(days=1), now.today)),
    "last24h": ("the 24 hours up to the end of the current minute", lambda now: now.minutes(24 * 60)),
    "7d": ("today and the 6 days before", lambda now: now.days(now.today - timedelta(days=6))),
    "30d": ("today and the 29 days before", lambda now: now.days(now.today - timedelta(days=29))),
    "3m": ("three months, today the last day", lambda now: now.months(3)),
    "6m": ("six months, today the last day", lambda now: now.months(6)),
    "12m": ("twelve months, today the last day", lambda now: now.months(12)),
    "monthToDate": ("this month up to today", lambda now: now.days(now.today.replace(day=1))),
    "lastMonth": (
        "the calendar month before this one",
        lambda now: now.days(back_months(now.today.replace(day=1), 1), now.today.replace(day=1)),
    ),
    "yearToDate": ("this year up to today", lambda now: now.days(now.today.replace(month=1, day=1))),
    "lastYear": (
        "the calendar year before this one",
        lambda now: now.days(date(now.today.year - 1, 1, 1), date(now.today.year, 1, 1)),
    ),
    "all": ("from the day of the first event to today", _Now.all),
}
"""`{name: (in words, how it is reckoned)}`."""

DEFAULT_RANGE = "7d"


def named_span(name: str, now: int, zone: ZoneInfo, first_event: Callable[[], int | None]) -> Span:
    """The span of a named range; `first_event` is asked only for `all`. Raises InvalidInput."""
    if name not in RANGES:
        raise InvalidInput(f"Unknown range {name[:100]!r}; one of {', '.join(RANGES)}.", field="range")
    return RANGES[name][1](_Now(now, zone, first_event))


# --- ranges by dates ---


def dated_span(start: str, end: str | None, now: int, zone: ZoneInfo) -> Span:
    """From `start` to `end` (dates are inclusive, instants exclusive; absent: today). Raises InvalidInput."""
    first = _edge(start, zone, "startDate", last=False)
    after = _edge(end, zone, "endDate", last=True) if end else _after(local_date(now, zone), zone)
    if after <= first:
        raise InvalidInput("endDate must lie after startDate.", field="endDate")
    return Span(first, after)


def _edge(text: str, zone: ZoneInfo, field: str, *, last: bool) -> int:
    try:
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text)
            _check_year(day)
            return _after(day, zone) if last else day_start(day, zone)
        if _INSTANT.fullmatch(text):
            # A plus sign that nobody percent-encoded arrives as a space.
            moment = datetime.fromisoformat(re.sub(r" (\d{2}:?\d{2})$", r"+\1", text))
            _check_year(moment.date())
            moment = moment.replace(tzinfo=moment.tzinfo or zone)
            return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except ValueError:
        pass
    raise InvalidInput(f"{text[:100]!r} is not {_DATE_SHAPES}.", field=field)


def _check_year(day: date) -> None:
    if not _EARLIEST <= day <= _LATEST:
        raise ValueError


def _after(day: date, zone: ZoneInfo) -> int:
    return day_start(day + timedelta(days=1), zone)


# --- what a span is compared with ---


def compared_span(compare: str, span: Span, now: int, zone: ZoneInfo) -> Span:
    """The span named by `compare`: `previous`, `year` or `start,end`. Raises InvalidInput.

    `previous` ends where the span begins and has as many days (of the zone), or, where the span is
    not made of whole days, as many milliseconds. `year` is the same dates and times a year earlier;
    29 February becomes 1 March. Where that leaves nothing (29 February alone, a day that the zone skipped),
    it is as many milliseconds.
    """
    if compare == "previous":
        before = _previous(span, zone)
        return before if before.start < before.end else Span(2 * span.start - span.end, span.start)
    if compare == "year":
        start, end = _year_before(span.start, zone), _year_before(span.end, zone)
        return Span(start, end if start < end else start + span.end - span.start)
    start, comma, end = compare.partition(",")
    if not comma or not end:
        raise InvalidInput(
            f"Unknown compare {compare[:100]!r}; previous, year, or two dates such as 2026-01-01,2026-01-31.",
            field="compare",
        )
    try:
        return dated_span(start.strip(), end.strip(), now, zone)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="compare") from error


def _previous(span: Span, zone: ZoneInfo) -> Span:
    first, after = local_date(span.start, zone), local_date(span.end, zone)
    if span.start == day_start(first, zone) and span.end == day_start(after, zone):
        return Span(day_start(first - (after - first), zone), span.start)
    return Span(2 * span.start - span.end, span.start)


def _year_before(instant: int, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(instant / 1000, zone)
    if instant == day_start(local.date(), zone):
        return day_start(back_months(local.date(), 12), zone)
    day = back_months(local.date(), 12)
    earlier = local.replace(year=day.year, month=day.month, day=day.day)
    return int(earlier.timestamp()) * 1000 + instant % 1000


def iso(instant: int, zone: ZoneInfo) -> str:
    """An instant as ISO 8601 with the zone's offset; milliseconds only where there are any."""
    moment = datetime.fromtimestamp(instant // 1000, zone)
    if instant % 1000:
        return moment.replace(microsecond=instant % 1000 * 1000).isoformat(timespec="milliseconds")
    return moment.isoformat(timespec="seconds")
