"""The numbers of a span or of its buckets from what was computed ahead, with raw rows in between."""

from collections.abc import Sequence
from typing import Any, LiteralString

from eventlens.insights.metrics import DURATION_MS
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.cover import Cover, cover, pieces_sql, within
from eventlens.insights.rollups.people import NOBODY, counted, exactly
from eventlens.store.base import Store

Numbers = dict[str, Any]
"""Metrics by name."""


def summed(store: Store, question: Question, starts: Sequence[int]) -> dict[int, Numbers] | None:
    """`{start: metrics}` of the buckets that begin at `starts` (milliseconds), without empty ones.

    The first may begin before the span. None where raw rows should answer the question.
    """
    edges = [max(starts[0], question.span.start), *starts[1:], question.span.end]
    for _ in range(2):
        found = cover(store, question, "rollup_totals", edges)
        if found is None:
            return None
        plan = Plan(question)
        rows = plan.run(store, _sql(plan, found, starts)).dicts()
        if sum(row.pop("pieces") for row in rows) == len(found.pieces):
            return _noted(question, rows)
        # One was computed again in between, and the old one merged away.
    return None


def _noted(question: Question, rows: list[dict[str, Any]]) -> dict[int, Numbers]:
    exact = [row.pop("exact") for row in rows]
    question.trace.exact &= all(exact)
    return {row.pop("bucket"): row for row in rows}


def _sql(plan: Plan, found: Cover, starts: Sequence[int]) -> LiteralString:
    array = plan.binder.name("buckets", list(starts), "Array(Int64)")
    branches: list[LiteralString] = [_ahead_sql(plan, found, array)]
    if found.raw:
        branches += raw_sums(plan, within(plan.binder, "e.timestamp", found.raw), array, "e.timestamp")
        branches += raw_sums(
            plan, within(plan.binder, "s.session_start", found.raw), array, "s.session_start"
        )
    union: LiteralString = "\nUNION ALL\n".join(branches)
    return f"""SELECT bucket, sum(pieces) AS pieces,
  sum(events) AS total_events, sum(views) AS total_screen_views, sum(sessions) AS total_sessions,
  if(total_sessions = 0, 0, sum(duration) / 1000 / total_sessions) AS avg_session_duration,
  if(total_sessions = 0, 0, 100 * sum(bounces) / total_sessions) AS bounce_rate,
  if(total_sessions = 0, 0, sum(session_views) / total_sessions) AS views_per_session,
  {counted("people")} AS unique_visitors,
  {exactly("people")} AS exact
FROM (
{union})
GROUP BY bucket"""


def _ahead_sql(plan: Plan, found: Cover, buckets: LiteralString) -> LiteralString:
    return f"""SELECT roundDown(toUnixTimestamp64Milli(bucket_start), {buckets}) AS bucket, 1 AS pieces,
  events, views, sessions, bounces, duration, session_views, people
FROM rollup_totals
WHERE project_id = {plan.project} AND {pieces_sql(plan.binder, found.pieces)}"""


def raw_sums(
    plan: Plan, where: LiteralString, buckets: LiteralString, time: LiteralString
) -> list[LiteralString]:
    """The same columns of raw rows for which `where` holds, of events or of sessions as `time` says."""
    bucket: LiteralString = f"roundDown(toUnixTimestamp64Milli({time}), {buckets}) AS bucket, 0 AS pieces"
    if time == "e.timestamp":
        return [
            f"""SELECT {bucket},
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration,
  0 AS session_views, {plan.people_state()} AS people
FROM events AS e FINAL{plan.join_people("e.visitor")}
WHERE e.project_id = {plan.project} AND {where}
GROUP BY bucket"""
        ]
    return [
        f"""SELECT {bucket},
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces,
  toUInt64(sum({DURATION_MS})) AS duration, sum(s.screen_views) AS session_views, {NOBODY} AS people
FROM sessions AS s FINAL
WHERE s.project_id = {plan.project} AND {where}
GROUP BY bucket"""
    ]


TIMES: tuple[LiteralString, ...] = ("e.timestamp", "s.session_start")
"""When an event, and when a session counts."""
