"""`metrics`: the numbers of a span as a whole."""

from msgspec import UNSET, Struct, UnsetType, structs

from eventlens.insights.answers import Change, change
from eventlens.insights.metrics import EVENT_METRICS, SESSION_METRICS
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.sums import NOTHING, compared, summed
from eventlens.store.base import Store


class Totals(Struct, kw_only=True):
    """Durations in seconds, bounce rate in percent (0 to 100); ratios over no sessions are 0."""

    unique_visitors: int
    total_sessions: int
    total_screen_views: int
    total_events: int
    avg_session_duration: float
    bounce_rate: float
    views_per_session: float


class ComparedTotals(Totals, kw_only=True):
    """With `compare`, the same numbers of the other span and the relative change."""

    previous: Totals | UnsetType = UNSET
    change: Change | UnsetType = UNSET


def totals(store: Store, question: Question) -> ComparedTotals:
    """The numbers of the question's span, and of the one it is compared with."""
    if question.compared is None:
        return ComparedTotals(**structs.asdict(_totals(store, question)))
    start, before = question.span.start, question.compared.start
    both = compared(store, question, [start], [before])
    if both is not None:
        now, then = (Totals(**both.get(each, NOTHING)) for each in (start, before))
    else:
        now, then = _totals(store, question), _totals(store, question.previous())
    return ComparedTotals(**structs.asdict(now), previous=then, change=change(now, then))


def _totals(store: Store, question: Question) -> Totals:
    ahead = summed(store, question, [question.span.start])
    if ahead is not None:
        return Totals(**ahead.get(question.span.start, NOTHING))
    plan = Plan(question)
    events = plan.run(store, f"SELECT {plan.columns(EVENT_METRICS)}{plan.events}")
    sessions = plan.run(store, f"SELECT {plan.columns(SESSION_METRICS)}{plan.sessions()}")
    return Totals(**events.dicts()[0], **sessions.dicts()[0])
