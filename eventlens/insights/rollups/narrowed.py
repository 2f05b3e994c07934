"""Questions with one filter that what was computed ahead answers: `is` one value of a list's dimension.

The row of a value says just that: its events, the sessions that have one, whole, and the people.
"""

from typing import NamedTuple

from eventlens.insights.filters import Condition, Group, Test
from eventlens.insights.rollups.branches import DIMENSION_LISTS


class Narrowed(NamedTuple):
    """The column whose list to look at, and the value whose row to take."""

    column: str
    value: str


def narrowed(condition: Condition | None) -> Narrowed | None:
    """None for every other condition."""
    while isinstance(condition, Group) and len(condition.parts) == 1:
        condition = condition.parts[0]
    if not isinstance(condition, Test) or condition.operator != "is" or len(condition.values) != 1:
        return None
    column, value = DIMENSION_LISTS.get(condition.name), condition.values[0]
    if column is None or not isinstance(value, str) or not value:
        return None
    return Narrowed(column, value)
