"""What a project keeps out of its numbers: refused or counted apart by reason, and in no number."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import PEER, OpenDoor
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Project

ADDRESS = "Ingestion: IP address is blocked by project filter"
PROFILE = "Ingestion: Profile id is blocked by project filter"
REVENUE = "Ingestion: Revenue tracking is not allowed without a client secret"
SITE = "https://shop.example"


class Site:
    """A project with filters, and its page, which sends from `PEER` without the secret."""

    def __init__(self, project: Project, http: httpx.Client) -> None:
        self.project = project
        self.http = http
        path = f"/clients/{project.write.id}"
        self.manage("PATCH", path, {"origins": [SITE]})

    def manage(self, method: str, path: str, body: Any) -> Any:
        url = f"/manage/projects/{self.project.id}{path}"
        answer = self.project.http.request(method, url, json=body, headers=self.project.root.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def block(self, kind: str, value: str) -> str:
        return self.manage("POST", "/filters", {"kind": kind, "value": value})["id"]

    def send(self, path: str, body: Any, **headers: str) -> httpx.Response:
        own = {"event-lens-client-id": self.project.write.id, "origin": SITE, "user-agent": BROWSER}
        return self.http.post(path, json=body, headers={**own, **headers})

    def track(self, name: str, **payload: Any) -> httpx.Response:
        return self.send("/track", {"type": "track", "payload": {"name": name, **payload}})

    def counted(self) -> tuple[list[str], dict[tuple[str, str | None], int]]:
        """The names of the events that are in the numbers, and what is counted apart."""
        self.project.settle()
        apart = self.project.ask("excluded", range="today")
        assert self.project.metrics(range="today")["total_events"] == len(self.project.events(range="today"))
        return sorted(row["name"] for row in self.project.events(range="today")), {
            (row["reason"], row["name"]): row["count"] for row in apart
        }


@pytest.fixture
def site(inside: InProcess, open_door: OpenDoor) -> Site:
    return Site(inside.project(), open_door())


def test_a_blocked_address_is_refused_in_the_wires_words_until_the_filter_goes(site: Site) -> None:
    assert site.track("before").status_code == 200
    blocked = site.block("ip", f"{PEER}/24")
    answer = site.track("x")
    assert (answer.status_code, answer.text) == (401, ADDRESS)
    assert answer.headers["content-type"].startswith("text/plain")
    several = [{"type": "track", "payload": {"name": "x"}}, {"type": "track", "payload": {"name": "y"}}]
    assert site.send("/track", several).status_code == 401
    own_words = site.send("/track/batch", {"events": several})
    assert own_words.status_code in (401, 403)
    assert "blocked by project filter" in own_words.text
    assert site.send("/event", {"name": "x"}).status_code == 401
    site.manage("DELETE", f"/filters/{blocked}", None)
    assert site.track("after").status_code == 200
    names, apart = site.counted()
    assert names == ["after", "before"]
    assert apart == {("ip", None): 6}


def test_another_address_and_another_project_are_not_blocked(
    site: Site, inside: InProcess, open_door: OpenDoor
) -> None:
    site.block("ip", PEER)
    other = Site(inside.project(), open_door())
    assert other.track("x").status_code == 200
    elsewhere = Site(site.project, open_door(peer="198.51.100.8"))
    assert elsewhere.track("x").status_code == 200
    assert site.track("x").status_code == 401


def test_the_address_is_the_visitor_s_and_not_the_proxy_s(site: Site, open_door: OpenDoor) -> None:
    site.block("ip", "203.0.113.7")
    behind = Site(site.project, open_door(TRUSTED_PROXIES=PEER))
    body = {"type": "track", "payload": {"name": "x"}}
    assert behind.send("/track", body, **{"x-forwarded-for": "203.0.113.7"}).status_code == 401
    assert behind.send("/track", body, **{"x-forwarded-for": "203.0.113.8"}).status_code == 200
    assert site.send("/track", body, **{"x-forwarded-for": "203.0.113.7"}).status_code == 200, (
        "a forged header"
    )


def test_an_address_that_a_server_states_for_one_event_is_blocked_for_that_event(site: Site) -> None:
    site.block("ip", "203.0.113.0/24")
    addresses = ["203.0.113.7", "198.51.100.9", "203.0.113.8"]
    events = [
        {"type": "track", "payload": {"name": f"e{number}", "properties": {"__ip": address}}}
        for number, address in enumerate(addresses)
    ]
    told = site.project.post("/track/batch", {"events": events}).json()
    assert told["accepted"] == 1
    assert [each["index"] for each in told["rejected"]] == [0, 2]
    assert all("IP address is blocked" in each["message"] for each in told["rejected"])
    assert site.counted() == (["e1"], {("ip", None): 2})


def test_a_blocked_profile_is_refused_wherever_it_is_named(site: Site) -> None:
    site.block("profile", "robot")
    for body in (
        {"type": "track", "payload": {"name": "x", "profileId": "robot"}},
        {"type": "track", "payload": {"name": "x", "properties": {"__identify": {"profileId": "robot"}}}},
        {"type": "identify", "payload": {"profileId": "robot", "firstName": "R"}},
        {"type": "increment", "payload": {"profileId": "robot", "property": "n"}},
        {
            "type": "track",
            "payload": {"name": "x", "profileId": "p", "properties": {"__identify": {"profileId": "robot"}}},
        },
        {"type": "alias", "payload": {"profileId": "p", "alias": "robot"}},
    ):
        answer = site.send("/track", body)
        assert (answer.status_code, answer.text) == (401, PROFILE), body
    assert site.track("x", profileId="robot2").status_code == 200
    assert site.counted() == (["x"], {("profile", None): 6})
    assert site.project.get("profiles/robot").status_code == 404


def test_a_filtered_event_or_path_is_accepted_and_counted_apart(site: Site) -> None:
    site.block("event", "debug*")
    site.block("path", "/admin/*")
    told = [
        site.track(name, deviceId="d", path=path).status_code
        for name, path in (
            ("screen_view", "https://shop.example/admin/users?x=1"),
            ("debug_click", "/"),
            ("screen_view", "/administration"),
            ("screen_view", "/admin/users"),
            ("click", "/"),
        )
    ]
    assert told == [200] * 5
    names, apart = site.counted()
    assert names == ["click", "screen_view"]
    assert apart == {("path", "/admin/users"): 2, ("event", "debug_click"): 1}


def test_of_a_batch_only_what_is_filtered_is_apart(site: Site) -> None:
    site.block("event", "debug")
    site.block("profile", "robot")
    events = [
        {"type": "track", "payload": {"name": name, "profileId": profile}}
        for name, profile in (("a", "p"), ("debug", "p"), ("b", "robot"), ("c", "q"))
    ]
    told = site.send("/track/batch", {"events": events}).json()
    assert (told["accepted"], [each["index"] for each in told["rejected"]]) == (3, [2])
    names, apart = site.counted()
    assert names == ["a", "c"]
    assert apart == {("event", "debug"): 1, ("profile", None): 1}


@pytest.mark.parametrize("allowed", [False, True])
def test_revenue_without_the_secret_needs_the_project_s_leave(site: Site, allowed: bool) -> None:
    site.manage("PATCH", "", {"allow_unverified_revenue": allowed})
    answer = site.track("revenue", properties={"__revenue": 1500, "currency": "EUR"})
    if allowed:
        assert answer.status_code == 200
        site.project.settle()
        (row,) = site.project.events(range="today")
        assert row["revenue"] == {"amount": 1500, "currency": "EUR"}
    else:
        assert (answer.status_code, answer.text) == (401, REVENUE)
