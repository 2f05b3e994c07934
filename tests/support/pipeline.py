"""The worker's half of collection, step by step: commands become claims, claims become rows."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventlens.events import Command, Context, Envelope, Track, pack
from eventlens.ingest.apply import Applier
from eventlens.ingest.process import Batch
from eventlens.queues.base import ARRIVAL_BITS, Claim, Record
from eventlens.store.base import Store
from eventlens.store.tables import COLUMN_TYPES

NOW = 1_790_000_000_000  # 2026-09-21T14:13:20Z
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

_projects = itertools.count(1)


class HeldClock:
    """A clock that stands still until it is moved. Milliseconds."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Pipeline:
    """One project's way into a store, with a queue that is only counted."""

    def __init__(self, store: Store, clock: HeldClock | None = None) -> None:
        self.store = store
        self.clock = clock or HeldClock()
        self.project = f"pipeline-{next(_projects)}"
        self._arrival = 0
        self.restart()

    def restart(self) -> None:
        """Forget everything that is only in memory."""
        self.applier = Applier(self.store, self.clock)
        self.applier.load()

    def record(self, *commands: Command, **context: Any) -> Record:
        """What the queue would hold of one request that arrives now."""
        arrival = max(self._arrival, self.clock() << ARRIVAL_BITS)
        self._arrival = arrival + max(1, len(commands))
        body = pack([Envelope(Context(self.project, **context), list(commands))])
        return Record(arrival, body, len(commands))

    def claim(self, *records: Record, retried: bool = False) -> Claim:
        token = f"{self.project}-{records[0].arrival:x}-{records[-1].arrival:x}"
        return Claim(token, records, len(records), retried, version=records[-1].arrival)

    def send(self, *commands: Command, **context: Any) -> Batch:
        """Apply commands that arrived in one request each, as one claim."""
        return self.applier.apply(self.claim(*(self.record(command, **context) for command in commands)))

    def again(self, claim: Claim) -> Claim:
        return replace(claim, retried=True)

    def rows(self, table: str, *without: str) -> list[dict[str, Any]]:
        """This project's rows as questions see them, in the order of the table's key."""
        final = "" if table in {"identity_links", "identity_aliases", "excluded"} else "FINAL"
        columns = [name for name in COLUMN_TYPES[table] if name not in {"project_id", "version", *without}]
        selected = ", ".join(_milliseconds(table, name) for name in columns)
        sql: Any = (
            f"SELECT {selected} FROM {table} {final} WHERE project_id = {{project:String}} ORDER BY ALL"
        )
        rows = self.store.query(sql, {"project": self.project}).rows
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def excluded(self) -> dict[tuple[str, str], int]:
        """(reason, name) → count."""
        sql = """
            SELECT reason, name, sum(count) FROM excluded
            WHERE project_id = {project:String} GROUP BY reason, name ORDER BY reason, name
        """
        rows = self.store.query(sql, {"project": self.project}).rows
        return {(reason, name): count for reason, name, count in rows}

    def people(self) -> dict[int, int]:
        """Node → person."""
        return {row["node"]: row["person"] for row in self.rows("identities")}

    def everything(self) -> dict[str, object]:
        """All that is stored, for comparing two projects."""
        return {
            "events": self.rows("events"),
            "sessions": self.rows("sessions", "deleted"),
            "changes": self.rows("profile_changes"),
            "people": self.people(),
            "excluded": self.excluded(),
        }


def _milliseconds(table: str, name: str) -> str:
    kind = COLUMN_TYPES[table][name]
    return f"toUnixTimestamp64Milli({name})" if "DateTime64" in kind else name


def view(at: int, device: str = "d1", **fields: Any) -> Track:
    """A screen view that says when it was; `at` in ms."""
    return Track(
        name=fields.pop("name", "screen_view"), timestamp=at, own_time=True, device_id=device, **fields
    )


def spans(rows: Sequence[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """(start, end, events) of session rows."""
    return [(row["session_start"], row["session_end"], row["events"]) for row in rows]
