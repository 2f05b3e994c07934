"""Filters: JSON from a request becomes a condition, or an error that names the part that is wrong."""

from collections.abc import Callable
from typing import Any, cast

import msgspec
import re2  # pyright: ignore[reportMissingTypeStubs]  # has none

from eventlens.errors import InvalidInput
from eventlens.insights.dimensions import DIMENSIONS, PROPERTY_PREFIX, names, property_paths
from eventlens.insights.filters.conditions import (
    COUNTED,
    Condition,
    Did,
    Group,
    Member,
    Not,
    ProfileTest,
    Purpose,
    Test,
    Value,
)
from eventlens.insights.filters.names import PROFILE_PREFIX, profile_path
from eventlens.insights.filters.operators import OPERATORS
from eventlens.insights.filters.resolver import Resolver, SavedName
from eventlens.insights.ranges import RANGES, Span, dated_span, named_span

_compile = cast(Callable[..., object], re2.compile)  # pyright: ignore[reportUnknownMemberType]  # no stubs
_PatternError = cast(type[Exception], re2.error)  # pyright: ignore[reportUnknownMemberType]  # no stubs

MAX_DEPTH = 5
MAX_TESTS = 50
MAX_PEOPLE = 20
"""Conditions on people in one question, those of its cohorts included: each of them looks through events or
profiles once."""
MAX_REFERENCES = 5
"""Saved things that refer to each other, one after the other."""
MAX_VALUES = 500
MAX_TEXT = 2000
MAX_PATTERN = 500
MAX_NUMBER = 1e300
MAX_COUNT = 1_000_000_000
MAX_DAYS = 3660
_SHAPE = """filters is a JSON array of {"name","operator","value":[…]}, or one {"and":[…]} or {"or":[…]}."""


def read_filters(text: str, resolver: Resolver | None = None) -> Condition | None:
    """The condition of a `filters` parameter; None when there are no filters. Raises InvalidInput."""
    return read_condition(decoded(text), "filters", resolver)


