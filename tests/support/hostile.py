"""What strangers send: strategies for bodies and headers, and what every answer to them must look like."""

from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from eventlens.api import track

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
    return [("POST", path) for path in sorted(track.PATHS)]


def check(answer: httpx.Response, path: str) -> None:
    """It is no 5xx; a 4xx says what is wrong in the words of its route."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        return
    if path in track.SINGLE_PATHS and answer.status_code == 401:
        assert answer.text.startswith("Ingestion: ")
    elif path in track.SINGLE_PATHS and answer.status_code == 400:
        told = answer.json()
        assert set(told) == {"status", "error", "message"}
        assert told["message"].startswith("body")
    else:
        error = answer.json()["error"]
        assert {"code", "message"} <= error.keys() <= {"code", "message", "field"}
        assert error["code"]
        assert error["message"]


def names_its_field(answer: httpx.Response) -> bool:
    """Whether a 400 says which part of the body is wrong (where there are parts: it was JSON)."""
    told = answer.json()
    if "error" in told and isinstance(told["error"], dict):
        return bool(told["error"].get("field")) or told["error"]["code"] == "malformed"
    path = told["message"].split(" ")[0]
    return path.startswith("body/") or "not valid JSON" in told["message"] or "nested" in told["message"]
