"""Apply one claim: records become rows in the store, exactly once.

The steps run in order over one `Batch`. Everything that is written carries the claim's token, which
makes a repeated insert a no-op, and is computed from what the store holds, so that a claim which
somebody applied in part before a crash is simply applied again.

Rows of a repeated part are the same rows or newer ones of the same key, so that writing them under
another token does no harm either (every table but `excluded` replaces or merges them). That is what
`apply_apart` rests on.
"""

import contextlib
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import uuid4

import msgspec

from eventlens.clock import Clock
from eventlens.errors import QueryLimit, TakenOver, Unavailable
from eventlens.events import Envelope, pack, unpack
from eventlens.ingest.groups import Groups
from eventlens.ingest.guests import seat_guests
from eventlens.ingest.identity import Identities, links_of
from eventlens.ingest.process import Batch, process
from eventlens.ingest.replays import blocks, divided
from eventlens.ingest.rows import Link, as_columns
from eventlens.ingest.seen import SeenIds
from eventlens.ingest.sessions import Sessions
from eventlens.ingest.touching import (
    marked,
    renamed,
    touched_by_changes,
    touched_by_names,
    touched_by_people,
    touched_by_rows,
)
from eventlens.queues.base import Claim, Record
from eventlens.store.base import Columns, Store
from eventlens.store.touches import Touch, touch

log = logging.getLogger(__name__)

_REASON_CHARACTERS = 300

_PART_EVENTS = 20_000
"""Rows of an insert: the store likes many, memory does not."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What is stored in one go: a claim, or some records of one."""

    token: str
    records: Sequence[Record]
    version: int
    """Higher than that of every earlier claim. The parts of a claim share it: of equals the last counts."""
    retried: bool


