"""Compute hours and days ahead, from raw rows."""

import secrets
from collections.abc import Mapping, Sequence
from typing import LiteralString
from zoneinfo import ZoneInfo

from eventlens.clock import HOUR, Clock
from eventlens.insights.plan import Plan, has_identities
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.insights.rollups.branches import COUNTS, KEY, TOGETHER, Branch
from eventlens.insights.rollups.cover import within
from eventlens.insights.rollups.people import NOBODY, merged
from eventlens.insights.rollups.sums import TIMES, raw_sums
from eventlens.store.base import Store

SETTINGS: LiteralString = """
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000"""
"""One core and little memory: questions and collection go first."""


def new_version(clock: Clock) -> int:
    """Higher than any earlier one, and nobody else's."""
    return clock() << 20 | secrets.randbits(20)


def touches_by_hour(store: Store, project_id: str, span: Span) -> dict[int, int]:
    """How often each hour of a span was touched; without those that never were."""
    sql: LiteralString = """SELECT hour, sum(count) FROM touches
WHERE project_id = {project:String} AND hour >= {first:Int64} AND hour <= {last:Int64}
GROUP BY hour"""
    values = {"project": project_id, "first": span.start // HOUR, "last": span.end // HOUR}
    return dict(store.query(sql, values).rows)


def touched_in(touches: Mapping[int, int], span: Span) -> int:
    """The touches of all hours that a span overlaps."""
    return sum(touches.get(hour, 0) for hour in range(span.start // HOUR, -(-span.end // HOUR)))


def plan_of(store: Store, project_id: str, span: Span) -> Plan:
    """A plan for the raw rows of a span."""
    identified = has_identities(store, project_id)
    return Plan(Question(project_id=project_id, span=span, zone=ZoneInfo("UTC"), identified=identified))


def build_totals(
    store: Store,
    project_id: str,
    buckets: Sequence[Span],
    version: int,
    touches: Mapping[int, int],
    *,
    grain: int,
) -> None:
    """Compute the totals of some buckets that do not overlap, in order.

    `touches` were read before; that is what makes it safe to compute while others write.
    """
    plan = plan_of(store, project_id, Span(buckets[0].start, buckets[-1].end))
    bind = plan.binder.bind
    starts = bind([bucket.start for bucket in buckets], "Array(Int64)")
    ends = bind([bucket.end for bucket in buckets], "Array(Int64)")
    sums = bind([touched_in(touches, bucket) for bucket in buckets], "Array(UInt64)")
    raw: list[LiteralString] = []
    for time in TIMES:
        raw += raw_sums(plan, within(plan.binder, time, buckets), starts, time)
    union: LiteralString = "\nUNION ALL\n".join(raw)
    store.command(
        f"""INSERT INTO rollup_totals (project_id, grain, bucket_start, bucket_end, version, touched,
  events, views, sessions, bounces, duration, session_views, people)
SELECT {plan.project}, {bind(grain, "UInt8")}, fromUnixTimestamp64Milli(bucket, 'UTC'),
  fromUnixTimestamp64Milli({ends}[indexOf({starts}, bucket)], 'UTC'), {bind(version, "UInt64")},
  {sums}[indexOf({starts}, bucket)],
  sum(events), sum(views), sum(sessions), sum(bounces), sum(duration), sum(session_views),
  {merged("people")}
FROM (
SELECT arrayJoin({starts}) AS bucket, 0 AS pieces, 0 AS events, 0 AS views, 0 AS sessions, 0 AS bounces,
  0 AS duration, 0 AS session_views, {NOBODY} AS people
GROUP BY bucket
UNION ALL
{union})
GROUP BY bucket{SETTINGS}""",
        plan.binder.values,
    )


def build_lists(
    store: Store, project_id: str, bucket: Span, version: int, touches: Mapping[int, int], *, grain: int
) -> None:
    """Compute all lists of a bucket. They count when the last statement is through: all or none of them."""
    plan = plan_of(store, project_id, bucket)
    # One after another: each holds as many sets of people as the day has values.
    for branches in TOGETHER if _has_events(store, plan) else ():
        _build_rows(store, plan, branches, version)
    finish_lists(store, plan, version, touched_in(touches, bucket), grain=grain)


def _has_events(store: Store, plan: Plan) -> bool:
    """Whether there is anything to list: most hours of a small site have nothing."""
    return bool(plan.run(store, f"SELECT 1 FROM events AS e WHERE {plan.in_span} LIMIT 1").rows)


def finish_lists(store: Store, plan: Plan, version: int, touched: int, *, grain: int) -> None:
    """Say that the lists of a plan's span are whole, in a version, as of `touched`."""
    bind = plan.binder.name
    store.command(
        f"""INSERT INTO rollup_lists (project_id, grain, bucket_start, bucket_end,
  version, touched, events, sizes)
SELECT {plan.project}, {bind("grain", grain, "UInt8")}, {plan.start}, {plan.end},
  {bind("version", version, "UInt64")}, {bind("touched", touched, "UInt64")},
  sumIf(r.events, r.list = 'name'), sumMap(map(r.list, toUInt64(1)))
FROM rollup_rows AS r
WHERE r.project_id = {plan.project} AND r.bucket_start = {plan.start}
  AND r.version = {{version:UInt64}}""",
        plan.binder.values,
    )


def _build_rows(store: Store, plan: Plan, branches: Sequence[Branch], version: int) -> None:
    union: LiteralString = "\nUNION ALL\n".join([branch(plan) for branch in branches])
    numbers: LiteralString = ", ".join(COUNTS)
    sums: LiteralString = ", ".join([f"sum(b.{count}) AS {count}" for count in COUNTS])
    store.command(
        f"""INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, {numbers}, people)
SELECT {plan.project}, {plan.start}, {plan.binder.name("version", version, "UInt64")}, b.list AS list,
  {KEY} AS key, b.first AS first, b.second AS second,
  argMax(b.title, b.titled) AS title, max(b.titled) AS titled,
  {sums},
  {merged("b.people")} AS people
FROM (
{union}) AS b
GROUP BY list, first, second{SETTINGS}""",
        plan.binder.values,
    )
