import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support.processes import COMMAND, clean_environment, run_command
from tests.support.server import Server


def migrate(data: Path, **environment: str) -> dict[str, str]:
    done = run_command("migrate", "--json", data=data, environment=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_twice(tmp_path: Path):
    data = tmp_path / "data"
    assert migrate(data) == {"catalog": "migrated", "store": "migrated"}
    assert migrate(data) == {"catalog": "current", "store": "current"}
    done = run_command("migrate", data=data)
    assert done.stdout.count("already at the current schema") == 2


def test_from_several_processes_at_once(tmp_path: Path):
    data = tmp_path / "data"
    children = [
        subprocess.Popen(
            [str(COMMAND), "migrate", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=clean_environment({"EVENTLENS_DATA": str(data)}),
        )
        for _ in range(3)
    ]
    outputs = [child.communicate(timeout=100) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], outputs
    answers = [json.loads(out) for out, _ in outputs]
    for part in ("catalog", "store"):
        assert sorted(answer[part] for answer in answers) == ["current", "current", "migrated"]


def test_beside_a_running_server(make_server: Callable[..., Server]):
    server = make_server().start()
    done = server.run("migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"catalog": "current", "store": "server"}
    assert server.ready()


def test_after_a_killed_server(make_server: Callable[..., Server]):
    server = make_server().start()
    server.kill9()
    assert migrate(server.data) == {"catalog": "current", "store": "current"}


def test_on_a_clickhouse_server(tmp_path: Path, clickhouse_node):
    url = clickhouse_node.create_database("migrate_command")
    assert migrate(tmp_path / "data", CLICKHOUSE_URL=url) == {"catalog": "migrated", "store": "migrated"}
    assert migrate(tmp_path / "data", CLICKHOUSE_URL=url) == {"catalog": "current", "store": "current"}
