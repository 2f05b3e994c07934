"""What a root client may see and change, and when a change holds."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from eventlens.api import manage_clients
from eventlens.api.app import ROUTES
from eventlens.api.bodies import MOST_BYTES
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Credentials, Project


class Manager:
    """A project's root client at work."""

    def __init__(self, inside: InProcess, project: Project) -> None:
        self.http = inside.http
        self.project = project
        self.root = f"/manage/projects/{project.id}"

    def ask(self, method: str, path: str = "", body: Any = None, **headers: str) -> httpx.Response:
        sent = None if body is None else msgspec.json.encode(body)
        url = path if path.startswith("/manage") else self.root + path
        return self.http.request(method, url, content=sent, headers={**self.project.root.headers, **headers})

    def data(self, method: str, path: str = "", body: Any = None) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"data"}
        return answer.json()["data"]


@pytest.fixture
def manager(inside: InProcess) -> Manager:
    return Manager(inside, inside.project("Shop"))


FIREFOX = {"name": "browser", "operator": "is", "value": ["Firefox"]}


NOTE = {"at": "2026-03-02T10:00:00+01:00", "text": "Out"}


@pytest.fixture
def taken(manager: Manager) -> dict[str, str]:
    """What there is of everything that a path may name."""
    client = manager.data("POST", "/clients", {"type": "write"})
    added = manager.data("POST", "/filters", {"kind": "event", "value": "x"})
    segment = manager.data("POST", "/segments", {"name": "s", "filters": [FIREFOX]})
    report = manager.data(
        "POST", "/reports", {"name": "r", "route": "metrics", "parameters": {"range": "7d"}}
    )
    return {
        "clientId": client["id"],
        "filterId": added["id"],
        "segmentId": segment["id"],
        "reportId": report["id"],
        "projectId": manager.project.id,
        "userId": _member(manager),
        "annotationId": manager.data("POST", "/annotations", NOTE)["id"],
        "dashboardId": manager.data("POST", "/dashboards", {"name": "D"})["id"],
    }


def _member(manager: Manager) -> str:
    """Somebody invited by link, who signs up."""
    http = manager.project.http
    invited = manager.data("POST", "/invitations", {"role": "viewer"})
    token = invited["url"].partition("#token=")[2]
    body = {"token": token, "email": f"{uuid4().hex}@example.com", "password": "correct horse battery"}
    answer = http.post("/auth/sign-up", json=body)
    assert answer.status_code == 200, answer.text
    http.cookies.clear()
    return answer.json()["data"]["user"]["id"]


# --- the project ---


def test_a_project_is_shown_and_changed(manager: Manager) -> None:
    before = manager.data("GET")
    assert before["organisation_id"]
    assert set(before) - {"organisation_id"} == {
        "id", "name", "domain", "timezone", "created_at", "allow_unverified_revenue", "event_retention_days"
    }  # fmt: skip
    assert (before["name"], before["allow_unverified_revenue"]) == ("Shop", False)
    changed = manager.data(
        "PATCH", body={"name": " Café ", "domain": "https://Shop.example/x", "timezone": "Europe/Berlin"}
    )
    assert changed == {**before, "name": "Café", "domain": "shop.example", "timezone": "Europe/Berlin"}
    assert manager.data("PATCH", body={}) == changed
    assert manager.data("GET") == changed
    assert manager.data("GET", "/manage/projects") == [changed]


def test_a_new_time_zone_holds_for_the_next_question(manager: Manager) -> None:
    manager.data("PATCH", body={"timezone": "Asia/Tokyo"})
    assert manager.project.get("metrics").json()["meta"]["timezone"] == "Asia/Tokyo"


def test_whether_revenue_needs_the_secret_is_known_to_collection_at_once(
    manager: Manager, inside: InProcess
) -> None:
    filters = inside.runtime.services.filters
    assert not filters.of(manager.project.id).allow_unverified_revenue
    manager.data("PATCH", body={"allow_unverified_revenue": True})
    assert filters.of(manager.project.id).allow_unverified_revenue
    manager.data("PATCH", body={"allow_unverified_revenue": False})
    assert not filters.of(manager.project.id).allow_unverified_revenue


