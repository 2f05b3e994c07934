"""A load generator in a process of its own: raw sockets on uvloop, keep-alive, one request in flight each.

    load.py http://127.0.0.1:3002 --job single --connections 64 --seconds 10 --client ID --secret SECRET

Prints one JSON object: requests, seconds, requests per second, milliseconds at p50 and p99, and the share of
a core that this process used (near 1 means that the generator, not the server, was measured).
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

import uvloop

AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
FIRST = 1_709_251_200  # 2024-03-01
DEVICES = 20_000
PATHS = ("/", "/pricing", "/features", "/docs", "/docs/install", "/blog/one", "/blog/two", "/app")


def event(number: int, *, past: bool = False) -> dict[str, object]:
    """One event of many devices, about 330 bytes on the wire: now, or at a stated time of March 2024."""
    chance = random.Random(number)
    device = chance.randrange(DEVICES)
    at = FIRST + device * 97 % 2_500_000 + chance.randrange(3_000)
    payload = {
        "id": f"load-{number}",
        "name": "screen_view" if number % 5 else "click",
        "deviceId": f"device-{device:08d}",
        "timestamp": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
        "path": f"https://bench.example{chance.choice(PATHS)}",
        "referrer": "https://www.google.com/" if number % 3 else "",
        "properties": {"plan": "team", "step": number % 7},
    }
    if not past:
        del payload["timestamp"]
    return {"type": "track", "payload": payload}


@dataclass
class Job:
    """Makes request bodies; `next_body` gives None when there is nothing left."""

    path: str
    next_body: Callable[[], bytes | None]


def single(first: int) -> Job:
    """One event a request, without end. The text around its changing parts is made once."""
    text = json.dumps(event(0)).encode()
    begin, _, rest = text.partition(b"load-0")
    before, _, end = rest.partition(b"device-")
    numbers = iter(range(first, first + 100_000_000))

    def body() -> bytes:
        number = next(numbers)
        return b"%bload-%d%bdevice-%08d%b" % (begin, number, before, number % DEVICES, end[8:])

    return Job("/track", body)


def batches(first: int, events: int, size: int, *, past: bool) -> Job:
    """A number of events in requests of `size`, made beforehand so that making them costs nothing."""
    bodies = [
        json.dumps([event(number, past=past) for number in range(start, start + size)]).encode()
        for start in range(first, first + events, size)
    ]
    remaining = iter(bodies)
    return Job("/track/batch", lambda: next(remaining, None))


@dataclass
class Run:
    """What one run counts."""

    head: bytes
    job: Job
    ends: float
    latencies: list[float] = field(default_factory=list[float])
    failed: int = 0
    last_failure: str = ""

    def request(self) -> bytes | None:
        """The next request, None when it is over."""
        body = None if time.perf_counter() >= self.ends else self.job.next_body()
        return None if body is None else self.head % len(body) + body


class Connection(asyncio.Protocol):
    """Sends a request, waits for the whole answer, sends the next."""

    def __init__(self, run: Run, done: asyncio.Future[None]) -> None:
        self._run, self._done = run, done
        self._transport: asyncio.Transport | None = None
        self._sent = 0.0
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        request = self._run.request()
        if request is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Count an answer when it is whole."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._run.latencies.append(time.perf_counter() - self._sent)
        if not head.startswith(b"HTTP/1.1 200") or b'"rejected":[{' in body:
            self._run.failed += 1
            self._run.last_failure = self._buffer.decode(errors="replace")[:500]
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """It is over."""
        if not self._done.done():
            self._done.set_result(None)


async def drive(host: str, port: int, connections: int, run: Run) -> None:
    """Open the connections and wait until all are done."""
    loop = asyncio.get_running_loop()
    over: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        over.append(done)
        await loop.create_connection(lambda done=done: Connection(run, done), host, port)
    await asyncio.gather(*over)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--job", choices=("single", "batches"), default="single")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--past", action="store_true", help="batches of events of March 2024")
    parser.add_argument("--first", type=int, default=0, help="number of the first event")
    parser.add_argument("--client", default="")
    parser.add_argument("--secret", default="")
    chosen = parser.parse_args()
    address = urlsplit(str(chosen.url))
    host, port = address.hostname or "127.0.0.1", address.port or 80
    job = (
        single(chosen.first)
        if chosen.job == "single"
        else batches(chosen.first, chosen.events, 100, past=chosen.past)
    )
    head = (
        f"POST {job.path} HTTP/1.1\r\nhost: {address.netloc}\r\nuser-agent: {AGENT}\r\n"
        f"content-type: application/json\r\nevent-lens-client-id: {chosen.client}\r\n"
        f"event-lens-client-secret: {chosen.secret}\r\ncontent-length: %d\r\n\r\n"
    ).encode()
    began, used = time.perf_counter(), time.process_time()
    run = Run(head, job, began + chosen.seconds)
    uvloop.run(drive(host, port, chosen.connections, run))
    seconds = time.perf_counter() - began
    latencies = sorted(run.latencies)
    answer: dict[str, int | float | str] = {
        "requests": len(latencies),
        "failed": run.failed,
        "seconds": round(seconds, 3),
        "per_second": round(len(latencies) / seconds, 1),
        "p50_ms": round(1000 * latencies[len(latencies) // 2], 2),
        "p99_ms": round(1000 * latencies[len(latencies) * 99 // 100], 2),
        "generator_cores": round((time.process_time() - used) / seconds, 2),
    }
    if run.failed:
        answer["last_failure"] = run.last_failure
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
