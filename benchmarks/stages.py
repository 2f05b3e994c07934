"""What an event costs in processor time, without network, generator or a second process.

    python -m benchmarks.stages [--events 50000] [--simple] [--functions 30]

Batches of 100 of realistic traffic (or of simple events) go through collection, then through the worker, in
one thread each: microseconds of that thread's processor time an event, and of the whole process, which has
the engine's threads. The figures mean something on a busy machine too. `--functions` prints where the time
goes; looking makes everything slower.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.load import batches
from benchmarks.traffic import BATCH, PROFILE, Addresses, Traffic, Wanted, read_profile
from eventlens.accounts.setup import first_setup
from eventlens.api.app import App
from eventlens.api.track import Incoming
from eventlens.runtime import Runtime, open_runtime
from eventlens.settings import Settings
from eventlens.workers.events import calm_collector

UNDER_WAY = 8
"""Batches between two looks at what became durable, as so many connections would have."""

LONGEST_SECONDS = 120

Request = tuple[str, bytes]
Answered = tuple[object, ...]


class Stopwatch:
    """Processor time of this thread and of the process while `run` runs, and where it went."""

    def __init__(self, functions: int) -> None:
        self._functions = functions
        self._profile = cProfile.Profile() if functions else None
        self.thread = self.process = 0.0

    def run(self, work: Callable[[], object]) -> object:
        thread, process = time.thread_time(), time.process_time()
        done = self._profile.runcall(work) if self._profile else work()
        self.thread += time.thread_time() - thread
        self.process += time.process_time() - process
        return done

    def figures(self, events: int) -> dict[str, float]:
        """Microseconds an event."""
        if self._profile:
            pstats.Stats(self._profile).sort_stats("tottime").print_stats(self._functions)
        return {name: round(1e6 * spent / events, 1) for name, spent in vars(self).items() if name[0] != "_"}


async def collect(runtime: Runtime, requests: Sequence[Request], watch: Stopwatch) -> None:
    """Take every batch, and wait until all are durable."""
    app = App(runtime.services)
    made = first_setup(runtime.catalog)
    assert made is not None
    client = {
        b"content-type": b"application/json",
        b"event-lens-client-id": made.write.id.encode(),
        b"event-lens-client-secret": made.write.secret.encode(),
    }
    await runtime.services.clients.find_soon(made.write.id)  # else everything waits for the first look-up
    waiting, durable = len(requests), asyncio.Event()
    refused: list[Answered] = []

    def respond(answer: Answered) -> None:
        nonlocal waiting
        waiting -= 1
        if answer[0] != 200:
            refused.append(answer)
        if not waiting:
            durable.set()

    for number, (agent, body) in enumerate(requests):
        incoming = Incoming(
            "POST", "/track/batch", b"", {**client, b"user-agent": agent.encode()}, body, "127.0.0.1"
        )
        watch.run(lambda incoming=incoming: app.collection.begin(incoming, respond))
        if number % UNDER_WAY == 0:
            await asyncio.sleep(0)
    await asyncio.wait_for(durable.wait(), LONGEST_SECONDS)
    if refused:
        raise SystemExit(f"{len(refused)} batches were refused: {str(refused[0])[:300]}")


def drain(runtime: Runtime) -> None:
    """Store all that waits."""
    while runtime.worker.run_once():
        pass


def measured(requests: Sequence[Request], functions: int) -> dict[str, dict[str, float]]:
    """The figures of both halves."""
    events = len(requests) * BATCH
    accepting, storing = Stopwatch(functions), Stopwatch(functions)
    with tempfile.TemporaryDirectory(prefix="event-lens-") as folder:
        settings = Settings.load({"EVENTLENS_DATA": folder}, Path(folder))
        with closing(open_runtime(settings)) as runtime:
            asyncio.run(collect(runtime, requests, accepting))
            storing.run(lambda: drain(runtime))
    return {"accept_us": accepting.figures(events), "store_us": storing.figures(events)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--simple", action="store_true", help="small events of stated devices")
    parser.add_argument("--profile", type=Path, default=PROFILE)
    parser.add_argument("--functions", type=int, default=0, help="print so many of the costliest")
    chosen = parser.parse_args()
    calm_collector()  # as a server does
    if chosen.simple:
        requests = list(batches(0, chosen.events, BATCH, past=False))
    else:
        profile = read_profile(chosen.profile)
        addresses = Addresses(profile.countries.values)
        requests = list(Traffic(profile, addresses, Wanted(chosen.events)).requests())
    print(json.dumps(measured(requests, chosen.functions)))


if __name__ == "__main__":
    main()
