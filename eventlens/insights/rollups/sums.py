"""The numbers of a span or of its buckets from what was computed ahead, with raw rows in between."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, LiteralString, cast

from eventlens.insights.metrics import DURATION_MS
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.insights.rollups.cover import (
    Cover,
    cover,
    few_raw,
    pieces_sql,
    raw_plans,
    versions_sql,
    within,
)
from eventlens.insights.rollups.narrowed import Narrowed, narrowed
from eventlens.insights.rollups.people import NOBODY, all_exact, corrected, estimated
from eventlens.store.base import Store

Numbers = dict[str, Any]
"""Metrics by name."""

NOTHING: Numbers = dict.fromkeys(
    (
        "unique_visitors",
        "total_sessions",
        "total_screen_views",
        "total_events",
        "avg_session_duration",
        "bounce_rate",
        "views_per_session",
    ),
    0,
)
"""Of a bucket without events."""


def compared(
    store: Store, question: Question, starts: Sequence[int], before: Sequence[int]
) -> dict[int, Numbers] | None:
    """`summed` of the question's buckets and of those of the span it is compared with, in one reading.

    None where that span does not end where the question's begins, or raw rows should answer one of them.
    """
    earlier, span = question.compared, question.span
    if earlier is None or not earlier.end == span.start == starts[0]:
        return None
    both = replace(question, span=Span(earlier.start, span.end), compared=None)
    return summed(store, both, [*before, *starts], (earlier, span))


def summed(
    store: Store, question: Question, starts: Sequence[int], parts: Sequence[Span] = ()
) -> dict[int, Numbers] | None:
    """`{start: metrics}` of the buckets that begin at `starts` (milliseconds), without empty ones.

    The first may begin before the span. None where raw rows should answer the question, or a part of it.
    """
    narrow = narrowed(question.condition)
    if question.condition is not None and narrow is None:
        return None
    edges = [max(starts[0], question.span.start), *starts[1:], question.span.end]
    for _ in range(2):
        found = cover(store, question, "rollup_totals" if narrow is None else "rollup_lists", edges, parts)
        if found is None:
            return None
        plan = Plan(question)
        array = plan.binder.name("buckets", list(starts), "Array(Int64)")
        if narrow is not None:
            return _of_value(store, plan, found, narrow, array)
        rows = plan.run(store, _sql(plan, found, array)).dicts()
        if sum(row.pop("pieces") for row in rows) == len(found.pieces):
            return _noted(question, rows)
        # One was computed again in between, and the old one merged away.
    return None


def _of_value(
    store: Store, plan: Plan, found: Cover, narrow: Narrowed, buckets: LiteralString
) -> dict[int, Numbers] | None:
    if not few_raw(found):
        return None
    rows = plan.run(store, _narrow_sql(plan, found, narrow, buckets)).dicts()
    for row in rows:
        del row["pieces"]
    return _noted(plan.question, rows)


def _noted(question: Question, rows: list[dict[str, Any]]) -> dict[int, Numbers]:
    question.trace.exact &= all_exact(rows)
    return {row.pop("bucket"): row for row in rows}


def _sql(plan: Plan, found: Cover, buckets: LiteralString) -> LiteralString:
    ahead: LiteralString = f"""FROM rollup_totals AS t
WHERE t.project_id = {plan.project} AND {pieces_sql(plan.binder, found.pieces)}"""
    raw: list[LiteralString] = []
    if found.raw:
        for time in TIMES:
            raw += raw_sums(plan, within(plan.binder, time, found.raw), buckets, time)
    return _summed_sql(ahead, raw, buckets)


def _narrow_sql(plan: Plan, found: Cover, narrow: Narrowed, buckets: LiteralString) -> LiteralString:
    ahead: LiteralString = f"""FROM rollup_rows AS t
WHERE t.project_id = {plan.project} AND t.list = {plan.binder.bind(narrow.column, "String")}
  AND t.first = {plan.binder.bind(narrow.value, "String")} AND {versions_sql(plan.binder, found.pieces)}"""
    raw: list[LiteralString] = []
    for part in raw_plans(plan, found):
        raw += _sums_of(buckets, part.events, part.people_state(), part.sessions())
    return _summed_sql(ahead, raw, buckets)


def _summed_sql(ahead: LiteralString, raw: Sequence[LiteralString], buckets: LiteralString) -> LiteralString:
    bucket: LiteralString = f"roundDown(toUnixTimestamp64Milli(t.bucket_start), {buckets})"
    pieces, source = cast(LiteralString, "count()"), ahead
    if raw:
        union: LiteralString = "\nUNION ALL\n".join(raw)
        source = f"""FROM (
SELECT {bucket} AS bucket, 1 AS pieces, events, views, sessions, bounces, duration, session_views, people
{ahead}
UNION ALL
{union}) AS t"""
        bucket, pieces = "t.bucket", "sum(t.pieces)"
    return f"""SELECT {bucket} AS bucket, {pieces} AS pieces,
  sum(t.events) AS total_events, sum(t.views) AS total_screen_views, sum(t.sessions) AS total_sessions,
  if(total_sessions = 0, 0, sum(t.duration) / 1000 / total_sessions) AS avg_session_duration,
  if(total_sessions = 0, 0, 100 * sum(t.bounces) / total_sessions) AS bounce_rate,
  if(total_sessions = 0, 0, sum(t.session_views) / total_sessions) AS views_per_session,
  {estimated("t.people")} AS estimate, {corrected("estimate")} AS unique_visitors
{source}
GROUP BY bucket"""


def raw_sums(
    plan: Plan, where: LiteralString, buckets: LiteralString, time: LiteralString
) -> list[LiteralString]:
    """The same columns of raw rows for which `where` holds, of events or of sessions as `time` says."""
    if time == "e.timestamp":
        events: LiteralString = f"""
FROM events AS e FINAL{plan.join_people("e.visitor")}
WHERE e.project_id = {plan.project} AND {where}"""
        return _sums_of(buckets, events, plan.people_state())
    sessions: LiteralString = f"""
FROM sessions AS s FINAL
WHERE s.project_id = {plan.project} AND {where}"""
    return _sums_of(buckets, sessions=sessions)


def _sums_of(
    buckets: LiteralString,
    events: LiteralString = "",
    people: LiteralString = NOBODY,
    sessions: LiteralString = "",
) -> list[LiteralString]:
    """SELECTs of the sums of some events `e` and of some sessions `s`."""
    shown: LiteralString = "roundDown(toUnixTimestamp64Milli({time}), {buckets}) AS bucket, 0 AS pieces"
    shown = shown.replace("{buckets}", buckets)
    found: list[LiteralString] = []
    if events:
        found.append(
            f"""SELECT {shown.replace("{time}", "e.timestamp")},
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration,
  0 AS session_views, {people} AS people{events}
GROUP BY bucket"""
        )
    if sessions:
        found.append(
            f"""SELECT {shown.replace("{time}", "s.session_start")},
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces,
  toUInt64(sum({DURATION_MS})) AS duration, sum(s.screen_views) AS session_views, {NOBODY} AS people{sessions}
GROUP BY bucket"""
        )
    return found


TIMES: tuple[LiteralString, ...] = ("e.timestamp", "s.session_start")
"""When an event, and when a session counts."""
