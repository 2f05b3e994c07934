"""What `/track` and the other collection routes answer, word for word where the wire fixes the words."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import httpx
import pytest

from eventlens.accounts.clients import Clients
from eventlens.api.app import App
from eventlens.errors import QueueFull, Unavailable
from tests.api.conftest import Door, OpenDoor
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Project, track

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
OWN_ROUTES = ("/track/batch", "/identify", "/increment", "/decrement", "/alias")


def body_of(**payload: Any) -> dict[str, Any]:
    return {"type": "track", "payload": {"name": "x", **payload}}


# --- 200, 202 ---


def test_an_accepted_event_gets_its_ids(project: Project) -> None:
    answer = project.track("x")
    assert answer.headers["content-type"] == "application/json"
    ids = answer.json()
    assert set(ids) == {"success", "deviceId", "sessionId"}
    assert ids["success"] is True
    assert len(ids["deviceId"]) == 32
    assert len(ids["sessionId"]) == 22


def test_both_spellings_of_the_path(project: Project) -> None:
    assert project.post("/track/", body_of()).json() == project.post("/track", body_of()).json()


def test_a_bot_is_told_so(project: Project, open_door: OpenDoor, inside: InProcess) -> None:
    client, _ = Clients(inside.runtime.catalog).create(project.id, "write", origins=["https://a.example"])
    headers = {
        "event-lens-client-id": client.id,
        "origin": "https://a.example",
        "user-agent": GOOGLEBOT,
    }
    answer = open_door().post("/track", json=body_of(), headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"bot": {"name": "Googlebot", "type": "Search bot"}})
    verified = project.post("/track", body_of(), **{"user-agent": GOOGLEBOT})
    assert verified.status_code == 200


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", ""]
)
def test_the_content_type_of_a_beacon_does_not_matter(project: Project, kind: str) -> None:
    headers = {**project.write.headers, "content-type": kind}
    answer = project.http.post("/track", content=json.dumps(body_of()), headers=headers)
    assert answer.status_code == 200


# --- 401, 403: the wire's words on /track, the shape of all errors elsewhere ---


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "Missing client id"),
        ({"event-lens-client-id": "me"}, "Client ID must be a valid UUIDv4"),
        (
            {"event-lens-client-id": "z" * 8 + "-0000-4000-8000-000000000000"},
            "Client ID must be a valid UUIDv4",
        ),
        ({"event-lens-client-id": str(uuid4())}, "Invalid client id"),
    ],
)
def test_who_is_refused_hears_the_wires_words(project: Project, headers: dict[str, str], text: str) -> None:
    for path in ("/track", "/track/"):
        answer = project.http.post(path, json=body_of(), headers=headers)
        assert (answer.status_code, answer.text) == (401, f"Ingestion: {text}")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    answer = project.http.post("/identify", json={"profileId": "p"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"error": {"code": "unauthenticated", "message": text}}


def test_neither_origin_nor_secret(project: Project) -> None:
    headers = {"event-lens-client-id": project.write.id, "origin": "https://a.example"}
    answer = project.http.post("/track", json=body_of(), headers=headers)
    assert (answer.status_code, answer.text) == (401, "Ingestion: Invalid cors or secret")


def test_credentials_of_one_request_say_nothing_of_the_next(project: Project, inside: InProcess) -> None:
    """What was admitted once is remembered: by all that it was admitted for."""
    client, secret = Clients(inside.runtime.catalog).create(
        project.id, "write", origins=["https://a.example"]
    )
    named = {"event-lens-client-id": client.id, "user-agent": BROWSER}
    revenue = body_of(name="revenue", properties={"__revenue": 5})

    def status(headers: dict[str, str], **more: str) -> int:
        return project.http.post("/track", json={**revenue, **more}, headers={**named, **headers}).status_code

    page = {"origin": "https://a.example"}
    verified = {"event-lens-client-secret": secret}
    for _ in range(2):
        assert status(verified) == 200
        assert status({}, clientSecret=secret) == 200
        assert status(page, clientSecret=secret) == 200
        assert status(page) == 401, "no secret, no revenue"
        assert status({}) == 401
        assert status({}, clientSecret="sec_wrong") == 401
        assert status({"event-lens-client-secret": "sec_wrong"}, clientSecret=secret) == 401
        assert project.http.post("/track", json=body_of(), headers={**named, **page}).status_code == 200
        other = {**named, "origin": "https://b.example"}
        assert project.http.post("/track", json=body_of(), headers=other).status_code == 401


def test_long_secrets_are_not_remembered(project: Project, inside: InProcess, open_door: OpenDoor) -> None:
    client, _ = Clients(inside.runtime.catalog).create(project.id, "write", origins=["*"])
    http = open_door()
    for number in range(3):
        headers = {"event-lens-client-id": client.id, "origin": "https://a.example", "user-agent": BROWSER}
        headers["event-lens-client-secret"] = f"{number}" * 30_000
        assert http.post("/track", json=body_of(), headers=headers).status_code == 200
    assert app_of(http).collection._admissions == {}


def test_revenue_needs_a_secret(project: Project, inside: InProcess) -> None:
    client, _ = Clients(inside.runtime.catalog).create(project.id, "write", origins=["*"])
    headers = {"event-lens-client-id": client.id, "origin": "https://a.example", "user-agent": BROWSER}
    body = body_of(name="revenue", properties={"__revenue": 5})
    answer = project.http.post("/track", json=body, headers=headers)
    text = "Ingestion: Revenue tracking is not allowed without a client secret"
    assert (answer.status_code, answer.text) == (401, text)
    assert project.post("/track", body).status_code == 200


@pytest.mark.parametrize("path", ["/track", "/track/", *OWN_ROUTES])
def test_a_read_client_cannot_send(project: Project, path: str) -> None:
    body = {"profileId": "p", "property": "n", "alias": "q", **body_of(), "events": [body_of()]}
    answer = project.http.post(path, json=body, headers=project.read.headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "forbidden"


# --- 400 ---


def test_a_wrong_body_is_named_in_the_wires_shape(project: Project) -> None:
    answer = project.track("")
    assert answer.status_code == 400
    assert answer.json() == {
        "status": 400,
        "error": "Bad Request",
        "message": "body/payload/name Expected `str` of length >= 1",
    }


def test_a_wrong_body_is_named_in_the_shape_of_all_errors_elsewhere(project: Project) -> None:
    answer = project.post("/identify", {"profileId": "p", "email": "x"})
    assert answer.status_code == 400
    error = {"code": "invalid", "message": "Expected an e-mail address", "field": "email"}
    assert answer.json() == {"error": error}
    answer = project.post("/increment", {"profileId": "p"})
    assert answer.json()["error"]["field"] == "property"
    answer = project.post("/track/batch", {"event": []})
    assert answer.json()["error"]["field"] == "events"


def test_a_batch_names_the_path_of_each_field(project: Project) -> None:
    good = track("x", "d", "2026-03-01T00:00:00Z")
    answer = project.post("/track/batch", {"events": [good, body_of(name=""), {"type": "track"}, good]})
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "accepted": 2,
        "rejected": [
            {
                "index": 1,
                "code": "invalid",
                "message": "events/1/payload/name Expected `str` of length >= 1",
            },
            {
                "index": 2,
                "code": "invalid",
                "message": "events/2/payload Object missing required field `payload`",
            },
        ],
    }


@pytest.mark.parametrize(
    "headers", [{}, {"event-lens-client-id": "me"}, {"event-lens-client-id": str(uuid4())}]
)
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/track", b"{", "body"),
        ("/track", b'{"type":"track","payload":{"name":3}}', "body/payload/name"),
        ("/track", b'{"type":"track","payload":{"name":"session_end"}}', "body/payload/name"),
        ("/track", json.dumps(body_of(name="n" * 81)).encode(), "body/payload/name"),
        ("/track", json.dumps(body_of(name="a\nb")).encode(), "body/payload/name"),
        ("/track", json.dumps(body_of(timestamp="soon")).encode(), "body/payload/timestamp"),
        ("/identify", b'{"profileId":"p","email":"x"}', "email"),
        ("/increment", b'{"profileId":"p","property":"n","value":0}', "value"),
        ("/track/batch", b'{"events":7}', "events"),
    ],
)
def test_what_is_wrong_whoever_sends_it_comes_before_who_sends_it(
    project: Project, path: str, body: bytes, field: str, headers: dict[str, str]
) -> None:
    answer = project.http.post(path, content=body, headers=headers)
    assert answer.status_code == 400
    assert field in answer.text


NOT_JSON = {
    "nothing": b"",
    "cut": b'{"type":',
    "a word": b"hello",
    "not UTF-8": b'{"type":"track","payload":{"name":"\xff\xfe"}}',
    "deep": b"[" * 200_000,
    "deep object": b'{"a":' * 100_000,
    "a number": b"17",
    "null": b"null",
    "two": b"{}{}",
    "a comma": b'{"type":"track","payload":{"name":"x"},}',
    "NaN": b'{"type":"track","payload":{"name":"x","timestamp":NaN}}',
    "too large a number": b'{"type":"track","payload":{"name":"x","timestamp":1e999}}',
}


@pytest.mark.parametrize("path", ["/track", *OWN_ROUTES])
@pytest.mark.parametrize("case", NOT_JSON)
def test_what_is_no_json_is_a_400(project: Project, path: str, case: str) -> None:
    answer = project.http.post(path, content=NOT_JSON[case], headers=project.write.headers)
    assert answer.status_code == 400
    assert "error" in answer.json()


# --- batches ---


@pytest.mark.parametrize("path", ["/track", "/track/", "/track/batch"])
def test_an_array_is_a_batch(project: Project, path: str) -> None:
    answer = project.post(path, [body_of(id="a"), body_of(id="b")])
    assert answer.json() == {"success": True, "accepted": 2, "rejected": []}


def test_an_empty_batch_is_fine(project: Project) -> None:
    for body in ([], {"events": []}):
        assert project.post("/track/batch", body).json() == {"success": True, "accepted": 0, "rejected": []}


def test_lines_are_a_batch(project: Project) -> None:
    lines = [json.dumps(body_of(id="a")), "", "{", json.dumps(body_of(id="b")), "\n"]
    for kind in ("application/x-ndjson", "application/ndjson; charset=utf-8"):
        headers = {**project.write.headers, "content-type": kind}
        answer = project.http.post("/track/batch", content="\r\n".join(lines), headers=headers)
        assert answer.status_code == 200
        assert answer.json()["accepted"] == 2
        assert [each["index"] for each in answer.json()["rejected"]] == [1]


@pytest.mark.parametrize("path", ["/track", "/track/batch"])
def test_too_many_at_once(project: Project, open_door: OpenDoor, path: str) -> None:
    http = open_door(TRACK_BATCH_LIMIT="3")
    headers = project.write.headers
    assert http.post(path, json=[body_of()] * 3, headers=headers).status_code == 200
    answer = http.post(path, json=[body_of()] * 4, headers=headers)
    assert answer.status_code == 413
    message = "At most 3 events fit in one batch, got 4"
    assert answer.json() == {"error": {"code": "too_large", "message": message, "field": "events"}}


# --- 413 ---


async def raw_request(
    app: App, headers: Sequence[tuple[bytes, bytes]], chunks: Sequence[bytes], path: str = "/track"
) -> tuple[int, bytes, int]:
    """Status, body, and the number of chunks that were read."""
    sent: list[Any] = []
    waiting = iter(chunks)
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": next(waiting), "more_body": read < len(chunks)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": list(headers),
        "client": ("1.2.3.4", 5),
    }
    await app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"], read


def app_of(http: httpx.Client) -> App:
    transport = http._transport  # httpx offers no other way to it
    assert isinstance(transport, Door)
    return transport.app


@pytest.mark.parametrize("path", ["/track", "/track/batch"])
def test_the_limit_of_a_body(project: Project, open_door: OpenDoor, path: str) -> None:
    http = open_door(BODY_LIMIT="2000")
    start = json.dumps([body_of()])
    fits = start + " " * (2000 - len(start))
    assert http.post(path, content=fits, headers=project.write.headers).status_code == 200
    answer = http.post(path, content=fits + " ", headers=project.write.headers)
    assert answer.status_code == 413
    message = "The body is over the limit of 2000 bytes."
    assert answer.json() == {"error": {"code": "too_large", "message": message}}


def test_a_body_that_is_declared_too_large_is_not_read(open_door: OpenDoor) -> None:
    app = app_of(open_door(BODY_LIMIT="2000"))
    status, _, read = asyncio.run(raw_request(app, [(b"content-length", b"2001")], [b"x"]))
    assert (status, read) == (413, 0)


def test_a_body_without_a_declared_length_is_read_up_to_the_limit(open_door: OpenDoor) -> None:
    app = app_of(open_door(BODY_LIMIT="2000"))
    chunked = [(b"transfer-encoding", b"chunked")]
    status, _, read = asyncio.run(raw_request(app, chunked, [b" " * 900] * 50))
    assert (status, read) == (413, 3)
    body = json.dumps(body_of()).encode()
    status, text, read = asyncio.run(raw_request(app, chunked, [body[:9], body[9:30], body[30:]]))
    assert (status, text, read) == (401, b"Ingestion: Missing client id", 3)
    status, _, _ = asyncio.run(raw_request(app, [(b"content-length", b"-1")], [b"{}"]))
    assert status == 400


# --- methods, preflight, headers ---


@pytest.mark.parametrize("path", ["/track", "/track/", *OWN_ROUTES])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods(project: Project, path: str, method: str) -> None:
    answer = project.http.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST, OPTIONS"
    assert project.http.head(path).status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/track", "/track/", "/api/v1/analytics/track", *OWN_ROUTES])
def test_a_browser_may_ask_from_anywhere(project: Project, path: str) -> None:
    asked = {
        "origin": "https://a.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,openpanel-client-id,x-own",
    }
    answer = project.http.options(path, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    told = {
        name: answer.headers[f"access-control-{name}"]
        for name in ("allow-origin", "allow-methods", "max-age")
    }
    assert told == {"allow-origin": "*", "allow-methods": "GET,HEAD,POST", "max-age": "604800"}
    assert answer.headers["access-control-allow-headers"] == "content-type,openpanel-client-id,x-own"


@pytest.mark.parametrize("body", [b"{", json.dumps(body_of()).encode()])
def test_every_answer_may_be_read_by_every_page_and_is_safe(project: Project, body: bytes) -> None:
    for headers in ({}, project.write.headers, project.read.headers):
        answer = project.http.post("/track", content=body, headers=headers)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


# --- 503 ---


class _FullCollector:
    """A collector whose queue takes nothing more."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def begin(self, *given: Any) -> None:
        given[4](self.error)


