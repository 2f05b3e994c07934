#!/usr/bin/env python3
"""What becomes of the server at twice the load that it can take: it refuses, and its memory stays bounded.

    .venv/bin/python -m benchmarks.overload [--seconds 60] [--results FILE]

Twice, with single posts and with batches of 100: first the capacity is measured (load.py, as many as are
answered), then twice that rate is offered for `--seconds` by senders that do not wait for each other: whoever
finds every connection busy opens another, up to 2,000; beyond that the request is not sent and counted so.

Printed: answers a second, refusals by status, p99 of the answers, resident memory every second, by how much
it still grew in the last third, what waits in the queue at the end, and how long until it was stored.
Nothing else should run: the generator needs one core, the server the other.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, cast

import uvloop

from benchmarks.load import Job, batches, prepared, single
from benchmarks.serving import HERE, Json, Memory, Server, event_lens, load, machine, quietness

MOST_CONNECTIONS = 2_000
BATCH = 100
BATCHES = 400
"""Made beforehand and sent again and again: to take a repeated event costs as much as to take a new one."""

TICK_SECONDS = 0.005
PATIENCE_SECONDS = 10
"""How long is waited at the end for answers under way."""


@dataclass
class Offer:
    """One run of the open generator."""

    head: bytes
    job: Job
    rate: float
    seconds: float
    offered: int = 0
    unsent: int = 0
    opened: int = 0
    broken: int = 0
    statuses: Counter[str] = field(default_factory=Counter[str])
    latencies: list[float] = field(default_factory=list[float])
    idle: list["Connection"] = field(default_factory=list["Connection"])

    def request(self) -> bytes:
        """The next request."""
        made = self.job.next_body()
        assert made is not None
        agent, body = made
        return self.head % (agent, len(body)) + body


class Connection(asyncio.Protocol):
    """Sends what it is given, and is idle again when that is answered."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._buffer = b""
        self._sent = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready for the first request."""
        self.transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> None:
        """Send one request."""
        assert self.transport is not None
        self._sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count an answer when it is whole."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]):
            return
        status = head[9:12].decode()
        self._offer.statuses[status] += 1
        if status == "200":
            self._offer.latencies.append(time.perf_counter() - self._sent)
        self._buffer, self._sent = b"", 0.0
        if b"connection: close" not in head.lower():
            self._offer.idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Gone; with a request under way it is one without an answer."""
        self._offer.opened -= 1
        self._offer.broken += bool(self._sent)
        if self in self._offer.idle:
            self._offer.idle.remove(self)


