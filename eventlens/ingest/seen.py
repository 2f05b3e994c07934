"""Event ids seen before: the first one wins, a repeat is counted and dropped.

The truth is what the store holds. A filter in memory, rebuilt at start, spares the look-up for ids
that surely were not seen in the day before. An event that carries its own, older time is looked up by
that time, so that its id is recognised for good. All windows are counted back from when the events
arrived, not from when they are processed: a queue that waited for a day changes nothing.
"""

from collections.abc import Sequence
from itertools import compress
from operator import attrgetter

from eventlens.clock import DAY, HOUR, Clock
from eventlens.ingest.filters import Hashes, SeenFilter, hashes_of
from eventlens.ingest.process import Batch
from eventlens.ingest.rows import Change, Event
from eventlens.queues.base import ARRIVAL_BITS, arrival_ms
from eventlens.store import events as event_rows
from eventlens.store.base import Store

_WINDOW_MS = DAY + HOUR
"""A day, as promised, and an hour for clocks and for what waits in the queue."""

_MOST_LOADED = 20_000_000
_LONGEST_LOADED_MS = 30 * DAY

_arrival = attrgetter("arrival")
_time = attrgetter("timestamp")

Identity = tuple[str, str]
"""(project id, event id)."""

_Row = Event | Change


class SeenIds:
    """Knows which ids were stored before. One worker thread uses it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._filter = SeenFilter()
        self._complete_since: int | None = None
        """The filter knows every id that arrived since then (ms)."""

    def load(self) -> None:
        """Fill the filter with the ids that arrived within the window."""
        now = self._clock()
        since = now - _WINDOW_MS
        # A clock that was set back leaves arrivals ahead of it: they count on from where they were.
        until = max(now, arrival_ms(event_rows.newest_arrival(self._store))) + HOUR
        count = event_rows.count_ids(self._store, since << ARRIVAL_BITS)
        if count > _MOST_LOADED or until - since > _LONGEST_LOADED_MS:
            return  # then every id is looked up: slower, never wrong
        for hour in range(since, until, HOUR):
            ids = event_rows.ids_between(self._store, hour << ARRIVAL_BITS, (hour + HOUR) << ARRIVAL_BITS)
            self._filter.add(hashes_of((project_id, id_) for project_id, id_ in ids), hour + HOUR)
        self._complete_since = since

    def drop_repeated(self, batch: Batch) -> None:
        """Take repeated ids out of a batch and count them."""
        repeated = self._repeated(batch, batch.events) | self._repeated(batch, batch.changes)
        if not repeated:
            return
        for event in batch.events:
            if event.arrival in repeated:
                if event.arrival not in batch.sources:  # an import tells of its own: it may be run again
                    batch.exclude(event.project_id, event.timestamp, "duplicate")
                batch.outcome(event.arrival, "duplicate")
        batch.events = [event for event in batch.events if event.arrival not in repeated]
        batch.changes = [change for change in batch.changes if change.arrival not in repeated]
        batch.identified = [call for call in batch.identified if call.arrival not in repeated]

    def _repeated(self, batch: Batch, rows: Sequence[_Row]) -> set[int]:
        """Arrivals of the rows whose id was seen before, in the store or earlier in this batch."""
        told = [row for row in rows if row.id]
        identities = [(row.project_id, row.id) for row in told]
        if not told:
            return set()
        hashes = hashes_of(identities)
        repeated: set[int] = set()
        if len(set(hashes.tolist())) < len(told):
            # Of rows with one identity the first one stays: it is put there last.
            first = dict(zip(reversed(identities), reversed(told), strict=True))
            for row, identity in zip(told, identities, strict=True):
                if first[identity].arrival != row.arrival:  # one identify makes several rows
                    repeated.add(row.arrival)
            identities, told = list(first), list(first.values())
            hashes = hashes_of(identities)
        stored = self._stored(batch, identities, told, hashes)
        if stored:
            arrivals = {identity: row.arrival for identity, row in zip(identities, told, strict=True)}
            # The same arrival is this very event, stored before a crash.
            copies = {identity for identity, arrival in stored if arrivals[identity] != arrival}
            if copies:
                repeated.update(row.arrival for row in rows if (row.project_id, row.id) in copies)
        return repeated

    def _stored(
        self, batch: Batch, identities: Sequence[Identity], rows: Sequence[_Row], hashes: Hashes
    ) -> list[tuple[Identity, int]]:
        """(identity, arrival of the stored row) of those that are in the store. No identity comes twice."""
        table = event_rows.CHANGES if isinstance(rows[0], Change) else event_rows.EVENTS
        arrivals = list(map(_arrival, rows))
        begun, newest = arrival_ms(min(arrivals)), arrival_ms(max(arrivals))
        found: list[tuple[Identity, int]] = []
        for project_id, ids in self._lately(identities, hashes, begun, newest).items():
            since = (begun - _WINDOW_MS) << ARRIVAL_BITS
            known = event_rows.arrivals_since(self._store, table, project_id, ids, since)
            found += [((project_id, id_), arrival) for id_, arrival in known]
        for project_id, times in _long_ago(batch, rows, begun - DAY).items():
            # Told by a clock that is ahead, it was dated by its arrival: the day before.
            stated = set(map(event_rows.day_number, times.values()))
            days = sorted(stated | {day - 1 for day in stated})
            known = event_rows.arrivals_on(self._store, table, project_id, list(times), days)
            found += [((project_id, id_), arrival) for id_, arrival in known]
        return found

    def _lately(
        self, identities: Sequence[Identity], hashes: Hashes, begun: int, newest: int
    ) -> dict[str, list[str]]:
        """By project: the ids that may have arrived within the window before `begun`; notes all of them.

        `begun`, `newest`: when the first and the last of them arrived (ms).
        """
        maybe: Sequence[bool] = [True] * len(identities)
        self._forget(begun - _WINDOW_MS)
        if self._complete_since is not None and begun - DAY >= self._complete_since:
            maybe = self._filter.maybe_seen(hashes)
        self._filter.add(hashes, newest)
        suspects: dict[str, list[str]] = {}
        for project_id, id_ in compress(identities, maybe):
            suspects.setdefault(project_id, []).append(id_)
        return suspects

    def _forget(self, before: int) -> None:
        self._filter.forget(before)
        if self._complete_since is not None:
            self._complete_since = max(self._complete_since, before)


def _long_ago(batch: Batch, rows: Sequence[_Row], horizon: int) -> dict[str, dict[str, int]]:
    """By project: ids (and times) of what says of itself that it happened before `horizon` (ms)."""
    older: dict[str, dict[str, int]] = {}
    if min(map(_time, rows)) >= horizon:  # nearly always
        return older
    for row in rows:
        if row.timestamp < horizon and (row.arrival in batch.own_times or isinstance(row, Change)):
            older.setdefault(row.project_id, {})[row.id] = row.timestamp
    return older
