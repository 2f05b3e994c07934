"""What there is to compute ahead for a project, newest first, and computing a part of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString, NamedTuple
from zoneinfo import ZoneInfo

from eventlens.clock import MINUTE, Clock
from eventlens.insights.buckets import cut
from eventlens.insights.plan import first_event
from eventlens.insights.ranges import Span, day_start, local_date
from eventlens.insights.rollups.build import (
    build_lists,
    build_totals,
    new_version,
    touched_in,
    touches_by_hour,
)
from eventlens.insights.rollups.cover import Table
from eventlens.insights.rollups.grains import DAY, HOUR, Long, long_buckets
from eventlens.insights.rollups.longer import build_longer
from eventlens.store.base import Store
from eventlens.store.cluster import everywhere
from eventlens.store.events import chunks

RECENT_DAYS = 2
"""Days, today among them, whose lists are also computed by the hour: yesterday's may not be settled yet."""

PATIENCE = {
    "hours": MINUTE,
    "day": 5 * MINUTE,
    "list hours": 2 * MINUTE,
    "list day": 10 * MINUTE,
    "longer": 10 * MINUTE,
    "list longer": 30 * MINUTE,
}
"""How long what was computed is left as it is, though it is old by now: it costs time to compute again."""


class State(NamedTuple):
    """What was computed of a bucket, and when (milliseconds)."""

    touched: int
    at: int


Stored = Mapping[Span, State]


@dataclass(frozen=True, slots=True)
class Day:
    """What is due of a day of the project's zone."""

    span: Span
    hours: tuple[Span, ...]
    whole: bool
    list_hours: tuple[Span, ...]
    lists: bool

    @property
    def count(self) -> int:
        """How many buckets are to be computed."""
        return len(self.hours) + len(self.list_hours) + self.whole + self.lists


