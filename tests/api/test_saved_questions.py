"""Saved questions: kept where they can be asked, and answered as their own route answers."""

from typing import Any

import httpx
import pytest

from eventlens.api.insights import QUESTIONS
from eventlens.api.route import Route
from eventlens.api.saved_questions import askable
from tests.support.inprocess import InProcess
from tests.support.project import Project


def manage(project: Project, method: str, path: str = "", body: Any = None) -> httpx.Response:
    url = f"/manage/projects/{project.id}/reports{path}"
    return project.http.request(method, url, json=body, headers=project.root.headers)


def keep(project: Project, **question: Any) -> str:
    answer = manage(project, "POST", body={"name": "A report", **question})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["id"]


@pytest.fixture(scope="module")
def shop(inside: InProcess) -> Project:
    project = inside.project()
    for device, name, at in (
        ("a", "screen_view", "2026-03-10T10:00:00Z"),
        ("a", "buy", "2026-03-10T10:01:00Z"),
        ("b", "screen_view", "2026-03-09T10:00:00Z"),
    ):
        answer = project.track(name, deviceId=device, timestamp=at, path="https://s.example/a")
        assert answer.status_code == 200, answer.text
    project.settle()
    return project


DAYS = {"startDate": "2026-03-09", "endDate": "2026-03-10"}


@pytest.mark.parametrize(
    ("route", "parameters"),
    [
        ("metrics", {**DAYS, "compare": "previous"}),
        ("timeseries", {**DAYS, "interval": "day"}),
        ("pages", {**DAYS, "limit": 5}),
        ("breakdown", {**DAYS, "dimension": "name", "exact": True}),
        ("events", {**DAYS, "limit": 1}),
        ("revenue", DAYS),
        ("attribution", {**DAYS, "event": "buy"}),
        ("metrics", {**DAYS, "filters": [{"name": "name", "operator": "is", "value": ["buy"]}]}),
    ],
)
def test_the_answer_is_that_of_its_route(shop: Project, route: str, parameters: dict[str, Any]):
    report = shop.get(f"reports/{keep(shop, route=route, parameters=parameters)}")
    asked = {name: value for name, value in parameters.items() if name != "filters"}
    if "exact" in asked:
        asked["exact"] = "true"
    if "filters" in parameters:
        asked["filters"] = '[{"name":"name","operator":"is","value":["buy"]}]'
    assert report.status_code == 200, report.text
    assert report.json() == shop.get(route, **asked).json()


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("series", {**DAYS, "series": [{"event": "buy"}], "formulas": [{"expression": "A * 2"}]}),
        ("funnel", {**DAYS, "steps": [{"name": "screen_view"}, {"name": "buy"}]}),
    ],
)
def test_of_a_route_with_a_body(shop: Project, route: str, body: dict[str, Any]):
    report = shop.get(f"reports/{keep(shop, route=route, body=body)}")
    direct = shop.http.post(f"/insights/{shop.id}/{route}", json=body, headers=shop.read.headers)
    assert report.status_code == 200, report.text
    assert report.json() == direct.json()


def test_the_span_may_be_asked_anew(shop: Project):
    report = keep(shop, route="metrics", parameters={"range": "today"})
    assert shop.ask(f"reports/{report}", **DAYS)["unique_visitors"] == 2
    series = keep(shop, route="series", body={"range": "today", "series": [{}]})
    answer = shop.get(
        f"reports/{series}", startDate="2026-03-10", endDate="2026-03-10", timezone="Asia/Tokyo"
    )
    assert answer.json()["data"]["lines"][0]["total"] == 2
    assert answer.json()["meta"]["timezone"] == "Asia/Tokyo"
    assert shop.get(f"reports/{report}", interval="day").json()["error"]["field"] == "interval"


def test_a_goal_is_a_question_too(shop: Project):
    url, body = f"/insights/{shop.id}/goals", {"name": "Bought", "event": "buy"}
    goal = shop.http.post(url, json=body, headers=shop.root.headers).json()["data"]["id"]
    report = keep(shop, route=f"goals/{goal}", parameters={**DAYS, "dimension": "country"})
    assert shop.ask(f"reports/{report}")["total_conversions"] == 1


