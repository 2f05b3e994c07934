"""What people do with the dashboard, from the first sign-in to a saved report; numbers equal the API's."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from benchmarks.questions_asked import OVERVIEW
from tests.browser.conftest import OWNER, PASSWORD, Site

pytestmark = pytest.mark.timeout(300)

SLOW = 30_000
"""Milliseconds that something may take on a busy machine."""


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=SLOW)


def card(page: Page, name: str) -> str:
    """The number of a metric's card."""
    found = page.get_by_role("group", name="Number in the chart").get_by_role(
        "button", name=re.compile(f"^{name}")
    )
    expect(found.locator(".text-xl")).to_be_visible()
    return found.locator(".text-xl").inner_text()


def filters_of(page: Page) -> list[dict[str, object]]:
    return json.loads(parse_qs(urlsplit(page.url).query).get("filters", ["[]"])[0])


def test_the_overview_shows_what_the_api_says(site: Site, open_page) -> None:
    page = open_page(site.at())
    data = site.ask("metrics", range="30d")
    assert card(page, "Visitors") == f"{data['unique_visitors']:,}"
    assert card(page, "Sessions") == f"{data['total_sessions']:,}"
    assert card(page, "Bounce rate") == f"{data['bounce_rate']:.1f}%"
    expect(page.get_by_test_id("online")).to_contain_text("online")
    first = site.ask("pages", range="30d", limit="1")[0]
    row = page.get_by_role("region", name="Pages").get_by_role("listitem").first
    expect(row).to_contain_text(first["path"])
    expect(row).to_contain_text(f"{first['views']:,}")


def test_the_overview_asks_what_is_measured(site: Site, open_page) -> None:
    asked: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    page = open_page(site.url)
    page.on(
        "request", lambda request: asked.add(_question(request.url)) if _INSIGHTS in request.url else None
    )
    page.goto(site.at())
    card(page, "Visitors")
    page.wait_for_load_state("networkidle")
    assert asked == {(each.route, frozenset(each.parameters.items())) for each in OVERVIEW}


_INSIGHTS = "/insights/"


def _question(url: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """Route and parameters, the span apart."""
    parts = urlsplit(url)
    given = {name: value for name, (value,) in parse_qs(parts.query).items() if name != "range"}
    return parts.path.split(_INSIGHTS)[1].split("/", 1)[1], frozenset(given.items())


def test_home_leads_to_a_project(site: Site, open_page) -> None:
    page = open_page(site.url)
    page.get_by_role("link", name="Demo").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    assert urlsplit(page.url).path == f"/p/{site.project_id}"


def test_a_click_on_a_row_filters_and_the_address_keeps_it(site: Site, open_page) -> None:
    page = open_page(site.at())
    row = page.get_by_role("region", name="Sources").get_by_role("button", name="Google")
    expect(row).to_be_visible()
    said: list[str] = []
    page.on("response", lambda answer: said.append(urlsplit(answer.url).path.rpartition("/")[2]))
    with page.expect_request(re.compile(r"/pages\?")):
        row.click()
    assert "metrics" in said, "the numbers come first: lists with filters take longer"
    wanted = [{"name": "referrer_name", "operator": "is", "value": ["Google"]}]
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("Google")
    assert filters_of(page) == wanted
    data = site.ask("metrics", range="30d", filters=json.dumps(wanted))
    numbers = f"{data['unique_visitors']:,}"
    expect(page.get_by_role("group", name="Number in the chart")).to_contain_text(numbers)
    page.reload()
    assert card(page, "Visitors") == numbers
    page.get_by_role("button", name=re.compile("Remove filter")).click()
    expect(page.get_by_role("group", name="Active filters")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("Google")


def test_a_filter_is_built_by_hand(site: Site, open_page) -> None:
    page = open_page(site.at())
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("What to filter by").fill("country")
    page.get_by_role("button", name="Country").click()
    page.get_by_role("checkbox", name=re.compile("Germany")).click()
    page.get_by_role("checkbox", name=re.compile("France")).click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("Germany, France")
    assert filters_of(page) == [{"name": "country", "operator": "is", "value": ["DE", "FR"]}]


def test_span_metric_and_comparison_live_in_the_address(site: Site, open_page) -> None:
    page = open_page(site.at())
    page.get_by_role("button", name=re.compile("^Span")).click()
    page.get_by_role("button", name="Last 7 days").click()
    page.get_by_role("button", name=re.compile("^Bounce rate")).click()
    page.get_by_role("button", name=re.compile("^Compare")).click()
    page.get_by_role("menuitemradio", name="No comparison").click()
    page.get_by_role("button", name=re.compile("^Interval")).click()
    page.get_by_role("menuitemradio", name="Hours").click()
    expect(page.get_by_role("group", name="Bounce rate over time")).to_be_visible()
    query = parse_qs(urlsplit(page.url).query)
    assert query == {"range": ["7d"], "metric": ["bounce_rate"], "compare": ["none"], "interval": ["hour"]}


def test_a_funnel_is_built_by_clicking(site: Site, open_page) -> None:
    page = open_page(site.at("/funnels"))
    page.get_by_label("Step 1: Event").select_option("signup_started")
    page.get_by_label("Step 2: Event").select_option("signup_completed")
    answer = httpx.post(
        f"{site.url}/insights/{site.project_id}/funnel",
        headers=site.root,
        json={"range": "30d", "steps": [{"name": "signup_started"}, {"name": "signup_completed"}]},
    ).json()["data"]
    shown = page.get_by_test_id("conversion")
    expect(shown).to_have_text(re.compile(rf"^{answer['overall_conversion_rate']:.1f}%$|^100%$|^\d+%$"))
    expect(
        page.get_by_text(f"{answer['steps'][1]['count']:,} of {answer['steps'][0]['count']:,}")
    ).to_be_visible()
    page.get_by_role("button", name="Who are they? Step 2").click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).not_to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save as a report").click()
    page.get_by_label("Name of the report").fill("Sign-ups")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="Sign-ups").click()
    expect(page.get_by_test_id("conversion")).to_have_text(shown.inner_text())


