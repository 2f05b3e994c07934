"""`sessions`: single sessions in the order in which they began, and one of them with its events."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, LiteralString, NamedTuple

from msgspec import Struct

from eventlens.clock import DAY
from eventlens.errors import NotFound
from eventlens.insights.cursors import read_cursor, write_cursor
from eventlens.insights.event_rows import Utm, with_people
from eventlens.insights.explorer import EventPage, Listing, Order, Position, events, windows
from eventlens.insights.people import of_person
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span, iso
from eventlens.nodes import node_of
from eventlens.sessions import SESSION_GAP_MS, session_name
from eventlens.store.base import Store


class SessionRow(Struct, rename="camel", kw_only=True):
    """One session. `startedAt`, `endedAt`: its first and last event; `duration` in seconds.

    `bounce`: it has exactly one screen view. Entry and exit are its first and last screen view, null
    where it has none. What follows is its first event's.
    """

    id: str
    started_at: str
    ended_at: str
    duration: float
    events: int
    screen_views: int
    bounce: bool
    entry_path: str | None
    entry_origin: str | None
    entry_title: str | None
    exit_path: str | None
    exit_origin: str | None
    exit_title: str | None
    device_id: str | None
    profile_id: str | None
    visitor_id: str | None
    referrer: str | None
    referrer_name: str | None
    referrer_type: str | None
    utm: Utm
    country: str | None
    region: str | None
    city: str | None
    browser: str | None
    browser_version: str | None
    os: str | None
    os_version: str | None
    device: str | None
    brand: str | None
    model: str | None


class SessionPlace(NamedTuple):
    """A session's place in the list."""

    started: int
    key: int


