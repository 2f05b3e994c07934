"""Coverage-guided fuzzing for a few seconds each; `make fuzz` does it for as long as one likes."""

import importlib.util
import subprocess
import sys

import pytest

from tests.fuzz.targets import TARGETS
from tests.support.processes import REPOSITORY, clean_environment

SECONDS = {"payload": 6, "doors": 5, "sender": 3}


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_in_a_few_seconds(target: str) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is built for Linux on x86-64 only")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", target, "--seconds", str(SECONDS[target])],
        cwd=REPOSITORY,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    runs = [line for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    assert int(runs[0].split()[-1]) > 1000, done.stderr[-4000:]
