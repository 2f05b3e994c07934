"""People: `profiles`, and `profiles/{id}` with its `events` and `sessions`."""

import asyncio
from dataclasses import replace

from msgspec import structs

from eventlens.api.insights.asking import insight_route, personal, question_of, values_of
from eventlens.api.insights.explorers import EVENTS, ORDER, SESSIONS, ever, read_include, read_order
from eventlens.api.route import Call, Route
from eventlens.insights import explorer
from eventlens.insights.answers import Answer
from eventlens.insights.event_rows import EventRow
from eventlens.insights.people import of_person, require_person
from eventlens.insights.profiles import ProfileAnswer, profile
from eventlens.insights.profiles_list import (
    IDENTIFIED,
    SORTS,
    ProfileRow,
    Wanted,
    profiles,
    read_profile_cursor,
)
from eventlens.insights.query import (
    CURSOR,
    FILTERS,
    RANGE_PARAMETERS,
    TIMEZONE,
    QueryParameter,
    Values,
    meta_of,
    read_choice,
    read_integer,
    read_search,
    search_parameter,
)
from eventlens.insights.sessions_explorer import SessionRow, read_session_cursor, sessions

_LIMIT = QueryParameter(
    "limit", "Rows at most.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
)
_SORT = QueryParameter(
    "sort",
    "By the last or first matching event in the span, by the number of events, or of sessions.",
    {"type": "string", "enum": list(SORTS), "default": SORTS[0]},
)
_IDENTIFIED = QueryParameter(
    "identified",
    "Only people who have a profile, only those who have none, or all.",
    {"type": "string", "enum": list(IDENTIFIED), "default": IDENTIFIED[0]},
)
_SEARCH = search_parameter(
    "A part of a profile's id, name, email or any text property, or a whole device id or `visitorId`; "
    "upper and lower case do not matter."
)
_PROFILES = (*RANGE_PARAMETERS, FILTERS, _LIMIT, CURSOR, ORDER, _SORT, _IDENTIFIED, _SEARCH)

_ID = {"id": "A profile's id or alias, a device's id, or a `visitorId`."}


def _read_wanted(values: Values) -> Wanted:
    sort, identified = read_choice(values, _SORT), read_choice(values, _IDENTIFIED)
    return Wanted(
        sort=next(each for each in SORTS if each == sort),
        order=read_order(values),
        identified=next(each for each in IDENTIFIED if each == identified),
        search=read_search(values),
    )


async def _profiles(call: Call) -> Answer[list[ProfileRow]]:
    values = values_of(call, _PROFILES)
    wanted = _read_wanted(values)
    after = read_profile_cursor(values["cursor"], wanted) if "cursor" in values else None
    limit = read_integer(values, _LIMIT)

    def work() -> Answer[list[ProfileRow]]:
        question = replace(question_of(call, values), limit=limit)
        page = profiles(call.services.store, question, wanted, after)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _profile(call: Call) -> ProfileAnswer:
    values = values_of(call, (TIMEZONE,))

    def work() -> ProfileAnswer:
        return profile(call.services.store, ever(call, values), call.request.path_params["id"])

    return await asyncio.to_thread(work)


async def _events(call: Call) -> Answer[list[EventRow]]:
    values = values_of(call, EVENTS)
    order, include = read_order(values), read_include(values)
    after = explorer.read_cursor(values["cursor"], order) if "cursor" in values else None

    def work() -> Answer[list[EventRow]]:
        store, question = call.services.store, question_of(call, values)
        person = require_person(store, call.project_id, call.request.path_params["id"])
        listing = explorer.Listing(order, include, only=lambda plan: of_person(plan, person.key))
        page = explorer.events(store, question, after, listing)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _sessions(call: Call) -> Answer[list[SessionRow]]:
    values = values_of(call, SESSIONS)
    order = read_order(values)
    after = read_session_cursor(values["cursor"], order) if "cursor" in values else None

    def work() -> Answer[list[SessionRow]]:
        store, question = call.services.store, question_of(call, values)
        person = require_person(store, call.project_id, call.request.path_params["id"])
        page = sessions(store, question, after, order=order, person=person.key)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


ROUTES: tuple[Route, ...] = personal(
    insight_route(
        "profiles", "People, listed and searched", _profiles, _PROFILES, answer=Answer[list[ProfileRow]]
    ),
    insight_route(
        "profiles/{id}/events",
        "What a person did",
        _events,
        EVENTS,
        answer=Answer[list[EventRow]],
        in_path=_ID,
    ),
    insight_route(
        "profiles/{id}/sessions",
        "A person's sessions",
        _sessions,
        SESSIONS,
        answer=Answer[list[SessionRow]],
        in_path=_ID,
    ),
    insight_route("profiles/{id}", "A person", _profile, (TIMEZONE,), answer=ProfileAnswer, in_path=_ID),
)
