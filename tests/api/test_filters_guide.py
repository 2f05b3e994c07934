"""What docs/guide/filters.md shows is what a server answers."""

import re
import shlex
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project, iso, track
from tests.support.snippets import blocks

RUNS = [block for block in blocks("docs/guide/filters.md", "sh") if block.text.startswith("curl ")]


@dataclass
class Example:
    """A request as the page shows it."""

    path: str
    body: str | None = None
    parameters: dict[str, str] = field(default_factory=dict[str, str])


def examples() -> list[Example]:
    found: list[Example] = []
    for block in (each.text for each in RUNS):
        assert not any("$" in quoted for quoted in re.findall(r"'[^']*'", block)), "left as it is"
        words = shlex.split(block.replace("\\\n", " "))
        (place,) = (word for word in words if word.startswith("$URL"))
        given = [words[at + 1] for at, word in enumerate(words) if word == "--data-urlencode"]
        body = words[words.index("--json") + 1] if "--json" in words else None
        assert ("${ROOT[@]}" in words) == (body is not None)
        parameters = dict(each.split("=", 1) for each in given)
        found.append(Example(urlsplit(place.removeprefix("$URL")).path, body, parameters))
    return found


EXAMPLES = examples()


@pytest.fixture(scope="module")
def made(inside: InProcess) -> tuple[Project, dict[str, str]]:
    """A project with somebody who did something, a cohort and a segment."""
    project = inside.project()
    project.post("/identify", {"profileId": "ada", "properties": {"plan": "pro", "seats": 12}})
    project.send([track("purchase", "desk", iso(time.time()), profileId="ada")])
    project.settle()
    ids = {"$PROJECT": project.id}
    for name, path in (
        ("$COHORT", "/insights/$PROJECT/cohorts"),
        ("$SEGMENT", "/manage/projects/$PROJECT/segments"),
    ):
        (example,) = (each for each in EXAMPLES if each.path == path and each.body)
        url = path.replace("$PROJECT", project.id)
        answer = project.http.post(url, content=example.body, headers=project.root.headers)
        assert answer.status_code == 200, answer.text
        ids[name] = answer.json()["data"]["id"]
    return project, ids


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{number}-{each.path}" for number, each in enumerate(EXAMPLES)]
)
def test_an_example_is_answered(made: tuple[Project, dict[str, str]], example: Example):
    project, ids = made

    def named(text: str) -> str:
        return re.sub(r"\$[A-Z]+", lambda name: ids[name[0]], text)

    parameters = {name: named(text) for name, text in example.parameters.items()}
    headers = project.read.headers if example.body is None else project.root.headers
    method = "GET" if example.body is None else "POST"
    answer = project.http.request(
        method, named(example.path), params=parameters, content=example.body, headers=headers
    )
    assert answer.status_code == 200, answer.text


def test_the_page_shows_every_kind_of_filter():
    shown = " ".join(str(each) for each in EXAMPLES)
    for kind in ("properties.", "profile.", "cohort", "segment", "did", "didNot", '"or"', '"not"', "count"):
        assert kind in shown, kind
