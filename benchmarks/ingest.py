#!/usr/bin/env python3
"""How fast events are taken in, next to what the machine could do at best.

    .venv/bin/python benchmarks/ingest.py [--seconds 10] [--rounds 3] [--events 300000]

Measured, each in a fresh server process with the load generator (load.py: raw sockets, keep-alive, on
uvloop) in another process:

* single posts with durable answers against an empty handler on the same HTTP server: ratio, p50, p99;
* batches of 100 until all of it is in the answers, once of events that happen now and once of events
  that state a time of years ago (an import): events per second, and the ratio to the bare
  engine's insert of the same prepared rows in blocks of 10,000;
* memory of the server process: idle and, at most, while ingesting.

Writes benchmarks/results/ingest.json. Absolute figures are the machine's; the ratios travel.
"""

import argparse
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
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import uvicorn

from eventlens.settings import Settings
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate
from eventlens.store.tables import EVENT_COLUMNS

HERE = Path(__file__).resolve().parent
COMMAND = Path(sys.executable).with_name("eventlens")
BLOCK = 10_000
Json = dict[str, Any]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(words: list[str], port: int, path: str) -> Generator[subprocess.Popen[bytes]]:
    """A server process, ready."""
    environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "warning"}
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
        process.wait(60)


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
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: Json = json.loads(done.stdout)
    if figures["failed"]:
        sys.exit(f"{figures['failed']} requests failed: {figures['last_failure']}")
    return figures


def processor_seconds(pid: int) -> float:
    """What a process has used of the processors so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load_on(process: subprocess.Popen[bytes], port: int, *words: str) -> Json:
    """`load`, and what each request cost the server: microseconds of processor time, its workers' too."""
    before = processor_seconds(process.pid)
    figures = load(port, *words)
    used = processor_seconds(process.pid) - before
    return {**figures, "server_processor_us": round(1e6 * used / figures["requests"], 1)}


class Memory:
    """Watches a process's resident memory (MB) until the `with` block ends."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.highest = 0.0

    def now(self) -> float:
        """Resident memory right now."""
        text = Path(f"/proc/{self._pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", text)
        return round(int(found[1]) / 1024, 1) if found else 0.0

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.highest = max(self.highest, self.now())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def empty_server(port: int) -> None:
    """The same HTTP server and settings, and a handler that reads the body and answers as /track does."""
    body = json.dumps({"success": True, "deviceId": "0" * 32, "sessionId": "0" * 22}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(
        app, port=port, lifespan="off", access_log=False, server_header=False, log_config=None, ws="none"
    )


def create_project(data: Path) -> dict[str, list[str]]:
    """A project on a data directory: the load generator's and the asking client's words."""
    words = [str(COMMAND), "project", "create", "Benchmark", "--json", "--data", str(data)]
    environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "warning"}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    made = json.loads(done.stdout)
    clients = {each["type"]: each for each in made["clients"]}
    write, read = clients["write"], clients["read"]
    return {
        "write": ["--client", write["id"], "--secret", write["secret"]],
        "read": [made["project_id"], read["id"], read["secret"]],
    }


def total_events(port: int, project_id: str, client: str, secret: str) -> int:
    """What the answers say."""
    url = f"http://127.0.0.1:{port}/insights/{project_id}/metrics?range=all"
    headers = {"event-lens-client-id": client, "event-lens-client-secret": secret}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        return int(json.load(answer)["data"]["total_events"])


def measure_single(seconds: float, rounds: int, folder: Path) -> Json:
    """Single posts to an empty handler and to ours, in turn; the best round of each counts.

    Whatever else the machine does can only slow a round down.
    """
    empty_port, port = free_port(), free_port()
    empty_words = [sys.executable, __file__, "--empty", str(empty_port)]
    serve = [str(COMMAND), "serve", "--data", str(folder / "single"), "--port", str(port)]
    empty_rounds: list[Json] = []
    our_rounds: list[Json] = []
    with (
        running(empty_words, empty_port, "/") as empty,
        running(serve, port, "/healthz/ready") as ours,
    ):
        client = create_project(folder / "single")["write"]
        load(empty_port, "--seconds", "1")
        load(port, "--seconds", "1", *client)
        for number in range(1, rounds + 1):
            wait_until_idle(port)
            empty_rounds.append(load_on(empty, empty_port, "--seconds", str(seconds)))
            words = ["--first", str(number * 10_000_000), "--seconds", str(seconds), *client]
            our_rounds.append(load_on(ours, port, *words))
    best_empty, best_ours = (max(each, key=best) for each in (empty_rounds, our_rounds))
    return {
        "connections": 64,
        "rounds": rounds,
        "empty_handler": best_empty,
        "durable": best_ours,
        "ratio": round(best_ours["per_second"] / best_empty["per_second"], 3),
    }


def best(figures: Json) -> float:
    """What makes a round the better one."""
    return float(figures["per_second"])


def wait_until_idle(port: int) -> None:
    """Wait until the workers have stored everything, so that they do not disturb the next round."""
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/ready", timeout=10) as answer:
            if json.load(answer)["queue"]["events"] == 0:
                return
        time.sleep(0.1)


def measure_batches(events: int, folder: Path, *, past: bool) -> Json:
    """Batches of 100 until queryable, the memory meanwhile, and the bare engine's insert of the same rows."""
    data, port = folder / f"batches-{past}", free_port()
    serve = [str(COMMAND), "serve", "--data", str(data), "--port", str(port)]
    with running(serve, port, "/healthz/ready") as process:
        project = create_project(data)
        time.sleep(3)
        with Memory(process.pid) as memory:
            idle = memory.now()
            words = ["--job", "batches", "--events", str(events), "--connections", "8", "--seconds", "600"]
            figures = load(port, *words, *(["--past"] if past else []), *project["write"])
            accepted = time.monotonic()
            deadline = accepted + 600
            while total_events(port, *project["read"]) < events:
                if time.monotonic() > deadline:
                    sys.exit("the events did not become visible")
                time.sleep(0.02)
            behind = time.monotonic() - accepted
    seconds = figures["seconds"] + behind
    engine = json.loads(
        subprocess.run(
            [sys.executable, __file__, "--engine", str(data), str(folder / f"engine-{past}")],
            capture_output=True, text=True, check=True,
        ).stdout
    )  # fmt: skip
    return {
        "events": events,
        "posted_in_seconds": figures["seconds"],
        "p99_ms": figures["p99_ms"],
        "visible_after_last_answer_seconds": round(behind, 2),
        "events_per_second": round(events / seconds),
        "bare_engine_rows_per_second": engine["rows_per_second"],
        "ratio_to_bare_engine": round(events / seconds / engine["rows_per_second"], 3),
        "memory_mb": {"idle": idle, "highest_while_ingesting": memory.highest},
    }


