"""What events and properties are called instead, and which are hidden; answers and numbers do not change."""

import time

import pytest

from eventlens.accounts.members import Place
from tests.api.test_manage import Manager
from tests.support.inprocess import InProcess
from tests.support.people import project_apart, signed_in_as

SIGNUP = {"kind": "event", "name": "signup_completed"}


@pytest.fixture(scope="module")
def manager(inside: InProcess) -> Manager:
    return Manager(inside, project_apart(inside))


def test_what_is_left_out_stays_and_what_says_nothing_is_not_kept(manager: Manager) -> None:
    plain = {**SIGNUP, "label": "", "description": "", "hidden": False}
    assert manager.data("PATCH", "/names", SIGNUP) == plain
    assert manager.data("GET", "/names") == []
    named = manager.data("PATCH", "/names", {**SIGNUP, "label": " Anmeldung ", "description": "A form\nsent"})
    assert named == {**plain, "label": "Anmeldung", "description": "A form\nsent"}
    hidden = manager.data("PATCH", "/names", {**SIGNUP, "hidden": True})
    assert hidden == {**named, "hidden": True}
    other = manager.data("PATCH", "/names", {**SIGNUP, "name": "Signup_completed ", "hidden": True})
    trait = manager.data("PATCH", "/names", {"kind": "profile", "name": "plan", "label": "Tarif"})
    assert manager.data("GET", "/names") == [other, hidden, trait]
    manager.data("PATCH", "/names", {**SIGNUP, "label": "", "description": "", "hidden": False})
    manager.ask("DELETE", "/names?kind=event&name=Signup_completed%20")
    for _ in range(2):
        assert manager.data("DELETE", "/names?kind=profile&name=plan") == {**trait, "label": ""}
    assert manager.data("GET", "/names") == []


def test_answers_keep_what_was_sent_and_count_what_is_hidden(manager: Manager, inside: InProcess) -> None:
    project = manager.project
    project.send([{"type": "track", "payload": {"name": "noise", "deviceId": "d", "timestamp": _now()}}])
    inside.drain()
    before = [project.get(route).json()["data"] for route in ("metrics", "events/names")]
    manager.data("PATCH", "/names", {"kind": "event", "name": "noise", "label": "Rauschen", "hidden": True})
    after = [project.get(route).json()["data"] for route in ("metrics", "events/names")]
    assert after == before
    assert [row["name"] for row in after[1]] == ["noise"]


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 5))


def test_a_share_link_brings_the_names_of_events(manager: Manager, inside: InProcess) -> None:
    manager.data("PATCH", "/names", {"kind": "property", "name": "cart.total", "label": "Total"})
    kept = manager.data("PATCH", "/names", {**SIGNUP, "label": "Sign-up", "description": "for us alone"})
    token = manager.data("POST", "/shares", {"name": "S"})["url"].rpartition("/share/")[2]
    told = inside.http.post("/shares/open", json={"token": token, "password": ""}).json()["data"]["names"]
    assert {**kept, "description": ""} in told
    assert {one["kind"] for one in told} == {"event"}


def test_who_changed_a_name_is_noted(manager: Manager, inside: InProcess) -> None:
    place = inside.runtime.services.people.members.place_of(manager.project.id)
    editor = signed_in_as(inside, Place(place.organisation_id), "editor")
    answer = inside.http.patch(f"{manager.root}/names", json={**SIGNUP, "label": "S"}, headers=editor)
    assert answer.status_code == 200, answer.text
    newest = manager.data("GET", "/audit")[0]
    assert newest["action"] == "PATCH /manage/projects/{projectId}/names"
    assert newest["actor_kind"] == "user"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "group"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0"}, "name"),
        ({"label": "x" * 201}, "label"),
        ({"label": "a\u202eb"}, "label"),
        ({"label": None}, "label"),
        ({"description": "x" * 501}, "description"),
        ({"hidden": "yes"}, "hidden"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(manager: Manager, change: dict[str, object], field: str) -> None:
    refused = manager.ask("PATCH", "/names", {**SIGNUP, **change})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, field), refused.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "kind"), ("kind=event", "name"), ("name=a", "kind"), ("kind=group&name=a", "kind"),
        ("kind=event&name=", "name"), ("kind=event&name=a&name=b", "name"), ("kind=event&name=a&x=1", "x"),
    ],
)  # fmt: skip  # one screen
def test_what_to_reset_is_said_whole(manager: Manager, query: str, field: str) -> None:
    refused = manager.ask("DELETE", f"/names?{query}")
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, field), refused.text


def test_their_number_is_bounded(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    held = len(manager.data("GET", "/names"))
    monkeypatch.setattr("eventlens.accounts.names.MOST", held + 1)
    kept = {"kind": "event", "name": "last", "hidden": True}
    for _ in range(2):  # what is there may change
        manager.data("PATCH", "/names", kept)
    refused = manager.ask("PATCH", "/names", {**kept, "name": "one more"})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "name")
    manager.data("PATCH", "/names", {**kept, "name": "one more", "hidden": False})  # says nothing
