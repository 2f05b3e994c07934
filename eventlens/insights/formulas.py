"""Formulas over series: `(A / B) * 100`. A small parser of our own; nothing is ever evaluated as code.

    expression = term {("+" | "-") term}
    term       = factor {("*" | "/") factor}
    factor     = "-" factor | power
    power      = atom ["^" factor]
    atom       = number | name | name "(" [expression {"," expression}] ")" | "(" expression ")"

A formula is reckoned bucket by bucket and once for the totals. Whatever has no value (a division by zero, a
number that is missing or not finite) is null, and so is all that is reckoned with it.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from eventlens.errors import InvalidInput

MAX_LENGTH = 500
MAX_DEPTH = 30

Number = float | None


@dataclass(frozen=True, slots=True)
class Line:
    """What a series or formula comes to: of the whole span, and of each bucket."""

    total: Number
    points: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula: the names it uses, and how it is reckoned from their lines (all of equal length)."""

    names: frozenset[str]
    evaluate: Callable[[Mapping[str, Line], int], Line]


_Node = Callable[[Mapping[str, Line], int], Line]


# --- what can be done with numbers ---


def _finite(value: float) -> Number:
    return value if math.isfinite(value) else None


def _power(base: float, exponent: float) -> Number:
    try:
        return _finite(math.pow(base, exponent))
    except (ValueError, OverflowError):
        return None


_BINARY: dict[str, Callable[[float, float], Number]] = {
    "+": lambda left, right: _finite(left + right),
    "-": lambda left, right: _finite(left - right),
    "*": lambda left, right: _finite(left * right),
    "/": lambda left, right: _finite(left / right) if right else None,
    "^": _power,
}


def _round(value: float, digits: float) -> Number:
    try:
        return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP))
    except ArithmeticError:  # more digits than a number has: it is round already
        return value


def _floor(value: float) -> float:
    return float(math.floor(value))


def _ceil(value: float) -> float:
    return float(math.ceil(value))


def _sqrt(value: float) -> Number:
    return math.sqrt(value) if value >= 0 else None


def _each(reckon: Callable[..., Number]) -> Callable[..., Line]:
    """A function of numbers as one of lines: null where any of its numbers is."""

    def value(*numbers: Number) -> Number:
        return None if any(number is None for number in numbers) else reckon(*numbers)

    def lines(*given: Line) -> Line:
        points = tuple(value(*row) for row in zip(*(line.points for line in given), strict=True))
        return Line(value(*(line.total for line in given)), points)

    return lines


def _coalesce(first: Line, second: Line) -> Line:
    def value(one: Number, other: Number) -> Number:
        return other if one is None else one

    points = tuple(map(value, first.points, second.points))
    return Line(value(first.total, second.total), points)


def _cumulative(line: Line) -> Line:
    total, points = 0.0, list[Number]()
    for point in line.points:
        total += point or 0.0
        points.append(_finite(total))
    return Line(line.total, tuple(points))


def _moving_average(line: Line, length: Line) -> Line:
    most = int(length.total or 1)
    points: list[Number] = []
    for at in range(len(line.points)):
        known = [point for point in line.points[max(0, at + 1 - most) : at + 1] if point is not None]
        points.append(_finite(math.fsum(known) / len(known)) if known else None)
    return Line(line.total, tuple(points))


