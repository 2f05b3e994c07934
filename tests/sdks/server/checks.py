"""What the SDKs of all servers have to do alike."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.support.project import BROWSER, Project
from tests.support.scripted import Said

HTML = {"accept": "text/html,*/*", "user-agent": BROWSER, "accept-language": "de-DE,de;q=0.9"}
VISITOR = "203.0.113.7"


def said(answer: dict[str, Any]) -> Said:
    """An answer of sdks/protocol/answers.json, as a server says it."""
    body = json.dumps(answer["body"]) if "body" in answer else answer["text"]
    return Said(answer["status"], body, {"retry-after": answer["retryAfter"]})


def expected_requests(answer: dict[str, Any]) -> list[list[str]]:
    """The ids of the requests that become of events 1 and 2 when the first answer is this one."""
    again = {"again": [["1", "2"]] * 2, "halved": [["1", "2"], ["1"], ["2"]]}
    return again.get(answer["then"], [["1", "2"]])


def told_events(answer: dict[str, Any]) -> int:
    """Of how many of them the caller is told."""
    return 2 if answer["then"] == "refused" else len(answer.get("refused", []))


def check_a_site(site: httpx.Client, project: Project, end: Callable[[], object]) -> None:
    """A site whose middleware records views: /pricing is a page, /lost a 404, /health skipped, /buy an event.

    `end` sends what waits. What the server stored is what a person's browser would have said.
    """
    host = site.base_url.netloc.decode()
    home = {**HTML, "x-forwarded-for": VISITOR}
    assert site.get(
        "/pricing?utm_source=news", headers={**home, "referer": "https://www.google.com/"}
    ).is_success
    assert site.post(
        "/buy", headers={**home, "accept": "*/*", "referer": f"http://{host}/pricing"}
    ).is_success
    assert site.get("/lost", headers=home).status_code == 404
    assert site.get("/health", headers=home).is_success
    assert site.get("/pricing", headers={**home, "sec-purpose": "prefetch"}).is_success
    assert site.get("/pricing", headers={**home, "user-agent": "Googlebot/2.1"}).is_success
    assert site.get("/pricing", headers={**home, "accept": "application/json"}).is_success
    end()
    project.settle()
    events = sorted(project.events(range="last24h"), key=lambda event: event["timestamp"])
    assert [event["name"] for event in events] == ["screen_view", "bought"]
    view, bought = events
    assert (view["path"], view["origin"], view["utm"]["source"]) == ("/pricing", f"http://{host}", "news")
    assert view["referrerName"] == "Google"
    assert view["browser"] == bought["browser"] == "Chrome"
    assert (bought["path"], bought["profileId"]) == ("/pricing", "user-7")
    assert bought["properties"] == {"plan": "team"}
    # One visitor, by address and browser, as the script on the page would make it.
    assert view["deviceId"] == bought["deviceId"] != ""
    assert view["sessionId"] == bought["sessionId"]
