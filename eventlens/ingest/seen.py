"""Event ids seen before: the first one wins, a repeat is counted and dropped.

The truth is what the store holds. A filter in memory, rebuilt at start, spares the look-up for ids
that surely were not seen in the last day. An event that carries its own, older time is looked up by
that time, so that its id is recognised for good.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from eventlens.clock import Clock
from eventlens.ingest.filters import SeenFilter
from eventlens.ingest.process import Batch
from eventlens.ingest.rows import Change, Event
from eventlens.queues.base import ARRIVAL_BITS, arrival_ms
from eventlens.store import events as event_rows
from eventlens.store.base import Store

_WINDOW_MS = 25 * 3_600_000
"""A day, as promised, and an hour for clocks and restarts."""

_MOST_LOADED = 20_000_000


class SeenIds:
    """Knows which ids were stored before. One worker thread uses it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._filter = SeenFilter()
        self._complete = False

    def load(self) -> None:
        """Fill the filter with the ids that arrived within the window."""
        since = self._clock() - _WINDOW_MS
        if event_rows.count_ids(self._store, since << ARRIVAL_BITS) > _MOST_LOADED:
            return  # then every id is looked up: slower, never wrong
        for hour in range(since, self._clock() + 3_600_000, 3_600_000):
            for project_id, id_, arrival in event_rows.ids_between(
                self._store, hour << ARRIVAL_BITS, (hour + 3_600_000) << ARRIVAL_BITS
            ):
                self._filter.add(hash((project_id, id_)), arrival_ms(arrival))
        self._complete = True

    def drop_repeated(self, batch: Batch) -> None:
        """Take repeated ids out of a batch and count them."""
        self._filter.forget(self._clock() - _WINDOW_MS)
        repeated = self._repeated(batch, batch.events) | self._repeated(batch, batch.changes)
        if not repeated:
            return
        for event in batch.events:
            if event.arrival in repeated:
                batch.exclude(event.project_id, event.timestamp, "duplicate")
                batch.outcome(event.arrival, "duplicate")
        batch.events = [event for event in batch.events if event.arrival not in repeated]
        batch.changes = [change for change in batch.changes if change.arrival not in repeated]

    def _repeated(self, batch: Batch, rows: Sequence[Event] | Sequence[Change]) -> set[int]:
        first: dict[tuple[str, str], int] = {}
        repeated: set[int] = set()
        recent: dict[str, set[str]] = {}
        older: dict[str, dict[str, int]] = {}
        horizon = self._clock() - _WINDOW_MS + 3_600_000
        for row in rows:
            if not row.id:
                continue
            identity = (row.project_id, row.id)
            earliest = first.setdefault(identity, row.arrival)
            if earliest != row.arrival:
                repeated.add(row.arrival)
                continue
            entry = hash(identity)
            if not self._complete or entry in self._filter:
                recent.setdefault(row.project_id, set()).add(row.id)
            if row.timestamp < horizon and (row.arrival in batch.own_times or isinstance(row, Change)):
                older.setdefault(row.project_id, {})[row.id] = row.timestamp
            self._filter.add(entry, arrival_ms(row.arrival))
        table = event_rows.CHANGES if rows and isinstance(rows[0], Change) else event_rows.EVENTS
        for identity, stored in self._stored(table, recent, older):
            if first[identity] != stored:  # the same arrival is this very event, stored before a crash
                repeated.update(row.arrival for row in rows if (row.project_id, row.id) == identity)
        return repeated

    def _stored(
        self,
        table: event_rows.IdTable,
        recent: dict[str, set[str]],
        older: dict[str, dict[str, int]],
    ) -> list[tuple[tuple[str, str], int]]:
        found: list[tuple[tuple[str, str], int]] = []
        since = (self._clock() - _WINDOW_MS) << ARRIVAL_BITS
        for project_id, ids in recent.items():
            rows = event_rows.arrivals_since(self._store, table, project_id, sorted(ids), since)
            found += [((project_id, id_), arrival) for id_, arrival in rows]
        for project_id, times in older.items():
            days = sorted({datetime.fromtimestamp(when / 1000, UTC).date() for when in times.values()})
            rows = event_rows.arrivals_on(self._store, table, project_id, sorted(times), days)
            found += [((project_id, id_), arrival) for id_, arrival in rows]
        return found
