"""A question as a frozen value. Reports turn it into SQL (`plan.py`) and rows into answers."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from eventlens.insights.buckets import Bucket, Interval, cut
from eventlens.insights.filters import Condition
from eventlens.insights.ranges import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What every report needs to know.

    `identified`: the project has devices or aliases that belong to people, so visitors must be looked up.
    `exact`: count people exactly whatever that costs.
    """

    project_id: str
    span: Span
    zone: ZoneInfo
    condition: Condition | None = None
    compared: Span | None = None
    exact: bool = True
    identified: bool = True
    interval: Interval | None = None
    limit: int = 100
    offset: int = 0

    def previous(self) -> "Question":
        """The same question about the span it is compared with."""
        assert self.compared is not None
        return replace(self, span=self.compared, compared=None)

    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets of the question's span. Raises InvalidInput when they are too many."""
        assert self.interval is not None
        return cut(self.span, self.interval, self.zone)