@dataclass(frozen=True, slots=True)
class Longer:
    """What is due of a week or a month whose days are all right."""

    bucket: Long
    totals: bool
    lists: bool

    @property
    def span(self) -> Span:
        """From its first day to its last."""
        return self.bucket.span

    @property
    def count(self) -> int:
        """How many buckets are to be computed."""
        return self.totals + self.lists


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be computed, newest first; `valid` buckets are right as they are, of `known` in all.

    `longer` only names what could be computed now: other weeks and months wait for their days.
    """

    days: tuple[Day, ...]
    longer: tuple[Longer, ...]
    valid: int
    known: int
    strays: tuple[Span, ...] = ()
    list_strays: tuple[Span, ...] = ()


class Rollups:
    """Finds what is due for a project and computes it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def is_large(self, project_id: str, exact_up_to: int) -> bool:
        """Whether the project has more events than are counted exactly anyway."""
        sql: LiteralString = "SELECT count() FROM events WHERE project_id = {project:String}"
        return self._store.query(sql, {"project": project_id}).rows[0][0] > exact_up_to

    def due(self, project_id: str, zone: ZoneInfo, *, impatient: bool = False) -> Due:
        """What is missing or old of closed hours and days. `impatient`: also what was computed just now."""
        now = self._clock()
        first = first_event(self._store, project_id)
        if first is None or first >= now:
            return Due((), (), 0, 0)
        days = list(_days(first, now, zone))
        whole = Span(days[-1].start, days[0].end)
        look = _Look(
            touches_by_hour(self._store, project_id, whole),
            self._stored(project_id, "rollup_totals"),
            self._stored(project_id, "rollup_lists"),
            now,
            impatient=impatient,
        )
        found = [look.day(span, zone, recent=index < RECENT_DAYS) for index, span in enumerate(days)]
        longer = [look.longer(bucket) for bucket in long_buckets(days[::-1], zone)]
        known = len(look.totals) + len(look.lists)
        return Due(
            tuple(day for day in found if day.count),
            tuple(bucket for bucket in reversed(longer) if bucket.count),
            look.valid,
            known,
            tuple(span for span in look.totals if span not in look.wanted),
            tuple(span for span in look.lists if span not in look.list_wanted),
        )

    def build(self, project_id: str, due: Day | Longer) -> None:
        """Compute what is due of a day or more. May be ended at any point, and be done by two at once."""
        if isinstance(due, Longer):
            self._longer(project_id, due)
        else:
            self._day(project_id, due)

    def _longer(self, project_id: str, due: Longer) -> None:
        tables: list[Table] = ["rollup_totals"] if due.totals else []
        if due.lists:
            tables.append("rollup_lists")
        for table in tables:
            build_longer(self._store, project_id, due.bucket, new_version(self._clock), table)

    def _day(self, project_id: str, day: Day) -> None:
        if day.hours:
            self._totals(project_id, day.hours, grain=HOUR)
        if day.whole:
            self._totals(project_id, (day.span,), grain=DAY)
        for hour in reversed(day.list_hours):
            self._lists(project_id, hour, grain=HOUR)
        if day.lists:
            self._lists(project_id, day.span, grain=DAY)

    def forget(self, project_id: str) -> None:
        """Drop everything computed for a project; until it is computed again, raw rows answer."""
        tables: tuple[LiteralString, ...] = ("rollup_lists", "rollup_totals", "rollup_rows")
        for table in tables:
            share = self._store.layout.share(table)
            sql: LiteralString = f"""ALTER TABLE {share} DELETE WHERE project_id = {{project:String}}
SETTINGS mutations_sync = 1"""
            everywhere(self._store, sql, {"project": project_id})

    def bytes_of(self, project_id: str) -> int:
        """About how many bytes on disk it takes: the tables', by the project's share of their rows."""
        tables: tuple[LiteralString, ...] = ("rollup_totals", "rollup_rows")
        size = 0.0
        for table in tables:
            sql: LiteralString = f"""SELECT
  (SELECT sum(bytes_on_disk) FROM {self._store.layout.parts}
    WHERE active AND database = currentDatabase() AND table = '{self._store.layout.share(table)}') AS bytes,
  countIf(project_id = {{project:String}}) / count() AS share
FROM {table} HAVING count() > 0"""
            size += sum(row[0] * row[1] for row in self._store.query(sql, {"project": project_id}).rows)
        return round(size)

    def drop_strays(self, project_id: str, zone: ZoneInfo) -> int:
        """Forget buckets of another time zone, and hours of lists that a day has replaced; how many."""
        due = self.due(project_id, zone)
        dropped = 0
        for table, spans in (("rollup_totals", due.strays), ("rollup_lists", due.list_strays)):
            dropped += len(spans)
            for some in chunks(spans):
                source = self._store.layout.share(
                    "rollup_totals" if table == "rollup_totals" else "rollup_lists"
                )
                everywhere(
                    self._store,
                    f"""ALTER TABLE {source} DELETE WHERE project_id = {{project:String}}
  AND (toUnixTimestamp64Milli(bucket_start), toUnixTimestamp64Milli(bucket_end)) IN
    arrayZip({{starts:Array(Int64)}}, {{ends:Array(Int64)}})""",
                    {
                        "project": project_id,
                        "starts": [span.start for span in some],
                        "ends": [span.end for span in some],
                    },
                )
        return dropped

    def _totals(self, project_id: str, spans: Sequence[Span], *, grain: int) -> None:
        touches = touches_by_hour(self._store, project_id, Span(spans[0].start, spans[-1].end))
        version = new_version(self._clock)
        build_totals(self._store, project_id, spans, version, touches, grain=grain)

    def _lists(self, project_id: str, span: Span, *, grain: int) -> None:
        touches = touches_by_hour(self._store, project_id, span)
        version = new_version(self._clock)
        build_lists(self._store, project_id, span, version, touches, grain=grain)

    def _stored(self, project_id: str, table: str) -> dict[Span, State]:
        source: LiteralString = "rollup_totals" if table == "rollup_totals" else "rollup_lists"
        sql: LiteralString = f"""SELECT
  toUnixTimestamp64Milli(bucket_start), toUnixTimestamp64Milli(bucket_end), touched, version
FROM {source} FINAL WHERE project_id = {{project:String}}"""
        rows = self._store.query(sql, {"project": project_id}).rows
        return {Span(start, end): State(touched, version >> 20) for start, end, touched, version in rows}


