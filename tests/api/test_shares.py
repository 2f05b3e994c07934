"""Share links: what one sees through them, and that it is nothing else."""

import json
import time
from pathlib import Path

import httpx
import pytest

from eventlens.accounts.members import Place
from eventlens.api import app, dashboard
from eventlens.api.app import ROUTES
from eventlens.api.sharing import KEY_HEADER, SHARE_HEADER, SHARED
from tests.api.conftest import OpenDoor
from tests.support.inprocess import InProcess
from tests.support.people import Headers, project_apart, signed_in_as
from tests.support.project import Project, view


@pytest.fixture(scope="module")
def shop(inside: InProcess) -> Project:
    project = project_apart(inside)
    project.send([view("d1", time.time() - 60, "https://shop.example/"), view("d2", time.time() - 60, "/b")])
    inside.drain()
    return project


@pytest.fixture(scope="module")
def editor(inside: InProcess, shop: Project) -> Headers:
    place = inside.runtime.services.people.members.place_of(shop.id)
    return signed_in_as(inside, Place(place.organisation_id), "editor")


def share(inside: InProcess, shop: Project, editor: Headers, **body: object) -> dict[str, str]:
    url = f"/manage/projects/{shop.id}/shares"
    answer = inside.http.post(url, json={"name": "S", **body}, headers=editor)
    assert answer.status_code == 200, answer.text
    made = answer.json()["data"]
    return {"id": made["id"], "token": made["url"].rpartition("/share/")[2], "url": made["url"]}


def opened(inside: InProcess, token: str, password: str = "") -> httpx.Response:
    return inside.http.post("/shares/open", json={"token": token, "password": password})


def ask(inside: InProcess, shop: Project, token: str, question: str, key: str = "", **parameters: str) -> int:
    headers = {SHARE_HEADER: token, KEY_HEADER: key}
    return inside.http.get(f"/insights/{shop.id}/{question}", params=parameters, headers=headers).status_code


def test_a_link_shows_the_overview_and_nothing_else(
    inside: InProcess, shop: Project, editor: Headers
) -> None:
    link = share(inside, shop, editor)
    told = opened(inside, link["token"]).json()["data"]
    assert (told["project_id"], told["project"], told["timezone"], told["key"]) == (
        shop.id,
        "Test",
        "UTC",
        "",
    )
    headers = {SHARE_HEADER: link["token"]}
    answer = inside.http.get(f"/insights/{shop.id}/metrics", params={"range": "7d"}, headers=headers)
    assert answer.json()["data"]["unique_visitors"] == 2
    other = inside.project()
    found: dict[str, int] = {}
    for route in ROUTES:
        path = route.path.replace("{projectId}", shop.id).replace("{id}", "1")
        if route.access == "public" or "{" in path:
            continue
        row = f"{route.method} {route.path}"
        found[row] = inside.http.request(route.method, path, headers=headers, json={}).status_code
        elsewhere = path.replace(shop.id, other.id)
        assert inside.http.request(route.method, elsewhere, headers=headers, json={}).status_code == 403, row
    assert {row for row, status in found.items() if status != 403} == {f"GET {path}" for path in SHARED}
    assert len(found) > 80


@pytest.mark.parametrize(
    ("parameters", "allowed"),
    [
        ({"filters": [{"name": "country", "operator": "is", "value": ["DE"]}]}, True),
        (
            {"filters": [{"or": [{"name": "path", "operator": "is", "value": ["/b"]}]}], "compare": "year"},
            True,
        ),
        ({"filters": [{"name": "profile.email", "operator": "startsWith", "value": ["a"]}]}, False),
        ({"filters": [{"and": [{"name": "profile_id", "operator": "is", "value": ["1"]}]}]}, False),
        ({"filters": [{"name": "properties.email", "operator": "isNotNull", "value": []}]}, False),
        ({"filters": [{"name": "device_id", "operator": "is", "value": ["d1"]}]}, False),
        ({"filters": [{"name": "cohort", "operator": "is", "value": ["1"]}]}, False),
        ({"filters": [{"did": {"name": "buy"}}]}, False),
        ({"filters": "x"}, False),
        ({"explain": "true"}, False),
    ],
)
def test_nobody_is_found_out_through_a_link(
    inside: InProcess, shop: Project, editor: Headers, parameters: dict[str, object], allowed: bool
) -> None:
    link = share(inside, shop, editor)
    sent = {name: each if isinstance(each, str) else json.dumps(each) for name, each in parameters.items()}
    assert ask(inside, shop, link["token"], "metrics", **sent) == (200 if allowed else 403)
    for dimension, status in (("name", 200), ("name,profile.email", 403), ("properties.email", 403)):
        assert ask(inside, shop, link["token"], "breakdown", dimension=dimension) == status
    inside.runtime.services.people.shares.remove(shop.id, link["id"])


