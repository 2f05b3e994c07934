"""Values for one SQL text: each becomes a parameter, never a part of the text."""

from typing import Any, LiteralString

_DIGITS: tuple[LiteralString, ...] = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")


class Binder:
    """Collects values; `bind` gives the text that stands for one."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: Any, kind: LiteralString) -> LiteralString:
        """`{p0:String}`, `{p1:Int64}` … in the order of binding."""
        name: LiteralString = "p" + _number(len(self.values))
        self.values[name] = value
        return "{" + name + ":" + kind + "}"

    def name(self, name: LiteralString, value: Any, kind: LiteralString) -> LiteralString:
        """A parameter with a name of its own; binding the same name again replaces its value."""
        self.values[name] = value
        return "{" + name + ":" + kind + "}"


def _number(number: int) -> LiteralString:
    text: LiteralString = _DIGITS[number % 10]
    while number := number // 10:
        text = _DIGITS[number % 10] + text
    return text
