"""`funnel`: who gets from one step to the next."""

import asyncio

from eventlens.api.bodies import read_body
from eventlens.api.insights.asking import Asked, body_question, insight_route, refuse_parameters
from eventlens.api.route import Call, Route
from eventlens.insights.answers import Answer
from eventlens.insights.funnels import FunnelAnswer, funnel
from eventlens.insights.funnels_asked import ExcludeItem, Given, StepItem, read_funnel
from eventlens.insights.query import meta_of


class FunnelBody(Asked, kw_only=True):
    """Steps, and how they must follow each other. `windowSeconds`: null for no window."""

    steps: list[StepItem]
    window_seconds: int | None = 86_400
    by: str = "visitor"
    order: str = "ordered"
    exclude: list[ExcludeItem] = []
    breakdown: str | None = None
    breakdown_attribution: str = "every_step"
    limit: int = 10
    trend: str | None = None
    compare: str | None = None


def _given(body: FunnelBody) -> Given:
    return Given(
        steps=body.steps,
        window_seconds=body.window_seconds,
        by=body.by,
        order=body.order,
        exclude=body.exclude,
        breakdown=body.breakdown,
        attribution=body.breakdown_attribution,
        limit=body.limit,
        trend=body.trend,
    )


async def _funnel(call: Call) -> Answer[FunnelAnswer]:
    refuse_parameters(call)
    body = await read_body(call.request, FunnelBody)

    def work() -> Answer[FunnelAnswer]:
        asked = read_funnel(_given(body))
        question = body_question(call, body)
        return Answer(funnel(call.services.store, question, asked), meta_of(question))

    return await asyncio.to_thread(work)


_EXAMPLE = FunnelBody(
    range="30d",
    steps=[StepItem(name="screen_view"), StepItem(name="add_to_cart"), StepItem(name="purchase")],
    window_seconds=86_400,
    breakdown="device",
    trend="day",
)

ROUTES: tuple[Route, ...] = (
    insight_route(
        "funnel",
        "Who gets from one step to the next, and how fast",
        _funnel,
        method="POST",
        example=_EXAMPLE,
        answer=Answer[FunnelAnswer],
    ),
)
