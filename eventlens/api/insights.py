"""`GET /insights/{projectId}/…`: parameters in, a question to the store in a thread, an answer out."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from msgspec import structs

from eventlens.api.route import Call, Handler, Parameter, Route
from eventlens.errors import NotFound
from eventlens.insights import explorer
from eventlens.insights.answers import Answer
from eventlens.insights.breakdowns import (
    BreakdownRow,
    ComparedValueRow,
    breakdown,
    by_value,
    read_dimensions,
    read_metrics,
)
from eventlens.insights.dimensions import names
from eventlens.insights.excluded import ExcludedRow, excluded
from eventlens.insights.groups import GroupAnswer, GroupsAnswer, group, groups
from eventlens.insights.live import Live, live, live_span
from eventlens.insights.metrics import METRICS
from eventlens.insights.pages import MODES, ComparedPageRow, pages
from eventlens.insights.profiles import ProfileAnswer, profile
from eventlens.insights.query import (
    COMMON_PARAMETERS,
    FILTERS,
    INTERVAL,
    LIMIT,
    LIST_PARAMETERS,
    OFFSET,
    RANGE_PARAMETERS,
    TIMEZONE,
    QueryParameter,
    Values,
    check_names,
    meta_of,
    read_choice,
    read_integer,
    read_question,
    read_text,
)
from eventlens.insights.question import Question
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
from eventlens.insights.timeseries import ComparedRow, timeseries
from eventlens.insights.totals import ComparedTotals, totals
from eventlens.store.base import Store

Report = Callable[[Store, Question, Values], Any]

_PROJECT = Parameter("projectId", "The project's id.", {"type": "string"}, required=True, where="path")
_IDS = {
    "profiles/{id}": "The profile's id.",
    "groups/{id}": "The group's id.",
    "replays/{id}": "The session's id.",
}
_TIMESERIES = (*COMMON_PARAMETERS, INTERVAL)
_MODE = QueryParameter(
    "mode",
    "Pages that were viewed, on which sessions began, or on which they ended.",
    {"type": "string", "enum": list(MODES), "default": "top"},
)
_PAGES = (*LIST_PARAMETERS, _MODE)
_CURSOR = QueryParameter("cursor", "`meta.next_cursor` of the page before.", {"type": "string"})
_EVENTS = (*RANGE_PARAMETERS, FILTERS, LIMIT, _CURSOR)
_LIVE = (FILTERS, TIMEZONE, LIMIT)
_GROUPS = (LIMIT, OFFSET)
_REPLAYS = (*RANGE_PARAMETERS, LIMIT, _CURSOR)
_BYTES = QueryParameter(
    "bytes",
    "Bytes of recorded text at most; at least one piece comes.",
    {"type": "integer", "minimum": LEAST_BYTES, "maximum": MAX_BYTES, "default": DEFAULT_BYTES},
)
_REPLAY = (TIMEZONE, _BYTES, _CURSOR)
_EXCLUDED = (*RANGE_PARAMETERS, LIMIT, OFFSET)
_BREAKDOWN = (
    *LIST_PARAMETERS,
    QueryParameter(
        "dimension",
        f"One or two, joined by a comma, of {', '.join(names())} or properties.<key>.",
        {"type": "string"},
        required=True,
    ),
    QueryParameter(
        "metrics",
        f"One or more, joined by commas, of {', '.join(METRICS)}.",
        {"type": "string", "default": "unique_visitors,total_sessions,total_screen_views,bounce_rate"},
    ),
)


def _dimension(default: str, *allowed: str) -> QueryParameter:
    schema = {"type": "string", "enum": list(allowed), "default": default}
    return QueryParameter("dimension", "What the rows are split by.", schema)


_REFERRER = _dimension("referrer_name", *names("referrer"))
_DEVICE = _dimension("device", *names("device"))
_GEO = _dimension("country", *names("geo"))


# --- handlers ---


def _names(parameters: tuple[QueryParameter, ...]) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in parameters)


def _report(build: Report, parameters: tuple[QueryParameter, ...], *, interval: bool = False) -> Handler:
    """The handler of a report about a span."""

    async def handler(call: Call) -> Answer[Any]:
        values = check_names(call.request.query_params.multi_items(), _names(parameters))

        def work() -> Answer[Any]:
            question = _question(call, values, interval=interval)
            return Answer(build(call.services.store, question, values), meta_of(question))

        return await asyncio.to_thread(work)

    return handler


def _question(call: Call, values: Values, *, interval: bool = False) -> Question:
    services = call.services
    return read_question(
        values,
        store=services.store,
        project_id=call.project_id,
        project_zone=_zone_name(call),
        now=services.clock(),
        interval=interval,
    )


def _zone_name(call: Call) -> str:
    project = call.services.projects.find(call.project_id)
    if project is None:
        raise NotFound("There is no such project.")
    return project.timezone


def _by_value(parameter: QueryParameter) -> Handler:
    def build(store: Store, question: Question, values: Values) -> list[ComparedValueRow]:
        return by_value(store, question, read_choice(values, parameter))

    return _report(build, (*LIST_PARAMETERS, parameter))


def _pages(store: Store, question: Question, values: Values) -> list[ComparedPageRow]:
    mode = read_choice(values, _MODE)
    return pages(store, question, next(each for each in MODES if each == mode))


def _breakdown(store: Store, question: Question, values: Values) -> list[BreakdownRow]:
    dimension, metrics = (read_text(values, parameter) for parameter in _BREAKDOWN[-2:])
    return breakdown(store, question, read_dimensions(dimension), read_metrics(metrics))


async def _events(call: Call) -> Answer[list[explorer.EventRow]]:
    values = check_names(call.request.query_params.multi_items(), _names(_EVENTS))
    after = explorer.read_cursor(values["cursor"]) if "cursor" in values else None

    def work() -> Answer[list[explorer.EventRow]]:
        question = _question(call, values)
        page = explorer.events(call.services.store, question, after)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _live(call: Call) -> Answer[Live]:
    values = check_names(call.request.query_params.multi_items(), _names(_LIVE))

    def work() -> Answer[Live]:
        services = call.services
        question = replace(_question(call, values), span=live_span(services.clock()))
        return Answer(live(services.store, question), meta_of(question))

    return await asyncio.to_thread(work)


async def _profile(call: Call) -> ProfileAnswer:
    values = check_names(call.request.query_params.multi_items(), _names((TIMEZONE,)))

    def work() -> ProfileAnswer:
        zone = read_zone(values.get("timezone", _zone_name(call)))
        return profile(call.services.store, call.project_id, call.request.path_params["id"], zone)

    return await asyncio.to_thread(work)


async def _groups(call: Call) -> GroupsAnswer:
    values = check_names(call.request.query_params.multi_items(), _names(_GROUPS))
    limit, offset = read_integer(values, LIMIT), read_integer(values, OFFSET)
    return await asyncio.to_thread(groups, call.services.store, call.project_id, limit, offset)


async def _group(call: Call) -> GroupAnswer:
    check_names(call.request.query_params.multi_items(), ())
    group_id = call.request.path_params["id"]
    return await asyncio.to_thread(group, call.services.store, call.project_id, group_id)


async def _replays(call: Call) -> Answer[list[Replay]]:
    values = check_names(call.request.query_params.multi_items(), _names(_REPLAYS))
    after = read_replay_cursor(values["cursor"]) if "cursor" in values else None

    def work() -> Answer[list[Replay]]:
        question = _question(call, values)
        page = replays(call.services.store, question, call.services.clock(), after)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _replay(call: Call) -> ReplayAnswer:
    values = check_names(call.request.query_params.multi_items(), _names(_REPLAY))
    after = read_chunk_cursor(values["cursor"]) if "cursor" in values else None
    most_bytes = read_integer(values, _BYTES)

    def work() -> ReplayAnswer:
        return replay(
            call.services.store,
            call.project_id,
            call.request.path_params["id"],
            read_zone(values.get("timezone", _zone_name(call))),
            now=call.services.clock(),
            most_bytes=most_bytes,
            after=after,
        )

    return await asyncio.to_thread(work)


# --- routes ---


def _route(
    path: str, summary: str, handler: Handler, parameters: tuple[QueryParameter, ...], answer: Any
) -> Route:
    in_path = (_PROJECT,)
    if path in _IDS:
        own = Parameter("id", _IDS[path], {"type": "string"}, required=True, where="path")
        in_path = (_PROJECT, own)
    return Route(
        method="GET",
        path="/insights/{projectId}/" + path,
        handler=handler,
        access="read",
        summary=summary,
        tag="insights",
        parameters=(
            *in_path,
            *(
                Parameter(each.name, each.description, dict(each.schema), each.required)
                for each in parameters
            ),
        ),
        answer=answer,
    )


ROUTES: tuple[Route, ...] = (
    _route(
        "metrics",
        "The numbers of a span: visitors, sessions, views, durations",
        _report(lambda store, question, _: totals(store, question), COMMON_PARAMETERS),
        COMMON_PARAMETERS,
        Answer[ComparedTotals],
    ),
    _route(
        "timeseries",
        "The numbers of a span, bucket by bucket",
        _report(lambda store, question, _: timeseries(store, question), _TIMESERIES, interval=True),
        _TIMESERIES,
        Answer[list[ComparedRow]],
    ),
    _route(
        "pages",
        "Pages that were viewed, entered or left",
        _report(_pages, _PAGES),
        _PAGES,
        Answer[list[ComparedPageRow]],
    ),
    _route(
        "referrers",
        "Where visitors came from: referrers and campaigns",
        _by_value(_REFERRER),
        (*LIST_PARAMETERS, _REFERRER),
        Answer[list[ComparedValueRow]],
    ),
    _route(
        "devices",
        "What visitors use: devices, browsers, systems",
        _by_value(_DEVICE),
        (*LIST_PARAMETERS, _DEVICE),
        Answer[list[ComparedValueRow]],
    ),
    _route(
        "geo",
        "Where visitors are",
        _by_value(_GEO),
        (*LIST_PARAMETERS, _GEO),
        Answer[list[ComparedValueRow]],
    ),
    _route(
        "breakdown",
        "Any metrics by one or two dimensions or properties",
        _report(_breakdown, _BREAKDOWN),
        _BREAKDOWN,
        Answer[list[BreakdownRow]],
    ),
    _route("live", "Who is there now", _live, _LIVE, Answer[Live]),
    _route("events", "Single events, newest first", _events, _EVENTS, Answer[list[explorer.EventRow]]),
    _route("profiles/{id}", "A profile", _profile, (TIMEZONE,), ProfileAnswer),
    _route("groups", "Groups by their ids", _groups, _GROUPS, GroupsAnswer),
    _route("groups/{id}", "A group: type, name, properties", _group, (), GroupAnswer),
    _route("replays", "Recorded sessions, newest first", _replays, _REPLAYS, Answer[list[Replay]]),
    _route("replays/{id}", "What was recorded of a session, in order", _replay, _REPLAY, ReplayAnswer),
    _route(
        "excluded",
        "What was accepted but is in no number: bots and the like",
        _report(lambda store, question, _: excluded(store, question), _EXCLUDED),
        _EXCLUDED,
        Answer[list[ExcludedRow]],
    ),
)
