"""Clients of a project, and what their events become."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from event_lens_sdk import Client, Problem
from tests.support.project import Project

Clients = Callable[..., Client]


@pytest.fixture
def problems() -> list[Problem]:
    """What clients of this test were told."""
    return []


@pytest.fixture
def make_client(project: Project, problems: list[Problem]) -> Iterator[Clients]:
    """Clients of the project, with options by keyword; closed with the test."""
    made: list[Client] = []

    def make(**options: Any) -> Client:
        options = {"on_problem": problems.append, **options}
        made.append(Client(str(project.http.base_url), project.write.id, project.write.secret, **options))
        return made[-1]

    yield make
    for client in made:
        client.close(0)
