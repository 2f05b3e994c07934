"""Deleting one person, or what is too old, so that the rest is as if it had never happened.

Within a pause of the workers: what they know from memory would not be true any more.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import uuid4

from eventlens.clock import HOUR, Clock
from eventlens.errors import InvalidInput, Unavailable
from eventlens.ingest import dead_letters
from eventlens.ingest.identity import Identities
from eventlens.ingest.keys import device_node, profile_node
from eventlens.ingest.rows import Event, Link, as_columns, row_of
from eventlens.ingest.sessions import Sessions
from eventlens.queues.base import ARRIVAL_BITS, Queue
from eventlens.store import identities as identity_rows
from eventlens.store.base import Store
from eventlens.store.events import chunks
from eventlens.store.removing import (
    Label,
    Remover,
    events_labelled,
    first_event_before,
    names_of,
    nodes_of_people,
    sessions_of_nodes,
    sessions_over,
)
from eventlens.store.touches import hours_of_nodes, touch

_PAUSE_SECONDS = 60.0
_STORED_SECONDS = 60.0
"""How long what was accepted before may take until it is stored."""
_POLL_SECONDS = 0.05
_LINKS_OF_DEVICE = 1000


@dataclass(frozen=True, slots=True)
class Person:
    """By whatever somebody is known: ids of devices and profiles, and their nodes."""

    nodes: tuple[int, ...]
    devices: tuple[str, ...]
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted of a person."""

    devices: tuple[str, ...]
    profiles: tuple[str, ...]
    events: int
    sessions: int
    dead_letters: int


