"""`cohorts`: groups of people by what they did and who they are; kept by root clients, read by readers."""

import asyncio
from dataclasses import replace

from msgspec import structs

from eventlens.api.bodies import read_body
from eventlens.api.insights.asking import insight_route, refuse_parameters, values_of
from eventlens.api.insights.explorers import ever
from eventlens.api.keeping import (
    FiltersChange,
    KeptFilters,
    NewFilters,
    change_kept,
    create_kept,
    get_kept,
    list_kept,
    remove_kept,
)
from eventlens.api.managing import Managed
from eventlens.api.route import Call, Route
from eventlens.insights.answers import Answer
from eventlens.insights.cohorts import CohortPerson, cohort_people, cohort_size, read_people_cursor
from eventlens.insights.filters import Condition
from eventlens.insights.query import CURSOR, TIMEZONE, QueryParameter, meta_of, read_integer
from eventlens.insights.question import Question

_ID = {"id": "The cohort's id."}
_LIMIT = QueryParameter(
    "limit", "Rows at most.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
)
_PEOPLE = (TIMEZONE, _LIMIT, CURSOR)
_EXAMPLE = [
    {"did": {"name": "purchase", "count": {"operator": "gte", "value": 2}, "days": 90}},
    {"didNot": {"name": "purchase", "days": 30}},
]


class NewCohort(NewFilters):
    """A cohort to keep: a name, and conditions on people: what they did or not, profiles, other cohorts."""


class CohortChange(FiltersChange):
    """What is to change of a cohort; what is left out stays."""


class SizedCohort(KeptFilters):
    """A cohort and how many people are in it now."""

    size: int


def _asked(call: Call, values: dict[str, str], cohort_id: str) -> tuple[Question, Condition]:
    """A question about the project as a whole, and the condition of one of its cohorts."""
    question = ever(call, {name: text for name, text in values.items() if name == "timezone"})
    condition = question.further_condition(
        [{"name": "cohort", "operator": "is", "value": [cohort_id]}], "cohort"
    )
    assert condition is not None
    return question, condition


async def _list(call: Call) -> Managed[list[KeptFilters]]:
    refuse_parameters(call)
    return Managed(await asyncio.to_thread(list_kept, call, "cohort"))


async def _show(call: Call) -> Managed[SizedCohort]:
    values_of(call, ())

    def work() -> Managed[SizedCohort]:
        found = get_kept(call, "cohort", _id(call))
        question, condition = _asked(call, {}, found.id)
        size = cohort_size(call.services.store, question, condition)
        return Managed(SizedCohort(**structs.asdict(found), size=size))

    return await asyncio.to_thread(work)


async def _people(call: Call) -> Answer[list[CohortPerson]]:
    values = values_of(call, _PEOPLE)
    after = read_people_cursor(values["cursor"]) if "cursor" in values else None
    limit = read_integer(values, _LIMIT)

    def work() -> Answer[list[CohortPerson]]:
        question, condition = _asked(call, values, get_kept(call, "cohort", _id(call)).id)
        page = cohort_people(call.services.store, replace(question, limit=limit), condition, after)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await asyncio.to_thread(work)


async def _create(call: Call) -> Managed[KeptFilters]:
    refuse_parameters(call)
    new = await read_body(call.request, NewCohort)
    return Managed(await asyncio.to_thread(create_kept, call, "cohort", new))


async def _change(call: Call) -> Managed[KeptFilters]:
    refuse_parameters(call)
    change = await read_body(call.request, CohortChange)
    return Managed(await asyncio.to_thread(change_kept, call, "cohort", _id(call), change))


async def _remove(call: Call) -> Managed[KeptFilters]:
    refuse_parameters(call)
    return Managed(await asyncio.to_thread(remove_kept, call, "cohort", _id(call)))


def _id(call: Call) -> str:
    return call.request.path_params["id"]


ROUTES: tuple[Route, ...] = (
    insight_route(
        "cohorts/{id}/people",
        "Who is in a cohort",
        _people,
        _PEOPLE,
        answer=Answer[list[CohortPerson]],
        in_path=_ID,
        action="people.read",
    ),  # before `cohorts/{id}`, whose id may hold slashes
    insight_route("cohorts", "Cohorts, the oldest first", _list, answer=Managed[list[KeptFilters]]),
    insight_route(
        "cohorts/{id}",
        "A cohort and how many are in it now",
        _show,
        answer=Managed[SizedCohort],
        in_path=_ID,
    ),
    insight_route(
        "cohorts", "Keep a cohort", _create,
        answer=Managed[KeptFilters], method="POST", access="root",
        example=NewCohort("Bought before", _EXAMPLE),
    ),
    insight_route(
        "cohorts/{id}", "Change a cohort", _change,
        answer=Managed[KeptFilters], method="PATCH", access="root", in_path=_ID,
        example=CohortChange(name="Regulars"),
    ),
    insight_route(
        "cohorts/{id}", "Forget a cohort that nothing else refers to", _remove,
        answer=Managed[KeptFilters], method="DELETE", access="root", in_path=_ID,
    ),
)  # fmt: skip  # one screen
