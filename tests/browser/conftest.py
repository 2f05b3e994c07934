"""The built dashboard in Debian's Chromium, against a real server with lively data."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState, sync_playwright

from eventlens.api.dashboard import BUILT
from tests.support.server import Server

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "dashboard/node_modules/axe-core/axe.min.js"
PASSWORD = "a password of this test"
OWNER = "owner@example.com"


@dataclass(frozen=True)
class Site:
    """A server with a project of demonstration data; `root` are the headers of its root client."""

    server: Server
    project_id: str
    root: dict[str, str]

    @property
    def url(self) -> str:
        return self.server.url

    def at(self, path: str = "") -> str:
        return f"{self.url}/p/{self.project_id}{path}"

    def ask(self, route: str, **parameters: str) -> Any:
        """`data` of an answer of the API."""
        answer = httpx.get(
            f"{self.url}/insights/{self.project_id}/{route}", params=parameters, headers=self.root, timeout=60
        )
        answer.raise_for_status()
        return answer.json()["data"]

    def sign_up_path(self) -> str:
        """The way of the first owner's link, as the server printed it."""
        log = (self.server.data.parent / f"{self.server.data.name}.log").read_text()
        found = re.findall(r"/sign-up#token=\S+", log)
        assert found, log
        return found[-1]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; skips where there is none, or no dashboard was built."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("there is no Chromium (on Debian: apt-get install chromium)")
    if not (BUILT / "index.html").is_file():
        pytest.skip("the dashboard is not built (make dashboard)")
    return program


@pytest.fixture(scope="session")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    server = Server(tmp_path_factory.mktemp("dashboard") / "data").start()
    try:
        made = server.run("demo", "--events", "4000", "--json")
        assert made.returncode == 0, made.stderr
        answer = json.loads(made.stdout)
        root = next(one for one in answer["clients"] if one["type"] == "root")
        headers = {"event-lens-client-id": root["id"], "event-lens-client-secret": root["secret"]}
        yield Site(server, answer["project_id"], headers)
    finally:
        server.close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    # Of a module and no longer: while it is open, its event loop runs in this thread.
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def kept() -> dict[str, StorageState]:
    """Cookies of whoever signed in, by address."""
    return {}


@pytest.fixture(scope="module")
def signed_in(site: Site, browser: Browser, kept: dict[str, StorageState]) -> StorageState:
    """The owner's cookies: signed up once, through the page of the printed link."""
    if OWNER not in kept:
        page = browser.new_page()
        page.goto(site.url + site.sign_up_path())
        page.get_by_label("Your name").fill("Ada")
        page.get_by_label("E-mail").fill(OWNER)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create the account").click()
        page.get_by_role("heading", name="Projects").wait_for()
        kept[OWNER] = page.context.storage_state()
        page.close()
    return kept[OWNER]


@pytest.fixture
def open_page(browser: Browser, signed_in: StorageState) -> Iterator[Callable[..., Page]]:
    """`open_page(url, dark=True, width=360)` opens the owner's page; errors in its console fail the test."""
    said: list[str] = []
    contexts: list[Any] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(f"{message.text} ({message.location.get('url', '')})")

    def opened(url: str, *, dark: bool = False, width: int = 1280, guest: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            reduced_motion="reduce",
            storage_state=None if guest else signed_in,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []
