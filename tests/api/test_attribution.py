"""`GET …/attribution` over HTTP."""

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project


@pytest.fixture(scope="module")
def shop(inside: InProcess) -> Project:
    project = inside.project()
    for name, at, more in (
        ("screen_view", "2026-03-01T10:00:00Z", {"path": "https://s.example/?utm_source=news&utm_medium=x"}),
        ("screen_view", "2026-03-05T10:00:00Z", {"path": "https://s.example/?gclid=abc"}),
        ("screen_view", "2026-03-10T10:00:00Z", {"path": "https://s.example/"}),
        ("revenue", "2026-03-10T10:01:00Z", {"properties": {"__revenue": 900, "currency": "EUR"}}),
    ):
        answer = project.track(name, deviceId="d", timestamp=at, **more)
        assert answer.status_code == 200, answer.text
    project.settle()
    return project


DAY = {"startDate": "2026-03-10", "endDate": "2026-03-10", "event": "revenue"}


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        ({"model": "first", "dimension": "utm_source,utm_medium"}, ["news", "x"]),
        ({"model": "first", "dimension": "utm_source", "lookbackDays": "8"}, [None]),
        ({"model": "last", "dimension": "referrer_type"}, ["direct"]),
        ({"model": "last_non_direct", "dimension": "click_id_name"}, ["gclid"]),
        ({"dimension": "click_id"}, ["abc"]),
        ({}, ["Google"]),
    ],
)
def test_answers(shop: Project, asked: dict[str, str], values: list[str | None]):
    answer = shop.ask("attribution", **{**DAY, **asked})
    assert [row["values"] for row in answer["rows"]] == [values]
    assert answer["rows"][0]["revenue"] == [{"currency": "EUR", "digits": 2, "amount": 900, "orders": 1}]


def test_of_a_goal(shop: Project):
    headers = shop.root.headers
    body = {"name": "Paid", "event": "revenue"}
    goal = shop.http.post(f"/insights/{shop.id}/goals", json=body, headers=headers).json()["data"]["id"]
    days = {name: text for name, text in DAY.items() if name != "event"}
    assert shop.ask("attribution", goal=goal, **days)["conversions"] == 1
    only = '[{"name":"path","operator":"is","value":["/x"]}]'
    assert shop.ask("attribution", goal=goal, filters=only, **days)["conversions"] == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "event"),
        ({"event": "a", "goal": "b"}, "event"),
        ({"goal": "b"}, "goal"),
        ({"event": "a" * 2001}, "event"),
        ({"event": "a", "model": "linear"}, "model"),
        ({"event": "a", "dimension": "path"}, "dimension"),
        ({"event": "a", "lookbackDays": "0"}, "lookbackDays"),
        ({"event": "a", "lookbackDays": "366"}, "lookbackDays"),
        ({"event": "a", "limit": "101"}, "limit"),
        ({"event": "a", "interval": "day"}, "interval"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(project: Project, asked: dict[str, str], field: str):
    answer = project.get("attribution", **asked)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
