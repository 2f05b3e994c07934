"""A load generator in a process of its own: raw sockets on uvloop, keep-alive, one request in flight each.

    load.py http://127.0.0.1:3002 --job single --connections 64 --seconds 10 --client ID --secret SECRET
    load.py http://127.0.0.1:3002 --job bodies --bodies FILE --rate 150 --client ID --secret SECRET

A file of bodies (traffic.py) has a request a line: user agent, tab, body. With a rate, requests are due at
even distances whatever the server does, and their milliseconds count from then: waiting for a free connection
is part of it.

Prints one JSON object: requests, seconds (and when they began, by the machine's monotonic clock), requests
per second, milliseconds at p50 and p99, and the share of a core that this process used (near 1 means that
the generator, not the server, was measured).
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
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
    """Makes user agents and bodies; `next_body` gives None when there is nothing left."""

    path: str
    next_body: Callable[[], tuple[bytes, bytes] | None]


def single(first: int) -> Job:
    """One event a request, without end. The text around its changing parts is made once."""
    text = json.dumps(event(0)).encode()
    begin, _, rest = text.partition(b"load-0")
    before, _, end = rest.partition(b"device-")
    numbers = iter(range(first, first + 100_000_000))
    agent = AGENT.encode()

    def body() -> tuple[bytes, bytes]:
        number = next(numbers)
        return agent, b"%bload-%d%bdevice-%08d%b" % (begin, number, before, number % DEVICES, end[8:])

    return Job("/track", body)


def batches(first: int, events: int, size: int, *, past: bool) -> Iterator[tuple[str, bytes]]:
    """User agents and bodies of a number of events in requests of `size`."""
    for start in range(first, first + events, size):
        yield AGENT, json.dumps([event(number, past=past) for number in range(start, start + size)]).encode()


def prepared(requests: Iterable[tuple[bytes, bytes]], times: int = 1) -> Job:
    """Batches made beforehand so that making them costs nothing; all of them several times over."""
    remaining = chain.from_iterable(repeat(list(requests), times))
    return Job("/track/batch", lambda: next(remaining, None))


def read_requests(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """The requests of a file of bodies."""
    with path.open("rb") as lines:
        for line in lines:
            agent, _, body = line.rstrip(b"\n").partition(b"\t")
            yield agent, body


@dataclass
class Run:
    """What one run counts."""

    head: bytes
    job: Job
    seconds: float
    rate: float = 0.0
    """Requests a second, due at even distances; 0 for as many as are answered."""
    began: float = 0.0
    due: int = 0
    latencies: list[float] = field(default_factory=list[float])
    failed: int = 0
    last_failure: str = ""

    def request(self) -> tuple[bytes, float] | None:
        """The next request and when it is due, None when it is over."""
        now = time.perf_counter()
        due = self.began + self.due / self.rate if self.rate else now
        made = None if max(now, due) >= self.began + self.seconds else self.job.next_body()
        if made is None:
            return None
        self.due += 1
        agent, body = made
        return self.head % (agent, len(body)) + body, due


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
        made = self._run.request()
        if made is None:
            self._transport.close()
            return
        request, self._sent = made
        wait = self._sent - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._transport.write, request)
        else:
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
    run.began = time.perf_counter()
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        over.append(done)
        await loop.create_connection(lambda done=done: Connection(run, done), host, port)
    await asyncio.gather(*over)


def job_of(chosen: argparse.Namespace) -> Job:
    """What the command line asks for."""
    if chosen.job == "single":
        return single(chosen.first)
    if chosen.job == "bodies":
        return prepared(read_requests(chosen.bodies), chosen.repeat)
    made = batches(chosen.first, chosen.events, 100, past=chosen.past)
    return prepared((agent.encode(), body) for agent, body in made)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--job", choices=("single", "batches", "bodies"), default="single")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--past", action="store_true", help="batches of events of March 2024")
    parser.add_argument("--first", type=int, default=0, help="number of the first event")
    parser.add_argument("--bodies", type=Path, help="batches made beforehand")
    parser.add_argument("--repeat", type=int, default=1, help="send the bodies so many times")
    parser.add_argument("--rate", type=float, default=0, help="requests a second (0: as many as possible)")
    parser.add_argument("--client", default="")
    parser.add_argument("--secret", default="")
    chosen = parser.parse_args()
    address = urlsplit(str(chosen.url))
    job = job_of(chosen)
    head = (
        f"POST {job.path} HTTP/1.1\r\nhost: {address.netloc}\r\nuser-agent: %b\r\n"
        f"content-type: application/json\r\nevent-lens-client-id: {chosen.client}\r\n"
        f"event-lens-client-secret: {chosen.secret}\r\ncontent-length: %d\r\n\r\n"
    ).encode()
    began, used = time.monotonic(), time.process_time()
    run = Run(head, job, chosen.seconds, chosen.rate)
    uvloop.run(drive(address.hostname or "127.0.0.1", address.port or 80, chosen.connections, run))
    seconds = time.monotonic() - began
    latencies = sorted(run.latencies)
    answer: dict[str, int | float | str] = {
        "requests": len(latencies),
        "failed": run.failed,
        "began": began,
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
