"""The plain queries of `questions_asked`, run by the bare engine in a process of its own.

    python -m benchmarks.questions_bare DATA --project ID --start MS --end MS [--rounds 3] [--kinds deep …]

The engine has the caps of callers' questions. Prints one JSON object: by question the seconds of each round,
the first of them colder than the others, and how many rows came; and what each table takes on disk.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.questions_asked import KINDS
from eventlens.errors import QueryLimit
from eventlens.settings import Settings
from eventlens.store.connect import open_questions

Json = dict[str, Any]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--project", required=True)
    parser.add_argument("--start", type=int, required=True)
    parser.add_argument("--end", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    given = parser.parse_args()
    store: Any = open_questions(Settings.load({"EVENTLENS_DATA": str(given.data)}))
    found: dict[str, Json] = {}
    for asked in (asked for kind in given.kinds for asked in KINDS[kind]):
        for kind, text in (("plain", asked.plain), ("lower", asked.lower)):
            if text:
                sql = (
                    text.replace("{project}", given.project)
                    .replace("{start}", str(given.start))
                    .replace("{end}", str(given.end))
                )
                found.setdefault(asked.name, {})[kind] = _timed(store, sql, given.rounds)
    tables = store.query(
        "SELECT table, sum(p.rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts "
        "FROM system.parts AS p WHERE active AND database = currentDatabase() AND p.rows > 0 "
        "GROUP BY table ORDER BY table"
    ).dicts()
    store.close()
    print(json.dumps({"questions": found, "tables": {row.pop("table"): row for row in tables}}))


def _timed(store: Any, sql: str, rounds: int) -> Json:
    seconds: list[float] = []
    rows: list[tuple[Any, ...]] = []
    used = time.process_time()
    for _ in range(rounds):
        began = time.perf_counter()
        try:
            rows = store.query(sql).rows
        except QueryLimit as error:
            return {"failed": error.message}
        seconds.append(round(time.perf_counter() - began, 4))
    numbers = rows[0] if len(rows) == 1 else None
    used = round((time.process_time() - used) / rounds, 4)
    return {"seconds": seconds, "processor_seconds": used, "rows": len(rows), "numbers": numbers}


if __name__ == "__main__":
    main()
