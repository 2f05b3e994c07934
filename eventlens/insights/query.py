"""A request's parameters become a question. Every parameter that several reports share is read here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from eventlens.errors import InvalidInput
from eventlens.insights.answers import Meta, Period
from eventlens.insights.buckets import INTERVALS, MAX_BUCKETS, read_interval
from eventlens.insights.filters import OPERATORS, Find, Resolver, decoded, read_condition, within
from eventlens.insights.plan import first_event, has_identities
from eventlens.insights.question import Question
from eventlens.insights.ranges import (
    DEFAULT_RANGE,
    RANGES,
    Span,
    compared_span,
    dated_span,
    iso,
    named_span,
    read_zone,
)
from eventlens.insights.trace import Trace
from eventlens.store.base import Store

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
MAX_OFFSET = 1_000_000


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter of the query string; `schema` is a JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any]
    required: bool = False


def _text(name: str, description: str, **schema: Any) -> QueryParameter:
    return QueryParameter(name, description, {"type": "string", **schema})


TIMEZONE = _text("timezone", "IANA time zone; the project's when absent.")
RANGE_PARAMETERS: tuple[QueryParameter, ...] = (
    _text(
        "range",
        "The span by name: " + "; ".join(f"`{name}` {words}" for name, (words, _) in RANGES.items()) + ".",
        enum=list(RANGES),
        default=DEFAULT_RANGE,
    ),
    _text("startDate", "ISO date in the time zone, or ISO instant; instead of `range`."),
    _text("endDate", "ISO date (inclusive) or ISO instant (exclusive); today when absent."),
    TIMEZONE,
)
FILTERS = _text(
    "filters",
    'JSON array of `{"name","operator","value":[…]}`, also `{"and":[…]}`, `{"or":[…]}`, `{"not":…}`, '
    '`{"did":{"name","filters","count","days"}}`, `{"didNot":…}`. Names: dimensions, `properties.<key>`, '
    "`profile.<key>`, `cohort`, `segment`. Operators: "
    + ", ".join(OPERATORS) + ".",
)  # fmt: skip
EXACT = QueryParameter(
    "exact", "Count people exactly whatever it costs.", {"type": "boolean", "default": False}
)
EXPLAIN = QueryParameter(
    "explain",
    "Say in `meta.explain` what the answer was made from, and the SQL.",
    {"type": "boolean", "default": False},
)
COMPARE = _text("compare", "`previous`, `year`, or two dates `2026-01-01,2026-01-31`.")
INTERVAL = _text(
    "interval",
    f"Length of a bucket, at most {MAX_BUCKETS} of them or any number of months; one that suits when absent.",
    enum=list(INTERVALS),
)
LIMIT = QueryParameter(
    "limit",
    "Rows at most.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
)
OFFSET = QueryParameter(
    "offset", "Rows to leave out first.", {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET}
)
CURSOR = _text("cursor", "`meta.next_cursor` of the page before.")
MAX_SEARCH = 200


def search_parameter(description: str) -> QueryParameter:
    """The text that is searched for; `read_search` reads it."""
    return _text("search", description, maxLength=MAX_SEARCH)


COMMON_PARAMETERS: tuple[QueryParameter, ...] = (*RANGE_PARAMETERS, FILTERS, COMPARE, EXACT, EXPLAIN)
LIST_PARAMETERS: tuple[QueryParameter, ...] = (*COMMON_PARAMETERS, LIMIT, OFFSET)

Values = Mapping[str, str]


def check_names(given: list[tuple[str, str]], allowed: tuple[str, ...]) -> dict[str, str]:
    """The parameters by name; unknown, repeated and empty ones are refused. Raises InvalidInput."""
    values: dict[str, str] = {}
    for name, value in given:
        if name not in allowed:
            raise InvalidInput(
                f"Unknown parameter {name[:100]!r}; one of {', '.join(allowed) or 'none'}.", field=name[:100]
            )
        if name in values:
            raise InvalidInput(f"Parameter {name} is given twice.", field=name)
        if not value:
            raise InvalidInput(f"Parameter {name} is empty.", field=name)
        values[name] = value
    return values


def _nothing_saved(_kind: str, _id: str) -> None:
    """Where there is no catalog."""


def read_question(  # noqa: PLR0913  # told apart by keywords
    values: Values,
    *,
    store: Store,
    project_id: str,
    project_zone: str,
    now: int,
    interval: bool = False,
    find: Find = _nothing_saved,
    cohorts: Callable[[], list[str]] = list,
) -> Question:
    """The question that checked parameters ask at `now` (milliseconds). Raises InvalidInput.

    Asks the store whether the project has identities, and for its first event where the range is `all`;
    asks `find` for the cohorts and segments that its filters name, `cohorts` for the ids of all cohorts.
    """
    filters = decoded(values["filters"]) if "filters" in values else None
    asker = _Asker(store, project_id, project_zone, now, find, cohorts)
    return _question(values, filters, asker, interval=interval)


def read_body_question(  # noqa: PLR0913  # told apart by keywords
    values: Values,
    filters: Any,
    *,
    store: Store,
    project_id: str,
    project_zone: str,
    now: int,
    find: Find = _nothing_saved,
    cohorts: Callable[[], list[str]] = list,
) -> Question:
    """The question that a body asks: `values` as of parameters, `filters` as decoded JSON (None: none)."""
    asker = _Asker(store, project_id, project_zone, now, find, cohorts)
    return _question(values, filters, asker)


class _Asker(NamedTuple):
    """Where and when a question is asked."""

    store: Store
    project_id: str
    project_zone: str
    now: int
    find: Find
    cohorts: Callable[[], list[str]]


def _question(values: Values, filters: Any, asker: _Asker, *, interval: bool = False) -> Question:
    store, project_id, project_zone, now, find, cohorts = asker
    zone = read_zone(values.get("timezone", project_zone))
    resolver = Resolver(find, now, zone, home=read_zone(project_zone), cohorts=cohorts)
    condition = None if filters is None else read_condition(filters, "filters", resolver)
    identified = has_identities(store, project_id)
    span = _read_span(values, now, zone, lambda: first_event(store, project_id))
    compare = values.get("compare")
    compared = compared_span(compare, span, now, zone) if compare is not None else None
    return Question(
        project_id=project_id,
        span=span,
        zone=zone,
        condition=condition and within(condition, span, identified=identified),
        compared=compared,
        exact=read_flag(values, "exact"),
        identified=identified,
        interval=read_interval(values.get("interval"), span, compared) if interval else None,
        limit=read_integer(values, LIMIT),
        offset=read_integer(values, OFFSET),
        trace=Trace(wanted=read_flag(values, "explain")),
        resolver=resolver,
    )


def _read_span(values: Values, now: int, zone: ZoneInfo, first: Callable[[], int | None]) -> Span:
    start, end, name = values.get("startDate"), values.get("endDate"), values.get("range")
    if name is not None:
        if start is not None or end is not None:
            raise InvalidInput("Give either range or startDate and endDate.", field="range")
        return named_span(name, now, zone, first)
    if start is not None:
        return dated_span(start, end, now, zone)
    if end is not None:
        raise InvalidInput("endDate needs a startDate.", field="startDate")
    return named_span(DEFAULT_RANGE, now, zone, first)


def read_integer(values: Values, parameter: QueryParameter) -> int:
    """A whole number within the bounds of the parameter's schema. Raises InvalidInput."""
    low, high = parameter.schema["minimum"], parameter.schema["maximum"]
    text = values.get(parameter.name)
    if text is None:
        return parameter.schema.get("default", low)
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and low <= int(text) <= high):
        raise InvalidInput(f"{parameter.name} is a whole number from {low} to {high}.", field=parameter.name)
    return int(text)


