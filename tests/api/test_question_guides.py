"""What the guides of series, goals and reports show is what a server answers, of a shop that has it all."""

import json
import re
import shlex
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from eventlens.clock import now_ms
from tests.support.inprocess import InProcess
from tests.support.processes import REPOSITORY
from tests.support.project import BROWSER, Event, Project, track, view
from tests.support.snippets import Block, blocks

GUIDES = ("formulas", "funnels", "goals", "paths", "retention")


@dataclass
class Example:
    """A request as an example of `curl` makes it, with `$PROJECT` and the like in its path."""

    guide: str
    method: str = ""
    path: str = ""
    body: str | None = None
    query: dict[str, str] = field(default_factory=dict[str, str])
    shown: Any = None
    """The answer that the guide shows under it, without what it leaves out."""

    @property
    def keeps(self) -> bool:
        """Something is kept, which takes a root client; a read client asks."""
        return self.body is not None and ("/reports" in self.path or "/goals" in self.path)


def read_example(guide: str, block: str, shown: str | None) -> Example:
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
    if shown is not None:
        shown = shown.replace("[…]", "[]").replace("{…}", "{}")
        example.shown = json.loads(re.sub(r",?\s*…,?\s*", "", shown))
    example.method = example.method or ("GET" if example.body is None else "POST")
    return example


RUNS: list[Block] = []


def examples() -> list[Example]:
    found: list[Example] = []
    for guide in GUIDES:
        shown = blocks(f"docs/guide/{guide}.md", "sh", "json")
        for block, following in pairwise([*shown, None]):
            if block is not None and block.text.startswith("curl"):
                answer = following if following is not None and following.language == "json" else None
                found.append(read_example(guide, block.text, answer and answer.text))
                RUNS.extend([block, answer] if answer else [block])
    return found


EXAMPLES = examples()

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/26.0 Mobile/15E148 Safari/604.1"
SHOP = "https://shop.example"
DAY = 86_400
JANUARY = 1_768_046_400  # 2026-01-10T12:00:00Z, in the months of which a guide asks


def visit(who: str, start: float, **more: Any) -> list[Event]:
    """Somebody follows a newsletter, signs up, buys, says thanks and meets an error."""

    def see(after: float, path: str) -> Event:
        return view(who, start + after, SHOP + path, **more)

    def do(after: float, event: str, /, **properties: Any) -> Event:
        where = {"path": f"{SHOP}/thanks", "groups": ["acme"]}
        return track(event, who, start + after, properties=properties, **where, **more)

    return [
        see(0, "/pricing?utm_source=newsletter&utm_medium=email"),
        see(10, "/signup"),
        do(60, "sign_up"),
        do(60, "signup"),
        do(600, "purchase", plan="pro", __revenue=1500, currency="EUR"),
        do(600, "revenue", __revenue=1500, currency="EUR"),
        do(605, "render", seconds=1.5),
        see(610, "/thanks"),
        do(620, "web_vital", name="LCP", value=1234.5),
        do(630, "error", message="boom", type="TypeError"),
    ]


def fill(project: Project) -> None:
    now = now_ms() / 1000
    for number, agent in enumerate((BROWSER, PHONE, BROWSER)):
        who, profile = f"device-{number}", f"user-{number}"
        events = [
            *visit(who, now - 2 * DAY, profileId=profile),
            *visit(who, now - 12 * DAY, profileId=profile),
            *visit(f"before-{number}", now - 40 * DAY),
            *visit(who, JANUARY, profileId=profile),
            view(who, JANUARY + 31 * DAY, SHOP, profileId=profile),
            track("sign_up", f"undecided-{number}", now - 3 * DAY),
        ]
        answer = project.post("/track/batch", events, **{"user-agent": agent})
        assert answer.json()["accepted"] == len(events), answer.text
    project.settle()


@pytest.fixture(scope="module")
def made(inside: InProcess) -> tuple[Project, dict[str, str]]:
    """The shop, and ids for what the paths of examples name."""
    project = inside.project()
    fill(project)

    def create(path: str, body: dict[str, str]) -> str:
        answer = project.http.post(path.format(project.id), json=body, headers=project.root.headers)
        return answer.json()["data"]["id"]

    goal = create("/insights/{}/goals", {"name": "Bought", "event": "revenue"})
    report = create("/manage/projects/{}/reports", {"name": "Numbers", "route": "metrics"})
    return project, {"$PROJECT": project.id, "$GOAL": goal, "$REPORT": report}


def like(shown: Any, found: Any) -> bool:
    """Whether an answer has all that is shown of it, in the same shape; null may stand for any value."""
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(
            name in found and like(value, found[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        some = isinstance(found, list) and (len(found) > 0 or not shown)
        return some and all(like(value, found[0]) for value in shown)
    number = isinstance(shown, int | float) and isinstance(found, int | float)
    return shown is None or found is None or number or type(shown) is type(found)


def counted(found: Any) -> bool:
    """Whether there is any number above 0 in an answer."""
    if isinstance(found, dict | list):
        return any(counted(each) for each in (found.values() if isinstance(found, dict) else found))
    return isinstance(found, int | float) and not isinstance(found, bool) and found > 0


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{at} {each.method} {each.path}" for at, each in enumerate(EXAMPLES)]
)
def test_an_example_is_answered(made: tuple[Project, dict[str, str]], example: Example):
    project, ids = made
    path = re.sub(r"\$[A-Z]+", lambda name: ids[name[0]], example.path)
    client = project.root if example.keeps else project.read
    answer = project.http.request(
        example.method, path, content=example.body, params=example.query, headers=client.headers
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert like(example.shown, found), found
    if example.keeps:
        assert like(json.loads(example.body or "{}"), found["data"])
        assert found["data"]["name"] == json.loads(example.body or "{}")["name"]
    elif example.path.endswith("/reports"):
        assert ids["$REPORT"] in {report["id"] for report in found["data"]}
    elif example.path.endswith("/people"):
        assert found["data"]
    else:
        assert counted(found["data"]), found


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
