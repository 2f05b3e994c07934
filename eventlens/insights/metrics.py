"""What can be counted: each metric's SQL over events `e` (with people `i`) or over sessions `s`."""

from dataclasses import dataclass
from typing import Literal, LiteralString

DURATION_MS: LiteralString = "toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start)"


@dataclass(frozen=True, slots=True)
class Metric:
    """`sql` is an aggregate; `{people}` stands for the number of different people.

    `once` is the same where events and sessions are told in one reading of events, without joining
    sessions: the event is of the span where `counts`, its `session` starts in the span where `starts` and
    has one screen view where `single`. `per` names a dimension without which the numbers cannot be added
    up; such a metric is no number of a whole span.
    """

    name: LiteralString
    source: Literal["events", "sessions"]
    sql: LiteralString
    description: str
    once: LiteralString | None = None
    per: str | None = None


_SESSIONS: LiteralString = "uniqExactIf({session}, {starts})"

_ROWS = (
    Metric(
        "unique_visitors",
        "events",
        "{people}",
        "different people with at least one event",
        "uniqExactIf({person}, e.visitor != 0 AND {counts})",
    ),
    Metric("total_sessions", "sessions", "count()", "sessions that started", _SESSIONS),
    Metric(
        "total_screen_views",
        "events",
        "countIf(e.name = 'screen_view')",
        "screen views",
        "countIf(e.name = 'screen_view' AND {counts})",
    ),
    Metric("total_events", "events", "count()", "events, screen views among them", "countIf({counts})"),
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
        f"if({_SESSIONS} = 0, 0, 100 * uniqExactIf({{session}}, {{starts}} AND {{single}}) / {_SESSIONS})",
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
