#!/usr/bin/env python3
"""How fast questions are answered, beside the plain query on the raw table.

    .venv/bin/python benchmarks/questions.py [--events 1000000 10000000 100000000] [--only simple deep …]

For each size a project is made (questions_data.py) in `--folder`; with `--keep` it stays for the next run.
In turn, so that what else the machine does hits both alike:

* the plain SQL of each question (questions_asked.py) on the raw table, by the bare engine in its own process;
* the same questions asked of a real server over HTTP, each several times, with no answer remembered.

The overview is all that the dashboard asks when it is opened, six requests at a time over connections that
are kept, as a browser does: cold is the first after a start whose files were dropped from the machine's
memory, warm the median of later ones. `every_tab` asks for the lists behind other tabs too. Memory is the
server's resident peak (it starts anew for each question), so it holds the process as well as the question.

Writes benchmarks/results/questions.json: by size the data set, bytes of roll-ups beside events, and of every
question milliseconds (median, best), `ratio` to the plain query (medians; below 1 is faster), the goal, and
what the answer says of itself. Sizes and kinds that are not run keep their figures there. The ratios travel,
the milliseconds are the machine's.
"""

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlencode

from benchmarks.questions_asked import EVERY_TAB, KINDS, OVERVIEW, Asked
from benchmarks.serving import (
    COMMAND,
    HERE,
    Process,
    free_port,
    machine,
    processor_seconds,
    quietness,
    running,
)

Json = dict[str, Any]

SIZES = (1_000_000, 10_000_000, 100_000_000)
OPENPANEL_OVERVIEW_MS = {1_000_000: 1_200, 10_000_000: 8_300}
"""Measured beside Event Lens on a machine of two cores with the same number of page views."""
AT_A_TIME = 6
NOTHING_REMEMBERED = {"EVENTLENS_ANSWER_CACHE": "0"}
OPENED = {"overview": OVERVIEW, "every_tab": EVERY_TAB}


