"""Goals over HTTP: kept, changed, forgotten, counted."""

from typing import Any

import httpx
import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project


def send(project: Project, method: str, path: str, body: Any = None, *, read: bool = False) -> httpx.Response:
    client = project.read if read else project.root
    return project.http.request(
        method, f"/insights/{project.id}/goals{path}", json=body, headers=client.headers
    )


def keep(project: Project, **goal: Any) -> str:
    answer = send(project, "POST", "", {"name": "A goal", **goal})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["id"]


@pytest.fixture(scope="module")
def shop(inside: InProcess) -> Project:
    project = inside.project()
    for device, name, at, more in (
        ("a", "screen_view", "2026-03-10T10:00:00Z", {"path": "https://s.example/?utm_source=mail"}),
        ("a", "revenue", "2026-03-10T10:01:00Z", {"properties": {"__revenue": 900, "currency": "EUR"}}),
        ("b", "screen_view", "2026-03-10T10:00:00Z", {"path": "https://s.example/thanks/2"}),
        ("b", "screen_view", "2026-03-09T10:00:00Z", {"path": "https://s.example/thanks/2"}),
    ):
        answer = project.track(name, deviceId=device, timestamp=at, **more)
        assert answer.status_code == 200, answer.text
    project.settle()
    return project


DAY = {"startDate": "2026-03-10", "endDate": "2026-03-10"}


def test_kept_changed_and_forgotten(inside: InProcess):
    project = inside.project()
    goal_id = keep(project, event="buy", filters=[{"name": "path", "operator": "is", "value": ["/a"]}])
    (shown,) = project.ask("goals")
    assert (shown["id"], shown["name"], shown["event"], shown["page"]) == (goal_id, "A goal", "buy", None)
    assert shown["filters"][0]["name"] == "path"
    changed = send(project, "PATCH", f"/{goal_id}", {"page": "/thanks", "filters": None}).json()["data"]
    assert (changed["name"], changed["event"], changed["page"], changed["filters"]) == (
        "A goal", None, "/thanks", None,
    )  # fmt: skip
    assert send(project, "PATCH", f"/{goal_id}", {"name": "New"}).json()["data"]["page"] == "/thanks"
    assert send(project, "DELETE", f"/{goal_id}").json()["data"]["name"] == "New"
    assert project.ask("goals") == []
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", "")):
        assert send(project, method, f"/{goal_id}{path}", {}).status_code == 404


def test_another_project_has_no_such_goal(inside: InProcess):
    own, other = inside.project(), inside.project()
    goal_id = keep(own, event="buy")
    assert send(other, "GET", f"/{goal_id}").status_code == 404
    assert send(other, "DELETE", f"/{goal_id}").status_code == 404
    assert other.ask("goals") == []
    body = {"series": [{"goal": goal_id}]}
    answer = other.http.post(f"/insights/{other.id}/series", json=body, headers=other.read.headers)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "series/0/goal")


def test_counted(shop: Project):
    bought, thanked = keep(shop, event="revenue"), keep(shop, page="/thanks/*")
    found = {goal["id"]: goal for goal in shop.ask("goals", compare="previous", **DAY)}
    assert found[bought]["conversion_rate"] == 50
    assert found[bought]["revenue"] == [{"currency": "EUR", "digits": 2, "amount": 900, "orders": 1}]
    assert found[thanked]["previous"]["conversion_rate"] == 100
    assert found[thanked]["change"]["conversion_rate"] == -0.5
    one = shop.ask(f"goals/{bought}", dimension="utm_source", interval="day", **DAY)
    assert [(row["values"], row["conversion_rate"]) for row in one["rows"]] == [(["mail"], 100), ([None], 0)]
    assert [(row["date"], row["total_conversions"]) for row in one["series"]] == [("2026-03-10", 1)]
    assert "rows" not in shop.ask(f"goals/{bought}", **DAY)


def test_as_a_series(shop: Project):
    body = {**DAY, "series": [{"goal": keep(shop, page="/thanks/*"), "metric": "unique_visitors"}]}
    answer = shop.http.post(f"/insights/{shop.id}/series", json=body, headers=shop.read.headers)
    assert answer.json()["data"]["lines"][0]["total"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "event"),
        ({"event": "buy"}, "name"),
        ({"name": "", "event": "buy"}, "name"),
        ({"name": "x", "event": "buy", "page": "/"}, "event"),
        ({"name": "x", "page": "thanks"}, "page"),
        ({"name": "x", "event": 5}, "event"),
        ({"name": "x", "event": "buy", "filters": [{"name": "x"}]}, "filters/0/name"),
        ({"name": "x", "event": "buy", "more": 1}, "more"),
    ],
)
def test_what_is_no_goal(project: Project, body: dict[str, Any], field: str):
    answer = send(project, "POST", "", body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize("parameter", ["interval", "dimension", "limit", "compare", "color"])
def test_a_wrong_parameter(shop: Project, parameter: str):
    answer = shop.get(f"goals/{keep(shop, event='x')}", **{parameter: "x"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, parameter)


def test_filters_may_name_a_cohort_and_it_stays_while_a_goal_does(inside: InProcess):
    project = inside.project()
    for device, name in (("a", "vip"), ("a", "buy"), ("b", "buy")):
        project.track(name, deviceId=device, timestamp="2026-03-10T10:00:00Z")
    project.settle()
    cohorts = f"/insights/{project.id}/cohorts"
    did = {"name": "Important", "filters": [{"did": {"name": "vip"}}]}
    answer = project.http.post(cohorts, json=did, headers=project.root.headers)
    assert answer.status_code == 200, answer.text
    cohort = answer.json()["data"]["id"]
    only = [{"name": "cohort", "operator": "is", "value": [cohort]}]
    goal = keep(project, event="buy", filters=only)
    found = project.ask(f"goals/{goal}", compare="previous", dimension="name", **DAY)
    assert (found["unique_conversions"], found["visitors"]) == (1, 2)
    body = {**DAY, "compare": "previous", "series": [{"event": "buy", "filters": only}, {"goal": goal}]}
    lines = project.http.post(f"/insights/{project.id}/series", json=body, headers=project.read.headers)
    assert [line["total"] for line in lines.json()["data"]["lines"]] == [1, 1]
    refused = project.http.delete(f"{cohorts}/{cohort}", headers=project.root.headers)
    assert refused.status_code == 409, refused.text
