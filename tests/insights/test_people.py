"""Who somebody is, through the real pipeline: merges are its business."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Event, Project, track, view

DAY = "2026-03-10"
SPAN = {"startDate": "2026-03-01", "endDate": "2026-03-31"}


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    here = InProcess(tmp_path_factory.mktemp("people") / "data")
    yield here
    here.close()


def call(kind: str, when: str, **payload: Any) -> Event:
    return {"type": kind, "payload": {"timestamp": f"{DAY}T{when}Z", **payload}}


@pytest.fixture
def project(inside: InProcess) -> Project:
    """One person with three names, two devices and a shared one; a stranger."""
    project = inside.project()
    story = [
        view("phone", f"{DAY}T10:00:00Z", "/ad?utm_source=news", referrer="https://blog.example.net/x"),
        call("identify", "10:05:00", profileId="ada", deviceId="phone", firstName="Ada",
             properties={"plan": "free", "n": {"a": 1}}),
        view("tablet", f"{DAY}T12:00:00Z", "/back", profileId="ada"),
        track("buy", None, f"{DAY}T13:00:00Z", profileId="ada@site.example"),
        call("alias", "13:05:00", profileId="ada", alias="ada@site.example"),
        call("identify", "14:00:00", profileId="ada@site.example", properties={"plan": "pro"}),
        call("increment", "14:01:00", profileId="ada@site.example", property="n.a", value=2),
        call("identify", "08:00:00", profileId="bob", deviceId="shared"),
        view("shared", f"{DAY}T15:00:00Z", "/kiosk", profileId="ada"),
        view("strange", f"{DAY}T16:00:00Z", "/x"),
        call("assign_group", "09:00:00", groupIds=["acme"], profileId="ada"),
    ]  # fmt: skip  # a story
    random.Random(3).shuffle(story)
    project.send(story)
    project.settle()
    return project


@pytest.mark.parametrize("name", ["ada", "ada@site.example", "phone", "tablet", "visitorId"])
def test_a_person_by_any_of_its_ids(project: Project, name: str):
    wanted = project.ask("profiles/ada")
    found = project.ask(f"profiles/{wanted['visitorId'] if name == 'visitorId' else name}")
    assert found == wanted
    assert (found["id"], found["identified"]) == ("ada", True)
    assert found["profileIds"] == ["ada", "ada@site.example"]
    assert set(found["deviceIds"]) >= {"phone", "tablet"}
    assert "shared" not in found["deviceIds"]
    assert found["properties"] == {"plan": "pro", "n": {"a": 3}}
    assert (found["events"], found["screenViews"]) == (4, 3)
    assert (found["firstSeen"], found["lastSeen"]) == (f"{DAY}T10:00:00+00:00", f"{DAY}T15:00:00+00:00")
    assert [group["id"] for group in found["groups"]] == ["acme"]
    touch = found["firstTouch"]
    assert (touch["entryPath"], touch["utm"]["source"], touch["referrer"]) == (
        "/ad",
        "news",
        "https://blog.example.net/x",
    )
    assert found["lastTouch"]["entryPath"] == "/kiosk"


def test_how_ids_became_one_person(project: Project):
    steps = project.ask("profiles/ada")["history"]
    told = {(step["kind"], step["profileId"], step["deviceId"] or step["alias"]): step for step in steps}
    assert told["link", "ada", "phone"]["at"] == f"{DAY}T10:05:00+00:00"
    assert told["link", "ada", "tablet"]["joined"]
    assert not told["link", "ada", "shared"]["joined"]
    assert told["alias", "ada", "ada@site.example"]["at"] == f"{DAY}T13:05:00+00:00"
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)


def test_what_a_person_did(project: Project):
    events = project.ask("profiles/ada@site.example/events", order="asc", **SPAN)
    assert [event["path"] for event in events] == ["/ad", "/back", None, "/kiosk"]
    assert len({event["visitorId"] for event in events}) == 1
    started = project.ask("profiles/phone/events", include="session_start", **SPAN)
    assert sum(event["name"] == "session_start" for event in started) >= 2
    sessions = project.ask("profiles/phone/sessions", **SPAN)
    assert {event["sessionId"] for event in events} == {row["id"] for row in sessions}
    first = project.get("profiles/ada/events", limit=3, **SPAN).json()
    rest = project.ask("profiles/ada/events", limit=3, cursor=first["meta"]["next_cursor"], **SPAN)
    assert [row["id"] for row in first["data"] + rest] == [row["id"] for row in reversed(events)]


def test_who_was_never_identified(project: Project):
    found = project.ask("profiles/strange")
    assert (found["identified"], found["profileIds"], found["deviceIds"]) == (False, [], ["strange"])
    assert found["id"] == found["visitorId"]
    assert project.ask(f"profiles/{found['id']}") == found
    assert [row["path"] for row in project.ask("profiles/strange/events", **SPAN)] == ["/x"]


def test_nobody(project: Project):
    for place in ("profiles/nobody", "profiles/0000000000000001/events", "profiles/no/body/sessions"):
        answer = project.get(place)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_ids_may_have_slashes(project: Project):
    project.send([track("x", None, f"{DAY}T10:00:00Z", profileId="org/7")])
    project.settle()
    assert project.ask("profiles/org/7")["id"] == "org/7"
    assert len(project.ask("profiles/org/7/events", **SPAN)) == 1


def test_the_list_has_each_person_once(project: Project):
    rows = project.ask("profiles", **SPAN)
    listed = {row["id"]: row for row in rows}
    assert len(listed) == len(rows)
    detail = project.ask("profiles/ada")
    for name in ("visitorId", "profileIds", "properties", "firstSeen", "lastSeen", "events", "sessions"):
        assert listed["ada"][name] == detail[name], name
    assert sum(row["events"] for row in rows) == project.metrics(**SPAN)["total_events"]
    assert sum(row["events"] > 0 for row in rows) == project.metrics(**SPAN)["unique_visitors"]
