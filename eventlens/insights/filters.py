"""Filters: JSON from a request becomes a condition, a condition becomes SQL.

Values in one filter are OR for positive operators and AND for negated ones; filters join with AND;
`{"and":[…]}` and `{"or":[…]}` nest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, LiteralString, cast

import msgspec
import re2  # pyright: ignore[reportMissingTypeStubs]  # has none

from eventlens.errors import InvalidInput
from eventlens.insights.binder import Binder
from eventlens.insights.dimensions import DIMENSIONS, PROPERTY_PREFIX, Dimension, Path, names, property_paths

_compile = cast(Callable[..., object], re2.compile)  # pyright: ignore[reportUnknownMemberType]  # no stubs
_PatternError = cast(type[Exception], re2.error)  # pyright: ignore[reportUnknownMemberType]  # no stubs

MAX_DEPTH = 5
MAX_TESTS = 50
MAX_VALUES = 500
MAX_TEXT = 2000
MAX_PATTERN = 500
MAX_NUMBER = 1e300

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


Condition = Test | Group


# --- operators ---


@dataclass(frozen=True, slots=True)
class Subject:
    """What a filter looks at: SQL for its text ('' = unknown), and whether `is` compares numbers as such.

    `members` is SQL for the texts of an array's elements, where there may be an array.
    """

    text: LiteralString
    numeric: bool
    members: LiteralString | None = None

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
    return f"({' OR '.join(tests)})" if len(tests) > 1 else tests[0]


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


# --- condition → SQL ---


def condition_sql(condition: Condition, binder: Binder, alias: LiteralString = "e") -> LiteralString:
    """SQL that is true where the condition holds of a row of `alias`: events, or sessions if `of_session`."""
    if isinstance(condition, Test):
        return _test_sql(condition, binder, alias)
    joint: LiteralString = " AND " if condition.every else " OR "
    return f"({joint.join([condition_sql(part, binder, alias) for part in condition.parts])})"


def _test_sql(test: Test, binder: Binder, alias: LiteralString) -> LiteralString:
    operator = OPERATORS[test.operator]
    dimension = DIMENSIONS.get(test.name)
    if dimension is not None and dimension.many:
        one = operator.sql(Subject("one", numeric=False), test.values, binder)
        sql: LiteralString = f"arrayExists(one -> {one}, {_many(dimension, alias)})"
    else:
        sql = operator.sql(_subject(test.name, binder, alias), test.values, binder)
    return f"NOT ({sql})" if operator.negated else sql


def of_session(condition: Condition) -> bool:
    """Whether the condition is the same for all events of a session, so that sessions can be asked."""
    return all(name in DIMENSIONS and DIMENSIONS[name].of_session for name in _names(condition))


def any_of_session(condition: Condition) -> bool:
    """Whether any part of the condition looks at what belongs to the session."""
    return any(name in DIMENSIONS and DIMENSIONS[name].of_session for name in _names(condition))


def _names(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Test):
        yield condition.name
    else:
        for part in condition.parts:
            yield from _names(part)


def text_sql(name: str, binder: Binder, alias: LiteralString = "e") -> LiteralString:
    """SQL for a dimension or property as text, '' where unknown; several rows where an event has several."""
    return _subject(name, binder, alias).text


def sent_as_text_sql(name: str, binder: Binder, alias: LiteralString = "e") -> LiteralString:
    """SQL that is true where a property was sent as a JSON text, whatever it says."""
    places = _places(property_paths(name, "filters"), binder, alias)
    kinds: list[LiteralString] = [f"nullIf(JSONType({place}), 'Null')" for place in places]
    return f"ifNull(coalesce({', '.join(kinds)}) = 'String', false)"


def _subject(name: str, binder: Binder, alias: LiteralString) -> Subject:
    dimension = DIMENSIONS.get(name)
    if dimension is None:
        return _property(property_paths(name, "filters"), binder, alias)
    if dimension.many:
        return Subject(f"arrayJoin({_many(dimension, alias)})", numeric=False)
    column = f"{alias}.{dimension.column}"
    if dimension.numeric:
        return Subject(f"ifNull(toString({column}), '')", numeric=True)
    return Subject(column, numeric=False)


def _many(dimension: Dimension, alias: LiteralString) -> LiteralString:
    """The values that an event has of a dimension: at least one."""
    column = f"{alias}.{dimension.column}"
    return f"if(empty({column}), [''], {column})"


def _property(paths: tuple[Path, ...], binder: Binder, alias: LiteralString) -> Subject:
    """A property: what lies at the first of some paths at which there is anything."""
    places = _places(paths, binder, alias)
    texts: list[LiteralString] = [f"JSONExtract({place}, 'Nullable(String)')" for place in places]
    arrays: list[LiteralString] = [f"JSONExtract({place}, 'Array(Nullable(String))')" for place in places]
    members: LiteralString = arrays[-1]
    for text, array in zip(texts[-2::-1], arrays[-2::-1], strict=True):
        members = f"if(isNull({text}), {members}, {array})"
    return Subject(f"coalesce({', '.join(texts)}, '')", numeric=True, members=members)


def _places(paths: tuple[Path, ...], binder: Binder, alias: LiteralString) -> list[LiteralString]:
    """What JSON functions take to look at each of some paths."""
    return [
        ", ".join([f"{alias}.properties", *(binder.bind(key, "String") for key in path)]) for path in paths
    ]


# --- JSON → condition ---


def read_filters(text: str) -> Condition | None:
    """The condition of a `filters` parameter; None when there are no filters. Raises InvalidInput."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidInput(f"filters is not JSON: {error}", field="filters") from error
    return read_condition(document, "filters")


