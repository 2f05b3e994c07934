"""What there is to choose from: `events/names`, `properties`, `property-values`."""

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

from eventlens.api.insights.asking import insight_route, question_of, values_of
from eventlens.api.route import Call, Handler, Route
from eventlens.errors import InvalidInput
from eventlens.insights.dimensions import MAX_PATH
from eventlens.insights.pickers import (
    KEYS_FROM,
    MATCHES,
    OF,
    PROPERTY_VALUES_FROM,
    VALUES_FROM,
    EventName,
    Picked,
    PropertyKey,
    PropertyValue,
    Sample,
    event_names,
    event_properties,
    profile_properties,
    property_values,
)
from eventlens.insights.query import (
    FILTERS,
    LIMIT,
    OFFSET,
    RANGE_PARAMETERS,
    QueryParameter,
    Values,
    meta_of,
    read_choice,
    read_search,
    read_text,
    search_parameter,
)
from eventlens.insights.question import Question
from eventlens.store.base import Store

_SEARCH = search_parameter("Only what has this text in it; upper and lower case do not matter.")
_EVENT = QueryParameter("event", "Only of events of this name.", {"type": "string"})
_OF = QueryParameter(
    "of",
    "Properties of events, or of profiles (whatever the span).",
    {"type": "string", "enum": list(OF), "default": OF[0]},
)
_NAME = QueryParameter(
    "name",
    "Any dimension, `properties.<key>`, or `profile.<key>` (whatever the span).",
    {"type": "string", "maxLength": MAX_PATH + 20},
    required=True,
)
_MATCH = QueryParameter(
    "match",
    "Where in the value the searched text is: anywhere, or at its beginning.",
    {"type": "string", "enum": list(MATCHES), "default": MATCHES[0]},
)
_SPAN = (*RANGE_PARAMETERS, FILTERS, LIMIT, OFFSET, _SEARCH)
_NAMES = _SPAN
_PROPERTIES = (*_SPAN, _EVENT, _OF)
_VALUES = (*_SPAN, _EVENT, _NAME, _MATCH)

T = TypeVar("T")


class PickerMeta(Struct, kw_only=True, rename={"project_id": "projectId", "from_": "from"}):
    """What was asked. `exact` is false where only the newest events were looked at, which `sample` counts.

    `partial`: true where a shard of the store does not answer.
    """

    project_id: str
    from_: str
    to: str
    timezone: str
    exact: bool
    sample: Sample | UnsetType = UNSET
    partial: bool | UnsetType = UNSET


class Picks(Struct, Generic[T]):
    """What there is to choose from, most frequent first."""

    data: list[T]
    meta: PickerMeta


Pick = Callable[[Store, Question, Values], Picked]


def _handler(pick: Pick, parameters: tuple[QueryParameter, ...]) -> Handler:
    async def handler(call: Call) -> Picks[Any]:
        values = values_of(call, parameters)

        def work() -> Picks[Any]:
            question = question_of(call, values)
            found = pick(call.services.store, question, values)
            meta = meta_of(question)
            return Picks(
                found.rows,
                PickerMeta(
                    project_id=meta.project_id,
                    from_=meta.from_,
                    to=meta.to,
                    timezone=meta.timezone,
                    exact=found.sample is None,
                    sample=found.sample or UNSET,
                ),
            )

        return await asyncio.to_thread(work)

    return handler


def _names(store: Store, question: Question, values: Values) -> Picked:
    return Picked(event_names(store, question, read_search(values)), None)


def _properties(store: Store, question: Question, values: Values) -> Picked:
    if read_choice(values, _OF) == "event":
        return event_properties(store, question, values.get("event"), read_search(values))
    for name in ("event", "filters"):
        if name in values:
            raise InvalidInput(f"{name} is of events; profiles have none.", field=name)
    return profile_properties(store, question, read_search(values))


def _values(store: Store, question: Question, values: Values) -> Picked:
    name = read_text(values, _NAME)
    match = read_choice(values, _MATCH)
    if name.startswith("profile."):
        for other in ("event", "filters"):
            if other in values:
                raise InvalidInput(f"{other} is of events; profiles have none.", field=other)
    return property_values(
        store,
        question,
        name,
        event=values.get("event"),
        search=read_search(values),
        match=next(each for each in MATCHES if each == match),
    )


ROUTES: tuple[Route, ...] = (
    insight_route(
        "events/names",
        "Names of events, with how many there are",
        _handler(_names, _NAMES),
        _NAMES,
        answer=Picks[EventName],
    ),
    insight_route(
        "properties",
        f"Keys of properties with their types, from the newest {KEYS_FROM:,} events",
        _handler(_properties, _PROPERTIES),
        _PROPERTIES,
        answer=Picks[PropertyKey],
    ),
    insight_route(
        "property-values",
        f"Values of a dimension or property, from the newest {VALUES_FROM:,} events "
        f"({PROPERTY_VALUES_FROM:,} for properties)",
        _handler(_values, _VALUES),
        _VALUES,
        answer=Picks[PropertyValue],
    ),
)
