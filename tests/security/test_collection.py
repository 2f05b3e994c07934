"""One table: every collection route × whoever must not send there, or not so → the exact refusal."""

import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.security.conftest import World
from tests.support.hostile import GOOD, collection_routes, speaks_openpanel
from tests.support.project import BROWSER, Credentials

ROUTES = collection_routes()
SENDING = [(method, path) for method, path in ROUTES if path != "/track/device-id"]
_numbers = itertools.count()


def send(world: World, method: str, path: str, headers: Mapping[str, str], **payload: Any) -> httpx.Response:
    """A request that is right but for its headers and for `payload`."""
    raw = [(name.encode(), text.encode()) for name, text in headers.items()]
    whole: Any = {**GOOD, "id": f"security-{next(_numbers)}", **payload}
    if path == "/pixel.gif":
        return world.own.http.get(path, params=_as_query(whole), headers=raw)
    if method == "GET":
        return world.own.http.get(path, headers=raw)
    if path.startswith("/track"):
        whole = {"type": "track", "payload": whole}
    if path.startswith("/track/batch"):
        whole = [whole]
    return world.own.http.request(method, path, json=whole, headers=raw)


def _as_query(payload: Mapping[str, Any]) -> dict[str, str]:
    fields = {name: payload[name] for name in ("name", "id", "deviceId", "path") if name in payload}
    return fields | {f"properties.{name}": value for name, value in payload.get("properties", {}).items()}


def refused(answer: httpx.Response, path: str, status: int, message: str, field: str = "") -> None:
    """The answer is this refusal, in the words of its route, and nothing but it."""
    assert answer.status_code == status, answer.text
    if path == "/pixel.gif":
        assert answer.headers["content-type"] == "image/gif"
    elif status == 401 and speaks_openpanel(path):
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text == f"Ingestion: {message}"
    elif status == 400 and speaks_openpanel(path):
        where = "/".join(filter(None, ("body", field)))
        assert answer.json() == {"status": 400, "error": "Bad Request", "message": f"{where} {message}"}
    else:
        code = {400: "invalid", 401: "unauthenticated", 403: "forbidden"}[status]
        told = {"code": code, "message": message} | ({"field": field} if field else {})
        assert answer.json() == {"error": told}


# --- who sends -----------------------------------------------------------------------------------

Headers = Callable[[World], dict[str, str]]
MISSING = (401, "Missing client id")
MALFORMED = (401, "Client ID must be a valid UUIDv4")
UNKNOWN = (401, "Invalid client id")
WRONG = (401, "Invalid cors or secret")
READS = (403, "A read client cannot send events; use a write client")

STRANGERS: dict[str, tuple[Headers, tuple[int, str]]] = {
    "no client": (lambda world: {"event-lens-client-secret": world.own.write.secret}, MISSING),
    "empty client": (lambda world: Credentials("", world.own.write.secret).headers, MISSING),
    "malformed id": (lambda world: Credentials("me", world.own.write.secret).headers, MALFORMED),
    "id with a space": (lambda world: Credentials(world.own.write.id + "\t ä", "").headers, MALFORMED),
    "id without dashes": (
        lambda world: Credentials(world.own.write.id.replace("-", ""), world.own.write.secret).headers,
        MALFORMED,
    ),
    "SQL for an id": (lambda world: Credentials("' OR ''='" + "-" * 27, "x").headers, MALFORMED),
    "unknown client": (lambda world: Credentials(str(uuid4()), world.own.write.secret).headers, UNKNOWN),
    "revoked client": (lambda world: world.revoked.headers, UNKNOWN),
    "revoked client from its page": (
        lambda world: {**world.browser(), "event-lens-client-id": world.revoked.id},
        UNKNOWN,
    ),
    "read client": (lambda world: world.own.read.headers, READS),
    "another project's read client": (lambda world: world.other.read.headers, READS),
    "no secret": (lambda world: {"event-lens-client-id": world.own.write.id}, WRONG),
    "empty secret": (lambda world: Credentials(world.own.write.id, "").headers, WRONG),
    "wrong secret": (lambda world: Credentials(world.own.write.id, "sec_" + "0" * 43).headers, WRONG),
    "secret cut short": (
        lambda world: Credentials(world.own.write.id, world.own.write.secret[:-1]).headers,
        WRONG,
    ),
    "secret and more": (
        lambda world: Credentials(world.own.write.id, world.own.write.secret + "0").headers,
        WRONG,
    ),
    "secret without end": (lambda world: Credentials(world.own.write.id, "x" * 5000).headers, WRONG),
    "another project's secret": (
        lambda world: Credentials(world.own.write.id, world.other.write.secret).headers,
        WRONG,
    ),
    "another client's secret": (
        lambda world: Credentials(world.own.write.id, world.own.root.secret).headers,
        WRONG,
    ),
    "a page that the client does not know": (
        lambda world: {"event-lens-client-id": world.own.write.id, "origin": "https://shop.example"},
        WRONG,
    ),
}


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("case", STRANGERS)
def test_strangers_are_refused(world: World, method: str, path: str, case: str) -> None:
    make, (status, message) = STRANGERS[case]
    refused(send(world, method, path, {"user-agent": BROWSER, **make(world)}), path, status, message)