class DataSet:
    """A data directory with one large project."""

    def __init__(self, folder: Path, events: int, end: date) -> None:
        self.data = folder / str(events)
        self.events = events
        self._end = end

    def make(self) -> None:
        """Build it unless it is there."""
        if not (self.data / "built.json").exists():
            if not (self.data / "project.json").exists():
                words = ["project", "create", "Benchmark", "--json", "--data", str(self.data)]
                self.data.mkdir(parents=True, exist_ok=True)
                (self.data / "project.json").write_text(command(*words), encoding="utf-8")
            words = [str(self.data), "--project", self.project, "--events", str(self.events)]
            built: Json = json.loads(
                program("benchmarks.questions_data", *words, "--end", self._end.isoformat())
            )
            began = time.monotonic()
            command("rollups", "rebuild", "--json", "--data", str(self.data))
            built["rollups_seconds"] = round(time.monotonic() - began, 1)
            (self.data / "built.json").write_text(json.dumps(built), encoding="utf-8")

    @property
    def built(self) -> Json:
        """What the builder said."""
        found: Json = json.loads((self.data / "built.json").read_text())
        return found

    @property
    def project(self) -> str:
        """The project's id."""
        return str(self._made["project_id"])

    @property
    def headers(self) -> dict[str, str]:
        """Credentials of somebody who may ask."""
        client = next(each for each in self._made["clients"] if each["type"] == "read")
        return {"event-lens-client-id": client["id"], "event-lens-client-secret": client["secret"]}

    @property
    def _made(self) -> Json:
        made: Json = json.loads((self.data / "project.json").read_text())
        return made

    @property
    def month(self) -> tuple[date, date]:
        """First and last day of the last whole month in the data."""
        last = date.fromisoformat(self.built["to"]).replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    def instants(self) -> tuple[int, int]:
        """The month in milliseconds, its end exclusive."""
        first, last = self.month
        return milliseconds(first), milliseconds(last + timedelta(days=1))

    def forget_files(self) -> None:
        """Drop the store's files from the machine's memory."""
        for path in (self.data / "store").rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def milliseconds(day: date) -> int:
    """Midnight UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def command(*words: str) -> str:
    """What an `eventlens` command prints."""
    environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "warning"}
    return subprocess.run(
        [str(COMMAND), *words], stdout=subprocess.PIPE, text=True, check=True, env=environment
    ).stdout


def program(*words: str) -> str:
    """The last line that a module of benchmarks prints; the others are shown."""
    last = ""
    with subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if last:
                print(last, end="", flush=True)
            last = line
    if process.returncode:
        sys.exit(f"{words[0]} failed")
    return last


class Asker:
    """Asks a running server about the month; one connection a thread is enough."""

    def __init__(self, port: int, data: DataSet) -> None:
        self._port = port
        self._data = data
        first, last = data.month
        self._month = {"startDate": first.isoformat(), "endDate": last.isoformat()}

    def ask(self, asked: Asked, connection: http.client.HTTPConnection | None = None) -> Json:
        """`status`, `seconds`, `bytes`, and the answer as JSON where it is a good one."""
        if connection is None:
            with closing(self.connection()) as own:
                return self.ask(asked, own)
        path = f"/insights/{self._data.project}/{asked.route}"
        headers, body = dict(self._data.headers), None
        if asked.body is not None:
            body = json.dumps({**asked.body, **self._month})
            headers["content-type"] = "application/json"
        else:
            span = {} if asked.route == "live" else self._month
            path += "?" + urlencode({**asked.parameters, **span})
        began = time.perf_counter()
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        seconds = time.perf_counter() - began
        told: Json = json.loads(text) if text.startswith(b"{") else {}
        return {"status": answer.status, "seconds": seconds, "bytes": len(text), "answer": told}

    def explained(self, asked: Asked) -> Any:
        """From what the answer is made, where the route says: sources and how many of each."""
        if asked.body is not None:
            return None
        again = replace(asked, parameters={**asked.parameters, "explain": "true"})
        meta: Json = self.ask(again)["answer"].get("meta", {})
        return [[each["source"], each["buckets"]] for each in meta.get("explain", {}).get("served_by", [])]

    def connection(self) -> http.client.HTTPConnection:
        """A connection, to be closed by the caller."""
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=180)

    def opened(self, tiles: Sequence[Asked]) -> tuple[float, list[Json]]:
        """All tiles, six at a time: seconds from the first request to the last answer."""
        idle: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()
        for _ in range(AT_A_TIME):
            idle.put(self.connection())

        def ask(asked: Asked) -> Json:
            connection = idle.get()
            try:
                return self.ask(asked, connection)
            finally:
                idle.put(connection)

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            began = time.perf_counter()
            answers = list(pool.map(ask, tiles))
            seconds = time.perf_counter() - began
        while not idle.empty():
            idle.get().close()
        return seconds, answers


@contextmanager
def serving(data: DataSet) -> Generator[tuple[Process, Asker]]:
    """A server on the data set, remembering no answers."""
    port = free_port()
    words = [str(COMMAND), "serve", "--data", str(data.data), "--port", str(port)]
    with running(words, port, "/healthz/ready", NOTHING_REMEMBERED) as process:
        yield process, Asker(port, data)


class Peak:
    """The resident peak of a process since the last question about it."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")

    def begin(self) -> None:
        """Forget the peak so far."""
        (self._folder / "clear_refs").write_text("5")

    def megabytes(self) -> int:
        """The highest resident memory since `begin`."""
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


