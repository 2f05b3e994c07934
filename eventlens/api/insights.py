"""`GET /insights/{projectId}/…`: parameters in, a question to the store in a thread, an answer out."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from eventlens.api.route import Call, Handler, Parameter, Route
from eventlens.errors import NotFound
from eventlens.insights.answers import Answer
from eventlens.insights.query import (
    COMMON_PARAMETERS,
    INTERVAL,
    QueryParameter,
    check_names,
    meta_of,
    read_question,
)
from eventlens.insights.question import Question
from eventlens.insights.timeseries import ComparedRow, timeseries
from eventlens.insights.totals import ComparedTotals, totals
from eventlens.store.base import Store

T = TypeVar("T")

_PROJECT = Parameter("projectId", "The project's id.", {"type": "string"}, required=True, where="path")


def _report(
    build: Callable[[Store, Question], Any], parameters: tuple[QueryParameter, ...], *, interval: bool = False
) -> Handler:
    """The handler of a report that needs nothing but a question."""
    names = tuple(parameter.name for parameter in parameters)

    async def handler(call: Call) -> Answer[Any]:
        values = check_names(call.request.query_params.multi_items(), names)

        def work() -> Answer[Any]:
            question = _question(call, values, interval=interval)
            return Answer(build(call.services.store, question), meta_of(question))

        return await asyncio.to_thread(work)

    return handler


def _question(call: Call, values: dict[str, str], *, interval: bool = False) -> Question:
    services = call.services
    project = services.projects.find(call.project_id)
    if project is None:
        raise NotFound("There is no such project.")
    return read_question(
        values,
        store=services.store,
        project_id=project.id,
        project_zone=project.timezone,
        now=services.clock(),
        interval=interval,
    )


def _route(
    name: str, summary: str, handler: Handler, parameters: tuple[QueryParameter, ...], answer: Any
) -> Route:
    return Route(
        method="GET",
        path="/insights/{projectId}/" + name,
        handler=handler,
        access="read",
        summary=summary,
        tag="insights",
        parameters=(
            _PROJECT,
            *(Parameter(each.name, each.description, dict(each.schema)) for each in parameters),
        ),
        answer=answer,
    )


ROUTES: tuple[Route, ...] = (
    _route(
        "metrics",
        "The numbers of a span: visitors, sessions, views, durations",
        _report(totals, COMMON_PARAMETERS),
        COMMON_PARAMETERS,
        Answer[ComparedTotals],
    ),
    _route(
        "timeseries",
        "The numbers of a span, bucket by bucket",
        _report(timeseries, (*COMMON_PARAMETERS, INTERVAL), interval=True),
        (*COMMON_PARAMETERS, INTERVAL),
        Answer[list[ComparedRow]],
    ),
)
