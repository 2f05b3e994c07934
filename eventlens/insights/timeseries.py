"""`timeseries`: the numbers of a span, bucket by bucket; empty buckets are rows too."""

from typing import Any, LiteralString

from msgspec import UNSET, Struct, UnsetType, structs

from eventlens.insights.aligning import aligned
from eventlens.insights.answers import Change, change
from eventlens.insights.metrics import EVENT_METRICS, SESSION_METRICS, Metric
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.sums import compared, summed
from eventlens.store.base import Store


class Row(Struct, kw_only=True):
    """`date`: YYYY-MM-DD for day, week (its Monday) and month; ISO 8601 with offset below a day."""

    date: str
    unique_visitors: int = 0
    total_sessions: int = 0
    total_screen_views: int = 0
    total_events: int = 0
    avg_session_duration: float = 0.0
    bounce_rate: float = 0.0


class ComparedRow(Row, kw_only=True):
    """With `compare`, the bucket of the other span that belongs beside this one; null where there is none."""

    previous: Row | UnsetType | None = UNSET
    change: Change | UnsetType = UNSET


def timeseries(store: Store, question: Question) -> list[ComparedRow]:
    """One row a bucket, in order. A session counts where it starts. Raises InvalidInput: too many buckets."""
    if question.compared is None:
        return [ComparedRow(**structs.asdict(row)) for row in _rows(store, question)]
    earlier = question.previous()
    both = compared(store, question, _starts(question), _starts(earlier))
    rows = [ComparedRow(**structs.asdict(row)) for row in _rows(store, question, both)]
    for now, then in zip(rows, aligned(question, _rows(store, earlier, both)), strict=True):
        now.previous = then
        now.change = change(now, then)
    return rows


def _starts(question: Question) -> list[int]:
    return [bucket.start for bucket in question.buckets()]


def _rows(store: Store, question: Question, found: dict[int, dict[str, Any]] | None = None) -> list[Row]:
    if found is None:
        found = summed(store, question, _starts(question))
    if found is None:
        found = _raw(store, question)
    return [Row(date=bucket.date, **_shown(found.get(bucket.start, {}))) for bucket in question.buckets()]


def _shown(numbers: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in numbers.items() if name in Row.__struct_fields__}


def _raw(store: Store, question: Question) -> dict[int, dict[str, Any]]:
    plan = Plan(question)
    found: dict[int, dict[str, Any]] = {}
    for sql in (
        _sql(plan, EVENT_METRICS, "e.timestamp", plan.events),
        _sql(plan, SESSION_METRICS, "s.session_start", plan.sessions()),
    ):
        for values in plan.run(store, sql).dicts():
            found.setdefault(values.pop("bucket"), {}).update(values)
    return found


def _sql(
    plan: Plan, metrics: tuple[Metric, ...], time: LiteralString, source: LiteralString
) -> LiteralString:
    shown = [metric for metric in metrics if metric.name in Row.__struct_fields__]
    return f"""SELECT {plan.bucket(time)} AS bucket,
  {plan.columns(shown)}{source}
GROUP BY bucket"""
