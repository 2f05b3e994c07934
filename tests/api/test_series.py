"""`POST …/series` over HTTP: the answer's shape, and what is refused."""

from typing import Any

import httpx
import pytest

from eventlens.api.insights import ROUTES
from eventlens.api.insights.asking import Asked
from eventlens.api.route import Route
from tests.support.inprocess import InProcess
from tests.support.project import Project


def post(project: Project, body: Any, **parameters: str) -> httpx.Response:
    return project.http.post(
        f"/insights/{project.id}/series", json=body, headers=project.read.headers, params=parameters
    )


@pytest.fixture(scope="module")
def shop(inside: InProcess) -> Project:
    project = inside.project(timezone="Europe/Berlin")
    for at, name in (
        ("2026-03-09T10:00:00Z", "view"),
        ("2026-03-10T10:00:00Z", "view"),
        ("2026-03-10T10:01:00Z", "buy"),
        ("2026-03-10T23:30:00Z", "buy"),
    ):
        assert project.track(name, deviceId="d", timestamp=at, properties={"price": 5}).status_code == 200
    project.settle()
    return project


def test_an_answer(shop: Project):
    body = {
        "startDate": "2026-03-10",
        "endDate": "2026-03-11",
        "interval": "day",
        "compare": "previous",
        "series": [{"event": "buy"}, {"event": "view", "hidden": True}],
        "formulas": [{"expression": "A / B", "name": "Ratio"}],
    }
    answer = post(shop, body).json()
    assert answer["data"] == {
        "dates": ["2026-03-10", "2026-03-11"],
        "previous_dates": ["2026-03-08", "2026-03-09"],
        "lines": [
            {
                "id": "A", "name": "total_events: buy", "kind": "series", "values": None, "other": False,
                "total": 2, "points": [1, 1], "previous": {"total": 0, "points": [0, 0]}, "change": None,
            },
            {
                "id": "F1", "name": "Ratio", "kind": "formula", "values": None, "other": False,
                "total": 2, "points": [1, None],
                "previous": {"total": 0, "points": [None, 0]}, "change": None,
            },
        ],
    }  # fmt: skip
    assert answer["meta"]["interval"] == "day"
    assert answer["meta"]["exact"] is True
    assert answer["meta"]["compare"]["from"] == "2026-03-08T00:00:00+01:00"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "series"),
        ({"series": [{}], "interval": "year"}, "interval"),
        ({"series": [{}], "compare": "never"}, "compare"),
        ({"series": [{}], "range": "never"}, "range"),
        ({"series": [{}], "timezone": "Mars"}, "timezone"),
        ({"series": [{}], "formulas": [{"expression": "1 +"}]}, "formulas/0/expression"),
        ({"series": [{}], "breakdown": "x"}, "breakdown"),
        ({"series": [{}], "breakdown": 5}, "breakdown"),
        ({"series": [{"metric": "x"}]}, "series/0/metric"),
        ({"series": [{"unknown": 1}]}, "series/0"),
        ({"series": [{}], "unknown": 1}, "unknown"),
        ({"series": [{}], "limit": "many"}, "limit"),
        ({"series": [{}], "interval": "minute", "range": "30d"}, "interval"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(project: Project, body: Any, field: str):
    answer = post(project, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"].startswith(field)


def test_parameters_are_in_the_body(project: Project):
    answer = post(project, {"series": [{}]}, interval="day")
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "interval")


WITH_BODY = [each for each in ROUTES if isinstance(each.body, type) and issubclass(each.body, Asked)]


@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.path.split("/", 3)[-1])
def test_every_question_with_a_body_can_be_explained(shop: Project, route: Route):
    url = route.path.format(projectId=shop.id)
    asked = [{**route.example, "explain": explain} for explain in (True, False)]
    answers = [shop.http.post(url, json=body, headers=shop.read.headers).json() for body in asked]
    statements = [answer["meta"].get("explain", {}).get("statements") for answer in answers]
    assert all("SELECT" in each["sql"] for each in statements[0])
    assert statements[1] is None