# --- clients ---


def sends(manager: Manager, credentials: Credentials, **headers: str) -> int:
    body = {"type": "track", "payload": {"name": "x"}}
    sent = manager.http.post(
        "/track", json=body, headers={"user-agent": BROWSER, **credentials.headers, **headers}
    )
    return sent.status_code


def asks(manager: Manager, credentials: Credentials) -> int:
    path = f"/insights/{manager.project.id}/metrics"
    return manager.http.get(path, headers=credentials.headers).status_code


def test_a_new_client_shows_its_secret_once_and_works_at_once(manager: Manager) -> None:
    made = manager.data(
        "POST", "/clients", {"type": "root", "name": " Ops ", "origins": ["https://A.example/"]}
    )
    assert UUID(made["id"]).version == 4
    assert (made["type"], made["name"], made["origins"]) == ("root", "Ops", ["https://a.example"])
    credentials = Credentials(made["id"], made.pop("secret"))
    assert (sends(manager, credentials), asks(manager, credentials)) == (200, 200)
    answer = manager.ask("GET", "/clients")
    assert made in answer.json()["data"]
    assert "secret_hash" not in answer.text
    assert "sec_" not in answer.text


def test_a_new_client_may_what_its_type_may(manager: Manager) -> None:
    for kind in ("write", "read"):
        made = manager.data("POST", "/clients", {"type": kind})
        credentials = Credentials(made["id"], made["secret"])
        assert (sends(manager, credentials), asks(manager, credentials)) == (
            (200, 403) if kind == "write" else (403, 200)
        )


def test_a_revoked_client_ends_at_once(manager: Manager) -> None:
    made = manager.data("POST", "/clients", {"type": "root"})
    credentials = Credentials(made["id"], made["secret"])
    assert (sends(manager, credentials), asks(manager, credentials)) == (200, 200)
    revoked = manager.data("DELETE", f"/clients/{made['id']}")
    assert revoked["revoked"] is True
    assert (sends(manager, credentials), asks(manager, credentials)) == (401, 401)
    assert revoked in manager.data("GET", "/clients")
    assert manager.ask("DELETE", f"/clients/{made['id']}").status_code == 404


def test_a_rotated_secret_ends_at_once(manager: Manager) -> None:
    made = manager.data("POST", "/clients", {"type": "root"})
    old = Credentials(made["id"], made["secret"])
    assert (sends(manager, old), asks(manager, old)) == (200, 200)
    fresh = Credentials(made["id"], manager.data("POST", f"/clients/{made['id']}/rotate")["secret"])
    assert (sends(manager, old), asks(manager, old)) == (401, 401)
    assert (sends(manager, fresh), asks(manager, fresh)) == (200, 200)


def test_a_rotation_with_grace_lets_both_secrets_in(manager: Manager) -> None:
    made = manager.data("POST", "/clients", {"type": "write"})
    rotate = f"/clients/{made['id']}/rotate"
    old = Credentials(made["id"], made["secret"])
    answer = manager.data("POST", rotate, {"grace_seconds": 3600})
    fresh = Credentials(made["id"], answer["secret"])
    assert answer["old_secret_taken"] is True
    assert (sends(manager, old), sends(manager, fresh)) == (200, 200)
    assert manager.data("POST", rotate, {"grace_seconds": 0})["old_secret_taken"] is False
    assert (sends(manager, old), sends(manager, fresh)) == (401, 401)


def test_the_credentials_in_use_may_rotate_themselves(manager: Manager) -> None:
    root = manager.project.root
    fresh = manager.data("POST", f"/clients/{root.id}/rotate")["secret"]
    assert manager.ask("GET").status_code == 401
    assert manager.ask("GET", **Credentials(root.id, fresh).headers).status_code == 200


