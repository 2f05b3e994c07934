"""`paths`: what follows what within sessions."""

import asyncio

from starlette.responses import Response

from eventlens.api.insights.asking import Told, insight_route, question_of, remembered, values_of
from eventlens.api.route import Call, Route
from eventlens.errors import InvalidInput
from eventlens.insights.paths import PathsAnswer, paths
from eventlens.insights.paths_sql import MODES, Shape
from eventlens.insights.query import COMMON_PARAMETERS, QueryParameter, Values, read_choice, read_integer

_MODE = QueryParameter(
    "mode",
    "What a step is: a page that was viewed (its path), or any event (its name).",
    {"type": "string", "enum": list(MODES), "default": "pages"},
)
_START = QueryParameter(
    "start", "Path or name at which paths begin: its first occurrence in the session.", {"type": "string"}
)
_END = QueryParameter(
    "end", "Path or name to which paths lead: its first occurrence, after `start`.", {"type": "string"}
)
_DEPTH = QueryParameter(
    "depth",
    "Steps that are shown; at least 3 between two anchors.",
    {"type": "integer", "minimum": 2, "maximum": 20, "default": 5},
)
_NAMES = QueryParameter(
    "limit",
    "Names with a node of their own at each step; all others are one, `(other)`.",
    {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
)
_COMMON = tuple(each for each in COMMON_PARAMETERS if each.name != "exact")
_PARAMETERS = (*_COMMON, _MODE, _START, _END, _DEPTH, _NAMES)
_LONGEST = 8192


def _shape(values: Values) -> Shape:
    mode = read_choice(values, _MODE)
    depth = read_integer(values, _DEPTH)
    for anchor in (_START.name, _END.name):
        if len(values.get(anchor, "")) > _LONGEST:
            raise InvalidInput(f"{anchor} has at most {_LONGEST} characters.", field=anchor)
    if depth < 3 and "start" in values and "end" in values:
        raise InvalidInput("Between two anchors depth is a whole number from 3 to 20.", field="depth")
    return Shape(
        mode=next(each for each in MODES if each == mode),
        start=values.get("start"),
        end=values.get("end"),
        depth=depth,
    )


async def _paths(call: Call) -> Response:
    values = values_of(call, _PARAMETERS)
    shape, limit = _shape(values), read_integer(values, _NAMES)

    def work() -> Response:
        question = question_of(call, values)
        told = Told(question, repr((shape, limit)), "anything")
        return remembered(call, told, lambda: paths(call.services.store, question, shape, limit))

    return await asyncio.to_thread(work)


ROUTES: tuple[Route, ...] = (
    insight_route(
        "paths",
        "What follows what within sessions: nodes and links, step by step",
        _paths,
        _PARAMETERS,
        answer=PathsAnswer,
    ),
)
