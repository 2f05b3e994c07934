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
    *("/settings?tab=clients", "/settings?tab=filters", "/goals", "/goals?tab=attribution"),
    *("/quality", "/quality?tab=errors", "/dashboards", "/replays", "/settings?tab=names"),
    *("/settings?tab=members", "/settings?tab=shares", "/settings?tab=audit", "/settings?tab=danger"),
    *("/../../", "/../../new", "/../../account", "/../../account?tab=security"),
    *("/../../account?tab=sessions", "/../../account?tab=tokens", "/../../account?tab=activity"),
    *("/../../sign-in", "/../../forgot-password"),
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
LOOKS = {
    "light": (False, 1280, WCAG),
    # The same elements again: only what colours can break.
    "dark": (True, 1280, ("color-contrast",)),
    "phone": (False, 360, WCAG),
}
LARGEST_START = 180_000
"""Bytes of JavaScript, packed, that come before the first page is there."""


def settled(page: Page) -> Page:
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
    expect(page.locator(".skeleton")).to_have_count(0, timeout=30_000)
    return page


@pytest.mark.parametrize(("dark", "width", "rules"), LOOKS.values(), ids=LOOKS)
def test_no_barriers(
    site: Site, open_page: Callable[..., Page], *, dark: bool, width: int, rules: tuple[str, ...]
) -> None:
    """On every page: what axe knows of WCAG 2.2 AA, and nothing that is wider than the window."""
    page = open_page(site.at(), dark=dark, width=width)
    found: dict[str, object] = {}
    for path in PAGES:
        page.goto(site.at(path))
        settled(page)
        page.evaluate(AXE.read_text())
        violations = page.evaluate("rules => axe.run({ runOnly: rules })", list(rules))["violations"]
        if violations:
            found[path] = [
                (each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in violations
            ]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[f"{path} is too wide"] = True
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    assert found == {}


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
