"""Question → SQL. The definitions that every report shares are written here, once.

* events that match: in the span, and the condition holds;
* sessions that match: start in the span and have at least one event for which the condition holds,
  wherever in the session that event lies (also after the span's end);
* people: the person of an event's visitor node, else the node itself; node 0 is nobody.
"""

from collections.abc import Iterable
from typing import LiteralString

from eventlens.insights.binder import Binder
from eventlens.insights.filters import any_of_session, condition_sql, of_session
from eventlens.insights.metrics import Metric
from eventlens.insights.question import Question
from eventlens.insights.ranges import LAST_DATED
from eventlens.sessions import SESSION_GAP_SQL
from eventlens.store.base import Result, Store

_AND: LiteralString = "\n  AND "


class Plan:
    """Builds the SQL texts for one question; all of them share its parameters.

    Plans of several spans may share a `binder`; their parameters of the same name need a `suffix` each.
    """

    def __init__(self, question: Question, binder: Binder | None = None, suffix: LiteralString = "") -> None:
        self.question = question
        self.binder = binder or Binder()
        self.binder.cohorts = question.cohorts
        self.project: LiteralString = self.binder.name("project", question.project_id, "String")
        self.start: LiteralString = self.instant(f"start{suffix}", question.span.start)
        self.end: LiteralString = self.instant(f"end{suffix}", question.span.end)
        self._condition: LiteralString | None = (
            condition_sql(question.condition, self.binder) if question.condition is not None else None
        )
        self._stable = question.condition is None or not any_of_session(question.condition)

    def run(self, store: Store, sql: LiteralString) -> Result:
        """Ask the store; raises StoreUnavailable, QueryLimit."""
        self.question.trace.asked(sql, self.binder.values)
        return store.query(sql, self.binder.values)

    def instant(self, name: LiteralString, milliseconds: int) -> LiteralString:
        """An instant as a constant, or the nearest one that has a date in the store."""
        dated = min(max(milliseconds, 0), LAST_DATED)
        return f"fromUnixTimestamp64Milli({self.binder.name(name, dated, 'Int64')}, 'UTC')"

    def between(self, time: LiteralString, start: LiteralString, end: LiteralString) -> LiteralString:
        """True where a time column lies from `start` up to but not including `end`.

        The condition on the date is implied, but the engine does not see that by itself: without it the
        sort key is of no use and a day costs as much as a month.
        """
        return f"""toDate({time}) >= toDate({start}) AND toDate({time}) <= toDate({end})
  AND {time} >= {start} AND {time} < {end}"""

    def bucket(self, time: LiteralString) -> LiteralString:
        """The start (milliseconds) of the bucket in which a time column falls."""
        starts = [bucket.start for bucket in self.question.buckets()]
        array = self.binder.name("buckets", starts, "Array(Int64)")
        return f"roundDown(toUnixTimestamp64Milli({time}), {array})"

    def page(self, *, all_rows: bool = False) -> LiteralString:
        """LIMIT and OFFSET."""
        if all_rows:
            return ""
        limit = self.binder.name("limit", self.question.limit, "UInt64")
        return f"LIMIT {limit} OFFSET {self.binder.name('offset', self.question.offset, 'UInt64')}"

    def order(self, time: LiteralString, arrival: LiteralString) -> LiteralString:
        """An event's place in time, arrival breaking ties, as one number: half the time of a pair."""
        return f"bitShiftLeft(toUInt128(toUnixTimestamp64Milli({time})), 64) + {arrival}"

    # --- people ---

    def join_people(self, node: LiteralString) -> LiteralString:
        """Joins the persons `i` of a column of visitor nodes; nothing where the project has no identities."""
        if not self.question.identified:
            return ""
        return f"""
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {self.project}) AS i
  ON i.node = {node}"""

    def person(self, node: LiteralString = "e.visitor") -> LiteralString:
        """The person of a joined visitor node."""
        return f"if(i.person = 0, {node}, i.person)" if self.question.identified else node

    def people(self, node: LiteralString = "e.visitor") -> LiteralString:
        """The number of different people."""
        return f"uniqExactIf({self.person(node)}, {node} != 0)"

    def people_state(self, node: LiteralString = "e.visitor") -> LiteralString:
        """The different people, to be merged with others; their number has a standard error of 0.8 %."""
        return f"uniqCombined64StateIf(14)({self.person(node)}, {node} != 0)"

    # --- events ---

    @property
    def events(self) -> LiteralString:
        """FROM and WHERE of the matching events `e`, people joined."""
        return self.events_where(self.in_span)

    def events_where(
        self, where: LiteralString, *, people: bool = True, early: tuple[LiteralString, ...] = ()
    ) -> LiteralString:
        """FROM and WHERE of the events `e` for which the filters, `early` and `where` hold.

        What can be is checked in PREWHERE, before rows are read whole and before FINAL. That is twice
        as fast, and safe as long as it looks at nothing that differs between the versions of an event:
        not at what belongs to the session.
        """
        join: LiteralString = self.join_people("e.visitor") if people else ""
        first: list[LiteralString] = [*early]
        late: list[LiteralString] = [where]
        if self._condition is not None:
            (first if self._stable else late).append(self._condition)
        prewhere: LiteralString = f"\nPREWHERE {_AND.join(first)}" if first else ""
        return f"""
FROM events AS e FINAL{join}{prewhere}
WHERE {_AND.join(late)}"""

    @property
    def matches(self) -> LiteralString:
        """True where the filters hold of an event `e`."""
        return self._condition or "true"

    @property
    def in_span(self) -> LiteralString:
        """WHERE of all events `e` of the span."""
        return f"e.project_id = {self.project}\n  AND {self.between('e.timestamp', self.start, self.end)}"

    # --- sessions ---

    def sessions(self, *, people: bool = False) -> LiteralString:
        """FROM and WHERE of the matching sessions `s`."""
        join: LiteralString = self.join_people("s.visitor") if people else ""
        return f"""
FROM sessions AS s FINAL{join}
WHERE {self.starting}{self._also_matching}"""

    def session_id(self, alias: LiteralString) -> LiteralString:
        """What tells sessions apart, in events and sessions alike, in 64 bits: half the time of the pair."""
        return f"cityHash64({alias}.session_key, {alias}.session_start)"

    @property
    def starting(self) -> LiteralString:
        """WHERE of all sessions `s` that start in the span."""
        return f"s.project_id = {self.project}\n  AND {self.between('s.session_start', self.start, self.end)}"

    @property
    def _also_matching(self) -> LiteralString:
        condition = self.question.condition
        if condition is None:
            return ""
        if of_session(condition):
            return f"\n  AND {condition_sql(condition, self.binder, 's')}"
        events = self.events_where(self.of_starting, people=False)
        return f"""
  AND {self.session_id("s")} IN (SELECT {self.session_id("e")}{events})"""

    @property
    def of_starting(self) -> LiteralString:
        """WHERE of all events `e` of the sessions that start in the span, however long they last."""
        last: LiteralString = f"({self.last_end(self.starting)})"
        return f"""e.project_id = {self.project}
  AND {self.between("e.timestamp", self.start, last)}
  AND e.session_key != 0 AND e.session_start >= {self.start} AND e.session_start < {self.end}"""

    def starts(self, alias: LiteralString) -> LiteralString:
        """True where the session of an event begins in the span."""
        return f"""({alias}.session_key != 0 AND {alias}.session_start >= {self.start}
    AND {alias}.session_start < {self.end})"""

    @property
    def of_either(self) -> LiteralString:
        """WHERE of the events `e` that are in the span, or after it and of a session that starts in it."""
        last: LiteralString = f"greatest({self.end}, ({self.last_end(self.starting)}))"
        return f"e.project_id = {self.project}\n  AND {self.between('e.timestamp', self.start, last)}"

    def last_end(self, sessions: LiteralString) -> LiteralString:
        """SELECT of an instant after the last event of some sessions `s`.

        An event without a device may join a session up to half an hour after its last one. Versions that no
        longer count may make it later, which costs less than FINAL.
        """
        return f"SELECT max(s.session_end) + {SESSION_GAP_SQL} FROM sessions AS s WHERE {sessions}"

    def steps(self, page: LiteralString) -> LiteralString:
        """FROM of `step`: (page, milliseconds from a matching view to the next view of its session).

        The next view may lie anywhere. Views of a session are collected in arrays that are sorted by one
        number, which is faster than a window and than tuples.
        """
        first: LiteralString = f"""(SELECT min(e.session_start) FROM events AS e
    WHERE {self.in_span} AND e.session_key != 0)"""
        sessions: LiteralString = f"""s.project_id = {self.project}
    AND {self.between("s.session_start", first, self.end)}"""
        last: LiteralString = f"({self.last_end(sessions)})"
        counted: LiteralString = f"e.timestamp < {self.end}"
        matching: LiteralString = ""
        if self._condition is not None:
            counted = f"{counted} AND {self._condition}"
            ids = self.events_where(self.in_span, people=False, early=("e.name = 'screen_view'",))
            matching = f"\n    AND {self.session_id('e')} IN (SELECT {self.session_id('e')}{ids})"
        return f"""FROM (
  SELECT groupArray({self.order("e.timestamp", "e.arrival")}) AS at,
    arrayMap(each -> toInt64(bitShiftRight(each, 64)), arraySort(at)) AS times,
    arraySort((each, order) -> order, groupArray({page}), at) AS pages,
    arraySort((each, order) -> order, groupArray({counted}), at) AS counted,
    arrayJoin(arrayFilter((step, counts) -> counts,
      arrayZip(arrayPopBack(pages), arrayPopFront(arrayDifference(times))), arrayPopBack(counted))) AS step
  FROM events AS e FINAL
  PREWHERE e.name = 'screen_view'
  WHERE e.project_id = {self.project} AND e.session_key != 0
    AND {self.between("e.timestamp", self.start, last)}{matching}
  GROUP BY {self.session_id("e")}
  HAVING length(at) > 1)"""

    # --- metrics ---

    def columns(self, metrics: Iterable[Metric]) -> LiteralString:
        """`sql AS name, …` of some metrics of one source."""
        return ",\n  ".join([f"{self.metric(metric)} AS {metric.name}" for metric in metrics])

    def metric(self, metric: Metric) -> LiteralString:
        """A metric's aggregate."""
        return metric.sql.replace("{people}", self.people())


def has_identities(store: Store, project_id: str) -> bool:
    """Whether any device or alias of the project belongs to somebody else; without, nobody is looked up."""
    found = store.recent(
        "SELECT 1 FROM identities WHERE project_id = {project:String} LIMIT 1", {"project": project_id}
    )
    return bool(found.rows)


def first_event(store: Store, project_id: str) -> int | None:
    """When the project's first event happened, in milliseconds; None without events."""
    found = store.recent(
        "SELECT toUnixTimestamp64Milli(min(timestamp)) FROM events WHERE project_id = {project:String} "
        "AND toDate(timestamp) = (SELECT toDate(timestamp) FROM events WHERE project_id = {project:String} "
        "ORDER BY project_id, toDate(timestamp) LIMIT 1) HAVING count() > 0",
        {"project": project_id},
    )
    return found.rows[0][0] if found.rows else None
