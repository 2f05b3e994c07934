"""@openpanel/astro 1.4.1 in Chromium: its components in the page, its functions in the page's script."""

from typing import Any

import pytest

from tests.clients.sent import Row, assert_stored_as_sent, await_events
from tests.clients.shops import Shop


@pytest.fixture(scope="module")
def visit(shop: Shop, browse) -> dict[str, Any]:
    """A visit of a site made with Astro."""
    return browse("astro.mjs", shop)


@pytest.fixture(scope="module")
def rows(shop: Shop, visit) -> list[Row]:
    return await_events(shop.project, 5)


def test_every_event_is_stored_as_sent(visit, rows) -> None:
    assert_stored_as_sent(visit["sent"], rows)
    assert {request["status"] for request in visit["sent"]} == {200}
    assert {request["headers"]["openpanel-sdk-name"] for request in visit["sent"]} == {"astro"}
    assert visit["failures"] == []


def test_the_events(rows) -> None:
    known = {"theme": "dark", "build": 12}
    assert [(row["name"], row["path"], row["hash"], row["properties"], row["profileId"]) for row in rows] == [
        ("screen_view", "/docs", None, known, "user-7"),
        ("screen_view", "/docs", "install", known, "user-7"),
        ("screen_view", "/docs/virtual", None, {**known, "chapter": 3}, "user-7"),
        ("copied", "/docs/virtual", None, {**known, "lines": 4, "language": "sh"}, "user-7"),
        ("signed_out", "/docs/virtual", None, known, None),
    ]
    assert len({(row["deviceId"], row["sessionId"], row["visitorId"]) for row in rows}) == 1


def test_the_sdk_is_a_dimension(shop: Shop, rows) -> None:
    found = shop.project.ask("breakdown", dimension="sdk,sdk_version", metrics="total_events")
    assert found == [{"values": ["astro", "1.4.1"], "total_events": 5}]


def test_the_profile(shop: Shop, rows) -> None:
    profile = shop.project.ask("profiles/user-7")
    assert profile["firstName"] == "Ada"
    assert profile["properties"] == {"plan": "team", "copies": 1, "credits": -0.5}
