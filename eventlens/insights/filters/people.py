"""Conditions on people, as SQL: an event's visitor is among the nodes of those of whom the condition holds.

A person is found as everywhere: a visitor node's person, else the node itself. The subqueries give every
node of every such person, so that an event is looked at alone, without looking its person up; node 0,
nobody, is in none of them. What they refer to as `{project:String}` is bound by the plan.
"""

from typing import LiteralString

from eventlens.insights.binder import Binder
from eventlens.insights.filters.conditions import Did, ProfileTest
from eventlens.insights.filters.operators import OPERATORS, Subject
from eventlens.insights.filters.profiles import values_sql
from eventlens.insights.ranges import LAST_DATED, Span

DOING: LiteralString = "d"
"""How the events are called that somebody did."""

_AND: LiteralString = "\n    AND "


def did_sql(
    did: Did, binder: Binder, alias: LiteralString, condition: LiteralString, *, stable: bool
) -> LiteralString:
    """True of a row of `alias` whose person did something; `condition` is SQL of its filters, '' without.

    `stable`: the condition looks at nothing that differs between the versions of an event, so that it may
    be checked before FINAL, and whether there is such an event needs no FINAL at all.
    """
    never = did.holds(0)  # those who never did it are right, so the others are listed
    once = not never and all(did.holds(times) for times in (1, 2, max(did.count, 1) + 1))
    final: LiteralString = "" if stable and once else " FINAL"
    early: list[LiteralString] = []
    late: list[LiteralString] = ["d.project_id = {project:String}", "d.visitor != 0"]
    if did.name is not None:
        early.append(f"d.name = {binder.bind(did.name, 'String')}")
    if condition:
        (early if stable else late).append(condition)
    if did.span is not None or did.of_question:
        late.append(_between(did.span, binder))
    having: LiteralString = "" if once else f"\n  HAVING {_counted(did, binder, negated=never)}"
    person: LiteralString = "if(di.person = 0, d.visitor, di.person)" if did.identified else "d.visitor"
    people: LiteralString = f"""
  SELECT {person} AS person
  FROM events AS d{final}{_join_people("d.visitor", "di") if did.identified else ""}{_prewhere(early)}
  WHERE {_AND.join(late)}
  GROUP BY person{having}"""
    among: LiteralString = f"{alias}.visitor IN ({nodes_of(people, identified=did.identified)})"
    return f"NOT ({among})" if never else among


def _prewhere(early: list[LiteralString]) -> LiteralString:
    return f"\n  PREWHERE {_AND.join(early)}" if early else ""


_SIGNS: dict[str, LiteralString] = {"is": "=", "isNot": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _counted(did: Did, binder: Binder, *, negated: bool) -> LiteralString:
    right: LiteralString = f"count() {_SIGNS[did.operator]} {binder.bind(did.count, 'UInt64')}"
    return f"NOT ({right})" if negated else right


def _between(span: Span | None, binder: Binder) -> LiteralString:
    """The span, or the question's own; with what it implies for dates, which the sort key begins with."""
    start: LiteralString = "{start:Int64}"
    end: LiteralString = "{end:Int64}"
    if span is not None:
        start = binder.bind(min(max(span.start, 0), LAST_DATED), "Int64")
        end = binder.bind(min(max(span.end, 0), LAST_DATED), "Int64")
    start = f"fromUnixTimestamp64Milli({start}, 'UTC')"
    end = f"fromUnixTimestamp64Milli({end}, 'UTC')"
    return f"""toDate(d.timestamp) >= toDate({start}) AND toDate(d.timestamp) <= toDate({end})
    AND d.timestamp >= {start} AND d.timestamp < {end}"""


def _join_people(node: LiteralString, alias: LiteralString) -> LiteralString:
    return f"""
  LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {{project:String}}) AS {alias}
    ON {alias}.node = {node}"""


def nodes_of(people: LiteralString, *, identified: bool) -> LiteralString:
    """SELECT of all nodes of the people that a SELECT of `person` gives."""
    if not identified:
        return people
    return f"""
  SELECT arrayJoin(if(n.node = 0, [p.person], [p.person, n.node])) AS one
  FROM ({people}) AS p
  LEFT JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {{project:String}}) AS n
    ON n.person = p.person"""


def profile_sql(test: ProfileTest, binder: Binder, alias: LiteralString) -> LiteralString:
    """True of a row of `alias` whose person's profile has such a value; nobody's is unknown."""
    operator = OPERATORS[test.operator]
    if test.operator in ("isNull", "isNotNull"):
        fits: LiteralString = "true"
        negated = test.operator == "isNull"
    else:
        members: LiteralString = "JSONExtract(v.text, 'Array(Nullable(String))')"
        subject = Subject("v.text", numeric=True, members=f"if(v.kind = 'Array', {members}, [])")
        fits = f"v.text != '' AND {operator.sql(subject, test.values, binder)}"
        negated = operator.negated
    people: LiteralString = f"""
  SELECT v.person AS person
  FROM ({_people_values(test, binder)}) AS v
  WHERE {fits}"""
    among: LiteralString = f"{alias}.visitor IN ({nodes_of(people, identified=test.identified)})"
    return f"NOT ({among})" if negated else among


def profile_text_sql(path: tuple[str, ...], binder: Binder, alias: LiteralString) -> LiteralString:
    """The text of a property of the person's profile, '' where it is unknown or an object.

    All that is known is one constant of the query, (node, text) by node; the memory cap bounds it.
    """
    values = _people_values(ProfileTest(path, "isNotNull"), binder)
    known: LiteralString = f"""(
  SELECT arraySort(groupArray((one, text))) FROM (
    SELECT arrayJoin(if(n.node = 0, [p.person], [p.person, n.node])) AS one, p.text AS text
    FROM ({values}) AS p
    LEFT JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {{project:String}}) AS n
      ON n.person = p.person
    WHERE p.text != ''))"""
    nodes: LiteralString = f"arrayMap(known -> known.1, {known})"
    texts: LiteralString = f"arrayMap(known -> known.2, {known})"
    return f"transform({alias}.visitor, arrayPushBack({nodes}, 0), arrayPushBack({texts}, ''), '')"


def _people_values(test: ProfileTest, binder: Binder) -> LiteralString:
    """SELECT of `person`, `text`, `kind`: the value of each person of whom one is known."""
    values = values_sql(test.path, binder, identified=test.identified)
    return f"""
  SELECT w.person AS person, w.text AS text, w.kind AS kind
  FROM ({values}) AS w
  WHERE w.text != '' OR w.kind = 'Object'"""