async def offer_all(offer: Offer, host: str, port: int) -> None:
    """Send at the rate, whatever becomes of it."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    opening: set[asyncio.Task[None]] = set()

    async def on_another(request: bytes) -> None:
        try:
            _, connection = await loop.create_connection(lambda: Connection(offer), host, port)
        except OSError:
            offer.opened -= 1
            offer.broken += 1
        else:
            connection.send(request)

    while (passed := time.perf_counter() - began) < offer.seconds:
        due = int(passed * offer.rate) - offer.offered
        offer.offered += due
        for number in range(due):
            if offer.idle:
                offer.idle.pop().send(offer.request())
            elif offer.opened < MOST_CONNECTIONS:
                offer.opened += 1
                task = loop.create_task(on_another(offer.request()))
                opening.add(task)
                task.add_done_callback(opening.discard)
            else:
                offer.unsent += due - number
                break
        await asyncio.sleep(TICK_SECONDS)
    for _ in range(PATIENCE_SECONDS * 20):
        if len(offer.idle) == offer.opened:
            break
        await asyncio.sleep(0.05)


def job_named(name: str) -> Job:
    """Single posts without end, or the same batches again and again."""
    if name == "single":
        return single(500_000_000)
    made = [
        (agent.encode(), body) for agent, body in batches(600_000_000, BATCH * BATCHES, BATCH, past=False)
    ]
    return prepared(made, times=1_000_000)


def generate(name: str, url: str, client: str, secret: str, rate: float, seconds: float) -> None:
    """The generator's process: prints one JSON object."""
    job = job_named(name)
    host, port = url.rpartition(":")[0], int(url.rpartition(":")[2])
    head = (
        f"POST {job.path} HTTP/1.1\r\nhost: {url}\r\nuser-agent: %b\r\ncontent-type: application/json\r\n"
        f"event-lens-client-id: {client}\r\nevent-lens-client-secret: {secret}\r\ncontent-length: %d\r\n\r\n"
    ).encode()
    offer = Offer(head, job, rate, seconds)
    began, used = time.perf_counter(), time.process_time()
    uvloop.run(offer_all(offer, host, port))
    latencies = sorted(offer.latencies) or [0.0]
    print(
        json.dumps(
            {
                "offered_per_second": round(offer.offered / seconds, 1),
                "answered_per_second": round(len(offer.latencies) / seconds, 1),
                "refused_by_status": {name: n for name, n in sorted(offer.statuses.items()) if name != "200"},
                "not_sent": offer.unsent,
                "without_answer": offer.broken + offer.opened - len(offer.idle),
                "p50_ms": round(1000 * latencies[len(latencies) // 2], 1),
                "p99_ms": round(1000 * latencies[len(latencies) * 99 // 100], 1),
                "generator_cores": round((time.process_time() - used) / (time.perf_counter() - began), 2),
            }
        )
    )


class Sampling:
    """Resident memory (MB) of a process, once a second until the `with` block ends."""

    def __init__(self, pid: int) -> None:
        self._memory = Memory(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.sizes: list[float] = []

    def _watch(self) -> None:
        while not self._over.wait(1):
            self.sizes.append(self._memory.now())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def still_growing(self) -> float:
        """By how much the last third's highest is over the middle third's (MB)."""
        third = max(1, len(self.sizes) // 3)
        return round(max(self.sizes[-third:]) - max(self.sizes[third : 2 * third] or self.sizes), 1)


def capacity(server: Server, name: str, seconds: float) -> float:
    """Requests a second that are answered when nobody sends before an answer."""
    if name == "single":
        words = ["--first", "400000000", "--seconds", str(seconds)]
    else:
        words = ["--job", "batches", "--events", "200000", "--connections", "8", "--seconds", str(seconds)]
    return float(load(server.port, *words, *server.write)["per_second"])


def measure(name: str, seconds: float, folder: Path) -> Json:
    """One kind of request on a server of its own."""
    with event_lens(folder / name) as server:
        before = quietness(folder)
        possible = capacity(server, name, min(10.0, seconds))
        server.wait_until_stored()
        words = [name, f"127.0.0.1:{server.port}", *server.clients["write"], str(2 * possible), str(seconds)]
        with Sampling(server.process.pid) as memory:
            command = [sys.executable, "-m", "benchmarks.overload", "--generate", *words]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        waiting, ended = server.queued(), time.monotonic()
        server.wait_until_stored()
        return {
            **before,
            "events_a_request": 1 if name == "single" else BATCH,
            "capacity_per_second": possible,
            **json.loads(done.stdout),
            "memory_mb": memory.sizes,
            "memory_still_growing_mb": memory.still_growing,
            "waiting_at_the_end": waiting,
            "stored_after_seconds": round(time.monotonic() - ended, 1),
        }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", nargs="+", choices=("single", "batches"), default=("single", "batches"))
    parser.add_argument("--results", type=Path, default=HERE / "results" / "overload.json")
    parser.add_argument("--generate", nargs=6, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.generate:
        name, url, client, secret, rate, seconds = chosen.generate
        generate(name, url, client, secret, float(rate), float(seconds))
        return
    results: Json = {"machine": machine(), "measured": datetime.now(UTC).date().isoformat()}
    with tempfile.TemporaryDirectory(prefix="event-lens-") as folder:
        for name in chosen.only:
            results[name] = measure(name, chosen.seconds, Path(folder))
            print(json.dumps({name: results[name]}, indent=2))
    chosen.results.parent.mkdir(parents=True, exist_ok=True)
    chosen.results.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
