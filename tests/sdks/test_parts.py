"""What the script loads when it is asked to, how pages may restrict it, and OpenPanel's words for it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from tests.sdks.conftest import Site
from tests.sdks.site import Page, html

Open = Callable[..., Tab]

pytestmark = pytest.mark.timeout(300)  # the first of them waits for the server too

LONG = """<div style="height: 3000px">Hidden words<input id=field></div>
    <form id=order action="/done"><input></form>"""


def test_all_parts_on_a_page_that_allows_little(site: Site, open_page: Open, said: list[str]) -> None:
    policy = (
        f"default-src 'none'; script-src 'nonce-abc' {site.server}; connect-src {site.server}; "
        "style-src 'unsafe-inline'; img-src data:"
    )
    tag = site.tag(reading="", forms="", vitals="", errors="", replay="", _nonce="abc")
    script = """<script nonce=abc>
      document.addEventListener("submit", (event) => event.preventDefault());
      const fail = () => setTimeout(() => { throw new TypeError("no basket") });
      const reject = () => void Promise.reject(new Error("no answer"));
    </script>"""
    page = html(tag + script, LONG)
    url = site.pages.add("strict", "/", Page(page, headers={"content-security-policy": policy}))
    site.pages.add("strict", "/next", Page(html()))
    tab = open_page(url)
    loaded = "performance.getEntriesByType('resource').filter(each => /e\\.\\w+\\.js/.test(each.name))"
    tab.wait_for_function(f"{loaded}.length === 5")
    tab.wait_for_timeout(1200)
    tab.fill("#field", "my secret")
    tab.evaluate("scrollTo(0, 1000)")
    tab.evaluate("() => { fail(); fail(); reject(); order.requestSubmit(); }")
    tab.wait_for_timeout(200)
    assert [text for text in said if "no basket" not in text and "no answer" not in text] == []
    said.clear()
    tab.goto(site.pages.origin("strict") + "/next")
    rows = site.at_least(
        "strict", {"screen_view", "form_submit", "error", "scroll_depth", "engagement", "web_vital"}
    )
    found = {row["name"]: row["properties"] for row in rows}
    assert found["form_submit"] == {"form": "order", "action": "/done", "method": "get"}
    errors = [row["properties"] for row in rows if row["name"] == "error"]
    assert [(each["message"], each.get("type")) for each in errors] == [
        ("Uncaught TypeError: no basket", "TypeError"), ("no answer", "Error"),
    ]  # fmt: skip
    assert 40 < found["scroll_depth"]["depth"] < 70
    assert found["engagement"]["seconds"] >= 1
    vitals = {row["properties"]["name"] for row in rows if row["name"] == "web_vital"}
    assert {"TTFB", "FCP", "LCP", "CLS"} <= vitals
    assert {row["path"] for row in rows} == {"/"}
    [recording] = site.project.ask("replays")
    text = "".join(piece["payload"] for piece in site.project.ask(f"replays/{recording['id']}"))
    assert "my secret" not in text
    assert "Hidden words" not in text
    assert "3000px" in text


def test_a_page_that_is_not_there(site: Site, open_page: Open, said: list[str]) -> None:
    open_page(site.pages.add("gone", "/old", Page(html(site.tag()), 404)))
    assert sorted(row["name"] for row in site.stored("gone", 2)) == ["not_found", "screen_view"]
    said.clear()


def test_hidden_tabs_are_told_of_at_once(site: Site, open_page: Open) -> None:
    page = open_page(site.pages.add("hidden", "/", Page(html(site.tag()))))
    page.evaluate("""() => {
        addEventListener('visibilitychange', () => eventlens.track('hidden'), { capture: true, once: true });
        Object.defineProperty(document, 'hidden', { get: () => true });
        dispatchEvent(new Event('visibilitychange'));
    }""")
    page.close()
    assert [row["name"] for row in site.stored("hidden", 2)] == ["screen_view", "hidden"]


@pytest.mark.parametrize("trouble", ["storage", "server"])
def test_a_browser_that_blocks(
    site: Site, open_page: Open, visitor: BrowserContext, said: list[str], trouble: str
) -> None:
    host = f"blocked-{trouble}"
    if trouble == "storage":
        broken = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no') } })"
        visitor.add_init_script(broken)
    else:
        visitor.route(f"{site.server}/**", lambda route: route.abort("blockedbyclient"))
    body = "<button onclick=\"document.title = 'works'\">Buy</button>"
    page = open_page(site.pages.add(host, "/", Page(html(site.tag(storage=""), body))))
    page.click("button")
    assert page.title() == "works"
    if trouble == "storage":
        page.evaluate("eventlens.track('bought')")
        site.stored(host, 2)
    assert [text for text in said if "ERR_BLOCKED_BY_CLIENT" not in text] == []
    said.clear()


def test_consent_and_refusal(site: Site, open_page: Open, visitor: BrowserContext) -> None:
    visitor.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', { value: location.host.startsWith('gpc') })"
    )
    open_page(site.pages.add("gpc", "/", Page(html(site.tag(dnt=""))))).evaluate("eventlens.track('unheard')")
    page = open_page(site.pages.add("consent", "/", Page(html(site.tag(dnt="", wait="")))))
    page.wait_for_timeout(100)
    assert site.stored("consent", 0) == []
    page.evaluate("eventlens.ready()")
    site.stored("consent", 1)
    page.evaluate("eventlens.optOut()")
    page.reload()
    page.evaluate("eventlens.track('unheard')")
    page.evaluate("eventlens.optOut(false)")
    page.evaluate("eventlens.track('heard'), eventlens.ready()")
    assert [row["name"] for row in site.stored("consent", 2)] == ["screen_view", "heard"]
    assert site.stored("gpc", 0) == []


def test_calls(site: Site, open_page: Open) -> None:
    early = """<script>
      window.eventlens ||= function () { (eventlens.q ||= []).push(arguments) };
      eventlens("setGlobalProperties", { version: "4.2" });
      eventlens("track", "early");
    </script>"""
    page = open_page(site.pages.add("calls", "/", Page(html(early + site.tag(manual="", hash="")))))
    page.evaluate("""() => {
        eventlens.identify({ profileId: "p-1", email: "ada@example.com" });
        eventlens.increment("logins");
        eventlens.increment("logins", 2);
        eventlens.decrement("credits", 3);
        eventlens.alias("ada");
        eventlens.group("acme", { type: "company", name: "Acme" });
        eventlens.screenView("/checkout/step-2");
        eventlens.track("late", { version: "5" });
        eventlens.clear();
        return eventlens.flush();
    }""")
    site.project.settle()
    rows = [
        row for row in site.project.events(range="all") if row["name"] in ("early", "late", "screen_view")
    ]
    rows = [row for row in rows if row["properties"].get("version")][::-1]
    assert [(row["name"], row["path"], row["properties"], row["profileId"]) for row in rows] == [
        ("early", "/", {"version": "4.2"}, None),
        ("screen_view", "/checkout/step-2", {"version": "4.2"}, "p-1"),
        ("late", "/", {"version": "5"}, "p-1"),
    ]
    profile = site.project.ask("profiles/p-1")
    assert profile["properties"] == {"logins": 3, "credits": -3}
    assert site.project.ask("profiles/ada")["email"] == "ada@example.com"


def test_openpanels_snippet(site: Site, open_page: Open) -> None:
    # As its documentation prints it, with this server's addresses.
    snippet = f"""<script>
      window.op=window.op||function(){{var n=[];
        return new Proxy(function(){{arguments.length&&n.push([].slice.call(arguments))}},
        {{get:function(t,r){{return"q"===r?n:function(){{n.push([r].concat([].slice.call(arguments)))}}}},
          has:function(t,r){{return"q"===r}}}})}}();
      window.op('init', {{ apiUrl: '{site.server}', clientId: '{site.project.write.id}',
        trackScreenViews: true, trackOutgoingLinks: true, trackAttributes: true }});
      window.op('track', 'early', {{ a: 1 }});
      window.op.track('early_too');
    </script><script src="{site.server}/e.js" defer async></script>"""
    page = open_page(
        site.pages.add("openpanel", "/", Page(html(snippet, "<b data-track=marked data-x=1>x</b>")))
    )
    page.wait_for_function("window.op.flush")
    page.click("b")
    page.evaluate("window.op('identify', { profileId: 'p-2', firstName: 'Ada' })")
    page.evaluate(
        "window.op('upsertGroup', { id: 'g', type: 'company', name: 'G' }), window.op.setGroup('g')"
    )
    page.evaluate("window.op.track('late')")
    rows = site.stored("openpanel", 5)
    assert [row["name"] for row in rows] == ["screen_view", "early", "early_too", "marked", "late"]
    assert "g" in rows[-1]["groups"]
    assert rows[3]["properties"] == {"x": "1"}


def test_the_lite_script(site: Site, open_page: Open) -> None:
    tag = site.tag(_src=f"{site.server}/e.lite.js")
    page = open_page(
        site.pages.add("lite", "*", Page(html(tag, "<a href='http://partner.localhost/'>out</a>"))).replace(
            "*", "/"
        )
    )
    page.evaluate("eventlens.identify('p-3'), history.pushState(null, '', '/two')")
    page.wait_for_timeout(80)
    page.evaluate("eventlens('track', 'own', { a: 1 })")
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    page.click("a")
    page.goto("about:blank")
    rows = site.stored("lite", 4)
    assert [(row["name"], row["path"], row["profileId"]) for row in rows] == [
        ("screen_view", "/", None),
        ("screen_view", "/two", "p-3"),
        ("own", "/two", "p-3"),
        ("link_out", "/two", "p-3"),
    ]


def test_behind_the_gateways_path(site: Site, open_page: Open) -> None:
    tag = site.tag(_src=f"{site.server}/api/v1/analytics/e.js", vitals="")
    page = open_page(site.pages.add("gateway", "/", Page(html(tag))))
    loaded = "performance.getEntriesByType('resource').map(each => each.name)"
    page.wait_for_function(f"{loaded}.some(name => name.includes('/api/v1/analytics/e.vitals.js?v='))")
    assert "screen_view" in {row["name"] for row in site.at_least("gateway", {"screen_view"})}
