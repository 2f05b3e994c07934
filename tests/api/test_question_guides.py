"""What the guides of series, goals and reports show is what a server answers."""

import re
import shlex
from dataclasses import dataclass, field

import pytest

from tests.support.inprocess import InProcess
from tests.support.processes import REPOSITORY
from tests.support.project import Project

GUIDES = ("formulas", "funnels", "goals", "paths", "retention")


@dataclass
class Example:
    """A request as an example of `curl` makes it, with `$PROJECT` and the like in its path."""

    guide: str
    method: str = ""
    path: str = ""
    body: str | None = None
    query: dict[str, str] = field(default_factory=dict[str, str])


def read_example(guide: str, block: str) -> Example:
    words = iter(shlex.split(block.replace("\\\n", " ")))
    assert next(words) == "curl"
    example = Example(guide)
    for word in words:
        if word == "--json":
            example.body = next(words)
        elif word == "-X":
            example.method = next(words)
        elif word == "--data-urlencode":
            name, _, value = next(words).partition("=")
            example.query[name] = value
        elif word.startswith("$URL"):
            example.path = word.removeprefix("$URL")
        else:
            assert word in ("-G", "${AUTH[@]}"), word
    example.method = example.method or ("GET" if example.body is None else "POST")
    return example


def examples() -> list[Example]:
    found: list[Example] = []
    for guide in GUIDES:
        page = (REPOSITORY / f"docs/guide/{guide}.md").read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        found += [read_example(guide, block) for block in blocks if block.startswith("curl")]
    return found


EXAMPLES = examples()


@pytest.fixture(scope="module")
def made(inside: InProcess) -> tuple[Project, dict[str, str]]:
    """A project, and ids for what the paths of examples name."""
    project = inside.project()
    root = project.root.headers

    def create(path: str, body: dict[str, str]) -> str:
        answer = project.http.post(path.format(project.id), json=body, headers=root)
        return answer.json()["data"]["id"]

    goal = create("/insights/{}/goals", {"name": "Bought", "event": "revenue"})
    report = create("/manage/projects/{}/reports", {"name": "Numbers", "route": "metrics"})
    return project, {"$PROJECT": project.id, "$GOAL": goal, "$REPORT": report}


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{at} {each.method} {each.path}" for at, each in enumerate(EXAMPLES)]
)
def test_an_example_is_answered(made: tuple[Project, dict[str, str]], example: Example):
    project, ids = made
    path = re.sub(r"\$[A-Z]+", lambda name: ids[name[0]], example.path)
    answer = project.http.request(
        example.method,
        path,
        content=example.body,
        params=example.query,
        headers=project.root.headers,
    )
    assert answer.status_code == 200, answer.text


def test_the_guides_show_every_route_that_they_are_about():
    shown = {(each.method, each.path.partition("$PROJECT/")[2]) for each in EXAMPLES}
    assert shown >= {
        ("POST", "series"),
        ("GET", "reports"),
        ("GET", "reports/$REPORT"),
        ("POST", "reports"),
        ("GET", "goals"),
        ("POST", "goals"),
        ("PATCH", "goals/$GOAL"),
        ("GET", "goals/$GOAL"),
        ("GET", "revenue"),
        ("GET", "attribution"),
        ("GET", "web-vitals"),
        ("GET", "errors"),
    }


def test_the_message_that_is_shown(made: tuple[Project, dict[str, str]]):
    project, _ = made
    body = {"series": [{}], "formulas": [{"expression": "(A * 2"}]}
    answer = project.http.post(f"/insights/{project.id}/series", json=body, headers=project.read.headers)
    said = answer.json()["error"]["message"]
    page = (REPOSITORY / "docs/guide/formulas.md").read_text()
    assert f"`{said}`" in page
