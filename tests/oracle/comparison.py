"""Ask a project everything the oracle can answer, and compare."""

import json
from datetime import timedelta
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


def compare_totals(project: Project, oracle: Oracle) -> None:
    start, end = oracle.days()
    for first, last in ((start, end), (start, start), (end, end), (start + timedelta(days=1), end)):
        if first <= last:
            span = {"startDate": str(first), "endDate": str(last)}
            check(f"metrics {span}", project.metrics(**span), near(oracle.metrics(first, last)))
    span = {"startDate": str(start), "endDate": str(end)}
    filters = json.dumps([{"name": "path", "operator": "is", "value": ["/a"]}])
    wanted = oracle.metrics(start, end, lambda event: event.sent.path == "/a")
    check("metrics of /a", project.metrics(filters=filters, **span), near(wanted))
    filters = json.dumps([{"name": "utm_source", "operator": "is", "value": ["news"]}])
    wanted = oracle.metrics(start, end, lambda event: source_of(event) == "news")
    check("metrics of news", project.metrics(filters=filters, **span), near(wanted))


def compare_timeseries(project: Project, oracle: Oracle) -> None:
    start, end = oracle.days()
    intervals = {"day": end, "week": end, "month": end, "hour": min(end, start + timedelta(days=3))}
    for interval, last in intervals.items():
        rows = project.ask("timeseries", interval=interval, startDate=str(start), endDate=str(last))
        wanted = oracle.timeseries(start, last, interval)
        check(f"{interval} labels", [row["date"] for row in rows], [row["date"] for row in wanted])
        for found, row in zip(rows, wanted, strict=True):
            numbers = {name: value for name, value in row.items() if name != "date"}
            check(f"{interval} {row['date']}", {name: found[name] for name in numbers}, near(numbers))


def compare_pages(project: Project, oracle: Oracle) -> None:
    start, end = oracle.days()
    span = {"startDate": str(start), "endDate": str(end), "limit": 100}
    wanted = {path: near(row) for path, row in oracle.top_pages(start, end).items()}
    check("pages", keyed(project.ask("pages", mode="top", **span), "path", *ROW), wanted)
    for mode, position in (("entry", 0), ("exit", -1)):
        found = keyed(project.ask("pages", mode=mode, **span), "path", "sessions")
        counts = oracle.edge_pages(start, end, position)
        check(mode, found, {path: {"sessions": count} for path, count in counts.items()})


def compare_referrers(project: Project, oracle: Oracle) -> None:
    start, end = oracle.days()
    span = {"startDate": str(start), "endDate": str(end), "limit": 100}
    for dimension, value in (("utm_source", source_of), ("referrer_name", host_of_referrer)):
        rows = keyed(project.ask("referrers", dimension=dimension, **span), "value", *ROW)
        wanted = {each: near(row) for each, row in oracle.breakdown(start, end, value).items()}
        check(dimension, rows, wanted)


def compare_sessions(project: Project, oracle: Oracle) -> None:
    """The explorer's session ids put together the same events."""
    start, end = oracle.days()
    groups: dict[str | None, set[str]] = {}
    for row in project.events(startDate=str(start), endDate=str(end), limit=100):
        groups.setdefault(row["sessionId"], set()).add(row["id"])
    groups.pop(None, None)
    wanted = [{event.sent.id for event in session.events} for session in oracle.every_session]
    check("sessions", sorted(map(sorted, groups.values())), sorted(map(sorted, wanted)))


COMPARISONS = (compare_totals, compare_timeseries, compare_pages, compare_referrers, compare_sessions)


def compare_all(project: Project, oracle: Oracle) -> None:
    for compare in COMPARISONS:
        compare(project, oracle)
