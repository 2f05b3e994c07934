"""The script tag in a browser: what the server stored."""

import gzip
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect
from playwright.sync_api import Page as Tab

from eventlens.api.scripts import BUILT
from tests.sdks.conftest import Row, Site
from tests.sdks.site import Page, html

Open = Callable[..., Tab]

pytestmark = pytest.mark.timeout(300)  # the first of them waits for the server too

APP = """<script>
  const go = (path, title, replace) => {
    history[replace ? "replaceState" : "pushState"](null, "", path);
    setTimeout(() => document.title = title, 10);
  };
</script>"""


def shown(rows: list[Row], *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def named(rows: list[Row], name: str) -> list[Row]:
    return [row for row in rows if row["name"] == name]


def test_it_is_small(chromium: str) -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in BUILT.glob("*.js")}
    assert sizes["e.lite.js"] <= 1300
    assert sizes["e.js"] <= 2400


def test_a_visit(site: Site, open_page: Open) -> None:
    links = """<a id=out href="http://partner.localhost/offer"><b>Our partner</b></a>
        <button data-track="plan_chosen" data-plan="team" data-seat-count="5"><i>Choose</i></button>
        <a id=file href="/price-list.pdf">Prices</a>
        <a id=in href="#there">Here</a>"""
    url = site.pages.add("visit", "*", Page(html(site.tag() + APP, links)))
    page = open_page(f"{url[:-1]}?utm_source=news#top", referer="https://www.google.com/")
    expect(page).to_have_title("Home")
    page.evaluate("go('/pricing?plan=team', 'Pricing')")
    page.wait_for_timeout(80)
    page.evaluate("go('/pricing?plan=team', 'Pricing')")  # the same address again is no view
    page.wait_for_timeout(80)
    page.evaluate("go('/pricing/team', 'Team', true)")
    page.wait_for_timeout(80)
    page.evaluate("eventlens.track('signed_up', { seats: 5, trial: true, tags: ['a'], none: null })")
    page.evaluate("eventlens('identify', 'user-7', { firstName: 'Ada', properties: { plan: 'team' } })")
    page.click("i")
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    for link in ("#file", "#in", "#out"):
        page.click(link)
    page.go_back()
    rows = site.stored("visit", 8)
    views = named(rows, "screen_view")
    assert shown(views, "path", "query", "hash", "title") == [
        ("/", "utm_source=news", "top", "Home"),
        ("/pricing", "plan=team", None, "Pricing"),
        ("/pricing/team", None, None, "Team"),
        ("/pricing", "plan=team", None, "Team"),  # back: the page keeps its title
    ]
    assert {row["referrerName"] for row in rows} == {"Google"}
    assert {(row["utm"]["source"], row["device"], row["browser"]) for row in rows} == {
        ("news", "desktop", "Chrome")
    }
    assert len({row["sessionId"] for row in rows}) == len({row["visitorId"] for row in rows}) == 1
    found = {row["name"]: row for row in rows}
    assert found["signed_up"]["properties"] == {"seats": 5, "trial": True, "tags": ["a"], "none": None}
    assert found["plan_chosen"]["properties"] == {"plan": "team", "seatCount": "5"}
    assert found["file_download"]["properties"]["text"] == "Prices"
    assert found["file_download"]["properties"]["href"].endswith("/price-list.pdf")
    assert found["link_out"]["properties"] == {
        "href": "http://partner.localhost/offer",
        "text": "Our partner",
    }
    assert [row["profileId"] for row in rows] == [None] * 4 + ["user-7"] * 4
    assert site.project.ask("profiles/user-7")["firstName"] == "Ada"


def test_nothing_is_kept_in_the_browser(site: Site, open_page: Open) -> None:
    page = open_page(site.pages.add("bare", "/", Page(html(site.tag()))))
    site.stored("bare", 1)
    kept = page.evaluate("[document.cookie, localStorage.length, sessionStorage.length, history.state]")
    assert kept == ["", 0, 0, None]


