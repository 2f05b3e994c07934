"""What holds of every page: no barrier, no sideways scrolling on a phone, no error; and a small start."""

import gzip
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from eventlens.api.dashboard import BUILT
from tests.browser.conftest import AXE, Site

pytestmark = pytest.mark.timeout(300)

PAGES = (
    *("", "/realtime", "/events", "/events?tab=stream", "/funnels", "/retention", "/paths", "/revenue"),
    *("/profiles", "/sessions", "/cohorts", "/reports", "/settings", "/settings?tab=setup"),
    *("/settings?tab=clients", "/settings?tab=filters"),
)
LARGEST_START = 180_000
"""Bytes of JavaScript, packed, that come before the first page is there."""


def settled(page: Page) -> Page:
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_no_barriers(site: Site, open_page: Callable[..., Page], path: str, *, dark: bool) -> None:
    page = settled(open_page(site.at(path), dark=dark))
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    page.evaluate(AXE.read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run({ runOnly: tags })", tags)["violations"]
    assert [
        (each["id"], each["impact"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found
    ] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_is_wide_enough(site: Site, open_page: Callable[..., Page], path: str) -> None:
    page = settled(open_page(site.at(path), width=360))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_menu_of_a_phone(site: Site, open_page: Callable[..., Page]) -> None:
    page = settled(open_page(site.at(), width=360))
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("dialog").get_by_role("link", name="Retention").click()
    expect(page.get_by_role("heading", name="Retention", level=1)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_nothing_moves_while_it_loads(site: Site, open_page: Callable[..., Page]) -> None:
    page = settled(open_page(site.at()))
    moved = """new Promise(done => { let sum = 0;
        new PerformanceObserver(list => { for (const entry of list.getEntries()) sum += entry.value; })
            .observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 500); })"""
    assert page.evaluate(moved) < 0.02


def test_the_start_is_small(chromium: str) -> None:
    index = (BUILT / "index.html").read_text()
    scripts = re.findall(r'(?:src|href)="\./(assets/[^"]+\.js)"', index)
    assert len(scripts) > 1
    assert sum(len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in scripts) <= LARGEST_START


def test_below_a_sub_path(chromium: str, make_server, browser) -> None:
    server = make_server("sub")
    server.settings["EVENTLENS_BASE_URL"] = f"{server.url}/stats"
    server.start()
    page = browser.new_page()
    page.goto(f"{server.url}/stats/")
    expect(page).to_have_url(f"{server.url}/stats/sign-in?next=%2F", timeout=30_000)
    expect(page.get_by_role("heading", name="Sign in to Event Lens")).to_be_visible()
    page.close()
