"""Ask a project everything the oracle can answer, and compare."""

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest

from tests.oracle.conditions import host_of_referrer, property_of, texts_of
from tests.oracle.explorers import known_profiles, properties_of
from tests.oracle.model import Event, Oracle, change, source_of
from tests.oracle.profiles import TRAITS
from tests.oracle.streams import PROFILES
from tests.support.project import Project

ROW = ("unique_visitors", "sessions", "views", "bounce_rate")
PAGE = (*ROW, "avg_time_on_page")
Answers = dict[Any, Any]


def near(wanted: dict[str, Any]) -> Answers:
    return {
        name: pytest.approx(value, rel=1e-9) if isinstance(value, int | float) else value
        for name, value in wanted.items()
    }


def keyed(rows: list[dict[str, Any]], key: str, *fields: str) -> Answers:
    assert len({row[key] for row in rows}) == len(rows), f"the same {key} twice: {rows}"
    return {row[key]: {name: row[name] for name in fields} for row in rows}


def check(question: str, found: object, wanted: object) -> None:
    assert found == wanted, f"{question}\n found  {found}\n wanted {wanted}"


def over(oracle: Oracle, start: date, end: date) -> dict[str, str]:
    """The parameters of every question: days and the oracle's filters."""
    span = {"startDate": str(start), "endDate": str(end)}
    return {**span, "filters": json.dumps(oracle.filters)} if oracle.filters else span


def whole(oracle: Oracle) -> dict[str, str]:
    return over(oracle, *oracle.days())


def before(start: date, end: date) -> tuple[date, date]:
    """As many days directly before."""
    days = end - start + timedelta(days=1)
    return start - days, end - days


def same_totals(project: Project, oracle: Oracle) -> None:
    check("metrics", project.metrics(**whole(oracle)), near(oracle.metrics(*oracle.days())))


def same_totals_of_a_part(project: Project, oracle: Oracle) -> None:
    start, end = oracle.days()
    for first, last in {(start, start), (min(start + timedelta(days=1), end), end)}:
        span = over(oracle, first, last)
        check(f"metrics {span}", project.metrics(**span), near(oracle.metrics(first, last)))


def same_totals_compared(project: Project, oracle: Oracle) -> None:
    """The last day with the one before; the whole with its first day."""
    start, end = oracle.days()
    for first, last, compare, other in (
        (end, end, "previous", before(end, end)),
        (start, end, f"{start},{start}", (start, start)),
    ):
        found = project.metrics(**over(oracle, first, last), compare=compare)
        now, then = oracle.metrics(first, last), oracle.metrics(*other)
        wanted = {**near(now), "previous": near(then), "change": near(change(now, then))}
        check(f"metrics {first}..{last} compared with {compare}", found, wanted)


def same_totals_of_a_page(project: Project, oracle: Oracle) -> None:
    filters = json.dumps([{"name": "path", "operator": "is", "value": ["/a"]}])
    wanted = oracle.metrics(*oracle.days(), lambda event: event.sent.path == "/a")
    check("metrics of /a", project.metrics(**{**whole(oracle), "filters": filters}), near(wanted))


def same_totals_of_a_campaign(project: Project, oracle: Oracle) -> None:
    filters = json.dumps([{"name": "utm_source", "operator": "is", "value": ["news"]}])
    wanted = oracle.metrics(*oracle.days(), lambda event: source_of(event) == "news")
    check("metrics of news", project.metrics(**{**whole(oracle), "filters": filters}), near(wanted))


def same_series(interval: str, project: Project, oracle: Oracle) -> None:
    start, end = oracle.days()
    last = min(end, start + timedelta(days=3)) if interval == "hour" else end
    rows = project.ask("timeseries", interval=interval, **over(oracle, start, last))
    wanted = oracle.timeseries(start, last, interval)
    check(f"{interval} labels", [row["date"] for row in rows], [row["date"] for row in wanted])
    for found, row in zip(rows, wanted, strict=True):
        numbers = {name: value for name, value in row.items() if name != "date"}
        check(f"{interval} {row['date']}", {name: found[name] for name in numbers}, near(numbers))


def same_series_compared(project: Project, oracle: Oracle) -> None:
    """Days with the days before, place by place."""
    start, end = oracle.days()
    rows = project.ask("timeseries", interval="day", compare="previous", **over(oracle, start, end))
    wanted = oracle.timeseries(start, end, "day")
    others = oracle.timeseries(*before(start, end), "day")
    for found, now, then in zip(rows, wanted, others, strict=True):
        check(f"before {now['date']}", found["previous"], near(then))
        numbers = {name: value for name, value in now.items() if name != "date"}
        check(f"change of {now['date']}", found["change"], near(change(numbers, then)))


def same_pages(mode: str, project: Project, oracle: Oracle) -> None:
    fields = (*PAGE, "title") if mode == "top" else PAGE
    found = keyed(project.ask("pages", mode=mode, limit=100, **whole(oracle)), "path", *fields)
    wanted = {path or None: near(row) for path, row in oracle.pages(*oracle.days(), mode).items()}
    check(f"{mode} pages", found, wanted)