def test_leaving_a_page_loses_nothing(site: Site, open_page: Open) -> None:
    script = "<script>onpagehide = () => eventlens.track('left', { size: 'x'.repeat(20) })</script>"
    out = f'<a href="{site.pages.origin("elsewhere")}/">out</a>'
    first = site.pages.add("leaving", "/", Page(html(site.tag() + APP + script, out)))
    site.pages.add("elsewhere", "/", Page(html()))
    page = open_page(first)
    # The route changed, and the next page was asked for before its view was due.
    page.evaluate("() => { go('/cart', 'Cart'); document.querySelector('a').click(); }")
    page.wait_for_url(re.compile("elsewhere"))
    rows = site.stored("leaving", 4)
    assert sorted(shown(rows, "name", "path")) == [
        ("left", "/cart"), ("link_out", "/cart"), ("screen_view", "/"), ("screen_view", "/cart"),
    ]  # fmt: skip


def test_back_to_a_page_that_was_put_aside(site: Site, open_page: Open) -> None:
    marker = (
        "<script>onpageshow = (event) => document.documentElement.dataset.back = event.persisted</script>"
    )
    first = site.pages.add("aside", "/", Page(html(site.tag() + marker)))
    second = site.pages.add("aside", "/second", Page(html(site.tag(), title="Second")))
    page = open_page(first)
    page.goto(second)
    page.evaluate("history.back()")  # nothing is loaded, so there is no end of loading to wait for
    expect(page.locator("html[data-back=true]")).to_be_attached()
    assert shown(site.stored("aside", 3), "path") == [("/",), ("/second",), ("/",)]


def test_offline_and_back(site: Site, open_page: Open, visitor: BrowserContext, said: list[str]) -> None:
    page = open_page(site.pages.add("offline", "/", Page(html(site.tag()))))
    site.stored("offline", 1)
    visitor.set_offline(offline=True)
    page.evaluate("eventlens.track('in_the_tunnel')")
    page.wait_for_timeout(100)
    page.evaluate("eventlens.track('still_there')")
    page.wait_for_timeout(100)
    visitor.set_offline(offline=False)
    rows = site.stored("offline", 3)
    assert shown(rows[1:], "name") == [("in_the_tunnel",), ("still_there",)]
    assert {text for text in said if "ERR_INTERNET_DISCONNECTED" not in text} == set()
    said.clear()


def test_what_could_not_be_sent_waits_for_the_next_visit(
    site: Site, open_page: Open, visitor: BrowserContext, said: list[str]
) -> None:
    url = site.pages.add("kept", "/", Page(html(site.tag(storage=""))))
    page = open_page(url)
    device = site.stored("kept", 1)[0]["deviceId"]
    visitor.route(f"{site.server}/track/batch", lambda route: route.abort())
    page.evaluate("eventlens.track('bought', { item: 7 })")
    page.close()
    visitor.unroute(f"{site.server}/track/batch")
    said.clear()
    again = open_page(url)
    rows = site.stored("kept", 3)
    assert sorted(shown(rows, "name", "deviceId")) == [
        ("bought", device),
        ("screen_view", device),
        ("screen_view", device),
    ]
    again.reload()
    site.stored("kept", 4)


@pytest.mark.parametrize("lost", ["answer", "server"])
def test_sent_again_it_is_one_event(site: Site, open_page: Open, said: list[str], lost: str) -> None:
    host = f"again-{lost}"
    page = open_page(site.pages.add(host, "/", Page(html(site.tag()))))
    site.stored(host, 1)
    tries: list[str] = []

    def first_fails(route) -> None:
        tries.append(route.request.post_data)
        if len(tries) > 1:
            route.continue_()
        elif lost == "answer":
            route.fetch()  # it arrived, but nobody hears so
            route.abort()
        else:
            route.fulfill(status=503)

    page.route(f"{site.server}/track/batch", first_fails)
    page.evaluate("eventlens.track('once')")
    for _ in range(100):
        page.wait_for_timeout(50)
        page.evaluate("eventlens.flush()")
        if len(tries) == 2:
            break
    said.clear()
    assert len(tries) == 2
    assert shown(site.stored(host, 2), "name") == [("screen_view",), ("once",)]
