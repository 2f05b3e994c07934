"""`retention`, with parameters or a body, and the people behind its numbers."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import structs
from starlette.responses import Response

from eventlens.api.attending import attended
from eventlens.api.bodies import read_body
from eventlens.api.insights.asking import (
    Asked,
    Told,
    insight_route,
    question_of,
    refuse_parameters,
    remembered,
    values_of,
)
from eventlens.api.route import Call, Handler, Route
from eventlens.errors import InvalidInput
from eventlens.insights.answers import Answer
from eventlens.insights.dimensions_asked import dimensions_text, read_breakdown
from eventlens.insights.filters import Condition, all_of, decoded, event_named
from eventlens.insights.query import (
    COMMON_PARAMETERS,
    CURSOR,
    LIMIT,
    QueryParameter,
    Values,
    meta_of,
    read_choice,
    read_integer,
    read_text,
)
from eventlens.insights.question import Question
from eventlens.insights.retention import (
    COHORT_KINDS,
    MAX_PERIODS,
    MODES,
    PERIODS,
    Retention,
    Returning,
    frames,
    retention,
)
from eventlens.insights.retention_people import Cell, CellPerson, read_people_cursor, retained


def _choice(name: str, description: str, *allowed: str, default: str) -> QueryParameter:
    return QueryParameter(name, description, {"type": "string", "enum": list(allowed), "default": default})


def _text(name: str, description: str, *, required: bool = False) -> QueryParameter:
    return QueryParameter(name, description, {"type": "string"}, required)


_PERIOD = _choice("period", "Calendar days, weeks (from Monday) or months.", *PERIODS, default="day")
_MODE = _choice("mode", "Who came back in a period, or in it or later.", *MODES, default="on")
_COHORT = _choice(
    "cohort",
    "People begin with the first event in the range, with the first one ever, or in each period anew.",
    *COHORT_KINDS,
    default="first",
)
_VALUES = QueryParameter(
    "limit",
    "Values of the breakdown with a table of their own; all others are one, `(other)`.",
    {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
)
_ASKED = (
    _PERIOD,
    _MODE,
    _COHORT,
    _text("startEvent", "Name of the event with which people begin; any when absent."),
    _text("returnEvent", "Name of the event that counts as coming back; any when absent."),
    _text("startFilters", "Further filters on the events that begin, as `filters`."),
    _text("returnFilters", "Further filters on the events that count as coming back, as `filters`."),
)
_BREAKDOWN = _text(
    "breakdown",
    f"{dimensions_text()}, of the events that begin.",
)
_PARAMETERS = (*COMMON_PARAMETERS, *_ASKED, _BREAKDOWN, _VALUES)
_DATE = _text("date", "The cohort's date, as in the answer.", required=True)
_INDEX = QueryParameter(
    "index",
    "How many periods after it; 0 is the whole cohort.",
    {"type": "integer", "minimum": 0, "maximum": MAX_PERIODS, "default": 0},
)
_COMMON_OF_PEOPLE = tuple(each for each in COMMON_PARAMETERS if each.name not in ("compare", "exact"))
_PEOPLE = (*_COMMON_OF_PEOPLE, *_ASKED, _DATE, _INDEX, LIMIT, CURSOR)


class _ReturningAsked(Asked, kw_only=True):
    """Who begins, and who comes back, when."""

    period: str | None = None
    mode: str | None = None
    cohort: str | None = None
    start_event: str | None = None
    return_event: str | None = None
    start_filters: Any = None
    return_filters: Any = None


class RetentionAsked(_ReturningAsked, kw_only=True):
    """The parameters of `retention` as a body."""

    compare: str | None = None
    exact: bool | None = None
    breakdown: str | list[str] | None = None
    limit: int | None = None


class RetainedAsked(_ReturningAsked, kw_only=True):
    """The parameters of `retention/people` as a body."""

    date: str
    index: int | None = None
    limit: int | None = None
    cursor: str | None = None


def _values_of_body(body: Asked) -> dict[str, str]:
    """A body as the same parameters in a query string. Raises InvalidInput."""
    values: dict[str, str] = {}
    for name, value in msgspec.to_builtins(body).items():
        if isinstance(value, str) or value is None:
            text = value
        elif name == "breakdown":
            text = ",".join(value)
        else:
            text = msgspec.json.encode(value).decode()
        if text == "":
            raise InvalidInput(f"{name} is empty.", field=name)
        if text is not None:
            values[name] = text
    return values


def _returning(question: Question, values: Values) -> Returning:
    """What the parameters ask beside the question. Raises InvalidInput."""
    mode, cohort = read_choice(values, _MODE), read_choice(values, _COHORT)
    people = "date" in values
    return Returning(
        mode=next(each for each in MODES if each == mode),
        cohort=next(each for each in COHORT_KINDS if each == cohort),
        starts=_events(question, values, "start"),
        returns=_events(question, values, "return"),
        dimensions=() if people else read_breakdown(values.get("breakdown"), "breakdown"),
        values=0 if people else read_integer(values, _VALUES),
    )


def _events(question: Question, values: Values, which: str) -> Condition | None:
    """The events that begin, or that count as coming back; None: any."""
    name, filters = f"{which}Event", f"{which}Filters"
    further = None
    if filters in values:
        further = question.further_condition(decoded(values[filters], filters), filters)
    return all_of(event_named(values.get(name), name), further)


def _question(call: Call, values: Values) -> Question:
    period = read_choice(values, _PERIOD)
    question = question_of(call, values)
    return replace(question, interval=next(each for each in PERIODS if each == period))


def _retention(call: Call, values: Values) -> Response:
    question = _question(call, values)
    asked = _returning(question, values)
    store, now = call.services.store, call.services.clock()
    details = [f"{name.upper()}={text}" for name, text in sorted(values.items())]
    details += [repr(each.complete) for each in frames(question, now)]
    details.append(repr(asked))  # what texts stand for now: cohorts, sliding spans
    return remembered(
        call,
        Told(question, repr(details), "anything"),
        lambda: Answer(retention(store, question, asked, now), meta_of(question)),
    )


def _people(call: Call, values: Values) -> Answer[list[CellPerson]]:
    after = read_people_cursor(values["cursor"]) if "cursor" in values else 0
    cell = Cell(read_text(values, _DATE), read_integer(values, _INDEX))
    question = _question(call, values)
    asked = _returning(question, values)
    services = call.services
    page = retained(services.store, question, asked, cell, services.clock(), after)
    return Answer(page.rows, structs.replace(meta_of(question), next_cursor=page.next_cursor))


Work = Callable[[Call, Values], Any]


def _asked_with_parameters(work: Work, parameters: tuple[QueryParameter, ...]) -> Handler:
    async def handler(call: Call) -> Any:
        return await asyncio.to_thread(work, call, values_of(call, parameters))

    return handler


def _asked_with_body(work: Work, kind: type[Asked]) -> Handler:
    async def handler(call: Call) -> Any:
        refuse_parameters(call)
        values = _values_of_body(await read_body(call.request, kind))
        return await attended(call.request, call.services, asyncio.to_thread(work, call, values))

    return handler


_EXAMPLE = RetentionAsked(
    range="3m",
    period="week",
    start_event="signup",
    return_event="purchase",
    start_filters=[{"name": "country", "operator": "is", "value": ["DE", "FR"]}],
    breakdown="referrer_type",
)
_PEOPLE_EXAMPLE = RetainedAsked(
    start_date="2026-01-01",
    end_date="2026-03-31",
    period="week",
    start_event="signup",
    date="2026-01-05",
    index=1,
)
_SUMMARY = "Who comes back, by calendar day, week or month"
_PEOPLE_SUMMARY = "The people behind a number of retention"

ROUTES: tuple[Route, ...] = (
    insight_route(
        "retention",
        _SUMMARY,
        _asked_with_parameters(_retention, _PARAMETERS),
        _PARAMETERS,
        answer=Answer[Retention],
    ),
    insight_route(
        "retention",
        f"{_SUMMARY}, asked with a body",
        _asked_with_body(_retention, RetentionAsked),
        answer=Answer[Retention],
        method="POST",
        example=_EXAMPLE,
    ),
    insight_route(
        "retention/people",
        _PEOPLE_SUMMARY,
        _asked_with_parameters(_people, _PEOPLE),
        _PEOPLE,
        answer=Answer[list[CellPerson]],
        action="people.read",
    ),
    insight_route(
        "retention/people",
        f"{_PEOPLE_SUMMARY}, asked with a body",
        _asked_with_body(_people, RetainedAsked),
        answer=Answer[list[CellPerson]],
        method="POST",
        example=_PEOPLE_EXAMPLE,
        action="people.read",
    ),
)
