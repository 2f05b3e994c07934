"""@openpanel/nuxt 0.0.4 in Chromium: it brings along the web SDK 1.0.7, which asks for the device's id."""

from typing import Any

import pytest

from tests.clients.sent import Row, assert_stored_as_sent, await_events, by_name
from tests.clients.shops import Shop


@pytest.fixture(scope="module")
def visit(shop: Shop, browse) -> dict[str, Any]:
    """A visit of a site made with Nuxt."""
    return browse("nuxt.mjs", shop)


@pytest.fixture(scope="module")
def rows(shop: Shop, visit) -> list[Row]:
    return await_events(shop.project, 6)


def test_every_event_is_stored_as_sent(visit, rows) -> None:
    assert visit["version"]  # it is the old SDK that was bundled
    assert_stored_as_sent([request for request in visit["sent"] if request["body"]], rows)
    assert visit["failures"] == []


def test_the_events(rows, shop: Shop) -> None:
    views = [row for row in rows if row["name"] == "screen_view"]
    assert [(row["path"], row["query"]) for row in views] == [("/", None), ("/second", "tab=1")]
    found = by_name(row for row in rows if row["name"] != "screen_view")
    partner = shop.origin.replace("shop.", "partner.")
    assert found["link_out"]["properties"] == {"href": f"{partner}/offer", "text": "Offer"}
    assert found["offer_opened"]["properties"] == {"offerKind": "summer"}
    # This SDK names the profile twice: beside the properties and among them.
    assert found["signed_up"]["profileId"] == "user-8"
    assert found["signed_up"]["properties"] == {"plan": "team", "seats": 5, "profileId": "user-8"}
    assert found["after_identify"]["profileId"] == "user-7"
    assert len({(row["deviceId"], row["sessionId"]) for row in rows}) == 1


def test_the_device_id_that_it_asks_for(visit, rows) -> None:
    assert visit["deviceId"] == rows[0]["deviceId"]
    asked = [request for request in visit["sent"] if request["path"] == "/track/device-id"]
    assert [(request["method"], request["status"]) for request in asked] == [("GET", 200)]  # and only once


def test_the_profile(shop: Shop, rows) -> None:
    profile = shop.project.ask("profiles/user-7")
    assert profile["lastName"] == "Byron"
    assert profile["properties"] == {"plan": "team", "credits": -3}
