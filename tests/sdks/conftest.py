"""Pages with the script, in Debian's Chromium, sending to a real server: one of each for a module."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from eventlens.api.scripts import BUILT
from tests.sdks.site import Pages, serving
from tests.support.project import BROWSER, Project
from tests.support.server import Server

Row = dict[str, Any]

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    # Told to the browser and not to its pages: what a page leaves behind says so too.
    f"--user-agent={BROWSER}",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@dataclass(frozen=True, slots=True)
class Site:
    """Pages, and the project that they send to."""

    pages: Pages
    project: Project

    @property
    def server(self) -> str:
        return str(self.project.http.base_url).rstrip("/")

    def tag(self, **options: str) -> str:
        """The line of HTML; `data-` options by keyword, `src` and others with `_` as they are."""
        plain = {name.lstrip("_"): value for name, value in options.items() if name.startswith("_")}
        src = plain.pop("src", f"{self.server}/e.js")
        data = {f"data-{name.replace('_', '-')}": value for name, value in options.items() if name[0] != "_"}
        attributes = {"data-client-id": self.project.write.id} | data | plain
        said = " ".join(f'{name}="{value}"' for name, value in attributes.items())
        return f'<script defer src="{src}" {said}></script>'

    def at_least(self, host: str, names: set[str], seconds: float = 15) -> list[Row]:
        """A host's events in order of time, once there is one of each name; fails when one does not come."""
        deadline = time.monotonic() + seconds
        while (missing := names - {row["name"] for row in self.of(host)}) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert missing == set()
        return self.of(host)

    def of(self, host: str) -> list[Row]:
        """A host's events in order of time, as far as they are stored."""
        origin = self.pages.origin(host)
        return [row for row in self.project.events(range="all") if row["origin"] == origin][::-1]

    def stored(self, host: str, number: int, seconds: float = 15) -> list[Row]:
        """A host's events in order of time, once there are `number`; fails when there are more."""
        deadline = time.monotonic() + seconds
        while len(rows := self.of(host)) < number and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(rows) == number, [(row["name"], row["path"]) for row in rows]
        return rows


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; skips where there is none, or the script was not built."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("there is no Chromium (on Debian: apt-get install chromium)")
    if not (BUILT / "e.js").is_file():
        pytest.skip("the script is not built (make script)")
    return program


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=ARGUMENTS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(server: Server, chromium: str) -> Iterator[Site]:
    """A site of the module's own; any page may send to its project."""
    project = server.project("Pages")
    answer = project.http.patch(
        f"/manage/projects/{project.id}/clients/{project.write.id}",
        json={"origins": ["*"]},
        headers=project.root.headers,
    )
    assert answer.status_code == 200, answer.text
    with serving() as pages:
        yield Site(pages, project)


@pytest.fixture
def said() -> list[str]:
    """Errors of the test's pages: none, unless the test empties the list."""
    return []


@pytest.fixture
def visitor(browser: Browser, said: list[str]) -> Iterator[BrowserContext]:
    """Somebody with a browser of their own."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1000, "height": 600})
    yield context
    context.close()
    assert said == []


@pytest.fixture
def open_page(visitor: BrowserContext, said: list[str]) -> Callable[..., Page]:
    """`open_page(url)` opens a page in a tab of its own."""

    def opened(url: str, **more: Any) -> Page:
        page = visitor.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(url, **more)
        return page

    return opened
