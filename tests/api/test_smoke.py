"""Whatever is asked: never a 5xx, and every 4xx says what is wrong. What is sent is `tests/fuzz`'s matter."""

import json
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.api.app import ROUTES
from tests.support.hostile import CREDENTIALS, JSON, MANY, check
from tests.support.inprocess import InProcess
from tests.support.project import Project


@MANY
@given(credentials=CREDENTIALS)
def test_no_credentials_break_it(project: Project, credentials: Any) -> None:
    path = f"/insights/{project.id}/metrics"
    answer = project.http.get(path, headers=credentials)
    check(answer, path)
    assert answer.status_code == 401


QUESTIONS = [route for route in ROUTES if route.access == "read"]


@pytest.mark.parametrize("route", QUESTIONS, ids=lambda route: f"{route.method} {route.path}")
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
    known = st.sampled_from(names) if names else st.nothing()
    asked = data.draw(st.dictionaries(known | st.text(min_size=1, max_size=5), values, max_size=3))
    path = re.sub(r"\{\w+\}", "p", route.path.replace("{projectId}", project.id))
    answer = inside.http.request(route.method, path, params=asked, headers=project.read.headers)
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
