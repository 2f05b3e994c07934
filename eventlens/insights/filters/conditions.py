"""Conditions as frozen values: what a filter says, checked (`reading`), before it is SQL (`sql`, `people`).

Values in one filter are OR for positive operators and AND for negated ones; filters join with AND; they nest.
Nothing in this package asks the store or the catalog: what is saved is found through a `Resolver`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from eventlens.insights.dimensions import DIMENSIONS
from eventlens.insights.ranges import Span

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Test:
    """One filter. `name` and `operator` are known ones, `values` of the shape that the operator takes."""

    name: str
    operator: str
    values: tuple[Value, ...] = ()

    __test__ = False  # pytest collects classes of this name


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined with AND (`every`) or OR."""

    every: bool
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the condition does not hold of."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Did:
    """The person did something `count` times, compared by `operator` (is, isNot, gt, gte, lt, lte).

    What counts are the events of that name (None: any) for which `condition` holds, within `span` (None:
    ever). `of_question`: the span is the question's, whichever that is.
    """

    name: str | None = None
    condition: "Condition | None" = None
    operator: str = "gte"
    count: int = 1
    span: Span | None = None
    of_question: bool = False
    identified: bool = True
    """False where no device or alias of the project belongs to somebody else: nobody is looked up."""

    def holds(self, times: int) -> bool:
        """Whether that many times are right."""
        return COUNTED[self.operator](times, self.count)


COUNTED = {
    "is": int.__eq__,
    "isNot": int.__ne__,
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}
"""Operators that compare how often something was done."""


@dataclass(frozen=True, slots=True)
class ProfileTest:
    """A filter on the current value of a property of the person's profile; `path` leads to it."""

    path: tuple[str, ...]
    operator: str
    values: tuple[Value, ...] = ()
    identified: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """There is a person and the condition, which looks at nothing but people, holds of them."""

    part: "Condition"


Condition = Test | Group | Not | Did | ProfileTest | Member


def within(condition: Condition, span: Span, *, identified: bool = True) -> Condition:
    """The condition of a question about a span, in a project with or without identities."""
    match condition:
        case Group(every, parts):
            return Group(every, tuple(within(part, span, identified=identified) for part in parts))
        case Not(part):
            return Not(within(part, span, identified=identified))
        case Member(part):
            return Member(within(part, span, identified=identified))
        case Did():
            inner = condition.condition and within(condition.condition, span, identified=identified)
            own = span if condition.of_question else condition.span
            return replace(condition, condition=inner, span=own, identified=identified)
        case ProfileTest():
            return replace(condition, identified=identified)
        case Test():
            return condition


def of_session(condition: Condition) -> bool:
    """Whether the condition is the same for all events of a session, so that sessions can be asked.

    A condition on people is not: on a shared device, a session may be of several.
    """
    return all(isinstance(leaf, Test) and _belongs_to_session(leaf) for leaf in leaves(condition))


def all_of(*conditions: Condition | None) -> Condition | None:
    """True where all of them hold; None: always."""
    given = tuple(each for each in conditions if each is not None)
    return Group(every=True, parts=given) if len(given) > 1 else (given[0] if given else None)


def any_of_session(condition: Condition) -> bool:
    """Whether any part of the condition looks at what belongs to the session."""
    return any(isinstance(leaf, Test) and _belongs_to_session(leaf) for leaf in leaves(condition))


def on_people(condition: Condition) -> bool:
    """Whether any part of the condition looks at people: what they did, who they are."""
    return any(not isinstance(leaf, Test) for leaf in leaves(condition))


def leaves(condition: Condition) -> Iterator[Test | Did | ProfileTest]:
    """The parts that are not made of others. What somebody did is one, its own filters included."""
    match condition:
        case Group(_, parts):
            for part in parts:
                yield from leaves(part)
        case Not(part) | Member(part):
            yield from leaves(part)
        case _:
            yield condition


def _belongs_to_session(test: Test) -> bool:
    return test.name in DIMENSIONS and DIMENSIONS[test.name].of_session


Purpose = Literal["events", "people"]
"""What a condition is about: single events, or people whatever they do."""
