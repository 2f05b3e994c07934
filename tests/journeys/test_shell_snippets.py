"""What the documentation shows for a terminal runs in one: bash and curl, before a real server."""

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from eventlens.cli import main
from tests.support.processes import REPOSITORY, clean_environment
from tests.support.project import Project
from tests.support.snippets import PAGES, Block, blocks

SHELL = [block for page in PAGES for block in blocks(page, "sh")]
SETTINGS = [block for block in SHELL if block.text.startswith("URL=")]
COMMANDS = [block for block in SHELL if block.text.startswith("eventlens ")]
INSTALLS = [block for block in SHELL if re.match(r"(npm|pip) install", block.text)]
REQUESTS = [
    block
    for page in ("README.md", "docs/guide/managing.md")
    for block in blocks(page, "sh")
    if "curl" in block.text
]
CLONES = [block for block in SHELL if block.text.startswith("git clone")]
RUNS = [*SETTINGS, *COMMANDS, *INSTALLS, *REQUESTS, *CLONES]


def named(block: Block) -> str:
    return block.name


def bash(script: str, environment: Mapping[str, str], folder: Path | None = None) -> str:
    """What a script prints; the first failure ends it."""
    words = ["bash", "-euo", "pipefail", "-c", script]
    settings = clean_environment(environment)
    done = subprocess.run(
        words, env=settings, cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def here(block: Block, project: Project) -> str:
    """The block, with this test's server where it has an address, and failures of curl as failures."""
    server = str(project.http.base_url).rstrip("/")
    return block.text.replace("http://localhost:3002", server).replace("curl ", "curl -sS --fail-with-body ")


@pytest.fixture(scope="module")
def project(server) -> Project:
    return server.project("Snippets")


@pytest.mark.parametrize("block", SETTINGS, ids=named)
def test_what_a_guide_begins_with_lets_curl_in(project: Project, block: Block) -> None:
    client, write, root = project.read, project.write, project.root
    names = {"CLIENT": client.id, "SECRET": client.secret, "WRITE_ID": write.id, "WRITE_SECRET": write.secret}
    path = "/track/device-id" if "WRITE_ID" in block.text else f"/insights/{project.id}/metrics"
    script = here(block, project)
    for array in re.findall(r"^(\w+)=\(", block.text, re.MULTILINE):
        script += f'curl -sS --fail-with-body "$URL{path}" "${{{array}[@]}}"\n'
    names |= {"ROOT_ID": root.id, "ROOT_SECRET": root.secret}
    assert bash(script, names).startswith("{")


@pytest.mark.parametrize("block", REQUESTS, ids=named)
def test_a_request_is_answered_as_shown(project: Project, block: Block) -> None:
    script = here(block, project).replace("PROJECT_ID", project.id)
    for kind, client in (("WRITE", project.write), ("READ", project.read)):
        script = script.replace(f"{kind}_ID", client.id).replace(f"{kind}_SECRET", client.secret)
    script = script.replace("\n\n", "\n echo\n")
    root = project.root
    said = bash(script, {"PROJECT": project.id, "ROOT": root.id, "SECRET": root.secret})
    answers = [json.loads(line) for line in said.splitlines()]
    shown = re.findall(r"^# (\{.*)$", block.text, re.MULTILINE)
    assert len(answers) == block.text.count("curl ")
    for answer, text in zip(answers, shown, strict=False):
        assert set(json.loads(re.sub(r",?…", "", text))) <= set(answer)


@pytest.mark.parametrize("block", COMMANDS, ids=named)
def test_a_command_is_understood(block: Block) -> None:
    """As the command line reads it; tests/cli and tests/journeys run the commands."""
    for line in block.text.splitlines():
        first, *rest = shlex.split(line, comments=True)
        assert first == "eventlens"
        command: click.Command = main
        context = click.Context(main)
        while isinstance(command, click.Group):
            found = command.get_command(context, rest[0])
            assert found is not None, line
            command, rest = found, rest[1:]
        context = command.make_context(command.name, rest)
        assert context.args == [], line


@pytest.mark.parametrize("block", INSTALLS, ids=named)
def test_a_package_has_the_name_that_is_installed(block: Block) -> None:
    folder = (REPOSITORY / block.page).parent
    if block.text.startswith("npm"):
        name = json.loads((folder / "package.json").read_text())["name"]
    else:
        [name] = re.findall(r'^name = "(.+)"$', (folder / "pyproject.toml").read_text(), re.MULTILINE)
    assert block.text.split()[2:] == [name]


@pytest.mark.parametrize("block", CLONES, ids=named)
def test_a_clone_can_be_started(block: Block, tmp_path: Path) -> None:
    """Nothing is installed: make says what it would do."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this is no clone")
    script = block.text.replace("REPOSITORY", shlex.quote(f"file://{REPOSITORY}")).replace(
        "make run", "make -n run"
    )
    script = script.replace("git clone", "git clone --quiet --depth 1")
    assert "eventlens serve" in bash(script, {}, tmp_path)
