"""What strangers send: strategies for bodies and headers, and what every answer to them must look like."""

from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from eventlens.api.doors import DOOR_AT

MANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=90)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "name", "properties", "profileId", "groups", "id", "deviceId", "sessionId", "path", "referrer",
    "timestamp", "alias", "property", "value", "email", "firstName", "lastName", "avatar", "type", "groupIds",
    "chunk_index", "events_count", "is_full_snapshot", "started_at", "ended_at", "payload", "clientId",
    "clientSecret", "profileAlias", "properties.a",
)  # fmt: skip  # one screen
SPECIAL = (
    "__path", "__referrer", "__title", "__timestamp", "__ip", "__deviceId", "__identify", "__revenue",
    "__os", "__osVersion", "__browser", "__device", "__brand", "__bot", "__bot_reasons", "__version",
    "__buildNumber", "__query", "__hash", "__language", "__screen", "currency", "path", "referrer",
)  # fmt: skip  # one screen
GOOD: dict[str, Any] = {
    "name": "x", "profileId": "p", "alias": "q", "property": "n", "id": "g", "type": "company",
    "groupIds": ["g"], "chunk_index": 0, "events_count": 1, "is_full_snapshot": True,
    "started_at": "2026-03-01T00:00:00Z", "ended_at": "2026-03-01T00:00:01Z", "payload": "[]",
}  # fmt: skip  # one screen
"""What every kind of payload asks for."""

KINDS = (
    "track", "identify", "increment", "decrement", "alias", "group", "assign_group", "replay", "trick", "",
)  # fmt: skip  # one screen
TIMES = st.sampled_from(
    ("2026-03-01T00:00:00Z", "2026-02-30", "yesterday", "1969-12-31T23:59:59Z", "99999-01-01", 0, -1, 1e300)
)


@st.composite
def payloads(draw: st.DrawFn) -> dict[str, Any]:
    """Mostly right, with some fields of any kind: what is all wrong never reaches the rules."""
    wrong = draw(st.dictionaries(st.sampled_from(FIELDS), JSON | TIMES, max_size=3))
    payload: dict[str, Any] = {**GOOD, **wrong}
    if draw(st.booleans()):
        values = JSON | TIMES | st.just({"profileId": "p", "email": "a@b.co"})
        payload["properties"] = draw(st.dictionaries(st.sampled_from(SPECIAL), values, max_size=4))
    return payload


BODIES = st.fixed_dictionaries({"type": st.sampled_from(KINDS), "payload": payloads()})
SENT = (
    JSON
    | BODIES
    | payloads()
    | st.lists(BODIES, max_size=3)
    | st.fixed_dictionaries({"events": st.lists(BODIES | JSON, max_size=3)})
)
"""Anything that JSON can say, mostly near what the wire says."""


def _header_value(raw: bytes) -> bytes:
    return raw.translate(None, b"\r\n\x00")


HEADERS = st.dictionaries(
    st.sampled_from(
        ("user-agent", "origin", "content-type", "x-forwarded-for", "forwarded", "openpanel-sdk-name",
         "idempotency-key", "request-id", "openpanel-client-ip", "sec-ch-ua", "accept-language", "referer")
    ),
    st.binary(max_size=30).map(_header_value),
    max_size=3,
)  # fmt: skip  # one screen
CREDENTIALS = st.dictionaries(
    st.sampled_from(("event-lens-client-id", "event-lens-client-secret", "openpanel-client-id", "origin")),
    st.binary(max_size=60).map(_header_value),
)


def collection_routes() -> list[tuple[str, str]]:
    """(method, path) of every collection route."""
    return sorted((door.method, path) for path, door in DOOR_AT.items())


_PLAIN = ("Not found", "Not number", "Missing ip address", "Missing header: user-agent")


def speaks_openpanel(path: str) -> bool:
    """Whether a route's refusals have the words that published clients know."""
    return path.startswith(("/track", "/event", "/profile")) and not path.startswith("/track/batch")


def check(answer: httpx.Response, path: str) -> None:
    """It is no 5xx; a 4xx says what is wrong in the words of its route."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        return
    kind = answer.headers["content-type"].partition(";")[0]
    if path == "/pixel.gif" and answer.status_code != 405:
        assert kind == "image/gif"
        assert answer.content.startswith(b"GIF89a")
    elif kind == "text/plain":
        assert speaks_openpanel(path)
        assert answer.status_code in (400, 401, 404)
        assert answer.text.startswith("Ingestion: ") if answer.status_code == 401 else answer.text in _PLAIN
    elif speaks_openpanel(path) and answer.status_code == 400:
        told = answer.json()
        assert set(told) == {"status", "error", "message"}
        assert told["message"].startswith("body")
    else:
        assert not (speaks_openpanel(path) and answer.status_code == 401)
        error = answer.json()["error"]
        assert {"code", "message"} <= error.keys() <= {"code", "message", "field"}
        assert error["code"]
        assert error["message"]


def names_its_field(answer: httpx.Response) -> bool:
    """Whether a 400 says which part is wrong; of a body that is no JSON, or no object, all of it is."""
    if not answer.headers["content-type"].startswith("application/json"):
        return True  # a text that the wire fixes, or a picture
    told = answer.json()
    if isinstance(told["error"], dict):
        error = told["error"]
        whole = error["message"].startswith(("Expected `object`", "Unknown parameter ''"))
        return bool(error.get("field")) or error["code"] == "malformed" or whole
    return told["message"].startswith(("body/", "body The body is", "body Expected `object`"))