FORGED_ORIGINS = (
    "https://a.foo.com.evil.net", "https://foo.com.evil.net", "https://evilfoo.com", "https://foo.com",
    "https://a-foo.com", "https://.foo.com", "https://a.foo.com@evil.net", "https://evil.net#.foo.com",
    "https://evil.net/.foo.com", "https://evil.net?.foo.com", "https://evil.net\\.foo.com", "*.foo.com",
    "https://*.foo.com", "https://a.foo.com:8443", "http://shop.example", "https://shop.example.evil.net",
    "https://shop.example:444", "https://shop.example@evil.net", "https://evil.net https://shop.example",
    "https://shop.example, https://evil.net", "null", "*", "", "file://", "https://",
    "https://a.foo.com%00.evil.net", "https://a.foo.com%2eevil.net",
)  # fmt: skip  # one screen
GENUINE_ORIGINS = (
    "https://shop.example", "https://shop.example:443", "https://a.foo.com", "https://b.a.foo.com", "http://a.foo.com",
)  # fmt: skip  # one screen


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_forged_origins_are_refused(world: World, method: str, path: str) -> None:
    for origin in FORGED_ORIGINS:
        headers = world.browser(origin=origin)
        refused(send(world, method, path, headers), path, *WRONG)
    for origin in GENUINE_ORIGINS:
        answer = send(world, method, path, world.browser(origin=origin))
        assert answer.status_code in (200, 202, 404), f"{origin}: {answer.text}"


def test_a_pixels_page_cannot_be_forged_either(world: World) -> None:
    headers = world.browser()
    del headers["origin"]
    for origin in FORGED_ORIGINS:
        for page in (origin, f"{origin}/", f"{origin}/a?https://shop.example"):
            sent = {**headers, "referer": page}
            answer = send(world, "GET", "/pixel.gif", sent)
            assert answer.status_code == 401, page
    assert send(world, "GET", "/pixel.gif", {**headers, "referer": "https://a.foo.com/b"}).status_code == 200


# --- what is said of the sender --------------------------------------------------------------------

FORGED_ADDRESS = "2.125.160.216"
"""An address in Great Britain; the tests' own has no country."""

ADDRESS_HEADERS = (
    "event-lens-client-ip", "openpanel-client-ip", "true-client-ip", "x-client-ip", "cf-connecting-ip",
    "x-forwarded-for", "x-real-ip", "fastly-client-ip", "x-cluster-client-ip", "x-appengine-user-ip",
    "do-connecting-ip", "x-nf-client-connection-ip", "x-forwarded", "forwarded", "via", "cf-ipcountry",
    "x-vercel-forwarded-for", "x-original-forwarded-for", "x-envoy-external-address", "client-ip",
)  # fmt: skip  # one screen


