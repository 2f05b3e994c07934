"""What people do around the numbers: projects, set-up, members, their own account."""

import re
import time
from base64 import b32decode
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from eventlens.accounts.two_factor import STEP_SECONDS, code_of
from tests.browser.conftest import OWNER, PASSWORD, Site
from tests.support import web
from tests.support.project import BROWSER

pytestmark = pytest.mark.timeout(300)

SEND = """([url, id]) => fetch(url + "/track", {
    method: "POST",
    headers: { "content-type": "application/json", "event-lens-client-id": id },
    body: JSON.stringify({ type: "track", payload: { name: "screen_view", path: location.href } }),
}).then(answer => answer.status)"""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """A site whose page does nothing by itself."""
    with web.site(
        lambda _: web.Told(b"<!doctype html><title>Shop</title><link rel=icon href=data:,>")
    ) as port:
        yield f"http://localhost:{port}"


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=30_000)


def test_from_a_new_project_to_its_first_event(site: Site, open_page, browser, shop: str) -> None:
    page: Page = open_page(site.url)
    page.get_by_role("link", name="New project").click()
    page.get_by_label("Name").fill("Shop")
    page.get_by_label("Domain").fill(f"{shop}/cart")
    page.get_by_role("button", name="Create the project").click()
    expect(page.get_by_test_id("waiting")).to_be_visible()
    expect(page.get_by_text("They are shown only now.")).to_be_visible()
    tag = page.get_by_label("Script tag", exact=True).last.inner_text()
    client = re.fullmatch(rf'<script defer src="{site.url}/e.js"\s+data-client-id="([\w-]+)"></script>', tag)
    assert client is not None, tag
    page.get_by_role("radio", name="Python").click()
    expect(page.get_by_label("Python", exact=True).last).to_contain_text('client_secret="sec_')
    watching = open_page(page.url.split("/settings")[0])
    visitors = watching.get_by_role("group", name="Number in the chart").get_by_role(
        "button", name=re.compile("^Visitors")
    )
    expect(visitors).to_contain_text("Visitors0")
    visitor = browser.new_page(user_agent=BROWSER)  # its own says that it is a robot
    visitor.goto(shop)
    assert visitor.evaluate(SEND, [site.url, client[1]]) == 200
    visitor.close()
    expect(page.get_by_test_id("arrived")).to_be_visible()
    expect(visitors).to_contain_text("Visitors1")  # nobody has loaded that page again
    page.get_by_role("link", name="See the numbers").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.goto(site.url)
    card = page.get_by_role("link", name=re.compile("^Shop"))
    expect(card).to_contain_text("1 event")


def test_a_project_of_demo_data_is_one_click_away(site: Site, open_page) -> None:
    page = open_page(f"{site.url}/new")
    page.get_by_role("button", name="Look around with demo data").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    cards = page.get_by_role("group", name="Number in the chart")
    expect(cards.get_by_role("button", name=re.compile("^Visitors"))).to_contain_text(re.compile(r"[1-9]"))


def test_somebody_is_invited_changed_and_removed(site: Site, open_page, browser) -> None:
    page = open_page(site.at("/settings?tab=members"))
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("E-mail").fill("grace@example.com")
    page.get_by_role("radio", name="Viewer").check()
    page.get_by_role("dialog").get_by_role("button", name="Invite").click()
    link = page.get_by_role("dialog").get_by_label("Invitation link").inner_text()
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    expect(page.get_by_text("grace@example.com")).to_be_visible()

    guest = browser.new_page()
    guest.goto(
        link.replace("//localhost:", "//127.0.0.1:")
    )  # as everywhere in these tests: cookies have a host
    guest.get_by_label("Your name").fill("Grace")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Accept the invitation").click()
    guest.get_by_role("link", name="Demo").click()
    expect(guest.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    guest.goto(site.at("/settings?tab=members"))
    expect(guest.get_by_text("grace@example.com")).to_be_visible()
    expect(guest.get_by_role("button", name="Invite")).to_have_count(0)
    expect(guest.get_by_role("button", name="Clients")).to_have_count(0)
    expect(guest.get_by_role("button", name="Audit log")).to_have_count(0)
    guest.close()

    page.reload()
    page.get_by_label("Role: Grace").select_option("editor")
    page.get_by_role("button", name="Audit log").click()
    expect(page.get_by_role("row", name=re.compile("Changed: member"))).to_be_visible()
    page.get_by_role("button", name="Members", exact=True).click()
    page.get_by_role("button", name="Remove: Grace").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("grace@example.com")).to_have_count(0)


