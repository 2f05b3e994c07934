"""The same tests on the embedded engine (one store a process: it allows one) and on a real server."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from eventlens.settings import Settings
from eventlens.store.base import Store
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate
from tests.insights.world import World

_numbers = itertools.count(1)


def _opened(environ: dict[str, str]) -> Iterator[Store]:
    store = open_store(Settings.load(environ, None))
    migrate(store)
    yield store
    store.close()


@pytest.fixture(scope="module")  # so that modules of other folders find the process free
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from _opened({"EVENTLENS_DATA": str(tmp_path_factory.mktemp("insights"))})


@pytest.fixture(scope="session")
def shared(clickhouse_node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    url = clickhouse_node.create_database("insights")
    yield from _opened({"EVENTLENS_DATA": str(tmp_path_factory.mktemp("insights")), "CLICKHOUSE_URL": url})


@pytest.fixture(scope="module", params=["embedded", "shared"])
def store(request: pytest.FixtureRequest) -> Store:
    return request.getfixturevalue(request.param)


@pytest.fixture
def world(store: Store) -> World:
    """A project of the test's own."""
    return World(store, f"project-{next(_numbers)}")


@pytest.fixture(scope="module")
def make_world(store: Store) -> Callable[[], World]:
    """Projects for fixtures of a module: what many tests ask about and none changes is stored once."""
    return lambda: World(store, f"project-{next(_numbers)}")
