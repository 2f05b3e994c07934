"""What is opened together is closed together, also when a later step fails."""

import threading
from pathlib import Path

import pytest

from eventlens.errors import ConfigurationError
from eventlens.runtime import open_runtime
from eventlens.settings import Settings


def open_files(below: Path) -> list[str]:
    found: list[str] = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(each.readlink()))
        except FileNotFoundError:  # the listing's own
            continue
    return sorted(name for name in found if name.startswith(str(below)))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux which files are open")
def test_a_step_that_fails_leaves_nothing_open(tmp_path: Path) -> None:
    settings = Settings.load({"EVENTLENS_DATA": str(tmp_path / "data")}, None)
    settings.data.mkdir()
    (settings.data / "store").write_text("this is no directory")
    threads = set(threading.enumerate())
    with pytest.raises(ConfigurationError, match="event store"):
        open_runtime(settings)
    assert open_files(settings.data) == []
    assert set(threading.enumerate()) == threads
