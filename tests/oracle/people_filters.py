"""Filters on people, the slow way: one person at a time, written from docs/semantics.md; and random ones."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle import conditions
from tests.oracle.conditions import NUMBERS, PATTERNS, TESTS, WORDS, Condition, equals
from tests.oracle.model import VIEW, Event, Oracle, Sent
from tests.oracle.profiles import changes_of, plain, put

COUNTED: dict[str, Callable[[int, int], bool]] = {
    "is": lambda times, count: times == count,
    "isNot": lambda times, count: times != count,
    "gt": lambda times, count: times > count,
    "gte": lambda times, count: times >= count,
    "lt": lambda times, count: times < count,
    "lte": lambda times, count: times <= count,
}
NEGATED = {"isNot": "is", "doesNotContain": "contains", "isNull": "isNotNull"}


@dataclass
class Asked:
    """Somebody asks about days `start` to `end` on the day `today`; what is saved is known by its id."""

    oracle: Oracle
    today: date
    start: date
    end: date
    saved: dict[str, Condition] = field(default_factory=dict)

    def holds(self, condition: Condition, event: Event) -> bool:
        """Whether one event matches."""
        if isinstance(condition, list):
            return all(self.holds(part, event) for part in condition)
        for joint, join in (("and", all), ("or", any)):
            if joint in condition:
                return join(self.holds(part, event) for part in condition[joint])
        if "not" in condition:
            return not self.holds(condition["not"], event)
        if "didNot" in condition:
            return not self.did(condition["didNot"], event)
        if "did" in condition:
            return self.did(condition["did"], event)
        name, operator = condition["name"], condition["operator"]
        if name in {"cohort", "segment"}:
            return any(self.among(name, each, event) for each in condition["value"]) == (operator == "is")
        if name.startswith("profile."):
            return self.said(condition, event)
        return conditions.holds(condition, event)

    def among(self, kind: str, saved: str, event: Event) -> bool:
        """Whether an event matches a segment, or is of somebody in a cohort."""
        if kind == "cohort" and self.oracle.people.of(event) is None:
            return False
        return self.holds(self.saved[saved], event)

    def did(self, what: dict[str, Any], event: Event) -> bool:
        person = self.oracle.people.of(event)
        times = 0
        for other in self.oracle.everything:
            mine = person is not None and self.oracle.people.of(other) == person
            named = what.get("name") in {None, other.sent.name}
            if mine and named and self.inside(what, other) and self.holds(what.get("filters") or [], other):
                times += 1
        count = what.get("count") or {"operator": "gte", "value": 1}
        return COUNTED[count["operator"]](times, count["value"])

    def inside(self, what: dict[str, Any], event: Event) -> bool:
        """Whether an event lies in the days of which a behaviour speaks."""
        day = self.oracle.local(event.sent.at).date()
        if "days" in what:
            return self.today - timedelta(days=what["days"] - 1) <= day <= self.today
        if what.get("range") == "question":
            return self.start <= day <= self.end
        if "startDate" in what:
            return date.fromisoformat(what["startDate"]) <= day <= date.fromisoformat(what["endDate"])
        return True

    def said(self, condition: Condition, event: Event) -> bool:
        """A filter on the person's profile."""
        operator = condition["operator"]
        if operator in NEGATED:
            return not self.said({**condition, "operator": NEGATED[operator]}, event)
        value = self.value_of(condition["name"].removeprefix("profile."), event)
        if value is None or value == "":
            return False
        if operator == "isNotNull":
            return True
        if isinstance(value, dict):
            return False
        values = condition["value"]
        text = conditions.as_text(value)
        members = value if operator == "is" and isinstance(value, list) else []
        if any(equals(conditions.as_text(each), values, "") for each in members):
            return True
        return bool(TESTS[operator](text, values, "properties."))

    def value_of(self, name: str, event: Event) -> Any:
        """What is known of the event's person; all profiles of a person share one log."""
        person = self.oracle.people.of(event)
        profiles = {command.profile for command in self.oracle.sent if command.profile}
        mine = [each for each in profiles if person and self.oracle.people.of_profile(each) == person]
        log = [change for profile in mine for change in changes_of(self.oracle.sent, profile)]
        value: Any = {}
        for _, _, changed, adds, said in sorted(log, key=lambda change: change[:3]):
            put(value, changed.split("."), said, adds=adds)
        for key in name.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return plain(value)


