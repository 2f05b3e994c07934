"""One process at a time has the embedded stores of a data directory open, and others can tell which."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eventlens.cli.directory import claimed_directory, running_server
from eventlens.errors import ConfigurationError
from eventlens.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"EVENTLENS_DATA": str(tmp_path / "data")}, None)


def test_nobody_runs_on_a_directory_that_is_not_there_or_free(settings: Settings) -> None:
    assert running_server(settings) is None
    with claimed_directory(settings, "serve", "http://localhost:1"):
        pass
    assert running_server(settings) is None


def test_who_serves_is_known_by_process_and_address(settings: Settings) -> None:
    with claimed_directory(settings, "serve", "http://localhost:3002"):
        found = running_server(settings)
        assert found is not None
        assert (found.pid, found.url) == (os.getpid(), "http://localhost:3002")
    assert not (settings.data / "server.json").exists()


def test_a_command_at_work_is_no_server(settings: Settings) -> None:
    with (
        claimed_directory(settings, "import"),
        pytest.raises(ConfigurationError, match=rf"`eventlens import` \(process {os.getpid()}\); wait"),
    ):
        running_server(settings)


def test_the_second_is_told_who_the_first_is(settings: Settings) -> None:
    with (
        claimed_directory(settings, "serve", "http://localhost:1"),
        pytest.raises(ConfigurationError, match=rf"`eventlens serve` \(process {os.getpid()}\); stop it"),
        claimed_directory(settings, "import"),
    ):
        pytest.fail("two at once")


def test_a_failure_inside_gives_the_directory_back(settings: Settings) -> None:
    with (
        pytest.raises(RuntimeError, match="inside"),
        claimed_directory(settings, "serve", "http://localhost:1"),
    ):
        raise RuntimeError("inside")
    with claimed_directory(settings, "serve", "http://localhost:1"):
        pass


def test_a_killed_process_leaves_nothing_that_blocks(settings: Settings) -> None:
    code = (
        "import os, sys\n"
        "from eventlens.cli.directory import claimed_directory\n"
        "from eventlens.settings import Settings\n"
        "settings = Settings.load({'EVENTLENS_DATA': sys.argv[1]}, None)\n"
        "with claimed_directory(settings, 'serve', 'http://localhost:1'):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(settings.data)], check=False)
    assert done.returncode == -9
    assert json.loads((settings.data / "server.json").read_text())["url"]
    assert running_server(settings) is None
    with claimed_directory(settings, "import"):
        pass


def test_a_damaged_note_blocks_nobody_who_claims(settings: Settings) -> None:
    settings.data.mkdir()
    (settings.data / "server.json").write_text("{")
    assert running_server(settings) is None
    with claimed_directory(settings, "serve", "http://localhost:1"):
        (settings.data / "server.json").write_text("{")
        with pytest.raises(ConfigurationError, match="another process"):
            running_server(settings)


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings.load({"EVENTLENS_DATA": str(tmp_path / "file" / "data")}, None)
    with pytest.raises(ConfigurationError, match="EVENTLENS_DATA"), claimed_directory(settings, "serve"):
        pytest.fail("claimed")
