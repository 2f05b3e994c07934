"""Values for one SQL text: each becomes a parameter, never a part of the text."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, LiteralString

_DIGITS: tuple[LiteralString, ...] = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
_LONGEST = 60_000
"""Bytes of one parameter's text; a server takes 128 KiB, quotes and escapes included."""


class Binder:
    """Collects values; `bind` gives the text that stands for one."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.cohorts: Callable[[], Sequence[tuple[str, Any]]] = tuple
        """Cohorts, id and condition, by which answers may be split; plans know those of their question."""

    def bind(self, value: Any, kind: LiteralString) -> LiteralString:
        """`{p0:String}`, `{p1:Int64}` … in the order of binding."""
        name: LiteralString = f"p{_number(len(self.values))}"
        self.values[name] = value
        return "{" + name + ":" + kind + "}"

    def name(self, name: LiteralString, value: Any, kind: LiteralString) -> LiteralString:
        """A parameter with a name of its own; binding the same name again replaces its value."""
        self.values[name] = value
        return "{" + name + ":" + kind + "}"

    def any_of(
        self, subject: LiteralString, values: Sequence[str] | Sequence[int], kind: LiteralString
    ) -> LiteralString:
        """True where the subject is one of the values, however many they are; `kind` is of one value."""
        array: LiteralString = f"Array({kind})"
        parts: list[LiteralString] = [f"{subject} IN {self.bind(part, array)}" for part in _parts(values)]
        return f"({' OR '.join(parts)})" if len(parts) > 1 else parts[0]


def _parts(values: Sequence[Any]) -> Iterator[list[Any]]:
    """The values in lists that fit into a parameter each; one empty list when there are none."""
    part: list[Any] = []
    size = 0
    for value in values:
        length = len(str(value).encode()) + 3
        if part and size + length > _LONGEST:
            yield part
            part, size = [], 0
        part.append(value)
        size += length
    yield part


def _number(number: int) -> LiteralString:
    text: LiteralString = _DIGITS[number % 10]
    while number := number // 10:
        text = _DIGITS[number % 10] + text
    return text
