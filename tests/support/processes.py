"""Child processes that always end with the test that started them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("eventlens")


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without anything that would configure Event Lens, plus `extra`."""
    names = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LIBCHDB", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name in names}
    return {**kept, "PYTHONUNBUFFERED": "1", **(extra or {})}


class Child:
    """One process in its own group, its output kept in a file."""

    def __init__(
        self, words: Sequence[str], log: Path, environment: Mapping[str, str], directory: Path
    ) -> None:
        self._log = log
        self._begin = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                list(words),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=directory,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        """What this process has printed so far."""
        return self._log.read_bytes()[self._begin :].decode(errors="replace")

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def end(self, number: int = signal.SIGTERM, seconds: float = 20) -> int:
        """Signal the process and wait; SIGKILL when it does not obey. Gives the exit status."""
        if self.running:
            self.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.send_signal(signal.SIGKILL)
            return self.process.wait(seconds)

    def await_ready(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until `ready()`; fails with the process's output when it ends or time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running:
                raise AssertionError(f"it ended with {self.process.returncode}:\n{self.output[-4000:]}")
            if ready():
                return
            time.sleep(0.05)
        raise AssertionError(f"not ready after {seconds} s:\n{self.output[-4000:]}")


def run_command(*words: str, data: Path, environment: Mapping[str, str] | None = None, seconds: float = 120):
    """Run `eventlens words…` on a data directory and give the finished process (text output)."""
    return subprocess.run(
        [str(COMMAND), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd=data.parent,
        env=clean_environment({"EVENTLENS_DATA": str(data), **(environment or {})}),
    )


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"process {pid} has no memory")
