import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventlens.clock import now_ms
from tests.support.inprocess import InProcess
from tests.support.processes import run_command
from tests.support.project import view
from tests.support.server import Server

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with visits of the day before yesterday."""
    data = tmp_path_factory.mktemp("rollups") / "data"
    here = InProcess(data)
    project = here.project()
    start = (now_ms() // DAY_MS - 2) * DAY_MS / 1000
    project.send(
        [view(f"device-{number % 7}", start + 3000 * number, f"/{number % 3}") for number in range(20)]
    )
    project.settle()
    here.close()
    return data


def told(data: Path, *words: str) -> list[dict[str, Any]]:
    done = run_command("rollups", words[0], "--json", *words[1:], data=data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rollups"]


@pytest.mark.timeout(600)  # computes some days three times, in processes of their own
def test_status_and_rebuild(data: Path):
    (small,) = told(data, "status")
    assert (small["large"], small["valid"]) == (False, 0)
    assert told(data, "rebuild") == []
    (done,) = told(data, "rebuild", "--small")
    assert done["computed"] == pytest.approx(
        small["due"], abs=4
    )  # an hour, and a day, may have ended meanwhile
    (after,) = told(data, "status")
    assert after["due"] < 30
    assert after["valid"] > 0 < after["bytes"]
    (again,) = told(data, "rebuild", "--small", "--all")
    assert again["computed"] >= done["computed"]
    shown = run_command("rollups", "status", data=data)
    assert "answered from raw rows" in shown.stdout


def test_an_unknown_project(data: Path):
    done = run_command("rollups", "status", "--project", "nobody", data=data)
    assert done.returncode == 2
    assert "nobody" in done.stderr


def test_beside_a_server_it_says_who_has_the_store(make_server: Callable[..., Server]):
    server = make_server().start()
    done = server.run("rollups", "status")
    assert done.returncode == 2
    assert "in use" in done.stderr
