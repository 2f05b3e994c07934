"""Signing in with accounts elsewhere, against a provider of our own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from eventlens.accounts.members import Place
from eventlens.accounts.people import open_people
from eventlens.accounts.two_factor import STEP_SECONDS, code_of
from eventlens.api.access import CSRF_HEADER
from tests.api.conftest import OpenDoor, settings_with
from tests.support.inprocess import InProcess
from tests.support.oauth import Provider, provider
from tests.support.people import project_apart

PROVIDERS = ("github", "google", "oidc")
PASSWORD = "correct horse battery"


@pytest.fixture
def elsewhere() -> Iterator[Provider]:
    with provider() as running:
        running.person = {"id": "71", "email": "Ada@Example.com", "verified": True, "name": "Ada"}
        yield running


@pytest.fixture
def lens(inside: InProcess, elsewhere: Provider, open_door: OpenDoor) -> httpx.Client:
    """A browser before a server that knows the provider."""
    settings = elsewhere.settings | {"EVENTLENS_BASE_URL": "http://in-process"}
    here = settings_with(inside.runtime.services.settings, **settings)
    return open_door(services={"people": open_people(inside.runtime.catalog, here)}, **settings)


def follow(lens: httpx.Client, begun: httpx.Response) -> str:
    """Go where the page would go, agree, and come back; gives where that leads."""
    assert begun.status_code == 200, begun.text
    agreed = httpx.get(begun.json()["data"]["url"])
    assert agreed.status_code == 302, agreed.text
    back = agreed.headers["location"]
    assert back.startswith("http://in-process/auth/oauth/")
    answer = lens.get(urlsplit(back).path + "?" + urlsplit(back).query)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def sign_in(lens: httpx.Client, name: str, **body: str) -> str:
    return follow(lens, lens.post(f"/auth/oauth/{name}", json=body))


def invited(inside: InProcess, email: str = "") -> str:
    people = inside.runtime.services.people
    place = Place(people.members.place_of(project_apart(inside).id).organisation_id)
    return people.invitations.create(place, "editor", email, None, "")[1]


def me(lens: httpx.Client) -> dict[str, Any]:
    answer = lens.get("/auth/me")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.parametrize("name", PROVIDERS)
def test_whoever_is_invited_signs_up_and_in(
    inside: InProcess, lens: httpx.Client, elsewhere: Provider, name: str
) -> None:
    elsewhere.person["email"] = f"{name}@example.com"
    titles = {each["name"]: each["title"] for each in lens.get("/auth/options").json()["data"]["providers"]}
    assert titles == {"github": "GitHub", "google": "Google", "oidc": "Example ID"}
    assert sign_in(lens, name).endswith(f"sign-in?problem=no_account&provider={name}")
    assert sign_in(lens, name, invitation=invited(inside), next="/p/x?range=7d") == "../../../p/x?range=7d"
    user = me(lens)["user"]
    assert (user["email"], user["name"], user["has_password"]) == (f"{name}@example.com", "Ada", False)
    identity = lens.get("/auth/identities").json()["data"][0]
    assert (identity["provider"], identity["email"]) == (name, f"{name}@example.com")
    elsewhere.person["email"] = "moved@example.com"  # it is the account there that counts, not its address
    lens.cookies.clear()
    assert sign_in(lens, name) == "../../../"
    assert me(lens)["user"] == user
    headers = {CSRF_HEADER: str(me(lens)["csrf"])}
    gone = lens.delete(f"/auth/identities/{name}", headers=headers)
    assert gone.status_code == 409, "it is the last way to sign in"
    assert lens.post("/auth/me/delete", json={"password": ""}, headers=headers).status_code == 200


def test_an_address_alone_takes_no_account(
    inside: InProcess, lens: httpx.Client, elsewhere: Provider
) -> None:
    people = inside.runtime.services.people
    proven = people.invitations.sign_up(invited(inside, "proven@example.com"), "", "P", PASSWORD)
    people.invitations.sign_up(invited(inside), "claimed@example.com", "C", PASSWORD)
    for email, verified, leads in (
        ("proven@example.com", False, "sign-in?problem=unverified&provider=oidc"),
        ("claimed@example.com", True, "sign-in?problem=connect&provider=oidc"),
        ("proven@example.com", True, ""),
    ):
        elsewhere.person = {"id": f"{email}{verified}", "email": email, "verified": verified, "name": "X"}
        assert sign_in(lens, "oidc") == f"../../../{leads}"
        assert (lens.get("/auth/me").status_code == 200) == (leads == "")
    assert me(lens)["user"]["id"] == proven.id


def test_an_account_is_connected_by_whoever_is_signed_in(
    inside: InProcess, lens: httpx.Client, elsewhere: Provider
) -> None:
    people = inside.runtime.services.people
    people.invitations.sign_up(invited(inside), "one@example.com", "One", PASSWORD)
    elsewhere.person = {"id": "800", "email": "else@example.com", "verified": False, "name": "X"}
    signed_in = lens.post("/auth/sign-in", json={"email": "one@example.com", "password": PASSWORD})
    headers = {CSRF_HEADER: signed_in.json()["data"]["csrf"]}
    assert lens.post("/auth/identities/github").status_code == 403, "without the header"
    assert follow(lens, lens.post("/auth/identities/github", headers=headers)).endswith(
        "account?tab=security"
    )
    begun = lens.post("/auth/identities/github", headers=headers)
    lens.cookies.delete("eventlens_session", domain="in-process.local")
    assert follow(lens, begun).endswith("problem=state&provider=github"), (
        "whoever began is not there any more"
    )
    assert sign_in(lens, "github") == "../../../"
    assert me(lens)["user"]["email"] == "one@example.com"
    people.invitations.sign_up(invited(inside), "two@example.com", "Two", PASSWORD)
    signed_in = lens.post("/auth/sign-in", json={"email": "two@example.com", "password": PASSWORD})
    headers = {CSRF_HEADER: signed_in.json()["data"]["csrf"]}
    assert follow(lens, lens.post("/auth/identities/github", headers=headers)).endswith(
        "problem=taken&provider=github"
    )


def test_a_second_factor_is_asked_for_all_the_same(
    inside: InProcess, lens: httpx.Client, elsewhere: Provider
) -> None:
    people = inside.runtime.services.people
    user = people.invitations.sign_up(invited(inside, "two-factor@example.com"), "", "T", PASSWORD)
    people.two_factor.begin(user.id)
    secret = people.two_factor._secret(row_of(inside, user.id))
    step = inside.runtime.services.clock() // 1000 // STEP_SECONDS
    people.two_factor.confirm(user.id, code_of(secret, step - 1))
    elsewhere.person = {"id": "900", "email": "two-factor@example.com", "verified": True, "name": "T"}
    leads = sign_in(lens, "google", next="/new")
    page, _, ticket = leads.partition("#second=")
    assert page == "../../../sign-in?next=/new"
    assert lens.get("/auth/me").status_code == 401
    for body, status in (
        ({"ticket": ticket, "code": "000000"}, 401),
        ({"ticket": ticket + "x", "code": code_of(secret, step)}, 401),
        ({"ticket": ticket, "code": code_of(secret, step)}, 200),
    ):
        assert lens.post("/auth/second-factor", json=body).status_code == status
    assert me(lens)["user"]["id"] == user.id


def row_of(inside: InProcess, user_id: str):
    from eventlens.catalog.people import UserRow

    with inside.runtime.catalog.session() as session:
        row = session.get(UserRow, user_id)
        assert row is not None
        return row


def test_what_comes_back_wrong_leads_to_nothing(
    inside: InProcess, lens: httpx.Client, elsewhere: Provider
) -> None:
    people = inside.runtime.services.people
    people.invitations.sign_up(invited(inside, "wrong@example.com"), "", "W", PASSWORD)
    elsewhere.person = {"id": "1000", "email": "wrong@example.com", "verified": True, "name": "W"}
    for wrong in (
        {"claims": {"aud": "somebody else"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"nonce": "another"}},
        {"claims": {"exp": 1}},
        {"claims": {"sub": ""}},
        {"key": True},
    ):
        elsewhere.wrong = wrong
        assert sign_in(lens, "oidc").endswith("sign-in?problem=provider&provider=oidc"), wrong
    elsewhere.wrong = {"denies": True}
    assert sign_in(lens, "oidc").endswith("sign-in?problem=denied&provider=oidc")
    elsewhere.wrong = {}
    begun = lens.post("/auth/oauth/oidc", json={})
    back = urlsplit(httpx.get(begun.json()["data"]["url"]).headers["location"])
    for path, query in (
        (back.path, back.query.replace("state=", "state=x")),
        (back.path.replace("oidc", "google"), back.query),
        (back.path.replace("oidc", "none"), back.query),
    ):
        assert "problem=state" in lens.get(f"{path}?{query}").headers["location"]
    assert "problem=state" in lens.get(f"{back.path}?{back.query}").headers["location"], "the cookie is gone"
    assert lens.get("/auth/me").status_code == 401
    for next_page in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert sign_in(lens, "oidc", next=next_page) == "../../../"
    cookie = lens.post("/auth/oauth/oidc", json={}).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    other_site = {"sec-fetch-site": "cross-site"}
    assert lens.post("/auth/oauth/oidc", json={}, headers=other_site).status_code == 403
    assert lens.post("/auth/oauth/none", json={}).status_code == 404


def test_a_provider_at_a_private_address_is_left_alone(
    inside: InProcess, elsewhere: Provider, open_door: OpenDoor
) -> None:
    settings = elsewhere.settings | {
        "EVENTLENS_OUTBOUND_ALLOW": "",
        "EVENTLENS_BASE_URL": "http://in-process",
    }
    here = settings_with(inside.runtime.services.settings, **settings)
    http = open_door(services={"people": open_people(inside.runtime.catalog, here)}, **settings)
    answer = http.post("/auth/oauth/oidc", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "outbound")
    assert "EVENTLENS_OUTBOUND_ALLOW" in answer.json()["error"]["message"]
    assert elsewhere.asked == []