def decoded(text: str, field: str = "filters") -> Any:
    """The JSON of filters in a parameter, never None. Raises InvalidInput."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidInput(f"{field} is not JSON: {error}", field=field) from error
    if document is None:
        raise InvalidInput(_SHAPE, field=field)
    return document


def read_condition(
    document: Any, field: str, resolver: Resolver | None = None, *, purpose: Purpose = "events"
) -> Condition | None:
    """The condition of decoded JSON: an array of filters, or one group. Raises InvalidInput.

    Without a resolver, saved cohorts and segments and the days of a behaviour are refused. With the purpose
    "people", what is about single events is refused, and so is a span that depends on the question.
    """
    return _Reader(resolver, purpose).document(document, field)


class _Reader:
    """Reads the filters of one question, whatever they refer to included: the bounds are of all together."""

    def __init__(self, resolver: Resolver | None, purpose: Purpose) -> None:
        self._resolver = resolver
        self._purpose: Purpose = purpose
        self._saved = purpose == "people"  # a span must not depend on the question
        self._tests = 0
        self._people = 0
        self._trail: tuple[tuple[SavedName, str], ...] = ()

    def document(self, document: Any, field: str) -> Condition | None:
        if isinstance(document, list):
            parts = cast(list[Any], document)
            return self._group(parts, field, every=True, depth=1) if parts else None
        if isinstance(document, dict) and len(cast(dict[str, Any], document)) == 1:
            return self._condition(document, field, depth=1)
        raise InvalidInput(_SHAPE, field=field)

    def _condition(self, document: Any, field: str, depth: int) -> Condition:
        if not isinstance(document, dict):
            raise InvalidInput('A filter is an object {"name","operator","value":[…]}.', field=field)
        document = cast(dict[str, Any], document)
        for key in ("and", "or", "not", "did", "didNot"):
            if key not in document:
                continue
            inner, where = document[key], f"{field}/{key}"
            if len(document) > 1:
                raise InvalidInput(f"Beside {key} there is nothing else.", field=field)
            if key in ("did", "didNot"):
                return self._did(inner, where, depth + 1, negated=key == "didNot")
            if key == "not":
                return Not(self._condition(inner, where, self._deeper(depth, where)))
            if not isinstance(inner, list) or not inner:
                raise InvalidInput(f'A group is {{"{key}":[…]}} with at least one filter.', field=field)
            return self._group(cast(list[Any], inner), where, every=key == "and", depth=depth + 1)
        return self._test(document, field)

    def _group(self, parts: list[Any], field: str, *, every: bool, depth: int) -> Group:
        self._deeper(depth - 1, field)
        return Group(
            every, tuple(self._condition(part, f"{field}/{index}", depth) for index, part in enumerate(parts))
        )

    def _deeper(self, depth: int, field: str) -> int:
        if depth >= MAX_DEPTH:
            raise InvalidInput(f"Filters nest at most {MAX_DEPTH} deep.", field=field)
        return depth + 1

    # --- one filter ---

    def _test(self, document: dict[str, Any], field: str) -> Condition:
        self._count_test(field)
        _check_keys(document, ("name", "operator", "value"), "A filter has name, operator and value.", field)
        name = _read_name(document.get("name"), f"{field}/name")
        operator = document.get("operator")
        if name in ("cohort", "segment"):
            return self._reference(name, operator, document.get("value"), field)
        if not isinstance(operator, str) or operator not in OPERATORS:
            raise _unknown_operator(operator, tuple(OPERATORS), field)
        values = _read_values(OPERATORS[operator].takes, document.get("value"), f"{field}/value")
        if name.startswith(PROFILE_PREFIX):
            self._count_people(field)
            return ProfileTest(profile_path(name, f"{field}/name"), operator, values)
        if self._purpose == "people":
            raise InvalidInput(
                f"{name} is of single events: say who did something, in the filters of a did.",
                field=f"{field}/name",
            )
        return Test(name, operator, values)

    def _count_test(self, field: str) -> None:
        self._tests += 1
        if self._tests > MAX_TESTS:
            raise InvalidInput(f"At most {MAX_TESTS} filters.", field=field)

    def _count_people(self, field: str) -> None:
        self._people += 1
        if self._people > MAX_PEOPLE:
            raise InvalidInput(
                f"At most {MAX_PEOPLE} conditions on people, those of cohorts included.", field=field
            )

    # --- what is saved ---

    def _reference(self, kind: SavedName, operator: Any, value: Any, field: str) -> Condition:
        if operator not in ("is", "isNot"):
            raise _unknown_operator(operator, ("is", "isNot"), field)
        ids = _read_values("values", value, f"{field}/value")
        if kind == "segment" and self._purpose == "people":
            raise InvalidInput(
                "A segment is of single events: say who did something, in the filters of a did.",
                field=f"{field}/name",
            )
        read = self._cohort if kind == "cohort" else self._segment
        parts = tuple(read(each, f"{field}/value/{index}") for index, each in enumerate(ids))
        one = parts[0] if len(parts) == 1 else Group(every=False, parts=parts)
        return Not(one) if operator == "isNot" else one

    def _cohort(self, id_: Value, field: str) -> Condition:
        part = self._resolved("cohort", id_, field)
        return Member(EVERYTHING if part is None else part)

    def _segment(self, id_: Value, field: str) -> Condition:
        part = self._resolved("segment", id_, field)
        return EVERYTHING if part is None else part

    def _resolved(self, kind: SavedName, id_: Value, field: str) -> Condition | None:
        """The condition of something saved; what is wrong in it is wrong in the filter that names it."""
        if self._resolver is None:
            raise InvalidInput(f"A saved {kind} cannot be named here.", field=field, code="unsupported")
        if (kind, id_) in self._trail:
            raise InvalidInput(f"This {kind} would refer to itself.", field=field)
        if len(self._trail) >= MAX_REFERENCES:
            text = f"Cohorts and segments refer to each other at most {MAX_REFERENCES} deep."
            raise InvalidInput(text, field=field)
        document = self._resolver.find(kind, id_) if isinstance(id_, str) else None
        if document is None:
            raise InvalidInput(f"There is no {kind} {str(id_)[:100]!r}.", field=field)
        before = self._trail, self._resolver, self._purpose, self._saved
        self._trail = (*self._trail, (kind, str(id_)))
        if kind == "cohort":
            self._purpose, self._saved, self._resolver = "people", True, self._resolver.at_home()
        else:
            self._purpose = "events"
        try:
            return self.document(document, field)
        except InvalidInput as error:
            raise InvalidInput(error.message, field=field) from error
        finally:
            self._trail, self._resolver, self._purpose, self._saved = before

    # --- what somebody did ---

    def _did(self, inner: Any, field: str, depth: int, *, negated: bool) -> Condition:
        self._deeper(depth - 1, field)
        self._count_test(field)
        self._count_people(field)
        if not isinstance(inner, dict):
            raise InvalidInput('What somebody did is an object such as {"name":"purchase"}.', field=field)
        inner = cast(dict[str, Any], inner)
        _check_keys(inner, _DID_KEYS, f"What somebody did has {', '.join(_DID_KEYS)}.", field)
        operator, count = _read_count(inner.get("count"), f"{field}/count")
        span, of_question = self._span(inner, field)
        did = Did(
            name=_read_event_name(inner.get("name"), f"{field}/name"),
            condition=self._own_filters(inner.get("filters"), f"{field}/filters", depth),
            operator=operator,
            count=count,
            span=span,
            of_question=of_question,
        )
        return Not(did) if negated else did

    def _own_filters(self, document: Any, field: str, depth: int) -> Condition | None:
        if document is None:
            return None
        purpose, self._purpose = self._purpose, "events"
        try:
            if isinstance(document, list):
                parts = cast(list[Any], document)
                return self._group(parts, field, every=True, depth=depth + 1) if parts else None
            if isinstance(document, dict) and len(cast(dict[str, Any], document)) == 1:
                return self._condition(document, field, depth)
        finally:
            self._purpose = purpose
        raise InvalidInput(_SHAPE, field=field)

    def _span(self, inner: dict[str, Any], field: str) -> tuple[Span | None, bool]:
        """When it was done (None: ever), and whether that is the question's own span."""
        given = [key for key in ("days", "range", "startDate") if inner.get(key) is not None]
        if len(given) > 1 or ("endDate" in inner and given != ["startDate"]):
            raise InvalidInput("Give days, or range, or startDate with or without endDate.", field=field)
        if not given or inner.get("range") == "all":
            return None, False
        if inner.get("range") == "question":
            if self._saved:
                raise InvalidInput(
                    "A cohort is the same people in every question: name days, a range or dates.",
                    field=f"{field}/range",
                )
            return None, True
        if self._resolver is None:
            raise InvalidInput("When it was done cannot be said here.", field=field, code="unsupported")
        return _read_span(inner, self._resolver, field), False


