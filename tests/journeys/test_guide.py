"""What docs/guide/sending.md shows is what a server takes."""

import re

import pytest

from tests.support.processes import REPOSITORY
from tests.support.project import BROWSER, Project

GUIDE = (REPOSITORY / "docs/guide/sending.md").read_text()
EXAMPLES = re.findall(r"^`POST (\S+)`\n\n```(json|ndjson)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def post(project: Project, path: str, body: str, kind: str = "json", **headers: str):
    content = "application/x-ndjson" if kind == "ndjson" else "application/json"
    headers = {"user-agent": BROWSER, "content-type": content, **headers}
    return project.http.post(path, content=body.encode(), headers=headers)


def test_every_block_of_json_is_an_example() -> None:
    assert len(EXAMPLES) == len(re.findall(r"^```(?:nd)?json$", GUIDE, re.MULTILINE)) > 10


@pytest.mark.parametrize(("path", "kind", "body"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_taken(project: Project, path: str, kind: str, body: str) -> None:
    answer = post(project, path, body, kind, **project.write.headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"]
    assert answer.json().get("rejected", []) == []


def test_the_three_times_are_the_same(project: Project) -> None:
    body = next(body for _, _, body in EXAMPLES if "1772442000000" in body)
    post(project, "/track/batch", body, **project.write.headers)
    project.settle()
    events = project.events(startDate="2026-03-02", endDate="2026-03-02")
    assert len(events) == 3
    assert len({event["timestamp"] for event in events}) == 1


def test_revenue_needs_the_secret(server) -> None:
    project = server.project("Shop", domain="shop.example")
    page = {"event-lens-client-id": project.write.id, "origin": "https://shop.example"}
    without = [post(project, path, body, kind, **page) for path, kind, body in EXAMPLES]
    refused = [body for (_, _, body), answer in zip(EXAMPLES, without, strict=True) if answer.is_error]
    assert len(refused) == 1
    assert "__revenue" in refused[0]


def test_refusals_have_the_shapes_that_are_shown(project: Project) -> None:
    nameless = '{"type": "track", "payload": {"name": ""}}'
    wrong = post(project, "/track", nameless, **project.write.headers)
    assert wrong.status_code == 400
    assert wrong.json()["error"] == "Bad Request"
    assert wrong.json()["message"].startswith("body/payload/name ")
    stranger = post(
        project, "/track", nameless.replace('""', '"x"'), **{"event-lens-client-id": project.write.id}
    )
    assert (stranger.status_code, stranger.text) == (401, "Ingestion: Invalid cors or secret")
    batch = post(project, "/track/batch", f"[{nameless}]", **project.write.headers).json()
    assert (batch["accepted"], batch["rejected"][0]["index"], batch["rejected"][0]["code"]) == (
        0,
        0,
        "invalid",
    )
    assert batch["rejected"][0]["message"].startswith("events/0/payload/name ")
    unknown = post(project, "/identify", '{"profileId": ""}', **project.write.headers)
    assert unknown.json()["error"]["field"] == "profileId"
    crawler = {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    assert post(
        project, "/track", nameless.replace('""', '"x"'), **crawler, **project.write.headers
    ).is_success
