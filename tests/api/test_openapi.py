"""The description of the API is valid, whole, and true."""

import html
import re
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from eventlens.api.app import ROUTES
from eventlens.api.doors import DOORS
from tests.support.inprocess import InProcess
from tests.support.project import Project


@pytest.fixture(scope="module")
def described(inside: InProcess) -> dict[str, Any]:
    answer = inside.http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_valid(described: dict[str, Any]) -> None:
    validate(described, cls=OpenAPIV31SpecValidator)


def test_every_route_is_in_it(described: dict[str, Any]) -> None:
    found = {f"{method.upper()} {path}" for method, path, _ in operations(described)}
    collection = {f"{door.method} {door.paths[0]}" for door in DOORS}
    assert found == {f"{route.method} {route.path}" for route in ROUTES} | collection


def test_every_operation_says_what_it_is_takes_and_gives(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["tags"], where
        in_path = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", path)), where
        assert all(each["description"] for each in operation.get("parameters", ())), where
        without = ("/auth/sign-out", "{letterId}/replay", "/auth/identities/{provider}")
        bodiless = method in ("get", "delete") or path.endswith(without)
        assert ("requestBody" in operation) != bodiless, where
        success = next(answer for status, answer in operation["responses"].items() if status[0] in "23")
        if operation["tags"] in (["collection"], ["insights"], ["management"]):
            assert {"400", "401", "403", "429", "503"} <= operation["responses"].keys(), where
            assert operation["security"], where
            assert all(content["schema"] for content in success["content"].values()), where
        if operation["tags"] == ["collection"]:
            assert ("413" in operation["responses"]) == (method == "post"), where
        if operation["tags"] == ["management"]:
            assert {"404", "413"} <= operation["responses"].keys(), where


def test_no_schema_is_left_over_or_missing(described: dict[str, Any]) -> None:
    text = msgspec.json.encode(described).decode()
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert named == set(described["components"]["schemas"])


def test_its_parameters_are_those_that_are_taken(
    described: dict[str, Any], inside: InProcess, project: Project
) -> None:
    for method, path, operation in operations(described):
        if operation["tags"] != ["insights"]:
            continue
        url = path.format(projectId=project.id, id="p")
        for parameter in operation["parameters"]:
            if parameter["in"] != "query":
                continue
            # A value that no parameter takes is refused by name; a name that is not taken is refused as such.
            answer = inside.http.request(
                method, url, params={parameter["name"]: "\x00"}, headers=project.read.headers
            )
            assert "unknown parameter" not in answer.text.lower(), f"{path}?{parameter['name']}"


def test_the_wires_shapes_are_the_described_ones(
    described: dict[str, Any], inside: InProcess, project: Project
) -> None:
    single = described["components"]["schemas"]["Accepted"]
    assert set(project.track("x").json()) == set(single["required"])
    refused = inside.http.get(f"/insights/{project.id}/metrics")
    assert set(refused.json()["error"]) <= set(described["components"]["schemas"]["Problem"]["properties"])


def test_the_page_for_people_stands_alone(described: dict[str, Any], inside: InProcess) -> None:
    page = inside.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for _, path, operation in operations(described):
        assert path in page.text
        assert operation["summary"] in html.unescape(page.text)
    assert "<script" not in page.text
    assert not re.findall(r"(?:src|href)=['\"]?(?:https?:)?//", page.text)


def test_the_examples_are_taken_as_they_stand(
    described: dict[str, Any], inside: InProcess, project: Project
) -> None:
    sent = [
        (path, operation["requestBody"]["content"]["application/json"]["example"])
        for method, path, operation in operations(described)
        if method == "post" and operation["tags"] == ["collection"]
    ]
    posts = sorted(door.paths[0] for door in DOORS if door.method == "POST")
    assert sorted(path for path, _ in sent) == posts
    project.post("/identify", {"profileId": "ada", "firstName": "Ada"})
    inside.drain()  # what the older routes answer comes from what is processed
    for path, example in sent:
        answer = project.post(path, example)
        answers = described["paths"][path]["post"]["responses"]
        assert answer.status_code == (200 if "200" in answers else 202), answer.text
        if answer.headers["content-type"] == "application/json":
            assert answer.json().get("rejected", []) == []


def test_the_page_says_all_that_a_caller_needs(described: dict[str, Any], inside: InProcess) -> None:
    page = inside.http.get("/docs").text
    entries = dict(
        zip([path for _, path, _ in operations(described)], page.split("<details>")[1:], strict=True)
    )
    track = entries["/track"]
    assert "write or root client" in track
    assert "<code>name</code> <small>required</small>" in track
    assert "<code>deviceId</code><td>" not in track  # cells are closed: the table stacks on phones
    assert all(f"<tr><td>{status}</td>" in track for status in ("200", "202", "400", "413", "503"))
    assert '"sessionId": string' in track
    events = entries["/insights/{projectId}/events"]
    assert "read or root client" in events
    assert "integer, 1 to 10000; default <code>100</code>" in events
    assert "`" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
    assert "Anybody" in entries["/health"]
    assert "<a href='openapi.json'>" in page
    assert len(page) < 5_000 * len(entries)
