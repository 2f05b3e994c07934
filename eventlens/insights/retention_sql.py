"""SQL of retention: each visitor's buckets as the bits of one number, then people by cohort and bucket.

Such a number stays small however much somebody does, and is faster than an array of dates.

Everybody's row has `began` (cohorts of the first event: the bucket counted from 1, 0 before the span) or
`starts` (recurring cohorts: the buckets), `returns` (the buckets in which they came back) and `place` (the
value with which they began, see `measures`).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import LiteralString

from eventlens.insights.buckets import Bucket
from eventlens.insights.filters import Condition, any_of_session, condition_sql, within
from eventlens.insights.measures import Split, place_sql
from eventlens.insights.plan import Plan

_COMMA: LiteralString = ", "
_SIZES: tuple[tuple[int, LiteralString], ...] = ((64, "UInt64"), (128, "UInt128"), (256, "UInt256"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Which events begin, which count as coming back (None: any), and what a cohort is.

    `first`: begun with the first such event in the span; `ever`: ever; neither: in each bucket anew.
    """

    starts: Condition | None = None
    returns: Condition | None = None
    first: bool = True
    ever: bool = False
    later: bool = False
    """Whoever came back in a later bucket counts as well."""


def cells_sql(plan: Plan, events: Events, split: Split | None = None) -> LiteralString:
    """Rows (place, cohort, bucket, people): who of a cohort came back in a bucket.

    The cohort's own bucket stands for all its people. With `later`, only each person's last bucket counts.
    """
    everybody = Everybody(plan, events, split)
    back: LiteralString = everybody.back
    at: LiteralString = f"arrayPushFront(arrayFilter(each -> each > cohort, {back}), cohort)"
    if events.later:
        at = f"if(arrayMax({back}) > cohort, [cohort, arrayMax({back})], [cohort])"
    if events.first:
        source, counted = f"(SELECT place, began - 1 AS cohort, returns FROM {everybody.sql})", "count()"
    else:
        # Many come in the same buckets: what follows is worked out once for all of them.
        source = f"""(
SELECT place, arrayJoin({everybody.begun}) AS cohort, returns, alike FROM (
SELECT place, starts, returns, count() AS alike FROM {everybody.sql}
GROUP BY place, starts, returns))"""
        counted: LiteralString = "sum(alike)"
    return f"""SELECT place, toUInt16(cohort) AS cohort, arrayJoin({at}) AS at, {counted} AS people
FROM {source}
GROUP BY place, cohort, at"""


def people_sql(plan: Plan, events: Events, cohort: int, at: int) -> LiteralString:
    """The people of one such cell, in the order of their keys, those after the parameter `after`.

    With `later` that are all who came in the bucket or after it.
    """
    everybody = Everybody(plan, events, None)
    binder = plan.binder
    first = binder.name("cohort", cohort, "UInt16")
    wanted: LiteralString = f"began - 1 = {first}" if events.first else f"has({everybody.begun}, {first})"
    if at > cohort:
        bucket = binder.name("at", at, "UInt16")
        back = everybody.back
        came = f"arrayMax({back}) >= {bucket}" if events.later else f"has({back}, {bucket})"
        wanted = f"{wanted} AND {came}"
    return f"""SELECT person FROM {everybody.sql}
WHERE {wanted} AND person > {binder.name("after", 0, "UInt64")}
ORDER BY person
LIMIT {binder.name("limit", plan.question.limit + 1, "UInt64")}"""


