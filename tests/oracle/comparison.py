"""Ask a project everything the oracle can answer, and compare."""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.oracle.model import Event, Oracle, referrer_of, source_of
from tests.support.project import Project

ROW = ("unique_visitors", "sessions", "views", "bounce_rate")
Answers = dict[Any, Any]


def near(wanted: dict[str, float]) -> Answers:
    return {name: pytest.approx(value, rel=1e-9) for name, value in wanted.items()}


def keyed(rows: list[dict[str, Any]], key: str, *fields: str) -> Answers:
    assert len({row[key] for row in rows}) == len(rows), f"the same {key} twice: {rows}"
    return {row[key]: {name: row[name] for name in fields} for row in rows}


def check(question: str, found: object, wanted: object) -> None:
    assert found == wanted, f"{question}\n found  {found}\n wanted {wanted}"


def host_of_referrer(event: Event) -> str | None:
    return urlsplit(referrer_of(event) or "").hostname


def whole(oracle: Oracle) -> dict[str, str]:
    start, end = oracle.days()
    return {"startDate": str(start), "endDate": str(end)}


def same_totals(project: Project, oracle: Oracle) -> None:
    check("metrics", project.metrics(**whole(oracle)), near(oracle.metrics(*oracle.days())))


def same_totals_of_a_part(project: Project, oracle: Oracle) -> None:
    start, end = oracle.days()
    for first, last in {(start, start), (min(start + timedelta(days=1), end), end)}:
        span = {"startDate": str(first), "endDate": str(last)}
        check(f"metrics {span}", project.metrics(**span), near(oracle.metrics(first, last)))


def same_totals_of_a_page(project: Project, oracle: Oracle) -> None:
    filters = json.dumps([{"name": "path", "operator": "is", "value": ["/a"]}])
    wanted = oracle.metrics(*oracle.days(), lambda event: event.sent.path == "/a")
    check("metrics of /a", project.metrics(filters=filters, **whole(oracle)), near(wanted))


def same_totals_of_a_campaign(project: Project, oracle: Oracle) -> None:
    filters = json.dumps([{"name": "utm_source", "operator": "is", "value": ["news"]}])
    wanted = oracle.metrics(*oracle.days(), lambda event: source_of(event) == "news")
    check("metrics of news", project.metrics(filters=filters, **whole(oracle)), near(wanted))


def same_series(interval: str, project: Project, oracle: Oracle) -> None:
    start, end = oracle.days()
    last = min(end, start + timedelta(days=3)) if interval == "hour" else end
    rows = project.ask("timeseries", interval=interval, startDate=str(start), endDate=str(last))
    wanted = oracle.timeseries(start, last, interval)
    check(f"{interval} labels", [row["date"] for row in rows], [row["date"] for row in wanted])
    for found, row in zip(rows, wanted, strict=True):
        numbers = {name: value for name, value in row.items() if name != "date"}
        check(f"{interval} {row['date']}", {name: found[name] for name in numbers}, near(numbers))


def same_pages(project: Project, oracle: Oracle) -> None:
    wanted = {path: near(row) for path, row in oracle.top_pages(*oracle.days()).items()}
    check("pages", keyed(project.ask("pages", mode="top", limit=100, **whole(oracle)), "path", *ROW), wanted)


def same_edge_pages(mode: str, project: Project, oracle: Oracle) -> None:
    found = keyed(project.ask("pages", mode=mode, limit=100, **whole(oracle)), "path", "sessions")
    counts = oracle.edge_pages(*oracle.days(), {"entry": 0, "exit": -1}[mode])
    check(mode, found, {path: {"sessions": count} for path, count in counts.items()})


def same_referrers(dimension: str, project: Project, oracle: Oracle) -> None:
    value = {"utm_source": source_of, "referrer_name": host_of_referrer}[dimension]
    rows = keyed(project.ask("referrers", dimension=dimension, limit=100, **whole(oracle)), "value", *ROW)
    wanted = {each: near(row) for each, row in oracle.breakdown(*oracle.days(), value).items()}
    check(dimension, rows, wanted)


def same_sessions(project: Project, oracle: Oracle) -> None:
    """The explorer's session ids put together the same events."""
    groups: dict[str | None, set[str]] = {}
    for row in project.events(limit=1000, **whole(oracle)):
        groups.setdefault(row["sessionId"], set()).add(row["id"])
    groups.pop(None, None)
    wanted = [{event.sent.id for event in session.all_events} for session in oracle.every_session]
    check("sessions", sorted(map(sorted, groups.values())), sorted(map(sorted, wanted)))


QUESTIONS: dict[str, Callable[[Project, Oracle], None]] = {
    "totals": same_totals,
    "a part": same_totals_of_a_part,
    "a page": same_totals_of_a_page,
    "a campaign": same_totals_of_a_campaign,
    **{interval: partial(same_series, interval) for interval in ("hour", "day", "week", "month")},
    "pages": same_pages,
    **{mode: partial(same_edge_pages, mode) for mode in ("entry", "exit")},
    **{dimension: partial(same_referrers, dimension) for dimension in ("utm_source", "referrer_name")},
    "sessions": same_sessions,
}
"""Everything the oracle can answer."""


def compare(project: Project, oracle: Oracle, questions: Iterable[str] = QUESTIONS) -> None:
    for question in questions:
        QUESTIONS[question](project, oracle)
