"""Events and properties under other names, or hidden; sites of a client: made by clicking."""

import re
import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.support.project import Project

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=30_000)


def test_an_event_is_renamed_another_one_hidden(site: Site, open_page) -> None:
    made = _collected(site)
    at = f"{site.url}/p/{made.id}"
    page: Page = open_page(f"{at}/settings?tab=names")
    page.get_by_role("button", name="Edit form_sent").click()
    page.get_by_label("Shown as").fill("Sign-up")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("row", name="form_sent")).to_contain_text("Sign-up")
    page.get_by_role("button", name="Hide noise").click()
    expect(page.get_by_role("button", name="Show noise")).to_be_visible()

    page.goto(at)
    card = page.get_by_role("region", name="Events")
    card.get_by_role("button", name="Sign-up").click()
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("Sign-up")
    assert "form_sent" in page.url
    expect(card.get_by_role("button", name="noise")).to_have_count(0)

    page.goto(f"{at}/events")
    names = page.get_by_role("table", name="Names")
    expect(names.get_by_role("button", name="Sign-up")).to_be_visible()
    expect(names).not_to_contain_text("noise")
    expect(page.get_by_text("One name is hidden")).to_be_visible()
    page.get_by_label("Search", exact=True).fill("noise")
    expect(names.get_by_role("button", name="noise")).to_be_visible()


def test_pickers_show_names_and_take_hidden_ones_typed(site: Site, open_page) -> None:
    made = _collected(site)
    for change in (
        {"kind": "event", "name": "form_sent", "label": "Sign-up"},
        {"kind": "event", "name": "noise", "hidden": True},
        {"kind": "property", "name": "plan", "label": "Tariff"},
    ):
        kept = httpx.patch(
            f"{site.url}/manage/projects/{made.id}/names", json=change, headers=made.root.headers
        )
        assert kept.status_code == 200, kept.text
    page: Page = open_page(f"{site.url}/p/{made.id}/funnels")
    step = page.get_by_label("Step 1: Event")
    expect(step.get_by_role("option", name="Sign-up")).to_have_count(1)
    expect(step.get_by_role("option", name="noise")).to_have_count(0)
    step.select_option("form_sent")
    second = page.get_by_label("Step 2: Event")
    second.select_option(label="Type a name …")
    second.fill("noise")
    second.press("Enter")
    expect(page.get_by_test_id("conversion")).to_have_text("100.0%")
    expect(page.get_by_text("1 of 1")).to_be_visible()

    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("button", name="Tariff").click()
    page.get_by_role("checkbox", name="pro").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("Tariff")


def _collected(site: Site) -> Project:
    made = site.server.project("Named")
    for at, name in enumerate(("form_sent", "form_sent", "noise")):
        sent = made.track(name, deviceId="one", properties={"plan": "pro", "at": at})
        assert sent.status_code == 200, sent.text
    until = time.monotonic() + 60
    while made.get("metrics").json()["data"]["total_events"] < 3:
        assert time.monotonic() < until
        time.sleep(0.2)
    return made


def test_sites_of_a_client_are_added_and_removed(site: Site, browser, signed_in) -> None:
    made = site.server.project("Sites")
    page: Page = browser.new_page(storage_state=signed_in)  # whose console tells of the refusal
    page.goto(f"{site.url}/p/{made.id}/settings?tab=clients")
    page.get_by_role("button", name=re.compile("^Sites: Write")).click()
    page.get_by_label("Site to add").fill("https://a.example/path")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("must be an origin")
    expect(page.get_by_label("Site to add")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Site to add").fill("https://A.example")
    page.get_by_role("button", name="Add", exact=True).click()
    remove = page.get_by_role("button", name="Remove: https://a.example")
    expect(remove).to_be_visible()
    assert _origins(site, made) == ["https://a.example"]
    remove.click()
    expect(remove).to_have_count(0)
    assert _origins(site, made) == []
    page.close()


def _origins(site: Site, made: Project) -> list[str]:
    listed = httpx.get(f"{site.url}/manage/projects/{made.id}/clients", headers=made.root.headers).json()
    return next(each["origins"] for each in listed["data"] if each["type"] == "write")