class Applier:
    """Turns claims into rows. One worker thread uses it."""

    def __init__(self, store: Store, clock: Clock, *, replay_days: int = 30) -> None:
        """`replay_days`: how long recordings are kept, 0 for ever."""
        self._store = store
        self._replay_days = replay_days
        self._held: Callable[[], bool] = lambda: True
        self._seen = SeenIds(store, clock)
        self._sessions = Sessions(store, clock)
        self._identities = Identities(store)
        self._groups = Groups(store)

    def load(self) -> None:
        """Rebuild from the store what is kept in memory."""
        self._seen.load()
        self._sessions.load()
        self._identities.load()

    def forget(self) -> None:
        """Drop what memory says: a batch failed, and may not be stored as it was seen."""
        self._sessions.forget()
        self._groups.forget()

    def apply(self, claim: Claim) -> Batch:
        """Store everything a claim stands for. After an exception it is to be applied again, as `retried`."""
        self._held = claim.held
        first, *others = _parts(claim)
        whole = self._store_part(first)
        for part in others:
            _add_up(self._store_part(part), whole)
        self._store_exclusions(whole, claim)
        return whole

    def apply_apart(self, claim: Claim) -> Batch:
        """`apply` for a claim that fails whenever it is applied whole: all but what cannot be stored.

        Halves the claim until only the single commands that fail are left, and gives those as `buried`.
        May be ended and begun again at any point.
        """
        self._held = claim.held
        whole = Batch(version=claim.version)
        singles = [single for record in claim.records for single in _singles(record)]
        self._store_halves(_Part(claim.token, singles, whole.version, retried=True), 0, whole)
        try:
            self._store_exclusions(whole, claim)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  # what was counted apart must not stop what was not
            log.error("what was excluded could not be counted: %s", reason_of(error))  # noqa: TRY400  # no values
        return whole

    def _store_halves(self, part: _Part, first: int, whole: Batch) -> None:
        """Store records `first` and following of a claim, without those that cannot be."""
        last = first + len(part.records)
        named = _Part(f"{part.token}.{first}-{last}", part.records, part.version, retried=True)
        try:
            batch = self._store_part(named)
        except Exception as error:
            divisible = len(part.records) > 1
            if isinstance(error, Unavailable) and not (divisible and isinstance(error, QueryLimit)):
                raise
            if divisible:
                middle = len(part.records) // 2
                for start, some in ((0, part.records[:middle]), (middle, part.records[middle:])):
                    half = _Part(part.token, some, part.version, retried=True)
                    self._store_halves(half, first + start, whole)
                return
            self._store.ping()  # an outage must not bury anything
            _bury(part.records[0], error, whole)
            return
        _add_up(batch, whole)

    def _store_part(self, part: _Part) -> Batch:
        """All that a part stands for, but not what is excluded."""
        try:
            batch = _described(part)
            self._seen.drop_repeated(batch)
            links = links_of(batch)
            self._store_groups(part, batch, links)
            seat_guests(self._store, batch.events, links, retried=part.retried)
            self._insert(part, "profile_changes", batch.changes)
            touched = touched_by_changes(batch.changes)
            # Before the events, which take longest: what follows need not wait until they are stored.
            touched |= self._store_people(part, batch, links)
            touched |= self._store_events(part, batch)
            # After what it tells of, and under a token of its own: a repeated touch only costs time.
            touch(self._store, touched, uuid4().hex)
            self._store_replays(part, batch)
        except BaseException:
            self.forget()
            raise
        return batch

    def _store_events(self, part: _Part, batch: Batch) -> set[Touch]:
        cut = self._sessions.cut(batch.events, retried=part.retried)
        if batch.sources:
            for event in batch.events:
                batch.outcome(event.arrival, "imported")
        self._insert(part, "events", [*batch.events, *cut.rewritten], version=part.version)
        self._insert(part, "sessions", cut.sessions, version=part.version)
        touched = touched_by_rows(self._store, (batch.events, cut.rewritten), cut.sessions)
        return touched | marked(batch.events)

    def _store_groups(self, part: _Part, batch: Batch, links: Sequence[Link]) -> None:
        self._insert(part, "group_changes", batch.group_changes)
        self._insert(part, "group_members", batch.members)
        self._groups.attach(batch.events, batch.members, links)

    def _store_replays(self, part: _Part, batch: Batch) -> None:
        chunks, expired = divided(batch.chunks, self._replay_days)
        for chunk in expired:
            batch.exclude(chunk.project_id, chunk.started_at, "replay", "expired")
        for index, block in enumerate(blocks(chunks)):
            self._put("replay_chunks", as_columns(block), f"{part.token}-replay_chunks-{index}")

    def _store_people(self, part: _Part, batch: Batch, links: Sequence[Link]) -> set[Touch]:
        news = links if part.retried else self._identities.news(links)
        if not news and not batch.aliases:
            return set()
        self._insert(part, "identity_links", news)
        self._insert(part, "identity_aliases", batch.aliases)
        people = self._identities.people(news, batch.aliases, retried=part.retried)
        profiles = {(link.project_id, link.profile) for link in news}
        changed = renamed(self._store, people, profiles, retried=part.retried)
        columns = {
            "project_id": [project_id for project_id, _, _ in people],
            "node": [node for _, node, _ in people],
            "person": [person for _, _, person in people],
            "version": [part.version] * len(people),
        }
        self._put("identities", columns, f"{part.token}-identities")
        self._identities.remember(news)
        return touched_by_people(self._store, changed) | touched_by_names((*news, *batch.aliases))

    def _store_exclusions(self, batch: Batch, claim: Claim) -> None:
        """Counts add up: always under the claim's own token, whichever way the claim was applied."""
        counts = batch.excluded
        columns = {
            "project_id": [key.project_id for key in counts],
            "hour": [key.hour // 1000 for key in counts],
            "reason": [key.reason for key in counts],
            "name": [key.name for key in counts],
            "count": list(counts.values()),
        }
        self._put("excluded", columns, f"{claim.token}-excluded")

    def _insert(self, part: _Part, table: LiteralString, rows: Sequence[msgspec.Struct], **same: int) -> None:
        if rows:
            self._put(table, as_columns(rows, **same), f"{part.token}-{table}")

    def _put(self, table: LiteralString, columns: Columns, token: str) -> None:
        """Insert, while the claim is ours: what was computed long ago may be wrong by now."""
        if not self._held():
            raise TakenOver("Another worker has taken a claim over: this one was not heard of for a while.")
        self._store.insert(table, columns, token)


def _parts(claim: Claim) -> Iterator[_Part]:
    """A claim, cut into parts where it is large: one is prepared while the one before it is being stored."""
    some: list[Record] = []
    events = first = 0
    for record in claim.records:
        if some and events + record.events > _PART_EVENTS:
            yield _Part(f"{claim.token}.{first}", some, claim.version, claim.retried)
            first, events, some = first + events, 0, []
        some.append(record)
        events += record.events
    token = f"{claim.token}.{first}" if first else claim.token
    yield _Part(token, some, claim.version, claim.retried)


def _add_up(batch: Batch, whole: Batch) -> None:
    """Take over what became of a part."""
    whole.excluded.update(batch.excluded)
    whole.tallies.update(batch.tallies)
    whole.buried += batch.buried
    whole.traces += batch.traces


def reason_of(error: Exception) -> str:
    """What went wrong and where, without the values that it went wrong with."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    text = str(error) if isinstance(error, RuntimeError | Unavailable) else ""
    return " ".join(f"{type(error).__name__}{where} {text}".split())[:_REASON_CHARACTERS]


def _described(part: _Part) -> Batch:
    """The rows of all records; those that cannot be read are set aside whole."""
    batch = Batch(version=part.version)
    bad: list[tuple[Record, Exception]] = []
    for record in part.records:
        try:
            _describe(record, batch)
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not stop the others
            bad.append((record, error))
    if not bad:
        return batch
    batch = Batch(version=part.version)  # nothing of a half-read record may stay
    for record, error in bad:
        _bury(record, error, batch)
    unreadable = {record.arrival for record, _ in bad}
    for record in part.records:
        if record.arrival not in unreadable:
            _describe(record, batch)
    return batch


def _describe(record: Record, batch: Batch) -> None:
    arrival = record.arrival
    for envelope in unpack(record.body):
        process(arrival, envelope, batch)
        arrival += len(envelope.commands)


def _bury(record: Record, error: Exception, batch: Batch) -> None:
    """Set a record aside, and say so to whoever counts outcomes."""
    reason = reason_of(error)
    log.error("a record cannot be applied and is set aside as a dead letter: %s", reason)
    batch.buried.append((record, reason))
    with contextlib.suppress(msgspec.MsgspecError):
        for envelope in unpack(record.body):
            if envelope.context.source:
                batch.tallies[envelope.context.source, "failed"] += len(envelope.commands)


def _singles(record: Record) -> list[Record]:
    """The commands of a record as records of their own; the record itself where it cannot be read."""
    try:
        envelopes = unpack(record.body)
    except msgspec.MsgspecError:
        return [record]
    commands = [(envelope.context, command) for envelope in envelopes for command in envelope.commands]
    return [
        Record(record.arrival + offset, pack([Envelope(context, [command])]))
        for offset, (context, command) in enumerate(commands)
    ]
