"""Signing in, as a browser does it: cookies, links, invitations, one's own account."""

import re
from collections.abc import Callable
from typing import LiteralString, cast

import httpx
import pytest

from eventlens.accounts.members import Place
from eventlens.api.access import CSRF_HEADER
from eventlens.api.cookies import SESSION
from eventlens.store.tables import COLUMN_TYPES
from tests.api.conftest import OpenDoor
from tests.support.inprocess import InProcess
from tests.support.people import add_user, make_member, project_apart, sign_in

PASSWORD = "correct horse battery"
Browse = Callable[..., "Browser"]


class Browser:
    """A page of ours in a browser: keeps the cookie, sends along what `/auth/me` said."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.csrf = ""

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {CSRF_HEADER: self.csrf} if self.csrf else {}
        answer = self.http.request(method, path, json=body, headers=headers)
        if answer.status_code == 200 and path.startswith("/auth/"):
            data = answer.json()["data"]
            if isinstance(data, dict) and "csrf" in data:
                self.csrf = data["csrf"]
        return answer

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def post(self, path: str, body: object) -> httpx.Response:
        return self.ask("POST", path, body)


@pytest.fixture
def browse(open_door: OpenDoor) -> Browse:
    return lambda **settings: Browser(open_door(**settings))


def with_password(inside: InProcess, browser: Browser, email: str) -> None:
    """Sign up by invitation to an organisation of its own, which is what most people do."""
    people = inside.runtime.services.people
    place = Place(people.members.place_of(project_apart(inside).id).organisation_id)
    _, token = people.invitations.create(place, "editor", "", None, "")
    body = {"token": token, "email": email, "name": "Ada", "password": PASSWORD}
    answer = browser.post("/auth/sign-up", body)
    assert answer.status_code == 200, answer.text


def test_somebody_who_was_invited_signs_up_out_and_in(inside: InProcess, browse: Browse) -> None:
    browser = browse()
    project = project_apart(inside)
    people = inside.runtime.services.people
    place = people.members.place_of(project.id)
    _, token = people.invitations.create(place, "editor", "ada@up.example", "owner", "grace@example.com")
    link = browser.post("/auth/link", {"token": token}).json()["data"]
    assert link == {
        "kind": "invitation",
        "email": "ada@up.example",
        "organisation": "Org",
        "project": "Test",
        "role": "editor",
        "invited_by": "grace@example.com",
    }
    body = {"token": token, "name": "Ada", "password": PASSWORD}
    signed_up = browser.post("/auth/sign-up", body)
    assert signed_up.status_code == 200, signed_up.text
    me = browser.get("/auth/me").json()["data"]
    assert me == signed_up.json()["data"]
    assert (me["user"]["email"], me["user"]["name"]) == ("ada@up.example", "Ada")
    assert me["organisations"] == []
    assert [(one["id"], one["role"]) for one in me["projects"]] == [(project.id, "editor")]
    assert "saved.write" in me["projects"][0]["rights"]
    assert "members.write" not in me["projects"][0]["rights"]
    assert browser.get(f"/insights/{project.id}/metrics").status_code == 200
    again = browser.post("/auth/sign-up", {**body, "email": "eve@up.example"})
    assert again.status_code == 404, "a link works once"
    assert browser.post("/auth/sign-out", {}).status_code == 200
    assert browser.get("/auth/me").status_code == 401
    wrong = browser.post("/auth/sign-in", {"email": "ada@up.example", "password": PASSWORD + "!"})
    assert wrong.status_code == 401
    signed_in = browser.post("/auth/sign-in", {"email": " ADA@up.example ", "password": PASSWORD})
    assert signed_in.status_code == 200
    assert browser.get("/auth/me").json()["data"]["user"] == me["user"]


def test_the_cookie_is_for_nobody_but_the_browser(inside: InProcess, browse: Browse) -> None:
    for settings, path, secure in (
        ({}, "/", False),
        ({"EVENTLENS_BASE_URL": "https://stats.example/lens"}, "/lens/", True),
    ):
        browser = browse(**settings)
        with_password(inside, browser, f"cookie{secure}@example.com")
        answer = browser.post("/auth/sign-in", {"email": f"cookie{secure}@example.com", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        parts = {part.strip() for part in cookie.split(";")}
        assert {"HttpOnly", "SameSite=Lax", f"Path={path}"} <= parts
        assert ("Secure" in parts) == secure
        token = re.fullmatch(rf"{SESSION}=([\w-]{{43}})", cookie.split(";")[0])
        assert token is not None
        kept = inside.runtime.services.settings.data / "catalog.db"
        assert token[1].encode() not in kept.read_bytes()


def test_a_trusted_proxy_says_that_the_browser_speaks_tls(inside: InProcess, open_door: OpenDoor) -> None:
    body = {"email": "tls@example.com", "password": PASSWORD}
    with_password(inside, Browser(open_door()), "tls@example.com")
    for peer, secure in (("10.0.0.1", True), ("198.51.100.1", False)):
        http = open_door(peer, TRUSTED_PROXIES="10.0.0.0/8")
        answer = http.post("/auth/sign-in", json=body, headers={"x-forwarded-proto": "https"})
        assert ("Secure" in answer.headers["set-cookie"]) == secure


def test_pages_of_others_change_nothing(inside: InProcess, browse: Browse) -> None:
    browser = browse()
    with_password(inside, browser, "csrf@example.com")
    right = browser.csrf
    for csrf in ("", "wrong", right[:-1], right + "A"):
        browser.csrf = csrf
        answer = browser.ask("PATCH", "/auth/me", {"name": "Eve"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    browser.csrf = right
    assert browser.get("/auth/me").json()["data"]["user"]["name"] == "Ada"
    body = {"email": "csrf@example.com", "password": PASSWORD}
    # A form of another site signs nobody in: neither with its own kinds of content, nor from its own pages.
    plain = browser.http.post(
        "/auth/sign-in", content=b'{"email":"a","password":"b"}', headers={"content-type": "text/plain"}
    )
    assert (plain.status_code, plain.json()["error"]["field"]) == (400, "content-type")
    for site in ("cross-site", "same-site"):
        answer = browser.http.post("/auth/sign-in", json=body, headers={"sec-fetch-site": site})
        assert answer.status_code == 403


def test_an_account_that_is_none_cannot_be_told_from_a_wrong_password(
    inside: InProcess, browse: Browse
) -> None:
    with_password(inside, browse(), "known@example.com")
    add_user(inside, "without-password@example.com")
    answers = [
        browse().post("/auth/sign-in", {"email": email, "password": "not the password"})
        for email in ("known@example.com", "unknown@example.com", "without-password@example.com", "x", "")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


def test_guesses_are_throttled_for_known_and_unknown_accounts(inside: InProcess, browse: Browse) -> None:
    with_password(inside, browse(), "guessed@example.com")
    browser = browse()
    for email in ("guessed@example.com", "nobody@example.com"):
        body = {"email": email, "password": "x" * 300}  # refused without being hashed
        found = [browser.post("/auth/sign-in", body).status_code for _ in range(11)]
        assert found == [401] * 10 + [429]
    answer = browser.post("/auth/sign-in", {"email": "guessed@example.com", "password": PASSWORD})
    assert answer.status_code == 429, "the right one, too"
    assert int(answer.headers["retry-after"]) > 0


def test_sign_ins_of_one_address_count_towards_the_rate_limit(browse: Browse) -> None:
    browser = browse(RATE_LIMIT="3/minute")
    body = {"email": "x", "password": "y" * 300}
    found = [browser.post("/auth/sign-in", {**body, "email": f"u{n}"}).status_code for n in range(4)]
    assert found == [401, 401, 401, 429]


def test_sessions_are_listed_and_ended(inside: InProcess, browse: Browse) -> None:
    first, second = browse(), browse()
    with_password(inside, first, "two@example.com")
    second.http.headers["user-agent"] = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    )
    second.post("/auth/sign-in", {"email": "two@example.com", "password": PASSWORD})
    listed = second.get("/auth/sessions").json()["data"]
    assert [one["current"] for one in listed].count(True) == 1
    current = next(one for one in listed if one["current"])
    assert current["agent"] == "Firefox on Linux"
    assert current["address"] == "198.51.100.7"
    other = next(one for one in listed if not one["current"])
    stranger = sign_in(inside, add_user(inside))
    denied = second.http.request("DELETE", f"/auth/sessions/{other['id']}", headers=stranger)
    assert denied.status_code in (401, 404)
    assert first.get("/auth/me").status_code == 200
    assert second.ask("DELETE", f"/auth/sessions/{other['id']}").status_code == 200
    assert first.get("/auth/me").status_code == 401
    assert second.ask("DELETE", f"/auth/sessions/{other['id']}").status_code == 404
    first.post("/auth/sign-in", {"email": "two@example.com", "password": PASSWORD})
    assert [one["current"] for one in second.ask("DELETE", "/auth/sessions").json()["data"]] == [True]
    assert first.get("/auth/me").status_code == 401
    assert second.get("/auth/me").status_code == 200


def test_another_password_signs_out_everywhere_else(inside: InProcess, browse: Browse) -> None:
    first, second = browse(), browse()
    with_password(inside, first, "change@example.com")
    second.post("/auth/sign-in", {"email": "change@example.com", "password": PASSWORD})
    wrong = second.post("/auth/me/password", {"password": "wrong", "new_password": PASSWORD + "2"})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "password")
    for weak in ("short", "1234567890", "aaaaaaaaaaaaaaa", "change@example.com", "x" * 257):
        answer = second.post("/auth/me/password", {"password": PASSWORD, "new_password": weak})
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "new_password")
    done = second.post("/auth/me/password", {"password": PASSWORD, "new_password": PASSWORD + "2"})
    assert done.status_code == 200
    assert (first.get("/auth/me").status_code, second.get("/auth/me").status_code) == (401, 200)


def test_another_address_needs_the_password_and_must_be_free(inside: InProcess, browse: Browse) -> None:
    browser = browse()
    with_password(inside, browser, "old@example.com")
    add_user(inside, "taken@example.com")
    for body, status in (
        ({"email": "new@example.com"}, 400),
        ({"email": "taken@example.com", "password": PASSWORD}, 409),
        ({"email": "no address", "password": PASSWORD}, 400),
        ({"email": "New@Example.com", "password": PASSWORD}, 200),
    ):
        assert browser.ask("PATCH", "/auth/me", body).status_code == status
    assert browser.get("/auth/me").json()["data"]["user"]["email"] == "new@example.com"


def test_an_account_is_deleted_by_its_own_password(inside: InProcess, browse: Browse) -> None:
    browser = browse()
    with_password(inside, browser, "gone@example.com")
    assert browser.post("/auth/me/delete", {"password": "wrong"}).status_code == 400
    assert browser.post("/auth/me/delete", {"password": PASSWORD}).status_code == 200
    assert browser.get("/auth/me").status_code == 401
    answer = browser.post("/auth/sign-in", {"email": "gone@example.com", "password": PASSWORD})
    assert answer.status_code == 401


def test_an_invitation_for_an_address_is_for_nobody_else(inside: InProcess, browse: Browse) -> None:
    people = inside.runtime.services.people
    place = people.members.place_of(project_apart(inside).id)
    _, token = people.invitations.create(place, "viewer", "her@example.com", None, "")
    browser = browse()
    body = {"token": token, "email": "him@example.com", "password": PASSWORD}
    answer = browser.post("/auth/sign-up", body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "email")
    him = sign_in(inside, add_user(inside, "him2@example.com"))
    answer = inside.http.post("/auth/invitations/accept", json={"token": token}, headers=him)
    assert answer.status_code == 403
    her = sign_in(inside, add_user(inside, "her@example.com"))
    answer = inside.http.post("/auth/invitations/accept", json={"token": token}, headers=her)
    assert [one["role"] for one in answer.json()["data"]["projects"]] == ["viewer"]


def test_members_are_invited_changed_and_removed(inside: InProcess) -> None:
    project = project_apart(inside)
    people = inside.runtime.services.people
    place = people.members.place_of(project.id)
    admin, member = add_user(inside), add_user(inside)
    make_member(inside, admin.id, Place(place.organisation_id), "admin")
    headers = sign_in(inside, admin)
    base = f"/manage/projects/{project.id}"
    made = inside.http.post(f"{base}/invitations", json={"role": "editor"}, headers=headers).json()["data"]
    url, token = made["url"].split("#token=")
    assert url.endswith("/sign-up")
    opened = inside.http.get(f"{base}/invitations", headers=headers).json()["data"]
    assert [one["id"] for one in opened] == [made["id"]]
    assert "url" not in opened[0]
    theirs = sign_in(inside, member)
    accepted = inside.http.post("/auth/invitations/accept", json={"token": token}, headers=theirs)
    assert accepted.status_code == 200
    listed = inside.http.get(f"{base}/members", headers=theirs).json()["data"]
    assert {"user_id": member.id, "role": "editor", "of": "project"}.items() <= listed[-1].items()
    too_much = inside.http.patch(f"{base}/members/{member.id}", json={"role": "owner"}, headers=headers)
    assert too_much.status_code == 403, "nobody gives more than they have"
    owner = next(one for one in listed if one["role"] == "owner" and one["of"] == "organisation")
    organisation = f"/manage/organisations/{place.organisation_id}"
    over = inside.http.delete(f"{organisation}/members/{owner['user_id']}", headers=headers)
    assert over.status_code == 403, "an admin has no say about an owner"
    unknown = inside.http.patch(f"{base}/members/{member.id}", json={"role": "king"}, headers=headers)
    assert (unknown.status_code, unknown.json()["error"]["field"]) == (400, "role")
    assert (
        inside.http.patch(f"{base}/members/{member.id}", json={"role": "viewer"}, headers=headers).json()[
            "data"
        ]["role"]
        == "viewer"
    )
    assert inside.http.delete(f"{base}/members/{member.id}", headers=headers).status_code == 200
    assert inside.http.get(f"{base}/members", headers=theirs).status_code == 403


def test_an_organisation_keeps_an_owner(inside: InProcess) -> None:
    owner, other = add_user(inside), add_user(inside)
    organisation = inside.runtime.services.people.organisations.create("Org", owner.id)
    base, headers = f"/manage/organisations/{organisation.id}", sign_in(inside, owner)
    mine = f"{base}/members/{owner.id}"
    assert inside.http.delete(mine, headers=headers).status_code == 409
    assert inside.http.patch(mine, json={"role": "admin"}, headers=headers).status_code == 409
    make_member(inside, other.id, Place(organisation.id), "owner")
    assert inside.http.patch(mine, json={"role": "admin"}, headers=headers).status_code == 200
    assert inside.http.delete(base, headers=headers).status_code == 403


def test_a_project_is_added_with_its_clients(inside: InProcess) -> None:
    owner = add_user(inside)
    organisation = inside.runtime.services.people.organisations.create("Org", owner.id)
    headers = sign_in(inside, owner)
    body = {"name": "Shop", "domain": "shop.example", "timezone": "Asia/Seoul"}
    made = inside.http.post("/manage/projects", json=body, headers=headers).json()["data"]
    assert made["project"]["organisation_id"] == organisation.id
    assert made["project"]["timezone"] == "Asia/Seoul"
    clients = {one["type"]: one for one in made["clients"]}
    assert set(clients) == {"write", "read", "root"}
    sent = inside.http.post(
        "/track",
        json={"type": "track", "payload": {"name": "x"}},
        headers={
            "event-lens-client-id": clients["write"]["id"],
            "event-lens-client-secret": clients["write"]["secret"],
        },
    )
    assert sent.status_code == 200
    other = inside.runtime.services.people.organisations.create("Other", add_user(inside).id)
    strange = {**body, "organisation_id": other.id}
    answers = [
        inside.http.post("/manage/projects", json={**strange, "organisation_id": one}, headers=headers)
        for one in (other.id, "none", "x" * 500)
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1


def test_a_project_to_look_around_is_full_and_its_usage_is_told(inside: InProcess) -> None:
    owner = add_user(inside)
    inside.runtime.services.people.organisations.create("Org", owner.id)
    headers = sign_in(inside, owner)
    made = [
        inside.http.post("/manage/projects", json=body, headers=headers).json()["data"]["project"]["id"]
        for body in ({"name": "Demo", "demo": True}, {"name": "Bare"})
    ]
    inside.drain()
    demo, bare = inside.http.get("/manage/usage", headers=headers).json()["data"]
    assert [demo["project_id"], bare["project_id"]] == made
    assert demo["events"] > 4_000
    assert demo["events_30d"] > 0.4 * demo["events"]
    assert 10 * demo["events"] < demo["bytes"] < 10_000 * demo["events"]
    assert (bare["events"], bare["events_30d"], bare["bytes"]) == (0, 0, 0)


def test_a_project_is_deleted_with_all_that_is_stored_of_it(inside: InProcess) -> None:
    owner = add_user(inside)
    inside.runtime.services.people.organisations.create("Org", owner.id)
    headers = sign_in(inside, owner)
    made: list[str] = []
    for name in ("Gone", "Kept"):
        body = {"name": name, "demo": True}
        told = inside.http.post("/manage/projects", json=body, headers=headers).json()["data"]
        made.append(told["project"]["id"])
    inside.drain()
    gone, kept = made
    url = f"/manage/projects/{gone}/delete"
    wrong = inside.http.post(url, json={"name": "Kept"}, headers=headers)
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "name")
    done = inside.http.post(url, json={"name": "Gone"}, headers=headers)
    assert done.status_code == 200, done.text
    assert [
        one["project_id"] for one in inside.http.get("/manage/usage", headers=headers).json()["data"]
    ] == [kept]
    for table, columns in COLUMN_TYPES.items():
        if "project_id" not in columns:
            continue
        rows = inside.runtime.store.query(
            f"SELECT DISTINCT project_id FROM {cast(LiteralString, table)}"
        ).rows
        assert gone not in {row[0] for row in rows}, table
    assert (
        inside.http.get(f"/insights/{kept}/metrics?range=30d", headers=headers).json()["data"]["total_events"]
        > 2_000  # of all demo days the last thirty, which by weekday and hour differ
    )
    assert inside.http.get(f"/insights/{gone}/metrics", headers=headers).status_code == 403
