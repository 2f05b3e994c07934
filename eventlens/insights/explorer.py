"""`events`: single events in the order of time, page by page without gaps or repeats.

A page is found in two steps: its places from narrow columns, looking away from the cursor in growing
strides so that a project with much traffic reads only an hour; then its rows whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, LiteralString, NamedTuple, get_args

from eventlens.clock import DAY, HOUR
from eventlens.errors import NotFound
from eventlens.insights.cursors import read_cursor as read_numbers
from eventlens.insights.cursors import write_cursor as write_numbers
from eventlens.insights.derived import Derived, derived_from, derived_rows
from eventlens.insights.event_rows import EVENT_COLUMNS, EventRow, Position, event_row, event_rows
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.store.base import Store

Order = Literal["desc", "asc"]
ORDERS: tuple[Order, ...] = get_args(Order)

_STRIDES = (HOUR, DAY, 7 * DAY)
"""How far to look first, second, third (milliseconds); then the whole rest at once."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Which events, beside the matching ones of the span, and in which order.

    `only` narrows to what SQL says of an event `e`, `late` to what may differ between its versions.
    """

    order: Order = "desc"
    include: tuple[Derived, ...] = ()
    only: Callable[[Plan], LiteralString] | None = None
    late: Callable[[Plan], LiteralString] | None = None


NEWEST_FIRST = Listing()


class EventPage(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    rows: list[EventRow]
    next_cursor: str | None


def events(
    store: Store, question: Question, after: Position | None = None, listing: Listing = NEWEST_FIRST
) -> EventPage:
    """The matching events that follow `after` in the list, at most the question's limit."""
    found = _positions(store, question, after, listing)
    here, more = found[: question.limit], len(found) > question.limit
    rows = event_rows(store, question, here) | derived_rows(store, question, here)
    # A session that moved meanwhile has no row at its old place.
    shown = [rows[place] for place in here if place in rows]
    return EventPage(shown, write_cursor(here[-1], listing.order) if more else None)


def event(store: Store, question: Question, event_id: str) -> EventRow:
    """The event of that id, wherever in time. Raises NotFound."""
    plan = Plan(question)
    named = plan.binder.bind(event_id, "String")
    match: LiteralString = f"e.id = {named}"
    if (arrival := _arrival(event_id)) is not None:
        match = f"({match} OR e.id = '' AND e.arrival = {plan.binder.bind(arrival, 'UInt64')})"
    sql: LiteralString = f"""SELECT {EVENT_COLUMNS}, {plan.person()} AS person
FROM events AS e FINAL{plan.join_people("e.visitor")}
PREWHERE {match}
WHERE e.project_id = {plan.project}
ORDER BY e.id = {named} DESC, e.timestamp, e.arrival
LIMIT 1"""
    found = plan.run(store, sql).dicts()
    if not found:
        raise NotFound("There is no such event.")
    return event_row(found[0], question.project_id, question.zone)


def _arrival(event_id: str) -> int | None:
    """What an event that came without an id is called by."""
    digits = event_id[1:]
    if event_id[:1] != "e" or not digits or len(digits) > 16 or digits.strip("0123456789abcdef"):
        return None
    return int(digits, 16)


def write_cursor(position: Position, order: Order = "desc") -> str:
    """An opaque text for a place in the list."""
    return write_numbers(f"events-{order}", *position)


def read_cursor(text: str, order: Order = "desc") -> Position:
    """The place that a cursor names. Raises InvalidInput."""
    return Position(*read_numbers(text, f"events-{order}", 3))


def _positions(store: Store, question: Question, after: Position | None, listing: Listing) -> list[Position]:
    """Up to one more than the limit, so that the caller sees whether there is a next page."""
    wanted = question.limit + 1
    found: list[Position] = []
    for window in windows(question.span, after.timestamp if after else None, listing.order):
        plan = Plan(replace(question, span=window))
        rows = plan.run(store, _positions_sql(plan, after, wanted - len(found), listing)).rows
        found += [Position(*row) for row in rows]
        if len(found) >= wanted:
            break
    return found


def _positions_sql(plan: Plan, after: Position | None, limit: int, listing: Listing) -> LiteralString:
    following: LiteralString = ""
    if after is not None:
        sign: LiteralString = "<" if listing.order == "desc" else ">"
        at = plan.binder.name("after", after.timestamp, "Int64")
        rank = plan.binder.name("rank", after.rank, "UInt8")
        number = plan.binder.name("number", after.number, "UInt64")
        following = f"\n  AND (at, rank, number) {sign} ({at}, {rank}, {number})"
    only: tuple[LiteralString, ...] = (listing.only(plan),) if listing.only else ()
    late: LiteralString = f"\n  AND {listing.late(plan)}" if listing.late else ""
    sources: list[LiteralString] = [
        f"""SELECT toUnixTimestamp64Milli(e.timestamp) AS at, 1 AS rank, e.arrival AS number{
            plan.events_where(plan.in_span, people=False, early=only)
        }{late}{following}"""
    ]
    for kind in listing.include:
        extra: LiteralString = "".join([f"\n  AND {each}" for each in only])
        sources.append(f"{derived_from(plan, kind)}{extra}{late}{following}")
    source: LiteralString = "\nUNION ALL\n".join(sources)
    if len(sources) > 1:
        source = f"SELECT at, rank, number FROM (\n{source})"
    way: LiteralString = "DESC" if listing.order == "desc" else "ASC"
    return f"""{source}
ORDER BY at {way}, rank {way}, number {way}
LIMIT {plan.binder.name("limit", limit, "UInt64")}"""


def windows(span: Span, after: int | None, order: Order) -> Iterator[Span]:
    """Half-open windows that together cover the span from the cursor's instant on, nearest first."""
    start, end = span.start, span.end
    if order == "desc":
        if after is not None:
            end = min(end, after + 1)
        for stride in (*_STRIDES, end):
            low = max(start, end - stride)
            if low < end:
                yield Span(low, end)
            end = low
        return
    if after is not None:
        start = max(start, after)
    for stride in (*_STRIDES, end):
        high = min(end, start + stride)
        if start < high:
            yield Span(start, high)
        start = high
