"""`reports`: saved questions, answered with the numbers of now."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from eventlens.api.insights.asking import insight_route, values_of
from eventlens.api.managing import Managed
from eventlens.api.route import Call, Route
from eventlens.api.saved_questions import SavedQuestion, ask
from eventlens.insights.query import RANGE_PARAMETERS


class ReportName(Struct, kw_only=True):
    """A saved question that can be asked by its id."""

    id: str
    name: str
    route: str
    updated_at: datetime


async def _list(call: Call) -> Managed[list[ReportName]]:
    values_of(call, ())
    kept = await asyncio.to_thread(call.services.management.saved.list, call.project_id, "report")
    return Managed(
        [
            ReportName(id=each.id, name=each.name, route=each.definition["route"], updated_at=each.updated_at)
            for each in kept
        ]
    )


def over(questions: Sequence[Route]) -> tuple[Route, ...]:
    """The routes that ask saved ones of these questions."""

    async def one(call: Call) -> Any:
        anew = values_of(call, RANGE_PARAMETERS)
        saved = call.services.management.saved
        report_id = call.request.path_params["id"]
        kept = await asyncio.to_thread(saved.get, call.project_id, "report", report_id)
        return await ask(call, questions, msgspec.convert(kept.definition, SavedQuestion), anew)

    return (
        insight_route(
            "reports", "Saved questions by name, the oldest first", _list, answer=Managed[list[ReportName]]
        ),
        insight_route(
            "reports/{id}",
            "The answer to a saved question, as its own route gives it; the span may be asked anew",
            one,
            RANGE_PARAMETERS,
            answer=dict[str, Any],
            in_path={"id": "The report's id."},
        ),
    )
