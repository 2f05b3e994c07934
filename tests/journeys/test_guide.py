"""What docs/guide/sending.md shows is what a server takes."""

import shlex
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.project import BROWSER, Project
from tests.support.snippets import blocks

RUNS = [block for block in blocks("docs/guide/sending.md", "sh") if "curl" in block.text]


@dataclass
class Example:
    """A request as an example of `curl` makes it."""

    path: str = ""
    body: str = ""
    query: dict[str, str] = field(default_factory=dict[str, str])
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def send(self, project: Project, **headers: str) -> httpx.Response:
        method = "POST" if self.body else "GET"
        headers = {"user-agent": "curl/8.0", **self.headers, **headers}
        return project.http.request(method, self.path, content=self.body, params=self.query, headers=headers)


def read_example(block: str) -> Example:
    """The request of a block; `"${AUTH[@]}"` is left to whoever sends it."""
    words = shlex.split(block.replace("\\\n", " "))
    example = Example()
    if words[0] == "printf":
        lines = words[2 : words.index("|")]
        example.body = "".join(f"{line}\n" for line in lines)
        words = words[words.index("|") + 1 :]
    assert words[0] == "curl"
    assert "${AUTH[@]}" in words
    given = iter(words[1:])
    for word in given:
        if word == "--json":
            example.headers["content-type"] = "application/json"
            example.body = next(given)
        elif word == "-H":
            name, _, value = next(given).partition(": ")
            example.headers[name] = value
        elif word == "-A":
            example.headers["user-agent"] = next(given)
        elif word == "--data-urlencode":
            name, _, value = next(given).partition("=")
            example.query[name] = value
        elif word == "--data-binary":
            assert next(given) == "@-"
        elif word.startswith("$URL"):
            example.path = urlsplit(word.removeprefix("$URL")).path
        else:
            assert word in ("-G", "${AUTH[@]}"), word
    return example


EXAMPLES = [read_example(block.text) for block in RUNS]
IDS = [f"{number}-{example.path}" for number, example in enumerate(EXAMPLES)]


def post(project: Project, path: str, body: str, **headers: str) -> httpx.Response:
    headers = {"user-agent": BROWSER, "content-type": "application/json", **headers}
    return project.http.post(path, content=body.encode(), headers=headers)


def test_every_collection_route_has_an_example() -> None:
    shown = {example.path for example in EXAMPLES}
    assert {"/track", "/track/batch", "/pixel.gif", "/track/device-id", "/event", "/profile"} <= shown
    kinds = "track identify increment decrement alias group assign_group replay".split()
    for kind in kinds:
        assert any(f'"type": "{kind}"' in example.body for example in EXAMPLES), kind


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_an_example_is_taken(project: Project, example: Example) -> None:
    if example.path == "/profile/increment":
        post(project, "/identify", '{"profileId": "user-7", "firstName": "Ada"}', **project.write.headers)
        project.settle()
    answer = example.send(project, **project.write.headers)
    assert answer.status_code == (202 if example.path.startswith(("/event", "/profile")) else 200), (
        answer.text
    )
    if answer.headers["content-type"] == "application/json":
        said = answer.json()
        assert said.get("success") or said["message"]
        assert said.get("rejected", []) == []


def test_the_three_times_are_the_same(project: Project) -> None:
    example = next(example for example in EXAMPLES if "1772442000000" in example.body)
    example.send(project, **project.write.headers)
    project.settle()
    events = project.events(startDate="2026-03-02", endDate="2026-03-02")
    assert len(events) == 3
    assert len({event["timestamp"] for event in events}) == 1


def test_types_are_kept(project: Project) -> None:
    next(example for example in EXAMPLES if "addons" in example.body).send(project, **project.write.headers)
    project.settle()
    [event] = project.events()
    said = {"plan": "team", "seats": 5, "trial": True, "addons": ["sso"], "from": {"page": 2}, "coupon": None}
    assert event["properties"] == said
    assert event["groups"] == ["acme"]


def test_revenue_needs_the_secret(server) -> None:
    project = server.project("Shop", domain="shop.example")
    page = {"event-lens-client-id": project.write.id, "origin": "https://shop.example", "user-agent": BROWSER}
    posts = [example for example in EXAMPLES if example.body and not example.path.startswith("/profile/")]
    refused = [example.body for example in posts if example.send(project, **page).is_error]
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
