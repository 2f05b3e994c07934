"""Every test of the store runs on each kind of store; a new kind joins here."""

from collections.abc import Iterator

import pytest

from eventlens.store.base import Store
from eventlens.store.migrate import migrate
from tests.support.stores import open_in

KINDS = ("embedded", "server")


@pytest.fixture(scope="module", params=KINDS)
def bare_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty store, open and without a schema."""
    node = request.getfixturevalue("clickhouse_node") if request.param == "server" else None
    opened = open_in(tmp_path_factory.mktemp("store"), node)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def store(bare_store: Store) -> Store:
    migrate(bare_store)
    return bare_store
