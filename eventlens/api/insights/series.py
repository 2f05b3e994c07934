"""`series`: any numbers over time, side by side, by value, and formulas over them."""

from dataclasses import replace

import msgspec
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
from eventlens.api.insights.goals import find_goal
from eventlens.api.route import Call, Route
from eventlens.insights.answers import Answer
from eventlens.insights.buckets import read_interval
from eventlens.insights.query import meta_of
from eventlens.insights.series import SeriesAnswer, series
from eventlens.insights.series_asked import FormulaItem, Given, SeriesItem, read_series


class SeriesBody(Asked, kw_only=True):
    """Series, formulas over them, and how they are cut. `breakdown`: one or two dimensions."""

    series: list[SeriesItem]
    formulas: tuple[FormulaItem, ...] = ()
    interval: str | None = None
    compare: str | None = None
    exact: bool = False
    breakdown: str | list[str] | None = None
    limit: int | None = None


async def _series(call: Call) -> Response:
    refuse_parameters(call)
    body = await read_body(call.request, SeriesBody)

    def work() -> Response:
        question = body_question(call, body, compare=body.compare, exact=body.exact)
        given = Given(body.series, body.formulas, body.breakdown, body.limit)
        asked = read_series(given, question, find_goal(call))
        interval = read_interval(body.interval, question.span, question.compared)
        question = replace(question, interval=interval)
        conditions = [each.condition for each in asked.series]  # cohorts and goals may change

        def compute() -> Answer[SeriesAnswer]:
            data = series(call.services.store, question, asked)
            return Answer(data, meta_of(question))

        return remembered(
            call, Told(question, f"{msgspec.json.encode(body)} {conditions}", "anything"), compute
        )

    return await attending(call, work)


_EXAMPLE = SeriesBody(
    range="30d",
    interval="day",
    series=[
        SeriesItem(metric="unique_visitors", event="purchase"),
        SeriesItem(metric="unique_visitors", hidden=True),
    ],
    formulas=(FormulaItem(expression="round(A / B * 100, 1)", name="Buyers, percent"),),
    breakdown="country",
)

ROUTES: tuple[Route, ...] = (
    insight_route(
        "series",
        "Any numbers over time, by value, with formulas over them",
        _series,
        method="POST",
        example=_EXAMPLE,
        answer=Answer[SeriesAnswer],
    ),
)
