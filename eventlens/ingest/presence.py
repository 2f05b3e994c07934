"""Who is here right now: the last half hour in memory, for the provisional session id of an answer.

Nothing that is stored depends on it; the worker cuts the real sessions.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from eventlens.events import Alias, Command, Group, Replay, Track, unpack
from eventlens.ingest.keys import device_node, session_key
from eventlens.queues.base import Record
from eventlens.sessions import SESSION_GAP_MS, session_name

_MOST_KEYS = 200_000


@dataclass(slots=True)
class _Visit:
    """When it began and when somebody was seen last (ms), and the id shown for it once somebody asked."""

    start: int
    last: int
    name: str = ""


class Presence:
    """Session key → visit, in two generations so that forgetting costs nothing."""

    def __init__(self) -> None:
        self._young: dict[tuple[str, int], _Visit] = {}
        self._old: dict[tuple[str, int], _Visit] = {}
        self._turned = 0
        self._news: dict[tuple[str, int], _Visit] | None = None

    def share(self) -> None:
        """From now on note for other processes whom this one sees."""
        self._news = {}

    def news(self) -> list[tuple[str, int, int, int]]:
        """(project id, key, start, last) of whom this process has seen since the last call."""
        seen, self._news = self._news, {}
        return [
            (project_id, key, visit.start, visit.last) for (project_id, key), visit in (seen or {}).items()
        ]

    def hear(self, rows: Iterable[tuple[str, int, int, int]]) -> None:
        """Learn whom another process has seen. From any thread."""
        for project_id, key, start, last in rows:
            entry = self._find(project_id, key)
            if entry is None or start >= entry.last + SESSION_GAP_MS:
                self._young[project_id, key] = _Visit(start, last)
            elif last > entry.start - SESSION_GAP_MS:
                if start < entry.start:
                    entry.start, entry.name = start, ""
                entry.last = max(entry.last, last)

    def load(self, rows: Iterable[tuple[str, int, int, int]]) -> None:
        """Begin with sessions known from the store: (project id, key, start, end)."""
        for project_id, key, start, end in rows:
            self._young[project_id, key] = _Visit(start, end)

    def recall(self, records: Iterable[Record]) -> None:
        """Go on with what waits in the queue: it was answered, and is not in the store yet."""
        for record in records:
            with contextlib.suppress(msgspec.MsgspecError):  # the worker sets those aside
                for envelope in unpack(record.body):
                    if not envelope.context.source and not envelope.context.excluded:
                        for command in envelope.commands:
                            self._recall(envelope.context.project_id, command)

    def _recall(self, project_id: str, command: Command) -> None:
        if isinstance(command, Alias | Group):
            return
        own = command.session_id if isinstance(command, Track | Replay) else ""
        key = session_key(own, command.device_id, command.profile_id)
        if key:
            self.see(project_id, key, command.timestamp)

    def see(self, project_id: str, key: int, when: int) -> int:
        """Note an event and return the start of the session it seems to belong to."""
        self._turn(when)
        entry = self._find(project_id, key)
        if entry is not None and entry.start - SESSION_GAP_MS < when < entry.last + SESSION_GAP_MS:
            if when > entry.last:
                entry.last = when
                if self._news is not None:
                    self._news[project_id, key] = entry
            elif when < entry.start:
                entry.start, entry.name = when, ""
            return entry.start
        if entry is None or when > entry.last:
            entry = self._young[project_id, key] = _Visit(when, when)
            if self._news is not None:
                self._news[project_id, key] = entry
        return when

    def name(self, project_id: str, key: int, start: int) -> str:
        """The id shown for the session of `key` that begins at `start`, worked out once."""
        entry = self._young.get((project_id, key))
        if entry is None or entry.start != start:
            return session_name(project_id, key, start)
        if not entry.name:
            entry.name = session_name(project_id, key, start)
        return entry.name

    def start_of(self, project_id: str, key: int, when: int) -> int | None:
        """When the session began that is under way at `when`; None where none is."""
        entry = self._find(project_id, key)
        if entry is None or not entry.start <= when < entry.last + SESSION_GAP_MS:
            return None
        return entry.start

    def seen_before(self, project_id: str, device_id: str, when: int) -> bool:
        """Whether this device was seen in the 30 minutes before `when`."""
        return self.start_of(project_id, device_node(device_id), when) is not None

    def _find(self, project_id: str, key: int) -> _Visit | None:
        found = self._young.get((project_id, key))
        if found is None:
            found = self._old.pop((project_id, key), None)
            if found is not None:
                self._young[project_id, key] = found
        return found

    def _turn(self, when: int) -> None:
        if len(self._young) < _MOST_KEYS and when - self._turned < SESSION_GAP_MS:
            return
        self._turned = max(when, self._turned)
        self._old, self._young = self._young, {}
