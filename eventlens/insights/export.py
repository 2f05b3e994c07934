"""Exports: every matching event or session of a span, oldest first, of any size, in bounded memory.

Text is made by the engine, a page of rows at a time: nothing is held between two pages, so that a slow reader
keeps nobody waiting. Pages grow while their rows are small. What arrives after the beginning is left out.
Parquet has its table of contents at the end, so the engine writes the whole file first.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, LiteralString, NamedTuple, get_args
from zoneinfo import ZoneInfo

from eventlens.clock import DAY
from eventlens.errors import QueryLimit
from eventlens.insights.export_columns import (
    EVENT_FIELDS,
    SESSION_FIELDS,
    Field,
    csv_row,
    json_row,
    parquet_columns,
)
from eventlens.insights.export_text import TextFormat, written
from eventlens.insights.people import persons_of
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span, offset_at, transition
from eventlens.store.base import Result, Store

Format = Literal["csv", "json", "ndjson", "parquet"]
Kind = Literal["events", "sessions"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FIRST_ROWS, _MOST_ROWS = 500, 20_000
_ENOUGH_BYTES = 4 << 20
"""Rows of a page at first and at most, and the size from which on pages do not grow."""
_PATIENCE = 10
"""How often a page is asked for again while the store is busy with others' questions."""


@dataclass(frozen=True, slots=True)
class _Table:
    """What is exported: its fields, its order, and FROM … WHERE of the matching rows."""

    alias: LiteralString
    fields: Sequence[Field]
    time: LiteralString
    tie: LiteralString
    end: LiteralString
    source: Callable[[Plan, LiteralString], LiteralString]
    arrival: LiteralString
    """What says when a row arrived, the newest of which is where an export ends."""


def _events_source(plan: Plan, until: LiteralString) -> LiteralString:
    return plan.events_where(plan.in_span, people=False, early=(until,))


def _sessions_source(plan: Plan, until: LiteralString) -> LiteralString:
    return f"{plan.sessions()}\n  AND {until}"


_TABLES: dict[Kind, _Table] = {
    "events": _Table(
        "e", EVENT_FIELDS, "e.timestamp", "e.arrival", "e.timestamp", _events_source, "e.arrival"
    ),
    # A session's row is replaced when it changes, so there is no older one to show: `true` of all of them.
    "sessions": _Table(
        "s", SESSION_FIELDS, "s.session_start", "s.session_key", "s.session_end", _sessions_source, "0"
    ),
}


def text_pages(
    store: Store,
    question: Question,
    kind: Kind,
    form: Literal["csv", "json", "ndjson"],
    *,
    guard: bool = True,
) -> Iterator[bytes]:
    """The rows as text, page by page, with what belongs before, between and after them.

    Each step asks the store; raises StoreUnavailable, QueryLimit.
    """
    text = _Text(kind, form, guard)
    names = [field.name for field in _TABLES[kind].fields]
    return written(form, names, _pages(store, question, text))


def write_parquet(store: Store, question: Question, kind: Kind, path: Path) -> None:
    """All rows into a new Parquet file, in no stated order. Raises StoreUnavailable, QueryLimit."""
    table = _TABLES[kind]
    plan = Plan(question)
    node: LiteralString = f"{table.alias}.visitor"
    times: dict[str, LiteralString] = {
        "timestamp": table.time,
        "startedAt": table.time,
        "endedAt": table.end,
    }
    columns = parquet_columns(table.fields, plan.person(node), times)
    source = plan.events if kind == "events" else plan.sessions(people=True)
    store.write(f"SELECT {columns}{source}", plan.binder.values, "Parquet", path)


# --- pages of text ---


class _Place(NamedTuple):
    at: int
    tie: int


@dataclass(frozen=True, slots=True)
class _Text:
    """What is written and how, and the newest arrival that is in it."""

    kind: Kind
    form: TextFormat
    guard: bool
    newest: int = 0