def test_changed_origins_hold_at_once(manager: Manager) -> None:
    made = manager.data("POST", "/clients", {"type": "write", "origins": ["https://a.example"]})
    nobody = Credentials(made["id"], "")
    path = f"/clients/{made['id']}"

    def pages() -> list[int]:
        return [sends(manager, nobody, origin=f"https://{name}.example") for name in ("a", "b")]

    assert pages() == [200, 401]
    changed = manager.data("PATCH", path, {"origins": ["*.example", "https://b.example"], "name": "Web"})
    assert (changed["origins"], changed["name"]) == (["*.example", "https://b.example"], "Web")
    assert pages() == [200, 200]
    manager.data("PATCH", path, {"origins": []})
    assert pages() == [401, 401]
    assert manager.data("PATCH", path, {"ignore_cors_and_secret": True})["name"] == "Web"
    assert pages() == [200, 200]


# --- filters ---


def test_filters_are_added_listed_and_removed(manager: Manager, inside: InProcess) -> None:
    compiled = inside.runtime.services.filters
    added = manager.data("POST", "/filters", {"kind": "ip", "value": "203.0.113.7/24", "note": "the office"})
    assert set(added) == {"id", "project_id", "kind", "value", "note", "created_at"}
    assert (added["value"], added["note"]) == ("203.0.113.0/24", "the office")
    assert compiled.of(manager.project.id).address("203.0.113.200")
    second = manager.data("POST", "/filters", {"kind": "path", "value": "/admin/*"})
    assert manager.data("GET", "/filters") == [added, second]
    assert manager.data("POST", "/filters", {"kind": "path", "value": "/admin/*"}) == second
    assert manager.data("DELETE", f"/filters/{added['id']}") == added
    assert not compiled.of(manager.project.id).address("203.0.113.200")
    assert manager.data("GET", "/filters") == [second]


# --- bad input ---

WRONG: list[tuple[str, str, Any, str]] = [
    ("PATCH", "", {"name": ""}, "name"),
    ("PATCH", "", {"name": None}, "name"),
    ("PATCH", "", {"name": ["x"]}, "name"),
    ("PATCH", "", {"timezone": "Mars"}, "timezone"),
    ("PATCH", "", {"domain": "a b"}, "domain"),
    ("PATCH", "", {"allow_unverified_revenue": "yes"}, "allow_unverified_revenue"),
    ("PATCH", "", {"id": "other"}, "id"),
    ("PATCH", "", [], "body"),
    ("PATCH", "", "x", "body"),
    ("POST", "/filters", {}, "kind"),
    ("POST", "/filters", {"kind": "ip"}, "value"),
    ("POST", "/filters", {"kind": "country", "value": "DE"}, "kind"),
    ("POST", "/filters", {"kind": "ip", "value": "here"}, "value"),
    ("POST", "/filters", {"kind": "ip", "value": 7}, "value"),
    ("POST", "/filters", {"kind": "event", "value": "x", "note": "n" * 201}, "note"),
    ("POST", "/filters", {"kind": "event", "value": "x", "why": ""}, "why"),
    ("POST", "/clients", {"name": "x"}, "type"),
    ("POST", "/clients", {"type": "admin"}, "type"),
    ("POST", "/clients", {"type": "write", "origins": "https://a.example"}, "origins"),
    ("POST", "/clients", {"type": "write", "origins": ["https://a.example", 7]}, "origins/1"),
    ("POST", "/clients", {"type": "write", "origins": ["https://a.example", "x y"]}, "origins/1"),
    ("POST", "/clients", {"type": "write", "name": "x" * 201}, "name"),
    ("POST", "/clients", {"type": "write", "secret": "mine"}, "secret"),
    ("PATCH", "/clients/{clientId}", {"type": "root"}, "type"),
    ("PATCH", "/clients/{clientId}", {"origins": None}, "origins"),
    ("PATCH", "/clients/{clientId}", {"ignore_cors_and_secret": 1}, "ignore_cors_and_secret"),
    ("POST", "/clients/{clientId}/rotate", {"grace_seconds": -1}, "grace_seconds"),
    ("POST", "/clients/{clientId}/rotate", {"grace_seconds": 10**30}, "grace_seconds"),
    ("POST", "/clients/{clientId}/rotate", {"grace_seconds": 2_592_001}, "grace_seconds"),
    ("POST", "/clients/{clientId}/rotate", {"grace": 1}, "grace"),
    ("GET", "?limit=1", None, "limit"),
    ("DELETE", "/filters/{filterId}?force=1", None, "force"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), WRONG)