class _Look:
    """One look at what is stored; counts what is valid."""

    def __init__(
        self, touches: Mapping[int, int], totals: Stored, lists: Stored, now: int, *, impatient: bool
    ) -> None:
        self.totals = totals
        self.lists = lists
        self.valid = 0
        self.wanted: set[Span] = set()
        self.list_wanted: set[Span] = set()
        self._touches = touches
        self._now = now
        self._impatient = impatient

    def day(self, span: Span, zone: ZoneInfo, *, recent: bool) -> Day:
        starts = [bucket.start for bucket in cut(span, "hour", zone)]
        closed = span.end <= self._now
        hours = [
            Span(*edges)
            for edges in zip(starts, [*starts[1:], span.end], strict=True)
            if edges[1] <= self._now
        ]
        lists = closed and self._due(span, self.lists, "list day")
        wanted = hours if recent and (lists or not closed) else []
        self.wanted.update((span, *hours))
        self.list_wanted.update((span, *wanted))
        return Day(
            span=span,
            hours=tuple(hour for hour in hours if self._due(hour, self.totals, "hours")),
            whole=closed and self._due(span, self.totals, "day"),
            list_hours=tuple(hour for hour in wanted if self._due(hour, self.lists, "list hours")),
            lists=lists,
        )

    def longer(self, bucket: Long) -> Longer:
        self.wanted.add(bucket.span)
        self.list_wanted.add(bucket.span)
        return Longer(
            bucket,
            self._due_of_days(bucket, self.totals, "longer"),
            self._due_of_days(bucket, self.lists, "list longer"),
        )

    def _due_of_days(self, bucket: Long, stored: Stored, kind: str) -> bool:
        due = self._due(bucket.span, stored, kind)
        return due and all(self._is_valid(day, stored) for day in bucket.days)

    def _is_valid(self, span: Span, stored: Stored) -> bool:
        state = stored.get(span)
        return state is not None and state.touched == touched_in(self._touches, span)

    def _due(self, span: Span, stored: Stored, kind: str) -> bool:
        state = stored.get(span)
        if self._is_valid(span, stored):
            self.valid += 1
            return False
        return state is None or self._impatient or state.at + PATIENCE[kind] <= self._now


def _days(first: int, now: int, zone: ZoneInfo) -> Iterator[Span]:
    """The days of the zone from that of `now` back to that of `first`."""
    day, end = local_date(now, zone), day_start(local_date(now, zone) + timedelta(days=1), zone)
    while end > first:
        start = day_start(day, zone)
        if start < end:  # else the zone skipped that day
            yield Span(start, end)
        day, end = day - timedelta(days=1), start


_SETTLED = 30 * MINUTE


def _leftovers(lists: LiteralString) -> LiteralString:
    return f"""version < {{settled:UInt64}}
  AND (project_id, bucket_start, version) NOT IN (
    SELECT project_id, bucket_start, version FROM {lists} FINAL)
  AND (project_id, bucket_start) NOT IN (
    SELECT project_id, bucket_start FROM {lists} WHERE version >= {{settled:UInt64}})"""


def sweep(store: Store, now: int) -> None:
    """Delete rows of lists that were computed again, or never finished, a while ago.

    What a question found a moment earlier must still be there when it reads it.
    """
    share = store.layout.share  # a bucket's lists and rows are on one shard
    which = _leftovers(share("rollup_lists"))
    sql: LiteralString = f"ALTER TABLE {share('rollup_rows')} DELETE WHERE {which}"
    everywhere(store, sql, {"settled": (now - _SETTLED) << 20})


def leftovers(store: Store, now: int) -> int:
    """How many rows `sweep` would delete."""
    sql: LiteralString = f"SELECT count() FROM rollup_rows WHERE {_leftovers('rollup_lists')}"
    return store.query(sql, {"settled": (now - _SETTLED) << 20}).rows[0][0]
