"""Single things: `events`, `profiles/{id}`, `groups`, `replays`."""

import asyncio

from msgspec import structs

from eventlens.api.insights.asking import insight_route, question_of, values_of, zone_name
from eventlens.api.route import Call, Route
from eventlens.insights import explorer
from eventlens.insights.answers import Answer
from eventlens.insights.groups import GroupAnswer, GroupsAnswer, group, groups
from eventlens.insights.profiles import ProfileAnswer, profile
from eventlens.insights.query import (
    FILTERS,
    LIMIT,
    OFFSET,
    RANGE_PARAMETERS,
    TIMEZONE,
    QueryParameter,
    meta_of,
    read_integer,
)
from eventlens.insights.ranges import read_zone
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

_CURSOR = QueryParameter("cursor", "`meta.next_cursor` of the page before.", {"type": "string"})
_EVENTS = (*RANGE_PARAMETERS, FILTERS, LIMIT, _CURSOR)
_GROUPS = (LIMIT, OFFSET)
_REPLAYS = (*RANGE_PARAMETERS, LIMIT, _CURSOR)
_BYTES = QueryParameter(
    "bytes",
    "Bytes of recorded text at most; at least one piece comes.",
    {"type": "integer", "minimum": LEAST_BYTES, "maximum": MAX_BYTES, "default": DEFAULT_BYTES},
)
_REPLAY = (TIMEZONE, _BYTES, _CURSOR)


async def _events(call: Call) -> Answer[list[explorer.EventRow]]:
    values = values_of(call, _EVENTS)
    after = explorer.read_cursor(values["cursor"]) if "cursor" in values else None

    def work() -> Answer[list[explorer.EventRow]]:
        question = question_of(call, values)
        page = explorer.events(call.services.store, question, after)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _profile(call: Call) -> ProfileAnswer:
    values = values_of(call, (TIMEZONE,))

    def work() -> ProfileAnswer:
        zone = read_zone(values.get("timezone", zone_name(call)))
        return profile(call.services.store, call.project_id, call.request.path_params["id"], zone)

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


ROUTES: tuple[Route, ...] = (
    insight_route(
        "events", "Single events, newest first", _events, _EVENTS, answer=Answer[list[explorer.EventRow]]
    ),
    insight_route(
        "profiles/{id}",
        "A profile",
        _profile,
        (TIMEZONE,),
        answer=ProfileAnswer,
        in_path={"id": "The profile's id."},
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
