"""@openpanel/web 1.4.1 in Chromium, on a page of another origin."""

from typing import Any, NamedTuple

import pytest

from tests.clients.sent import Row, accepted, assert_stored_as_sent, await_events, by_name
from tests.clients.shops import Shop, open_shop
from tests.support.server import Server


@pytest.fixture(scope="module")
def visit(shop: Shop, browse) -> dict[str, Any]:
    """A visit of a site with routes of its own."""
    return browse("web.mjs", shop)


@pytest.fixture(scope="module")
def rows(shop: Shop, visit) -> list[Row]:
    """The visit's events, in order of their time."""
    return await_events(shop.project, 12)


def test_every_event_is_stored_as_sent(visit, rows) -> None:
    # Nobody heard what was answered to the link: its page was gone. Its own test is below.
    heard = [request for request in visit["sent"] if request["body"]["payload"].get("name") != "link_out"]
    assert_stored_as_sent(heard, rows[:-1], once={"double_click"})
    assert [row["name"] for row in rows] == [
        *["screen_view"] * 5,
        "plan_chosen",
        "signed_up",
        "double_click",
        "after_identify",
        "with_group",
        "screen_view",
        "link_out",
    ]


def test_screen_views_follow_the_history(rows, shop: Shop) -> None:
    views = [row for row in rows if row["name"] == "screen_view"]
    assert [(row["path"], row["query"], row["hash"], row["title"]) for row in views] == [
        ("/", "utm_source=news&utm_medium=email", "top", "Shop /"),
        ("/pricing", "plan=team", None, "Pricing"),
        ("/pricing/team", None, "seats", "Team"),
        ("/pricing", "plan=team", None, "Team"),  # back: the address changes, the page keeps its title
        ("checkout/step-1", None, None, "Team"),
        ("/thanks", None, None, "Shop /thanks"),
    ]
    assert {row["origin"] for row in views} == {shop.origin, None}


def test_one_visit_of_one_person(shop: Shop, rows, visit) -> None:
    assert len({row["deviceId"] for row in rows}) == 1
    assert len({row["sessionId"] for row in rows}) == 1
    assert len({row["visitorId"] for row in rows}) == 1
    metrics = shop.project.metrics()
    assert {name: metrics[name] for name in ("unique_visitors", "total_sessions", "bounce_rate")} == {
        "unique_visitors": 1,
        "total_sessions": 1,
        "bounce_rate": 0,
    }
    assert metrics["total_events"] == 12
    assert metrics["total_screen_views"] == metrics["views_per_session"] == 6
    # What the page was answered is what the row says.
    assert visit["answer"]["deviceId"] == rows[0]["deviceId"]
    assert visit["answer"]["sessionId"] == rows[0]["sessionId"]


def test_where_the_visit_came_from(rows) -> None:
    for row in rows:
        assert (row["referrer"], row["referrerName"]) == ("https://www.google.com/", "Google"), row["name"]
        assert (row["utm"]["source"], row["utm"]["medium"]) == ("news", "email"), row["name"]


def test_what_the_visitor_uses(rows) -> None:
    assert {(row["device"], row["browser"], row["os"]) for row in rows} == {("desktop", "Chrome", "Linux")}


def test_events_of_the_page_itself(rows, shop: Shop) -> None:
    found = by_name(row for row in rows if row["name"] != "screen_view")
    assert found["plan_chosen"]["properties"] == {"plan": "team", "seatCount": "5"}  # attributes are texts
    assert found["signed_up"]["path"] == "checkout/step-1"
    assert found["signed_up"]["properties"] == {
        "plan": "team",
        "seats": 5,
        "trial": True,
        "price": 9.5,
        "tags": ["a", "b"],
        "from": {"page": "x"},
        "none": None,
    }
    partner = shop.origin.replace("shop.", "partner.")
    assert found["link_out"]["properties"] == {"href": f"{partner}/offer?from=shop", "text": "Our partner"}


def test_a_double_click_is_one_event(visit) -> None:
    names = [request["body"]["payload"].get("name") for request in visit["sent"]]
    assert names.count("double_click") == 2  # both were sent, neither was sent again
    first, second = visit["twins"]
    assert first == second


def test_the_profile(shop: Shop, rows) -> None:
    profile = shop.project.ask("profiles/user-7")
    assert (profile["firstName"], profile["email"]) == ("Ada", "ada@example.com")
    assert profile["properties"] == {"visits": 1}  # not the referrer that the SDK adds to everything
    assert [row["profileId"] for row in rows if row["profileId"]] == ["user-7"] * 2


def test_groups(rows) -> None:
    assert [(row["name"], row["groups"]) for row in rows[8:]] == [
        ("after_identify", []),
        ("with_group", ["acme"]),
        # The next page's SDK knows nothing of the group any more; the server does.
        ("screen_view", ["acme"]),
        ("link_out", ["acme"]),
    ]


