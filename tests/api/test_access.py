"""One table: every route × every kind of credentials → status. A route without a row fails.

Those of management have a table of their own, `test_manage_access`, and so have those of signing in,
`test_auth_access`.
"""

import time
from collections.abc import Mapping
from uuid import uuid4

import pytest

from eventlens.accounts.clients import ClientCache, Clients
from eventlens.api.app import GATEWAY_PREFIX, ROUTES
from eventlens.api.doors import DOORS
from tests.api.conftest import OpenDoor
from tests.support.inprocess import InProcess
from tests.support.people import people_of
from tests.support.project import Credentials, Project, iso

CREDENTIALS = (
    "none", "malformed id", "unknown id", "wrong secret", "no secret", "revoked",
    "write", "read", "root", "other's write", "other's read", "other's root",
    "signed out", "viewer", "editor", "admin", "owner", "outsider", "no csrf",
)  # fmt: skip  # one screen

PUBLIC: dict[str, int] = dict.fromkeys(CREDENTIALS, 200)
NOBODY: dict[str, int] = dict.fromkeys(
    ("none", "malformed id", "unknown id", "wrong secret", "no secret", "revoked"), 401
)
# People sign in to ask and to manage; events come from clients.
NO_PEOPLE: dict[str, int] = dict.fromkeys(CREDENTIALS[12:], 401)
MEMBERS = {"signed out": 401, "viewer": 200, "editor": 200, "admin": 200, "owner": 200, "outsider": 403}
EDITORS = {**MEMBERS, "viewer": 403}
# A client sends into its own project, so another project's is as good as any.
COLLECT = {**NOBODY, "write": 200, "read": 403, "root": 200}
COLLECT |= {"other's write": 200, "other's read": 403, "other's root": 200, **NO_PEOPLE}
READ = {**NOBODY, "write": 403, "read": 200, "root": 200}
READ |= {"other's write": 403, "other's read": 403, "other's root": 403, **MEMBERS, "no csrf": 200}
ASK = {**READ, "no csrf": 403}
"""A question with a body."""
ROOT = {**READ, "read": 403, **EDITORS, "no csrf": 403}
ASK_UNKNOWN = dict.fromkeys(("read", "viewer", "editor", "admin", "owner", "no csrf"), 404)
UNKNOWN = dict.fromkeys(("root", "editor", "admin", "owner"), 404)

LEGACY = COLLECT | dict.fromkeys(("write", "root", "other's write", "other's root"), 202)

