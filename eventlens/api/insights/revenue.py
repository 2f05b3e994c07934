"""`revenue`: per currency, over time, by any dimension."""

import asyncio
from dataclasses import replace

from starlette.responses import Response

from eventlens.api.insights.asking import Told, insight_route, question_of, remembered, values_of
from eventlens.api.route import Call, Route
from eventlens.insights.answers import Answer
from eventlens.insights.buckets import read_interval
from eventlens.insights.dimensions_asked import dimensions_text, read_breakdown
from eventlens.insights.measures import DEFAULT_VALUES, MAX_VALUES
from eventlens.insights.query import (
    COMMON_PARAMETERS,
    INTERVAL,
    QueryParameter,
    Values,
    meta_of,
    read_integer,
)
from eventlens.insights.question import Question
from eventlens.insights.revenue import Revenues, revenue

DIMENSION = QueryParameter(
    "dimension",
    f"{dimensions_text()}.",
    {"type": "string"},
)
ROWS = QueryParameter(
    "limit",
    "Values with a row of their own; all others are one row, `(other)`.",
    {"type": "integer", "minimum": 1, "maximum": MAX_VALUES, "default": DEFAULT_VALUES},
)
_PARAMETERS = (*COMMON_PARAMETERS, INTERVAL, DIMENSION, ROWS)


def with_interval(question: Question, name: str | None) -> Question:
    """The question with buckets of that length; as it is where none is named. Raises InvalidInput."""
    if name is None:
        return question
    return replace(question, interval=read_interval(name, question.span, question.compared))


def question_of_rows(call: Call, values: Values) -> Question:
    """The question of a report whose `limit` is of values, not of rows, and whose `interval` is a choice."""
    question = question_of(call, {name: text for name, text in values.items() if name != "limit"})
    return with_interval(question, values.get("interval"))


async def _revenue(call: Call) -> Response:
    values = values_of(call, _PARAMETERS)
    dimensions = read_breakdown(values.get("dimension"), "dimension")
    limit = read_integer(values, ROWS)

    def work() -> Response:
        question = question_of_rows(call, values)

        def compute() -> Answer[Revenues]:
            data = revenue(call.services.store, question, dimensions, limit)
            return Answer(data, meta_of(question))

        return remembered(call, Told(question, repr((dimensions, limit)), "anything"), compute)

    return await asyncio.to_thread(work)


ROUTES: tuple[Route, ...] = (
    insight_route(
        "revenue",
        "What was earned, per currency: orders, refunds, paying visitors",
        _revenue,
        _PARAMETERS,
        answer=Answer[Revenues],
    ),
)
