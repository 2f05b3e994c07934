"""The second factor, personal tokens, forgotten passwords, the audit log."""

import re
import time
from base64 import b32decode
from collections.abc import Iterator

import pytest

from eventlens.accounts.mail import Mail
from eventlens.accounts.members import Place
from eventlens.accounts.people import People
from eventlens.accounts.two_factor import code_of
from tests.api.conftest import OpenDoor
from tests.api.test_auth import PASSWORD, Browser, with_password
from tests.support.inprocess import InProcess
from tests.support.mailbox import Mailbox
from tests.support.people import add_user, make_member, project_apart, sign_in


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    server = Mailbox()
    yield server
    server.close()


def mailing(inside: InProcess, mailbox: Mailbox) -> People:
    people = inside.runtime.services.people
    fields = {name: getattr(people, name) for name in People.__dataclass_fields__}
    return People(**{**fields, "mail": Mail(mailbox.url, "localhost")})


def test_a_second_factor_from_its_begin_to_its_end(inside: InProcess, open_door: OpenDoor) -> None:
    browser, other = Browser(open_door()), Browser(open_door())
    email = "totp@example.com"
    with_password(inside, browser, email)
    assert browser.post("/auth/me/two-factor", {"password": "wrong"}).status_code == 400
    begun = browser.post("/auth/me/two-factor", {"password": PASSWORD}).json()["data"]
    assert begun["url"].startswith("otpauth://totp/Event%20Lens%3Atotp%40example.com?secret=")
    secret = b32decode(begun["secret"])
    signing = {"email": email, "password": PASSWORD}
    assert other.post("/auth/sign-in", signing).status_code == 200, "not confirmed: it protects nothing"
    assert browser.post("/auth/me/two-factor/confirm", {"code": "000000"}).status_code in (400, 200)
    step = int(time.time()) // 30
    confirmed = browser.post("/auth/me/two-factor/confirm", {"code": code_of(secret, step)})
    assert confirmed.status_code == 200, confirmed.text
    codes = confirmed.json()["data"]["recovery_codes"]
    assert len(set(codes)) == 10
    assert browser.get("/auth/me").json()["data"]["user"]["two_factor"] is True
    for wrong in ({}, {"code": "000000"}, {"code": code_of(secret, step)}):  # the last was used
        answer = other.post("/auth/sign-in", {**signing, **wrong})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "two_factor"), wrong
    password_first = other.post("/auth/sign-in", {"email": email, "password": "x", "code": codes[0]})
    assert password_first.json()["error"]["code"] == "unauthenticated"
    assert other.post("/auth/sign-in", {**signing, "code": code_of(secret, step + 1)}).status_code == 200
    assert other.post("/auth/sign-in", {**signing, "code": codes[0].upper()}).status_code == 200
    again = other.post("/auth/sign-in", {**signing, "code": codes[0]})
    assert again.status_code == 401, "a recovery code is taken once"
    kept = inside.runtime.services.settings.data / "catalog.db"
    assert begun["secret"].encode() not in kept.read_bytes()
    off = browser.post("/auth/me/two-factor/off", {"password": PASSWORD, "code": codes[1]})
    assert off.status_code == 200, off.text
    assert browser.get("/auth/me").json()["data"]["user"]["two_factor"] is False