def forged(name: str) -> dict[str, str]:
    return {name: f"for={FORGED_ADDRESS}" if name == "forwarded" else FORGED_ADDRESS}


def stored(world: World, **payload: Any) -> dict[str, dict[str, Any]]:
    """Events by id as the explorer gives them."""
    world.own.settle()
    return {row["id"]: row for row in world.own.events(range="today", limit=1000)}


@pytest.mark.parametrize(("method", "path"), SENDING)
def test_forged_proxy_headers_change_nothing(world: World, method: str, path: str) -> None:
    plain = send(world, method, path, world.browser())
    assert plain.status_code in (200, 202, 404), plain.text
    everything = {name: text for each in ADDRESS_HEADERS for name, text in forged(each).items()}
    spellings = [*({name: text} for name, text in everything.items()), everything]
    ids: list[str] = []
    for spelling in spellings:
        ids.append(f"forged-{path}-{next(_numbers)}")
        answer = send(world, method, path, {**world.browser(), **spelling}, id=ids[-1])
        assert answer.status_code == plain.status_code
        if "deviceId" in plain.text:
            assert answer.json()["deviceId"] == plain.json()["deviceId"], spelling
    rows = stored(world)
    found = [rows[each] for each in ids if each in rows]
    if path in ("/track", "/track/", "/track/batch", "/track/batch/", "/event", "/pixel.gif"):
        assert len(found) == len(ids)
    assert {row["country"] for row in found} <= {None}
    assert len({row["deviceId"] for row in found}) <= 1


def test_forged_proxy_headers_lead_past_no_filter(world: World) -> None:
    url = f"/manage/projects/{world.own.id}/filters"
    blocked = "IP address is blocked by project filter"
    everything = {name: text for each in ADDRESS_HEADERS for name, text in forged(each).items()}

    def status(**headers: str) -> int:
        return send(world, "POST", "/track", world.browser(**headers)).status_code

    def filtered(address: str) -> str:
        made = world.own.http.post(url, json={"kind": "ip", "value": address}, headers=world.own.root.headers)
        assert made.status_code == 200, made.text
        return made.json()["data"]["id"]

    def free(name: str) -> None:
        gone = world.own.http.delete(f"{url}/{name}", headers=world.own.root.headers)
        assert gone.status_code == 200, gone.text

    theirs = filtered(FORGED_ADDRESS)
    own = filtered("127.0.0.0/8")
    try:
        until(lambda: status() == 401)
        for spelling in (*({name: text} for name, text in everything.items()), everything):
            answer = send(world, "POST", "/track", {**world.browser(), **spelling})
            refused(answer, "/track", 401, blocked)
    finally:
        free(own)
    until(lambda: status() == 200)
    for spelling in (*({name: text} for name, text in everything.items()), everything):
        assert send(world, "POST", "/track", {**world.browser(), **spelling}).status_code == 200, spelling
    free(theirs)


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("path", ["/track", "/track/batch"])
def test_a_stated_address_needs_the_secret(world: World, path: str) -> None:
    stated = {"__ip": FORGED_ADDRESS}
    cases = {
        "page": (world.browser(), None),
        "page with another project's secret": (
            world.browser(event_lens_client_secret=world.other.write.secret),
            None,
        ),
        "server": ({"user-agent": BROWSER, **world.own.write.headers}, "GB"),
    }
    ids = {case: f"stated-{path}-{case}" for case in cases}
    for case, (headers, _) in cases.items():
        assert send(world, "POST", path, headers, id=ids[case], properties=stated).status_code == 200
    rows = stored(world)
    assert {case: rows[ids[case]]["country"] for case in cases} == {
        case: country for case, (_, country) in cases.items()
    }
    assert not any(FORGED_ADDRESS in str(rows[each]) for each in ids.values())


