"""`compare` on every route that takes it: aligned buckets, and sane changes where a side is zero."""

import math
from typing import Any

import msgspec
import pytest

from eventlens.api.insights import ROUTES
from tests.support.inprocess import InProcess
from tests.support.project import Project

NEEDED: dict[str, dict[str, Any]] = {
    "breakdown": {"dimension": "browser"},
    "attribution": {"event": "buy"},
}
COMPARED = sorted(
    route.path.removeprefix("/insights/{projectId}/")
    for route in ROUTES
    if route.method == "GET" and any(each.name == "compare" for each in route.parameters)
)
DAYS = {"startDate": "2026-03-10", "endDate": "2026-03-11"}
OTHERS = ("previous", "year", "2026-03-01,2026-03-09")


def see(project: Project, who: str, at: str, name: str = "screen_view", **more: Any) -> None:
    answer = project.track(name, deviceId=who, timestamp=at, path="https://s.example/a", **more)
    assert answer.status_code == 200, answer.text


def ask(project: Project, path: str, compare: str, **more: Any) -> Any:
    """The answer, with every number in it finite."""
    if "{id}" in path:
        url, body = f"/insights/{project.id}/goals", {"name": "G", "event": "buy"}
        goal = project.http.post(url, json=body, headers=project.root.headers)
        path = path.format(id=goal.json()["data"]["id"])
    answer = project.get(path, compare=compare, **{**DAYS, **NEEDED.get(path, {}), **more})
    assert answer.status_code == 200, f"{path} {compare}: {answer.text}"
    document = msgspec.json.decode(answer.content)
    assert all(math.isfinite(number) for number in numbers(document))
    return document


def numbers(document: Any) -> list[float]:
    if isinstance(document, dict):
        return [number for each in document.values() for number in numbers(each)]
    if isinstance(document, list):
        return [number for each in document for number in numbers(each)]
    return [document] if isinstance(document, int | float) else []


@pytest.fixture(scope="module")
def projects(inside: InProcess) -> dict[str, Project]:
    made = {name: inside.project() for name in ("empty", "now", "then", "both")}
    for name, project in made.items():
        for at in (["2026-03-10T10:00:00Z"] if name in ("now", "both") else []) + (
            [f"{day}T10:00:00Z" for day in ("2026-03-09", "2026-03-05", "2025-03-10")]
            if name in ("then", "both")
            else []
        ):
            see(project, "d", at)
            see(project, "d", at, "buy")
            money = {"__revenue": 5, "currency": "EUR"}
            see(project, "d", at, "revenue", properties=money)
        project.settle()
    return made


@pytest.mark.parametrize("path", COMPARED)
@pytest.mark.parametrize("compare", OTHERS)
@pytest.mark.parametrize("name", ["empty", "now", "then", "both"])
def test_every_report_is_compared(projects: dict[str, Project], path: str, compare: str, name: str):
    answer = ask(projects[name], path, compare)
    assert set(answer["meta"]["compare"]) == {"from", "to"}
    for row in answer["data"] if isinstance(answer["data"], list) else [answer["data"]]:
        if "change" in row and not row["previous"]:
            assert set(row["change"].values()) <= {None}


def test_minus_two_thirds_and_nothing_instead_of_infinity(inside: InProcess):
    """Reference case 7."""
    project = inside.project()
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    for who in ("a", "b", "c"):
        see(project, who, "2026-03-09T10:00:00Z")
    body = {
        "type": "track",
        "payload": {"name": "screen_view", "deviceId": "f", "timestamp": "2026-03-10T10:00:00Z"},
    }
    project.post("/track", body, **{"user-agent": firefox})
    project.settle()
    span = {"startDate": "2026-03-10", "endDate": "2026-03-10"}
    metrics = ask(project, "metrics", "previous", **span)["data"]
    assert metrics["change"]["unique_visitors"] == pytest.approx(-2 / 3)
    (row,) = ask(project, "breakdown", "previous", dimension="browser", **span)["data"]
    assert (row["values"], row["previous"]) == (["Firefox"], None)
    assert set(row["change"].values()) == {None}


HOURS = {"interval": "hour"}


@pytest.mark.parametrize(
    ("day", "compare", "beside"),
    [
        # 23 hours: what follows the missing one stands beside the same hour of the day before.
        ("2024-03-31", "previous", {1: 1, 3: 3, 23: 23}),
        ("2024-04-01", "previous", {1: 1, 2: None, 3: 3}),
        # 25 hours: the second of the two has nothing beside it.
        ("2024-10-27", "previous", {1: 1, 3: 3, 23: 23}),
        ("2024-10-28", "previous", {2: 2, 3: 3}),
        ("2024-10-27", "year", {3: 3}),
        ("2024-02-29", "year", {0: 0, 23: 23}),
    ],
)
def test_hours_are_compared_by_the_clock(
    inside: InProcess, day: str, compare: str, beside: dict[int, int | None]
):
    project = inside.project(timezone="Europe/Berlin")
    rows = ask(project, "timeseries", compare, startDate=day, endDate=day, **HOURS)["data"]
    found = {
        int(row["date"][11:13]): row["previous"] and int(row["previous"]["date"][11:13])
        for row in reversed(rows)
    }
    assert {hour: found[hour] for hour in beside} == beside
    if day == "2024-10-27":
        twice = [row["previous"] for row in rows if row["date"][11:13] == "02"]
        assert [each and each["date"][11:13] for each in twice] == ["02", None]


def test_days_are_compared_by_date_over_a_leap_day(inside: InProcess):
    project = inside.project()
    rows = ask(project, "timeseries", "year", startDate="2024-02-27", endDate="2024-03-02", interval="day")
    beside = {row["date"]: row["previous"] and row["previous"]["date"] for row in rows["data"]}
    assert beside == {
        "2024-02-27": "2023-02-27",
        "2024-02-28": "2023-02-28",
        "2024-02-29": None,
        "2024-03-01": "2023-03-01",
        "2024-03-02": "2023-03-02",
    }
    rows = ask(project, "timeseries", "year", startDate="2025-02-28", endDate="2025-03-01", interval="day")
    assert [row["previous"]["date"] for row in rows["data"]] == ["2024-02-28", "2024-03-01"]
    assert rows["meta"]["compare"]["to"] == "2024-03-02T00:00:00+00:00"


def test_a_leap_day_alone_is_compared_with_the_first_of_march(inside: InProcess):
    project = inside.project()
    see(project, "d", "2023-03-01T10:00:00Z")
    project.settle()
    answer = ask(project, "metrics", "year", startDate="2024-02-29", endDate="2024-02-29")
    assert answer["data"]["previous"]["unique_visitors"] == 1


@pytest.mark.parametrize("compare", ["", "next", "2026-03-09", "2026-03-09,2026-03-01", "x,y"])
def test_a_wrong_comparison(project: Project, compare: str):
    answer = project.get("metrics", compare=compare)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "compare")
