import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from eventlens import __version__
from eventlens.cli import COMMANDS, main
from tests.support.processes import REPOSITORY, clean_environment, run_command

CONTRACT = [
    "serve",
    "work",
    "migrate",
    "project",
    "client",
    "user",
    "import",
    "demo",
    "dead-letters",
    "rollups",
    "person",
    "backup",
    "restore",
    "move-store",
    "check",
]


def test_help_lists_every_command(tmp_path: Path):
    done = run_command("--help", data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert [name for name in CONTRACT if not re.search(rf"^  {name} ", done.stdout, re.MULTILINE)] == []
    assert list(COMMANDS) == CONTRACT


def test_help_imports_no_command_and_nothing_slow():
    """Proves what makes it fast; a stopwatch on a busy machine would not."""
    script = (
        "import sys\nfrom eventlens.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(*sorted(name for name in sys.modules), sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=REPOSITORY,
        env=clean_environment(),
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    slow = {"sqlalchemy", "alembic", "chdb", "clickhouse_connect", "starlette", "uvicorn", "rich", "msgspec"}
    assert loaded & slow == set()
    assert not {name for name in done.stderr.split() if name.startswith("eventlens.cli.")}


def test_the_version_is_the_package_s():
    done = CliRunner().invoke(main, ["--version"])
    assert done.exit_code == 0
    assert done.output == f"Event Lens {__version__}\n"


@pytest.mark.parametrize("name", CONTRACT)
def test_every_command_has_help(name: str):
    done = CliRunner().invoke(main, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Usage: ")


@pytest.mark.parametrize("words", [["nonsense"], ["migrate", "--nonsense"], ["project", "create"]])
def test_wrong_use_is_exit_code_2(words: list[str]):
    assert CliRunner().invoke(main, words).exit_code == 2


def test_a_wrong_setting_is_one_sentence_on_stderr(tmp_path: Path):
    done = run_command("project", "list", data=tmp_path / "data", environment={"PORT": "many"})
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "eventlens: PORT is 'many'; it must be a whole number from 0 to 65535.\n"
