"""Sets of people that can be merged: HyperLogLog with 2^14 registers, kept whole up to 512 people.

Standard error: 0.93 % at worst, 0.8 % over large numbers (measured in tests/insights/test_rollup_people.py).
Above 512 people a set takes 12 KiB, however many there are.
"""

from collections.abc import Iterable
from typing import Any, LiteralString

NOBODY: LiteralString = "uniqCombined64StateIf(14)(toUInt64(0), 0)"
"""No people, in the place of some."""

MERGED: LiteralString = "uniqCombined64MergeState(14)({states})"

_ESTIMATE: LiteralString = "uniqCombined64Merge(14)({states})"

_COUNT: LiteralString = (
    "toUInt64(round({x} / (1 + if({x} > 40960, 0.0276 * exp((40960 - toFloat64({x})) / 9740), 0))))"
)
"""Where the estimate changes from counting empty registers to their harmonic mean, at 2.5 times the
registers, it is 2.8 % too high, which fades within 40,000 people: measured, and known since "HyperLogLog in
Practice" (Heule, Nunkesser, Hall 2013). The divisor takes that back."""

EXACT_UP_TO = 480
"""Of so few people a set is surely kept whole: an estimate of more than 512 is never that far off."""


def all_exact(rows: Iterable[dict[str, Any]]) -> bool:
    """Take `estimate` out of every row; whether all of them were of people that are counted whole."""
    return max((row.pop("estimate") for row in rows), default=0) <= EXACT_UP_TO


def merged(states: LiteralString) -> LiteralString:
    """Aggregate: one set of all the people in some sets."""
    return MERGED.replace("{states}", states)


def estimated(states: LiteralString, where: LiteralString = "true") -> LiteralString:
    """Aggregate: about how many people there are in some sets together; `corrected` makes it a count."""
    if where == "true":
        return _ESTIMATE.replace("{states}", states)
    return f"uniqCombined64MergeIf(14)({states}, {where})"


def corrected(estimate: LiteralString) -> LiteralString:
    """The count of an estimate, given as an expression; it is written several times."""
    return _COUNT.replace("{x}", estimate)


def counted(states: LiteralString) -> LiteralString:
    """Aggregate: how many people there are in some sets together."""
    return corrected(estimated(states))