class Run:
    """One size, measured."""

    def __init__(self, data: DataSet, kinds: Sequence[str], rounds: int, repeats: int) -> None:
        self._data = data
        self._asked = [each for kind in kinds if kind in KINDS for each in KINDS[kind]]
        self._kinds = [kind for kind in kinds if kind in KINDS]
        self._overview = "overview" in kinds
        self._rounds, self._repeats = rounds, repeats
        self._plain: dict[str, Json] = {}
        self._served: dict[str, list[Json]] = {}
        self._served_by: dict[str, Any] = {}
        self._cold: dict[str, list[float]] = {name: [] for name in OPENED}
        self._warm: dict[str, list[float]] = {name: [] for name in OPENED}
        self._tiles: dict[str, list[Json]] = {}
        self._peak = 0
        self._tables: Json = {}

    def measure(self) -> Json:
        """In turn the bare engine and the server."""
        for _ in range(self._rounds):
            self._bare()
            self._serve()
        return {
            **{name: self._opened_figures(name) for name in OPENED if self._overview},
            "questions": {each.name: self._figures(each) for each in self._asked},
            "server_peak_mb": self._peak,
            "on_disk": sizes_on_disk(self._tables),
        }

    def _bare(self) -> None:
        start, end = self._data.instants()
        words = ["--project", self._data.project, "--start", str(start), "--end", str(end)]
        words += ["--kinds", *self._kinds]
        found: Json = json.loads(program("benchmarks.questions_bare", str(self._data.data), *words))
        self._tables = found["tables"]
        for name, kinds in found["questions"].items():
            for kind, figures in kinds.items():
                known = self._plain.setdefault(f"{kind} {name}", figures)
                if known is not figures and "seconds" in known and "seconds" in figures:
                    known["seconds"] += figures["seconds"]

    def _serve(self) -> None:
        for name, tiles in OPENED.items() if self._overview else ():
            self._open(name, tiles)
        self._data.forget_files()
        with serving(self._data) as (process, asker):
            peak = Peak(process.pid)
            for asked in self._asked:
                peak.begin()
                used = processor_seconds(process.pid)
                answers = [asker.ask(asked) for _ in range(self._repeats)]
                used = (processor_seconds(process.pid) - used) / self._repeats
                most = peak.megabytes()
                self._peak = max(self._peak, most)
                self._served.setdefault(asked.name, []).extend(
                    {**answer, "peak_mb": most, "processor_seconds": used} for answer in answers
                )
                self._served_by.setdefault(asked.name, asker.explained(asked))

    def _open(self, name: str, tiles: Sequence[Asked]) -> None:
        self._data.forget_files()
        with serving(self._data) as (process, asker):
            peak = Peak(process.pid)
            peak.begin()
            self._cold[name].append(asker.opened(tiles)[0])
            for _ in range(2 * self._repeats):
                seconds, self._tiles[name] = asker.opened(tiles)
                self._warm[name].append(seconds)
            self._peak = max(self._peak, peak.megabytes())

    def _opened_figures(self, name: str) -> Json:
        told = list(zip(OPENED[name], self._tiles[name], strict=True))
        figures: Json = {
            "requests": len(told),
            "at_a_time": AT_A_TIME,
            "cold_ms": [round(1000 * each) for each in self._cold[name]],
            "warm_ms": round(1000 * statistics.median(self._warm[name])),
            "warm_best_ms": round(1000 * min(self._warm[name])),
            "failed": [each.name for each, got in told if got["status"] != 200],
            "tiles_ms": {each.name: round(1000 * got["seconds"], 1) for each, got in told},
        }
        theirs = OPENPANEL_OVERVIEW_MS.get(self._data.events)
        if theirs and name == "overview":
            figures["openpanel_ms"] = theirs
            figures["times_faster"] = round(theirs / figures["warm_ms"], 1)
        return figures

    def _figures(self, asked: Asked) -> Json:
        answers = self._served[asked.name]
        bad = next((each for each in answers if each["status"] != 200), None)
        figures: Json = {"goal": asked.goal}
        for kind in ("plain", "lower"):
            plain = self._plain.get(f"{kind} {asked.name}", {})
            if "seconds" in plain:
                figures[f"{kind}_ms"] = round(1000 * statistics.median(plain["seconds"]), 1)
            elif plain:
                figures[f"{kind}_failed"] = plain["failed"]
        if bad is not None:
            return {**figures, "status": bad["status"], "error": str(bad["answer"].get("error"))[:300]}
        seconds = [each["seconds"] for each in answers]
        figures |= {
            "ms": round(1000 * statistics.median(seconds), 1),
            "best_ms": round(1000 * min(seconds), 1),
            "first_ms": round(1000 * seconds[0], 1),
            "peak_mb": max(each["peak_mb"] for each in answers),
            "bytes": answers[-1]["bytes"],
            "exact": answers[-1]["answer"].get("meta", {}).get("exact"),
        }
        used = statistics.median(each["processor_seconds"] for each in answers)
        figures["processor_ms"] = round(1000 * used, 1)
        if "plain_ms" in figures:
            plain = self._plain[f"plain {asked.name}"]["processor_seconds"]
            figures["ratio"] = round(figures["ms"] / figures["plain_ms"], 4)
            figures["plain_processor_ms"] = round(1000 * plain, 1)
            figures["ratio_of_processor_time"] = round(used / plain, 4)
        if "lower_ms" in figures:
            figures["ratio_to_lower"] = round(figures["ms"] / figures["lower_ms"], 4)
        served_by = self._served_by.get(asked.name)
        return {**figures, "served_by": served_by} if served_by else figures


