"""Whatever is sent to collect: never a 5xx, every refusal names its field, and what is taken is stored."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.hostile import (
    BODIES,
    CREDENTIALS,
    HEADERS,
    MANY,
    SENT,
    check,
    collection_routes,
    names_its_field,
)
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Project

ROUTES = collection_routes()


@pytest.fixture(scope="module")
def project(inner_project: Project) -> Project:
    return inner_project


def own(project: Project) -> dict[str, Any]:
    return {name: value.encode() for name, value in project.write.headers.items()}


@pytest.mark.parametrize(("method", "path"), ROUTES)
@MANY
@given(body=SENT, headers=HEADERS)
def test_no_json_breaks_it(project: Project, method: str, path: str, body: Any, headers: Any) -> None:
    sent = {"user-agent": BROWSER.encode(), **headers, **own(project)}
    answer = project.http.request(method, path, content=json.dumps(body), headers=sent)
    check(answer, path)
    assert answer.status_code not in (401, 403) or "revenue" in answer.text.lower()
    if answer.status_code == 400 and isinstance(body, dict):
        assert names_its_field(answer), answer.text


@pytest.mark.parametrize(("method", "path"), ROUTES)
@MANY
@given(content=st.binary(max_size=200), headers=HEADERS)
def test_no_bytes_break_it(project: Project, method: str, path: str, content: bytes, headers: Any) -> None:
    check(project.http.request(method, path, content=content, headers=headers), path)
    check(project.http.request(method, path, content=content, headers={**headers, **own(project)}), path)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@settings(MANY, max_examples=30)
@given(credentials=CREDENTIALS)
def test_no_credentials_break_it(project: Project, method: str, path: str, credentials: Any) -> None:
    body = {"type": "track", "payload": {"name": "x"}}
    answer = project.http.request(method, path, json=body, headers=credentials)
    check(answer, path)
    assert 400 <= answer.status_code < 500


@settings(MANY, max_examples=60)
@given(sent=st.lists(BODIES, min_size=1, max_size=20))
def test_what_is_taken_is_stored(inside: InProcess, project: Project, sent: list[dict[str, Any]]) -> None:
    headers = {"user-agent": BROWSER, **project.write.headers}
    answer = project.http.post("/track/batch", content=json.dumps(sent), headers=headers)
    check(answer, "/track/batch")
    if answer.status_code != 200:
        assert "NaN" in json.dumps(sent) or "Infinity" in json.dumps(sent)
        return
    told = answer.json()
    assert told["accepted"] + len(told["rejected"]) == len(sent)
    assert all(
        row["code"] and row["message"].startswith(f"events/{row['index']}") for row in told["rejected"]
    )
    before = len(inside.runtime.queue.dead_letters())
    inside.drain()
    letters = inside.runtime.queue.dead_letters()
    assert len(letters) == before, letters[0].error
