"""How a question was answered: noted while it is answered, told in `meta`."""

from dataclasses import dataclass, field
from typing import Any, cast

from msgspec import Struct


class Explained(Struct):
    """One part of an answer's source: `hours`, `days` (answers computed ahead) or `raw` rows.

    `from` inclusive, `to` exclusive, ISO 8601 with offset; `buckets`: how many of them lie in between.
    """

    source: str
    start: str
    end: str
    buckets: int


class Asked(Struct):
    """A statement and the values of its parameters."""

    sql: str
    parameters: dict[str, Any]


class Explain(Struct):
    """Which parts served an answer, none where everything is raw; and every statement, in order."""

    served_by: list[Explained]
    statements: list[Asked]


_MOST = 100
"""Statements and parts that are told."""
_LONGEST = 400
"""Values of a list that are told."""


@dataclass(slots=True)
class Trace:
    """Collects; one per question as it was asked, shared by the questions derived from it."""

    exact: bool = True
    wanted: bool = False
    served_by: list[Explained] = field(default_factory=list[Explained])
    statements: list[Asked] = field(default_factory=list[Asked])

    def asked(self, sql: str, parameters: dict[str, Any]) -> None:
        """Note a statement, where somebody wants to know."""
        if self.wanted and len(self.statements) < _MOST:
            shown = {name: _short(value) for name, value in parameters.items()}
            self.statements.append(Asked(sql, shown))

    def served(self, parts: list[Explained]) -> None:
        """Note where numbers came from."""
        if self.wanted:
            self.served_by += parts[: _MOST - len(self.served_by)]

    def explain(self) -> Explain:
        """What was noted."""
        return Explain(self.served_by, self.statements)


def _short(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    values = cast("list[Any]", value)
    return [*values[:_LONGEST], "…"] if len(values) > _LONGEST else values
