"""The documentation says what the code does: pages made from tables are current, nothing is left out."""

import re
from pathlib import Path

import pytest

import eventlens
from eventlens import settings
from eventlens.api import track
from eventlens.api.app import ROUTES
from eventlens.api.openapi import document
from eventlens.cli import COMMANDS
from tests import test_deploy
from tests.api import test_exploring_guides, test_filters_guide, test_question_guides
from tests.journeys import test_guide, test_shell_snippets
from tests.sdks import test_page_snippets
from tests.sdks.server import test_snippets
from tests.support import snippets
from tools import docs

RUNNERS = (
    test_deploy, test_exploring_guides, test_filters_guide, test_guide, test_page_snippets,
    test_question_guides, test_shell_snippets, test_snippets,
)  # fmt: skip
"""Each says in `RUNS` which pieces of code it runs."""
DRAWN = {"README.md", "docs/reference/http.md"}
"""Pages whose blocks without a language are made from the code."""
ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def read(name: str) -> str:
    return (ROOT / name).read_text()


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings give, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", docs.PAGES)
def test_generated_pages_are_current(page: str) -> None:
    assert read(page) == docs.PAGES[page](), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for target in LINK.findall(page.read_text()):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_setting_is_documented() -> None:
    page = read("docs/reference/settings.md")
    assert len(settings.TABLE) > 30
    assert [row.name for row in settings.TABLE.values() if f"| `{row.name}` |" not in page] == []


def test_every_setting_says_what_it_is_for() -> None:
    assert [row.name for row in settings.TABLE.values() if not row.description.endswith(".")] == []


def test_every_setting_that_a_page_names_exists() -> None:
    names = {row.name for row in settings.TABLE.values()}
    told = {
        name for page in PAGES for name in re.findall(r"`(EVENTLENS_[A-Z_]+)(?:=[^`]*)?`", page.read_text())
    }
    assert told - names == set()


def test_every_make_target_is_documented() -> None:
    phony = re.findall(r"^\.PHONY:(.*)$", read("Makefile"), re.MULTILINE)
    targets = {target for line in phony for target in line.split()}
    documented = set(re.findall(r"^\| `make ([\w-]+)` \|", read("CONTRIBUTING.md"), re.MULTILINE))
    assert targets
    assert documented == targets


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))
    told = {target for page in PAGES for target in re.findall(r"`make ([\w-]+)", page.read_text())}
    assert told - targets == set()


def test_every_command_that_a_page_names_exists() -> None:
    command = re.compile(r"eventlens ([a-z]+(?:-[a-z]+)*)\b")
    told = {name for page in PAGES for name in command.findall(page.read_text())}
    assert told - set(COMMANDS) == set()


def test_the_version_is_in_the_changelog() -> None:
    versions = re.findall(r"^## \[([^\]]+)\]", read("CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert eventlens.__version__ in versions or len(versions) == 1


def test_every_route_is_documented() -> None:
    page = read("docs/reference/http.md")
    assert len(ROUTES) > 5
    assert [route.path for route in ROUTES if f"`{route.method} {route.path}`" not in page] == []
    assert [route.path for route in ROUTES if not route.summary] == []


def test_every_collection_path_is_in_the_openapi_document() -> None:
    described = document(ROUTES)["paths"]
    assert [path for path in track.PATHS if path.rstrip("/") not in described] == []


def test_every_parameter_says_what_it_is_for() -> None:
    silent = [(route.path, one.name) for route in ROUTES for one in route.parameters if not one.description]
    assert silent == []


def test_every_piece_of_code_is_run() -> None:
    ran = {block for runner in RUNNERS for block in runner.RUNS}
    shown = {block for page in snippets.PAGES for block in snippets.blocks(page)}
    left = {
        block
        for block in shown - ran
        if block.language != "text" and (block.language or block.page not in DRAWN)
    }
    assert sorted(block.name for block in left) == []
    assert len(ran) > 100
