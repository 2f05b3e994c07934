"""How each collection route reads its requests and words its answers, without a server around it."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.accounts.origins import origin_allowed
from eventlens.api.doors import (
    DOOR_AT,
    DOORS,
    NOT_FOUND,
    NOT_NUMBER,
    PIXEL,
    Answer,
    Asked,
    Door,
    KnownDevice,
    device_answer,
    device_refusal,
)
from eventlens.enrich.bots import Bot
from eventlens.errors import QueueFull, RateLimited
from eventlens.events import Track
from eventlens.ingest.accept import Collected
from eventlens.ingest.payload import Body, Moment, Refusal, TrackPayload, command_of
from eventlens.ingest.senders import Sender

NOW = 1_790_000_000_000
JSON = ((b"content-type", b"application/json"),)
TEXT = ((b"content-type", b"text/plain; charset=utf-8"),)
GIF = ((b"content-type", b"image/gif"),)

TAKEN = Collected(1, [], device_id="d" * 32, session_id="s" * 22)
CRAWLER = Collected(1, [], bot=Bot("Googlebot", "Search bot"))

EVENT = {"name": "a"}
PAYLOADS: dict[str, dict[str, Any]] = {
    "/identify": {"profileId": "p"},
    "/increment": {"profileId": "p", "property": "n"},
    "/decrement": {"profileId": "p", "property": "n"},
    "/alias": {"profileId": "p", "alias": "q"},
    "/group": {"id": "g", "type": "company", "name": "Acme"},
    "/assign_group": {"groupIds": ["g"]},
    "/replay": {
        "chunk_index": 0,
        "events_count": 1,
        "is_full_snapshot": True,
        "started_at": "2026-03-01T10:00:00Z",
        "ended_at": "2026-03-01T10:00:01Z",
        "payload": "[]",
    },
    "/event": EVENT,
    "/profile": {"profileId": "p"},
    "/profile/increment": {"profileId": "p", "property": "n"},
    "/profile/decrement": {"profileId": "p", "property": "n"},
}
SINGLE = ["/track", "/track/"]
BATCH = ["/track/batch", "/track/batch/"]
LEGACY = ["/event", "/profile", "/profile/increment", "/profile/decrement"]
WIRE = [*SINGLE, *LEGACY, "/track/device-id"]
"""Routes whose 400 and 401 have OpenPanel's words."""
OWN = [path for path in PAYLOADS if path not in LEGACY]


def asked(body: Any = b"", query: str = "", **headers: str) -> Asked:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return Asked(query.encode(), named, raw)


def body_for(path: str) -> Any:
    return PAYLOADS.get(path, {"type": "track", "payload": EVENT})


def read(path: str, request: Asked, limit: int = 100) -> Any:
    return DOOR_AT[path].read(request, limit)


def one(path: str, request: Asked) -> Body:
    found = read(path, request)
    assert not isinstance(found, Refusal | list), found
    return found


def id_of(body: Body | Refusal) -> str:
    assert not isinstance(body, Refusal)
    command = command_of(body, Moment(NOW, trusted=True))
    assert not isinstance(command, Refusal)
    return command.id


# --- the table ---


def test_the_table_is_whole() -> None:
    assert {*SINGLE, *BATCH, *PAYLOADS, "/pixel.gif", "/track/device-id"} == DOOR_AT.keys()
    assert len(DOOR_AT) == sum(len(door.paths) for door in DOORS)
    assert {path for path, door in DOOR_AT.items() if door.method == "GET"} == {
        "/pixel.gif",
        "/track/device-id",
    }
    checks = {path: door.check for path, door in DOOR_AT.items() if door.check}
    assert checks == {
        "/track/device-id": "device_id",
        "/profile/increment": "profile_number",
        "/profile/decrement": "profile_number",
    }


@pytest.mark.parametrize("path", DOOR_AT)
def test_other_methods(path: str) -> None:
    door = DOOR_AT[path]
    answer = door.other_method("PATCH", {})
    assert (answer.status, answer.headers[1]) == (405, (b"allow", f"{door.method}, OPTIONS".encode()))
    preflight = door.other_method("OPTIONS", {b"access-control-request-headers": b"x-own"})
    assert (preflight.status, preflight.body) == (204, b"")
    assert (b"access-control-allow-headers", b"x-own") in preflight.headers
    assert (b"access-control-allow-methods", b"GET,HEAD,POST") in preflight.headers
    assert (b"access-control-max-age", b"604800") in preflight.headers


# --- what is read ---


