"""Single things: `events`, `sessions`, `groups`, `replays`. People have a module of their own."""

import asyncio
from dataclasses import replace

from msgspec import Struct, structs

from eventlens.api.insights.asking import insight_route, personal, question_of, values_of, zone_name
from eventlens.api.route import Call, Route
from eventlens.clock import DAY
from eventlens.errors import InvalidInput
from eventlens.insights import explorer
from eventlens.insights.answers import Answer, Meta
from eventlens.insights.derived import DERIVED, Derived
from eventlens.insights.event_rows import EventRow
from eventlens.insights.groups import GroupAnswer, GroupsAnswer, group, groups
from eventlens.insights.query import (
    CURSOR,
    FILTERS,
    LIMIT,
    OFFSET,
    RANGE_PARAMETERS,
    TIMEZONE,
    QueryParameter,
    Values,
    meta_of,
    read_choice,
    read_integer,
)
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span, read_zone
from eventlens.insights.replays import (
    DEFAULT_BYTES,
    LEAST_BYTES,
    MAX_BYTES,
    Replay,
    ReplayAnswer,
    read_chunk_cursor,
    read_replay_cursor,
    replay,
    replays,
)
from eventlens.insights.sessions_explorer import SessionRow, read_session_cursor, session, sessions

ORDER = QueryParameter(
    "order",
    "Newest first or oldest first.",
    {"type": "string", "enum": list(explorer.ORDERS), "default": "desc"},
)
INCLUDE = QueryParameter(
    "include",
    f"Events that the server makes of sessions, joined by commas: {', '.join(DERIVED)}.",
    {"type": "string"},
)
EVENTS = (*RANGE_PARAMETERS, FILTERS, LIMIT, CURSOR, ORDER, INCLUDE)
SESSIONS = (*RANGE_PARAMETERS, FILTERS, LIMIT, CURSOR, ORDER)
_SESSION = (TIMEZONE, LIMIT, CURSOR)
_GROUPS = (LIMIT, OFFSET)
_REPLAYS = (*RANGE_PARAMETERS, LIMIT, CURSOR)
_BYTES = QueryParameter(
    "bytes",
    "Bytes of recorded text at most; at least one piece comes.",
    {"type": "integer", "minimum": LEAST_BYTES, "maximum": MAX_BYTES, "default": DEFAULT_BYTES},
)
_REPLAY = (TIMEZONE, _BYTES, CURSOR)


class EventAnswer(Struct):
    """One event."""

    data: EventRow
    meta: Meta


class SessionDetail(SessionRow, kw_only=True, rename="camel"):
    """A session with its events, oldest first, at most `limit` of them."""

    timeline: list[EventRow]


class SessionAnswer(Struct):
    """One session."""

    data: SessionDetail
    meta: Meta


def read_order(values: Values) -> explorer.Order:
    """In which order of time. Raises InvalidInput."""
    chosen = read_choice(values, ORDER)
    return next(each for each in explorer.ORDERS if each == chosen)


def read_include(values: Values) -> tuple[Derived, ...]:
    """Which derived events are asked for. Raises InvalidInput."""
    asked = [name.strip() for name in values["include"].split(",")] if "include" in values else []
    for name in asked:
        if name not in DERIVED:
            raise InvalidInput(
                f"Unknown include {name[:100]!r}; one or more of {', '.join(DERIVED)}.", field="include"
            )
    return tuple(each for each in DERIVED if each in asked)


def ever(call: Call, values: Values) -> Question:
    """A question about all of time up to a day from now, for what is asked by its id."""
    question = question_of(call, values)
    return replace(question, span=Span(0, call.services.clock() + DAY))