class SessionPage(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    rows: list[SessionRow]
    next_cursor: str | None


Only = Callable[[Plan], LiteralString]


def sessions(
    store: Store,
    question: Question,
    after: SessionPlace | None = None,
    *,
    order: Order = "desc",
    person: int | None = None,
) -> SessionPage:
    """The matching sessions that follow `after`, at most the question's limit.

    With `person`, those with at least one matching event of that person.
    """
    wanted = question.limit + 1
    found: list[dict[str, Any]] = []
    for window in windows(question.span, after.started if after else None, order):
        plan = Plan(replace(question, span=window))
        sql = _page_sql(plan, after, order, person, wanted - len(found))
        found += plan.run(store, sql).dicts()
        if len(found) >= wanted:
            break
    with_people(store, question, found)
    here = found[: question.limit]
    cursor = None
    if len(found) > len(here):
        cursor = write_cursor(f"sessions-{order}", here[-1]["started"], here[-1]["session_key"])
    return SessionPage([session_row(row, question) for row in here], cursor)


def read_session_cursor(text: str, order: Order) -> SessionPlace:
    """The place that a cursor names. Raises InvalidInput."""
    return SessionPlace(*read_cursor(text, f"sessions-{order}", 2))


def session(
    store: Store, question: Question, session_id: str, after: Position | None = None
) -> tuple[SessionRow, EventPage]:
    """The session of that id within the question's span, and a page of its events. Raises NotFound."""
    found = _find(store, question, session_id)
    if found is None:
        raise NotFound("There is no such session.")
    page = events(store, _whole(question, found), after, Listing("asc", (), _of_key(found), _of_start(found)))
    return session_row(found, question), page


# --- SQL ---


_TEXTS = (
    *("entry_path", "entry_origin", "entry_title", "exit_path", "exit_origin", "exit_title"),
    *("device_id", "profile_id", "referrer", "referrer_name", "referrer_type", "country", "region", "city"),
    *("browser", "browser_version", "os", "os_version", "device", "brand", "model"),
)
SESSION_COLUMNS: LiteralString = """s.session_key AS session_key, s.session_id AS session_id,
  toUnixTimestamp64Milli(s.session_start) AS started, toUnixTimestamp64Milli(s.session_end) AS ended,
  s.events AS events, s.screen_views AS screen_views,
  s.entry_path AS entry_path, s.entry_origin AS entry_origin, s.entry_title AS entry_title,
  s.exit_path AS exit_path, s.exit_origin AS exit_origin, s.exit_title AS exit_title,
  s.device_id AS device_id, s.profile_id AS profile_id,
  s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
  s.utm_source AS source, s.utm_medium AS medium, s.utm_campaign AS campaign, s.utm_term AS term,
  s.utm_content AS content, s.country AS country, s.region AS region, s.city AS city,
  s.browser AS browser, s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version,
  s.device AS device, s.brand AS brand, s.model AS model"""


def session_row(row: dict[str, Any], question: Question) -> SessionRow:
    """The row of what `SESSION_COLUMNS` and `person` say of a session."""
    return SessionRow(
        **{name: row[name] or None for name in _TEXTS},
        id=row["session_id"] or session_name(question.project_id, row["session_key"], row["started"]),
        started_at=iso(row["started"], question.zone),
        ended_at=iso(row["ended"], question.zone),
        duration=(row["ended"] - row["started"]) / 1000,
        events=row["events"],
        screen_views=row["screen_views"],
        bounce=row["screen_views"] == 1,
        visitor_id=f"{row['person']:016x}" if row["person"] else None,
        utm=Utm(**{name: row[name] or None for name in Utm.__struct_fields__}),
    )


def _page_sql(
    plan: Plan, after: SessionPlace | None, order: Order, of: int | None, limit: int
) -> LiteralString:
    source: LiteralString = plan.sessions()
    if of is not None:
        theirs = plan.events_where(plan.of_starting, people=False, early=(of_person(plan, of),))
        source = f"""
FROM sessions AS s FINAL
WHERE {plan.starting}
  AND {plan.session_id("s")} IN (SELECT {plan.session_id("e")}{theirs})"""
    further: LiteralString = ""
    if after is not None:
        sign: LiteralString = "<" if order == "desc" else ">"
        place = plan.instant("after", after.started)
        key = plan.binder.name("key", after.key, "UInt64")
        further = f"{further}\n  AND (s.session_start, s.session_key) {sign} ({place}, {key})"
    way: LiteralString = "DESC" if order == "desc" else "ASC"
    return f"""SELECT {SESSION_COLUMNS}, s.visitor AS person{source}{further}
ORDER BY s.session_start {way}, s.session_key {way}
LIMIT {plan.binder.name("limit", limit, "UInt64")}"""


# --- one session ---

_NAME: LiteralString = """replaceAll(replaceAll(substring(base64Encode(MD5(concat(
    s.project_id, '/', toString(s.session_key), '/',
    toString(toUnixTimestamp64Milli(s.session_start))))), 1, 22), '+', '-'), '/', '_')"""


def _find(store: Store, question: Question, session_id: str) -> dict[str, Any] | None:
    """By the client's own id, which is a key; else by the name made of key and start, newest first."""
    for window, named in _places(question.span, session_id):
        plan = Plan(replace(question, span=window))
        if named:
            key = plan.binder.bind(node_of("s", session_id), "UInt64")
            test: LiteralString = f"s.session_key = {key} AND s.session_id != ''"
        else:
            test = f"s.session_id = '' AND {_NAME} = {plan.binder.bind(session_id, 'String')}"
        sql: LiteralString = f"""SELECT {SESSION_COLUMNS}, {plan.person("s.visitor")} AS person
FROM sessions AS s FINAL{plan.join_people("s.visitor")}
WHERE {plan.starting} AND {test}
ORDER BY s.session_start DESC
LIMIT 1"""
        found = plan.run(store, sql).dicts()
        if found:
            return found[0]
    return None


def _places(span: Span, session_id: str) -> Iterator[tuple[Span, bool]]:
    yield span, True
    if len(session_id) != 22:
        return
    end = span.end
    for stride in (DAY, 7 * DAY, 31 * DAY, 366 * DAY, span.end):
        start = max(span.start, end - stride)
        if start < end:
            yield Span(start, end), False
        end = start


def _whole(question: Question, found: dict[str, Any]) -> Question:
    span = Span(found["started"], found["ended"] + SESSION_GAP_MS)
    return replace(question, span=span, condition=None)


def _of_key(found: dict[str, Any]) -> Only:
    return lambda plan: f"e.session_key = {plan.binder.name('session_key', found['session_key'], 'UInt64')}"


def _of_start(found: dict[str, Any]) -> Only:
    return lambda plan: f"e.session_start = {plan.instant('session_start', found['started'])}"