TABLE: dict[str, Mapping[str, int]] = {
    "POST /track": COLLECT,
    "POST /track/": COLLECT,
    "POST /track/batch": COLLECT,
    "POST /track/batch/": COLLECT,
    "POST /identify": COLLECT,
    "POST /increment": COLLECT,
    "POST /decrement": COLLECT,
    "POST /alias": COLLECT,
    "POST /group": COLLECT,
    "POST /assign_group": COLLECT,
    "POST /replay": COLLECT,
    "GET /pixel.gif": COLLECT,
    "GET /track/device-id": COLLECT,
    "POST /event": LEGACY,
    "POST /profile": LEGACY,
    "POST /profile/increment": LEGACY,
    "POST /profile/decrement": LEGACY,
    "POST /shares/open": dict.fromkeys(CREDENTIALS, 404),
    "GET /health": PUBLIC,
    "GET /healthz/live": PUBLIC,
    "GET /healthz/ready": PUBLIC,
    "GET /healthcheck": PUBLIC,
    "GET /openapi.json": PUBLIC,
    "GET /docs": PUBLIC,
    "GET /insights/{projectId}/metrics": READ,
    "GET /insights/{projectId}/timeseries": READ,
    "GET /insights/{projectId}/pages": READ,
    "GET /insights/{projectId}/referrers": READ,
    "GET /insights/{projectId}/devices": READ,
    "GET /insights/{projectId}/geo": READ,
    "GET /insights/{projectId}/breakdown?dimension=country": READ,
    "GET /insights/{projectId}/live": READ,
    "GET /insights/{projectId}/events": READ,
    "GET /insights/{projectId}/events/names": READ,
    "GET /insights/{projectId}/properties": READ,
    "GET /insights/{projectId}/property-values?name=path": READ,
    "GET /insights/{projectId}/export/events.csv": READ,
    "GET /insights/{projectId}/export/events.json": READ,
    "GET /insights/{projectId}/export/events.ndjson": READ,
    "GET /insights/{projectId}/export/events.parquet": READ,
    "GET /insights/{projectId}/export/profiles.csv": READ,
    "GET /insights/{projectId}/export/profiles.json": READ,
    "GET /insights/{projectId}/export/profiles.ndjson": READ,
    "GET /insights/{projectId}/export/sessions.csv": READ,
    "GET /insights/{projectId}/export/sessions.json": READ,
    "GET /insights/{projectId}/export/sessions.ndjson": READ,
    "GET /insights/{projectId}/export/sessions.parquet": READ,
    "GET /insights/{projectId}/events/{id}": READ,
    "GET /insights/{projectId}/sessions": READ,
    "GET /insights/{projectId}/sessions/{id}": READ,
    "GET /insights/{projectId}/profiles": READ,
    "GET /insights/{projectId}/profiles/{id}": READ,
    "GET /insights/{projectId}/profiles/{id}/events": READ,
    "GET /insights/{projectId}/profiles/{id}/sessions": READ,
    "GET /insights/{projectId}/excluded": READ,
    "POST /insights/{projectId}/funnel": ASK,
    "POST /insights/{projectId}/funnel/people": ASK,
    "GET /insights/{projectId}/paths": READ,
    "GET /insights/{projectId}/retention": READ,
    "POST /insights/{projectId}/retention": ASK,
    "GET /insights/{projectId}/retention/people?startDate=2026-01-05&date=2026-01-05": READ,
    "POST /insights/{projectId}/retention/people": ASK,
    "GET /insights/{projectId}/revenue": READ,
    "POST /insights/{projectId}/series": ASK,
    "GET /insights/{projectId}/attribution?event=x": READ,
    "GET /insights/{projectId}/reports": READ,
    "GET /insights/{projectId}/reports/{id}": {**READ, **ASK_UNKNOWN, "root": 404},
    "GET /insights/{projectId}/web-vitals": READ,
    "GET /insights/{projectId}/errors": READ,
    "GET /insights/{projectId}/scroll-depth": READ,
    "GET /insights/{projectId}/downloads": READ,
    "GET /insights/{projectId}/outgoing-links": READ,
    "GET /insights/{projectId}/not-found": READ,
    "GET /insights/{projectId}/goals": READ,
    "POST /insights/{projectId}/goals": ROOT,
    "GET /insights/{projectId}/goals/{id}": {**READ, **ASK_UNKNOWN, "root": 404},
    "PATCH /insights/{projectId}/goals/{id}": {**ROOT, **UNKNOWN},
    "DELETE /insights/{projectId}/goals/{id}": {**ROOT, **UNKNOWN},
    "GET /insights/{projectId}/cohorts": READ,
    "POST /insights/{projectId}/cohorts": ROOT,
    "GET /insights/{projectId}/cohorts/{id}": {**READ, **ASK_UNKNOWN, "root": 404},
    "PATCH /insights/{projectId}/cohorts/{id}": {**ROOT, **UNKNOWN},
    "DELETE /insights/{projectId}/cohorts/{id}": {**ROOT, **UNKNOWN},
    "GET /insights/{projectId}/cohorts/{id}/people": {**READ, **ASK_UNKNOWN, "root": 404},
    "GET /insights/{projectId}/groups": READ,
    "GET /insights/{projectId}/groups/{id}": READ,
    "GET /insights/{projectId}/replays": READ,
    "GET /insights/{projectId}/replays/{id}": READ,
}