@pytest.mark.parametrize("path", [*SINGLE, *PAYLOADS])
def test_a_good_body_is_a_command(path: str) -> None:
    body = one(path, asked(body_for(path)))
    assert not isinstance(command_of(body, Moment(NOW, trusted=True)), Refusal)


@pytest.mark.parametrize("path", [path for path, door in DOOR_AT.items() if door.method == "POST"])
@pytest.mark.parametrize("raw", [b"", b"{", b"hello", b"17", b"null", b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_body_is_refused(path: str, raw: bytes) -> None:
    refusal = read(path, asked(raw))
    assert isinstance(refusal, Refusal)
    answer = DOOR_AT[path].refuse(refusal)
    assert answer.status == 400
    assert json.loads(answer.body)["error"]


@pytest.mark.parametrize("path", [*SINGLE, *BATCH])
@pytest.mark.parametrize("space", [b"", b" \r\n"])
def test_an_array_is_a_batch(path: str, space: bytes) -> None:
    raw = space + json.dumps([body_for("/track"), {}, body_for("/track")]).encode()
    bodies = read(path, asked(raw))
    assert [isinstance(body, Refusal) for body in bodies] == [False, True, False]
    refusal = read(path, asked(raw), limit=2)
    assert isinstance(refusal, Refusal)
    assert DOOR_AT[path].refuse(refusal).status == 413


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-ndjson",
        "Application/NDJSON; charset=utf-8",
        "application/jsonl",
        "application/x-jsonlines",
    ],
)
def test_lines_are_a_batch(kind: str) -> None:
    raw = b'{"type":"track","payload":{"name":"a"}}\r\n\n{\n'
    bodies = read("/track/batch", asked(raw, content_type=kind))
    assert [isinstance(body, Refusal) for body in bodies] == [False, True]


