"""Groups, properties and what was counted apart: from the door in to the door out."""

import json
import time
from urllib.parse import quote

import pytest

from eventlens.accounts.clients import Clients
from tests.support.inprocess import InProcess
from tests.support.project import Project, iso

NOW = time.time() - 3600


@pytest.fixture
def project(inside: InProcess) -> Project:
    return inside.project()


def sent(project: Project, path: str, body: dict, **headers: str) -> None:
    answer = project.post(path, body, **headers)
    assert answer.status_code == 200, answer.text


def test_events_carry_their_groups_after_the_assignment(project: Project):
    sent(project, "/group", {"id": "acme", "type": "company", "name": "Acme", "properties": {"x": 1}})
    sent(project, "/track", {"type": "assign_group", "payload": {"groupIds": ["acme"], "profileId": "ada"}})
    sent(project, "/assign_group", {"groupIds": ["phones"], "deviceId": "phone"})
    project.track("one", profileId="ada", deviceId="desk")
    project.track("two", deviceId="phone", groups=["own"])
    project.track("three", deviceId="tv")
    project.settle()
    rows = {row["name"]: row["groups"] for row in project.ask("events")}
    assert rows == {"one": ["acme"], "two": ["own", "phones"], "three": []}
    filters = json.dumps([{"name": "group", "operator": "is", "value": ["acme", "own"]}])
    assert project.metrics(filters=filters)["total_events"] == 2
    acme = {"id": "acme", "type": "company", "name": "Acme", "members": 1}
    phones = {"id": "phones", "type": None, "name": None, "members": 1}
    assert project.ask("groups") == [acme, phones]
    assert project.ask("groups/acme") == {**acme, "properties": {"x": 1}}
    assert project.get("groups/none").status_code == 404
    assert project.get("groups/acme", limit=1).json()["error"]["field"] == "limit"
    split = project.ask("breakdown", dimension="group", metrics="total_events")
    assert {row["values"][0]: row["total_events"] for row in split} == {
        "acme": 1,
        "own": 1,
        "phones": 1,
        None: 1,
    }


@pytest.mark.parametrize("chosen", ["a/b", "/", "a b", "ü?#", "..", "%2F"])
def test_ids_may_be_any_text(project: Project, chosen: str):
    sent(project, "/group", {"id": chosen, "type": "t", "name": "Odd"})
    sent(project, "/identify", {"profileId": chosen, "firstName": "Odd"})
    piece = {"chunk_index": 0, "events_count": 1, "is_full_snapshot": True, "payload": "[]"}
    sent(project, "/replay", {**piece, "started_at": iso(NOW), "ended_at": iso(NOW), "sessionId": chosen})
    project.settle()
    written = quote(chosen, safe="").replace(".", "%2E")
    assert project.ask(f"groups/{written}")["id"] == chosen
    assert project.ask(f"profiles/{written}")["firstName"] == "Odd"
    assert len(project.ask(f"replays/{written}")) == 1


def test_types_from_the_door_in_to_the_door_out(project: Project):
    properties = {
        "number": 5,
        "decimal": 0.1,
        "flag": True,
        "text": "5",
        "list": ["a", 1, None],
        "object": {"deep.key": {'q"': -1}},
        "nothing": None,
    }
    project.track("typed", deviceId="d", properties=properties)
    project.settle()
    (row,) = project.ask("events")
    assert row["properties"] == properties
    for name in ("number", "decimal", "flag", "text", "list", "object", "nothing"):
        (split,) = project.ask("breakdown", dimension=f"properties.{name}", metrics="total_events")
        assert split["values"] == [properties[name]]
        assert type(split["values"][0]) is type(properties[name])
    path = "properties." + json.dumps(["object", "deep.key", 'q"'])
    filters = json.dumps([{"name": path, "operator": "lt", "value": [0]}])
    assert project.metrics(filters=filters)["total_events"] == 1
    (split,) = project.ask("breakdown", dimension=f"{path},name", metrics="total_events")
    assert split["values"] == [-1, "typed"]


def test_revenue_by_currency(project: Project):
    for amount, currency in ((1999, "EUR"), (1, "EUR"), (500, "USD")):
        properties = {"__revenue": amount, "currency": currency}
        project.track("revenue", deviceId="d", properties=properties)
    project.settle()
    split = project.ask("breakdown", dimension="currency", metrics="revenue")
    assert {row["values"][0]: row["revenue"] for row in split} == {"EUR": 2000, "USD": 500}
    answer = project.get("breakdown", dimension="country", metrics="revenue")
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "metrics")
    rows = project.ask("events", filters='[{"name":"revenue","operator":"gt","value":[500]}]')
    assert [row["revenue"] for row in rows] == [{"amount": 1999, "currency": "EUR"}]


def test_what_was_counted_apart(project: Project, inside: InProcess):
    for _ in range(2):
        project.track("once", id="same", deviceId="d", timestamp=iso(NOW))
    project.track("ad", deviceId="d", referrer="https://semalt.com/", timestamp=iso(NOW))
    client, _ = Clients(inside.runtime.catalog).create(project.id, "write", origins=["https://a.example"])
    answer = project.http.post(
        "/track",
        json={"type": "track", "payload": {"name": "crawl"}},
        headers={
            "event-lens-client-id": client.id,
            "origin": "https://a.example",
            "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        },
    )
    assert answer.status_code == 202
    project.settle()
    rows = {(row["reason"], row["name"]): row["count"] for row in project.ask("excluded")}
    assert rows == {("duplicate", None): 1, ("spam", "semalt.com"): 1, ("bot", "Googlebot"): 1}
    assert project.ask("excluded", startDate="2020-01-01", endDate="2020-12-31") == []
    assert project.metrics()["total_events"] == 1
