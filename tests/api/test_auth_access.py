"""One table: every route of signing in × who asks → status. Nothing here is for clients."""

import pytest

from eventlens.api.app import ROUTES
from tests.support.inprocess import InProcess
from tests.support.people import add_user, people_of, sign_in

WHO = ("none", "read", "root", "signed out", "viewer", "no csrf")
SESSION = {"none": 401, "read": 403, "root": 403, "signed out": 401, "viewer": 200, "no csrf": 200}
CHANGE = {**SESSION, "no csrf": 403}


def anybody(status: int) -> dict[str, int]:
    return dict.fromkeys(WHO, status)


PASSWORD = "correct horse battery"
BODIES: dict[str, object] = {
    "POST /auth/sign-in": {"email": "nobody@example.com", "password": "x" * 300},
    "POST /auth/link": {"token": "none"},
    "POST /auth/sign-up": {"token": "none", "password": PASSWORD},
    "POST /auth/new-password": {"token": "none", "password": PASSWORD},
    "POST /auth/invitations/accept": {"token": "none"},
    "PATCH /auth/me": {"name": "Ada"},
    "POST /auth/forgotten": {"email": "nobody@example.com"},
    "POST /auth/me/two-factor": {"password": ""},
    "POST /auth/me/two-factor/confirm": {"code": "1"},
    "POST /auth/me/two-factor/off": {"password": "", "code": ""},
    "POST /auth/tokens": {"name": "T", "scopes": ["read"]},
    "POST /auth/me/password": {"password": "", "new_password": PASSWORD},
    "POST /auth/me/delete": {"password": ""},
    "POST /auth/oauth/{provider}": {},
    "POST /auth/second-factor": {"ticket": "none", "code": "1"},
}
TABLE: dict[str, dict[str, int]] = {
    "POST /auth/sign-in": anybody(401),
    "POST /auth/link": anybody(404),
    "POST /auth/sign-up": anybody(404),
    "POST /auth/new-password": anybody(404),
    "GET /auth/options": anybody(200),
    "POST /auth/oauth/{provider}": anybody(404),
    "GET /auth/oauth/{provider}/callback": anybody(303),
    "POST /auth/second-factor": anybody(401),
    "GET /auth/identities": SESSION,
    "POST /auth/identities/{provider}": {**CHANGE, "viewer": 404},
    "DELETE /auth/identities/{provider}": {**CHANGE, "viewer": 404},
    "POST /auth/forgotten": anybody(200),
    "POST /auth/me/two-factor": CHANGE,
    "POST /auth/me/two-factor/confirm": {**CHANGE, "viewer": 409},
    "POST /auth/me/two-factor/off": CHANGE,
    "GET /auth/tokens": SESSION,
    "POST /auth/tokens": CHANGE,
    "DELETE /auth/tokens/{tokenId}": CHANGE,
    "GET /auth/audit": SESSION,
    "POST /auth/sign-out": CHANGE,
    "POST /auth/invitations/accept": {**CHANGE, "viewer": 404},
    "GET /auth/me": SESSION,
    "PATCH /auth/me": CHANGE,
    "POST /auth/me/password": CHANGE,
    "POST /auth/me/delete": CHANGE,
    "GET /auth/sessions": SESSION,
    "DELETE /auth/sessions": CHANGE,
    "DELETE /auth/sessions/{sessionId}": CHANGE,
}


def test_every_route_has_a_row() -> None:
    assert set(TABLE) == {f"{route.method} {route.path}" for route in ROUTES if route.tag == "sign-in"}
    assert all(tuple(row) == WHO for row in TABLE.values())


@pytest.mark.parametrize("row", TABLE)
def test_access(inside: InProcess, row: str) -> None:
    project = inside.project()
    people = people_of(inside, project.id)
    user = add_user(inside)
    viewer = sign_in(inside, user)
    sign_in(inside, user)
    ended = inside.runtime.services.people.sign_ins.list(user.id)[-1].id
    token = inside.runtime.services.people.api_tokens.create(user.id, "T", ["read"], None)[0].id
    credentials = {
        "none": {},
        "read": project.read.headers,
        "root": project.root.headers,
        "signed out": people["signed out"],
        "viewer": viewer,
        "no csrf": people["no csrf"],
    }
    method, _, path = row.partition(" ")
    found: dict[str, int] = {}
    for who, headers in credentials.items():
        url = path.format(sessionId=ended, tokenId=token, provider="none")
        found[who] = inside.http.request(method, url, json=BODIES.get(row), headers=headers).status_code
    assert found == TABLE[row]


@pytest.mark.parametrize("row", [row for row in TABLE if "Id}" in row])
def test_another_user_s_things_cannot_be_told_from_none(inside: InProcess, row: str) -> None:
    other = add_user(inside)
    sign_in(inside, other)
    theirs = inside.runtime.services.people.sign_ins.list(other.id)[0].id
    token, _ = inside.runtime.services.people.api_tokens.create(other.id, "T", ["read"], None)
    theirs = token.id if "tokenId" in row else theirs
    headers = sign_in(inside, add_user(inside))
    method, _, path = row.partition(" ")
    answers = [
        inside.http.request(method, path.format(sessionId=name, tokenId=name), headers=headers)
        for name in (theirs, "none", "%00%ff", "x" * 500)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert len(inside.runtime.services.people.sign_ins.list(other.id)) == 1
