"""A site whose pages send without a secret, as its owner sets it up."""

from typing import NamedTuple

from tests.support.processes import free_port
from tests.support.project import Project
from tests.support.server import Server


class Shop(NamedTuple):
    """A project and where its pages are: on another origin than the server, so that browsers ask first."""

    project: Project
    origin: str


def open_shop(server: Server) -> Shop:
    """A new project whose write client the pages of a free port may use by its id alone."""
    shop = Shop(server.project("Shop"), f"http://shop.localhost:{free_port()}")
    project = shop.project
    answer = project.http.patch(
        f"/manage/projects/{project.id}/clients/{project.write.id}",
        json={"origins": [shop.origin]},
        headers=project.root.headers,
    )
    assert answer.status_code == 200, answer.text
    return shop
