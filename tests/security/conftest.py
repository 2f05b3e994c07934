"""A real server with two projects and clients of every kind, reached without a proxy."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.project import BROWSER, Credentials, Project
from tests.support.server import Server

ORIGINS = ("https://shop.example", "*.foo.com")


@dataclass(frozen=True, slots=True)
class World:
    """Two projects; `page` is a client of `own` that the pages of ORIGINS use without a secret."""

    own: Project
    other: Project
    page: Credentials
    revoked: Credentials

    def browser(self, **headers: str) -> dict[str, str]:
        """The headers of a page of the shop; more by keyword."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        page = {"event-lens-client-id": self.page.id, "origin": "https://shop.example"}
        return {"user-agent": BROWSER, **page, **named}


def _create(server: Server, project: Project, kind: str, *origins: str) -> Credentials:
    words = ["client", "create", "--project", project.id, "--type", kind, "--json"]
    done = server.run(*words, *(word for origin in origins for word in ("--origin", origin)))
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    return Credentials(made["id"], made["secret"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    server = Server(tmp_path_factory.mktemp("security") / "data", {"RATE_LIMIT": "off"})
    try:
        server.start()
        own, other = server.project("Own"), server.project("Other")
        page, revoked = _create(server, own, "write", *ORIGINS), _create(server, own, "root", *ORIGINS)
        assert server.run("client", "revoke", revoked.id).returncode == 0
        yield World(own, other, page, revoked)
    finally:
        server.close()
