"""People: `profiles/{id}` with `events` and `sessions`."""

import asyncio

from msgspec import structs

from eventlens.api.insights.asking import insight_route, question_of, values_of, zone_name
from eventlens.api.insights.explorers import EVENTS, SESSIONS, read_include, read_order
from eventlens.api.route import Call, Route
from eventlens.insights import explorer
from eventlens.insights.answers import Answer
from eventlens.insights.event_rows import EventRow
from eventlens.insights.people import of_person, require_person
from eventlens.insights.profiles import ProfileAnswer, profile
from eventlens.insights.query import TIMEZONE, meta_of
from eventlens.insights.ranges import read_zone
from eventlens.insights.sessions_explorer import SessionRow, read_session_cursor, sessions

_ID = {"id": "A profile's id or alias, a device's id, or a `visitorId`."}


async def _profile(call: Call) -> ProfileAnswer:
    values = values_of(call, (TIMEZONE,))

    def work() -> ProfileAnswer:
        zone = read_zone(values.get("timezone", zone_name(call)))
        return profile(call.services.store, call.project_id, call.request.path_params["id"], zone)

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


ROUTES: tuple[Route, ...] = (
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
