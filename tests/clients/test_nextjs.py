"""@openpanel/nextjs 1.5.1: a page in Chromium that sends to its own site, which hands it on to Event Lens."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.sent import Row, assert_stored_as_sent, await_events, by_name, in_order
from tests.clients.shops import Shop, open_shop
from tests.support.server import Server


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A site whose server is known to Event Lens as a proxy of visitors."""
    running = Server(tmp_path_factory.mktemp("nextjs") / "data", {"TRUSTED_PROXIES": "127.0.0.0/8"})
    try:
        yield open_shop(running.start())
    finally:
        running.close()


@pytest.fixture(scope="module")
def visit(shop: Shop, browse) -> dict[str, Any]:
    """A visit through the route handler, and three requests of other visitors."""
    return browse("nextjs.mjs", shop)


@pytest.fixture(scope="module")
def rows(shop: Shop, visit) -> list[Row]:
    return await_events(shop.project, 6)


def test_every_event_is_stored_as_sent(visit, rows) -> None:
    sent = [request for request in visit["proxied"] if request["method"] == "POST"]
    assert_stored_as_sent(sent, rows)
    # The page heard what the site was answered.
    page = visit["sent"]
    assert in_order(request["body"] for request in page) == in_order(
        request["body"] for request in sent[: len(page)]
    )
    assert {request["status"] for request in page} == {200}
    assert visit["failures"] == []


def test_the_handler_brings_no_secret_but_the_origin(visit, shop: Shop) -> None:
    for request in visit["proxied"]:
        assert "openpanel-client-secret" not in request["headers"]
        assert request["headers"]["origin"] == shop.origin


def test_the_page(visit, rows, shop: Shop) -> None:
    page = rows[:3]
    assert [(row["name"], row["path"], row["title"]) for row in page] == [
        ("screen_view", "/", "Shop /"),
        ("plan_chosen", "/", None),
        ("screen_view", "/account", "Shop /account"),
    ]
    assert {row["utm"]["source"] for row in page} == {"news"}
    assert [row["properties"] for row in page] == [
        {"theme": "dark"},
        {"theme": "dark", "plan": "team", "seats": 5},
        {"theme": "dark"},
    ]
    assert [row["profileId"] for row in page] == [None, None, "user-7"]
    assert len({(row["deviceId"], row["sessionId"]) for row in page}) == 1
    assert visit["pageIds"] == [page[0]["deviceId"], page[0]["sessionId"]]
    profile = shop.project.ask("profiles/user-7")
    assert (profile["firstName"], profile["properties"]["plan"], profile["properties"]["visits"]) == (
        "Ada",
        "team",
        2,
    )


def test_visitors_behind_the_site_are_told_apart(visit, rows) -> None:
    found = by_name(row for row in rows if row["name"].startswith("from_"))
    assert {name: row["country"] for name, row in found.items()} == {
        "from_london": "GB",
        "from_ireland": "IE",
        "from_london_again": "GB",
    }
    assert found["from_london"]["deviceId"] == found["from_london_again"]["deviceId"]
    assert len({row["deviceId"] for row in rows}) == 3
    assert [one["status"] for one in visit["visitors"]] == [200, 200]
    assert visit["visitors"][0]["answer"]["deviceId"] == found["from_london"]["deviceId"]


def test_refusals_and_ids_come_through(visit, rows) -> None:
    assert visit["refused"]["status"] == 400
    assert visit["refused"]["answer"]["message"].startswith("body/payload/name")
    london = by_name(row for row in rows if row["name"].startswith("from_"))["from_london"]
    assert visit["deviceId"]["status"] == 200
    assert visit["deviceId"]["answer"]["deviceId"] == london["deviceId"]
    assert visit["deviceId"]["answer"]["sessionId"] == london["sessionId"]
    assert visit["deviceId"]["answer"]["message"] == "current session exists for this device id"
