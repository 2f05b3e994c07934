"""`funnel`: who gets from one step to the next; `funnel/people`: who they are."""

from dataclasses import replace
from typing import get_args

from msgspec import structs
from starlette.responses import Response

from eventlens.api.bodies import read_body
from eventlens.api.insights.asking import (
    Asked,
    Told,
    attending,
    body_question,
    insight_route,
    refuse_parameters,
    remembered,
)
from eventlens.api.route import Call, Route
from eventlens.errors import InvalidInput
from eventlens.insights.answers import Answer
from eventlens.insights.funnels import FunnelAnswer, funnel
from eventlens.insights.funnels_asked import (
    ExcludeItem,
    Funnel,
    Given,
    Outcome,
    StepItem,
    choice,
    read_funnel,
)
from eventlens.insights.funnels_people import MAX_ROWS, Behind, FunnelPerson, people, read_funnel_cursor
from eventlens.insights.query import meta_of
from eventlens.insights.question import Question


class _Steps(Asked, kw_only=True):
    """Steps, and how they must follow each other."""

    steps: list[StepItem]
    window_seconds: int | None = 86_400
    by: str = "visitor"
    order: str = "ordered"
    exclude: tuple[ExcludeItem, ...] = ()


class FunnelBody(_Steps, kw_only=True):
    """Steps and how they must follow each other. `windowSeconds`: from step 1, null for no window.

    `by`: visitor, session or group. `order`: ordered, strict (no other event between) or any. `exclude`:
    events that remove an attempt between its steps `from` and `to`. `breakdown`: a dimension; a row is the
    funnel of the events with that value, with the `breakdownAttribution` `first_step` that of the attempts
    that began with it; `limit` values, all others are one row. `trend`: an interval; attempts by their start.
    """

    breakdown: str | None = None
    breakdown_attribution: str = "every_step"
    limit: int = 10
    trend: str | None = None
    compare: str | None = None


class FunnelPeopleBody(_Steps, kw_only=True):
    """The same funnel, and whose number.

    `outcome`: converted (reached `step`) or dropped (reached the step before and not this one).
    """

    step: int
    outcome: str = "converted"
    limit: int = 100
    cursor: str | None = None


def _read(question: Question, body: FunnelBody | FunnelPeopleBody) -> Funnel:
    given = Given(
        steps=body.steps,
        window_seconds=body.window_seconds,
        by=body.by,
        order=body.order,
        exclude=list(body.exclude),
    )
    if isinstance(body, FunnelBody):
        given = replace(
            given,
            breakdown=body.breakdown,
            attribution=body.breakdown_attribution,
            limit=body.limit,
            trend=body.trend,
        )
    return read_funnel(given, question.resolver)


async def _funnel(call: Call) -> Response:
    refuse_parameters(call)
    body = await read_body(call.request, FunnelBody)

    def work() -> Response:
        question = body_question(call, body, compare=body.compare)
        asked = _read(question, body)
        told = Told(question, repr(asked), "anything")
        return remembered(
            call, told, lambda: Answer(funnel(call.services.store, question, asked), meta_of(question))
        )

    return await attending(call, work)


async def _people(call: Call) -> Answer[list[FunnelPerson]]:
    refuse_parameters(call)
    body = await read_body(call.request, FunnelPeopleBody)
    after = None if body.cursor is None else read_funnel_cursor(body.cursor)
    behind = Behind(body.step, choice(body.outcome, get_args(Outcome), "outcome"))
    if not 1 <= body.limit <= MAX_ROWS:
        raise InvalidInput(f"limit is a whole number from 1 to {MAX_ROWS}.", field="limit")

    def work() -> Answer[list[FunnelPerson]]:
        question = replace(body_question(call, body), limit=body.limit)
        asked = _read(question, body)
        page = people(call.services.store, question, asked, behind, after)
        return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))

    return await attending(call, work)


_STEPS = [StepItem(name="screen_view"), StepItem(name="add_to_cart"), StepItem(name="purchase")]

ROUTES: tuple[Route, ...] = (
    insight_route(
        "funnel",
        "Who gets from one step to the next, and how fast",
        _funnel,
        method="POST",
        example=FunnelBody(range="30d", steps=_STEPS, breakdown="device", trend="day"),
        answer=Answer[FunnelAnswer],
    ),
    insight_route(
        "funnel/people",
        "Those behind a number of a funnel",
        _people,
        method="POST",
        example=FunnelPeopleBody(range="30d", steps=_STEPS, step=3, outcome="dropped"),
        answer=Answer[list[FunnelPerson]],
        action="people.read",
    ),
)
