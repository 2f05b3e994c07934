"""What benchmarks of a running server share: its process, the load on it, its memory, its answers."""

import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).resolve().parent
COMMAND = Path(sys.executable).with_name("eventlens")
Json = dict[str, Any]
Process = subprocess.Popen[bytes]


def machine() -> str:
    """The machine in a line."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def quietness(folder: Path) -> Json:
    """How busy the machine is before something is measured: load average, cores busy for a second, the disk.

    The average remembers what this benchmark itself did in the minutes before, the second does not. A disk
    that takes no time to make 4 KiB durable is none: what is measured on it promises nothing.
    """
    load, before = os.getloadavg()[0], _busy_ticks()
    time.sleep(1)
    busy = (_busy_ticks() - before) / os.sysconf("SC_CLK_TCK")
    return {
        "load_before": round(load, 1),
        "busy_cores_before": round(busy, 2),
        "fsync_ms_before": round(1000 * _fsync_seconds(folder), 3),
    }


def _fsync_seconds(folder: Path) -> float:
    """The median of some."""
    taken: list[float] = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(21):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return sorted(taken)[10]


def _busy_ticks() -> int:
    ticks = list(map(int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]))
    return sum(ticks) - ticks[3] - ticks[4]  # without idle and waiting for disks


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    words: list[str], port: int, path: str, settings: Mapping[str, str] | None = None
) -> Generator[Process]:
    """A server process, ready."""
    unlimited = {"RATE_LIMIT": "off", "INSIGHTS_RATE_LIMIT": "off"}
    unlimited["EVENTLENS_CONNECTIONS_PER_ADDRESS"] = "100000"  # the generator has one address for all senders
    environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "warning", **unlimited, **(settings or {})}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not answers(f"http://127.0.0.1:{port}{path}"):
            if time.monotonic() > deadline or process.poll() is not None:
                sys.exit("the server did not start")
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


@contextmanager
def empty_server() -> Generator[tuple[Process, int]]:
    """The handler that does nothing, and its port."""
    port = free_port()
    with running([sys.executable, "-m", "benchmarks.empty", str(port)], port, "/") as process:
        yield process, port


@dataclass(frozen=True)
class Server:
    """An Event Lens with one project. `write` are words for the load generator."""

    process: Process
    port: int
    data: Path
    project_id: str
    clients: dict[str, tuple[str, str]]

    @property
    def write(self) -> list[str]:
        client, secret = self.clients["write"]
        return ["--client", client, "--secret", secret]

    def headers(self, kind: str) -> dict[str, str]:
        """Credentials of the client of a kind."""
        client, secret = self.clients[kind]
        return {"event-lens-client-id": client, "event-lens-client-secret": secret}

    def total_events(self) -> int:
        """What the answers say."""
        url = f"http://127.0.0.1:{self.port}/insights/{self.project_id}/metrics?range=all"
        request = urllib.request.Request(url, headers=self.headers("read"))
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  # loopback
            return int(json.load(answer)["data"]["total_events"])

    def queued(self) -> int:
        """Events that are not stored yet."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz/ready", timeout=60) as answer:
            return int(json.load(answer)["queue"]["events"])

    def wait_until_stored(self, seconds: float = 900) -> None:
        """Wait until the workers have nothing left to do."""
        deadline = time.monotonic() + seconds
        while self.queued():
            if time.monotonic() > deadline:
                sys.exit("the events were not stored in time")
            time.sleep(0.02)


@contextmanager
def event_lens(data: Path) -> Generator[Server]:
    """An Event Lens on an empty data directory."""
    port = free_port()
    with running(
        [str(COMMAND), "serve", "--data", str(data), "--port", str(port)], port, "/healthz/ready"
    ) as it:
        words = [str(COMMAND), "project", "create", "Benchmark", "--json", "--data", str(data)]
        environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "warning"}
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
        made = json.loads(done.stdout)
        clients = {each["type"]: (each["id"], each["secret"]) for each in made["clients"]}
        yield Server(it, port, data, made["project_id"], clients)


def answers(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # loopback
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def load(port: int, *words: str) -> Json:
    """Run the generator and give its figures."""
    command = [sys.executable, str(HERE / "load.py"), f"http://127.0.0.1:{port}", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: Json = json.loads(done.stdout)
    if figures["failed"]:
        sys.exit(f"{figures['failed']} requests failed: {figures['last_failure']}")
    del figures["failed"]
    return figures


def load_on(process: Process, port: int, *words: str) -> Json:
    """`load`, and what each request cost the server: microseconds of processor time, its workers' too."""
    before = processor_seconds(process.pid)
    figures = load(port, *words)
    used = processor_seconds(process.pid) - before
    del figures["began"]
    return {**figures, "server_processor_us": round(1e6 * used / figures["requests"], 1)}


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread may end meanwhile
            found += map(int, (task / "children").read_text().split())
    return found


def processor_seconds(pid: int) -> float:
    """What a process and those that it started have used of the processors so far."""
    ticks = 0
    for each in family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(") ")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Memory:
    """Watches the resident memory (MB) of a process and those that it started until the `with` block ends."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.highest = 0.0

    def now(self) -> float:
        """Resident memory right now."""
        total = 0
        for pid in family(self._pid):
            with suppress(OSError):  # it may end meanwhile
                found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
                total += int(found[1]) if found else 0
        return round(total / 1024, 1)

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.highest = max(self.highest, self.now())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
