"""Compute weeks and months ahead, from the days that were."""

from collections.abc import Sequence
from typing import LiteralString

from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.rollups.branches import COUNTS, LISTS
from eventlens.insights.rollups.build import SETTINGS, finish_lists, plan_of, touched_in, touches_by_hour
from eventlens.insights.rollups.cover import Piece, Table, pieces_sql, valid_pieces, versions_sql
from eventlens.insights.rollups.grains import DAY, Long
from eventlens.insights.rollups.people import counted, merged
from eventlens.store.base import Store

_SUMS = ("events", "views", "sessions", "bounces", "duration", "session_views")


def build_longer(store: Store, project_id: str, bucket: Long, version: int, table: Table) -> bool:
    """Compute a week's or a month's totals, or lists; False where not all of its days are right just now."""
    # Before the days are looked at: a touch after this makes the bucket old, not wrong.
    touched = touched_in(touches_by_hour(store, project_id, bucket.span), bucket.span)
    plan = plan_of(store, project_id, bucket.span)
    pieces = _days(store, plan.question, bucket, table)
    if len(pieces) < len(bucket.days):
        return False
    if table == "rollup_totals":
        _totals(store, plan, bucket, version, pieces, touched)
        return True
    for name, _ in LISTS.values():  # one at a time: each holds a set of people for each of its values
        _rows(store, plan, version, pieces, name)
    finish_lists(store, plan, version, touched, grain=bucket.grain)
    return True


def _days(store: Store, question: Question, bucket: Long, table: Table) -> list[Piece]:
    wanted = {(day.start, day.end) for day in bucket.days}
    found = valid_pieces(store, question, table, bucket.span, (DAY, DAY), just_now=True)
    return sorted(piece for piece in found if (piece.start, piece.end) in wanted)


def _totals(
    store: Store, plan: Plan, bucket: Long, version: int, pieces: Sequence[Piece], touched: int
) -> None:
    bind = plan.binder.bind
    sums: LiteralString = ", ".join([f"sum({name})" for name in _SUMS])
    store.command(
        f"""INSERT INTO rollup_totals (project_id, grain, bucket_start, bucket_end, version, touched,
  {", ".join(_SUMS)}, people)
SELECT {plan.project}, {bind(bucket.grain, "UInt8")}, {plan.start}, {plan.end},
  {bind(version, "UInt64")}, {bind(touched, "UInt64")},
  {sums}, {merged("people")}
FROM rollup_totals
WHERE project_id = {plan.project} AND {pieces_sql(plan.binder, pieces)}{SETTINGS}""",
        plan.binder.values,
    )


def _rows(store: Store, plan: Plan, version: int, pieces: Sequence[Piece], name: LiteralString) -> None:
    numbers: LiteralString = ", ".join(COUNTS)
    sums: LiteralString = ", ".join([f"sum(r.{count})" for count in COUNTS if count != "visitors"])
    store.command(
        f"""INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, {numbers}, people)
SELECT {plan.project}, {plan.start}, {plan.binder.name("version", version, "UInt64")}, r.list, r.key,
  any(r.first), any(r.second), argMax(r.title, r.titled), max(r.titled),
  {sums}, least({counted("r.people")}, sum(r.visitors)),
  {merged("r.people")}
FROM rollup_rows AS r
WHERE r.project_id = {plan.project} AND r.list = '{name}' AND {versions_sql(plan.binder, pieces)}
GROUP BY r.list, r.key{SETTINGS}""",
        plan.binder.values,
    )
