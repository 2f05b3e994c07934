"""What the routes of `/insights/{projectId}/…` share: parameters or a body in, a question, an answer out."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from starlette.responses import Response

from eventlens.accounts.rights import Action
from eventlens.api.attending import attended
from eventlens.api.keeping import cohort_ids, find_saved, state_of_saved
from eventlens.api.route import Call, Handler, Parameter, Route
from eventlens.errors import InvalidInput, NotFound
from eventlens.insights.answers import Answer, told_as_partial
from eventlens.insights.query import (
    INTERVAL,
    LIST_PARAMETERS,
    QueryParameter,
    Values,
    check_names,
    meta_of,
    read_body_question,
    read_question,
)
from eventlens.insights.question import Question
from eventlens.insights.remembered import How, Memo, own_spans
from eventlens.store.base import Store
from eventlens.store.tickets import is_partial

Report = Callable[[Store, Question, Values], Any]
T = TypeVar("T")

_PROJECT = Parameter("projectId", "The project's id.", {"type": "string"}, required=True, where="path")


class Asked(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """What every body of a question may say; the same words as in the query string, `filters` as JSON."""

    range: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    timezone: str | None = None
    filters: Any = None
    explain: bool | None = None


ChangedBy = Literal["its span", "anything", "the clock"]
"""What makes an answer old: what happens in the question's own span (and in the one it is compared with),
anything in the project, or nothing that is noticed: then no answer is given again."""


class Told(NamedTuple):
    """What an answer is known by; `details` is everything that was asked beside the question."""

    question: Question
    details: str
    changed_by: ChangedBy


_IN_QUESTION = {each.name for each in (*LIST_PARAMETERS, INTERVAL)}
"""Parameters that have become part of the question: as instants, conditions and numbers."""


def names_of(parameters: tuple[QueryParameter, ...]) -> tuple[str, ...]:
    """Their names."""
    return tuple(parameter.name for parameter in parameters)


def values_of(call: Call, parameters: tuple[QueryParameter, ...]) -> dict[str, str]:
    """The parameters that a request gives. Raises InvalidInput for any other."""
    return check_names(call.request.query_params.multi_items(), names_of(parameters))


def report(
    build: Report,
    parameters: tuple[QueryParameter, ...],
    *,
    interval: bool = False,
    changed_by: ChangedBy = "anything",
) -> Handler:
    """The handler of a report about a span, asked with parameters."""

    async def handler(call: Call) -> Response:
        values = values_of(call, parameters)

        def work() -> Response:
            question = question_of(call, values, interval=interval)
            details = repr(sorted((name, text) for name, text in values.items() if name not in _IN_QUESTION))
            return remembered(
                call,
                Told(question, details, changed_by),
                lambda: Answer(build(call.services.store, question, values), meta_of(question)),
            )

        return await asyncio.to_thread(work)

    return handler


async def attending(call: Call, work: Callable[[], T]) -> T:
    """What `work` gives, in a thread, for a question whose body has been read; see `attended`."""
    return await attended(call.request, call.services, asyncio.to_thread(work))


def remembered(call: Call, told: Told, compute: Callable[[], Any]) -> Response:
    """The answer to a question: one that was given before and still holds, else what `compute` gives.

    To be called from a thread. `Cache-Status` (RFC 9211) says which it was.
    """
    services = call.services
    if told.changed_by == "the clock" or told.question.trace.wanted:
        answered = compute()
        answered = told_as_partial(answered) if is_partial() else answered
        return Response(msgspec.json.encode(answered), media_type="application/json")
    question, details = told.question, told.details
    if "cohort" in details or "segment" in details:  # whatever a step names, or an answer is split by
        details += state_of_saved(call)
        with suppress(InvalidInput):  # too many to split by: whoever does so is told
            details += repr(question.cohorts())  # what sliding spans in them stand for now
    spans = own_spans(question, details) if told.changed_by == "its span" else None
    memo = Memo(question, call.request.scope["path"], details, spans)
    answer, how = services.answers.answer(services.store, memo, compute)
    return Response(answer, headers={"cache-status": _CACHE_STATUS[how]}, media_type="application/json")


_CACHE_STATUS: dict[How, str] = {
    "hit": "EventLens; hit",
    "joined": "EventLens; fwd=miss; collapsed",
    "miss": "EventLens; fwd=miss",
}


def question_of(call: Call, values: Values, *, interval: bool = False) -> Question:
    """The question that checked parameters ask of the call's project."""
    services = call.services
    question = read_question(
        values,
        store=services.store,
        project_id=call.project_id,
        project_zone=zone_name(call),
        now=services.clock(),
        interval=interval,
        find=find_saved(call),
        cohorts=lambda: cohort_ids(call),
    )
    return replace(question, exact_up_to=services.settings.exact_events)


def body_question(call: Call, body: Asked, *, compare: str | None = None, exact: bool = False) -> Question:
    """The question that a checked body asks of the project; `compare` and `exact` where it has them."""
    services = call.services
    values = {
        "range": body.range,
        "startDate": body.start_date,
        "endDate": body.end_date,
        "timezone": body.timezone,
        "compare": compare,
        "exact": "true" if exact else None,
        "explain": "true" if body.explain else None,
    }
    return read_body_question(
        {name: value for name, value in values.items() if value is not None},
        body.filters,
        store=services.store,
        project_id=call.project_id,
        project_zone=zone_name(call),
        now=services.clock(),
        find=find_saved(call),
        cohorts=lambda: cohort_ids(call),
    )


def refuse_parameters(call: Call) -> None:
    """For routes that are asked with a body alone."""
    for name in call.request.query_params:
        raise InvalidInput(f"Unknown parameter {name[:64]!r}: what is asked is in the body.", field=name[:64])


def zone_name(call: Call) -> str:
    """The project's time zone."""
    project = call.services.projects.find(call.project_id)
    if project is None:
        raise NotFound("There is no such project.")
    return project.timezone


def insight_route(  # noqa: PLR0913  # a row of a table, told apart by keywords
    path: str,
    summary: str,
    handler: Handler,
    parameters: tuple[QueryParameter, ...] = (),
    *,
    answer: Any,
    in_path: dict[str, str] | None = None,
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET",
    example: msgspec.Struct | None = None,
    media: str = "application/json",
    access: Literal["read", "root"] = "read",
    action: Action | None = None,
) -> Route:
    """A route below `/insights/{projectId}/`; `in_path` describes its further parameters there by name.

    `example` is a body for the documentation; its type is that of the route's bodies.
    """
    further = tuple(
        Parameter(name, text, {"type": "string"}, required=True, where="path")
        for name, text in (in_path or {}).items()
    )
    return Route(
        method=method,
        path="/insights/{projectId}/" + path,
        handler=handler,
        access=access,
        action=action or ("insights.read" if access == "read" else "saved.write"),
        summary=summary,
        tag="insights",
        parameters=(
            _PROJECT,
            *further,
            *(
                Parameter(each.name, each.description, dict(each.schema), each.required)
                for each in parameters
            ),
        ),
        body=None if example is None else type(example),
        example=None if example is None else msgspec.to_builtins(example),
        answer=answer,
        media=media,
    )


def personal(*routes: Route) -> tuple[Route, ...]:
    """Routes that tell of single people or events: nothing for links that are shared."""
    return tuple(replace(route, action="people.read") for route in routes)
