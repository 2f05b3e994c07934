"""The collection routes on a running application: what is sent through each of them is what is stored."""

from typing import Any

import pytest

from eventlens.accounts.clients import Clients
from eventlens.api.doors import PIXEL
from tests.api.conftest import OpenDoor
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Project

NODE = {"user-agent": "node"}


@pytest.fixture
def fresh(inside: InProcess) -> Project:
    """A project of a test's own."""
    return inside.project()


def view_by_pixel(project: Project, headers: dict[str, str], **query: str) -> Any:
    answer = project.http.get("/pixel.gif", params=query, headers={"user-agent": BROWSER, **headers})
    assert answer.headers["content-type"] == "image/gif"
    assert answer.content == PIXEL
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code


# --- the pixel ---


def test_pixels_are_events_each_of_its_own(fresh: Project) -> None:
    headers = fresh.write.headers
    for path in ("/a", "/b", "/b"):
        assert view_by_pixel(fresh, headers, path=path) == 200
    assert view_by_pixel(fresh, headers, name="opened", id="i", **{"properties.issue": "7"}) == 200
    fresh.settle()
    events = fresh.events()
    # The same picture asked for twice at once is one event, as with any body.
    assert sorted(event["path"] or "" for event in events) == ["", "/a", "/b"]
    opened = next(event for event in events if event["name"] == "opened")
    assert (opened["id"], opened["properties"]) == ("i", {"issue": "7"})


def test_a_pixel_is_let_in_by_the_page_it_stands_on(fresh: Project, inside: InProcess) -> None:
    client, _ = Clients(inside.runtime.catalog).create(fresh.id, "write", origins=["https://a.example"])
    for referer, status in (
        ("https://a.example/page?x=1", 200),
        ("https://a.example", 200),
        ("https://a.example.evil.example/", 401),
        ("https://a.example@evil.example/", 401),
        ("https://evil.example/https://a.example/", 401),
        ("", 401),
    ):
        headers = {"referer": referer} if referer else {}
        assert view_by_pixel(fresh, headers, clientId=client.id, path="/p") == status, referer
    assert view_by_pixel(fresh, {}, clientId="me") == 401
    assert view_by_pixel(fresh, fresh.read.headers) == 403
    assert view_by_pixel(fresh, fresh.write.headers, name="n" * 81) == 400


# --- legacy routes ---


def test_the_older_routes_take_what_they_took(fresh: Project) -> None:
    answer = fresh.post("/event", {"name": "opened", "profileId": "p", "properties": {"tab": 2}})
    assert (answer.status_code, answer.text) == (202, "ok")
    answer = fresh.post("/profile", {"profileId": "p", "firstName": "Ada", "properties": {"n": 5, "s": "x"}})
    assert (answer.status_code, answer.text) == (202, "p")
    for path in ("/profile/increment", "/profile/decrement"):
        answer = fresh.post(path, {"profileId": "nobody", "property": "n"})
        assert (answer.status_code, answer.text) == (404, "Not found")
    fresh.settle()
    for path, value in (("/profile/increment", 3), ("/profile/decrement", 1)):
        answer = fresh.post(path, {"profileId": "p", "property": "n", "value": value})
        assert (answer.status_code, answer.text) == (202, "p")
        answer = fresh.post(path, {"profileId": "p", "property": "s"})
        assert (answer.status_code, answer.text) == (400, "Not number")
        assert fresh.post(path, {"profileId": "p", "property": "new"}).status_code == 202
        wrong = fresh.post(path, {"profileId": "p", "property": "n", "value": 0})
        assert (wrong.status_code, wrong.json()["message"][:11]) == (400, "body/value ")
    fresh.settle()
    profile = fresh.ask("profiles/p")
    assert (profile["firstName"], profile["properties"]) == ("Ada", {"n": 7, "s": "x", "new": 0})
    assert [(event["name"], event["properties"]) for event in fresh.events()] == [("opened", {"tab": 2})]


