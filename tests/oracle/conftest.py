"""Servers for the oracle's thousands of small projects."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.oracle.door import MakeProject
from tests.support.clickhouse import Node
from tests.support.inprocess import InProcess

# By default a few dozen streams a test; LENS_ORACLE_EXAMPLES=2000 looks for longer.
settings.register_profile(
    "oracle",
    max_examples=int(os.environ.get("LENS_ORACLE_EXAMPLES", "40")),
    deadline=None,  # a server answers when it answers
    derandomize=os.environ.get("CI") == "true",
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def projects_in(data: Path, server: str = "") -> Iterator[MakeProject]:
    here = InProcess(data, CLICKHOUSE_URL=server)
    yield lambda zone: here.project(timezone=zone)
    here.close()


@pytest.fixture(scope="module")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeProject]:
    """An empty project of a time zone, over the embedded engine."""
    yield from projects_in(tmp_path_factory.mktemp("oracle") / "data")


@pytest.fixture(scope="module")
def make_project_on_server(
    tmp_path_factory: pytest.TempPathFactory, clickhouse_node: Node, request: pytest.FixtureRequest
) -> Iterator[MakeProject]:
    """The same over a database of the module's own on a ClickHouse server."""
    database = request.path.stem.replace("test_", "oracle_")
    url = clickhouse_node.create_database(database)
    yield from projects_in(tmp_path_factory.mktemp("oracle") / "data", url)