@pytest.mark.parametrize("kind", ["", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", [*SINGLE, *PAYLOADS])
def test_the_content_type_of_a_beacon_does_not_matter(path: str, kind: str) -> None:
    assert one(path, asked(body_for(path), content_type=kind)) == one(path, asked(body_for(path)))


# --- idempotency-key ---


@pytest.mark.parametrize("path", [*SINGLE, *PAYLOADS])
def test_a_key_is_the_id_of_an_event_without_one(path: str) -> None:
    body = body_for(path)
    assert id_of(one(path, asked(body, idempotency_key="k-1"))) == ("" if path == "/group" else "k-1")
    assert id_of(one(path, asked(body, idempotency_key=""))) == ""
    if path == "/group":
        return  # its `id` is the group's own
    payload = body if path in PAYLOADS else body["payload"]
    own = {**body, "id": "own"} if path in PAYLOADS else {**body, "payload": {**payload, "id": "own"}}
    assert id_of(one(path, asked(own, idempotency_key="k-1"))) == "own"


@pytest.mark.parametrize("path", [*SINGLE, *BATCH])
def test_a_key_of_a_batch_names_each_event_by_its_place(path: str) -> None:
    event, own = {"type": "track", "payload": EVENT}, {"type": "track", "payload": {**EVENT, "id": "own"}}
    bodies = read(path, asked([event, {}, own, event], idempotency_key="k"))
    assert [body.code if isinstance(body, Refusal) else id_of(body) for body in bodies] == [
        "k/0",
        "invalid",
        "own",
        "k/3",
    ]


def test_a_key_of_any_length_is_a_good_id() -> None:
    event = {"type": "track", "payload": EVENT}
    fits = "k" * 128
    assert id_of(one("/track", asked(event, idempotency_key=fits))) == fits
    ids = {
        id_of(one("/track", asked(event, idempotency_key=key)))
        for key in (fits + "1", fits + "2", fits + "1")
    }
    assert len(ids) == 2
    many = read("/track/batch", asked([event] * 3, idempotency_key=fits))
    assert len({id_of(body) for body in many}) == 3
    assert all(0 < len(id_of(body)) <= 128 for body in many)
    assert id_of(one("/track", Asked(b"", {b"idempotency-key": b"\xff\xfe"}, json.dumps(event).encode())))


# --- the pixel ---


def pixel(**parameters: str) -> Any:
    body = one("/pixel.gif", asked(query=urlencode(parameters)))
    return body, command_of(body, Moment(NOW, trusted=False))


def test_a_pixel_is_an_event() -> None:
    body, track = pixel(
        clientId="c",
        name="opened",
        path="https://a.example/p?utm_source=mail",
        referrer="https://b.example/",
        title="Hello, 😀",
        profileId="p",
        deviceId="d",
        id="i",
        **{"properties.plan": "pro", "properties.__version": "2", "t": "12345"},
    )
    assert body.client_id == "c"
    assert isinstance(track, Track)
    assert (track.name, track.path, track.referrer) == (
        "opened",
        "https://a.example/p?utm_source=mail",
        "https://b.example/",
    )
    assert (track.title, track.profile_id, track.device_id, track.id) == ("Hello, 😀", "p", "d", "i")
    assert json.loads(track.properties) == {"plan": "pro", "__version": "2"}


def test_a_pixel_without_a_name_is_a_view() -> None:
    for query in ("", "name=&path=&id=&profileId=&deviceId=", "&&=&x"):
        body = one("/pixel.gif", asked(query=query))
        track = command_of(body, Moment(NOW, trusted=False))
        assert isinstance(track, Track)
        assert (track.name, track.id, track.profile_id, track.properties) == ("screen_view", "", "", b"{}")
    assert id_of(one("/pixel.gif", asked(query="name=a", idempotency_key="k"))) == "k"


def test_a_pixel_may_tell_of_revenue() -> None:
    query = "name=revenue&properties.__revenue=1500&properties.currency=eur&id=o-1"
    track = command_of(one("/pixel.gif", asked(query=query)), Moment(NOW, False, unverified_revenue=True))
    assert isinstance(track, Track)
    assert (track.revenue, track.currency) == (1500, "EUR")
    for text in ("x", "-5", "1.5", "15 EUR", "9" * 17, "9" * 5000):
        _, refusal = pixel(name="revenue", **{"properties.__revenue": text})
        assert isinstance(refusal, Refusal), text
        assert refusal.field == "payload/properties/__revenue"


@pytest.mark.parametrize(
    "query", [b"\xff\xfe=%ff", b"name=%00%ff", b"%", b"name=a;b", b"properties.=1", b"=&=="]
)
def test_whatever_stands_in_a_query_is_read(query: bytes) -> None:
    body = DOOR_AT["/pixel.gif"].read(Asked(query, {}, b""), 1)
    assert not isinstance(body, Refusal | list)
    assert not isinstance(command_of(body, Moment(NOW, trusted=False)), Refusal)


def test_a_query_has_a_limit() -> None:
    refusal = read("/pixel.gif", asked(query="a=1&" * 2000))
    assert isinstance(refusal, Refusal)
    _, over = pixel(**{f"properties.p{n}": "1" for n in range(300)})
    assert isinstance(over, Refusal)
    _, long = pixel(name="n" * 81)
    assert isinstance(long, Refusal)


@pytest.mark.parametrize(
    ("referer", "origin"),
    [
        (b"https://a.example/b/c?d#e", b"https://a.example"),
        (b"https://a.example:8080?x", b"https://a.example:8080"),
        (b"HTTPS://A.example", b"HTTPS://A.example"),
        (b"about:blank", b""),
        (b"", b""),
    ],
)
def test_an_image_comes_from_the_page_that_asks_for_it(referer: bytes, origin: bytes) -> None:
    found = DOOR_AT["/pixel.gif"].headers({b"referer": referer, b"x": b"y"})
    assert found == {b"referer": referer, b"x": b"y", b"origin": origin}
    stated = {b"referer": referer, b"origin": b"https://own.example"}
    assert DOOR_AT["/pixel.gif"].headers(stated) == stated
    for path in DOOR_AT.keys() - {"/pixel.gif"}:
        assert DOOR_AT[path].headers({b"referer": referer}) == {b"referer": referer}


@pytest.mark.parametrize(
    "referer",
    [
        b"https://a.example.evil.example/",
        b"https://a.example@evil.example/",
        b"https://evil.example/https://a.example/",
        b"https://evil.example?https://a.example",
        b"https://evil.example#//a.example",
        b"https://a.example\\evil.example/",
        b"a.example/",
    ],
)
def test_a_page_that_only_names_another_is_not_it(referer: bytes) -> None:
    origin = DOOR_AT["/pixel.gif"].headers({b"referer": referer})[b"origin"]
    assert not origin_allowed(("https://a.example", "*.a.example", "a.example"), origin.decode("latin-1"))


# --- anything at all ---


@pytest.mark.parametrize("path", DOOR_AT)
@given(body=st.binary(max_size=80), query=st.binary(max_size=80), key=st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused_with_an_answer(
    path: str, body: bytes, query: bytes, key: bytes
) -> None:
    door = DOOR_AT[path]
    kind = b"application/x-ndjson" if len(body) % 2 else b""
    headers = {b"idempotency-key": key, b"content-type": kind, b"referer": query}
    found = door.read(Asked(query, headers, body), 5)
    if isinstance(found, Refusal):
        assert door.refuse(found).status in (400, 413)
        return
    assert door.headers(headers).keys() >= headers.keys()
    for each in found if isinstance(found, list) else [found]:
        command = each if isinstance(each, Refusal) else command_of(each, Moment(NOW, trusted=False))
        if isinstance(command, Refusal):
            assert 400 <= door.refuse(command).status < 500


# --- answers ---


def accepted(path: str, collected: Collected = TAKEN) -> Answer:
    door = DOOR_AT[path]
    return door.answer(one(path, asked(body_for(path))), collected)


@pytest.mark.parametrize("path", [*SINGLE, *OWN])
def test_ids_are_the_answer(path: str) -> None:
    answer = accepted(path)
    assert (answer.status, answer.headers) == (200, JSON)
    assert json.loads(answer.body) == {"success": True, "deviceId": "d" * 32, "sessionId": "s" * 22}


@pytest.mark.parametrize(
    ("path", "text"),
    [("/event", b"ok"), ("/profile", b"p"), ("/profile/increment", b"p"), ("/profile/decrement", b"p")],
)
def test_legacy_routes_answer_with_a_text(path: str, text: bytes) -> None:
    assert accepted(path) == Answer(202, text, TEXT)


def test_a_legacy_id_may_be_a_number() -> None:
    body = one("/profile", asked({"profileId": 7.0}))
    assert DOOR_AT["/profile"].answer(body, TAKEN).body == b"7"


def test_a_pixel_is_a_picture_whatever_happens() -> None:
    door = DOOR_AT["/pixel.gif"]
    body = one("/pixel.gif", asked(query="name=a"))
    assert len(PIXEL) == 43
    assert PIXEL[:10] == b"GIF89a\x01\x00\x01\x00"
    for collected in (TAKEN, CRAWLER):
        assert door.answer(body, collected) == Answer(200, PIXEL, GIF)
    assert door.refuse(Refusal("credentials", "x")) == Answer(401, PIXEL, GIF)
    assert door.refuse(Refusal("client_type", "x")) == Answer(403, PIXEL, GIF)
    assert door.refuse(Refusal("invalid", "x", "payload/name")) == Answer(400, PIXEL, GIF)
    assert door.fail(QueueFull()) == Answer(503, PIXEL, (*GIF, (b"retry-after", b"1")))


@pytest.mark.parametrize("path", [*SINGLE, *PAYLOADS])
def test_a_bot_is_told_so(path: str) -> None:
    answer = accepted(path, CRAWLER)
    assert (answer.status, answer.headers) == (202, JSON)
    assert json.loads(answer.body) == {"bot": {"name": "Googlebot", "type": "Search bot"}}


@pytest.mark.parametrize("path", [*SINGLE, *BATCH])
def test_a_batch_says_what_was_not_taken(path: str) -> None:
    bodies = read(path, asked([body_for("/track")] * 3))
    collected = Collected(2, [(1, Refusal("invalid", "is wrong", "payload/name"))], bot=CRAWLER.bot)
    answer = DOOR_AT[path].answer(bodies, collected)
    assert answer.status == 200
    rejected = [{"index": 1, "code": "invalid", "message": "events/1/payload/name is wrong"}]
    assert json.loads(answer.body) == {"success": True, "accepted": 2, "rejected": rejected}


# --- refusals: the wire's words, the house's shape ---

WORDS = [
    "Missing client id",
    "Client ID must be a valid UUIDv4",
    "Invalid client id",
    "Client has no project",
    "IP address is blocked by project filter",
    "Profile id is blocked by project filter",
    "Invalid cors or secret",
]


@pytest.mark.parametrize("words", WORDS)
def test_who_is_not_let_in(words: str) -> None:
    refusal = Refusal("credentials", words)
    for path in WIRE:
        assert DOOR_AT[path].refuse(refusal) == Answer(401, f"Ingestion: {words}".encode(), TEXT)
    for path in (*BATCH, *OWN):
        answer = DOOR_AT[path].refuse(refusal)
        assert (answer.status, answer.headers) == (401, JSON)
        assert json.loads(answer.body) == {"error": {"code": "unauthenticated", "message": words}}


def test_revenue_without_the_secret() -> None:
    request = asked({"name": "revenue", "properties": {"__revenue": 5}})
    body = one("/event", request)
    refusal = command_of(body, Moment(NOW, trusted=False))
    assert isinstance(refusal, Refusal)
    text = b"Ingestion: Revenue tracking is not allowed without a client secret"
    assert DOOR_AT["/event"].refuse(refusal) == Answer(401, text, TEXT)


def _wrong(path: str) -> tuple[Door, Refusal]:
    """A door and the refusal of a body whose first field is of a wrong kind."""
    body = body_for(path)
    name = next(iter(PAYLOADS.get(path, EVENT)))
    wrong = {name: {}} if path in PAYLOADS else {**body, "payload": {name: {}}}
    found = read(path, asked(wrong))
    assert isinstance(found, Refusal), found
    return DOOR_AT[path], found


@pytest.mark.parametrize("path", [*SINGLE, *LEGACY])
def test_a_wrong_field_in_the_wires_words(path: str) -> None:
    door, refusal = _wrong(path)
    answer = door.refuse(refusal)
    assert (answer.status, answer.headers) == (400, JSON)
    said = json.loads(answer.body)
    assert (said["status"], said["error"]) == (400, "Bad Request")
    where = "body/payload/name " if path in SINGLE else f"body/{next(iter(PAYLOADS[path]))} "
    assert said["message"].startswith(where)


@pytest.mark.parametrize("path", OWN)
def test_a_wrong_field_in_the_shape_of_the_house(path: str) -> None:
    door, refusal = _wrong(path)
    answer = door.refuse(refusal)
    assert answer.status == 400
    assert json.loads(answer.body)["error"]["field"] == next(iter(PAYLOADS[path]))


def test_what_a_rule_refuses_is_named_as_the_sender_knows_it() -> None:
    refusal = Refusal("invalid", "is wrong", "payload/profileId")
    assert json.loads(DOOR_AT["/identify"].refuse(refusal).body)["error"]["field"] == "profileId"
    assert json.loads(DOOR_AT["/profile"].refuse(refusal).body)["message"] == "body/profileId is wrong"
    assert json.loads(DOOR_AT["/track"].refuse(refusal).body)["message"] == "body/payload/profileId is wrong"


def test_numbers_of_profiles_in_the_wires_words() -> None:
    for path in ("/profile/increment", "/profile/decrement"):
        assert DOOR_AT[path].refuse(NOT_FOUND) == Answer(404, b"Not found", TEXT)
        assert DOOR_AT[path].refuse(NOT_NUMBER) == Answer(400, b"Not number", TEXT)


@pytest.mark.parametrize("path", sorted(DOOR_AT.keys() - {"/pixel.gif"}))
def test_a_read_client_and_too_much_look_the_same_everywhere(path: str) -> None:
    door = DOOR_AT[path]
    forbidden = door.refuse(Refusal("client_type", "x"))
    assert (forbidden.status, json.loads(forbidden.body)) == (
        403,
        {"error": {"code": "forbidden", "message": "x"}},
    )
    large = door.refuse(Refusal("too_large", "x", "events"))
    assert (large.status, json.loads(large.body)["error"]["code"]) == (413, "too_large")
    error = RateLimited("Slower.")
    error.retry_after = 2.5
    limited = door.fail(error)
    assert (limited.status, limited.headers) == (429, (*JSON, (b"retry-after", b"3")))
    assert json.loads(limited.body) == {"error": {"code": "rate_limited", "message": "Slower."}}


# --- GET /track/device-id ---


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (KnownDevice("d", "s"), "current session exists for this device id"),
        (KnownDevice("d", "s", is_previous=True), "previous session exists for this device id"),
        (KnownDevice("d", ""), "No session exists for this device id"),
        (KnownDevice("d", "", is_previous=True), "No session exists for this device id"),
    ],
)
def test_the_ids_of_a_device(known: KnownDevice, message: str) -> None:
    answer = device_answer(known)
    assert (answer.status, answer.headers) == (200, JSON)
    said = {"deviceId": "d", "sessionId": known.session_id, "message": message}
    assert json.loads(answer.body) == said


def test_a_sender_that_has_no_device() -> None:
    refuse = DOOR_AT["/track/device-id"].refuse
    assert device_refusal(Sender("1.2.3.4", "Mozilla")) is None
    for sender, text in (
        (Sender("", "Mozilla"), b"Missing ip address"),
        (Sender("1.2.3.4", ""), b"Missing header: user-agent"),
    ):
        refusal = device_refusal(sender)
        assert refusal is not None
        assert refuse(refusal) == Answer(400, text, TEXT)


# --- the shape of what is read ---


def test_the_bodies_of_a_pixel_and_of_an_event_are_alike() -> None:
    sent = one("/event", asked({"name": "a", "path": "/p", "properties": {"x": "1"}}))
    seen = one("/pixel.gif", asked(query="name=a&path=/p&properties.x=1"))
    assert isinstance(sent.payload, TrackPayload)
    assert seen == sent