def test_a_forgotten_password_is_replaced_by_mail(
    inside: InProcess, open_door: OpenDoor, mailbox: Mailbox
) -> None:
    people = mailing(inside, mailbox)
    browser = Browser(open_door(services={"people": people}))
    with_password(inside, browser, "forgot@example.com")
    assert browser.get("/auth/options").json()["data"]["mail"] is True
    answers = [
        browser.post("/auth/forgotten", {"email": email})
        for email in ("nobody@example.com", "x", "forgot@example.com")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    (letter,) = mailbox.await_letters(1)
    assert (letter["to"], letter["from"]) == ("forgot@example.com", "lens@example.com")
    link = re.search(r"http\S+/reset-password#token=([\w-]+)", letter.get_content())
    assert link is not None
    fresh = Browser(open_door(services={"people": people}))
    assert fresh.post("/auth/link", {"token": link[1]}).json()["data"]["kind"] == "reset"
    body = {"token": link[1], "password": PASSWORD + " new"}
    assert fresh.post("/auth/new-password", body).status_code == 200
    assert fresh.get("/auth/me").status_code == 200
    assert browser.get("/auth/me").status_code == 401, "signed out everywhere else"
    assert fresh.post("/auth/new-password", body).status_code == 404, "a link works once"
    time.sleep(0.1)
    assert len(mailbox.letters) == 1


def test_an_invitation_goes_out_by_mail(inside: InProcess, open_door: OpenDoor, mailbox: Mailbox) -> None:
    http = open_door(services={"people": mailing(inside, mailbox)})
    project = project_apart(inside)
    body = {"role": "viewer", "email": "guest@example.com"}
    made = http.post(
        f"/manage/projects/{project.id}/invitations", json=body, headers=project.root.headers
    ).json()["data"]
    assert made["sent"] is True
    (letter,) = mailbox.await_letters(1)
    assert letter["to"] == "guest@example.com"
    assert made["url"] in letter.get_content()


def test_a_token_does_what_its_scopes_and_its_user_s_role_allow(inside: InProcess) -> None:
    project = project_apart(inside)
    people = inside.runtime.services.people
    place = people.members.place_of(project.id)
    user = add_user(inside)
    make_member(inside, user.id, Place(place.organisation_id), "editor")
    page = sign_in(inside, user)
    for body, field in (
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["read"], "days": 0}, "days"),
    ):
        answer = inside.http.post("/auth/tokens", json=body, headers=page)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)

    def token(*scopes: str) -> tuple[str, dict[str, str]]:
        made = inside.http.post("/auth/tokens", json={"name": "T", "scopes": scopes}, headers=page)
        data = made.json()["data"]
        assert data["token"].startswith("evl_")
        return data["id"], {"authorization": f"Bearer {data['token']}"}

    token_id, reading = token("read")
    _, writing = token("read", "write")
    _, everything = token("read", "write", "admin")
    base = f"/manage/projects/{project.id}"
    segment = {"name": "S", "filters": [{"name": "path", "operator": "is", "value": ["/"]}]}

    def status(headers: dict[str, str], method: str, path: str, body: object = None) -> int:
        return inside.http.request(method, path, json=body, headers=headers).status_code

    for headers, ask, keep, change in (
        (reading, 200, 403, 403),
        (writing, 200, 200, 403),
        (everything, 200, 200, 403),  # an editor changes no settings
    ):
        assert status(headers, "GET", f"/insights/{project.id}/metrics") == ask
        assert status(headers, "POST", f"{base}/segments", segment) == keep
        assert status(headers, "PATCH", base, {"name": "x"}) == change
        assert status(headers, "GET", "/auth/me") == 200
        assert status(headers, "POST", "/auth/tokens", {"name": "more", "scopes": ["admin"]}) == 403
        assert status(headers, "GET", f"/insights/{project_apart(inside).id}/metrics") == 403
    kept = (inside.runtime.services.settings.data / "catalog.db").read_bytes()
    assert reading["authorization"][7:].encode() not in kept
    assert inside.http.delete(f"/auth/tokens/{token_id}", headers=page).status_code == 200
    assert status(reading, "GET", f"/insights/{project.id}/metrics") == 401
    assert status({"authorization": "Bearer evl_wrong"}, "GET", "/auth/me") == 401


def test_the_audit_log_says_who_did_what(inside: InProcess) -> None:
    project = project_apart(inside)
    place = inside.runtime.services.people.members.place_of(project.id)
    admin = add_user(inside)
    make_member(inside, admin.id, Place(place.organisation_id), "admin")
    headers = sign_in(inside, admin)
    base = f"/manage/projects/{project.id}"
    inside.http.patch(base, json={"name": "Renamed"}, headers=headers)
    inside.http.patch(base, json={"name": ""}, headers=headers)  # refused: nothing happened
    secret = inside.http.post(f"{base}/clients", json={"type": "read"}, headers=project.root.headers)
    for path in (f"{base}/audit", f"/manage/organisations/{place.organisation_id}/audit"):
        entries = inside.http.get(path, headers=headers).json()["data"]
        found = [(one["actor_kind"], one["actor"], one["action"]) for one in entries]
        assert found == [
            ("client", "Root client", "POST /manage/projects/{projectId}/clients"),
            ("user", admin.email, "PATCH /manage/projects/{projectId}"),
        ]
        assert secret.json()["data"]["secret"] not in str(entries)
    own = inside.http.get("/auth/audit", headers=headers).json()["data"]
    assert [one["action"] for one in own] == ["PATCH /manage/projects/{projectId}"]
