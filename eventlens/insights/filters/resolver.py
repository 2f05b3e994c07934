"""What a condition may refer to: saved cohorts and segments, and the moment it is asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from eventlens.insights.ranges import Span, day_start, local_date

SavedName = Literal["cohort", "segment"]
"""Names of filters that refer to something saved."""

Find = Callable[[SavedName, str], Any]
"""The filters (decoded JSON) that the project saved of that kind under an id; None where there is none."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """`now` in milliseconds; `zone` is the question's, `home` the project's own."""

    find: Find
    now: int
    zone: ZoneInfo
    home: ZoneInfo
    cohorts: Callable[[], list[str]] = list
    """Ids of all cohorts of the project."""

    def at_home(self) -> "Resolver":
        """For cohorts: the same people, whatever zone a question is asked in."""
        return replace(self, zone=self.home)

    def last_days(self, count: int) -> Span:
        """Today and the days before it, as many together."""
        today = local_date(self.now, self.zone)
        first, after = today - timedelta(days=count - 1), today + timedelta(days=1)
        return Span(day_start(first, self.zone), day_start(after, self.zone))
