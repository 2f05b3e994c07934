"""The dashboard's files: where they are found, how long they are kept, what a browser may do with them."""

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eventlens.api import app, dashboard
from tests.support.inprocess import InProcess

INDEX = '<!doctype html><html><head><script src="./assets/index-1.js"></script></head></html>'
SCRIPT = "console.log('as built')" * 50


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dashboard")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(INDEX)
    (folder / "replay.html").write_text(INDEX)
    (folder / "theme.js").write_text("theme")
    (folder / "secret.env").write_text("no file of a page")
    (folder / "assets" / "index-1.js").write_text(SCRIPT)
    (folder / "assets" / "inter.woff2").write_bytes(b"wOF2")
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[InProcess]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Dashboard", lambda: dashboard.Dashboard(built))
        data = tmp_path_factory.mktemp("data") / "data"
        server = InProcess(data, EVENTLENS_BASE_URL="https://example.com/stats")
    yield server
    server.close()


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in", "/new", "/account", "/o/1", "/p/shop", "/p/shop/funnels", "/p/shop/profiles/a%2Fb"],
)
def test_every_page_is_the_index(served: InProcess, path: str) -> None:
    answer = served.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "assets/index-1.js" in answer.text


def test_the_index_is_asked_for_each_time(served: InProcess) -> None:
    first = served.http.get("/p/shop")
    assert first.headers["cache-control"] == "no-cache"
    again = served.http.get("/p/shop", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_scripts_come_from_here_alone(served: InProcess) -> None:
    headers = served.http.get("/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"


def test_the_player_runs_nothing_of_what_was_recorded(served: InProcess) -> None:
    headers = served.http.get("/replay.html").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert (policy["frame-ancestors"], headers["x-frame-options"]) == ("'self'", "SAMEORIGIN")
    assert "frame-src 'self'" in served.http.get("/").headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/p/shop", "/stats/"),  # a proxy took the sub-path off
        ("/stats/p/shop", "/stats/"),  # or left it on
        ("/stats/", "/stats/"),
        ("/api/v1/analytics/p/shop", "/stats/api/v1/analytics/"),
        ("/stats/api/v1/analytics/", "/stats/api/v1/analytics/"),
    ],
)
def test_pages_find_their_assets_below_any_path(served: InProcess, path: str, base: str) -> None:
    page = served.http.get(path)
    assert f'<head>\n    <base href="{base}" />' in page.text
    assert served.http.get(base + "assets/index-1.js").text == SCRIPT


def test_the_api_answers_below_the_sub_path(served: InProcess) -> None:
    assert served.http.get("/stats/healthz/live").status_code == 200
    assert served.http.get("/statsx/healthz/live").status_code == 404


def test_hashed_assets_are_kept_for_good_and_packed(served: InProcess) -> None:
    packed = served.http.get("/assets/index-1.js", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-type"] == "text/javascript; charset=utf-8"
    assert int(packed.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), 9, mtime=0))
    plain = served.http.get("/assets/index-1.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text == SCRIPT
    assert "content-encoding" not in served.http.get("/assets/inter.woff2").headers


def test_what_has_no_hash_is_asked_for_each_time(served: InProcess) -> None:
    assert served.http.get("/theme.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/assets/none.js", "/assets/..%2Findex.html", "/secret.env", "/assets", "/p"]
)
def test_nothing_else_is_served(served: InProcess, path: str) -> None:
    assert served.http.get(path).status_code == 404


def test_without_a_build_the_api_stands_alone(tmp_path: Path) -> None:
    assert dashboard.Dashboard(tmp_path / "nowhere").routes == []


def test_without_a_build_the_root_leads_to_the_documentation(
    tmp_path: Path, served: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "Dashboard", lambda: dashboard.Dashboard(tmp_path / "nowhere"))
    alone = httpx.ASGITransport(app.App(served.runtime.services))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=alone, base_url="http://alone") as client:
            return await client.get("/")

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.headers["location"]) == (307, "docs")
