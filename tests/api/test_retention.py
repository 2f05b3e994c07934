"""Retention as it is asked: what is refused, and that parameters and a body ask the same."""

import json
from typing import Any

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project, track, view

SPAN = {"startDate": "2026-03-02", "endDate": "2026-03-04"}
HOME = [{"name": "path", "operator": "is", "value": ["/"]}]


@pytest.fixture(scope="module")
def project(inside: InProcess) -> Project:
    project = inside.project()
    project.send([track("signup", "A", "2026-03-02T10:00:00Z", id="a1", profileId="ada")])
    project.send([view("A", "2026-03-03T10:00:00Z", id="a2"), view("B", "2026-03-02T10:00:00Z", id="b1")])
    project.settle()
    return project


def ask(project: Project, path: str, body: dict[str, Any]) -> Any:
    answer = project.http.post(f"/insights/{project.id}/{path}", json=body, headers=project.read.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"period": "hour"}, "period"),
        ({"mode": "after"}, "mode"),
        ({"cohort": "all"}, "cohort"),
        ({"limit": "51"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"breakdown": "colour"}, "breakdown"),
        ({"breakdown": "path,path"}, "breakdown"),
        ({"startFilters": "[{"}, "startFilters"),
        ({"startFilters": "null"}, "startFilters"),
        ({"returnFilters": "null"}, "returnFilters"),
        ({"startFilters": '[{"name":"colour","operator":"is","value":["x"]}]'}, "startFilters/0/name"),
        ({"returnFilters": '[{"name":"path","operator":"like","value":["x"]}]'}, "returnFilters/0/operator"),
        ({"filters": "7"}, "filters"),
        ({"startEvent": "x" * 2001}, "startEvent"),
        ({"startEvent": ""}, "startEvent"),
        ({"timezone": "Mars"}, "timezone"),
        ({"start": "x"}, "start"),
        ({"startDate": "1990-01-01"}, "period"),
        ({"endDate": "2026-03-01"}, "endDate"),
        ({"compare": "x"}, "compare"),
    ],
)
def test_what_is_wrong_is_named(project: Project, wrong, field):
    answer = project.get("retention", **{**SPAN, **wrong})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field
    if "startDate" not in wrong and "endDate" not in wrong:
        body = {**SPAN, **wrong}
        answer = project.http.post(
            f"/insights/{project.id}/retention", json=body, headers=project.read.headers
        )
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "date"),
        ({"date": "2026-03-05"}, "date"),
        ({"date": "2026-03-04", "index": "1"}, "index"),
        ({"date": "2026-03-02", "index": "-1"}, "index"),
        ({"date": "2026-03-02", "cursor": "!"}, "cursor"),
        ({"date": "2026-03-02", "breakdown": "path"}, "breakdown"),
    ],
)
def test_people_of_what_is_wrong(project: Project, wrong, field):
    answer = project.get("retention/people", **{**SPAN, **wrong})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field


def test_a_body_asks_the_same(project: Project):
    asked = {**SPAN, "startEvent": "signup", "mode": "on_or_after", "compare": "previous", "limit": 5}
    texts = {"returnFilters": json.dumps(HOME), "breakdown": "name,path"}
    by_parameters = project.get("retention", **asked, **texts).json()
    by_body = ask(project, "retention", {**asked, "returnFilters": HOME, "breakdown": ["name", "path"]})
    assert by_body == by_parameters
    data = by_body["data"]
    assert [cohort["values"] for cohort in data["cohorts"]] == [[1, 1, 0], [0, 0], [0]]
    assert data["breakdown"][0]["values"] == ["signup", None]
    assert [cohort["size"] for cohort in data["previous"]["cohorts"]] == [0, 0, 0]
    assert by_body["meta"]["interval"] == "day"


def test_people_have_names(project: Project):
    asked = {**SPAN, "date": "2026-03-02", "limit": 1}
    first = project.get("retention/people", **asked).json()
    then = ask(project, "retention/people", {**asked, "cursor": first["meta"]["next_cursor"]})
    rows = [*first["data"], *then["data"]]
    assert then["meta"]["next_cursor"] is None
    known = {row["id"]: row["visitorId"] for row in project.events(**SPAN)}
    assert {row["visitorId"]: row["profileId"] for row in rows} == {known["a1"]: "ada", known["b1"]: None}


@pytest.mark.parametrize(
    "filters",
    [
        {"did": {"name": "signup"}},
        {"name": "profile.plan", "operator": "isNull"},
    ],
)
def test_filters_on_people(project: Project, filters):
    data = project.ask("retention", startFilters=json.dumps([filters]), **SPAN)
    assert data["cohorts"][0]["size"] in (1, 2)
