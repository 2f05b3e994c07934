"""What a stopped server's store holds, asked in a process of its own.

    python -m benchmarks.stored sizes DATA
    python -m benchmarks.stored engine DATA EMPTY

`sizes`: bytes on disk of the active parts of events and sessions, as they lie there and after every merge
(OPTIMIZE TABLE … FINAL). `engine`: how fast the bare engine takes the same rows, prepared as the server
prepares them, in blocks of 10,000 into an empty store. Each prints one JSON object.
"""

import json
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from eventlens.settings import Settings
from eventlens.store.base import Store
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate
from eventlens.store.tables import EVENT_COLUMNS

BLOCK = 10_000
MOST_ROWS = 200_000
"""Of a larger store the engine gets only these: they are all held as Python objects meanwhile."""

Json = dict[str, Any]


def asked(*words: str) -> Json:
    """What this module prints, run in a process of its own: the engine opens one store a process."""
    command = [sys.executable, "-m", "benchmarks.stored", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: Json = json.loads(done.stdout)
    return figures


def opened(data: Path) -> Store:
    """The embedded store of a data directory."""
    return open_store(Settings.load({"EVENTLENS_DATA": str(data)}))


def sizes(data: Path) -> Json:
    """Bytes and parts of both tables, before and after all merges."""
    store = opened(data)
    before = _parts(store)
    store.command("OPTIMIZE TABLE events FINAL")
    store.command("OPTIMIZE TABLE sessions FINAL")
    after = _parts(store)
    store.close()
    return {"right_after": before, "merged": after}


def _parts(store: Store) -> Json:
    found = store.query(
        "SELECT table, sum(bytes_on_disk) AS bytes, sum(rows) AS rows, count() AS parts FROM system.parts "
        "WHERE active AND database = currentDatabase() AND table IN ('events', 'sessions') "
        "GROUP BY table ORDER BY table"
    )
    return {str(row.pop("table")): row for row in found.dicts()}


def engine(source: Path, target: Path) -> Json:
    """Read the rows that a server stored and insert them into an empty store."""
    full = opened(source)
    rows = full.query("SELECT * FROM events FINAL LIMIT {most:UInt64}", {"most": MOST_ROWS}).rows
    full.close()
    empty = opened(target)
    migrate(empty)
    columns: list[list[Any]] = [_prepared(list(values)) for values in zip(*rows, strict=True)]
    blocks = [
        {name: values[start : start + BLOCK] for name, values in zip(EVENT_COLUMNS, columns, strict=True)}
        for start in range(0, len(rows), BLOCK)
    ]
    began = time.perf_counter()
    for number, block in enumerate(blocks):
        empty.insert("events", block, f"block-{number}")
    seconds = time.perf_counter() - began
    empty.close()
    return {"rows": len(rows), "rows_per_second": round(len(rows) / seconds)}


def _prepared(values: list[Any]) -> list[Any]:
    """Times as milliseconds, as the server hands them to the engine."""
    if isinstance(values[0], datetime):
        return [int(value.timestamp() * 1000) for value in values]
    return values


def main() -> None:
    """The command line."""
    kind, *folders = sys.argv[1:]
    done = sizes(*map(Path, folders)) if kind == "sizes" else engine(*map(Path, folders))
    print(json.dumps(done))


if __name__ == "__main__":
    main()