def read_flag(values: Values, name: str) -> bool:
    """`true` or `false`; false when absent. Raises InvalidInput."""
    text = values.get(name, "false")
    if text not in ("true", "false"):
        raise InvalidInput(f"{name} is true or false.", field=name)
    return text == "true"


def read_text(values: Values, parameter: QueryParameter) -> str:
    """Any text; the schema's default when absent. Raises InvalidInput when it has none."""
    text = values.get(parameter.name, parameter.schema.get("default"))
    if text is None:
        raise InvalidInput(f"{parameter.name} is missing: {parameter.description}", field=parameter.name)
    return text


def read_search(values: Values) -> str | None:
    """What is searched for. Raises InvalidInput where it is too long."""
    search = values.get("search")
    if search is not None and len(search) > MAX_SEARCH:
        raise InvalidInput(f"search has at most {MAX_SEARCH} characters.", field="search")
    return search


def read_choice(values: Values, parameter: QueryParameter) -> str:
    """One of the schema's `enum`, its default when absent. Raises InvalidInput."""
    allowed = parameter.schema["enum"]
    text = values.get(parameter.name, parameter.schema.get("default"))
    if text is None:
        raise InvalidInput(f"{parameter.name} is missing; one of {', '.join(allowed)}.", field=parameter.name)
    if text not in allowed:
        raise InvalidInput(
            f"Unknown {parameter.name} {text[:100]!r}; one of {', '.join(allowed)}.", field=parameter.name
        )
    return text


def meta_of(question: Question) -> Meta:
    """What was asked, as every answer repeats it."""
    zone, compared = question.zone, question.compared
    meta = Meta(
        project_id=question.project_id,
        from_=iso(question.span.start, zone),
        to=iso(question.span.end, zone),
        timezone=zone.key,
        exact=question.trace.exact,
    )
    if question.trace.wanted:
        meta.explain = question.trace.explain()
    if question.interval is not None:
        meta.interval = question.interval
    if compared is not None:
        meta.compare = Period(iso(compared.start, zone), iso(compared.end, zone))
    return meta