def test_kept_changed_listed_and_forgotten(shop: Project):
    report = keep(shop, route="metrics", parameters=DAYS)
    assert manage(shop, "GET", f"/{report}").json()["data"]["parameters"] == DAYS
    assert manage(shop, "PATCH", f"/{report}", {"name": "New"}).json()["data"]["route"] == "metrics"
    changed = manage(shop, "PATCH", f"/{report}", {"body": {"series": [{}]}, "route": "series"}).json()[
        "data"
    ]
    assert (changed["name"], changed["route"], "parameters" in changed) == ("New", "series", False)
    named = {each["id"]: each for each in shop.ask("reports")}
    assert (named[report]["name"], named[report]["route"]) == ("New", "series")
    assert manage(shop, "DELETE", f"/{report}").status_code == 200
    assert shop.get(f"reports/{report}").status_code == 404
    assert manage(shop, "PATCH", f"/{report}", {"name": "x"}).status_code == 404


def test_another_projects_report_is_unknown(inside: InProcess, shop: Project):
    other = inside.project()
    report = keep(shop, route="metrics")
    assert other.get(f"reports/{report}").status_code == 404
    assert manage(other, "DELETE", f"/{report}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"route": "metrics"}, "name"),
        ({"name": "x"}, "route"),
        ({"name": "", "route": "metrics"}, "name"),
        ({"name": "x", "route": "nothing"}, "route"),
        ({"name": "x", "route": "../metrics"}, "route"),
        ({"name": "x", "route": "reports"}, "route"),
        ({"name": "x", "route": "export/events.csv"}, "route"),
        ({"name": "x", "route": "goals", "body": {"name": "G", "event": "e"}}, "route"),
        ({"name": "x", "route": "goals/none"}, "route"),
        ({"name": "x", "route": "series"}, "route"),
        ({"name": "x", "route": "metrics", "body": {}}, "route"),
        ({"name": "x", "route": "metrics", "body": {}, "parameters": {}}, "body"),
        ({"name": "x", "route": "metrics", "parameters": {"interval": "day"}}, "parameters/interval"),
        ({"name": "x", "route": "metrics", "parameters": {"range": None}}, "parameters/range"),
        ({"name": "x", "route": "timeseries", "parameters": {"interval": "year"}}, "parameters/interval"),
        ({"name": "x", "route": "metrics", "parameters": {"filters": [{"name": "y"}]}},
         "parameters/filters/0/name"),
        ({"name": "x", "route": "series", "body": {"series": []}}, "body/series"),
        ({"name": "x", "route": "series", "body": {"series": [{}], "formulas": [{"expression": "("}]}},
         "body/formulas/0/expression"),
        ({"name": "x", "route": "metrics", "more": 1}, "more"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_not_kept(shop: Project, body: dict[str, Any], field: str):
    answer = manage(shop, "POST", body=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field), answer.text


def test_nothing_that_changes_anything_can_be_saved():
    routes = askable(QUESTIONS)
    assert {route.access for route in routes} == {"read"}
    names = {f"{route.method} {route.path.removeprefix('/insights/{projectId}/')}" for route in routes}
    assert {"GET metrics", "POST series", "POST funnel", "GET goals/{id}"} <= names
    assert not any(name.endswith(("cohorts", "reports")) for name in names)


ASKED_WITH_A_BODY = [route for route in askable(QUESTIONS) if route.method == "POST"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("route", ASKED_WITH_A_BODY, ids=lambda route: route.path.partition("/insights/")[2])
def test_every_question_with_a_body_is_answered(shop: Project, route: Route):
    name = route.path.removeprefix("/insights/{projectId}/")
    answer = shop.get(f"reports/{keep(shop, route=name, body=route.example)}")
    assert answer.status_code == 200, answer.text
    direct = shop.http.post(
        f"/insights/{shop.id}/{name}", json=route.example, headers=shop.read.headers, timeout=30
    )
    assert answer.json()["data"] == direct.json()["data"]
