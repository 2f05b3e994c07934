"""`eventlens work` says what it needs."""

import pytest
from click.testing import CliRunner

from eventlens.cli import main


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "REDIS_URL and CLICKHOUSE_URL"),
        ({"REDIS_URL": "redis://localhost"}, "set CLICKHOUSE_URL"),
        ({"CLICKHOUSE_URL": "http://localhost:8123"}, "set REDIS_URL"),
    ],
)
def test_it_needs_a_shared_queue_and_a_shared_store(environment: dict[str, str], said: str) -> None:
    done = CliRunner().invoke(main, ["work"], env=environment)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_help() -> None:
    done = CliRunner().invoke(main, ["work", "--help"])
    assert done.exit_code == 0
    assert "REDIS_URL" in done.output
