"""Apply one claim: records become rows in the store, exactly once.

The steps run in order over one `Batch`. Everything that is written carries the claim's token, which
makes a repeated insert a no-op, and is computed from what the store holds, so that a claim which
somebody applied in part before a crash is simply applied again.
"""

import logging
from collections.abc import Callable, Sequence
from typing import LiteralString

import msgspec

from eventlens.clock import Clock
from eventlens.events import unpack
from eventlens.ingest.guests import seat_guests
from eventlens.ingest.identity import Identities
from eventlens.ingest.process import Batch, process
from eventlens.ingest.rows import as_columns
from eventlens.ingest.seen import SeenIds
from eventlens.ingest.sessions import Sessions
from eventlens.queues.base import Claim, Queue
from eventlens.store.base import Store

log = logging.getLogger(__name__)


class Applier:
    """Turns claims into rows. One worker thread uses it."""

    def __init__(self, store: Store, queue: Queue, clock: Clock) -> None:
        self._store = store
        self._queue = queue
        self._seen = SeenIds(store, clock)
        self._sessions = Sessions(store, clock)
        self._identities = Identities(store)
        self._steps: tuple[Callable[[Claim, Batch], None], ...] = (
            self._describe,
            self._drop_repeated,
            self._store_events_and_sessions,
            self._store_profiles,
            self._store_people,
            self._store_exclusions,
        )

    def load(self) -> None:
        """Rebuild from the store what is kept in memory."""
        self._seen.load()
        self._sessions.load()

    def apply(self, claim: Claim) -> Batch:
        """Store everything a claim stands for. After an exception the claim is to be applied again as `retried`."""
        batch = Batch(version=max(record.arrival for record in claim.records) + claim.events)
        try:
            for step in self._steps:
                step(claim, batch)
        except BaseException:
            self._sessions.forget()
            raise
        return batch

    def _describe(self, claim: Claim, batch: Batch) -> None:
        for record in claim.records:
            try:
                envelopes = unpack(record.body)
                arrival = record.arrival
                for envelope in envelopes:
                    process(arrival, envelope, batch)
                    arrival += len(envelope.commands)
            except (msgspec.MsgspecError, ValueError, TypeError, KeyError, AttributeError) as error:
                # What cannot be read must not stop what can; nothing of it is lost.
                log.exception("record set aside as a dead letter")
                self._queue.bury(record.body, f"{type(error).__name__}: {error}")

    def _drop_repeated(self, claim: Claim, batch: Batch) -> None:
        self._seen.drop_repeated(batch)

    def _store_events_and_sessions(self, claim: Claim, batch: Batch) -> None:
        seat_guests(self._store, batch.events, batch.links.values())
        cut = self._sessions.cut(batch.events, batch.version, retried=claim.retried)
        for event in batch.events:
            batch.outcome(event.arrival, "imported")
        self._insert("events", [*batch.events, *cut.rewritten], claim)
        self._insert("sessions", cut.sessions, claim)

    def _store_profiles(self, claim: Claim, batch: Batch) -> None:
        self._insert("profile_changes", batch.changes, claim)

    def _store_people(self, claim: Claim, batch: Batch) -> None:
        links = list(batch.links.values()) if claim.retried else self._identities.news(batch.links.values())
        if not links and not batch.aliases:
            return
        self._insert("identity_links", links, claim)
        self._insert("identity_aliases", batch.aliases, claim)
        people = self._identities.people(links, batch.aliases)
        columns = {
            "project_id": [project_id for project_id, _, _ in people],
            "node": [node for _, node, _ in people],
            "person": [person for _, _, person in people],
            "version": [batch.version] * len(people),
        }
        self._store.insert("identities", columns, f"{claim.token}-identities")
        self._identities.remember(links)

    def _store_exclusions(self, claim: Claim, batch: Batch) -> None:
        counts = batch.excluded
        columns = {
            "project_id": [key.project_id for key in counts],
            "hour": [key.hour // 1000 for key in counts],
            "reason": [key.reason for key in counts],
            "name": [key.name for key in counts],
            "count": list(counts.values()),
        }
        self._store.insert("excluded", columns, f"{claim.token}-excluded")

    def _insert(self, table: LiteralString, rows: Sequence[msgspec.Struct], claim: Claim) -> None:
        if rows:
            self._store.insert(table, as_columns(rows), f"{claim.token}-{table}")