_DID_KEYS = ("name", "filters", "count", "days", "range", "startDate", "endDate")
EVERYTHING = Group(every=True, parts=())
"""What no filters at all are."""


def _read_span(inner: dict[str, Any], resolver: Resolver, field: str) -> Span:
    days, name, start, end = (inner.get(key) for key in ("days", "range", "startDate", "endDate"))
    if days is not None:
        if type(days) is not int or not 1 <= days <= MAX_DAYS:
            raise InvalidInput(f"days is a whole number from 1 to {MAX_DAYS}.", field=f"{field}/days")
        return resolver.last_days(days)
    if name is not None:
        if not isinstance(name, str) or name not in RANGES:
            known = ", ".join((*RANGES, "question"))
            raise InvalidInput(f"Unknown range {str(name)[:100]!r}; one of {known}.", field=f"{field}/range")
        return named_span(name, resolver.now, resolver.zone, lambda: None)
    for key, text in (("startDate", start), ("endDate", end)):
        if text is not None and not isinstance(text, str):
            raise InvalidInput(f"{key} is a date or an instant as a text.", field=f"{field}/{key}")
    try:
        return dated_span(str(start), end, resolver.now, resolver.zone)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=f"{field}/{error.field}") from error


def event_named(name: str | None, field: str) -> Condition | None:
    """True of events of that name, which may be as long as any text that is asked for; None: of any.

    Raises InvalidInput.
    """
    known = _read_event_name(name, field)
    return None if known is None else Test("name", "is", (known,))


def _read_event_name(name: Any, field: str) -> str | None:
    if name is None:
        return None
    if not isinstance(name, str) or not 0 < len(name) <= MAX_TEXT:
        raise InvalidInput(f"The name of an event has 1 to {MAX_TEXT} characters.", field=field)
    return name


def _read_count(count: Any, field: str) -> tuple[str, int]:
    """How often: an operator and a whole number; at least once when nothing is said."""
    if count is None:
        return "gte", 1
    if not isinstance(count, dict):
        raise InvalidInput('count is an object such as {"operator":"gte","value":2}.', field=field)
    count = cast(dict[str, Any], count)
    _check_keys(count, ("operator", "value"), "count has operator and value.", field)
    operator, value = count.get("operator"), count.get("value")
    if not isinstance(operator, str) or operator not in COUNTED:
        raise _unknown_operator(operator, tuple(COUNTED), field)
    if type(value) is not int or not 0 <= value <= MAX_COUNT:
        raise InvalidInput(f"A count is a whole number from 0 to {MAX_COUNT}.", field=f"{field}/value")
    return operator, value


def _check_keys(document: dict[str, Any], known: tuple[str, ...], text: str, field: str) -> None:
    for key in document:
        if key not in known:
            raise InvalidInput(text, field=f"{field}/{key[:100]}")


def _unknown_operator(operator: Any, known: tuple[str, ...], field: str) -> InvalidInput:
    text = f"Unknown operator {str(operator)[:100]!r}; one of {', '.join(known)}."
    return InvalidInput(text, field=f"{field}/operator")


def _read_name(name: Any, field: str) -> str:
    if isinstance(name, str):
        if name in DIMENSIONS or name in ("cohort", "segment"):
            return name
        if name.startswith(PROPERTY_PREFIX):
            property_paths(name, field)
            return name
        if name.startswith(PROFILE_PREFIX):
            profile_path(name, field)
            return name
    known = ", ".join(names())
    raise InvalidInput(
        f"Unknown name {str(name)[:100]!r}; one of {known}, cohort, segment, properties.<key> or "
        "profile.<key>.",
        field=field,
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