def test_revenue_of_strangers_is_refused_once(visit) -> None:
    paid = [request for request in visit["sent"] if request["body"]["payload"].get("name") == "revenue"]
    assert [request["status"] for request in paid] == [401, 401]
    assert visit["revenue"] is None
    assert visit["kept"] is None  # the SDK has given it up
    assert len(visit["failures"]) == 2
    assert all("401" in failure for failure in visit["failures"])


class Recorded(NamedTuple):
    """A recorded visit with two payments, on a site that takes revenue from its pages."""

    shop: Shop
    seen: dict[str, Any]
    rows: list[Row]


@pytest.fixture(scope="module", params=["tag", "bundle"])
def recorded(request: pytest.FixtureRequest, server: Server, browse) -> Recorded:
    """The SDK as a script tag with its queue, and bundled."""
    shop = open_shop(server)
    project = shop.project
    allowed = project.http.patch(
        f"/manage/projects/{project.id}",
        json={"allow_unverified_revenue": True},
        headers=project.root.headers,
    )
    assert allowed.status_code == 200, allowed.text
    seen = browse("web_recorded.mjs", shop, HOW=request.param)
    return Recorded(shop, seen, await_events(project, 6 if request.param == "tag" else 4))


def test_a_recorded_visit_is_stored_as_sent(recorded: Recorded) -> None:
    assert {request["status"] for request in recorded.seen["sent"]} == {200}
    assert_stored_as_sent(recorded.seen["sent"], recorded.rows)
    assert recorded.seen["failures"] == []


def test_revenue_of_pages_where_the_project_allows_it(recorded: Recorded) -> None:
    paid = [row for row in recorded.rows if row["name"] == "revenue"]
    assert [(row["revenue"], row["path"]) for row in paid] == [
        ({"amount": 4200, "currency": "EUR"}, "/recorded"),
        ({"amount": 990, "currency": "USD"}, "/thanks"),
    ]
    assert recorded.seen["kept"] is None


def test_the_recording_comes_back_as_sent(recorded: Recorded) -> None:
    project, session = recorded.shop.project, recorded.rows[0]["sessionId"]
    assert {row["sessionId"] for row in recorded.rows} == {session}
    listed = project.ask("replays")
    assert [(one["id"], one["deviceId"]) for one in listed] == [(session, recorded.rows[0]["deviceId"])]
    pieces = project.ask(f"replays/{session}")
    assert listed[0]["chunks"] == len(pieces)
    found = [as_sent(piece) for piece in pieces]
    answered = accepted(recorded.seen["sent"], "replay")
    assert [payload for payload in answered if payload not in found] == []
    # What the first page had to say last was sent while it was left: it may have come, and nobody saw it go.
    seen = [request["body"]["payload"] for request in recorded.seen["sent"] if is_replay(request)]
    second = next(index for index in range(1, len(seen)) if seen[index]["chunk_index"] == 0)
    unseen = [piece["chunk_index"] for piece in found if piece not in seen]
    assert unseen in ([], [seen[second - 1]["chunk_index"] + 1])
    assert len(found) == len({piece["payload"] for piece in found})
    # Both pages number their pieces from 0, and both are there, in the order of time.
    assert [piece["chunk_index"] for piece in found].count(0) == 2
    times = [piece["started_at"] for piece in found]
    assert times == sorted(times)
    text = "".join(piece["payload"] for piece in found)
    assert "Grüße" in text
    assert "clicked" in text
    assert "hidden words" not in text


def as_sent(piece: dict[str, Any]) -> dict[str, Any]:
    """A stored piece of a recording in the words in which it was sent."""
    return {
        "chunk_index": piece["chunkIndex"],
        "events_count": piece["eventsCount"],
        "is_full_snapshot": piece["isFullSnapshot"],
        "started_at": piece["startedAt"].replace("+00:00", "Z"),
        "ended_at": piece["endedAt"].replace("+00:00", "Z"),
        "payload": piece["payload"],
    }


def is_replay(request: dict[str, Any]) -> bool:
    return request["body"] is not None and request["body"]["type"] == "replay"


def test_a_robot_is_counted_apart_and_answered_once(server: Server, browse) -> None:
    shop = open_shop(server)
    seen = browse("web_robot.mjs", shop)
    assert "HeadlessChrome" in seen["sent"][0]["headers"]["user-agent"]
    assert [request["status"] for request in seen["sent"]] == [202, 202]
    assert seen["answer"].keys() == {"bot"}
    shop.project.settle()
    assert sum(row["count"] for row in shop.project.ask("excluded")) == 2
    assert shop.project.events(range="all") == []
    assert seen["failures"] == []


def test_pages_without_an_sdk(server: Server, browse) -> None:
    shop = open_shop(server)
    seen = browse("web_plain.mjs", shop)
    assert seen == {"size": [1, 1], "queued": "true"}
    view, left = await_events(shop.project, 2)
    assert (view["name"], view["path"], view["title"]) == ("screen_view", "/plain", "Über uns")
    assert view["utm"]["source"] == "print"
    assert view["properties"] == {"edition": "7"}
    assert (left["name"], left["properties"]) == ("left", {"seconds": 3, "read": True})
    assert view["deviceId"] == left["deviceId"] is not None
    assert view["sessionId"] == left["sessionId"] is not None
