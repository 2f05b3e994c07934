"""Too often is a 429 that says when to come again; whoever authenticates is not counted with strangers."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import LiteralString
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.accounts.clients import Clients
from eventlens.api import limits
from eventlens.api.app import App
from eventlens.api.limits import Limit, Turns, address_key
from eventlens.errors import QueryLimit, RateLimited
from eventlens.settings import Rate
from eventlens.store.base import Parameters, Result, Store
from tests.api.conftest import OpenDoor
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Project

BODY = {"type": "track", "payload": {"name": "x"}}


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(limit: Limit, key: str) -> bool:
    try:
        limit.spend(key)
    except RateLimited:
        return False
    return True


def test_a_window_begins_with_its_first() -> None:
    time = Time()
    limit = Limit(Rate(3, 60), "RATE_LIMIT", time)
    assert [taken(limit, "a") for _ in range(5)] == [True, True, True, False, False]
    time.now += 50
    with pytest.raises(RateLimited) as refused:
        limit.spend("a")
    assert refused.value.retry_after == 10
    assert taken(limit, "b")
    time.now += 10
    assert [taken(limit, "a") for _ in range(4)] == [True, True, True, False]
    assert [taken(limit, "b") for _ in range(3)] == [True, True, False]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 25)), max_size=200))
def test_it_counts_as_a_plain_list_of_times_would(calls: list[tuple[str, int]]) -> None:
    time = Time()
    limit = Limit(Rate(3, 60), "RATE_LIMIT", time)
    begun: dict[str, float] = {}
    counts: dict[str, int] = {}
    for key, pause in calls:
        time.now += pause
        if key not in begun or time.now >= begun[key] + 60:
            begun[key], counts[key] = time.now, 0
        expected = counts[key] < 3
        counts[key] += expected
        assert taken(limit, key) == expected


def test_memory_is_bounded_and_known_keys_keep_their_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 10)
    time = Time()
    limit = Limit(Rate(2, 60), "RATE_LIMIT", time)
    assert taken(limit, "first")
    for number in range(1000):
        taken(limit, f"key {number}")
    assert len(limit._young) <= 11
    assert [taken(limit, "first") for _ in range(2)] == [True, False]
    assert not taken(limit, "newcomer")  # they share one window, and it is used up
    time.now += 120
    assert taken(limit, "newcomer")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a:socket", "a:socket"),
    ],
)
def test_whom_an_address_stands_for(address: str, key: str) -> None:
    assert address_key(address) == key


# --- through the door ---


def statuses(ask: Callable[[], httpx.Response], times: int) -> list[int]:
    return [ask().status_code for _ in range(times)]


def check_429(answer: httpx.Response, seconds: int = 3600) -> None:
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limited"
    assert 0 < int(answer.headers["retry-after"]) <= seconds


def test_wrong_credentials_are_limited_by_address(project: Project, open_door: OpenDoor) -> None:
    http = open_door(RATE_LIMIT="3/hour")
    wrong = {"event-lens-client-id": str(uuid4())}

    def refused() -> httpx.Response:
        return http.post("/track", json=BODY, headers=wrong)

    assert statuses(refused, 5) == [401, 401, 401, 429, 429]
    check_429(refused())
    question = http.get(f"/insights/{project.id}/metrics", headers=wrong)
    check_429(question)
    check_429(http.get("/docs"))
    assert "(RATE_LIMIT)" in http.get("/docs").json()["error"]["message"]
    elsewhere = open_door(peer="8.8.4.4", RATE_LIMIT="3/hour")
    assert elsewhere.post("/track", json=BODY, headers=wrong).status_code == 401


def test_who_authenticates_is_never_counted_with_strangers(project: Project, open_door: OpenDoor) -> None:
    http = open_door(RATE_LIMIT="2/hour")
    for _ in range(3):
        http.post("/track", json=BODY)
    assert statuses(lambda: http.post("/track", json=BODY, headers=project.write.headers), 10) == [200] * 10
    ask = f"/insights/{project.id}/metrics"
    assert statuses(lambda: http.get(ask, headers=project.read.headers), 5) == [200] * 5
    assert http.get(ask, headers=project.write.headers).status_code == 403
    assert statuses(lambda: http.get("/health"), 5) == [200] * 5
    assert statuses(lambda: http.get("/healthz/ready"), 5) == [200] * 5


def test_strangers_behind_a_trusted_proxy_are_told_apart(open_door: OpenDoor) -> None:
    http = open_door(peer="10.0.0.1", RATE_LIMIT="1/hour", TRUSTED_PROXIES="10.0.0.0/8")

    def refused(address: str) -> int:
        return http.post("/track", json=BODY, headers={"x-forwarded-for": address}).status_code

    assert [refused("8.8.8.8"), refused("8.8.4.4"), refused("8.8.8.8")] == [401, 401, 429]
    assert refused("6.6.6.6, 8.8.8.8") == 429  # what he puts before it does not make him another


def test_public_pages_are_limited(open_door: OpenDoor) -> None:
    http = open_door(RATE_LIMIT="2/hour")
    assert statuses(lambda: http.get("/openapi.json"), 3) == [200, 200, 429]


def test_questions_are_limited_by_client(project: Project, open_door: OpenDoor) -> None:
    http = open_door(INSIGHTS_RATE_LIMIT="2/minute")

    def ask() -> httpx.Response:
        return http.get(f"/insights/{project.id}/metrics", headers=project.read.headers)

    assert statuses(ask, 3) == [200, 200, 429]
    check_429(ask(), 60)
    own = http.get(f"/insights/{project.id}/metrics", headers=project.root.headers)
    assert own.status_code == 200


@pytest.mark.parametrize("path", ["/track", "/track/batch", "/alias"])
def test_collection_is_limited_by_client_when_asked_for(
    project: Project, open_door: OpenDoor, path: str
) -> None:
    http = open_door(INGEST_RATE_LIMIT="2/minute")
    body = {**BODY, "profileId": "p", "alias": "q", "events": [BODY]}

    def send() -> httpx.Response:
        return http.post(path, json=body, headers=project.write.headers)

    assert statuses(send, 3) == [200, 200, 429]
    check_429(send(), 60)
    assert http.post(path, json=body, headers=project.root.headers).status_code == 200


def test_collection_is_limited_by_address_when_asked_for(
    inside: InProcess, project: Project, open_door: OpenDoor
) -> None:
    client, _ = Clients(inside.runtime.catalog).create(project.id, "write", origins=["*"])
    page = {"event-lens-client-id": client.id, "origin": "https://a.example", "user-agent": BROWSER}
    limit = {"EVENTLENS_ADDRESS_RATE_LIMIT": "2/minute", "TRUSTED_PROXIES": "10.0.0.0/8"}
    http = open_door(peer="10.0.0.1", **limit)

    def send(address: str, path: str = "/track") -> httpx.Response:
        return http.post(path, json=BODY, headers={**page, "x-forwarded-for": address})

    assert statuses(lambda: send("8.8.8.8"), 3) == [200, 200, 429]
    check_429(send("8.8.8.8"), 60)
    assert "EVENTLENS_ADDRESS_RATE_LIMIT" in send("8.8.8.8").json()["error"]["message"]
    assert send("8.8.8.8", "/track/").status_code == 429
    assert send("8.8.4.4").status_code == 200
    assert [send(f"2001:4860::{number}").status_code for number in range(3)] == [200, 200, 429]
    server = {**project.write.headers, "x-forwarded-for": "8.8.8.8"}
    assert statuses(lambda: http.post("/track", json=BODY, headers=server), 5) == [200] * 5


def test_limits_can_be_off(project: Project, open_door: OpenDoor) -> None:
    http = open_door(RATE_LIMIT="off", INSIGHTS_RATE_LIMIT="off", INGEST_RATE_LIMIT="off")
    assert set(statuses(lambda: http.post("/track", json=BODY), 150)) == {401}


async def hold(turns: Turns, seconds: float) -> None:
    async with turns.turn():
        await asyncio.sleep(seconds)


def test_who_waits_too_long_for_a_turn_is_sent_away_and_turns_come_back() -> None:
    async def all_of_it() -> None:
        turns = Turns(2, seconds=0.05)
        held = [asyncio.create_task(hold(turns, 0.3)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(QueryLimit) as refused:
            await hold(turns, 0)
        assert refused.value.retry_after >= 1
        held.append(asyncio.create_task(hold(turns, 60)))
        held[0].cancel()
        await asyncio.sleep(0.01)
        held[2].cancel()
        await asyncio.gather(*held, return_exceptions=True)
        await asyncio.gather(hold(turns, 0.01), hold(turns, 0.01))

    asyncio.run(all_of_it())


class _SlowStore:
    """The real store behind a look that takes its time."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def query(self, sql: LiteralString, parameters: Parameters | None = None) -> Result:
        self.store.query("SELECT sleepEachRow(0.3) FROM numbers(1)")
        return self.store.query(sql, parameters)

    recent = query

    def ping(self) -> None:
        self.store.ping()


def test_slow_questions_keep_collection_from_nothing(
    inside: InProcess, project: Project, open_door: OpenDoor
) -> None:
    services = replace(inside.runtime.services, store=_SlowStore(inside.runtime.services.store))
    app = App(services)

    async def all_of_it() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://in-process") as http:
            url = f"/insights/{project.id}/metrics"
            asked = [
                asyncio.create_task(http.get(url, headers=project.read.headers, timeout=60)) for _ in range(9)
            ]
            await asyncio.sleep(0.1)
            sent = {"type": "track", "payload": {"name": "x"}}
            answer = await http.post("/track", json=sent, headers=project.write.headers)
            assert answer.status_code in (200, 202)
            inside.runtime.worker.drain()
            assert not all(each.done() for each in asked)
            assert (await http.get("/health")).status_code == 200
            answers = await asyncio.gather(*asked)
            assert {each.status_code for each in answers} <= {200, 503}
            assert answers[0].status_code == 200
            assert all("retry-after" in each.headers for each in answers if each.status_code == 503)

    asyncio.run(all_of_it())
