"""`/manage/projects/{projectId}/reports`: questions that are kept under a name."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from eventlens.accounts.management import Management
from eventlens.accounts.saved import Saved
from eventlens.api import insights
from eventlens.api.bodies import read_body
from eventlens.api.insights.asking import refuse_parameters
from eventlens.api.managing import Managed, managed_route, managing
from eventlens.api.route import Call, Parameter
from eventlens.api.saved_questions import SavedQuestion, ask

_ALL = "/manage/projects/{projectId}/reports"
_ONE = "/manage/projects/{projectId}/reports/{reportId}"
_REPORT = (Parameter("reportId", "The report's id.", {"type": "string"}, required=True, where="path"),)


class NewReport(SavedQuestion, kw_only=True):
    """A name, and a question: the route with its parameters or body. It is asked once before it is kept."""

    name: str


class ReportChange(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What is to change. A route, parameters or a body take the place of the whole question."""

    name: str | UnsetType = UNSET
    route: str | UnsetType = UNSET
    parameters: dict[str, Any] | UnsetType = UNSET
    body: dict[str, Any] | UnsetType = UNSET


class KeptReport(Struct, kw_only=True):
    """A report as it is kept."""

    id: str
    name: str
    route: str
    parameters: dict[str, Any] | UnsetType = UNSET
    body: dict[str, Any] | UnsetType = UNSET
    created_at: datetime
    updated_at: datetime


def question_of_report(saved: Saved) -> SavedQuestion:
    """What was kept, decoded."""
    return msgspec.convert(saved.definition, SavedQuestion)


def kept_report(saved: Saved) -> KeptReport:
    """What was kept, as it is shown."""
    question = question_of_report(saved)
    return KeptReport(
        id=saved.id,
        name=saved.name,
        route=question.route,
        parameters=question.parameters,
        body=question.body,
        created_at=saved.created_at,
        updated_at=saved.updated_at,
    )


def _list(management: Management, call: Call) -> list[KeptReport]:
    return [kept_report(each) for each in management.saved.list(call.project_id, "report")]


def _show(management: Management, call: Call) -> KeptReport:
    return kept_report(management.saved.get(call.project_id, "report", _id(call)))


def _remove(management: Management, call: Call) -> KeptReport:
    return kept_report(management.saved.remove(call.project_id, "report", _id(call)))


def _id(call: Call) -> str:
    return call.request.path_params["reportId"]


async def _create(call: Call) -> Managed[KeptReport]:
    refuse_parameters(call)
    new = await read_body(call.request, NewReport)
    question = SavedQuestion(route=new.route, parameters=new.parameters, body=new.body)
    await ask(call, insights.QUESTIONS, question)
    create = call.services.management.saved.create
    definition = msgspec.to_builtins(question)
    return Managed(
        kept_report(await asyncio.to_thread(create, call.project_id, "report", new.name, definition))
    )


async def _change(call: Call) -> Managed[KeptReport]:
    refuse_parameters(call)
    change = await read_body(call.request, ReportChange)
    saved = call.services.management.saved
    was = await asyncio.to_thread(saved.get, call.project_id, "report", _id(call))
    name = None if change.name is UNSET else change.name
    definition = None
    if not (change.route is UNSET and change.parameters is UNSET and change.body is UNSET):
        route = question_of_report(was).route if change.route is UNSET else change.route
        question = SavedQuestion(route=route, parameters=change.parameters, body=change.body)
        await ask(call, insights.QUESTIONS, question)
        definition = msgspec.to_builtins(question)

    def work() -> Managed[KeptReport]:
        return Managed(
            kept_report(saved.update(call.project_id, "report", was.id, name=name, definition=definition))
        )

    return await asyncio.to_thread(work)


_EXAMPLE = NewReport(name="Visitors of the month", route="timeseries", parameters={"range": "30d"})

ROUTES = (
    managed_route(
        "GET",
        _ALL,
        managing(_list),
        "Saved questions, the oldest first",
        answer=list[KeptReport],
        action="project.read",
    ),
    replace(
        managed_route(
            "POST",
            _ALL,
            _create,
            "Save a question",
            example=_EXAMPLE,
            answer=KeptReport,
            action="saved.write",
        ),
        asks=True,
    ),
    managed_route(
        "GET",
        _ONE,
        managing(_show),
        "A saved question",
        answer=KeptReport,
        parameters=_REPORT,
        action="project.read",
    ),
    replace(
        managed_route(
            "PATCH",
            _ONE,
            _change,
            "Change a saved question",
            example=ReportChange(name="Visitors"),
            answer=KeptReport,
            parameters=_REPORT,
            action="saved.write",
        ),
        asks=True,
    ),
    managed_route(
        "DELETE",
        _ONE,
        managing(_remove),
        "Forget a saved question",
        answer=KeptReport,
        parameters=_REPORT,
        action="saved.write",
    ),
)
