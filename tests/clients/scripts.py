"""Runs the scripts of this folder, and reads what they say they saw."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import clean_environment
from tests.support.project import Credentials, Project

HERE = Path(__file__).parent
SECONDS = 60
"""How long a script may take."""


class Running:
    """A script at work, in a process group of its own."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self._child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=HERE,
            start_new_session=True,
        )

    def await_line(self) -> str:
        """The next line that it prints."""
        assert self._child.stdout is not None
        return self._child.stdout.readline().strip()

    def finish(self) -> dict[str, Any]:
        """Wait for its end and give its report, the last line; fails with its output when it failed."""
        try:
            output, errors = self._child.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            output, errors = self._child.communicate()
        except BaseException:
            self._kill()
            raise
        status = self._child.returncode
        assert status == 0, f"it ended with {status}:\n{output[-2000:]}\n{errors[-4000:]}"
        return json.loads(output.splitlines()[-1])

    def _kill(self) -> None:
        os.killpg(self._child.pid, signal.SIGKILL)


class Player:
    """Starts scripts, each with a folder of its own."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    def start(self, name: str, project: Project, client: Credentials | None = None, **more: str) -> Running:
        """Start a script; settings by keyword. Without `client` it knows the write client's id alone."""
        values = {"SERVER": str(project.http.base_url).rstrip("/"), "FOLDER": str(self._folder()), **more}
        values["CLIENT_ID"] = (client or project.write).id
        if client is not None:
            values["CLIENT_SECRET"] = client.secret
        program = sys.executable if name.endswith(".py") else _node()
        return Running([program, str(HERE / name)], clean_environment(values))

    def __call__(
        self, name: str, project: Project, client: Credentials | None = None, **more: str
    ) -> dict[str, Any]:
        """Run a script to its end and give its report."""
        return self.start(name, project, client, **more).finish()


def _node() -> str:
    program = shutil.which("node")
    if program is None or not (HERE / "node_modules" / ".stamp").is_file():
        pytest.skip("the npm packages of tests/clients are not installed (make test installs them with npm)")
    return program
