"""What can be counted: each metric's SQL over events `e` (with people `i`) or over sessions `s`."""

from dataclasses import dataclass
from typing import Literal, LiteralString

DURATION_MS: LiteralString = "toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start)"


@dataclass(frozen=True, slots=True)
class Metric:
    """`sql` is an aggregate; `{people}` stands for the number of different people.

    `quick` is the same of sessions without joining them: over rows that have a session's id `session`
    and `single`, whether it has one screen view, any number of times. `per` names a dimension without
    which the numbers cannot be added up; such a metric is no number of a whole span.
    """

    name: LiteralString
    source: Literal["events", "sessions"]
    sql: LiteralString
    description: str
    quick: LiteralString | None = None
    per: str | None = None


_ROWS = (
    Metric("unique_visitors", "events", "{people}", "different people with at least one event"),
    Metric("total_sessions", "sessions", "count()", "sessions that started", "uniqExact(session)"),
    Metric("total_screen_views", "events", "countIf(e.name = 'screen_view')", "screen views"),
    Metric("total_events", "events", "count()", "events, screen views among them"),
    Metric(
        "avg_session_duration",
        "sessions",
        f"if(count() = 0, 0, sum({DURATION_MS}) / 1000 / count())",
        "seconds from a session's first event to its last, mean over all sessions",
    ),
    Metric(
        "bounce_rate",
        "sessions",
        "if(count() = 0, 0, 100 * countIf(s.screen_views = 1) / count())",
        "percent of the sessions that have exactly one screen view",
        "100 * uniqExactIf(session, single) / uniqExact(session)",
    ),
    Metric(
        "views_per_session",
        "sessions",
        "if(count() = 0, 0, sum(s.screen_views) / count())",
        "screen views of the sessions, mean over all of them",
    ),
    Metric(
        "revenue",
        "events",
        "sum(toInt128(ifNull(e.revenue, 0)))",
        "sum of revenue in minor units; only by `currency`",
        per="currency",
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ROWS}
EVENT_METRICS: tuple[Metric, ...] = tuple(
    each for each in _ROWS if each.source == "events" and each.per is None
)
SESSION_METRICS: tuple[Metric, ...] = tuple(each for each in _ROWS if each.source == "sessions")