def same_pages_of_a_part(mode: str, project: Project, oracle: Oracle) -> None:
    start, _ = oracle.days()
    found = keyed(project.ask("pages", mode=mode, limit=100, **over(oracle, start, start)), "path", *PAGE)
    rows = oracle.pages(start, start, mode)
    wanted = {path or None: near({name: row[name] for name in PAGE}) for path, row in rows.items()}
    check(f"{mode} pages of {start}", found, wanted)


def same_referrers(dimension: str, project: Project, oracle: Oracle) -> None:
    value = {"utm_source": source_of, "referrer_name": host_of_referrer}[dimension]
    rows = keyed(project.ask("referrers", dimension=dimension, limit=100, **whole(oracle)), "value", *ROW)
    counted = oracle.breakdown(*oracle.days(), lambda event: [value(event)])
    check(dimension, rows, {each: near(row) for each, row in counted.items()})


def same_breakdown(dimension: str, project: Project, oracle: Oracle) -> None:
    metrics = "unique_visitors,total_sessions,total_screen_views,bounce_rate"
    rows = project.ask("breakdown", dimension=dimension, metrics=metrics, limit=100, **whole(oracle))
    found = {json.dumps(row["values"]): [row[name] for name in metrics.split(",")] for row in rows}
    names = dimension.split(",")
    sent = {
        (name, repr(property_of(event, name))) for event in oracle.select(*oracle.days())[0] for name in names
    }

    def typed(name: str, text: str) -> Any:
        """As it was sent: 10 and "10" are one value, which is a text if any event has it as a text."""
        if not text or not name.startswith("properties.") or (name, repr(text)) in sent:
            return text or None
        return json.loads(text)

    def values(event: Event) -> list[tuple[str, ...]]:
        return list(product(*(texts_of(name, event) for name in names)))

    counted = oracle.breakdown(*oracle.days(), values)
    wanted = {
        json.dumps(list(map(typed, names, each))): [pytest.approx(row[name], rel=1e-9) for name in ROW]
        for each, row in counted.items()
    }
    assert len(found) == len(rows), f"the same values twice: {rows}"
    check(f"breakdown by {dimension}", found, wanted)


def same_sessions(project: Project, oracle: Oracle) -> None:
    """The explorer's session ids put together the same events."""
    start, end = oracle.days()
    groups: dict[str | None, set[str]] = {}
    for row in project.events(limit=1000, startDate=str(start), endDate=str(end)):
        groups.setdefault(row["sessionId"], set()).add(row["id"])
    groups.pop(None, None)
    wanted = [{event.sent.id for event in session.all_events} for session in oracle.every_session]
    check("sessions", sorted(map(sorted, groups.values())), sorted(map(sorted, wanted)))


def same_events(project: Project, oracle: Oracle) -> None:
    """The matching ones, newest first, with the properties that they were sent with."""
    events = sorted(oracle.select(*oracle.days())[0], key=lambda event: event.order, reverse=True)
    rows = project.events(limit=max(7, len(events) // 40), **whole(oracle))
    check("events", [row["id"] for row in rows], [event.sent.id for event in events])
    sent = [repr(event.sent.properties or {}) for event in events]  # True is not 1, 10.0 is not 10
    check("properties", [repr(row["properties"]) for row in rows], sent)
    check("groups", [tuple(row["groups"]) for row in rows], [event.groups for event in events])


def same_profiles(project: Project, oracle: Oracle) -> None:
    for profile in PROFILES:
        wanted = properties_of(oracle, profile)
        answer = project.get(f"profiles/{profile}")
        if profile not in known_profiles(oracle):
            check(f"profile {profile}", answer.status_code, 404)
            continue
        check(f"profile {profile}", answer.status_code, 200)
        found = answer.json()["data"]
        traits = {name: found[name] for name in TRAITS}
        check(f"traits of {profile}", traits, dict.fromkeys(TRAITS))
        check(f"properties of {profile}", found["properties"], wanted)


MODES = ("top", "entry", "exit")
QUESTIONS: dict[str, Callable[[Project, Oracle], None]] = {
    "totals": same_totals,
    "a part": same_totals_of_a_part,
    "totals compared": same_totals_compared,
    "a page": same_totals_of_a_page,
    "a campaign": same_totals_of_a_campaign,
    **{interval: partial(same_series, interval) for interval in ("hour", "day", "week", "month")},
    "days compared": same_series_compared,
    **{f"{mode} pages": partial(same_pages, mode) for mode in MODES},
    **{f"{mode} pages of a day": partial(same_pages_of_a_part, mode) for mode in MODES},
    **{dimension: partial(same_referrers, dimension) for dimension in ("utm_source", "referrer_name")},
    **{
        f"by {dimension}": partial(same_breakdown, dimension)
        for dimension in (
            "properties.plan",
            "path",
            "properties.a.b,utm_source",
            "title,profile_id",
            "group",
            "group,path",
        )
    },
    "sessions": same_sessions,
    "events": same_events,
    "profiles": same_profiles,
}
"""Everything the oracle can answer."""


def compare(project: Project, oracle: Oracle, questions: Iterable[str] = QUESTIONS) -> None:
    for question in questions:
        QUESTIONS[question](project, oracle)