def test_bad_input_names_its_field_and_changes_nothing(
    manager: Manager, taken: dict[str, str], method: str, path: str, body: Any, field: str
) -> None:
    def state() -> list[Any]:
        return [manager.data("GET", part) for part in ("", "/clients", "/filters")]

    before = state()
    answer = manager.ask(method, path.format(**taken), body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field, answer.text
    assert field in answer.json()["error"]["message"] or field == "body"
    assert state() == before


@pytest.mark.parametrize("sent", [b"", b"{", b"\xff", b"{}{}", b"[" * 100_000, b'"\\ud800"'])
def test_what_is_no_json_is_said_to_be_none(manager: Manager, sent: bytes) -> None:
    headers = manager.project.root.headers
    answer = manager.http.patch(manager.root, content=sent, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == "body"


def test_a_body_that_is_too_large_is_refused(manager: Manager) -> None:
    answer = manager.ask("PATCH", body={"name": "x" * MOST_BYTES})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


def test_the_number_of_clients_is_bounded(
    manager: Manager, inside: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlens.accounts.clients.MOST_CLIENTS", 4)
    made = manager.data("POST", "/clients", {"type": "read"})
    refused = manager.ask("POST", "/clients", {"type": "read"})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "type")
    manager.data("DELETE", f"/clients/{made['id']}")
    manager.data("POST", "/clients", {"type": "read"})


def test_the_examples_are_taken_as_they_stand(manager: Manager, taken: dict[str, str]) -> None:
    shown = [route for route in ROUTES if route.tag == "management" and route.body is not None]
    shown = [route for route in shown if route.access == "root"]
    assert len(shown) == 17
    for route in shown:
        manager.data(route.method, route.path.format(**taken), route.example)


def test_annotations_stand_in_their_order_in_time(manager: Manager) -> None:
    later = manager.data("POST", "/annotations", NOTE)
    sooner = manager.data("POST", "/annotations", {"at": "2026-03-01T00:00:00Z", "text": " First "})
    assert later["at"] == "2026-03-02T09:00:00Z"
    listed = manager.data("GET", "/annotations")
    assert [(one["id"], one["text"]) for one in listed] == [(sooner["id"], "First"), (later["id"], "Out")]
    manager.data("PATCH", f"/annotations/{sooner['id']}", {"at": "2026-03-03T00:00:00Z"})
    assert manager.data("GET", "/annotations")[-1]["id"] == sooner["id"]
    for body, field in (
        ({"at": "2026-03-02T10:00:00", "text": "x"}, "at"),
        ({"at": "yesterday", "text": "x"}, "at"),
        ({**NOTE, "text": ""}, "text"),
        ({**NOTE, "text": "x" * 501}, "text"),
    ):
        refused = manager.ask("POST", "/annotations", body)
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, field), body


def test_a_dashboard_s_tiles_stand_on_its_grid(manager: Manager) -> None:
    tile = {"x": 6, "y": 0, "width": 6, "height": 4}
    made = manager.data("POST", "/dashboards", {"name": "D", "tiles": [tile]})
    assert made["tiles"][0].items() >= tile.items()
    assert manager.data("GET", f"/dashboards/{made['id']}") == made
    changed = manager.data("PATCH", f"/dashboards/{made['id']}", {"name": "E"})
    assert (changed["name"], changed["tiles"]) == ("E", made["tiles"])
    for tiles, field in (
        ([{**tile, "width": 7}], "tiles/0/width"),
        ([tile, {**tile, "height": 0}], "tiles/1/height"),
        ([{**tile, "report": "none"}], "tiles/0/report"),
        ([tile] * 51, "tiles"),
    ):
        refused = manager.ask("PATCH", f"/dashboards/{made['id']}", {"tiles": tiles})
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)


def test_an_unknown_client_of_a_known_project(manager: Manager) -> None:
    answer = manager.ask("PATCH", f"/clients/{uuid4()}", {"name": "x"})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_no_answer_type_can_hold_a_hash() -> None:
    for kind in (manage_clients.ClientRow, manage_clients.ClientWithSecret):
        assert not [name for name in kind.__struct_fields__ if "hash" in name]