def _pages(store: Store, question: Question, text: _Text) -> Iterator[list[bytes]]:
    rows = _FIRST_ROWS
    text = replace(text, newest=_newest(store, question, text.kind))
    for window in _windows(store, question, text):
        after: _Place | None = None
        while True:
            found = _page(store, replace(question, span=window), text, after, rows)
            if found:
                yield _lines(store, question, found, text.form)
            if len(found) < rows:
                break
            after = _Place(found[-1][0], found[-1][1])
            size = sum(len(row[3]) + len(row[4]) for row in found)
            rows = min(rows * 4, _MOST_ROWS) if size < _ENOUGH_BYTES else max(rows // 2, _FIRST_ROWS)


def _page(
    store: Store, question: Question, text: _Text, after: _Place | None, rows: int
) -> list[tuple[Any, ...]]:
    """(at, tie, visitor, before, after) of the next rows."""
    table = _TABLES[text.kind]
    plan = Plan(question)
    fields = table.fields
    head, tail = csv_row(fields, guard=text.guard) if text.form == "csv" else json_row(fields)
    further: LiteralString = ""
    if after is not None:
        at = plan.instant("after", after.at)
        tie = plan.binder.name("tie", after.tie, "UInt64")
        further = f"\n  AND ({table.time}, {table.tie}) > ({at}, {tie})"
    sql: LiteralString = f"""WITH {_iso(plan, table.time, "at_time")}, {_iso(plan, table.end, "end_time")}
SELECT toUnixTimestamp64Milli({table.time}) AS at, {table.tie} AS tie, {table.alias}.visitor AS node,
  {head} AS head,
  {tail} AS tail{table.source(plan, _until(plan, table, text.newest))}{further}
ORDER BY {table.time}, {table.tie}
LIMIT {plan.binder.name("rows", rows, "UInt64")}"""
    return list(_patiently(lambda: plan.run(store, sql)).rows)


def _patiently(ask: Callable[[], Result]) -> Result:
    """An export comes back when others' questions keep the store busy; raises QueryLimit in the end."""
    for _ in range(_PATIENCE):
        try:
            return ask()
        except QueryLimit as error:
            if error.retry_after <= QueryLimit.retry_after:  # it is this question that is too large
                raise
            time.sleep(error.retry_after)
    return ask()


def _lines(store: Store, question: Question, found: list[tuple[Any, ...]], form: str) -> list[bytes]:
    nodes = {row[2] for row in found if row[2]}
    persons = persons_of(store, question.project_id, nodes) if question.identified else {}
    nobody, quote = ("", "") if form == "csv" else ("null", '"')
    ids = {node: f"{quote}{persons.get(node, node):016x}{quote}" for node in nodes}
    ids[0] = nobody
    return [f"{head}{ids[node]}{tail}".encode() for _, _, node, head, tail in found]


def _newest(store: Store, question: Question, kind: Kind) -> int:
    """The newest arrival: what comes later is not in the export."""
    if kind == "sessions":
        return 0
    plan = Plan(question)
    return int(plan.run(store, f"SELECT max(e.arrival) FROM events AS e WHERE {plan.in_span}").rows[0][0])


def _until(plan: Plan, table: _Table, newest: int) -> LiteralString:
    return f"{table.arrival} <= {plan.binder.name('newest', newest, 'UInt64')}"


def _windows(store: Store, question: Question, text: _Text) -> Iterator[Span]:
    """Spans that together are the question's, each of about a page of rows, or one hour.

    The sort key begins with the day: without bounds, each page would read all that is left.
    """
    table = _TABLES[text.kind]
    plan = Plan(question)
    sql: LiteralString = f"""SELECT toUnixTimestamp(toStartOfHour({table.time})) AS hour, count() AS found{
        table.source(plan, _until(plan, table, text.newest))
    }
GROUP BY hour
ORDER BY hour"""
    start, seen = question.span.start, 0
    for hour, found in plan.run(store, sql).rows:
        begin = max(hour * 1000, start)
        if seen and seen + found > _MOST_ROWS:
            yield Span(start, begin)
            start, seen = begin, 0
        seen += found
    if seen:
        yield Span(start, question.span.end)


# --- times in the question's zone ---


def _iso(plan: Plan, time: LiteralString, name: LiteralString) -> LiteralString:
    """`… AS name`: a time as ISO 8601 with the zone's offset, as `ranges.iso` writes it."""
    starts, shifts, texts = _offsets(plan.question.span, plan.question.zone)
    bound = plan.binder.name("starts", starts, "Array(Int64)")
    shift = plan.binder.name("shifts", shifts, "Array(Int64)")
    text = plan.binder.name("offsets", texts, "Array(String)")
    at: LiteralString = f"toUnixTimestamp64Milli({time})"
    place: LiteralString = f"indexOf({bound}, roundDown({at}, {bound}))"
    local: LiteralString = f"fromUnixTimestamp64Milli({at} + {shift}[{place}], 'UTC')"
    fraction: LiteralString = f"if({at} % 1000 = 0, '', concat('.', leftPad(toString({at} % 1000), 3, '0')))"
    return f"concat(formatDateTime({local}, '%Y-%m-%dT%H:%i:%S'), {fraction}, {text}[{place}]) AS {name}"


def _offsets(span: Span, zone: ZoneInfo) -> tuple[list[int], list[int], list[str]]:
    """When the zone's clocks change in the span (and a year after it), by how much they differ, as texts."""
    starts, shifts = [span.start], [offset_at(span.start, zone)]
    for at in range(span.start, span.end + 366 * DAY, DAY):
        if offset_at(at, zone) != shifts[-1]:
            starts.append(transition(at - DAY, at, zone))
            shifts.append(offset_at(at, zone))
    texts = [datetime.fromtimestamp(start // 1000, UTC).astimezone(zone).isoformat()[19:] for start in starts]
    return starts, shifts, texts
