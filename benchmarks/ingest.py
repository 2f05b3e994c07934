#!/usr/bin/env python3
"""How fast events are taken in, next to what the machine could do at best.

    .venv/bin/python benchmarks/ingest.py [--only single accept sustained visible past] [--results FILE]

Each part has a fresh server process, and the load generator (load.py: raw sockets, keep-alive, on uvloop) is
another process that sends bodies made beforehand:

* single: single posts with durable answers against an empty handler on the same HTTP server, in rounds too
  short for the workers' turn, and once for long enough that it is in the figure;
* accept: batches of 100 until they are answered, simple events and realistic ones, against the empty handler
  that is sent the same bodies;
* sustained: realistic traffic (traffic.py) in batches until all of it is in the answers, and its ratio to the
  bare engine's insert of the same prepared rows; memory meanwhile, and bytes on disk afterwards;
* visible: at half of the sustained rate, how long after it was sent a single event is in the answers;
* past: the same as sustained of events that state a time of years ago (an import), and of realistic traffic
  of which 2 % comes hours late.

Writes benchmarks/results/ingest.json; parts that are not run keep their figures there. Absolute figures are
the machine's; the ratios travel. Nothing else should run: each part says how busy the machine was before.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.load import batches
from benchmarks.probes import Probes
from benchmarks.serving import (
    HERE,
    Memory,
    Server,
    empty_server,
    event_lens,
    load,
    load_on,
    machine,
    processor_seconds,
    quietness,
)
from benchmarks.stored import asked
from benchmarks.traffic import BATCH, Addresses, Traffic, Wanted, read_profile, write_requests

Json = dict[str, Any]

LATE_SHARE = 0.02
EMPTY_REPEATS = "5"
"""An empty handler is done with the bodies too fast to be measured."""

CONNECTIONS = "8"
"""Of batches until they are stored: enough to keep a server busy, and no crowd."""


class Benchmark:
    """The parts, and what they share."""

    def __init__(self, chosen: argparse.Namespace, folder: Path) -> None:
        self._chosen = chosen
        self._folder = folder
        self.sustained_rate: float = chosen.rate or 0

    def single(self) -> Json:
        """Single posts to an empty handler and to ours, in turn; the best round of each counts.

        Whatever else the machine does can only slow a round down.
        """
        seconds, rounds = str(self._chosen.seconds), self._chosen.rounds
        empty_rounds: list[Json] = []
        our_rounds: list[Json] = []
        with empty_server() as (empty, empty_port), event_lens(self._folder / "single") as ours:
            load(empty_port, "--seconds", "1")
            load(ours.port, "--seconds", "1", *ours.write)
            for number in range(1, rounds + 1):
                ours.wait_until_stored()
                empty_rounds.append(load_on(empty, empty_port, "--seconds", seconds))
                words = ["--first", str(number * 10_000_000), "--seconds", seconds]
                our_rounds.append(load_on(ours.process, ours.port, *words, *ours.write))
            ours.wait_until_stored()
            words = ["--first", str((rounds + 1) * 10_000_000), "--seconds", str(self._chosen.sustain)]
            sustained = load_on(ours.process, ours.port, *words, *ours.write)
            began = time.monotonic()
            ours.wait_until_stored()
            sustained["stored_after_last_answer_seconds"] = round(time.monotonic() - began, 2)
        best_empty, best_ours = (max(each, key=best) for each in (empty_rounds, our_rounds))
        return {
            "connections": 64,
            "rounds": rounds,
            "empty_handler": best_empty,
            "durable": best_ours,
            "ratio": ratio(best(best_ours), best(best_empty)),
            "sustained": sustained,
            "sustained_ratio": ratio(best(sustained), best(best_empty)),
        }

    def accept(self) -> Json:
        """Batches until they are answered: simple events, and realistic ones of many addresses."""
        simple, realistic = self._folder / "simple.bodies", self._traffic(self._chosen.accept_events)
        write_requests(simple, batches(0, self._chosen.accept_events, BATCH, past=False))
        return {
            "simple": self._accepted(simple, "simple"),
            "realistic": {**self._about_traffic(), **self._accepted(realistic, "realistic")},
        }

    def _accepted(self, bodies: Path, name: str) -> Json:
        words = ["--job", "bodies", "--bodies", str(bodies), "--connections", "32", "--seconds", "600"]
        empty_rounds: list[Json] = []
        our_rounds: list[Json] = []
        for number in range(self._chosen.accept_rounds):
            with empty_server() as (empty, port):
                empty_rounds.append(load_on(empty, port, *words, "--repeat", EMPTY_REPEATS))
            with event_lens(self._folder / f"accept-{name}-{number}") as ours:
                our_rounds.append(load_on(ours.process, ours.port, *words, *ours.write))
        best_empty, best_ours = (max(each, key=best) for each in (empty_rounds, our_rounds))
        return {
            "events": best_ours["requests"] * BATCH,
            "bytes_per_body": bodies.stat().st_size // best_ours["requests"],
            "connections": 32,
            "rounds": self._chosen.accept_rounds,
            "empty_handler": {"events_per_second": round(best(best_empty) * BATCH), **best_empty},
            "durable": {"events_per_second": round(best(best_ours) * BATCH), **best_ours},
            "ratio": ratio(best(best_ours), best(best_empty)),
        }

    def sustained(self) -> Json:
        """Realistic traffic until it is in the answers."""
        bodies = self._traffic(self._chosen.events, timed=self._chosen.timestamps)
        figures = self._end_to_end(bodies, "sustained")
        self.sustained_rate = figures["events_per_second"]
        return {**self._about_traffic(), "events_state_times": self._chosen.timestamps, **figures}

    def visible(self) -> Json:
        """Realistic traffic at half the sustained rate, and probes."""
        rate, seconds = self.sustained_rate / 2, self._chosen.visible_seconds
        if not rate:
            raise SystemExit("visible needs the rate to halve: run sustained before, or state it with --rate")
        bodies = self._traffic(int(rate * seconds) + BATCH)
        words = ["--job", "bodies", "--bodies", str(bodies), "--connections", "32"]
        words += ["--rate", str(rate / BATCH), "--seconds", str(seconds)]
        with event_lens(self._folder / "visible") as ours:
            time.sleep(3)
            with Probes(ours) as probes:
                used = processor_seconds(ours.process.pid)
                figures = load(ours.port, *words, *ours.write)
                used = processor_seconds(ours.process.pid) - used
        began, lasted = figures.pop("began"), figures["seconds"]
        return {
            "events_per_second_wanted": round(rate),
            "events_per_second": round(best(figures) * BATCH),
            **probes.figures(began, began + lasted),
            "server_cores": round(used / lasted, 2),
            "load": figures,
        }

    def past(self) -> Json:
        """Events of years ago, and realistic traffic with some late events."""
        past = self._folder / "past.bodies"
        write_requests(past, batches(0, self._chosen.past_events, BATCH, past=True))
        late = self._traffic(self._chosen.past_events, late=LATE_SHARE)
        return {
            "years_ago": self._end_to_end(past, "past"),
            "some_late": {"late_share": LATE_SHARE, **self._end_to_end(late, "late")},
        }

    def _end_to_end(self, bodies: Path, name: str) -> Json:
        """Batches until queryable, memory meanwhile, the bare engine with the same rows, bytes on disk."""
        data = self._folder / name
        words = ["--job", "bodies", "--bodies", str(bodies), "--connections", CONNECTIONS, "--seconds", "900"]
        with event_lens(data) as ours:
            time.sleep(3)
            with Memory(ours.process.pid) as memory:
                idle = memory.now()
                posted = load(ours.port, *words, *ours.write)
                events = posted["requests"] * BATCH
                wait_until_visible(ours, events)
                seconds = time.monotonic() - posted["began"]
            queue = sum(file.stat().st_size for file in data.glob("queue.db*"))
        stored = asked("sizes", str(data))
        engine = asked("engine", str(data), str(self._folder / f"{name}-engine"))
        rate = events / seconds
        return {
            "events": events,
            "events_per_second": round(rate),
            "posted_in_seconds": posted["seconds"],
            "visible_after_last_answer_seconds": round(seconds - posted["seconds"], 2),
            "p50_ms": posted["p50_ms"],
            "p99_ms": posted["p99_ms"],
            "generator_cores": posted["generator_cores"],
            "bare_engine_rows_per_second": engine["rows_per_second"],
            "ratio_to_bare_engine": round(rate / engine["rows_per_second"], 3),
            "memory_mb": {"idle": idle, "highest_while_ingesting": memory.highest},
            "bytes_per_event": {
                "sent": round(bodies.stat().st_size / events, 1),
                "queue_file": round(queue / events, 1),
                **{when: per_event(tables, events) for when, tables in stored.items()},
            },
            "rows_and_parts": {
                when: {table: [row["rows"], row["parts"]] for table, row in tables.items()}
                for when, tables in stored.items()
            },
        }

    def _traffic(self, events: int, *, late: float = 0.0, timed: bool = False) -> Path:
        """A file of bodies of realistic traffic. A second call with the same words gives the same file."""
        target = self._folder / f"traffic-{events}-{late}-{timed}.bodies"
        if not target.exists():
            wanted = Wanted(events, late=late, timed=timed)
            write_requests(target, Traffic(self._profile, self._addresses, wanted).requests())
        return target

    @cached_property
    def _profile(self) -> Any:
        return read_profile(self._chosen.profile)

    @cached_property
    def _addresses(self) -> Addresses:
        return Addresses(self._profile.countries.values)

    def _about_traffic(self) -> Json:
        return {"profile": self._profile.source, "addresses": self._addresses.source}


def wait_until_visible(server: Server, events: int) -> None:
    """Wait until nothing is queued and the answers hold all events."""
    deadline = time.monotonic() + 900
    server.wait_until_stored()
    while (total := server.total_events()) < events:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {total} of {events} events became visible")
        time.sleep(0.05)


def per_event(tables: Json, events: int) -> Json:
    """Bytes on disk an event, by table and together."""
    each = {table: round(row["bytes"] / events, 1) for table, row in tables.items()}
    return {**each, "together": round(sum(row["bytes"] for row in tables.values()) / events, 1)}


def best(figures: Json) -> float:
    """What makes a round the better one."""
    return float(figures["per_second"])


def ratio(ours: float, possible: float) -> float:
    """Which share of what is possible ours is."""
    return round(ours / possible, 3)


PARTS: dict[str, Callable[[Benchmark], Json]] = {
    "single": Benchmark.single,
    "accept": Benchmark.accept,
    "sustained": Benchmark.sustained,
    "visible": Benchmark.visible,
    "past": Benchmark.past,
}


def kept(path: Path) -> Json:
    """The figures of parts that ran earlier, on this machine."""
    if not path.exists():
        return {}
    results: Json = json.loads(path.read_text())
    same = results.get("machine") == machine()
    return {name: results[name] for name in PARTS if same and name in results}


def write_results(path: Path, parts: Json) -> None:
    """Write what is known so far."""
    generator = "benchmarks/load.py: raw sockets on uvloop, keep-alive, a process of its own"
    ordered = {name: parts[name] for name in PARTS if name in parts}
    path.parent.mkdir(parents=True, exist_ok=True)
    results = {"machine": machine(), "generator": generator, **ordered}
    path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "--only", nargs="+", choices=tuple(PARTS), default=list(PARTS), metavar="PART", help="run these parts"
    )
    add("--seconds", type=float, default=10, help="of each round of single posts")
    add("--rounds", type=int, default=3, help="of single posts")
    add("--sustain", type=float, default=40, help="seconds of single posts with the workers' turn in it")
    add("--accept-events", type=int, default=500_000, help="of a run of batches that are accepted")
    add("--accept-rounds", type=int, default=2)
    add("--events", type=int, default=400_000, help="of sustained traffic")
    add("--timestamps", action="store_true", help="sustained events state times of the last 24 hours")
    add("--rate", type=float, help="the sustained rate that `visible` halves (else: as measured)")
    add("--visible-seconds", type=float, default=30)
    add("--past-events", type=int, default=200_000)
    default = HERE.parent.parent / "shared" / "data" / "traffic_profile.json.gz"
    add(
        "--profile", type=Path, default=default, help="traffic_profile.json.gz; missing: a small built-in one"
    )
    add("--folder", type=Path, help="on the disk to measure (else the one for temporary files)")
    add("--results", type=Path, default=HERE / "results" / "ingest.json")
    return parser.parse_args()


def main() -> None:
    """Run the parts, writing after each."""
    chosen = arguments()
    parts = kept(chosen.results)
    print(machine())
    with tempfile.TemporaryDirectory(prefix="event-lens-", dir=chosen.folder) as folder:
        benchmark = Benchmark(chosen, Path(folder))
        benchmark.sustained_rate = chosen.rate or parts.get("sustained", {}).get("events_per_second", 0)
        for name, part in PARTS.items():
            if name in chosen.only:
                before = quietness(Path(folder))
                measured = datetime.now(UTC).isoformat(timespec="minutes")
                parts[name] = {"measured": measured, **before, **part(benchmark)}
                print(json.dumps({name: parts[name]}, indent=2, ensure_ascii=False), flush=True)
                write_results(chosen.results, parts)


if __name__ == "__main__":
    main()
