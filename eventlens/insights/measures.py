"""Numbers of events as a whole, by bucket and by value, in one reading: what revenue, series and goals share.

Values of a breakdown are bounded: the largest ones have a place each (1, 2, …), all others share place 0,
`(other)`. Whoever has several of the values that share a place counts there once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, LiteralString

from eventlens.insights.filters import Condition, all_of, has_many, many_sql, text_sql, within
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.values import typed_values
from eventlens.store.base import Store

OTHER = "(other)"
MAX_VALUES = 100
DEFAULT_VALUES = 10

Source = Literal["events", "sessions", "starts"]
"""Matching events in the span; the matching events of the sessions that start in it; or these sessions
themselves, as `s`, which have values of dimensions of sessions only.
"""

Columns = Callable[[Plan], Sequence[tuple[LiteralString, LiteralString]]]

Values = tuple[str, str]
WHOLE: int = -1
"""In the place of a place or a bucket: all of them together."""


@dataclass(frozen=True, slots=True)
class Split:
    """A breakdown by one or two dimensions: the values that have a row of their own, largest first."""

    dimensions: tuple[str, ...]
    values: tuple[Values, ...]
    keys: tuple[int, ...]
    typed: tuple[list[Any], ...]
    """The same values as they were sent."""

    def shown(self, place: int) -> list[Any]:
        """The values of a place as answers show them."""
        return [OTHER for _ in self.dimensions] if place == 0 else self.typed[place - 1]

    @property
    def places(self) -> tuple[int, ...]:
        """In the order of rows: largest first, all others last."""
        return (*range(1, len(self.values) + 1), 0)


@dataclass(slots=True)
class Cells:
    """Aggregates by (key, place, bucket's start); WHOLE stands for all places, or for the whole span."""

    rows: dict[tuple[str, int, int], dict[str, Any]]

    def at(self, place: int = WHOLE, bucket: int = WHOLE, key: str = "") -> dict[str, Any]:
        """The aggregates of a cell; nothing where no event is in it."""
        return self.rows.get((key, place, bucket), {})

    def every_key(self) -> list[str]:
        return sorted({key for key, _, _ in self.rows})

    def has(self, place: int) -> bool:
        return any(each == place for _, each, _ in self.rows)


def also(question: Question, condition: Condition | None) -> Question:
    """The same question about what matches another condition too."""
    if condition is None:
        return question
    condition = within(condition, question.span, identified=question.identified)
    return replace(question, condition=all_of(question.condition, condition))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read: aggregates (name, SQL over events `e`) of the events of a source.

    `key` is a column by whose values everything is kept apart; `where` a further condition on `e`.
    """

    columns: Columns
    source: Source = "events"
    key: LiteralString = "''"
    where: LiteralString = "true"

    def sql(self, plan: Plan) -> LiteralString:
        """FROM and WHERE of the events (sessions) that are read."""
        if self.source == "starts":
            return plan.sessions()
        base: LiteralString = plan.in_span if self.source == "events" else plan.of_starting
        return plan.events_where(f"{base}\n  AND {self.where}", people=self.source == "events")


def measure(store: Store, question: Question, reading: Reading, split: Split | None = None) -> Cells:
    """Aggregates of the whole span, by bucket (where the question has an interval) and by place."""
    cells = Cells({})
    for each in (None, split) if split is not None else (None,):
        for row in _read(store, question, reading, each):
            bucket = WHOLE if row.pop("spread", 1) else row["bucket"]
            row.pop("bucket", None)
            cells.rows[row.pop("key"), row.pop("place"), bucket] = row
    return cells


_TIMES: dict[Source, LiteralString] = {
    "events": "e.timestamp",
    "sessions": "e.session_start",
    "starts": "s.session_start",
}
"""By what each falls into buckets."""


def _read(store: Store, question: Question, reading: Reading, split: Split | None) -> list[dict[str, Any]]:
    plan = Plan(question)
    time = _TIMES[reading.source]
    alias: LiteralString = "s" if reading.source == "starts" else "e"
    chosen: list[LiteralString] = [f"{sql} AS {name}" for name, sql in reading.columns(plan)]
    chosen.append(f"{reading.key} AS key")
    chosen.append(f"{_WHOLE if split is None else place_sql(plan, split, alias)} AS place")
    sets: LiteralString = "(key, place)"
    if question.interval is not None:
        chosen.append(f"{plan.bucket(time)} AS bucket, grouping(bucket) AS spread")
        sets = "(key, place), (key, place, bucket)"
    sql: LiteralString = f"""SELECT {_COMMA.join(chosen)}{reading.sql(plan)}
GROUP BY GROUPING SETS ({sets})"""
    return plan.run(store, sql).dicts()


_COMMA: LiteralString = ",\n  "
_NOTHING: LiteralString = "''"
_WHOLE: LiteralString = "toInt64(-1)"


# --- values ---


def top_values(
    store: Store, question: Question, dimensions: tuple[str, ...], limit: int, reading: Reading
) -> list[tuple[Values, int]]:
    """The values that are largest in the reading's columns, and their keys; ties in their order."""
    plan = Plan(question)
    first = text_sql(dimensions[0], plan.binder)
    second: LiteralString = text_sql(dimensions[1], plan.binder) if len(dimensions) > 1 else _NOTHING
    sizes: LiteralString = ", ".join([f"{sql} DESC" for _, sql in reading.columns(plan)])
    rows = plan.run(
        store,
        f"""SELECT toString({first}) AS first, toString({second}) AS second, cityHash64(first, second) AS key{
            reading.sql(plan)
        }
GROUP BY first, second
ORDER BY {sizes}, first, second
LIMIT {plan.binder.name("values", limit, "UInt64")}""",
    ).rows
    return [((row[0], row[1]), row[2]) for row in rows]


def split_of(
    store: Store, question: Question, dimensions: tuple[str, ...], found: Sequence[tuple[Values, int]]
) -> Split:
    """The breakdown with a place for each of the values found."""
    values = tuple(each for each, _ in found)
    typed = [
        typed_values(store, question, name, {each[at] for each in values})
        for at, name in enumerate(dimensions)
    ]
    shown = tuple([types[text] for types, text in zip(typed, each, strict=False)] for each in values)
    return Split(dimensions, values, tuple(key for _, key in found), shown)


def place_sql(plan: Plan, split: Split, alias: LiteralString = "e") -> LiteralString:
    """An event's place; several rows where it has several values in different places."""
    keys = plan.binder.name("places", list(split.keys), "Array(UInt64)")
    texts: list[LiteralString] = []
    many: list[tuple[LiteralString, LiteralString]] = []
    for name in split.dimensions:
        if has_many(name):
            one = _ONE_OF[len(many)]
            many.append((one, many_sql(name, plan.binder, alias)))
            texts.append(f"toString({one})")
        else:
            texts.append(f"toString({text_sql(name, plan.binder, alias)})")
    if len(texts) == 1:
        texts.append(_NOTHING)
    hashed: LiteralString = f"cityHash64({', '.join(texts)})"
    place: LiteralString = f"toInt64(indexOf({keys}, {hashed}))"
    places = place
    for one, values in many:
        places = f"arrayMap({one} -> {places}, {values})"
    if len(many) > 1:
        places = f"arrayFlatten({places})"
    return f"arrayJoin(arrayDistinct({places}))" if many else place


_ONE_OF: tuple[LiteralString, ...] = ("one", "another")
"""What stands for one of an event's values of the first such dimension, and of the second."""
