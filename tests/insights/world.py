"""Events by hand, straight into the store's tables, with their sessions cut the slow and obvious way."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.store.base import Store
from eventlens.store.tables import COLUMN_TYPES, SESSION_OF_EVENT

GAP = 1_800_000
DAY = "2026-03-10"


def ms(text: str) -> int:
    """`00:15`, `00:15:30` (on DAY, UTC) or an ISO date and time (UTC unless it says otherwise)."""
    if "-" not in text:
        text = f"{DAY}T{text}"
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _default(kind: str) -> Any:
    if kind.startswith("Nullable"):
        return None
    if "String" in kind and "Array" not in kind:
        return ""
    if kind.startswith("Array"):
        return []
    return 0


@dataclass
class World:
    """A project. `see` collects events, `settle` cuts their sessions and writes everything."""

    store: Store
    project: str
    events: list[dict[str, Any]] = field(default_factory=list)
    _arrival: int = 1 << 60
    _batches: int = 0

    def see(self, who: str | int, when: str | int, path: str | None = None, **columns: Any) -> dict[str, Any]:
        """An event of a visitor (its number, or one made of its name); with a path, a screen view.

        `session=0` puts it outside any session, any other value names its session's key.
        """
        node = who if isinstance(who, int) else _node(who)
        self._arrival += 1
        event = {
            "project_id": self.project,
            "timestamp": when if isinstance(when, int) else ms(when),
            "arrival": self._arrival,
            "version": self._arrival,
            "name": "screen_view" if path is not None else "click",
            "visitor": node,
            "path": path or "",
            "origin": "https://site.example" if path is not None else "",
            "session_key": columns.pop("session", node),
            "referrer_type": "direct",
            "properties": "{}",
        } | columns
        self.events.append(event)
        return event

    def settle(self) -> "World":
        """Cut sessions at gaps of 30 minutes and insert what was seen since the last time."""
        by_key: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for event in sorted(self.events, key=lambda each: (each["timestamp"], each["arrival"])):
            by_key[event["session_key"]].append(event)
        sessions = [self._session(run) for key, events in by_key.items() if key for run in _runs(events)]
        for event in by_key.get(0, []):
            event["session_start"] = 0
        self.insert("events", self.events)
        self.insert("sessions", sessions)
        self.events = []
        return self

    def _session(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        first, last = events[0], events[-1]
        carried = {name: first[name] for name in SESSION_OF_EVENT if name in first}
        for event in events:
            event["session_start"] = first["timestamp"]
            event.update(carried)
        views = [event for event in events if event["name"] == "screen_view"]
        session = {name: value for name, value in first.items() if name in COLUMN_TYPES["sessions"]}
        session |= {"session_end": last["timestamp"], "events": len(events), "screen_views": len(views)}
        session |= {"first_arrival": first["arrival"], "last_arrival": last["arrival"]}
        for edge, view in (("entry", views[0]), ("exit", views[-1])) if views else ():
            columns = ("origin", "path", "title", "arrival")
            session |= {f"{edge}_{name}": view.get(name, "") for name in columns}
            session[f"{edge}_time"] = view["timestamp"]
        return session

    def insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Add rows as they are; what they leave out is empty. Times in milliseconds."""
        if not rows:
            return
        self._batches += 1
        columns: dict[str, list[Any]] = {}
        for name, kind in COLUMN_TYPES[table].items():
            default = self.project if name == "project_id" else _default(kind)
            values = [row.get(name, default) for row in rows]
            columns[name] = [value // 1000 for value in values] if kind.startswith("DateTime(") else values
        self.store.insert(table, columns, token=f"{self.project}-{self._batches}")  # pyright: ignore[reportArgumentType]  # a test names its table

    def is_person(self, node: str, person: str) -> None:
        """Say that a node belongs to a person."""
        self.insert("identities", [{"node": _node(node), "person": _node(person), "version": 1}])

    def ask(self, start: str = DAY, end: str = "2026-03-11", zone: str = "UTC", **asked: Any) -> Question:
        """A question about a span, from midnight to midnight UTC by default."""
        span = Span(
            ms(start if "T" in start else f"{start}T00:00"), ms(end if "T" in end else f"{end}T00:00")
        )
        return Question(project_id=self.project, span=span, zone=ZoneInfo(zone), **asked)


def _node(name: str) -> int:
    return int.from_bytes(name.encode()[:8].ljust(8, b"\0"), "big")


def _runs(events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    runs = [[events[0]]]
    for event in events[1:]:
        if event["timestamp"] - runs[-1][-1]["timestamp"] >= GAP:
            runs.append([])
        runs[-1].append(event)
    return runs