def sizes_on_disk(tables: dict[str, Json]) -> Json:
    """Bytes of each table an event, and of all roll-ups together to those of the events."""
    events = tables["events"]
    rolled = sum(row["bytes"] for name, row in tables.items() if name.startswith("rollup"))
    return {
        "events": events["rows"],
        "bytes_per_event": {name: round(row["bytes"] / events["rows"], 2) for name, row in tables.items()},
        "rollups_to_events": round(rolled / events["bytes"], 3),
    }


def growth(results: Json) -> list[str]:
    """A table of milliseconds by size (ratio to the plain query: of time, of processor time), as Markdown."""
    sizes = [size for size in map(str, SIZES) if size in results]
    lines = [
        f"| question | {' | '.join(f'{int(size) // 1_000_000} million' for size in sizes)} |",
        f"|---|{'---:|' * len(sizes)}",
    ]

    def row(name: str, figure: Callable[[Json], str]) -> None:
        lines.append(f"| {name} | {' | '.join(figure(results[size]) for size in sizes)} |")

    for name in OPENED:
        shown = name.replace("_", " ")
        row(f"{shown}, warm", lambda size, name=name: f"{size.get(name, {}).get('warm_ms', '–')} ms")
        row(f"{shown}, cold", lambda size, name=name: f"{max(size.get(name, {}).get('cold_ms', [0]))} ms")
    for kind in KINDS.values():
        for asked in kind:
            row(asked.name, lambda size, name=asked.name: _cell(size["questions"].get(name, {})))
    return lines


def _cell(figures: Json) -> str:
    if "ms" not in figures:
        return str(figures.get("status", "–"))
    ratio = ""
    if "ratio" in figures:
        ratio = f" ({figures['ratio']:.3f}, {figures['ratio_of_processor_time']:.3f})"
    return f"{figures['ms']:.0f} ms{ratio}"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--events", type=int, nargs="+", default=list(SIZES), help="sizes of the data sets")
    add("--only", nargs="+", choices=(*KINDS, "overview"), default=[*KINDS, "overview"], metavar="KIND")
    add("--rounds", type=int, default=2, help="of bare engine and server in turn")
    add("--repeats", type=int, default=5, help="of each question in a round")
    add("--end", type=date.fromisoformat, default=datetime.now(UTC).date().replace(day=1), help="of new data")
    add("--folder", type=Path, default=Path("/tmp/event-lens-questions"), help="for the data sets")  # noqa: S108  # large files, reused
    add("--keep", action="store_true", help="leave the data sets there for the next run")
    add("--results", type=Path, default=HERE / "results" / "questions.json")
    return parser.parse_args()


def main() -> None:
    """Each size in turn, writing after each."""
    given = arguments()
    results: Json = json.loads(given.results.read_text()) if given.results.exists() else {}
    if results.get("machine") != machine():
        results = {"machine": machine()}
    for events in given.events:
        data = DataSet(given.folder, events, given.end)
        data.make()
        before = quietness(data.data)
        measured = datetime.now(UTC).isoformat(timespec="minutes")
        figures = Run(data, given.only, given.rounds, given.repeats).measure()
        known = results.get(str(events), {})
        figures["questions"] = {**known.get("questions", {}), **figures["questions"]}
        results[str(events)] = {
            **known,
            "measured": measured,
            **before,
            "built": data.built,
            **figures,
        }
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if not given.keep:
            shutil.rmtree(data.data)
    print("\n".join(growth(results)))


if __name__ == "__main__":
    main()
