"""Operators: what a filter tests of a value, as SQL."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import LiteralString

from eventlens.insights.binder import Binder
from eventlens.insights.filters.conditions import Value


@dataclass(frozen=True, slots=True)
class Subject:
    """What a filter looks at: SQL for its text ('' = unknown), and whether `is` compares numbers as such.

    `members` is SQL for the texts of an array's elements, where there may be an array. `within` is SQL for
    the text from which it is read, where that is JSON as collection writes it.
    """

    text: LiteralString
    numeric: bool
    members: LiteralString | None = None
    within: LiteralString | None = None

    @property
    def number(self) -> LiteralString:
        """NULL where it is none; nor are the texts `inf` and `nan`, which the engine would take for one."""
        number: LiteralString = f"toFloat64OrNull({self.text})"
        return f"if(isFinite({number}), {number}, NULL)"


@dataclass(frozen=True, slots=True)
class Operator:
    """`sql` is the positive test of one set of values; `negated` turns it round."""

    takes: str
    sql: Callable[[Subject, tuple[Value, ...], Binder], LiteralString]
    negated: bool = False


def _is(subject: Subject, values: tuple[Value, ...], binder: Binder) -> LiteralString:
    texts = [_text(value) for value in values]
    tests: list[LiteralString] = [binder.any_of(subject.text, texts, "String")]
    numbers = [float(value) for value in values if _is_number(value)]
    if numbers and subject.numeric:
        tests.append(f"ifNull({subject.number} IN {binder.bind(numbers, 'Array(Float64)')}, false)")
    if subject.members is not None:
        member = binder.any_of("member", texts, "String")
        tests.append(
            f"startsWith({subject.text}, '[') AND arrayExists(member -> {member}, {subject.members})"
        )
    test: LiteralString = f"({' OR '.join(tests)})" if len(tests) > 1 else tests[0]
    if subject.within is None or not texts or not all(map(_written_as_is, texts)):
        return test
    # To search a text takes a fraction of the time of reading it as JSON; most hold none of the values.
    somewhere = binder.bind(texts, "Array(String)")
    return f"(multiSearchAny({subject.within}, {somewhere}) AND {test})"


_PLAIN = re.compile(r"[ !#-\[\]-~]{3,200}")


def _written_as_is(text: str) -> bool:
    """Whether a text stands in JSON just as it is, and equals no number, truth or nothing."""
    if not _PLAIN.fullmatch(text) or text in ("true", "false", "null"):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def _each(before: LiteralString, after: LiteralString) -> Callable[..., LiteralString]:
    """A test of the text with each value: `before text, value after`."""

    def sql(subject: Subject, values: tuple[Value, ...], binder: Binder) -> LiteralString:
        tests: list[LiteralString] = [
            f"{before}({subject.text}, {binder.bind(_text(value), 'String')}){after}" for value in values
        ]
        return f"({' OR '.join(tests)})"

    return sql


def _unknown(subject: Subject, _values: tuple[Value, ...], _binder: Binder) -> LiteralString:
    return f"{subject.text} = ''"


def _compare(sign: LiteralString) -> Callable[..., LiteralString]:
    """A comparison as numbers; what is no number never matches."""

    def sql(subject: Subject, values: tuple[Value, ...], binder: Binder) -> LiteralString:
        tests: list[LiteralString] = [
            f"{subject.number} {sign} {binder.bind(float(value), 'Float64')}" for value in values
        ]
        return f"ifNull({' OR '.join(tests)}, false)"

    return sql


OPERATORS: dict[str, Operator] = {
    "is": Operator("values", _is),
    "isNot": Operator("values", _is, negated=True),
    "contains": Operator("values", _each("position", " > 0")),
    "doesNotContain": Operator("values", _each("position", " > 0"), negated=True),
    "startsWith": Operator("values", _each("startsWith", "")),
    "endsWith": Operator("values", _each("endsWith", "")),
    "regex": Operator("patterns", _each("match", "")),
    "isNull": Operator("nothing", _unknown),
    "isNotNull": Operator("nothing", _unknown, negated=True),
    "gt": Operator("numbers", _compare(">")),
    "gte": Operator("numbers", _compare(">=")),
    "lt": Operator("numbers", _compare("<")),
    "lte": Operator("numbers", _compare("<=")),
}


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