def _total(line: Line) -> Line:
    return Line(line.total, tuple(line.total for _ in line.points))


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` arguments; `whole`: the last of several is a whole number from 0 (1) to that."""

    least: int
    most: int
    reckon: Callable[..., Line]
    description: str
    whole: tuple[int, int] | None = None


def _round_lines(line: Line, digits: Line | None = None) -> Line:
    places = (digits.total or 0.0) if digits is not None else 0.0

    def rounded(value: float) -> Number:
        return _round(value, places)

    return _each(rounded)(line)


FUNCTIONS: dict[str, Function] = {
    "abs": Function(1, 1, _each(math.fabs), "distance from 0"),
    "round": Function(1, 2, _round_lines, "rounded to so many decimals (0), halves away from 0", (0, 10)),
    "floor": Function(1, 1, _each(_floor), "the whole number below"),
    "ceil": Function(1, 1, _each(_ceil), "the whole number above"),
    "sqrt": Function(1, 1, _each(_sqrt), "square root; null below 0"),
    "min": Function(2, 10, _each(min), "the smallest of several"),
    "max": Function(2, 10, _each(max), "the largest of several"),
    "coalesce": Function(2, 2, _coalesce, "the first, or the second where the first is null"),
    "total": Function(1, 1, _total, "the number of the whole span, in every bucket"),
    "cumulative": Function(
        1, 1, _cumulative, "sum of the buckets up to this one, null as 0; the total stays as it is"
    ),
    "moving_average": Function(
        2,
        2,
        _moving_average,
        "mean of the last so many buckets that are not null; the total stays as it is",
        (1, 400),
    ),
}


# --- text → formula ---

_TOKEN = re.compile(
    r"\s*(?:([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)|([A-Za-z_][A-Za-z0-9_]*)|([-+*/^(),]))"
)
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, name, sign, end
    text: str
    at: int


def parse(text: str, known: frozenset[str], field: str) -> Formula:
    """The formula of a text that may use the `known` names. Raises InvalidInput with the position."""
    if not text.strip() or len(text) > MAX_LENGTH:
        raise InvalidInput(f"A formula has 1 to {MAX_LENGTH} characters.", field=field)
    parser = _Parser(_tokens(text, field), known, field)
    node = parser.expression(0)
    parser.expect_end()
    return Formula(frozenset(parser.used), node)


def _wrong(message: str, at: int, field: str) -> InvalidInput:
    return InvalidInput(f"{message} at character {at + 1}.", field=field)


def _tokens(text: str, field: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while match := _TOKEN.match(text, at):
        for kind, found in zip(("number", "name", "sign"), match.groups(), strict=True):
            if found is not None:
                tokens.append(_Token(kind, found, match.end() - len(found)))
        at = match.end()
    rest = _SPACE.match(text, at)
    at = rest.end() if rest else at
    if at < len(text):
        raise _wrong(f"Unexpected {text[at]!r}", at, field)
    return [*tokens, _Token("end", "the end", at)]


class _Parser:
    def __init__(self, tokens: list[_Token], known: frozenset[str], field: str) -> None:
        self._tokens = tokens
        self._known = known
        self._field = field
        self._at = 0
        self.used: set[str] = set()

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _taken(self, *signs: str) -> _Token | None:
        return self._take() if self._next.kind == "sign" and self._next.text in signs else None

    def _wrong(self, message: str, token: _Token) -> InvalidInput:
        return _wrong(message, token.at, self._field)

    def _expect(self, sign: str) -> None:
        if self._taken(sign) is None:
            raise self._wrong(f"Expected {sign!r} instead of {_shown(self._next)}", self._next)

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise self._wrong(f"Expected an operator instead of {_shown(self._next)}", self._next)

    def expression(self, depth: int) -> _Node:
        if depth > MAX_DEPTH:
            raise self._wrong(f"A formula nests at most {MAX_DEPTH} deep; it is deeper", self._next)
        return self._joined(("+", "-"), lambda: self._joined(("*", "/"), lambda: self._factor(depth)))

    def _joined(self, signs: tuple[str, ...], operand: Callable[[], _Node]) -> _Node:
        node = operand()
        while sign := self._taken(*signs):
            node = _binary(sign.text, node, operand())
        return node

    def _factor(self, depth: int) -> _Node:
        if depth > MAX_DEPTH:
            raise self._wrong(f"A formula nests at most {MAX_DEPTH} deep; it is deeper", self._next)
        if self._taken("-"):
            return _binary("-", _constant(0.0), self._factor(depth + 1))
        node = self._atom(depth)
        return _binary("^", node, self._factor(depth + 1)) if self._taken("^") else node

    def _atom(self, depth: int) -> _Node:
        token = self._take()
        if token.kind == "number":
            value = float(token.text)
            if not math.isfinite(value):
                raise self._wrong("This number is too large", token)
            return _constant(value)
        if token.kind == "name":
            return self._call(token, depth) if self._taken("(") else self._name(token)
        if token.text == "(" and token.kind == "sign":
            node = self.expression(depth + 1)
            self._expect(")")
            return node
        raise self._wrong(f"Expected a number, a name or '(' instead of {_shown(token)}", token)

    def _name(self, token: _Token) -> _Node:
        if token.text not in self._known:
            if token.text in FUNCTIONS:
                raise self._wrong(f"{token.text} is a function and needs '(' after it", token)
            known = ", ".join(sorted(self._known))
            raise self._wrong(f"Unknown name {token.text[:50]!r} (one of {known})", token)
        self.used.add(token.text)
        name = token.text
        return lambda lines, _: lines[name]

    def _call(self, token: _Token, depth: int) -> _Node:
        function = FUNCTIONS.get(token.text)
        if function is None:
            known = ", ".join(FUNCTIONS)
            raise self._wrong(f"Unknown function {token.text[:50]!r} (one of {known})", token)
        given: list[_Node] = []
        while not self._taken(")"):
            if given:
                self._expect(",")
            if function.whole is not None and len(given) == 1:
                given.append(self._whole(*function.whole))
            else:
                given.append(self.expression(depth + 1))
            if len(given) > function.most:
                break
        if not function.least <= len(given) <= function.most:
            raise self._wrong(f"{token.text} takes {_counted(function)}, not {len(given)},", token)
        reckon = function.reckon
        return lambda lines, length: reckon(*(node(lines, length) for node in given))

    def _whole(self, low: int, high: int) -> _Node:
        token = self._take()
        if token.kind != "number" or not token.text.isdigit() or not low <= float(token.text) <= high:
            raise self._wrong(f"Expected a whole number from {low} to {high}", token)
        return _constant(float(token.text))


def _shown(token: _Token) -> str:
    return token.text if token.kind == "end" else repr(token.text[:50])


def _counted(function: Function) -> str:
    if function.least == function.most:
        return f"{function.least} argument{'s' if function.least > 1 else ''}"
    return f"{function.least} to {function.most} arguments"


def _constant(value: float) -> _Node:
    return lambda _, length: Line(value, (value,) * length)


def _binary(sign: str, left: _Node, right: _Node) -> _Node:
    reckon = _each(_BINARY[sign])
    return lambda lines, length: reckon(left(lines, length), right(lines, length))
