"""Every snippet of the pages about servers' SDKs runs as it stands, and its events arrive."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sdks.server.test_node import PACKAGE, built
from tests.support.processes import REPOSITORY, Child, clean_environment, free_port
from tests.support.project import BROWSER
from tests.support.scripted import Scripted, scripted
from tests.support.snippets import blocks

__all__ = ["built"]

PAGES = ("sdks/python/README.md", "sdks/node/README.md", "docs/sdks/servers.md")
RUNS = [block for page in PAGES for block in blocks(page, "python", "js")]
PYTHON = [block.text for block in RUNS if block.language == "python"]
NODE = [block.text for block in RUNS if block.language == "js"]

ASK = {
    "FastAPI()": """
from fastapi.testclient import TestClient
assert TestClient(app).post("/buy").json() == {"ok": True}
""",
    "Flask(__name__)": """
app.secret_key = "made up"
assert app.test_client().post("/buy").json == {"ok": True}
""",
    "HttpRequest": """
from django.test import RequestFactory
from event_lens_sdk.middleware.django import event_lens
assert event_lens(buy)(RequestFactory().post("/buy")).content == b"thank you"
""",
}
DJANGO = """
from django.conf import settings
settings.configure(MIDDLEWARE=MIDDLEWARE, EVENT_LENS=EVENT_LENS, ALLOWED_HOSTS=["testserver"])
"""


def environment(server: Scripted, **more: str) -> dict[str, str]:
    where = {"EVENT_LENS_URL": server.url, "EVENT_LENS_CLIENT_ID": "id", "EVENT_LENS_CLIENT_SECRET": "secret"}
    return clean_environment({**where, "PYTHONPATH": str(REPOSITORY / "sdks/python"), **more})


def here(code: str, server: Scripted) -> str:
    """The code, with the address of this test's server where the page names one."""
    return code.replace("http://localhost:3002", server.url)


def test_there_are_snippets() -> None:
    assert len(PYTHON) >= 9
    assert len(NODE) >= 7


def python_programs() -> list[str]:
    """Snippets with what asks them; Django's settings stand before the view that they are for."""
    programs: list[str] = []
    settings = ""
    for code in PYTHON:
        if code.startswith("MIDDLEWARE"):
            settings = code + DJANGO
            continue
        asked = "".join(more for word, more in ASK.items() if word in code)
        programs.append((settings if "HttpRequest" in code else "") + code + asked)
    return programs


@pytest.mark.parametrize("number", range(len(python_programs())))
def test_a_snippet_in_python_runs(number: int, tmp_path: Path) -> None:
    program = python_programs()[number]
    with scripted() as server:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", here(program, server)],
            env=environment(server),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert server.events or "invalid" in program, done.stderr


@pytest.fixture(scope="module")
def modules(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the package and the frameworks are installed."""
    folder = tmp_path_factory.mktemp("snippets")
    installed = folder / "node_modules"
    (installed / "@event-lens").mkdir(parents=True)
    (installed / "@event-lens/node").symlink_to(PACKAGE)
    for name in ("express", "fastify"):
        if not (PACKAGE / "node_modules" / name).is_dir():
            pytest.skip(f"{name} is not installed (make sdks/node/node_modules/.stamp)")
        (installed / name).symlink_to(PACKAGE / "node_modules" / name)
    return folder


@pytest.mark.parametrize("number", range(len(NODE)))
def test_a_snippet_for_node_runs(number: int, modules: Path) -> None:
    code = NODE[number]
    file = modules / f"{number}.mjs"
    with scripted() as server:
        file.write_text(here(code, server))
        if "PORT" in code:
            ask_site(file, server)
        else:
            options: Any = {"capture_output": True, "text": True, "timeout": 60}
            command, settings = ["node", str(file)], environment(server)
            done = subprocess.run(command, cwd=modules, env=settings, check=False, **options)
            assert done.returncode == 0, done.stderr
            assert not done.stderr, done.stderr
    assert server.events


def ask_site(file: Path, server: Scripted) -> None:
    """Buy something at the site, and wait until that arrives."""
    port = free_port()
    words = ["node", str(file)]
    child = Child(words, file.with_suffix(".log"), environment(server, PORT=str(port)), file.parent)
    with httpx.Client(base_url=f"http://localhost:{port}", headers={"user-agent": BROWSER}) as site:

        def bought() -> bool:
            try:
                return site.post("/buy").json() == {"ok": True}
            except httpx.TransportError:
                return False

        try:
            child.await_ready(bought)
            until = time.monotonic() + 30
            while not server.events and time.monotonic() < until:
                time.sleep(0.02)
        finally:
            child.end(signal.SIGKILL)
    assert server.headers[0]["user-agent"] == BROWSER
