"""`goals`: what visitors should do; kept by root clients, counted for everybody who reads."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs
from starlette.responses import Response

from eventlens.accounts.saved import Saved
from eventlens.api.bodies import read_body
from eventlens.api.insights.asking import (
    Asked,
    Told,
    body_question,
    insight_route,
    refuse_parameters,
    remembered,
    values_of,
)
from eventlens.api.insights.revenue import DIMENSION, ROWS, question_of_rows
from eventlens.api.managing import Managed
from eventlens.api.route import Call, Route
from eventlens.errors import InvalidInput, NotFound
from eventlens.insights.answers import Answer
from eventlens.insights.dimensions_asked import read_breakdown
from eventlens.insights.filters import Condition
from eventlens.insights.goals import (
    Found,
    Goal,
    GoalConversions,
    GoalDefinition,
    conversions,
    goal_condition,
)
from eventlens.insights.query import COMMON_PARAMETERS, INTERVAL, LIMIT, OFFSET, meta_of, read_integer
from eventlens.insights.question import Question

_LIST = (*COMMON_PARAMETERS, LIMIT, OFFSET)
_ONE = (*COMMON_PARAMETERS, INTERVAL, DIMENSION, ROWS)
_ID = {"id": "The goal's id."}


class NewGoal(GoalDefinition, kw_only=True):
    """A goal to keep: its name; either `event` or `page` (a path, `*` any characters); filters."""

    name: str


class GoalChange(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What is given changes. An event takes the page's place, and a page the event's; null filters: none."""

    name: str | UnsetType = UNSET
    event: str | UnsetType = UNSET
    page: str | UnsetType = UNSET
    filters: Any = UNSET


class KeptGoal(Struct, kw_only=True):
    """A goal as it is kept."""

    id: str
    name: str
    event: str | None
    page: str | None
    filters: Any
    created_at: datetime
    updated_at: datetime


def definition_of(saved: Saved) -> GoalDefinition:
    """What was kept, decoded."""
    return msgspec.convert(saved.definition, GoalDefinition)


def find_goal(call: Call) -> Callable[[Question, str, str], Condition]:
    """What a goal's events match, by its id, for questions that name goals; the last is the field."""

    def find(question: Question, goal_id: str, field: str) -> Condition:
        saved = call.services.management.saved.find(call.project_id, "goal", goal_id)
        if saved is None:
            raise InvalidInput(f"There is no goal {goal_id[:100]!r}.", field=field)
        return goal_condition(definition_of(saved), question)

    return find


# --- keeping ---


def _kept(saved: Saved) -> KeptGoal:
    definition = definition_of(saved)
    return KeptGoal(
        id=saved.id,
        name=saved.name,
        event=definition.event,
        page=definition.page,
        filters=definition.filters,
        created_at=saved.created_at,
        updated_at=saved.updated_at,
    )


def _checked(call: Call, definition: GoalDefinition) -> dict[str, Any]:
    """A definition that can be asked, as JSON. Raises InvalidInput with the field."""
    goal_condition(definition, body_question(call, Asked()))
    return msgspec.to_builtins(definition)


async def _create(call: Call) -> Managed[KeptGoal]:
    refuse_parameters(call)
    new = await read_body(call.request, NewGoal)

    def work() -> Managed[KeptGoal]:
        definition = GoalDefinition(event=new.event, page=new.page, filters=new.filters)
        saved = call.services.management.saved
        return Managed(_kept(saved.create(call.project_id, "goal", new.name, _checked(call, definition))))

    return await asyncio.to_thread(work)


async def _change(call: Call) -> Managed[KeptGoal]:
    refuse_parameters(call)
    change = await read_body(call.request, GoalChange)

    def work() -> Managed[KeptGoal]:
        kept = call.services.management.saved
        goal_id = call.request.path_params["id"]
        was = definition_of(kept.get(call.project_id, "goal", goal_id))
        name = None if change.name is UNSET else change.name
        definition = _checked(call, _changed(was, change))
        return Managed(_kept(kept.update(call.project_id, "goal", goal_id, name=name, definition=definition)))

    return await asyncio.to_thread(work)


def _changed(was: GoalDefinition, change: GoalChange) -> GoalDefinition:
    event, page = was.event, was.page
    if change.event is not UNSET or change.page is not UNSET:
        event = None if change.event is UNSET else change.event
        page = None if change.page is UNSET else change.page
    filters = was.filters if change.filters is UNSET else change.filters
    return GoalDefinition(event=event, page=page, filters=filters)


async def _remove(call: Call) -> Managed[KeptGoal]:
    refuse_parameters(call)
    saved = call.services.management.saved
    goal_id = call.request.path_params["id"]
    return Managed(_kept(await asyncio.to_thread(saved.remove, call.project_id, "goal", goal_id)))


# --- counting ---


def _shown(saved: Saved, found: Found) -> GoalConversions:
    definition = definition_of(saved)
    return GoalConversions(
        **structs.asdict(found.whole),
        id=saved.id,
        name=saved.name,
        event=definition.event,
        page=definition.page,
        filters=definition.filters,
        series=found.series,
        rows=found.rows,
    )


async def _list(call: Call) -> Response:
    values = values_of(call, _LIST)
    limit, offset = read_integer(values, LIMIT), read_integer(values, OFFSET)

    def work() -> Response:
        question = question_of_rows(call, values)
        kept = call.services.management.saved.list(call.project_id, "goal")[offset : offset + limit]
        goals = [Goal(each.id, goal_condition(definition_of(each), question)) for each in kept]

        def compute() -> Answer[list[GoalConversions]]:
            found = conversions(call.services.store, question, goals)
            return Answer([_shown(each, found[each.id]) for each in kept], meta_of(question))

        return remembered(call, Told(question, repr((kept, goals)), "anything"), compute)

    return await asyncio.to_thread(work)


async def _one(call: Call) -> Response:
    values = values_of(call, _ONE)
    dimensions = read_breakdown(values.get("dimension"), "dimension")
    limit = read_integer(values, ROWS)

    def work() -> Response:
        question = question_of_rows(call, values)
        saved = call.services.management.saved.find(call.project_id, "goal", call.request.path_params["id"])
        if saved is None:
            raise NotFound("There is no such goal.")
        goal = Goal(saved.id, goal_condition(definition_of(saved), question))

        def compute() -> Answer[GoalConversions]:
            found = conversions(call.services.store, question, [goal], dimensions, limit)
            return Answer(_shown(saved, found[goal.id]), meta_of(question))

        return remembered(call, Told(question, repr((saved, goal, dimensions, limit)), "anything"), compute)

    return await asyncio.to_thread(work)


ROUTES: tuple[Route, ...] = (
    insight_route(
        "goals", "Goals, the oldest first, and how many reached them", _list, _LIST,
        answer=Answer[list[GoalConversions]],
    ),
    insight_route(
        "goals/{id}", "A goal: conversions over time and by any dimension", _one, _ONE,
        answer=Answer[GoalConversions], in_path=_ID,
    ),
    insight_route(
        "goals", "Keep a goal", _create,
        answer=Managed[KeptGoal], method="POST", access="root",
        example=NewGoal(name="Bought", event="purchase"),
    ),
    insight_route(
        "goals/{id}", "Change a goal", _change,
        answer=Managed[KeptGoal], method="PATCH", access="root", in_path=_ID,
        example=GoalChange(page="/thanks*"),
    ),
    insight_route(
        "goals/{id}", "Forget a goal", _remove,
        answer=Managed[KeptGoal], method="DELETE", access="root", in_path=_ID,
    ),
)  # fmt: skip  # one screen