@pytest.mark.parametrize("path", ["/track", "/track/batch", "/identify"])
def test_a_full_queue_says_when_to_come_again(project: Project, open_door: OpenDoor, path: str) -> None:
    error = QueueFull("The disk is almost full: the queue takes no more events.")
    error.retry_after = 4.2
    http = open_door(services={"collector": _FullCollector(error)})
    body = {"profileId": "p", **body_of(), "events": [body_of()]}
    answer = http.post(path, json=body, headers=project.write.headers)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json() == {"error": {"code": "queue_full", "message": error.message}}


def test_a_sender_that_went_away_is_no_mistake(project: Project, open_door: OpenDoor) -> None:
    app = app_of(open_door())
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({"type": "http", "method": "POST", "path": "/track", "headers": []}, receive, send))
    assert sent[0]["status"] == 503


def test_a_mistake_of_ours_is_a_500_without_a_word_of_the_sender(
    project: Project, open_door: OpenDoor, caplog: pytest.LogCaptureFixture
) -> None:
    http = open_door(services={"collector": _FullCollector(KeyError("a private thing"))})
    answer = http.post("/track", json=body_of(name="a private thing"), headers=project.write.headers)
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "private" not in answer.text
    assert len(caplog.records) == 1
    assert "KeyError in POST /track" in caplog.text
    assert "private thing" not in caplog.text
    assert project.write.secret not in caplog.text


def test_the_disk_going_away_is_a_503(project: Project, open_door: OpenDoor) -> None:
    http = open_door(services={"collector": _FullCollector(Unavailable("The queue is closed."))})
    answer = http.post("/track", json=body_of(), headers=project.write.headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
