"""Published clients, each in a process of its own, sending to a real server."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.scripts import Player
from tests.clients.shops import Shop, open_shop
from tests.support.project import BROWSER
from tests.support.server import Server

pytest.register_assert_rewrite("tests.clients.sent")


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Player:
    """`play("sdk.mjs", project, project.write)` runs a script of this folder and gives what it reported."""
    return Player(lambda: tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="session")
def browse(play: Player) -> Callable[..., dict[str, Any]]:
    """`browse("web.mjs", shop)` runs a script that drives Chromium; skips the test where there is none."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("there is no Chromium (on Debian: apt-get install chromium)")

    def run(name: str, shop: Shop, **more: str) -> dict[str, Any]:
        settings = {"PAGE_ORIGIN": shop.origin, "CHROMIUM": program, "BROWSER": BROWSER, **more}
        return play(name, shop.project, None, **settings)

    return run


@pytest.fixture(scope="module")
def shop(server: Server) -> Shop:
    """A site of the module's own."""
    return open_shop(server)
