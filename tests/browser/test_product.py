"""Goals, dashboards, notes, segments, recordings: made by clicking, with the API's numbers."""

import csv
import json
import re
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.support.project import BROWSER, iso

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=30_000)


def test_a_goal_by_source_and_what_it_is_owed_to(site: Site, open_page) -> None:
    page: Page = open_page(site.at("/goals"))
    page.get_by_role("button", name="New goal").first.click()
    page.get_by_label("Event", exact=True).select_option("signup_completed")
    page.get_by_label("Name").fill("Signed up")
    page.get_by_role("button", name="Save").click()
    goal = page.get_by_role("group", name="Goal in the chart").get_by_role("button", name="Signed up")
    expect(goal).to_be_visible()
    made = next(one for one in site.ask("goals", range="30d") if one["name"] == "Signed up")
    expect(goal).to_contain_text(f"{made['conversion_rate']:.2f}%")
    rows = site.ask(f"goals/{made['id']}", range="30d", dimension="referrer_name")["rows"]
    direct = next(row for row in rows if row["values"] == [None])
    shown = page.get_by_role("table", name="Conversions by").get_by_role("row", name=re.compile("^Direct"))
    expect(shown).to_contain_text(f"{direct['unique_conversions']:,}")
    page.get_by_role("radio", name="Attribution").click()
    page.get_by_label("Credit goes to").select_option("first")
    page.get_by_label("Conversion", exact=True).select_option("signup_completed")
    first = site.ask("attribution", range="30d", event="signup_completed", model="first")["rows"][0]
    expect(page.get_by_role("table").get_by_role("row").nth(1)).to_contain_text(f"{first['conversions']:,}")


def test_a_dashboard_is_arranged_by_keyboard(site: Site, open_page) -> None:
    page: Page = open_page(site.at("/dashboards"))
    page.get_by_role("button", name="Start with an example").click()
    page.get_by_role("button", name="Arrange").click()
    page.get_by_role("button", name="Size of Source: arrow keys").press("ArrowDown")
    page.get_by_role("button", name="Remove Country").click()
    page.get_by_role("button", name="Add a tile").click()
    page.get_by_role("radio", name="Number").click()
    page.get_by_label("Heading").fill("Mine")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Arrange")).to_be_visible()
    kept = httpx.get(f"{site.url}/manage/projects/{site.project_id}/dashboards", headers=site.root).json()[
        "data"
    ][0]
    assert next(tile for tile in kept["tiles"] if tile["view"].get("of") == "referrer_name")["height"] == 6
    assert [tile["title"] for tile in kept["tiles"]][-1] == "Mine"
    page.reload()
    visitors = site.ask("metrics", range="30d")["unique_visitors"]
    expect(page.get_by_role("region", name="Mine")).to_contain_text(f"{visitors:,}")


def test_notes_segments_and_files(site: Site, open_page, tmp_path: Path) -> None:
    page: Page = open_page(site.at())
    page.get_by_role("button", name="Notes on the chart").click()
    page.get_by_label("What happened?").fill("Version 2 is out")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="Delete: Version 2 is out")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("region", name="Sources").get_by_role("button", name="Google").click()
    numbers = page.get_by_role("group", name="Number in the chart")
    wanted = json.dumps([{"name": "referrer_name", "operator": "is", "value": ["Google"]}])
    people = f"{site.ask('metrics', range='30d', filters=wanted)['unique_visitors']:,}"
    expect(numbers).to_contain_text(people)
    page.get_by_role("button", name="Save as a segment").click()
    page.get_by_label("Name").fill("From Google")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("From Google")
    expect(numbers).to_contain_text(people)
    page.get_by_role("button", name="Download: Visitors over time").click()
    with page.expect_download() as file:
        page.get_by_role("menuitem", name="Download CSV").click()
    file.value.save_as(tmp_path / "a.csv")
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    series = site.ask("timeseries", range="30d", filters=wanted)
    assert [int(row["unique_visitors"]) for row in rows] == [row["unique_visitors"] for row in series]
    page.get_by_role("button", name="Download: Sources").click()
    with page.expect_download() as file:
        page.get_by_role("menuitem", name="Download PNG").click()
    file.value.save_as(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Add a filter")


def test_who_is_there_is_pushed(site: Site, open_page) -> None:
    made = site.server.project("Quiet")
    page: Page = open_page(f"{site.url}/p/{made.id}/realtime")
    with page.expect_websocket() as socket:
        page.reload()
    assert socket.value.url.endswith(f"/insights/{made.id}/live/stream")
    made.track("screen_view", path="https://example.com/here", deviceId="one")
    expect(page.locator("section", has_text="Pages now")).to_contain_text("/here")
    expect(page.get_by_role("cell", name="/here")).to_be_visible()


def test_a_recording_is_drawn_and_runs_nothing(site: Site, open_page) -> None:
    made = site.server.project("Recorded")
    start = time.time() - 60
    made.track("screen_view", path="https://example.com/", deviceId="me", timestamp=iso(start))
    script = {"type": 2, "tagName": "script", "attributes": {}, "childNodes": [], "id": 7}
    words = {"type": 3, "textContent": "What was seen", "id": 6}
    body = {
        "type": 2,
        "tagName": "body",
        "attributes": {"onload": "parent.parent.document.title = 'evil'"},
        "id": 5,
    }
    html = {
        "type": 2,
        "tagName": "html",
        "attributes": {},
        "childNodes": [body | {"childNodes": [words, script]}],
        "id": 4,
    }
    at = round(start * 1000)
    events = [
        {"type": 4, "data": {"href": "https://example.com/", "width": 800, "height": 500}, "timestamp": at},
        {
            "type": 2,
            "data": {
                "node": {"type": 0, "childNodes": [html], "id": 1},
                "initialOffset": {"top": 0, "left": 0},
            },
            "timestamp": at + 10,
        },
        {
            "type": 3,
            "data": {"source": 1, "positions": [{"x": 5, "y": 5, "id": 5, "timeOffset": 0}]},
            "timestamp": at + 4000,
        },
    ]
    piece = {
        "chunk_index": 0, "events_count": 3, "is_full_snapshot": True,
        "started_at": iso(start), "ended_at": iso(start + 4), "payload": json.dumps(events), "deviceId": "me",
    }  # fmt: skip
    httpx.post(
        f"{site.url}/replay", json=piece, headers={**made.write.headers, "user-agent": BROWSER}
    ).raise_for_status()
    page: Page = open_page(f"{site.url}/p/{made.id}/replays")
    page.get_by_role("table", name="Recordings").get_by_role("link").first.click()
    drawn = page.frame_locator("iframe").frame_locator("iframe")
    expect(drawn.get_by_text("What was seen")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # at its end
    assert page.title() == "Event Lens"