def bare_engine(source: Path, target: Path) -> None:
    """Read the rows that a server stored and insert them, prepared as it does, into an empty store."""
    full = open_store(Settings.load({"EVENTLENS_DATA": str(source)}))
    rows = full.query("SELECT * FROM events FINAL").rows
    full.close()
    empty = open_store(Settings.load({"EVENTLENS_DATA": str(target)}))
    migrate(empty)
    columns: list[list[Any]] = [prepared(list(values)) for values in zip(*rows, strict=True)]
    blocks = [
        {name: values[start : start + BLOCK] for name, values in zip(EVENT_COLUMNS, columns, strict=True)}
        for start in range(0, len(rows), BLOCK)
    ]
    began = time.perf_counter()
    for number, block in enumerate(blocks):
        empty.insert("events", block, f"block-{number}")
    seconds = time.perf_counter() - began
    empty.close()
    print(json.dumps({"rows_per_second": round(len(rows) / seconds)}))


def prepared(values: list[Any]) -> list[Any]:
    """Times as milliseconds, as the server hands them to the engine."""
    if isinstance(values[0], datetime):
        return [int(value.timestamp() * 1000) for value in values]
    return values


def machine() -> str:
    """The machine in a line."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--results", type=Path, default=HERE / "results" / "ingest.json")
    parser.add_argument("--empty", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--engine", type=Path, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.empty:
        empty_server(chosen.empty)
        return
    if chosen.engine:
        bare_engine(*chosen.engine)
        return
    load_before = round(os.getloadavg()[0], 1)  # above 0.5, others were using the machine too
    with tempfile.TemporaryDirectory(prefix="event-lens-") as folder:
        single = measure_single(chosen.seconds, chosen.rounds, Path(folder))
        print(json.dumps(single, indent=2))
        live = measure_batches(chosen.events, Path(folder), past=False)
        print(json.dumps(live, indent=2))
        past = measure_batches(chosen.events, Path(folder), past=True)
        print(json.dumps(past, indent=2))
    results = {
        "machine": machine(),
        "load_before": load_before,
        "measured": datetime.now(UTC).date().isoformat(),
        "generator": "benchmarks/load.py: raw sockets on uvloop, keep-alive, a process of its own",
        "single_posts": single,
        "end_to_end": live,
        "end_to_end_of_past_events": past,
    }
    chosen.results.parent.mkdir(parents=True, exist_ok=True)
    chosen.results.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
