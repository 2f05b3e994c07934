"""One embedded store a module, each test (and each example) with a project of its own."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from eventlens.store.base import Store
from eventlens.store.migrate import migrate
from tests.support.pipeline import Pipeline
from tests.support.stores import open_in

# By default a few dozen streams a test; LENS_PIPELINE_EXAMPLES=2000 looks for longer.
settings.register_profile(
    "pipeline",
    max_examples=int(os.environ.get("LENS_PIPELINE_EXAMPLES", "20")),
    deadline=None,  # a store answers when it answers
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_in(tmp_path_factory.mktemp("ingest"))
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    return Pipeline(store)
