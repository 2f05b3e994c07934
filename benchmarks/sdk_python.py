"""How fast the Python SDK takes events, and what memory that needs.

`PYTHONPATH=.:sdks/python python -m benchmarks.sdk_python [--save]` takes about half a minute; `--save` writes
benchmarks/results/sdk_python.json. Rounds of all cases take turns, the best of each counts. `bare` is what
nobody can do without: the same body as JSON text, put into a queue. The receiver is a process of its own that
accepts everything. `--peer` adds the `posthog` package, where it is installed.
"""

import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from event_lens_sdk import Client

RESULT = Path(__file__).parent / "results" / "sdk_python.json"
ROUNDS = 5
EVENTS = 100_000
BUFFER = 32 << 20
PROPERTIES = {"plan": "team", "seats": 5, "trial": True, "source": "pricing page", "price": 49.5}
Figures = dict[str, float]


def resident() -> float:
    """MiB of memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def timed(work: Callable[[int], object]) -> Figures:
    """Do it for each event; per second of the clock, and of the calling thread's processor time."""
    wall, processor = time.perf_counter(), time.thread_time()
    for number in range(EVENTS):
        work(number)
    processor, wall = time.thread_time() - processor, time.perf_counter() - wall
    return {"events_per_second": EVENTS / wall, "events_per_processor_second": EVENTS / processor}


def bare() -> Figures:
    """JSON text of an event like the SDK's, into a queue."""
    queue: deque[bytes] = deque()
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

    def put(number: int) -> None:
        payload = {
            "id": os.urandom(16).hex(),
            "timestamp": int(time.time() * 1000),
            "profileId": f"user-{number % 1000}",
            "name": "signed_up",
            "properties": {**PROPERTIES},
        }
        queue.append(encode({"type": "track", "payload": payload}).encode())

    return timed(put)


def sending(url: str) -> Figures:
    """Events to a server that takes them, until all have arrived."""
    client = Client(url, "id", "secret", buffer_bytes=BUFFER)
    begin = time.perf_counter()
    figures = timed(lambda number: client.track("signed_up", PROPERTIES, profile_id=f"user-{number % 1000}"))
    figures["waiting_mb"] = client.stats.waiting_bytes / 2**20
    client.flush(120)
    figures["delivered_per_second"] = client.stats.accepted / (time.perf_counter() - begin)
    figures["dropped"] = client.stats.dropped
    client.close()
    return figures


def away() -> Figures:
    """Events to a server that is not there: memory stays within the buffer, the newest are dropped."""
    before = resident()
    client = Client("http://127.0.0.1:9", "id", "secret", buffer_bytes=BUFFER, exit_timeout=0)
    figures = timed(lambda number: client.track("signed_up", PROPERTIES, profile_id=f"user-{number % 1000}"))
    figures["grown_mb"] = resident() - before
    figures["waiting_mb"] = client.stats.waiting_bytes / 2**20
    figures["dropped"] = client.stats.dropped
    client.close()
    return figures


def peer(url: str) -> Figures:
    """The same events through `posthog`, whose queue drops what does not fit as well."""
    import posthog  # pyright: ignore[reportMissingImports]  # noqa: PLC0415  # only where somebody wants to compare

    made: Any = posthog
    client = made.Posthog("key", host=url, max_queue_size=EVENTS, disable_geoip=True)
    figures = timed(
        lambda number: client.capture(
            "signed_up", distinct_id=f"user-{number % 1000}", properties={**PROPERTIES}
        )
    )
    client.shutdown()
    return figures


def receiver() -> tuple[subprocess.Popen[bytes], str]:
    """A process that accepts everything."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.empty", str(port)])
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, f"http://127.0.0.1:{port}"
        time.sleep(0.05)
    process.terminate()
    raise RuntimeError("the receiver does not start")


def best(rounds: list[Figures]) -> Figures:
    """The round with the highest rate."""
    return max(rounds, key=lambda figures: figures["events_per_second"])


def main() -> None:
    """Measure, print, and save where that is asked for."""
    process, url = receiver()
    cases: dict[str, Callable[[], Figures]] = {"bare": bare, "sending": lambda: sending(url), "away": away}
    if "--peer" in sys.argv:
        cases["posthog"] = lambda: peer(url)
    try:
        rounds = [{name: case() for name, case in cases.items()} for _ in range(ROUNDS)]
    finally:
        process.terminate()
        process.wait(10)
    found = {name: best([one[name] for one in rounds]) for name in cases}
    for figures in found.values():
        for rate in ("events_per_second", "events_per_processor_second"):
            figures[f"ratio_of_{rate.removeprefix('events_per_')}"] = figures[rate] / found["bare"][rate]
    result = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "load_before": round(os.getloadavg()[0], 1),
        "events": EVENTS,
        "buffer_mb": BUFFER / 2**20,
        **{name: {key: round(value, 2) for key, value in each.items()} for name, each in found.items()},
    }
    text = json.dumps(result, indent=2)
    print(text)
    if "--save" in sys.argv:
        RESULT.write_text(f"{text}\n")


if __name__ == "__main__":
    main()
