"""`attribution`: which visits conversions are credited to."""

import asyncio

from starlette.responses import Response

from eventlens.api.insights.asking import Told, insight_route, remembered, values_of
from eventlens.api.insights.goals import find_goal
from eventlens.api.insights.revenue import ROWS, question_of_rows
from eventlens.api.route import Call, Route
from eventlens.errors import InvalidInput
from eventlens.insights.answers import Answer
from eventlens.insights.attribution import (
    DEFAULT_LOOKBACK,
    MAX_LOOKBACK,
    MODELS,
    AskedAttribution,
    Attribution,
    attribution,
    read_touch_dimensions,
)
from eventlens.insights.dimensions import names
from eventlens.insights.filters import Condition, event_named
from eventlens.insights.measures import also
from eventlens.insights.query import (
    COMMON_PARAMETERS,
    QueryParameter,
    Values,
    meta_of,
    read_choice,
    read_integer,
    read_text,
)
from eventlens.insights.question import Question

_EVENT = QueryParameter("event", "Name of the event that is a conversion.", {"type": "string"})
_GOAL = QueryParameter("goal", "Instead of an event, the id of a goal.", {"type": "string"})
_MODEL = QueryParameter(
    "model",
    "Credit goes to the first session within the window before the conversion, to the last, or to the last "
    "one of which is known where it came from.",
    {"type": "string", "enum": list(MODELS), "default": "last_non_direct"},
)
_DIMENSION = QueryParameter(
    "dimension",
    f"One or two, joined by a comma, of {', '.join(names('referrer'))}.",
    {"type": "string", "default": "referrer_name"},
)
_LOOKBACK = QueryParameter(
    "lookbackDays",
    "How many days before the conversion a session may have begun.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LOOKBACK, "default": DEFAULT_LOOKBACK},
)
_PARAMETERS = (*COMMON_PARAMETERS, _EVENT, _GOAL, _MODEL, _DIMENSION, _LOOKBACK, ROWS)


def _conversion(call: Call, question: Question, values: Values) -> Condition:
    """What a conversion is. Raises InvalidInput."""
    event, goal = values.get("event"), values.get("goal")
    if (event is None) == (goal is None):
        raise InvalidInput("Say what a conversion is: either event or goal.", field="event")
    if event is None:
        return find_goal(call)(question, goal or "", "goal")
    condition = event_named(event, "event")
    assert condition is not None
    return condition


async def _attribution(call: Call) -> Response:
    values = values_of(call, _PARAMETERS)
    model = read_choice(values, _MODEL)
    asked = AskedAttribution(
        model=next(each for each in MODELS if each == model),
        dimensions=read_touch_dimensions(read_text(values, _DIMENSION)),
        lookback_days=read_integer(values, _LOOKBACK),
        limit=read_integer(values, ROWS),
    )

    def work() -> Response:
        question = question_of_rows(call, values)
        question = also(question, _conversion(call, question, values))

        def compute() -> Answer[Attribution]:
            data = attribution(call.services.store, question, asked)
            return Answer(data, meta_of(question))

        return remembered(call, Told(question, repr(asked), "anything"), compute)

    return await asyncio.to_thread(work)


ROUTES: tuple[Route, ...] = (
    insight_route(
        "attribution",
        "Which visits conversions are credited to: the first, the last, the last that is not direct",
        _attribution,
        _PARAMETERS,
        answer=Answer[Attribution],
    ),
)