def plain_stream(sent: list[Sent]) -> list[Sent]:
    """Without what mixes numbers and objects under one name, where filters are simpler than the fold."""
    kept: list[Sent] = []
    for command in sent:
        if command.kind in {"increment", "decrement"} and command.property == "stats":
            continue
        if command.kind == "identify" and command.properties:
            stats = command.properties.get("stats")
            if stats is not None and not isinstance(stats, dict):
                continue
            if "stats" in command.properties and len(command.properties) > 1:
                continue  # one call that says the same thing twice
        kept.append(command)
    return kept


# --- random ones ---

NAMES = (VIEW, "click", "charge", None)
PROFILE_NAMES = ("coins", "coins", "stats", "stats.wins", "stats.losses", "none")
PROFILE_VALUES = (*WORDS[:5], "many", "1", 0, 1, 0.1, -2.5, 3, 1.1, True, 10**15)


@st.composite
def spans(draw: st.DrawFn, days: list[date]) -> dict[str, Any]:
    kind = draw(st.sampled_from(("ever", "all", "days", "question", "dates")))
    if kind == "days":
        return {"days": draw(st.integers(1, 5))}
    if kind == "dates":
        first, last = sorted((draw(st.sampled_from(days)), draw(st.sampled_from(days))))
        return {"startDate": str(first), "endDate": str(last)}
    return {} if kind == "ever" else {"range": kind}


@st.composite
def behaviours(draw: st.DrawFn, days: list[date], *, of_question: bool = True) -> Condition:
    what: dict[str, Any] = {}
    if (name := draw(st.sampled_from(NAMES))) is not None:
        what["name"] = name
    what |= draw(spans(days).filter(lambda span: of_question or span.get("range") != "question"))
    if draw(st.booleans()):
        value = draw(st.integers(0, 4))
        what["count"] = {"operator": draw(st.sampled_from(sorted(COUNTED))), "value": value}
    if draw(st.integers(0, 2)) == 0:
        what["filters"] = draw(st.lists(conditions.tests(), max_size=2))
    return {draw(st.sampled_from(("did", "didNot"))): what}


@st.composite
def profile_tests(draw: st.DrawFn) -> Condition:
    operator = draw(st.sampled_from((*TESTS, "isNot", "doesNotContain", "is")))
    test: dict[str, Any] = {
        "name": f"profile.{draw(st.sampled_from(PROFILE_NAMES))}",
        "operator": operator,
    }
    if operator in {"isNull", "isNotNull"}:
        return test
    pool: tuple[Any, ...] = {
        "is": PROFILE_VALUES,
        "isNot": PROFILE_VALUES,
        "regex": PATTERNS,
        **dict.fromkeys(("gt", "gte", "lt", "lte"), NUMBERS),
    }.get(operator, WORDS)
    return {**test, "value": draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2))}


def nested(leaves: st.SearchStrategy[Condition], most: int) -> st.SearchStrategy[Condition]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(
                lambda joint, parts: {joint: parts},
                st.sampled_from(("and", "or")),
                st.lists(inner, min_size=1, max_size=2),
            ),
            st.builds(lambda part: {"not": part}, inner),
        ),
        max_leaves=most,
    )


def cohorts(days: list[date]) -> st.SearchStrategy[Condition]:
    """Conditions on people."""
    return nested(behaviours(days, of_question=False) | profile_tests(), 3).map(lambda one: [one])


def filters(days: list[date], known: dict[str, str]) -> st.SearchStrategy[Condition]:
    """Filters of a question; `known` are ids of what is saved, with their kinds."""
    leaves = behaviours(days) | profile_tests() | conditions.tests()
    if known:
        leaves |= st.builds(
            lambda saved, operator: {"name": known[saved], "operator": operator, "value": [saved]},
            st.sampled_from(sorted(known)),
            st.sampled_from(("is", "isNot")),
        )
    return nested(leaves, 4).map(lambda one: [one])


def said(condition: Condition) -> str:
    """As it goes over the wire."""
    return json.dumps(condition)