class Removing:
    """May be used from any thread; one deletion at a time, whichever process begins it."""

    def __init__(self, store: Store, queue: Queue, clock: Clock) -> None:
        """`store`: one for writing, whose statements may last."""
        self._store = store
        self._queue = queue
        self._clock = clock

    def find(self, project_id: str, *, profile_id: str = "", device_id: str = "") -> Person:
        """All that is the same person as a profile or a device. Raises InvalidInput unless one is named."""
        if bool(profile_id) == bool(device_id):
            raise InvalidInput("Name a profile or a device.", field="profileId")
        node = profile_node(profile_id) if profile_id else device_node(device_id)
        person = identity_rows.people_of(self._store, project_id, [node]).get(node, node)
        nodes = nodes_of_people(self._store, project_id, [person]) | {node, person}
        devices, profiles = names_of(self._store, project_id, sorted(nodes))
        return Person(
            tuple(sorted(nodes)),
            tuple(sorted(each for each in {*devices, device_id} if each and device_node(each) in nodes)),
            tuple(sorted(each for each in {*profiles, profile_id} if each and profile_node(each) in nodes)),
        )

    def delete_person(self, project_id: str, *, profile_id: str = "", device_id: str = "") -> Deleted:
        """Delete all that is known of somebody, as what was accepted before has been stored.

        Raises InvalidInput, Unavailable.
        """
        self._await_stored()
        with self._queue.paused(_PAUSE_SECONDS, anew=True):
            person = self.find(project_id, profile_id=profile_id, device_id=device_id)
            labels = sessions_of_nodes(self._store, project_id, person.nodes)
            events = self._count(project_id, person)
            hours = hours_of_nodes(self._store, project_id, person.nodes)
            remover = Remover(self._store, project_id)
            remover.person(person.nodes, person.devices, person.profiles)
            remover.sessions(labels)
            self._cut_again(project_id, labels)
            self._call_again(project_id, person)
            self._touch(project_id, {hour for _, hour in hours})
        letters = [
            each for each in dead_letters.letters(self._queue, project_id) if _is_of(each.commands, person)
        ]
        dead_letters.discard(self._queue, letters)
        return Deleted(person.devices, person.profiles, events, len(labels), len(letters))

    def delete_project(self, project_id: str) -> None:
        """Delete all that is stored of a project; nothing may be accepted for it any more.

        Raises Unavailable.
        """
        self._await_stored()
        with self._queue.paused(_PAUSE_SECONDS, anew=True):
            Remover(self._store, project_id).project()
        dead_letters.discard(self._queue, dead_letters.letters(self._queue, project_id))

    def expire(self, project_id: str, edge: int) -> bool:
        """Delete what happened before a time (ms); whether there was anything.

        Sessions that go on after it begin with their first event that is left. Raises Unavailable.
        """
        first = first_event_before(self._store, project_id, edge)
        if first is None:
            return False
        with self._queue.paused(_PAUSE_SECONDS, anew=True):
            labels = sessions_over(self._store, project_id, edge)
            Remover(self._store, project_id).before(edge)
            self._cut_again(project_id, labels)
            last = -(-edge // HOUR)
            hours = set(range(first // HOUR, last))
            hours.update(self._hours_after(project_id, labels, edge))
            self._touch(project_id, hours)
        return True

    def _await_stored(self) -> None:
        """Until what was accepted so far is in the store."""
        begun = self._clock()
        deadline = time.monotonic() + _STORED_SECONDS
        while True:
            waiting = self._queue.depth()
            if not waiting.events or self._clock() - waiting.oldest_ms > begun:
                return
            if time.monotonic() > deadline:
                raise Unavailable("Too much waits to be stored; try again when the queue is shorter.")
            time.sleep(_POLL_SECONDS)

    def _count(self, project_id: str, person: Person) -> int:
        sql: LiteralString = """
            SELECT count() FROM events FINAL
            WHERE project_id = {project:String} AND visitor IN {nodes:Array(UInt64)}
        """
        return sum(
            self._store.query(sql, {"project": project_id, "nodes": list(some)}).rows[0][0]
            for some in chunks(person.nodes)
        )

    def _cut_again(self, project_id: str, labels: Sequence[Label]) -> None:
        """Sessions from what is left of their events."""
        version = self._clock() << ARRIVAL_BITS
        for some in chunks(labels):
            left = [row_of(Event, row) for row in events_labelled(self._store, project_id, some)]
            if not left:
                continue
            cut = Sessions(self._store, self._clock).cut(left, retried=True)
            self._insert("events", [*left, *cut.rewritten], version=version)
            self._insert("sessions", cut.sessions, version=version)

    def _call_again(self, project_id: str, person: Person) -> None:
        """Devices that others used too are theirs now."""
        rows = identity_rows.first_links(self._store, project_id, person.nodes, _LINKS_OF_DEVICE)
        people = Identities(self._store).people([Link(**row) for row in rows], (), retried=True)
        if people:
            columns = {
                "project_id": [project for project, _, _ in people],
                "node": [node for _, node, _ in people],
                "person": [each for _, _, each in people],
                "version": [self._clock() << ARRIVAL_BITS] * len(people),
            }
            self._store.insert("identities", columns, uuid4().hex)

    def _hours_after(self, project_id: str, labels: Collection[Label], edge: int) -> set[int]:
        """The hours of what is left of some sessions."""
        keys = {key for key, _ in labels}
        sql: LiteralString = """
            SELECT DISTINCT intDiv(toUnixTimestamp64Milli(timestamp), 3600000) FROM events
            WHERE project_id = {project:String} AND session_key IN {keys:Array(UInt64)}
              AND timestamp >= fromUnixTimestamp64Milli({edge:Int64}, 'UTC')
        """
        hours: set[int] = set()
        for some in chunks(sorted(keys)):
            values: Mapping[str, Any] = {"project": project_id, "keys": list(some), "edge": edge}
            hours.update(row[0] for row in self._store.query(sql, values).rows)
        return hours

    def _touch(self, project_id: str, hours: set[int]) -> None:
        """Answers that were computed before are old, and what was computed ahead is gone."""
        hours.add(self._clock() // HOUR)  # somebody may have been known who never did anything
        Remover(self._store, project_id).rolled_up(sorted(hours))
        touch(self._store, ((project_id, hour) for hour in hours), uuid4().hex)

    def _insert(self, table: LiteralString, rows: Sequence[Any], *, version: int) -> None:
        if rows:
            self._store.insert(table, as_columns(rows, version=version), uuid4().hex)


def _is_of(commands: Sequence[Any], person: Person) -> bool:
    """Whether any of some commands is of a person: its profile's, or its device's without another profile."""
    for command in commands:
        profiles = {getattr(command, "profile_id", ""), getattr(command, "alias", "")} - {""}
        if profiles & set(person.profiles):
            return True
        if not profiles and getattr(command, "device_id", "") in person.devices:
            return True
    return False
