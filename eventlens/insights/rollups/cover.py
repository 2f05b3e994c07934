"""Which answers computed ahead serve a question, and what is left for raw rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from typing import Literal, LiteralString, NamedTuple

from eventlens.clock import DAY, HOUR
from eventlens.insights.binder import Binder
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import LAST_DATED, Span, iso
from eventlens.insights.rollups import grains
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
    """A bucket computed ahead, right as of now; milliseconds. `sizes`: rows by list, of lists alone."""

    start: int
    end: int
    version: int
    events: int
    grain: int
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cover:
    """A span, made of pieces and of what lies between them. In order, without overlap."""

    pieces: tuple[Piece, ...]
    raw: tuple[Span, ...]


def cover(
    store: Store, question: Question, table: Table, edges: Sequence[int], parts: Sequence[Span] = ()
) -> Cover | None:
    """How to answer a question whose numbers are wanted between `edges` (milliseconds, in order).

    None where raw rows should answer it alone: it is to be exact, is small enough to be, or nothing was
    computed ahead; or one of the `parts` of its span is. Of the question's filters nothing is known here.
    """
    most = question.exact_up_to
    if most is None or question.exact:
        return None
    found = _found(store, question, table, edges)
    if not found.pieces or len(found.pieces) > _MOST_PIECES or len(found.raw) > _MOST_RAW:
        return None
    for part in parts or (question.span,):
        inside = (each.events for each in found.pieces if part.start <= each.start < part.end)
        if sum(inside) <= most:
            return None
    question.trace.served(list(_explained(found, question)))
    return found


def _found(store: Store, question: Question, table: Table, edges: Sequence[int]) -> Cover:
    """Days and longer ones first: nearly always they are all that is needed."""
    days = valid_pieces(store, question, table, question.span, (grains.DAY, grains.MONTH))
    found = laid(days, edges)
    if any(span.end - span.start >= HOUR for span in found.raw):
        rest = Span(found.raw[0].start, found.raw[-1].end)
        found = laid(
            [*found.pieces, *valid_pieces(store, question, table, rest, (grains.HOUR, grains.HOUR))], edges
        )
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


def valid_pieces(
    store: Store,
    question: Question,
    table: Table,
    span: Span,
    between: tuple[int, int],
    *,
    just_now: bool = False,
) -> list[Piece]:
    """The buckets in a span, of the grains `between`, computed after the last touch of their hours.

    `just_now`: as of this moment, not of a moment ago.
    """
    source: LiteralString = "rollup_totals" if table == "rollup_totals" else "rollup_lists"
    sizes: LiteralString = "map()" if table == "rollup_totals" else "argMax(r.sizes, r.version)"
    # What an hour was touched, added up: the touches of a span are the difference of two places.
    sql: LiteralString = f"""WITH (
  SELECT arrayPushFront(arrayCumSum(groupArray(t.touched)), 0) FROM (
    SELECT hour, sum(count) AS touched FROM touches
    WHERE project_id = {{project:String}} AND hour >= {{from:UInt32}} AND hour < {{to:UInt32}}
    GROUP BY hour ORDER BY hour WITH FILL FROM {{from:UInt32}} TO {{to:UInt32}}) AS t) AS until
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted, r.grain AS grain, {sizes} AS sizes
FROM {source} AS r
WHERE r.project_id = {{project:String}} AND r.grain >= {{finest:UInt8}} AND r.grain <= {{longest:UInt8}}
  AND r.bucket_start >= fromUnixTimestamp64Milli({{start:Int64}}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({{end:Int64}}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({{end:Int64}}, 'UTC')
GROUP BY r.grain, r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = until[intDiv(last + 3599999, 3600000) - {{from:UInt32}} + 1]
  - until[intDiv(first, 3600000) - {{from:UInt32}} + 1]"""
    start, end = max(span.start, 0), max(span.end, 0)
    values = {
        "project": question.project_id,
        "finest": between[0],
        "longest": between[1],
        "start": start,
        "end": end,
        "from": start // HOUR,
        "to": -(-end // HOUR),
    }
    question.trace.asked(sql, values)
    found = store.query(sql, values) if just_now else store.recent(sql, values)
    return [Piece(*row) for row in found.rows]


def pieces_sql(binder: Binder, pieces: Sequence[Piece]) -> LiteralString:
    """True for the rows of the totals of some pieces, in order."""
    kinds = binder.name("grains", sorted({piece.grain for piece in pieces}), "Array(UInt8)")
    first = binder.name("first_piece", pieces[0].start, "Int64")
    last = binder.name("last_piece", pieces[-1].start, "Int64")
    places: list[LiteralString] = []
    for some in chunks(pieces, _AT_ONCE):
        starts = binder.bind([piece.start for piece in some], "Array(Int64)")
        versions = binder.bind([piece.version for piece in some], "Array(UInt64)")
        places.append(f"(toUnixTimestamp64Milli(bucket_start), version) IN arrayZip({starts}, {versions})")
    return f"""grain IN {kinds}
  AND bucket_start >= fromUnixTimestamp64Milli({first}, 'UTC')
  AND bucket_start <= fromUnixTimestamp64Milli({last}, 'UTC')
  AND ({" OR ".join(places)})"""


_SUFFIXES: tuple[LiteralString, ...] = ("_a", "_b", "_c", "_d")
"""Of the parameters of raw spans, one after another."""


def few_raw(found: Cover) -> bool:
    """Whether a list may take the raw spans in between; with more of them raw rows answer alone."""
    return len(found.raw) <= len(_SUFFIXES)


def raw_plans(plan: Plan, found: Cover) -> list[Plan]:
    """A plan for each of a few raw spans; they share the parameters of `plan`."""
    return [
        Plan(replace(plan.question, span=span), plan.binder, suffix)
        for span, suffix in zip(found.raw, _SUFFIXES, strict=False)
    ]


def versions_sql(binder: Binder, pieces: Sequence[Piece]) -> LiteralString:
    """True for the rows of the lists of some pieces; each has a version of its own."""
    places: list[LiteralString] = []
    for some in chunks(pieces, _AT_ONCE):
        starts = binder.bind([piece.start for piece in some], "Array(Int64)")
        versions = binder.bind([piece.version for piece in some], "Array(UInt64)")
        instants: LiteralString = f"arrayMap(each -> fromUnixTimestamp64Milli(each, 'UTC'), {starts})"
        places.append(f"(bucket_start, version) IN arrayZip({instants}, {versions})")
    return f"({' OR '.join(places)})"


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
    named = [(grains.NAMES[piece.grain], piece) for piece in found.pieces]
    parts = [*named, *(("raw", span) for span in found.raw)]
    parts.sort(key=lambda part: part[1].start)
    for source, run in groupby(parts, key=lambda part: part[0]):
        spans = [span for _, span in run]
        start, end = (iso(edge, question.zone) for edge in (spans[0].start, spans[-1].end))
        yield Explained(source, start, end, len(spans))