def read_condition(document: Any, field: str) -> Condition | None:
    """The condition of decoded JSON: an array of filters, or one `and`/`or` group. Raises InvalidInput."""
    reader = _Reader()
    if isinstance(document, list):
        parts = cast(list[Any], document)
        return reader.group(parts, field, every=True, depth=1) if parts else None
    if isinstance(document, dict) and len(cast(dict[str, Any], document)) == 1:
        return reader.condition(document, field, depth=1)
    raise InvalidInput(
        'filters is a JSON array of {"name","operator","value":[…]}, or one {"and":[…]} or {"or":[…]}.',
        field=field,
    )


class _Reader:
    def __init__(self) -> None:
        self._tests = 0

    def condition(self, document: Any, field: str, depth: int) -> Condition:
        if not isinstance(document, dict):
            raise InvalidInput('A filter is an object {"name","operator","value":[…]}.', field=field)
        document = cast(dict[str, Any], document)
        for key in ("and", "or"):
            if key in document:
                if len(document) > 1 or not isinstance(document[key], list) or not document[key]:
                    raise InvalidInput(f'A group is {{"{key}":[…]}} with at least one filter.', field=field)
                return self.group(document[key], f"{field}/{key}", every=key == "and", depth=depth + 1)
        return self._test(document, field)

    def group(self, parts: list[Any], field: str, *, every: bool, depth: int) -> Group:
        if depth > MAX_DEPTH:
            raise InvalidInput(f"Filters nest at most {MAX_DEPTH} deep.", field=field)
        return Group(
            every, tuple(self.condition(part, f"{field}/{index}", depth) for index, part in enumerate(parts))
        )

    def _test(self, document: dict[str, Any], field: str) -> Test:
        self._tests += 1
        if self._tests > MAX_TESTS:
            raise InvalidInput(f"At most {MAX_TESTS} filters.", field=field)
        for key in document:
            if key not in ("name", "operator", "value"):
                raise InvalidInput("A filter has name, operator and value.", field=f"{field}/{key[:100]}")
        name = _read_name(document.get("name"), f"{field}/name")
        operator = document.get("operator")
        if not isinstance(operator, str) or operator not in OPERATORS:
            known = ", ".join(OPERATORS)
            raise InvalidInput(
                f"Unknown operator {str(operator)[:100]!r}; one of {known}.", field=f"{field}/operator"
            )
        takes = OPERATORS[operator].takes
        return Test(name, operator, _read_values(takes, document.get("value"), f"{field}/value"))


def _read_name(name: Any, field: str) -> str:
    if isinstance(name, str):
        if name in DIMENSIONS:
            return name
        if name.startswith(PROPERTY_PREFIX):
            property_paths(name, field)
            return name
        if name == "cohort" or name.startswith("profile."):
            text = f"Filters on {name[:100]!r} are not available yet."
            raise InvalidInput(text, field=field, code="unsupported")
    raise InvalidInput(
        f"Unknown name {str(name)[:100]!r}; one of {', '.join(names())} or properties.<key>.", field=field
    )


def _read_values(takes: str, value: Any, field: str) -> tuple[Value, ...]:
    if takes == "nothing":
        if value not in (None, []):
            raise InvalidInput("isNull and isNotNull take no value.", field=field)
        return ()
    if not isinstance(value, list) or not value:
        raise InvalidInput("value is a JSON array with at least one value.", field=field)
    values = cast(list[Any], value)
    if len(values) > MAX_VALUES:
        raise InvalidInput(f"value has at most {MAX_VALUES} values.", field=field)
    return tuple(_READERS[takes](each, f"{field}/{index}") for index, each in enumerate(values))


def _read_value(value: Any, field: str) -> Value:
    if isinstance(value, str):
        if not value:
            raise InvalidInput("An empty text means unknown: use isNull or isNotNull.", field=field)
        if len(value) > MAX_TEXT:
            raise InvalidInput(f"A value has at most {MAX_TEXT} characters.", field=field)
        return value
    if isinstance(value, bool) or (isinstance(value, int | float) and abs(value) <= MAX_NUMBER):
        return value
    raise InvalidInput("A value is a text, a number, true or false.", field=field)


def _read_number(value: Any, field: str) -> Value:
    try:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            number = float(value)
            if abs(number) <= MAX_NUMBER:
                return number
    except (ValueError, OverflowError):
        pass
    raise InvalidInput("gt, gte, lt and lte compare with a number.", field=field)


def _read_pattern(value: Any, field: str) -> Value:
    if not isinstance(value, str) or not value or len(value) > MAX_PATTERN:
        raise InvalidInput(f"A regular expression has 1 to {MAX_PATTERN} characters.", field=field)
    try:
        _compile(value, _quiet())
    except _PatternError as error:
        raise InvalidInput(f"{value!r} is not a regular expression in RE2's syntax.", field=field) from error
    return value


def _quiet() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True  # as the store's `match`
    return options


_READERS: dict[str, Callable[[Any, str], Value]] = {
    "values": _read_value,
    "numbers": _read_number,
    "patterns": _read_pattern,
}