async def _events(call: Call) -> Answer[list[EventRow]]:
    values = values_of(call, EVENTS)
    listing = explorer.Listing(read_order(values), read_include(values))
    after = explorer.read_cursor(values["cursor"], listing.order) if "cursor" in values else None

    def work() -> Answer[list[EventRow]]:
        question = question_of(call, values)
        page = explorer.events(call.services.store, question, after, listing)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _event(call: Call) -> EventAnswer:
    values = values_of(call, (TIMEZONE,))

    def work() -> EventAnswer:
        question = ever(call, values)
        row = explorer.event(call.services.store, question, call.request.path_params["id"])
        return EventAnswer(row, meta_of(question))

    return await asyncio.to_thread(work)


async def _sessions(call: Call) -> Answer[list[SessionRow]]:
    values = values_of(call, SESSIONS)
    order = read_order(values)
    after = read_session_cursor(values["cursor"], order) if "cursor" in values else None

    def work() -> Answer[list[SessionRow]]:
        question = question_of(call, values)
        page = sessions(call.services.store, question, after, order=order)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _session(call: Call) -> SessionAnswer:
    values = values_of(call, _SESSION)
    after = explorer.read_cursor(values["cursor"], "asc") if "cursor" in values else None

    def work() -> SessionAnswer:
        question = ever(call, values)
        row, page = session(call.services.store, question, call.request.path_params["id"], after)
        detail = SessionDetail(**structs.asdict(row), timeline=page.rows)
        return SessionAnswer(detail, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _groups(call: Call) -> GroupsAnswer:
    values = values_of(call, _GROUPS)
    limit, offset = read_integer(values, LIMIT), read_integer(values, OFFSET)
    return await asyncio.to_thread(groups, call.services.store, call.project_id, limit, offset)


async def _group(call: Call) -> GroupAnswer:
    values_of(call, ())
    group_id = call.request.path_params["id"]
    return await asyncio.to_thread(group, call.services.store, call.project_id, group_id)


async def _replays(call: Call) -> Answer[list[Replay]]:
    values = values_of(call, _REPLAYS)
    after = read_replay_cursor(values["cursor"]) if "cursor" in values else None

    def work() -> Answer[list[Replay]]:
        question = question_of(call, values)
        page = replays(call.services.store, question, call.services.clock(), after)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _replay(call: Call) -> ReplayAnswer:
    values = values_of(call, _REPLAY)
    after = read_chunk_cursor(values["cursor"]) if "cursor" in values else None
    most_bytes = read_integer(values, _BYTES)

    def work() -> ReplayAnswer:
        return replay(
            call.services.store,
            call.project_id,
            call.request.path_params["id"],
            read_zone(values.get("timezone", zone_name(call))),
            now=call.services.clock(),
            most_bytes=most_bytes,
            after=after,
        )

    return await asyncio.to_thread(work)


ROUTES: tuple[Route, ...] = personal(
    insight_route("events", "Single events by time", _events, EVENTS, answer=Answer[list[EventRow]]),
    insight_route(
        "events/{id}",
        "An event",
        _event,
        (TIMEZONE,),
        answer=EventAnswer,
        in_path={"id": "The event's id."},
    ),
    insight_route(
        "sessions", "Single sessions by their start", _sessions, SESSIONS, answer=Answer[list[SessionRow]]
    ),
    insight_route(
        "sessions/{id}",
        "A session with its events, oldest first",
        _session,
        _SESSION,
        answer=SessionAnswer,
        in_path={"id": "The session's id."},
    ),
    insight_route("groups", "Groups by their ids", _groups, _GROUPS, answer=GroupsAnswer),
    insight_route(
        "groups/{id}",
        "A group: type, name, properties",
        _group,
        (),
        answer=GroupAnswer,
        in_path={"id": "The group's id."},
    ),
    insight_route(
        "replays", "Recorded sessions, newest first", _replays, _REPLAYS, answer=Answer[list[Replay]]
    ),
    insight_route(
        "replays/{id}",
        "What was recorded of a session, in order",
        _replay,
        _REPLAY,
        answer=ReplayAnswer,
        in_path={"id": "The session's id."},
    ),
)