def test_a_second_factor_is_switched_on_used_and_switched_off(site: Site, open_page, browser) -> None:
    site.server.restart()  # guesses at one account are limited, and all of them are at the owner's
    page = open_page(f"{site.url}/account?tab=security")
    page.get_by_role("button", name="Switch it on").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_role("button", name="Switch it on").click()
    expect(dialog.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    secret = dialog.get_by_label("Key", exact=True).last.inner_text().replace(" ", "")
    dialog.get_by_label("Code", exact=True).fill(code_now(secret))
    dialog.get_by_role("button", name="Confirm").click()
    codes = dialog.get_by_label("Recovery codes", exact=True).last.inner_text().split()
    assert len(codes) == 10
    dialog.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_test_id("two-factor")).to_have_text("On")

    other = browser.new_page()
    other.goto(f"{site.url}/sign-in")
    other.get_by_label("E-mail").fill(OWNER)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.get_by_label(re.compile("Code from")).fill(codes[0])
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Projects")).to_be_visible()
    other.goto(f"{site.url}/account?tab=sessions")
    expect(other.get_by_text("this browser")).to_be_visible()
    other.close()

    page.get_by_role("button", name="Sessions", exact=True).click()
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    page.get_by_role("button", name="Security", exact=True).click()
    page.get_by_role("button", name="Switch it off").click()
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_label("Code", exact=True).fill(codes[1])
    dialog.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_test_id("two-factor")).to_have_text("Off")


def code_now(secret: str) -> str:
    return code_of(b32decode(secret), int(time.time()) // STEP_SECONDS)


def test_a_token_of_one_s_own(site: Site, open_page) -> None:
    page = open_page(f"{site.url}/account?tab=tokens")
    page.get_by_role("button", name="New token").click()
    page.get_by_label("What it is for").fill("Report script")
    page.get_by_role("button", name="Add", exact=True).click()
    token = page.get_by_role("dialog").get_by_label("New token", exact=True).last.inner_text()
    bearer = {"authorization": f"Bearer {token}"}
    assert site.server.http.get(f"/insights/{site.project_id}/metrics", headers=bearer).status_code == 200
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Revoke: Report script").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No tokens")).to_be_visible()
    assert site.server.http.get(f"/insights/{site.project_id}/metrics", headers=bearer).status_code == 401


def test_a_share_link_with_a_password_also_in_a_frame(site: Site, open_page, browser, shop: str) -> None:
    page = open_page(site.at("/settings?tab=shares"))
    page.get_by_role("button", name="New link").click()
    page.get_by_label("What it is for").fill("For the board")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_label("Sites that may embed it").fill(shop)
    page.get_by_role("button", name="Add", exact=True).click()
    link = page.get_by_role("dialog").get_by_label("Link", exact=True).inner_text()
    link = link.replace("//localhost:", "//127.0.0.1:")
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()

    guest = browser.new_page()
    asked: list[str] = []
    guest.on("response", lambda answer: asked.append(f"{answer.status} {answer.url}"))
    guest.goto(link)
    guest.get_by_label("Password").fill("open sesame")
    guest.get_by_role("button", name="Open").click()
    visitors = site.ask("metrics", range="30d")["unique_visitors"]
    cards = guest.get_by_role("group", name="Number in the chart")
    expect(cards.get_by_role("button", name=re.compile("^Visitors"))).to_contain_text(f"{visitors:,}")
    guest.get_by_role("region", name="Sources").get_by_role("button", name="Google").click()
    expect(guest.get_by_role("group", name="Active filters")).to_contain_text("Google")
    guest.wait_for_load_state("networkidle")
    assert [each for each in asked if not each.startswith(("200", "401"))] == []
    expect(guest.get_by_role("button", name="Filter", exact=True)).to_have_count(0)

    guest.goto(shop)
    guest.evaluate("url => { document.body.innerHTML = `<iframe src='${url}' width=900 height=700>` }", link)
    frame = guest.frame_locator("iframe")
    expect(frame.get_by_label("Password")).to_be_visible()
    guest.goto(shop.replace("localhost", "127.0.0.1"))  # another site
    guest.evaluate("url => { document.body.innerHTML = `<iframe src='${url}' width=900 height=700>` }", link)
    guest.wait_for_load_state("networkidle")
    expect(frame.get_by_label("Password")).to_have_count(0)
    guest.close()

    page.get_by_role("button", name="Take back: For the board").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Nothing is shared")).to_be_visible()
    assert site.server.http.get(link).headers["x-frame-options"] == "DENY"


@pytest.mark.usefixtures("signed_in")
def test_a_forgotten_password_where_no_mail_is_sent(
    site: Site, browser: Browser, kept: dict[str, StorageState]
) -> None:
    site.server.restart()  # forgets the guesses of other tests
    page = browser.new_page()
    page.goto(f"{site.url}/sign-in")
    page.get_by_role("link", name="Forgot the password?").click()
    expect(page.get_by_text("eventlens user reset-password")).to_be_visible()
    made = site.server.run("user", "reset-password", OWNER)
    assert made.returncode == 0, made.stderr
    page.goto(site.url + "/reset-password" + made.stdout.strip().partition("/reset-password")[2])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    kept[OWNER] = page.context.storage_state()  # a new password ends every other session
    page.close()