@pytest.mark.parametrize("path", ["/track", "/track/batch"])
def test_who_is_a_bot_is_not_the_senders_to_say(world: World, path: str) -> None:
    flags = {"__bot": False, "__bot_reasons": ["none"], "kept": True}
    name = f"bot-{path}"
    answer = send(world, "POST", path, world.browser(), id=name, properties={**flags, "__bot": True})
    assert answer.status_code == 200
    crawler = {**world.browser(), "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}
    answer = send(world, "POST", path, crawler, id=f"{name}-crawler", properties=flags)
    if path == "/track":
        assert answer.status_code == 202
        assert answer.json()["bot"]["name"] == "Googlebot"
    rows = stored(world)
    assert rows[name]["properties"] == {"kept": True}
    assert f"{name}-crawler" not in rows


# --- what only some may say ------------------------------------------------------------------------

DEVICES = [
    (method, path, where)
    for method, path in SENDING
    if path not in ("/pixel.gif", "/alias", "/group", "/replay")
    for where in ("deviceId", "properties/__deviceId")
    if where == "deviceId" or path in ("/track", "/track/", "/event")
]


@pytest.mark.parametrize(("method", "path", "where"), DEVICES)
def test_a_device_id_has_its_length(world: World, method: str, path: str, where: str) -> None:
    def having(length: int) -> httpx.Response:
        device = "d" * length
        said = {"properties": {"__deviceId": device}} if "/" in where else {"deviceId": device}
        return send(world, method, path, world.browser(), **said)

    assert having(64).status_code in (200, 202, 404)
    field = f"payload/{where}" if path.startswith("/track") else where
    if path.startswith("/track/batch"):
        (rejected,) = having(65).json()["rejected"]
        expected = {"index": 0, "code": "invalid", "message": f"events/0/{field} Longer than 64 characters"}
        assert rejected == expected
    else:
        refused(having(65), path, 400, "Longer than 64 characters", field)


REVENUE = "Revenue tracking is not allowed without a client secret"
EARNING = [(method, path) for method, path in SENDING if path.startswith(("/track", "/event"))]


@pytest.mark.parametrize(("method", "path"), EARNING)
def test_revenue_needs_the_secret(world: World, method: str, path: str) -> None:
    earned = {"name": "revenue", "properties": {"__revenue": 1500, "currency": "USD"}}
    field = "payload/properties/__revenue" if path.startswith("/track") else "properties/__revenue"
    wrong = world.browser(event_lens_client_secret=world.other.write.secret)
    for headers in (world.browser(), wrong):
        answer = send(world, method, path, headers, **earned)
        if path.startswith("/track/batch"):
            (rejected,) = answer.json()["rejected"]
            assert (rejected["code"], rejected["message"]) == ("revenue", f"events/0/{field} {REVENUE}")
        else:
            refused(answer, path, 401, REVENUE, field)
    name = f"earned-{path}"
    own = {"user-agent": BROWSER, **world.own.write.headers}
    assert send(world, method, path, own, id=name, **earned).status_code in (200, 202)
    assert stored(world)[name]["revenue"] == {"amount": 1500, "currency": "USD"}


# --- whose events they are ---------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), SENDING)
def test_another_projects_client_reaches_only_its_own(world: World, method: str, path: str) -> None:
    name = f"theirs-{path}"
    profile = f"shared-{path.replace(chr(47), chr(45))}"
    own = {"user-agent": BROWSER, **world.own.write.headers}
    world.own.http.post("/increment", json={"profileId": profile, "property": "n", "value": 5}, headers=own)
    theirs = {"user-agent": BROWSER, **world.other.write.headers}
    claims = {"projectId": world.own.id, "project_id": world.own.id}
    answer = send(world, method, path, theirs, id=name, profileId=profile, firstName="Mallory", **claims)
    assert answer.status_code in (200, 202, 404), answer.text
    assert name not in stored(world)
    known = world.own.ask(f"profiles/{profile}")
    assert known["properties"] == {"n": 5}
    assert "Mallory" not in str(known)
