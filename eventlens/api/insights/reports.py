"""Reports about a span: `metrics`, `timeseries`, `pages`, lists by value, `breakdown`, `live`, `excluded`."""

import asyncio

from eventlens.api.insights.asking import (
    insight_route,
    question_of,
    report,
    values_of,
)
from eventlens.api.route import Call, Handler, Route
from eventlens.insights.answers import Answer
from eventlens.insights.breakdowns import (
    BreakdownRow,
    ComparedValueRow,
    breakdown,
    by_value,
    read_metrics,
)
from eventlens.insights.dimensions import names
from eventlens.insights.dimensions_asked import dimensions_text, read_dimensions
from eventlens.insights.excluded import ExcludedRow, excluded
from eventlens.insights.live import Live, live, live_span
from eventlens.insights.metrics import METRICS
from eventlens.insights.pages import MODES, ComparedPageRow, pages
from eventlens.insights.query import (
    COMMON_PARAMETERS,
    FILTERS,
    INTERVAL,
    LIMIT,
    LIST_PARAMETERS,
    OFFSET,
    RANGE_PARAMETERS,
    TIMEZONE,
    QueryParameter,
    Values,
    meta_of,
    read_choice,
    read_text,
)
from eventlens.insights.question import Question
from eventlens.insights.timeseries import ComparedRow, timeseries
from eventlens.insights.totals import ComparedTotals, totals
from eventlens.store.base import Store

_TIMESERIES = (*COMMON_PARAMETERS, INTERVAL)
_MODE = QueryParameter(
    "mode",
    "Pages that were viewed, on which sessions began, or on which they ended.",
    {"type": "string", "enum": list(MODES), "default": "top"},
)
_PAGES = (*LIST_PARAMETERS, _MODE)
_LIVE = (FILTERS, TIMEZONE, LIMIT)
_EXCLUDED = (*RANGE_PARAMETERS, LIMIT, OFFSET)
_BREAKDOWN = (
    *LIST_PARAMETERS,
    QueryParameter(
        "dimension",
        f"{dimensions_text()}.",
        {"type": "string"},
        required=True,
    ),
    QueryParameter(
        "metrics",
        f"One or more, joined by commas, of {', '.join(METRICS)}.",
        {"type": "string", "default": "unique_visitors,total_sessions,total_screen_views,bounce_rate"},
    ),
)


def _dimension(default: str, *allowed: str) -> QueryParameter:
    schema = {"type": "string", "enum": list(allowed), "default": default}
    return QueryParameter("dimension", "What the rows are split by.", schema)


_REFERRER = _dimension("referrer_name", *names("referrer"))
_DEVICE = _dimension("device", *names("device"))
_GEO = _dimension("country", *names("geo"))


def _by_value(parameter: QueryParameter) -> Handler:
    def build(store: Store, question: Question, values: Values) -> list[ComparedValueRow]:
        return by_value(store, question, read_choice(values, parameter))

    return report(build, (*LIST_PARAMETERS, parameter), changed_by="its span")


def _pages(store: Store, question: Question, values: Values) -> list[ComparedPageRow]:
    mode = read_choice(values, _MODE)
    return pages(store, question, next(each for each in MODES if each == mode))


def _breakdown(store: Store, question: Question, values: Values) -> list[BreakdownRow]:
    dimension, metrics = (read_text(values, parameter) for parameter in _BREAKDOWN[-2:])
    return breakdown(store, question, read_dimensions(dimension), read_metrics(metrics))


async def _live(call: Call) -> Answer[Live]:
    values = values_of(call, _LIVE)

    def work() -> Answer[Live]:
        services = call.services
        question = question_of(call, values).about(live_span(services.clock()))
        return Answer(live(services.store, question), meta_of(question))

    return await asyncio.to_thread(work)


ROUTES: tuple[Route, ...] = (
    insight_route(
        "metrics",
        "The numbers of a span: visitors, sessions, views, durations",
        report(lambda store, question, _: totals(store, question), COMMON_PARAMETERS, changed_by="its span"),
        COMMON_PARAMETERS,
        answer=Answer[ComparedTotals],
    ),
    insight_route(
        "timeseries",
        "The numbers of a span, bucket by bucket",
        report(
            lambda store, question, _: timeseries(store, question),
            _TIMESERIES,
            interval=True,
            changed_by="its span",
        ),
        _TIMESERIES,
        answer=Answer[list[ComparedRow]],
    ),
    insight_route(
        "pages",
        "Pages that were viewed, entered or left",
        report(_pages, _PAGES, changed_by="its span"),
        _PAGES,
        answer=Answer[list[ComparedPageRow]],
    ),
    insight_route(
        "referrers",
        "Where visitors came from: referrers and campaigns",
        _by_value(_REFERRER),
        (*LIST_PARAMETERS, _REFERRER),
        answer=Answer[list[ComparedValueRow]],
    ),
    insight_route(
        "devices",
        "What visitors use: devices, browsers, systems",
        _by_value(_DEVICE),
        (*LIST_PARAMETERS, _DEVICE),
        answer=Answer[list[ComparedValueRow]],
    ),
    insight_route(
        "geo",
        "Where visitors are",
        _by_value(_GEO),
        (*LIST_PARAMETERS, _GEO),
        answer=Answer[list[ComparedValueRow]],
    ),
    insight_route(
        "breakdown",
        "Any metrics by one or two dimensions or properties",
        report(_breakdown, _BREAKDOWN, changed_by="its span"),
        _BREAKDOWN,
        answer=Answer[list[BreakdownRow]],
    ),
    insight_route("live", "Who is there now", _live, _LIVE, answer=Answer[Live]),
    insight_route(
        "excluded",
        "What was accepted but is in no number: bots and the like",
        report(lambda store, question, _: excluded(store, question), _EXCLUDED, changed_by="the clock"),
        _EXCLUDED,
        answer=Answer[list[ExcludedRow]],
    ),
)
