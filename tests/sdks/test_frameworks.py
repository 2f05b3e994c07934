"""The examples in a browser: apps of React and Vue with routes of their own."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab

from tests.sdks.conftest import Site
from tests.sdks.site import Page, html

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.timeout(300)


def bundled(entry: str, site: Site) -> str:
    node = shutil.which("node")
    if node is None or not (ROOT / "sdks/web/dist/index.js").is_file():
        pytest.skip("the packages are not built (make test builds them with npm)")
    words = [node, str(ROOT / "tests/sdks/bundle.mjs"), str(ROOT / entry), site.server, site.project.write.id]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "entry", "mount"), [("react", "main.tsx", "root"), ("vue", "main.ts", "app")]
)
def test_an_app_with_routes(
    site: Site, open_page: Callable[..., Tab], name: str, entry: str, mount: str
) -> None:
    script = bundled(f"examples/{name}/src/{entry}", site)
    site.pages.add(name, "/app.js", Page(script, kind="text/javascript"))
    body = f'<div id="{mount}"></div><script src="/app.js"></script>'
    page = open_page(site.pages.add(name, "*", Page(html(body=body, title="Shop"))).replace("*", "/"))
    page.click("#pricing")
    page.wait_for_timeout(100)
    page.click("#choose")
    page.click("#sign-in")
    page.wait_for_timeout(50)
    page.click("#home")
    page.wait_for_timeout(100)
    page.click("#sign-in")
    page.go_back()
    page.wait_for_timeout(100)
    page.close()
    # React's example also says each time that the pricing was seen.
    stored = site.stored(name, 7 if name == "react" else 5)
    rows = [row for row in stored if row["name"] != "pricing_seen"]
    assert [(row["name"], row["path"], row["title"], row["profileId"]) for row in rows] == [
        ("screen_view", "/", "Shop", None),
        ("screen_view", "/pricing", "Pricing", None),
        ("plan_chosen", "/pricing", None, None),
        ("screen_view", "/", "Shop", f"user-{name}"),
        ("screen_view", "/pricing", "Pricing", None),
    ]
    # What is set while Vue's app begins comes after the first view, which was measured before.
    assert [row["properties"].get("app") for row in rows][name == "vue" :] == (
        [name] * (4 if name == "vue" else 5)
    )
    assert site.project.ask(f"profiles/user-{name}")["firstName"] == "Ada"


def test_a_plain_page_that_asks_first(site: Site, open_page: Callable[..., Tab]) -> None:
    text = (ROOT / "examples/html/index.html").read_text()
    text = text.replace("http://localhost:3002", site.server)
    page = open_page(
        site.pages.add("plain", "/", Page(text.replace("EVENTLENS_CLIENT_ID", site.project.write.id)))
    )
    page.click("[data-track]")
    assert site.of("plain") == []
    page.click("#agree")
    rows = site.at_least("plain", {"screen_view", "plan_chosen"})
    assert {row["properties"]["edition"] for row in rows} == {"plain"}
