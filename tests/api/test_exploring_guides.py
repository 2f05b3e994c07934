"""What docs/guide/exploring.md and export.md show is what a server answers."""

import re
import shlex
import time
from urllib.parse import urlsplit

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project, iso, track
from tests.support.snippets import blocks

RUNS = [
    block
    for page in ("exploring", "export")
    for block in blocks(f"docs/guide/{page}.md", "sh")
    if block.text.startswith("curl ")
]


def requests() -> list[tuple[str, dict[str, str]]]:
    """(path, parameters) of every example."""
    found: list[tuple[str, dict[str, str]]] = []
    for block in RUNS:
        words = shlex.split(block.text.replace("\\\n", " "))
        assert "${AUTH[@]}" in words
        (place,) = (word for word in words if word.startswith("$URL"))
        given = [words[at + 1] for at, word in enumerate(words) if word == "--data-urlencode"]
        parameters = dict(each.split("=", 1) for each in given)
        found.append((urlsplit(place.removeprefix("$URL")).path, parameters))
    return found


EXAMPLES = requests()


@pytest.fixture(scope="module")
def made(inside: InProcess) -> tuple[Project, dict[str, str]]:
    """A project with somebody who did something, and ids for the paths."""
    project = inside.project()
    project.post("/identify", {"profileId": "ada", "firstName": "Ada"})
    project.send([track("purchase", "desk", iso(time.time()), id="e-1", profileId="ada")])
    project.settle()
    (row,) = project.ask("sessions")
    ids = {"$PROJECT": project.id, "$EVENT": "e-1", "$SESSION": row["id"], "$PROFILE": "ada"}
    return project, ids


@pytest.mark.parametrize(("path", "parameters"), EXAMPLES)
def test_an_example_is_answered(made: tuple[Project, dict[str, str]], path: str, parameters: dict[str, str]):
    project, ids = made
    url = re.sub(r"\$[A-Z]+", lambda name: ids[name[0]], path)
    answer = project.http.get(url, params=parameters, headers=project.read.headers)
    assert answer.status_code == 200, answer.text


def test_every_route_is_shown():
    shown = {path.partition("$PROJECT/")[2] for path, _ in EXAMPLES}
    lists = {"events", "events/$EVENT", "sessions", "sessions/$SESSION", "profiles", "profiles/$PROFILE"}
    more = {"profiles/$PROFILE/events", "profiles/$PROFILE/sessions"}
    picks = {"events/names", "properties", "property-values"}
    exports = {"export/events.csv", "export/sessions.ndjson", "export/events.parquet", "export/profiles.csv"}
    assert shown == lists | more | picks | exports
