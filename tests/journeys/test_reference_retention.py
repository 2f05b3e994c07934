"""Retention: the published cases, through HTTP from end to end."""

import csv
import gzip
from typing import Any

import pytest

from tests.support.data import data_file, expected
from tests.support.project import Event, Project, track, view


def on(day: int) -> str:
    return f"2026-03-{day:02d}T12:00:00Z"


def visits(who: str, *days: int, **more: Any) -> list[Event]:
    """Events on days counted from 2 March."""
    return [track("seen", who, on(2 + day), **more) for day in days]


def values(project: Project, last: int, **asked: Any) -> list[list[int]]:
    span = {"startDate": "2026-03-02", "endDate": f"2026-03-{2 + last:02d}"}
    cohorts = project.ask("retention", period="day", **span, **asked)["cohorts"]
    assert [each["size"] for each in cohorts] == [each["values"][0] for each in cohorts]
    assert [each["date"] for each in cohorts] == [f"2026-03-{2 + day:02d}" for day in range(last + 1)]
    return [each["values"] for each in cohorts]


def test_case_12_recurring_cohorts(project: Project):
    project.send([*visits("p1", 0, 1, 2, 5, 6), *visits("p2", 1, 2, 3, 6)])
    project.settle()
    assert values(project, 6, cohort="recurring") == [
        [1, 1, 1, 0, 0, 1, 1],
        [2, 2, 1, 0, 1, 2],
        [2, 1, 0, 1, 2],
        [1, 0, 0, 1],
        [0, 0, 0],
        [1, 1],
        [2],
    ]


def test_case_13_the_first_event_only(project: Project):
    days = {"U1": (0, 1, 2), "U2": (0, 2), "U3": (0,), "U4": (1, 2), "U5": (1,)}
    for who, some in days.items():
        project.send(visits(who, *some, properties={"country": "NO" if who == "U3" else "DE"}))
    project.settle()
    assert values(project, 2) == [[3, 1, 2], [2, 1], [0]]
    assert values(project, 2, mode="on_or_after") == [[3, 2, 2], [2, 1], [0]]
    home = '[{"name":"properties.country","operator":"is","value":["DE"]}]'
    assert values(project, 2, filters=home) == [[2, 1, 2], [2, 1], [0]]


@pytest.mark.timeout(300)
def test_case_17_purchases_by_month(project: Project):
    figures = expected()["cdnow"]
    with gzip.open(data_file("cdnow_purchases.csv.gz"), "rt", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) == figures["published"]["transactions"]
    events = [
        track("purchase", row["customer_id"], f"{row['date']}T12:00:00Z", id=f"line-{number}")
        for number, row in enumerate(rows)
    ]
    project.send(events, size=2000)
    project.settle(120)
    span = {"startDate": "1997-01-01", "endDate": "1998-06-30"}
    found = project.ask("retention", period="month", startEvent="purchase", returnEvent="purchase", **span)
    cohorts = {each["date"][:7]: each for each in found["cohorts"]}
    assert len(cohorts) == 18
    for month, wanted in figures["monthly_cohort_active_customers"].items():
        known = [number for number in wanted if number is not None]
        assert cohorts.pop(month)["values"] == known
    assert {each["size"] for each in cohorts.values()} == {0}
    assert sum(each["size"] for each in found["cohorts"]) == figures["published"]["customers"]
    january = {**span, "period": "month", "date": "1997-01-01", "index": 1}
    people = {row["visitorId"] for row in project.pages("retention/people", limit=500, **january)}
    assert len(people) == 1157


def test_cases_as_a_body(project: Project):
    project.send([track("signup", "A", on(2)), view("A", on(3)), track("signup", "B", on(2))])
    project.settle()
    body = {"startDate": "2026-03-02", "endDate": "2026-03-03", "startEvent": "signup"}
    answer = project.http.post(
        f"/insights/{project.id}/retention",
        json={**body, "returnFilters": [{"name": "path", "operator": "is", "value": ["/"]}]},
        headers=project.read.headers,
    )
    assert answer.status_code == 200, answer.text
    assert [each["values"] for each in answer.json()["data"]["cohorts"]] == [[2, 1], [0]]
