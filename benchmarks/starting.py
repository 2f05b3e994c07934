"""How long a start reads the store for what it keeps in memory: `python -m benchmarks.starting [EVENTS]`.

Fills an embedded store with so many events (5,000,000 unless said otherwise) of the last two days, four to a
session: all that a start looks at. Takes a minute or two, most of it for filling.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

from eventlens.clock import now_ms
from eventlens.ingest.presence import Presence
from eventlens.ingest.seen import SeenIds
from eventlens.ingest.sessions import Sessions
from eventlens.sessions import SESSION_GAP_MS
from eventlens.settings import Settings
from eventlens.store.base import Store
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate
from eventlens.store.sessions import live_since

SPAN_MS = 2 * 86_400_000
_SESSIONS: LiteralString = """
    INSERT INTO sessions (project_id, session_key, session_start, session_end, version, events, screen_views)
    SELECT 'p', cityHash64(number),
        fromUnixTimestamp64Milli({now:Int64} - toInt64(number * {step:Float64}), 'UTC') AS start,
        start + INTERVAL 5 MINUTE, 1, 4, 3
    FROM numbers({count:UInt64})
"""
_EVENTS: LiteralString = """
    INSERT INTO events (project_id, timestamp, arrival, version, id, name, session_key, session_start)
    SELECT 'p', fromUnixTimestamp64Milli({now:Int64} - toInt64(number * {step:Float64}), 'UTC') AS at,
        bitShiftLeft(toUInt64(toUnixTimestamp64Milli(at)), 20) + number % 1000000, 1, toString(number),
        'screen_view', cityHash64(intDiv(number, 4)), at
    FROM numbers({count:UInt64})
"""


def fill(store: Store, events: int) -> None:
    """Sessions and events, evenly over the span."""
    now = now_ms()
    tables: tuple[tuple[LiteralString, int], ...] = ((_SESSIONS, events // 4), (_EVENTS, events))
    for sql, count in tables:
        store.command(sql, {"now": now, "step": SPAN_MS / count, "count": count})


def main(events: int) -> None:
    """Print seconds for each thing that a start reads."""
    with tempfile.TemporaryDirectory() as data:
        store = open_store(Settings.load({"EVENTLENS_DATA": data}, Path(data)))
        migrate(store)
        fill(store, events)
        steps: dict[str, Callable[[], object]] = {
            "ids of the last 25 hours": SeenIds(store, now_ms).load,
            "keys of the last two days": Sessions(store, now_ms).load,
            "sessions of the last half hour": lambda: Presence().load(
                live_since(store, now_ms() - SESSION_GAP_MS)
            ),
        }
        for name, step in steps.items():
            begun = time.perf_counter()
            step()
            print(f"{name:<32} {time.perf_counter() - begun:6.2f} s")
        store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000)
