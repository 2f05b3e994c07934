"""A question as a frozen value. Reports turn it into SQL (`plan.py`) and rows into answers."""

from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from eventlens.errors import InvalidInput
from eventlens.insights.buckets import Bucket, Interval, cut
from eventlens.insights.filters import Condition, Resolver, read_condition, within
from eventlens.insights.ranges import Span
from eventlens.insights.trace import Trace

MAX_COHORTS = 20
"""So many cohorts an answer may be split by: each is looked for by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What every report needs to know.

    `identified`: the project has devices or aliases that belong to people, so visitors must be looked up.
    `exact`: count people exactly whatever that costs. `exact_up_to`: how many events may be counted exactly
    without being asked to; answers computed ahead serve what is larger. None: nothing computed ahead is used.
    `trace`: how the question was answered.
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
    exact_up_to: int | None = None
    trace: Trace = field(default_factory=Trace, compare=False, repr=False)
    resolver: Resolver | None = field(default=None, compare=False, repr=False)
    """Finds what further filters name, those of a step or a series; `further_condition` uses it."""

    def previous(self) -> "Question":
        """The same question about the span it is compared with."""
        assert self.compared is not None
        return self.about(self.compared)

    def about(self, span: Span) -> "Question":
        """The same question about another span, compared with none; its filters move along."""
        condition = self.condition and within(self.condition, span, identified=self.identified)
        return replace(self, span=span, compared=None, condition=condition)

    def further_condition(self, document: Any, field: str) -> Condition | None:
        """The condition of filters (decoded JSON, None: none) that belong to a part of what is asked.

        They may say all that the question's own may: cohorts, segments, what somebody did. Raises
        InvalidInput with the field, `steps/0/filters` for example.
        """
        if document is None:
            return None
        condition = read_condition(document, field, self.resolver)
        return condition and within(condition, self.span, identified=self.identified)

    def cohorts(self) -> list[tuple[str, Condition]]:
        """The project's cohorts, id and condition, for answers that are split by them.

        Raises InvalidInput where they are too many.
        """
        ids = [] if self.resolver is None else self.resolver.cohorts()
        if len(ids) > MAX_COHORTS:
            raise InvalidInput(
                f"There are {len(ids)} cohorts: answers can be split by {MAX_COHORTS} at most. Ask with the "
                "filter cohort for one after the other.",
                field="dimension",
            )
        asked = [{"name": "cohort", "operator": "is", "value": [each]} for each in ids]
        found = [
            (each, self.further_condition([test], "dimension")) for each, test in zip(ids, asked, strict=True)
        ]
        return [(each, condition) for each, condition in found if condition is not None]

    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets of the question's span. Raises InvalidInput when they are too many."""
        assert self.interval is not None
        return cut(self.span, self.interval, self.zone)