def test_retention_shows_who_came_back(site: Site, open_page) -> None:
    page = open_page(site.at("/retention"))
    cohorts = site.ask("retention", range="30d", period="week")["cohorts"]
    table = page.get_by_role("table", name=re.compile("by cohort"))
    expect(table.get_by_role("row")).to_have_count(len(cohorts) + 2)  # heads and the average
    expect(table.get_by_role("row").nth(3)).to_contain_text(f"{cohorts[1]['size']:,}")


def test_paths_go_on_from_a_page(site: Site, open_page) -> None:
    page = open_page(site.at("/paths"))
    sessions = site.ask("paths", range="30d", limit="8")["sessions"]
    expect(page.get_by_text(f"{sessions:,} sessions", exact=True)).to_be_visible()
    page.get_by_role("group", name=re.compile("How sessions go on")).get_by_role(
        "button", name="Step 1: /pricing."
    ).click()
    expect(page.get_by_label("Start at")).to_have_value("/pricing")


def test_a_cohort_is_made_and_filters(site: Site, open_page) -> None:
    page = open_page(site.at("/cohorts"))
    page.get_by_role("button", name="New cohort").click()
    page.get_by_label("Name").fill("Signed up")
    page.get_by_label("Event", exact=True).select_option("signup_completed")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Signed up")).to_be_visible()
    page.get_by_role("link", name="Filter the overview by it").click()
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("Cohort")


def test_a_person_is_found(site: Site, open_page) -> None:
    page = open_page(site.at("/profiles"))
    somebody = site.ask("profiles", range="30d", identified="true", limit="1")[0]
    page.get_by_label("Name, e-mail or id").fill(somebody["id"])
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text(somebody["email"])).to_be_visible()


def test_the_first_event_is_noticed(site: Site, open_page) -> None:
    made = site.server.project("Fresh")
    page = open_page(f"{site.url}/p/{made.id}/settings?tab=setup")
    expect(page.get_by_test_id("waiting")).to_be_visible()
    expect(page.get_by_label("Script tag", exact=True).last).to_contain_text(made.write.id)
    made.track("screen_view", path="https://example.com/", deviceId="me")
    expect(page.get_by_test_id("arrived")).to_be_visible()


def test_by_keyboard_alone(site: Site, open_page) -> None:
    page = open_page(site.at())
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("funn")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Funnels", level=1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Compare")).press("Enter")
    expect(page.get_by_role("menuitemradio", name="Previous period")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Compare: Same span last year")).to_be_focused()


def test_korean(site: Site, open_page) -> None:
    page = open_page(site.at())
    page.get_by_role("button", name="Account and appearance").click()
    page.get_by_role("menuitemradio", name="한국어").click()
    expect(page.get_by_role("heading", name="개요", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "ko"


def test_signing_in_and_out(site: Site, browser, signed_in) -> None:
    page = browser.new_page()
    page.goto(site.at("/funnels"))
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password").fill("not the password at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Funnels", level=1)).to_be_visible()
    page.get_by_role("button", name="Account and appearance").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.close()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_nobody_is_led_elsewhere_after_signing_in(site: Site, browser, signed_in, elsewhere: str) -> None:
    page = browser.new_page()
    page.goto(f"{site.url}/sign-in?next={elsewhere}")
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in to Event Lens")
    assert page.url.startswith(site.url + "/")
    page.close()
