"""@openpanel/react-native 1.4.1: its core, on phones whose native parts are stand-ins."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from tests.clients.scripts import Player
from tests.clients.sent import Row, accepted, assert_stored_as_sent, await_events, by_name
from tests.support.project import Project
from tests.support.server import Server

ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148"
)
USER_AGENTS = {"android": ANDROID, "ios": IPHONE}
SYSTEMS = {"android": "Android", "ios": "iOS"}


class Visit(NamedTuple):
    """What a phone did and what became of it."""

    platform: str
    yesterday: datetime
    project: Project
    seen: dict[str, Any]
    rows: list[Row]


@pytest.fixture(scope="module", params=["android", "ios"])
def visit(request: pytest.FixtureRequest, server: Server, play: Player) -> Visit:
    """An app that finds events of yesterday, is used, goes offline and comes back."""
    platform: str = request.param
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=26)
    project = server.project("App")
    client = project.write if platform == "android" else None
    if client is None:  # apps that must not hold a secret have a client that needs none
        allow_without_secret(project)
    seen = play(
        "react_native.mjs",
        project,
        client,
        PLATFORM=platform,
        USER_AGENT=USER_AGENTS[platform],
        YESTERDAY=yesterday.isoformat(),
    )
    return Visit(platform, yesterday, project, seen, await_events(project, 7))


def allow_without_secret(project: Project) -> None:
    """Let anybody send who knows the write client's id."""
    answer = project.http.patch(
        f"/manage/projects/{project.id}/clients/{project.write.id}",
        json={"ignore_cors_and_secret": True},
        headers=project.root.headers,
    )
    assert answer.status_code == 200, answer.text


def test_every_event_is_stored_as_sent(visit: Visit) -> None:
    assert_stored_as_sent(visit.seen["sent"], visit.rows)
    assert {request["status"] for request in visit.seen["sent"]} == {200}


def test_the_events(visit: Visit) -> None:
    app = {"__version": "2.4.1", "__buildNumber": "2041"}
    found = [(row["name"], row["path"], row["properties"], row["profileId"]) for row in visit.rows]
    assert found == [
        ("old_one", "Home", {}, None),
        ("old_two", "Home", {}, None),
        ("screen_view", "Home", app, None),
        ("tapped", "Home", {**app, "button": "buy", "price": 2.5, "first": True}, None),
        ("screen_view", "product/[id]", {**app, "id": 7}, "user-7"),
        ("added_offline", "product/[id]", {**app, "count": 2}, "user-7"),
        ("paid_offline", "product/[id]", {**app, "count": 3}, "user-7"),
    ]
    assert {row["os"] for row in visit.rows} == {SYSTEMS[visit.platform]}
    assert {row["device"] for row in visit.rows} == {"mobile"}


def test_what_was_done_offline_has_its_own_time(visit: Visit) -> None:
    times = [datetime.fromisoformat(row["timestamp"]) for row in visit.rows]
    assert times[:2] == [visit.yesterday, visit.yesterday + timedelta(minutes=5)]
    stated = {
        payload["name"]: payload["properties"]["__timestamp"]
        for payload in accepted(visit.seen["sent"])
        if payload["name"].endswith("_offline")
    }
    assert len(stated) == 2
    for row in visit.rows[-2:]:
        assert datetime.fromisoformat(row["timestamp"]) == datetime.fromisoformat(stated[row["name"]])


def test_nothing_is_sent_twice_or_kept(visit: Visit) -> None:
    assert visit.seen["offline"]["kept"] == 3
    assert visit.seen["left"] == []
    names = [request["body"]["payload"].get("name") for request in visit.seen["sent"]]
    assert names.count("paid_offline") == 1


def test_two_sessions_of_the_phone(visit: Visit) -> None:
    sessions = [row["sessionId"] for row in visit.rows]
    assert sessions[0] == sessions[1]
    assert len(set(sessions[2:])) == 1
    assert sessions[0] != sessions[2]
    metrics = visit.project.metrics()
    assert metrics["total_sessions"] == 2
    assert metrics["total_screen_views"] == 2
    assert visit.seen["ids"] == [visit.rows[-1]["deviceId"], visit.rows[-1]["sessionId"]]


def test_an_install_referrer_is_no_web_page(visit: Visit) -> None:
    # Android's is "utm_source=google-play&utm_medium=organic"; it is taken and breaks nothing.
    later = visit.rows[2:]
    stated = {payload["properties"].get("__referrer") for payload in accepted(visit.seen["sent"])[2:]}
    assert stated == (
        {"utm_source=google-play&utm_medium=organic"} if visit.platform == "android" else {None}
    )
    assert {row["referrer"] for row in later} == {None}


def test_the_profile(visit: Visit) -> None:
    profile = visit.project.ask("profiles/user-7")
    assert profile["firstName"] == "Ada"
    assert profile["properties"]["launches"] == 1
    assert by_name(visit.rows[-2:])["paid_offline"]["visitorId"] == visit.rows[2]["visitorId"]
