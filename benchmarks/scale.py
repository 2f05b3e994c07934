"""What more processes bring on this machine: accepted and stored events a second, with the ratio to one.

    .venv/bin/python -m benchmarks.scale [--api 1 2] [--workers 1 2] [--events 200000] [--out FILE]

Starts a Redis (append-only file, durable before each answer) and a ClickHouse server, and for each number of
API and worker processes a fresh database and fresh processes. A project is stored by one worker at a time, so
the traffic goes to several projects, each from a generator of its own:

* `accepted_per_second`: no worker runs; until every batch of 100 events is answered.
* `stored_per_second`: then the workers start, until nothing waits; counted from when all of them run.
* `end_to_end_per_second`: workers run meanwhile; from the first post until everything is stored.

`cores` says how many this machine has: where API, workers, generators, Redis and ClickHouse share them, the
ratios tell of the sharing and nothing of what the processes could do.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.serving import machine, quietness
from tests.support.clickhouse import start_node
from tests.support.processes import COMMAND, Child, clean_environment
from tests.support.project import Project
from tests.support.redis import start_redis
from tests.support.server import Server

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "scale.json"
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
CONNECTIONS = 16
LONGEST_SECONDS = 1800


class Fleet:
    """API and worker processes over one Redis and one store."""

    def __init__(self, folder: Path, settings: dict[str, str], apis: int) -> None:
        self._folder = folder
        self._settings = settings
        self._workers: list[Child] = []
        self.servers = [Server(folder / "data", settings) for _ in range(apis)]
        for server in self.servers:
            server.start()

    def work(self, count: int) -> None:
        """Start workers, and wait until each of them works."""
        environment = {
            "EVENTLENS_DATA": str(self._folder / "data"),
            "LOG_LEVEL": "warning",
            **self._settings,
        }
        for number in range(count):
            log = self._folder / f"work-{number}.log"
            words = [str(COMMAND), "work"]
            self._workers.append(Child(words, log, clean_environment(environment), self._folder))
        for worker in self._workers:
            worker.await_ready(lambda worker=worker: "works" in worker.output)

    def waiting(self) -> int:
        """Events that are not stored."""
        return self.servers[0].http.get("/healthz/ready").json()["queue"]["events"]

    def settle(self) -> None:
        """Wait until everything is stored."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while self.waiting():
            if time.monotonic() > deadline:
                sys.exit("it is not stored after half an hour")
            time.sleep(0.05)

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
        for server in self.servers:
            server.close()


@contextmanager
def fleet(settings: dict[str, str], node: Any, apis: int) -> Generator[Fleet]:
    """A fresh installation. `node` is a ClickHouse server; Redis is emptied beforehand."""
    with tempfile.TemporaryDirectory() as folder:
        store = node.create_database(f"scale_{secrets.token_hex(4)}")
        with closing(Fleet(Path(folder), {**settings, "CLICKHOUSE_URL": store}, apis)) as made:
            yield made


def send(running: Fleet, projects: Sequence[Project], events: int, first: int) -> float:
    """Seconds until all events are answered, of all generators together."""
    share = events // len(projects)

    def one(number: int) -> Json:
        project = projects[number]
        url = running.servers[number % len(running.servers)].url
        words = [url, "--job", "batches", "--events", str(share), "--first", str(first + number * share)]
        words += ["--connections", str(CONNECTIONS), "--seconds", str(LONGEST_SECONDS)]
        words += ["--client", project.write.id, "--secret", project.write.secret]
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / "load.py"), *words],
            check=True,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout)

    with ThreadPoolExecutor(len(projects)) as threads:
        told = list(threads.map(one, range(len(projects))))
    if failed := [each["last_failure"] for each in told if each["failed"]]:
        sys.exit(failed[0])
    began = min(each["began"] for each in told)
    return max(each["began"] + each["seconds"] for each in told) - began


def measured(settings: dict[str, str], node: Any, redis: Any, shape: tuple[int, int], events: int) -> Json:
    """The figures of one number of API and worker processes."""
    apis, workers = shape
    count = 2 * max(apis, workers)
    events -= events % (count * 100)
    redis.empty()
    with fleet(settings, node, apis) as running:
        projects = [running.servers[0].project(f"Scale {number}") for number in range(count)]
        accepting = send(running, projects, events, 0)
        running.work(workers)
        began, waited = time.monotonic(), running.waiting()
        running.settle()
        storing = time.monotonic() - began
        began = time.monotonic()
        send(running, projects, events, events)
        running.settle()
        whole = time.monotonic() - began
        stored = sum(project.metrics(range="today")["total_events"] for project in projects)
    if stored != 2 * events:
        sys.exit(f"{stored} of {2 * events} events are there")
    return {
        "api": apis,
        "workers": workers,
        "projects": count,
        "events": events,
        "accepted_per_second": round(events / accepting),
        "stored_per_second": round(waited / storing),
        "end_to_end_per_second": round(events / whole),
    }


def compared(runs: Sequence[Json]) -> Sequence[Json]:
    """The same, each with its ratio to the first."""
    for run in runs:
        for name in ("accepted", "stored", "end_to_end"):
            run[f"{name}_ratio"] = round(run[f"{name}_per_second"] / runs[0][f"{name}_per_second"], 2)
    return runs


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--api", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--events", type=int, default=200_000, help="of each figure")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    shapes = [(apis, workers) for apis in asked.api for workers in asked.workers]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        about = {
            "measured": datetime.now(UTC).isoformat(timespec="minutes"),
            "machine": machine(),
            "cores": os.cpu_count(),
            **quietness(folder),
        }
        redis = stack.enter_context(closing(start_redis(folder / "redis", *DURABLE)))
        node = stack.enter_context(closing(start_node(folder / "clickhouse")))
        settings = {"REDIS_URL": redis.url, "TRACK_BATCH_LIMIT": "2000"}
        runs: list[Json] = []
        for shape in shapes:
            runs.append(measured(settings, node, redis, shape, asked.events))
            print(json.dumps(runs[-1]), flush=True)
    asked.out.write_text(json.dumps({**about, "runs": compared(runs)}, indent=2) + "\n")


if __name__ == "__main__":
    main()
