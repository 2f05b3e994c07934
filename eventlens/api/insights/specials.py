"""Small reports on events of a fixed name, a route each: `web-vitals`, `errors`, `scroll-depth` and more."""

import asyncio

from starlette.responses import Response

from eventlens.api.insights.asking import Told, insight_route, remembered, values_of
from eventlens.api.insights.revenue import ROWS, question_of_rows
from eventlens.api.route import Call, Handler, Route
from eventlens.errors import InvalidInput
from eventlens.insights.answers import Answer
from eventlens.insights.dimensions_asked import dimensions_text, read_breakdown
from eventlens.insights.query import COMMON_PARAMETERS, INTERVAL, QueryParameter, meta_of, read_integer
from eventlens.insights.specials import SPECIALS, Special, SpecialAnswer, special

_DIMENSION = QueryParameter(
    "dimension",
    f"What rows are split by further. {dimensions_text(one=True)}.",
    {"type": "string"},
)
_PARAMETERS = (*COMMON_PARAMETERS, INTERVAL, _DIMENSION, ROWS)


def _handler(report: Special) -> Handler:
    async def handler(call: Call) -> Response:
        values = values_of(call, _PARAMETERS)
        dimensions = read_breakdown(values.get("dimension"), "dimension")
        if len(dimensions) > 1:
            raise InvalidInput(f"One dimension beside {report.by}.", field="dimension")
        limit = read_integer(values, ROWS)
        dimension = dimensions[0] if dimensions else None

        def work() -> Response:
            question = question_of_rows(call, values)

            def compute() -> Answer[SpecialAnswer]:
                data = special(call.services.store, question, report, dimension, limit)
                return Answer(data, meta_of(question))

            return remembered(call, Told(question, repr((dimension, limit)), "anything"), compute)

        return await asyncio.to_thread(work)

    return handler


ROUTES: tuple[Route, ...] = tuple(
    insight_route(
        each.path,
        f"{each.summary} (events named {each.event})",
        _handler(each),
        _PARAMETERS,
        answer=Answer[SpecialAnswer],
    )
    for each in SPECIALS
)
