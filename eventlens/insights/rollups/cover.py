"""Which answers computed ahead serve a question, and what is left for raw rows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import Literal, LiteralString, NamedTuple

from eventlens.clock import DAY, HOUR
from eventlens.insights.binder import Binder
from eventlens.insights.question import Question
from eventlens.insights.ranges import LAST_DATED, Span, iso
from eventlens.insights.trace import Explained
from eventlens.store.base import Store
from eventlens.store.events import chunks

Table = Literal["rollup_totals", "rollup_lists"]

_EPOCH = date(1970, 1, 1).toordinal()
_MOST_DAYS = 2_000
_AT_ONCE = 2_500
"""Days, and pieces, that fit into a parameter."""
_MOST_PIECES, _MOST_RAW = 20_000, 1_000
"""Of which a question may be made; raw rows answer what would need more."""


class Piece(NamedTuple):
    """A day or an hour computed ahead, right as of now; milliseconds."""

    start: int
    end: int
    version: int
    events: int
    whole_day: int


@dataclass(frozen=True, slots=True)
class Cover:
    """A span, made of pieces and of what lies between them. In order, without overlap."""

    pieces: tuple[Piece, ...]
    raw: tuple[Span, ...]


def cover(store: Store, question: Question, table: Table, edges: Sequence[int]) -> Cover | None:
    """How to answer a question whose numbers are wanted between `edges` (milliseconds, in order).

    None where raw rows should answer it alone: it has filters, is to be exact, is small enough to be, or
    nothing was computed ahead.
    """
    most = question.exact_up_to
    if most is None or question.exact or question.condition is not None:
        return None
    found = _found(store, question, table, edges)
    if not found.pieces or len(found.pieces) > _MOST_PIECES or len(found.raw) > _MOST_RAW:
        return None
    if sum(piece.events for piece in found.pieces) <= most:
        return None
    question.trace.served(list(_explained(found, question)))
    return found


def _found(store: Store, question: Question, table: Table, edges: Sequence[int]) -> Cover:
    """Days first: nearly always they are all that is needed."""
    days = valid_pieces(store, question, table, question.span, days=True)
    found = laid(days, edges)
    if any(span.end - span.start >= HOUR for span in found.raw):
        rest = Span(found.raw[0].start, found.raw[-1].end)
        found = laid([*found.pieces, *valid_pieces(store, question, table, rest, days=False)], edges)
    return found


def laid(pieces: Iterable[Piece], edges: Sequence[int]) -> Cover:
    """Lay the longest pieces that fit between the edges; what remains is raw."""
    chosen: list[Piece] = []
    raw: list[Span] = []
    waiting = sorted(pieces, key=lambda piece: (piece.start, -piece.end))
    at = 0
    for start, end in pairwise(edges):
        now = start
        while at < len(waiting) and waiting[at].start < end:
            piece = waiting[at]
            at += 1
            if piece.start >= now and piece.end <= end:
                _add(raw, now, piece.start)
                chosen.append(piece)
                now = piece.end
        _add(raw, now, end)
    return Cover(tuple(chosen), tuple(raw))


def _add(spans: list[Span], start: int, end: int) -> None:
    if start < end:
        if spans and spans[-1].end == start:
            start = spans.pop().start
        spans.append(Span(start, end))


def valid_pieces(store: Store, question: Question, table: Table, span: Span, *, days: bool) -> list[Piece]:
    """The days, or the hours, of a span that were computed after the last touch of their hours."""
    source: LiteralString = "rollup_totals" if table == "rollup_totals" else "rollup_lists"
    sql: LiteralString = f"""WITH (
  SELECT (groupArray(hour), groupArray(count)) FROM touches
  WHERE project_id = {{project:String}} AND hour >= intDiv({{start:Int64}}, 3600000)
    AND hour <= intDiv({{end:Int64}}, 3600000)) AS t
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted
FROM {source} AS r
WHERE r.project_id = {{project:String}} AND r.whole_day = {{days:UInt8}}
  AND r.bucket_start >= fromUnixTimestamp64Milli({{start:Int64}}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({{end:Int64}}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({{end:Int64}}, 'UTC')
GROUP BY r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = arraySum((hour, count) -> if(
    hour >= intDiv(first, 3600000) AND hour < intDiv(last + 3599999, 3600000), count, 0), t.1, t.2)"""
    values = {
        "project": question.project_id,
        "days": int(days),
        "start": max(span.start, 0),
        "end": max(span.end, 0),
    }
    question.trace.asked(sql, values)
    rows = store.query(sql, values).rows
    return [Piece(first, last, version, events, int(days)) for first, last, version, events in rows]


def pieces_sql(binder: Binder, pieces: Sequence[Piece]) -> LiteralString:
    """True for the rows of the totals of some pieces, in order."""
    days = binder.name("days", sorted({piece.whole_day for piece in pieces}), "Array(UInt8)")
    first = binder.name("first_piece", pieces[0].start, "Int64")
    last = binder.name("last_piece", pieces[-1].start, "Int64")
    places: list[LiteralString] = []
    for some in chunks(pieces, _AT_ONCE):
        starts = binder.bind([piece.start for piece in some], "Array(Int64)")
        versions = binder.bind([piece.version for piece in some], "Array(UInt64)")
        places.append(f"(toUnixTimestamp64Milli(bucket_start), version) IN arrayZip({starts}, {versions})")
    return f"""whole_day IN {days}
  AND bucket_start >= fromUnixTimestamp64Milli({first}, 'UTC')
  AND bucket_start <= fromUnixTimestamp64Milli({last}, 'UTC')
  AND ({" OR ".join(places)})"""


def within(binder: Binder, time: LiteralString, spans: Sequence[Span]) -> LiteralString:
    """True where a time column lies in one of some spans that are in order and apart from each other."""
    starts = [span.start for span in spans]
    edges = sorted({0, *starts, *(span.end for span in spans)})
    return f"""{_dated(binder, time, spans)}
  AND roundDown(toUnixTimestamp64Milli({time}), {binder.bind(edges, "Array(Int64)")}) IN {
        binder.bind(starts, "Array(Int64)")
    }"""


def _dated(binder: Binder, time: LiteralString, spans: Sequence[Span]) -> LiteralString:
    """True on the days of some spans: what the sort key is good for."""
    first, last = (_day(edge) for edge in (spans[0].start, spans[-1].end - 1))
    if sum(_day(span.end - 1) - _day(span.start) + 1 for span in spans) > _MOST_DAYS:
        low = binder.bind(date.fromordinal(_EPOCH + first), "Date")
        high = binder.bind(date.fromordinal(_EPOCH + last), "Date")
        return f"toDate({time}) >= {low} AND toDate({time}) <= {high}"
    days = {day for span in spans for day in range(_day(span.start), _day(span.end - 1) + 1)}
    dates = binder.bind([date.fromordinal(_EPOCH + day) for day in sorted(days)], "Array(Date)")
    return f"toDate({time}) IN {dates}"


def _day(instant: int) -> int:
    return min(max(instant, 0), LAST_DATED) // DAY


def _explained(found: Cover, question: Question) -> Iterator[Explained]:
    named = [("days" if piece.whole_day else "hours", piece) for piece in found.pieces]
    parts = [*named, *(("raw", span) for span in found.raw)]
    parts.sort(key=lambda part: part[1].start)
    for source, run in groupby(parts, key=lambda part: part[0]):
        spans = [span for _, span in run]
        start, end = (iso(edge, question.zone) for edge in (spans[0].start, spans[-1].end))
        yield Explained(source, start, end, len(spans))