class Everybody:
    """A row of each person (and place) who began within the span."""

    def __init__(self, plan: Plan, events: Events, split: Split | None) -> None:
        self._plan = plan
        self._events = events
        self._split = split
        self._buckets = plan.question.buckets()
        self._marks = _marks(self._buckets)
        self._index: LiteralString = _index(plan, self._buckets)
        self._same = events.starts == events.returns
        self._starts: LiteralString = _condition(plan, events.starts)
        self._returns: LiteralString = self._starts if self._same else _condition(plan, events.returns)
        self.back: LiteralString = self._marks.positions("returns")
        """The buckets in which somebody came back, in order."""
        self.begun: LiteralString = self._marks.positions("starts")
        """The buckets in which somebody of a recurring cohort began."""

    @property
    def sql(self) -> LiteralString:
        """A subquery."""
        if self._split is None and not self._plan.question.identified:
            return f"""(
SELECT node AS person, -1 AS place, {self._kept} FROM {self._nodes}
WHERE {self._valid})"""
        if self._split is None:
            return f"""(
SELECT person, -1 AS place, {self._kept} FROM {self._persons}
WHERE {self._valid})"""
        kind: LiteralString = "began" if self._events.first else "starts"
        return f"""(
SELECT person, entry.1 AS place, entry.2 AS {kind}, returns FROM (
SELECT person, groupArrayIf((place, {kind}), {self._valid}) AS entries,
  {self._marks.merge("returns")} AS returns
FROM {self._persons} GROUP BY person) ARRAY JOIN entries AS entry)"""

    @property
    def _kept(self) -> LiteralString:
        if self._events.first:
            return "began, returns"
        return "starts, returns"

    @property
    def _valid(self) -> LiteralString:
        if self._events.first:
            return f"began BETWEEN 1 AND {self._plan.binder.name('buckets', len(self._buckets), 'UInt16')}"
        return self._marks.any("starts")

    @property
    def _persons(self) -> LiteralString:
        """Nodes put together."""
        plan, marks = self._plan, self._marks
        place: LiteralString = ", place" if self._split is not None else ""
        kept: LiteralString = f"{marks.merge('n.starts')} AS starts"
        if self._events.first:
            kept = "min(n.began) AS began"
        return f"""(
SELECT {plan.person("n.node")} AS person{place}, {kept}, {marks.merge("n.returns")} AS returns
FROM {self._nodes} AS n{plan.join_people("n.node")}
GROUP BY person{place})"""

    @property
    def _nodes(self) -> LiteralString:
        """What each visitor node did."""
        plan, events = self._plan, self._events
        split = self._split
        place: LiteralString = f", {place_sql(plan, split)} AS place" if split is not None else ""
        kept: list[LiteralString] = [self._began if events.first else f"{self._started} AS starts"]
        kept.append(f"{self._returned} AS returns")
        return f"""(
SELECT e.visitor AS node{place}, {_COMMA.join(kept)}{self._source}
  AND e.visitor != 0
GROUP BY node{", place" if split is not None else ""})"""

    # --- aggregates of a node ---

    @property
    def _began(self) -> LiteralString:
        plan = self._plan
        nowhere = plan.binder.name("nowhere", len(self._buckets) + 1, "UInt16")
        bucket: LiteralString = f"toUInt16({self._index} + 1)"
        if self._events.ever:
            bucket = f"if(e.timestamp < {plan.start}, toUInt16(0), {bucket})"
        return f"min(if({self._starts}, {bucket}, {nowhere})) AS began"

    @property
    def _started(self) -> LiteralString:
        return self._marks.collect(self._index, self._starts)

    @property
    def _returned(self) -> LiteralString:
        wanted = self._returns
        if self._events.ever:
            wanted = f"{wanted} AND e.timestamp >= {self._plan.start}"
        return self._marks.collect(self._index, wanted)

    @property
    def _source(self) -> LiteralString:
        """The events that begin or come back; for `ever` also those before the span that begin."""
        plan, events = self._plan, self._events
        both = (events.starts, events.returns)
        where: LiteralString = plan.in_span
        if events.ever:
            since: LiteralString = plan.between("e.timestamp", plan.instant("since", 0), plan.end)
            where = f"e.project_id = {plan.project}\n  AND {since}"
        if None in both:
            return plan.events_where(where, people=False)
        either: LiteralString = self._starts if self._same else f"({self._starts} OR {self._returns})"
        if any(each is not None and any_of_session(each) for each in both):
            return plan.events_where(f"{where}\n  AND {either}", people=False)
        return plan.events_where(where, people=False, early=(either,))


def _condition(plan: Plan, condition: Condition | None) -> LiteralString:
    if condition is None:
        return "true"
    question = plan.question
    return condition_sql(within(condition, question.span, identified=question.identified), plan.binder)


# --- buckets ---


def _index(plan: Plan, buckets: tuple[Bucket, ...]) -> LiteralString:
    """The number of the bucket, from 0, in which an event `e` of the span lies."""
    binder = plan.binder
    time: LiteralString = "toUnixTimestamp64Milli(e.timestamp)"
    starts = [bucket.start for bucket in buckets]
    lengths = {after - before for before, after in pairwise(starts)}
    last = binder.name("last", len(starts) - 1, "UInt16")
    if len(lengths) <= 1:
        length = binder.name("length", lengths.pop() if lengths else 1 << 50, "Int64")
        first = binder.name("first", starts[0], "Int64")
        # The last bucket may be longer than the others.
        return f"toUInt16(least(intDiv({time} - {first}, {length}), {last}))"
    array = binder.name("starts", starts, "Array(Int64)")
    numbers = binder.name("numbers", list(range(len(starts))), "Array(UInt16)")
    return f"transform(roundDown({time}, {array}), {array}, {numbers}, {last})"


@dataclass(frozen=True, slots=True)
class _Bits:
    """A set of buckets as the bits of a number of some type."""

    kind: LiteralString

    def collect(self, index: LiteralString, wanted: LiteralString) -> LiteralString:
        bit: LiteralString = f"bitShiftLeft(to{self.kind}(1), {index})"
        return f"groupBitOr({bit if wanted == 'true' else f'if({wanted}, {bit}, to{self.kind}(0))'})"

    def merge(self, column: LiteralString) -> LiteralString:
        return f"groupBitOr({column})"

    def any(self, column: LiteralString) -> LiteralString:
        return f"{column} != 0"

    def positions(self, column: LiteralString) -> LiteralString:
        return f"arrayMap(bit -> toUInt16(bit), bitPositionsToArray({column}))"


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A set of more buckets than any number has bits."""

    def collect(self, index: LiteralString, wanted: LiteralString) -> LiteralString:
        return f"groupUniqArrayIf({index}, {wanted})"

    def merge(self, column: LiteralString) -> LiteralString:
        return f"groupUniqArrayArray({column})"

    def any(self, column: LiteralString) -> LiteralString:
        return f"notEmpty({column})"

    def positions(self, column: LiteralString) -> LiteralString:
        return f"arraySort({column})"


def _marks(buckets: tuple[Bucket, ...]) -> _Bits | _Numbers:
    for most, kind in _SIZES:
        if len(buckets) <= most:
            return _Bits(kind)
    return _Numbers()