BODIES = {
    "insights/{projectId}/cohorts": {"name": "Buyers", "filters": [{"did": {"name": "buy"}}]},
    "insights/{projectId}/cohorts/{id}": {"name": "Customers"},
    "insights/{projectId}/goals": {"name": "Bought", "event": "buy"},
    "insights/{projectId}/goals/{id}": {"name": "Sold"},
    "insights/{projectId}/series": {"series": [{}]},
    "insights/{projectId}/funnel": {"steps": [{"name": "A"}]},
    "insights/{projectId}/funnel/people": {"steps": [{"name": "A"}], "step": 1},
    "insights/{projectId}/retention": {"period": "week"},
    "insights/{projectId}/retention/people": {
        "startDate": "2026-01-05",
        "date": "2026-01-05",
        "period": "week",
    },
    "shares/open": {"token": "none"},
    "identify": {"profileId": "p"},
    "increment": {"profileId": "p", "property": "n"},
    "decrement": {"profileId": "p", "property": "n"},
    "alias": {"profileId": "p", "alias": "q"},
    "group": {"id": "g", "type": "company", "name": "G"},
    "assign_group": {"groupIds": ["g"], "profileId": "p"},
    "replay": {
        "chunk_index": 0,
        "events_count": 1,
        "is_full_snapshot": True,
        "started_at": "2026-01-01T00:00:00Z",
        "ended_at": "2026-01-01T00:00:01Z",
        "payload": "[]",
        "sessionId": "s-1",
    },
    "event": {"name": "x"},
    "profile": {"profileId": "known", "properties": {"n": 1}},
    "profile/increment": {"profileId": "known", "property": "n"},
    "profile/decrement": {"profileId": "known", "property": "n"},
}


OTHER_TABLES = ("management", "sign-in", "watching")  # the last: by address, test_measuring


def test_every_route_has_a_row() -> None:
    routes = {f"{route.method} {route.path}" for route in ROUTES if route.tag not in OTHER_TABLES}
    routes |= {f"{door.method} {path}" for door in DOORS for path in door.paths}
    assert {row.partition("?")[0] for row in TABLE} == routes
    assert all(tuple(row) == CREDENTIALS for row in TABLE.values())


@pytest.fixture(scope="module")
def world(inside: InProcess) -> tuple[Project, dict[str, dict[str, str]]]:
    own, other = inside.project(), inside.project("Other")
    clients = Clients(inside.runtime.catalog)
    revoked, secret = clients.create(own.id, "root")
    clients.revoke(revoked.id)
    inside.runtime.worker.drain()
    wrong = "sec_" + "0" * 43
    return own, {
        "none": {},
        "malformed id": Credentials("me", own.root.secret).headers,
        "unknown id": Credentials(str(uuid4()), own.root.secret).headers,
        "wrong secret": Credentials(own.root.id, wrong).headers,
        "no secret": {"event-lens-client-id": own.root.id},
        "revoked": Credentials(revoked.id, secret).headers,
        "write": own.write.headers,
        "read": own.read.headers,
        "root": own.root.headers,
        "other's write": other.write.headers,
        "other's read": other.read.headers,
        "other's root": other.root.headers,
        **people_of(inside, own.id),
    }


@pytest.mark.parametrize("prefix", ["", GATEWAY_PREFIX])
@pytest.mark.parametrize("row", TABLE)
def test_access(
    inside: InProcess, world: tuple[Project, dict[str, dict[str, str]]], row: str, prefix: str
) -> None:
    project, credentials = world
    if row.startswith("POST /profile/"):
        for kind in ("write", "other's write"):
            known = {"profileId": "known", "properties": {"n": 1}}
            inside.http.post("/identify", json=known, headers=credentials[kind])
        inside.drain()
    if "{id}" in row:
        project.post("/identify", {"profileId": "p-1", "firstName": "P"})
        now = iso(time.time())
        chunk = {**BODIES["replay"], "sessionId": "p-1", "started_at": now, "ended_at": now}
        project.post("/replay", chunk)
        project.post("/group", {**BODIES["group"], "id": "p-1"})
        project.track("x", id="p-1", sessionId="p-1")
        inside.drain()
    method, _, path = row.partition(" ")
    url = prefix + path.format(projectId=project.id, id="p-1")
    body = BODIES.get(path.strip("/"), {"type": "track", "payload": {"name": "x"}})
    if path.startswith("/track/batch"):
        body = {"events": [body]}
    found: dict[str, int] = {}
    sent = body if method in {"POST", "PATCH"} else None
    for kind, headers in credentials.items():
        answer = inside.http.request(method, url, json=sent, headers=headers)
        found[kind] = answer.status_code
    assert found == TABLE[row]


