"""Which bucket of another span belongs beside which bucket of this one."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from eventlens.insights.buckets import Bucket
from eventlens.insights.question import Question
from eventlens.insights.ranges import local_date

T = TypeVar("T")


def aligned(question: Question, then: Sequence[T]) -> list[T | None]:
    """What belongs to each bucket of the question, of what there is of each bucket of the compared span.

    Days are compared by date and hours by what the clock shows, so that a day of 23 or 25 hours and a leap
    day move nothing: what the other span does not have is None. Weeks and months are compared place by
    place, as are spans that begin at different times of the day.
    """
    earlier = question.previous().buckets()
    of_clock = _clock_shift(question)
    if of_clock is None:
        return [then[at] if at < len(then) else None for at in range(len(question.buckets()))]
    found = dict(zip(_keys(earlier, lambda day: day), then, strict=True))
    return [found.get(key) for key in _keys(question.buckets(), of_clock)]


_Shift = Callable[[date], date | None]


def _clock_shift(question: Question) -> _Shift | None:
    """How dates of the question become dates of the compared span; None where places are compared."""
    assert question.compared is not None
    if question.interval in ("week", "month"):
        return None
    zone = question.zone
    start, other = (
        datetime.fromtimestamp(span.start / 1000, zone) for span in (question.span, question.compared)
    )
    if start.time() != other.time():
        return None
    first, there = local_date(question.span.start, zone), local_date(question.compared.start, zone)
    if (first.month, first.day) == (there.month, there.day):
        return lambda day: _in_year(day, day.year - first.year + there.year)
    return lambda day: day - (first - there)


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return None


_Key = tuple[date | None, timedelta, int]


def _keys(buckets: Sequence[Bucket], shift: _Shift) -> list[_Key]:
    """Shifted date, time of day, and how often the clock showed that before."""
    seen: Counter[datetime] = Counter()
    keys: list[_Key] = []
    for bucket in buckets:
        shown = datetime.fromisoformat(bucket.date).replace(tzinfo=None)
        keys.append((shift(shown.date()), shown - datetime.combine(shown, datetime.min.time()), seen[shown]))
        seen[shown] += 1
    return keys
