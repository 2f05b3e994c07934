"""Whatever a client sends: a clear 4xx that names the field, never a 5xx, and nobody else's event is lost."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.hostile import JSON, MANY
from tests.support.project import BROWSER, Credentials, Project, view
from tests.support.server import Server

SPAN = {"startDate": "2026-03-02", "endDate": "2026-03-02"}
UNKNOWN = "6f1f2f3a-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def project(server: Server) -> Project:
    return server.project("Bad input")


def payload(**fields: object) -> bytes:
    return json.dumps({"type": "track", "payload": {"name": "x", **fields}}).encode()


BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "body"),
    "cut JSON": (b'{"type":"track"', "body"),
    "not JSON": (b"name=x&path=/", "body"),
    "not UTF-8": (b'{"type":"track","payload":{"name":"\xff"}}', "body"),
    "a number": (b"7", "body"),
    "deep": (b"[" * 100_000, "body"),
    "deep properties": (b'{"type":"track","payload":{"name":"x","properties":' + b'{"a":' * 50_000, "body"),
    "no type": (b'{"payload":{"name":"x"}}', "type"),
    "unknown type": (b'{"type":"trick","payload":{"name":"x"}}', "type"),
    "no payload": (b'{"type":"track"}', "payload"),
    "payload a list": (b'{"type":"track","payload":[]}', "payload"),
    "no name": (b'{"type":"track","payload":{}}', "name"),
    "empty name": (payload(name=""), "name"),
    "name a number": (payload(name=3), "name"),
    "long name": (payload(name="n" * 81), "name"),
    "name of two lines": (payload(name="a\nb"), "name"),
    "reserved name": (payload(name="session_start"), "name"),
    "properties a list": (payload(properties=[1]), "properties"),
    "groups a text": (payload(groups="g"), "groups"),
    "profile an object": (payload(profileId={}), "profileId"),
    "empty id": (payload(id=""), "id"),
    "long id": (payload(id="i" * 129), "id"),
    "long device": (payload(deviceId="d" * 65), "deviceId"),
    "word for a time": (payload(timestamp="yesterday"), "timestamp"),
    "no such day": (payload(timestamp="2026-02-30T00:00:00Z"), "timestamp"),
    "time a list": (payload(timestamp=[1]), "timestamp"),
    "identify nobody": (b'{"type":"identify","payload":{}}', "profileId"),
    "identify no e-mail": (b'{"type":"identify","payload":{"profileId":"p","email":"x"}}', "email"),
    "increment nothing": (b'{"type":"increment","payload":{"profileId":"p"}}', "property"),
    "increment a word": (
        b'{"type":"increment","payload":{"profileId":"p","property":"n","value":"one"}}',
        "value",
    ),
    "alias of nobody": (b'{"type":"alias","payload":{"profileId":"p"}}', "alias"),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_bad_body_is_refused_by_name(project: Project, case):
    body, field = BODIES[case]
    answer = project.http.post(
        "/track", content=body, headers={**project.write.headers, "user-agent": BROWSER}
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["status"] == 400
    assert field in answer.json()["message"]


def test_a_huge_body_is_refused(project: Project):
    body = payload(properties={"text": "x" * (5 << 20)})
    answer = project.http.post("/track", content=body, headers=project.write.headers)
    assert answer.status_code == 413


def test_too_long_a_batch_is_refused(project: Project):
    answer = project.post("/track/batch", [view("d", "2026-03-02T00:00:00Z")] * 2001)
    assert answer.status_code in {400, 413}
    assert "events" in answer.text


def test_a_bad_event_sinks_only_itself(project: Project):
    good = [view("batch", f"2026-03-02T00:0{minute}:00Z", id=f"good-{minute}") for minute in range(3)]
    bad = [{"type": "track", "payload": {"name": ""}}, 7, {"type": "trick", "payload": {}}, None, "x"]
    mixed = [good[0], bad[0], bad[1], good[1], bad[2], bad[3], good[2], bad[4]]
    answer = project.post("/track/batch", {"events": mixed})
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == 3
    assert [row["index"] for row in answer.json()["rejected"]] == [1, 2, 4, 5, 7]
    assert all(row["code"] and row["message"] for row in answer.json()["rejected"])
    project.settle()
    assert project.metrics(**SPAN)["total_events"] == 3


def test_lines_of_json_are_a_batch_too(project: Project):
    lines = [json.dumps(view("lines", "2026-03-03T00:00:00Z", id=f"line-{number}")) for number in range(3)]
    body = "\n".join([lines[0], "{", lines[1], "", lines[2]])
    headers = {**project.write.headers, "content-type": "application/x-ndjson", "user-agent": BROWSER}
    answer = project.http.post("/track/batch", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == 3
    assert len(answer.json()["rejected"]) == 1


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "Ingestion: Missing client id"),
        ({"event-lens-client-id": "me"}, "Ingestion: Client ID must be a valid UUIDv4"),
        ({"event-lens-client-id": UNKNOWN}, "Ingestion: Invalid client id"),
    ],
)
def test_who_are_you(project: Project, headers, text):
    answer = project.http.post("/track", content=payload(), headers={**headers, "user-agent": BROWSER})
    assert (answer.status_code, answer.text) == (401, text)
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("secret", ["", "wrong", "sec_" + "0" * 43, "ü"])
def test_a_wrong_secret_is_refused(project: Project, secret):
    headers = {**Credentials(project.write.id, "").headers, "event-lens-client-secret": secret.encode()}
    answer = project.http.post("/track", content=payload(), headers=headers)
    assert (answer.status_code, answer.text) == (401, "Ingestion: Invalid cors or secret")


def test_the_shape_is_looked_at_before_the_client(project: Project):
    assert project.http.post("/track", content=b"{}").status_code == 400


QUESTIONS: dict[str, tuple[str, dict[str, str], str]] = {
    "no date": ("metrics", {"startDate": "soon"}, "startDate"),
    "no such day": ("metrics", {"startDate": "2026-02-30", "endDate": "2026-03-02"}, "startDate"),
    "end before start": ("metrics", {"startDate": "2026-03-02", "endDate": "2026-03-01"}, "endDate"),
    "bad end": ("metrics", {"startDate": "2026-03-01", "endDate": "2026-13-01"}, "endDate"),
    "far away": ("metrics", {"startDate": "99999-01-01", "endDate": "99999-01-02"}, "startDate"),
    "range": ("metrics", {"range": "8d"}, "range"),
    "zone": ("metrics", {"timezone": "Mars/Olympus"}, "timezone"),
    "zone is a path": ("metrics", {"timezone": "../../etc/passwd"}, "timezone"),
    "compare": ("metrics", {"compare": "tomorrow"}, "compare"),
    "unknown parameter": ("metrics", {"colour": "red"}, "colour"),
    "filters not JSON": ("metrics", {"filters": "path=/"}, "filters"),
    "filters a text": ("metrics", {"filters": '"x"'}, "filters"),
    "filter without a name": ("metrics", {"filters": '[{"operator":"is","value":["x"]}]'}, "filters"),
    "filter's name": ("metrics", {"filters": '[{"name":"pth","operator":"is","value":["x"]}]'}, "filters"),
    "filter's operator": (
        "metrics",
        {"filters": '[{"name":"path","operator":"=","value":["x"]}]'},
        "filters",
    ),
    "filter's regex": (
        "metrics",
        {"filters": '[{"name":"path","operator":"regex","value":["("]}]'},
        "filters",
    ),
    "filter's value": (
        "metrics",
        {"filters": '[{"name":"path","operator":"is","value":{"a":1}}]'},
        "filters",
    ),
    "filters deep": ("metrics", {"filters": '{"and":[' * 400 + "]}" * 400}, "filters"),
    "interval": ("timeseries", {"interval": "fortnight"}, "interval"),
    "too many buckets": (
        "timeseries",
        {"interval": "minute", "startDate": "2020-01-01", "endDate": "2026-01-01"},
        "interval",
    ),
    "mode": ("pages", {"mode": "middle"}, "mode"),
    "dimension": ("referrers", {"dimension": "colour"}, "dimension"),
    "dimension elsewhere": ("devices", {"dimension": "path"}, "dimension"),
    "limit a word": ("pages", {"limit": "many"}, "limit"),
    "limit below nothing": ("pages", {"limit": "-1"}, "limit"),
    "limit huge": ("pages", {"limit": "99999999999999999999"}, "limit"),
    "offset": ("pages", {"offset": "-5"}, "offset"),
    "cursor": ("events", {"cursor": "!!"}, "cursor"),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_a_bad_question_is_refused_by_name(project: Project, case):
    question, parameters, field = QUESTIONS[case]
    answer = project.get(question, **parameters)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["field"].split("/")[0].split("[")[0] == field
    assert error["code"]
    assert error["message"]


def test_access_to_answers(server: Server, project: Project):
    other = server.project("Other")

    def status(headers: dict[str, str], project_id: str = project.id) -> int:
        return server.http.get(f"/insights/{project_id}/metrics", headers=headers).status_code

    assert status({}) == 401
    assert status(Credentials(project.read.id, "wrong").headers) == 401
    assert status(Credentials(UNKNOWN, project.read.secret).headers) == 401
    assert status(project.write.headers) == 403
    assert status(other.read.headers) == 403
    assert status(other.root.headers) == 403
    assert status(project.read.headers, "nowhere") == 403
    assert status(project.root.headers) == 200
    assert status(project.read.headers) == 200


def test_unknown_addresses_and_methods(server: Server):
    assert server.http.get("/nowhere").status_code == 404
    assert server.http.put("/track", content=b"{}").status_code == 405


FUZZ = settings(MANY, max_examples=150)


@FUZZ
@given(
    question=st.sampled_from(("metrics", "timeseries", "pages", "referrers", "events", "live")),
    name=st.sampled_from(
        ("startDate", "endDate", "range", "timezone", "filters", "compare", "limit", "cursor")
    ),
    value=st.text(max_size=30),
)
def test_no_parameter_breaks_it(project: Project, question, name, value):
    answer = project.get(question, **{name: value})
    assert answer.status_code < 500, answer.text


@FUZZ
@given(
    name=st.sampled_from(("path", "country", "properties.a", "properties.a.b", "revenue", "name"))
    | st.text(),
    operator=st.sampled_from(("is", "isNot", "contains", "regex", "gt", "isNull", "startsWith")) | st.text(),
    value=JSON,
)
def test_no_filter_breaks_it(project: Project, name, operator, value):
    filters = json.dumps([{"name": name, "operator": operator, "value": value}])
    answer = project.get("metrics", filters=filters)
    assert answer.status_code < 500, answer.text


def test_after_all_that_it_still_counts(project: Project):
    project.send([view("after", "2026-03-09T00:00:00Z")])
    project.settle()
    assert project.metrics(startDate="2026-03-09", endDate="2026-03-09")["total_events"] == 1
