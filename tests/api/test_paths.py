"""Paths as they are asked: what is refused, and what an answer looks like."""

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project, view

SPAN = {"startDate": "2026-03-02", "endDate": "2026-03-02"}


@pytest.fixture(scope="module")
def project(inside: InProcess) -> Project:
    project = inside.project()
    for clock, path in (("10:00", "/"), ("10:01", "/a")):
        project.send([view("A", f"2026-03-02T{clock}:00Z", path)])
    project.settle()
    return project


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"mode": "clicks"}, "mode"),
        ({"depth": "1"}, "depth"),
        ({"depth": "21"}, "depth"),
        ({"depth": "2", "start": "/", "end": "/a"}, "depth"),
        ({"limit": "0"}, "limit"),
        ({"limit": "51"}, "limit"),
        ({"start": ""}, "start"),
        ({"end": "x" * 8193}, "end"),
        ({"filters": "[1]"}, "filters/0"),
        ({"from": "/"}, "from"),
        ({"offset": "1"}, "offset"),
        ({"endDate": "2026-03-01"}, "endDate"),
    ],
)
def test_what_is_wrong_is_named(project: Project, wrong, field):
    answer = project.get("paths", **{**SPAN, **wrong})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field


def test_an_answer(project: Project):
    answer = project.get("paths", **SPAN).json()
    assert answer["data"] == {
        "sessions": 1,
        "nodes": [
            {"id": "1:/", "step": 1, "name": "/", "value": 1, "entered": 1, "dropped": 0},
            {"id": "2:/a", "step": 2, "name": "/a", "value": 1, "entered": 0, "dropped": 1},
        ],
        "links": [{"source": "1:/", "target": "2:/a", "value": 1}],
    }
    assert answer["meta"]["partial"] is False
    assert answer["meta"]["projectId"] == project.id


def test_anchors_of_which_there_are_none(project: Project):
    for anchors in ({"start": "/nowhere"}, {"end": "/nowhere"}, {"start": "/a", "end": "/"}):
        assert project.ask("paths", **SPAN, **anchors) == {"sessions": 0, "nodes": [], "links": []}


@pytest.mark.parametrize(
    ("filters", "sessions"),
    [
        ('[{"did":{"name":"screen_view","count":{"operator":"gte","value":2}}}]', 1),
        ('[{"didNot":{"name":"screen_view"}}]', 0),
        ('[{"name":"profile.plan","operator":"isNotNull"}]', 0),
        ('[{"did":{"name":"screen_view"}},{"name":"path","operator":"is","value":["/a"]}]', 1),
    ],
)
def test_filters_on_people(project: Project, filters, sessions):
    for mode in ("pages", "events"):
        assert project.ask("paths", mode=mode, filters=filters, **SPAN)["sessions"] == sessions