def test_errors_of_access_have_the_shape_of_all_errors(
    inside: InProcess, world: tuple[Project, dict[str, dict[str, str]]]
) -> None:
    project, credentials = world
    for kind, code in (
        ("none", "unauthenticated"),
        ("wrong secret", "unauthenticated"),
        ("write", "forbidden"),
    ):
        answer = inside.http.get(f"/insights/{project.id}/metrics", headers=credentials[kind])
        assert answer.json()["error"]["code"] == code
        assert set(answer.json()["error"]) == {"code", "message"}


def test_no_answer_of_a_refusal_says_whether_a_project_exists(
    inside: InProcess, world: tuple[Project, dict[str, dict[str, str]]]
) -> None:
    project, credentials = world
    answers = [
        inside.http.get(f"/insights/{name}/metrics", headers=credentials["other's root"])
        for name in (project.id, "no-such-project", "%00", "..")
    ]
    assert {answer.status_code for answer in answers[:3]} == {403}
    assert answers[0].text == answers[1].text == answers[2].text


@pytest.mark.parametrize("spelling", ["event-lens", "openpanel", "mixan"])
def test_all_spellings_of_credentials_are_equal(
    inside: InProcess, world: tuple[Project, dict[str, dict[str, str]]], spelling: str
) -> None:
    project, _ = world
    headers = {f"{spelling}-client-id": project.root.id, f"{spelling}-client-secret": project.root.secret}
    assert inside.http.get(f"/insights/{project.id}/metrics", headers=headers).status_code == 200
    body = {"type": "track", "payload": {"name": "x"}}
    assert inside.http.post("/track", json=body, headers=headers).status_code == 200
    in_body = {**body, "clientId": project.write.id, "clientSecret": project.write.secret}
    assert inside.http.post("/track", json=in_body).status_code == 200
    assert inside.http.post("/track/batch", json=[in_body]).status_code == 200


def test_a_revoked_client_ends_within_the_stated_life(inside: InProcess, open_door: OpenDoor) -> None:
    now = [1_000_000]
    clients = Clients(inside.runtime.catalog)
    http = open_door(services={"clients": ClientCache(clients, lambda: now[0], life_ms=10_000)})
    project = inside.project()
    body = {"type": "track", "payload": {"name": "x"}}

    def statuses() -> tuple[int, int]:
        sent = http.post("/track", json=body, headers=project.root.headers)
        asked = http.get(f"/insights/{project.id}/metrics", headers=project.root.headers)
        return sent.status_code, asked.status_code

    assert statuses() == (200, 200)
    clients.revoke(project.root.id)
    now[0] += 7_999  # after that the cache reads ahead, and may know already
    assert statuses() == (200, 200)
    now[0] += 2_001
    assert statuses() == (401, 401)


def test_a_rotated_secret_ends_the_old_one(inside: InProcess, open_door: OpenDoor) -> None:
    now = [1_000_000]
    clients = Clients(inside.runtime.catalog)
    http = open_door(services={"clients": ClientCache(clients, lambda: now[0], life_ms=10_000)})
    project = inside.project()
    body = {"type": "track", "payload": {"name": "x"}}
    assert http.post("/track", json=body, headers=project.write.headers).status_code == 200
    fresh = Credentials(project.write.id, clients.rotate(project.write.id))
    now[0] += 10_000
    assert http.post("/track", json=body, headers=project.write.headers).status_code == 401
    assert http.post("/track", json=body, headers=fresh.headers).status_code == 200
