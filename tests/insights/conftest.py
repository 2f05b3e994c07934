"""One embedded store a process (the engine allows one), each test with a project of its own."""

import itertools
from collections.abc import Iterator

import pytest

from eventlens.settings import Settings
from eventlens.store.base import Store
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate
from tests.insights.world import World

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    directory = tmp_path_factory.mktemp("insights")
    opened = open_store(Settings.load({"EVENTLENS_DATA": str(directory)}, None))
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def world(store: Store) -> World:
    return World(store, f"project-{next(_numbers)}")