def test_a_password_an_end_and_taking_it_back(inside: InProcess, shop: Project, editor: Headers) -> None:
    link = share(inside, shop, editor, password="open sesame", days=30)
    token = link["token"]
    assert opened(inside, token).status_code == 401
    assert opened(inside, token, "sesame open").status_code == 401
    assert ask(inside, shop, token, "metrics") == 401
    key = opened(inside, token, "open sesame").json()["data"]["key"]
    assert ask(inside, shop, token, "metrics", key) == 200
    assert ask(inside, shop, token, "metrics", key + "x") == 401
    other = share(inside, shop, editor, password="open sesame")
    assert ask(inside, shop, other["token"], "metrics", key) == 401, "the key of one link opens no other"
    shares = inside.runtime.services.people.shares
    now = shares._clock
    shares._clock = lambda: now() + 31 * 86_400_000
    try:
        assert opened(inside, token, "open sesame").status_code == 404
        assert ask(inside, shop, other["token"], "metrics", key) == 401
    finally:
        shares._clock = now
    for one in (link, other):
        url = f"/manage/projects/{shop.id}/shares/{one['id']}"
        assert inside.http.delete(url, headers=editor).status_code == 200
    answers = [
        opened(inside, each, "open sesame") for each in (token, "none", token[:-1], token.upper(), "x" * 9000)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert ask(inside, shop, token, "metrics", key) == 401
    kept = inside.runtime.services.settings.data / "catalog.db"
    assert token[32:].encode() not in kept.read_bytes(), "the catalog gives nobody a link"


def test_guesses_of_a_password_are_throttled(inside: InProcess, shop: Project, editor: Headers) -> None:
    link = share(inside, shop, editor, password="open sesame")
    statuses = [opened(inside, link["token"], "guess the word").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "S", "password": "short"}, "password"),
        ({"name": "S", "days": 0}, "days"),
        ({"name": "S", "embed": ["https://a.example", "https://a b; script-src *"]}, "embed/1"),
    ],
)
def test_wrong_links_name_their_field(
    inside: InProcess, shop: Project, editor: Headers, body: dict[str, object], field: str
) -> None:
    answer = inside.http.post(f"/manage/projects/{shop.id}/shares", json=body, headers=editor)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def test_only_a_shared_page_stands_in_frames_and_only_in_those_that_are_named(
    inside: InProcess,
    shop: Project,
    editor: Headers,
    open_door: OpenDoor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><html><head></head></html>")
    monkeypatch.setattr(app, "Dashboard", lambda: dashboard.Dashboard(tmp_path))
    served = open_door()
    embedded = share(inside, shop, editor, embed=["https://intranet.example", "*.shop.example"])
    plain = share(inside, shop, editor)
    for path, ancestors in (
        (f"/share/{embedded['token']}", "'self' https://intranet.example *.shop.example"),
        (f"/share/{plain['token']}", "'none'"),
        ("/share/none", "'none'"),
        (f"/p/{shop.id}", "'none'"),
    ):
        headers = served.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["frame-ancestors"] == ancestors
        assert headers.get("x-frame-options") == ("DENY" if ancestors == "'none'" else None)
        assert policy["script-src"] == "'self'"
