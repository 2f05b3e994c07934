"""How fast the embedded queue makes records durable: `python -m benchmarks.queueing [--save]`.

Takes about 20 seconds. `--save` writes benchmarks/results/queue.json. The raw figure beside each is what
SQLite alone does with the same bytes in one thread: one row a commit, nobody waiting.
"""

import asyncio
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from eventlens.queues.sqlite import SqliteQueue
from eventlens.queues.sqlite_file import connect_writer

RESULT = Path(__file__).parent / "results" / "queue.json"
SECONDS = 3.0
EVENT_BYTES = 300
CASES: dict[str, tuple[int, int]] = {  # name: waiters, events a record
    "1 waiter": (1, 1),
    "64 waiters": (64, 1),
    "256 waiters": (256, 1),
    "64 waiters, records of 100 events": (64, 100),
}


def milliseconds(latencies: list[float], share: float) -> float:
    """The latency that this share of the sorted latencies (seconds) does not exceed."""
    return round(latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000, 3)


async def append_for(queue: SqliteQueue, waiters: int, events: int) -> dict[str, float]:
    """Let so many waiters append one record after the other."""
    body = os.urandom(EVENT_BYTES * events)
    latencies: list[float] = []
    end = time.perf_counter() + SECONDS

    async def wait_in_turn() -> None:
        while (begin := time.perf_counter()) < end:
            await queue.append(body, events)
            latencies.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    await asyncio.gather(*(wait_in_turn() for _ in range(waiters)))
    rate = len(latencies) / (time.perf_counter() - begin)
    latencies.sort()
    return {
        "appends_per_second": round(rate),
        "events_per_second": round(rate * events),
        "p50_ms": milliseconds(latencies, 0.5),
        "p99_ms": milliseconds(latencies, 0.99),
        "max_ms": milliseconds(latencies, 1),
    }


def drain(queue: SqliteQueue) -> dict[str, float]:
    """Claim and acknowledge by 1,000 events until the queue is empty."""
    events = 0
    begin = time.perf_counter()
    while claim := queue.claim(1000):
        events += claim.events
        queue.acknowledge(claim)
    return {"events": events, "events_per_second": round(events / (time.perf_counter() - begin))}


def commit_raw(path: Path, body: bytes) -> float:
    """Commits a second, one row each."""
    connection: sqlite3.Connection = connect_writer(path)
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB)")
    count = 0
    begin = time.perf_counter()
    while time.perf_counter() - begin < SECONDS / 2:
        connection.execute("INSERT INTO rows (body) VALUES (?)", (body,))
        count += 1
    connection.close()
    return count / (time.perf_counter() - begin)


def measure(directory: Path) -> dict[str, object]:
    """All cases, each from an empty queue."""
    result: dict[str, object] = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "event_bytes": EVENT_BYTES,
    }
    queue = SqliteQueue(directory / "queue.db")
    for number, (name, (waiters, events)) in enumerate(CASES.items()):
        raw = commit_raw(directory / f"raw{number}.db", os.urandom(EVENT_BYTES * events))
        figures = uvloop.run(append_for(queue, waiters, events))
        figures["raw_commits_per_second"] = round(raw)
        figures["ratio_to_raw"] = round(figures["appends_per_second"] / raw, 2)
        result[name] = figures
        result[f"drain after {name}"] = drain(queue)
    queue.close()
    return result


def main() -> None:
    """Measure, print, and save when asked."""
    with tempfile.TemporaryDirectory() as directory:
        result = measure(Path(directory))
    text = json.dumps(result, indent=2)
    print(text)
    if "--save" in sys.argv[1:]:
        RESULT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