# --- GET /track/device-id ---


def device(project: Project, **headers: str) -> Any:
    asked = {"user-agent": BROWSER, **project.write.headers, **headers}
    return project.http.get("/track/device-id", headers=asked)


def test_the_ids_of_a_device_are_those_of_its_next_event(fresh: Project, open_door: OpenDoor) -> None:
    before = device(fresh).json()
    assert before["message"] == "No session exists for this device id"
    assert before["sessionId"] == ""
    sent = fresh.track("x").json()
    after = device(fresh)
    assert after.json() == {
        "deviceId": sent["deviceId"],
        "sessionId": sent["sessionId"],
        "message": "current session exists for this device id",
    }
    assert before["deviceId"] == sent["deviceId"]
    assert after.headers["access-control-allow-origin"] == "*"
    refused = device(fresh, **{"user-agent": ""})
    assert (refused.status_code, refused.text) == (400, "Missing header: user-agent")
    nowhere = open_door(peer="").get(
        "/track/device-id", headers={"user-agent": BROWSER, **fresh.write.headers}
    )
    assert (nowhere.status_code, nowhere.text) == (400, "Missing ip address")


# --- groups, recordings ---


def test_groups_are_kept_and_carried(fresh: Project) -> None:
    assert fresh.post("/group", {"id": "g", "type": "company", "name": "Acme"}).json()["success"]
    assert fresh.post("/assign_group", {"groupIds": ["g"], "profileId": "p"}).json()["success"]
    fresh.settle()
    fresh.track("x", profileId="p", groups=["h"])
    fresh.settle()
    assert sorted(fresh.events()[0]["groups"]) == ["g", "h"]


def test_a_group_of_nobody_and_a_recording_of_no_session_are_refused(fresh: Project) -> None:
    chunk = {
        "chunk_index": 0,
        "events_count": 1,
        "is_full_snapshot": True,
        "payload": "[]",
        "started_at": "2026-03-01T10:00:00Z",
        "ended_at": "2026-03-01T10:00:01Z",
    }
    for path, body, field in (
        ("/assign_group", {"groupIds": ["g"]}, "profileId"),
        ("/replay", chunk, "sessionId"),
    ):
        refused = fresh.post(path, body, **NODE)
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)
        assert fresh.post(path, body).status_code == 200  # a browser has a device
        assert fresh.post(path, {**body, "profileId": "p"}, **NODE).status_code == 200
        assert fresh.post(path, {**body, "deviceId": "d"}, **NODE).status_code == 200
    assert fresh.post("/replay", {**chunk, "sessionId": "s"}, **NODE).status_code == 200


# --- idempotency-key, credentials in the body ---


def test_a_key_makes_a_retry_the_same_event(fresh: Project) -> None:
    event = {"type": "track", "payload": {"name": "x"}}
    for _ in range(2):
        fresh.post("/track", event, **{"idempotency-key": "one"})
        fresh.post("/track/batch", [event, event], **{"idempotency-key": "many"})
        fresh.settle()
    assert sorted(event["id"] for event in fresh.events()) == ["many/0", "many/1", "one"]


def test_a_beacon_brings_its_client_in_its_body(fresh: Project, inside: InProcess) -> None:
    client, _ = Clients(inside.runtime.catalog).create(fresh.id, "write", origins=["https://a.example"])
    page = {"origin": "https://a.example", "user-agent": BROWSER, "content-type": "text/plain;charset=UTF-8"}
    event = {"type": "track", "payload": {"name": "x"}}
    for path, body in (
        ("/track", event),
        ("/track/batch", {"events": [event]}),
        ("/event", {"name": "x"}),
        ("/identify", {"profileId": "p"}),
    ):
        answer = fresh.http.post(path, json={**body, "clientId": client.id}, headers=page)
        assert answer.is_success, answer.text
        assert fresh.http.post(path, json=body, headers=page).status_code == 401
