"""Whatever is sent, wherever: never a 5xx, and every 4xx says what is wrong in its route's shape."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventlens.api.app import ROUTES
from eventlens.api.track import PATHS, PAYLOAD_PATHS, SINGLE_PATHS
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Project

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
    "timestamp", "alias", "property", "value", "email", "firstName", "avatar",
)  # fmt: skip  # one screen
SPECIAL = (
    "__path", "__referrer", "__title", "__timestamp", "__ip", "__deviceId", "__identify", "__revenue",
    "__os", "__bot", "__version", "__query", "__language", "currency",
)  # fmt: skip  # one screen
GOOD = {"name": "x", "profileId": "p", "alias": "q", "property": "n"}


@st.composite
def payloads(draw: st.DrawFn) -> dict[str, Any]:
    """Mostly right, with some fields of any kind: what is all wrong never reaches the rules."""
    payload: dict[str, Any] = {**GOOD, **draw(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3))}
    if draw(st.booleans()):
        payload["properties"] = draw(st.dictionaries(st.sampled_from(SPECIAL), JSON, max_size=4))
    return payload


KINDS = st.sampled_from(("track", "identify", "increment", "decrement", "alias", "replay", ""))
BODIES = st.fixed_dictionaries({"type": KINDS, "payload": payloads()})
SENT = (
    JSON
    | BODIES
    | payloads()
    | st.lists(BODIES, max_size=3)
    | st.fixed_dictionaries({"events": st.lists(BODIES | JSON, max_size=3)})
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ("user-agent", "origin", "content-type", "x-forwarded-for", "forwarded", "openpanel-sdk-name")
    ),
    st.binary(max_size=30).map(lambda raw: raw.translate(None, b"\r\n\x00")),
    max_size=3,
)


def check(answer: httpx.Response, path: str) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        return
    if path in SINGLE_PATHS and answer.status_code == 401:
        assert answer.text.startswith("Ingestion: ")
    elif path in SINGLE_PATHS and answer.status_code == 400:
        told = answer.json()
        assert set(told) == {"status", "error", "message"}
        assert told["message"].startswith("body")
    else:
        error = answer.json()["error"]
        assert {"code", "message"} <= error.keys() <= {"code", "message", "field"}
        assert error["code"]
        assert error["message"]


@pytest.mark.parametrize("path", sorted(PATHS))
@MANY
@given(body=SENT, headers=HEADERS)
def test_no_json_breaks_collection(project: Project, path: str, body: Any, headers: Any) -> None:
    content = json.dumps(body)
    sent = {"user-agent": BROWSER.encode(), **headers}
    sent |= {name: value.encode() for name, value in project.write.headers.items()}
    answer = project.http.post(path, content=content, headers=sent)
    check(answer, path)
    assert answer.status_code not in (401, 403)
    if path in PAYLOAD_PATHS and answer.status_code == 400 and isinstance(body, dict):
        error = answer.json()["error"]
        assert error.get("field") or error["code"] == "malformed"  # NaN is no JSON


@pytest.mark.parametrize("path", sorted(PATHS))
@MANY
@given(content=st.binary(max_size=200), headers=HEADERS)
def test_no_bytes_break_collection(project: Project, path: str, content: bytes, headers: Any) -> None:
    check(project.http.post(path, content=content, headers=headers), path)


@MANY
@given(
    credentials=st.dictionaries(
        st.sampled_from(("event-lens-client-id", "event-lens-client-secret", "openpanel-client-id")),
        st.binary(max_size=60).map(lambda raw: raw.translate(None, b"\r\n\x00")),
    )
)
def test_no_credentials_break_it(project: Project, credentials: Any) -> None:
    body = {"type": "track", "payload": {"name": "x"}}
    check(project.http.post("/track", json=body, headers=credentials), "/track")
    path = f"/insights/{project.id}/metrics"
    answer = project.http.get(path, headers=credentials)
    check(answer, path)
    assert answer.status_code == 401


QUESTIONS = [route for route in ROUTES if route.access == "read"]


@pytest.mark.parametrize("route", QUESTIONS, ids=lambda route: route.path.rpartition("/")[2])
@settings(MANY, max_examples=25)
@given(data=st.data())
def test_no_question_breaks_it(inside: InProcess, project: Project, route: Any, data: st.DataObject) -> None:
    names = [parameter.name for parameter in route.parameters if parameter.where == "query"]
    values = (
        st.text(max_size=20)
        | JSON.map(json.dumps)
        | st.sampled_from(
            ("7d", "2026-03-01", "2026-03-01T00:00:00Z", "day", "country", "UTC", "10", "-1", "previous")
        )
    )
    asked = data.draw(
        st.dictionaries(st.sampled_from(names) | st.text(min_size=1, max_size=5), values, max_size=3)
    )
    path = route.path.format(projectId=project.id, id="p")
    answer = inside.http.get(path, params=asked, headers=project.read.headers)
    check(answer, path)
    if answer.status_code == 400:
        assert answer.json()["error"].get("field"), answer.text


_IN_A_QUERY = frozenset(range(0x21, 0x7F)) - frozenset(b"#")


@MANY
@given(
    query=st.binary(max_size=60).map(lambda raw: bytes(byte for byte in raw if byte in _IN_A_QUERY)),
    name=st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
)
def test_no_address_breaks_it(inside: InProcess, project: Project, query: bytes, name: str) -> None:
    url = httpx.URL(f"http://in-process/insights/{project.id}/metrics").copy_with(query=query)
    check(inside.http.get(url, headers=project.read.headers), "/insights")
    url = httpx.URL("http://in-process/insights/" + quote(name, safe=""))
    check(inside.http.get(url, headers=project.read.headers), "/insights")
