"""`funnel/people`: who reached a step, or was lost before it; those who began last come first."""

from dataclasses import dataclass
from typing import Any, LiteralString, NamedTuple

from msgspec import Struct

from eventlens.errors import InvalidInput
from eventlens.insights.cursors import read_cursor, write_cursor
from eventlens.insights.funnels_asked import Funnel, Outcome
from eventlens.insights.funnels_sql import Attempts
from eventlens.insights.people import profiles_of, spoken_of, visitor_id
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import iso
from eventlens.sessions import session_name
from eventlens.store.base import Store

MAX_ROWS = 1000
_AND: LiteralString = " AND "


class FunnelPerson(Struct, rename="camel", kw_only=True):
    """One who is counted: a visitor (with the profile it is called by), a session or a group.

    The other ids are null. `times`: when each of the steps was reached, ISO 8601 with the zone's offset.
    """

    visitor_id: str | None = None
    profile_id: str | None = None
    session_id: str | None = None
    group: str | None = None
    times: list[str]


class FunnelPlace(NamedTuple):
    """A place in the list: when somebody began (milliseconds), and a key among those who did then."""

    start: int
    key: int


class FunnelPeoplePage(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    rows: list[FunnelPerson]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """Whose number: those who reached `step` (from 1), or those who reached the one before and not it."""

    step: int
    outcome: Outcome


def people(
    store: Store, question: Question, asked: Funnel, behind: Behind, after: FunnelPlace | None = None
) -> FunnelPeoplePage:
    """Those behind a number of the funnel, at most the question's limit of them. Raises InvalidInput."""
    if not 1 <= behind.step <= len(asked.steps):
        raise InvalidInput(f"step is from 1 to {len(asked.steps)}.", field="step")
    plan = Plan(question)
    found = plan.run(store, _sql(plan, asked, behind, after)).rows
    here, more = found[: question.limit], len(found) > question.limit
    named = _NAMED[asked.by](store, question, here)
    rows = [
        FunnelPerson(**named[who], times=[iso(each, question.zone) for each in at[:level]])
        for who, level, at, _ in here
    ]
    return FunnelPeoplePage(rows, _cursor_after(here[-1]) if more else None)


def _cursor_after(row: tuple[Any, ...]) -> str:
    """The cursor after a row."""
    _, _, at, key = row
    return write_cursor("funnel", at[0], key)


def read_funnel_cursor(text: str) -> FunnelPlace:
    """The place that a cursor names. Raises InvalidInput."""
    start, key = read_cursor(text, "funnel", 2)
    if start >= 1 << 63:
        raise InvalidInput("This is no cursor from `meta.next_cursor`.", field="cursor")
    return FunnelPlace(start, key)


def _sql(plan: Plan, asked: Funnel, behind: Behind, after: FunnelPlace | None) -> LiteralString:
    step = plan.binder.name("step", behind.step, "UInt8")
    wanted: list[LiteralString] = [
        f"level >= {step}" if behind.outcome == "converted" else f"level = {step} - 1"
    ]
    key: LiteralString = "cityHash64(who)" if asked.by == "group" else "who"
    if after is not None:
        start = plan.binder.name("after_start", after.start, "Int64")
        wanted.append(f"(at[1], key) < ({start}, {plan.binder.name('after_key', after.key, 'UInt64')})")
    return f"""SELECT who, level, at, {key} AS key
FROM (
{Attempts(plan, asked, starts=True).sql()})
WHERE {_AND.join(wanted)}
ORDER BY at[1] DESC, key DESC
LIMIT {plan.binder.name("limit", plan.question.limit + 1, "UInt64")}"""


Names = dict[Any, dict[str, str | None]]
"""By what rows are known by, the fields that name them."""


def _visitors(store: Store, question: Question, rows: Any) -> Names:
    who = [row[0] for row in rows]
    known = spoken_of(store, question.project_id, who) | profiles_of(store, question.project_id, who)
    return {
        each: {"visitor_id": visitor_id(each), "profile_id": known[each][0] if each in known else None}
        for each in who
    }


def _sessions(store: Store, question: Question, rows: Any) -> Names:
    """Sessions by their hash: the event with which each began its attempt knows which it is."""
    if not rows:
        return {}
    plan = Plan(question)
    first = plan.instant("first", min(row[2][0] for row in rows))
    last = plan.instant("last", max(row[2][0] for row in rows) + 1)
    hashes = plan.binder.any_of("who", [row[0] for row in rows], "UInt64")
    found = plan.run(
        store,
        f"""SELECT {plan.session_id("e")} AS who, any(e.session_key) AS key,
  any(toUnixTimestamp64Milli(e.session_start)) AS start, max(e.session_id) AS id
FROM events AS e FINAL
WHERE e.project_id = {plan.project} AND {plan.between("e.timestamp", first, last)} AND {hashes}
GROUP BY who""",
    ).rows
    return {
        who: {"session_id": id_ or session_name(question.project_id, key, start)}
        for who, key, start, id_ in found
    }


def _groups(_store: Store, _question: Question, rows: Any) -> Names:
    return {row[0]: {"group": row[0]} for row in rows}


_NAMED = {"visitor": _visitors, "session": _sessions, "group": _groups}
