"""What answers look like, typed, so that the documentation is made from the same structs."""

from functools import cache
from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType, structs

from eventlens.insights.trace import Explain

T = TypeVar("T")

Change = dict[str, float | None]
"""(now - previous) / previous by field, null where previous is 0 or missing."""


class Period(Struct, rename={"from_": "from"}):
    """From (inclusive) to (exclusive), ISO 8601 with offset."""

    from_: str
    to: str


class Meta(Struct, rename={"project_id": "projectId", "from_": "from"}, kw_only=True):
    """What was asked, resolved: `from` inclusive, `to` exclusive, ISO 8601 with the zone's offset.

    `exact`: false where people are counted with a standard error of 0.8 %, or percentiles of very many events
    are estimated with a t-digest. `explain`: only when asked for. `partial`: true where a shard of the store
    does not answer, and the numbers are without what it holds.
    """

    project_id: str
    from_: str
    to: str
    timezone: str
    interval: str | UnsetType = UNSET
    exact: bool = True
    partial: bool | UnsetType = UNSET
    explain: Explain | UnsetType = UNSET
    compare: Period | UnsetType = UNSET
    next_cursor: str | UnsetType | None = UNSET


class Answer(Struct, Generic[T]):
    """Every answer: the data and what was asked."""

    data: T
    meta: Meta


def told_as_partial(answer: Any) -> Any:
    """An answer that says that it is: its `meta` has a place for that."""
    answer.meta.partial = True
    return answer


@cache
def tells_of_parts(kind: Any) -> bool:
    """Whether answers of a type can say that they are partial."""
    try:
        meta = next(each.type for each in structs.fields(kind) if each.name == "meta")
        return any(each.name == "partial" for each in structs.fields(meta))
    except (TypeError, StopIteration):
        return False


def change(now: Struct, previous: Struct | None) -> Change:
    """The relative change of every number of an answer."""
    return {
        name: relative(value, getattr(previous, name) if previous is not None else None)
        for name, value in structs.asdict(now).items()
        if isinstance(value, int | float)
    }


def relative(now: float | None, previous: float | None) -> float | None:
    """(now - previous) / previous; null where either is missing or previous is 0."""
    if now is None:
        return None
    return (now - previous) / previous if previous else None
