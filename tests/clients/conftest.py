"""Published clients, each in a process of its own, sending to a real server."""

import shutil

import pytest

from tests.clients.scripts import Player
from tests.support.processes import free_port
from tests.support.project import Project
from tests.support.server import Server


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Player:
    """`play("sdk.mjs", project, project.write)` runs a script of this folder and gives what it reported."""
    return Player(lambda: tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """A browser; skips the test where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (program := shutil.which(name)) is not None:
            return program
    pytest.skip("there is no Chromium (on Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def page_origin() -> str:
    """Where a script may serve its pages: not the server's origin, so that browsers ask first."""
    return f"http://shop.localhost:{free_port()}"


@pytest.fixture(scope="module")
def shop(server: Server, page_origin: str) -> Project:
    """A project whose write client the pages of `page_origin` may use without its secret."""
    return open_shop(server, page_origin)


def open_shop(server: Server, origin: str) -> Project:
    """Do what a site's owner does."""
    project = server.project("Shop")
    done = server.run("client", "origins", project.write.id, "--add", origin)
    assert done.returncode == 0, done.stdout + done.stderr
    return project
