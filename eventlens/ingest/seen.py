"""Event ids seen before: the first one wins, a repeat is counted and dropped.

The truth is what the store holds. A filter in memory, rebuilt at start, spares the look-up for ids
that surely were not seen in the last day. An event that carries its own, older time is looked up by
that time, so that its id is recognised for good.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from eventlens.clock import Clock
from eventlens.ingest.filters import SeenFilter, hashes_of
from eventlens.ingest.process import Batch
from eventlens.ingest.rows import Change, Event
from eventlens.queues.base import ARRIVAL_BITS
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
            ids = event_rows.ids_between(
                self._store, hour << ARRIVAL_BITS, (hour + 3_600_000) << ARRIVAL_BITS
            )
            self._filter.add(hashes_of((project_id, id_) for project_id, id_ in ids), hour)
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
        """Arrivals of the rows whose id was seen before, in the store or earlier in this batch."""
        first: dict[tuple[str, str], Event | Change] = {}
        repeated: set[int] = set()
        for row in rows:
            if not row.id:
                continue
            earliest = first.setdefault((row.project_id, row.id), row)
            if earliest.arrival != row.arrival:  # one identification is many rows of one arrival
                repeated.add(row.arrival)
        if not first:
            return repeated
        table = event_rows.CHANGES if isinstance(rows[0], Change) else event_rows.EVENTS
        copies = {
            identity
            for identity, stored in self._stored(table, *self._suspects(batch, first))
            if first[identity].arrival != stored  # the same arrival is this very event, stored before a crash
        }
        if copies:
            repeated.update(row.arrival for row in rows if (row.project_id, row.id) in copies)
        return repeated

    def _suspects(
        self, batch: Batch, first: Mapping[tuple[str, str], Event | Change]
    ) -> tuple[dict[str, set[str]], dict[str, dict[str, int]]]:
        """By project: ids that may have arrived within the window, and ids with older times of their own."""
        recent: dict[str, set[str]] = {}
        older: dict[str, dict[str, int]] = {}
        now = self._clock()
        horizon = now - _WINDOW_MS + 3_600_000
        hashes = hashes_of(first)
        maybe = self._filter.maybe_seen(hashes) if self._complete else [True] * len(first)
        for row, suspect in zip(first.values(), maybe, strict=True):
            if suspect:
                recent.setdefault(row.project_id, set()).add(row.id)
            if row.timestamp < horizon and (row.arrival in batch.own_times or isinstance(row, Change)):
                older.setdefault(row.project_id, {})[row.id] = row.timestamp
        self._filter.add(hashes, now)
        return recent, older

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
