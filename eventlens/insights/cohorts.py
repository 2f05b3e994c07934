"""Cohorts: the people of whom a condition holds, found when somebody asks, however many they are.

Everybody counts of whom there is an event or something in a profile, whenever that was.
"""

from typing import LiteralString, NamedTuple

from msgspec import Struct

from eventlens.insights.cursors import read_cursor, write_cursor
from eventlens.insights.filters import Condition, condition_sql
from eventlens.insights.people import profiles_of, spoken_of, visitor_id
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import iso
from eventlens.store.base import Store

_KIND = "cohort"


class CohortPerson(Struct, rename="camel", kw_only=True):
    """A person: `profileIds` as far as they are known (100 at most), and the events there are; times are
    null where there are none.
    """

    visitor_id: str
    profile_ids: list[str]
    first_seen: str | None
    last_seen: str | None
    events: int


class CohortPage(NamedTuple):
    """People, and the cursor of the next page; None at the end."""

    rows: list[CohortPerson]
    next_cursor: str | None


def cohort_size(store: Store, question: Question, condition: Condition) -> int:
    """How many people are in a cohort. The question's span plays no part."""
    plan = Plan(question)
    return plan.run(store, f"SELECT uniqExact({plan.person()}){_people(plan, condition)}").rows[0][0]


def cohort_people(store: Store, question: Question, condition: Condition, after: int | None) -> CohortPage:
    """The people of a cohort in the order of their keys, those that follow `after`."""
    plan = Plan(question)
    following: LiteralString = ""
    if after is not None:
        following = f"\nHAVING person > {plan.binder.name('after', after, 'UInt64')}"
    limit = plan.binder.name("limit", question.limit + 1, "UInt64")
    sql: LiteralString = f"""SELECT {plan.person()} AS person{_people(plan, condition)}
GROUP BY person{following}
ORDER BY person
LIMIT {limit}"""
    found: list[int] = [person for (person,) in plan.run(store, sql).rows]
    here, more = found[: question.limit], len(found) > question.limit
    return CohortPage(_rows(store, question, here), write_cursor(_KIND, here[-1]) if more else None)


def read_people_cursor(text: str) -> int:
    """The person after whom a page begins. Raises InvalidInput."""
    return read_cursor(text, _KIND, 1)[0]


def _people(plan: Plan, condition: Condition) -> LiteralString:
    """FROM and WHERE of all nodes `e.visitor` of the people of whom the condition holds, people joined."""
    holds = condition_sql(condition, plan.binder, "e")
    return f"""
FROM (
  SELECT DISTINCT visitor FROM events WHERE project_id = {plan.project}
  UNION DISTINCT
  SELECT DISTINCT node AS visitor FROM profile_changes WHERE project_id = {plan.project}) AS e{
        plan.join_people("e.visitor")
    }
WHERE e.visitor != 0 AND {holds}"""


def _rows(store: Store, question: Question, persons: list[int]) -> list[CohortPerson]:
    if not persons:
        return []
    plan = Plan(question)
    own = plan.binder.any_of("e.visitor", persons, "UInt64")
    among = plan.binder.any_of("person", persons, "UInt64")
    sql: LiteralString = f"""SELECT {plan.person()} AS person,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first, toUnixTimestamp64Milli(max(e.timestamp)) AS last,
  count() AS events
FROM events AS e FINAL{plan.join_people("e.visitor")}
PREWHERE {own} OR e.visitor IN (
  SELECT node FROM identities FINAL WHERE project_id = {plan.project} AND {among})
WHERE e.project_id = {plan.project}
GROUP BY person"""
    seen = {row["person"]: row for row in plan.run(store, sql).dicts()}
    names = profiles_of(store, question.project_id, persons)
    names |= spoken_of(store, question.project_id, [each for each in persons if each not in names])
    return [
        CohortPerson(
            visitor_id=visitor_id(person),
            profile_ids=names.get(person, []),
            first_seen=iso(seen[person]["first"], question.zone) if person in seen else None,
            last_seen=iso(seen[person]["last"], question.zone) if person in seen else None,
            events=seen[person]["events"] if person in seen else 0,
        )
        for person in persons
    ]
