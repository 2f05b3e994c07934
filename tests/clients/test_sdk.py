"""@openpanel/sdk 1.3.1 in Node, as a server uses it."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.clients.scripts import Player
from tests.clients.sent import accepted, assert_stored_as_sent, await_events, by_name
from tests.clients.shops import Shop
from tests.support.project import BROWSER, Project
from tests.support.server import Server

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def story(server: Server, play: Player) -> tuple[Project, dict[str, Any], Rows]:
    """Every call of the SDK once: the project, what was sent, the events."""
    project = server.project("SDK")
    seen = play("sdk.mjs", project, project.write)
    return project, seen, await_events(project, 12)


def test_every_event_is_stored_as_sent(story) -> None:
    _, seen, rows = story
    assert {request["status"] for request in seen["sent"]} == {200}
    assert_stored_as_sent(seen["sent"], rows)


def test_properties_keep_their_types(story) -> None:
    _, _, rows = story
    placed = next(row for row in rows if row["name"] == "order_placed")
    assert placed["properties"] == {
        "environment": "production",
        "release": 7,
        "total": 19.5,
        "items": 3,
        "gift": False,
        "note": 'über "Straße" 🚲',
        "tags": ["a", "b", 1],
        "address": {"city": "Zürich", "geo": {"lat": 47.37, "lon": 8.54}},
        "coupon": None,
    }
    assert placed["device"] == "server"
    assert placed["visitorId"] is None  # a program is nobody


def test_the_profile(story) -> None:
    project, _, _ = story
    profile = project.ask("profiles/user-7")
    assert {name: profile[name] for name in ("id", "firstName", "lastName", "email", "avatar")} == {
        "id": "user-7",
        "firstName": "Ada",
        "lastName": "Byron",
        "email": "ada@example.com",
        "avatar": "https://example.com/ada.png",
    }
    assert profile["properties"] == {
        "environment": "production",
        "release": 7,
        "plan": "team",
        "seats": 5,
        "logins": 3,
        "credits": -2.5,
    }


def test_revenue_in_two_currencies(story) -> None:
    _, _, rows = story
    paid = [row for row in rows if row["name"] == "revenue"]
    assert [row["revenue"] for row in paid] == [
        {"amount": 1500, "currency": "EUR"},
        {"amount": 99, "currency": "USD"},
    ]
    assert [row["deviceId"] for row in paid] == ["till-1", None]
    assert {row["profileId"] for row in paid} == {"user-7"}
    assert paid[0]["visitorId"] == paid[1]["visitorId"]


def test_held_back_events_have_their_own_time_and_the_profile(story) -> None:
    _, seen, rows = story
    assert seen["heldBack"] == 11  # nothing was sent until somebody was known
    held = [payload for payload in accepted(seen["sent"]) if payload["name"] == "held_back"]
    found = [row for row in rows if row["name"] == "held_back"]
    assert {row["profileId"] for row in found} == {"user-9"}
    assert [datetime.fromisoformat(row["timestamp"]) for row in found] == [
        datetime.fromisoformat(payload["properties"]["__timestamp"]) for payload in held
    ]


def test_numbers(story) -> None:
    project, _, _ = story
    metrics = project.metrics()
    assert metrics["total_events"] == 12
    assert metrics["total_screen_views"] == 0
    # user-7 with the till's device, user-8, user-9; programs without a profile are nobody.
    assert metrics["unique_visitors"] == 3
    # One each, and user-7 one more: the report was opened before the till was first seen.
    assert metrics["total_sessions"] == 4


def test_groups(project: Project, play: Player) -> None:
    seen = play("sdk_groups.mjs", project, project.write)
    assert [(request["body"]["type"], request["status"]) for request in seen["sent"]] == [
        ("group", 200),
        ("identify", 200),
        ("assign_group", 200),
        ("track", 200),
        ("assign_group", 200),
        ("track", 200),
        ("track", 200),
        ("track", 200),
    ]
    rows = by_name(await_events(project, 4))
    assert_stored_as_sent(seen["sent"], list(rows.values()))
    assert {name: sorted(row["groups"]) for name, row in rows.items()} == {
        "with_group": ["acme"],
        "with_groups": ["acme", "berlin", "once"],
        "elsewhere": ["acme", "berlin"],  # attached by the server: nobody repeated them
        "of_another": [],
    }
    found = project.ask("breakdown", dimension="group", metrics="total_events")
    assert [(row["values"], row["total_events"]) for row in found] == [
        (["acme"], 3),
        (["berlin"], 2),
        ([None], 1),
        (["once"], 1),
    ]


@pytest.fixture(scope="module")
def trouble(shop: Shop, play: Player) -> dict[str, Any]:
    """Calls of the SDK that end in each kind of refusal."""
    project = shop.project
    return play("sdk_trouble.mjs", project, project.write, ORIGIN=shop.origin, BROWSER=BROWSER)


def test_what_is_refused_is_not_doubled(shop: Shop, trouble) -> None:
    statuses: dict[str, list[int]] = {}
    for request in trouble["sent"]:
        statuses.setdefault(request["body"]["payload"]["name"], []).append(request["status"])
    assert statuses == {
        "double_click": [200, 200],
        "second_click": [200, 200],
        "before": [200],
        "n" * 81: [400] * 4,  # the SDK tries three times more
        "after": [200],
        "wrong_secret": [401],
        "crawled": [202],
        "revenue": [401],
        "visited": [200],
        "forged": [401],
        **{f"at_once_{number}": [200] for number in range(1, 5)},
    }
    assert sorted(row["name"] for row in await_events(shop.project, 10)) == [
        "after",
        "at_once_1",
        "at_once_2",
        "at_once_3",
        "at_once_4",
        "before",
        "double_click",
        "second_click",
        "second_click",
        "visited",
    ]
    assert shop.project.ask("excluded") == [{"reason": "bot", "name": "Googlebot", "count": 1}]


def test_what_the_sdk_makes_of_the_answers(shop: Shop, trouble) -> None:
    rows = await_events(shop.project, 10)
    visited = next(row for row in rows if row["name"] == "visited")
    first, second = trouble["twins"]
    assert first == second  # both clicks got the ids of the one event
    assert first.keys() == {"success", "deviceId", "sessionId"}
    for call in ("refused", "unsent", "unpaid", "forged"):
        assert trouble[call] is None, call
    assert trouble["crawled"]["bot"]["name"] == "Googlebot"
    assert trouble["visited"]["deviceId"] == visited["deviceId"]
    assert trouble["visited"]["sessionId"] == visited["sessionId"]


def test_first_events_at_once_are_one_session(shop: Shop, trouble) -> None:
    rows = [row for row in await_events(shop.project, 10) if row["name"].startswith("at_once")]
    stored = {(row["deviceId"], row["sessionId"]) for row in rows}
    assert len(stored) == 1
    assert {(answer["deviceId"], answer["sessionId"]) for answer in trouble["crowd"]} == stored


def test_words_of_refusals(trouble) -> None:
    answers = {request["body"]["payload"]["name"]: request["answer"] for request in trouble["sent"]}
    refused = json.loads(answers["n" * 81])
    assert (refused["status"], refused["error"]) == (400, "Bad Request")
    assert refused["message"].startswith("body/payload/name")
    assert answers["wrong_secret"] == "Ingestion: Invalid cors or secret"
    assert answers["forged"] == "Ingestion: Invalid cors or secret"
    assert answers["revenue"] == "Ingestion: Revenue tracking is not allowed without a client secret"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes few requests at a time."""
    running = Server(tmp_path_factory.mktemp("strict") / "data", {"INGEST_RATE_LIMIT": "5/second"})
    try:
        yield running.start()
    finally:
        running.close()


def test_later_is_once(strict: Server, play: Player) -> None:
    project = strict.project()
    names = [f"event_{number}" for number in range(8)]
    seen = play("sdk_patience.mjs", project, project.write, NAMES=" ".join(names))
    statuses = [request["status"] for request in seen["sent"]]
    assert statuses.count(200) == len(names)
    assert statuses.count(429) == len(statuses) - len(names) > 0
    assert sorted(row["name"] for row in await_events(project, len(names))) == names


def test_away_and_back_is_once(strict: Server, play: Player) -> None:
    project = strict.project()
    strict.kill9()
    names = ["first", "second", "third"]
    script = play.start("sdk_patience.mjs", project, project.write, NAMES=" ".join(names))
    assert script.await_line() == "sending"
    strict.start()
    seen = script.finish()
    assert len(seen["sent"]) > len(names)  # nobody answered at first
    assert [request["status"] for request in seen["sent"] if "status" in request] == [200, 200, 200]
    assert sorted(row["name"] for row in await_events(project, len(names))) == names
    assert all(answer["success"] for answer in seen["answers"])
