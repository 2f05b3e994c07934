"""The slow, obvious answer: plain loops over everything that was sent, written from the contract, section 4.

Nothing here comes from the product. Times are milliseconds since the epoch; an event's place in the list of
what was sent is its arrival.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

GAP = 1_800_000
VIEW = "screen_view"


@dataclass(frozen=True, slots=True)
class Sent:
    """One command as the client sends it."""

    kind: str  # track, identify, increment, decrement, alias, assign_group
    at: int
    id: str
    name: str = ""
    device: str = ""
    profile: str = ""
    session: str = ""
    path: str = ""
    referrer: str = ""
    utm_source: str = ""
    alias: str = ""
    title: str = ""
    properties: dict[str, Any] | None = None
    property: str = ""
    value: float = 1
    groups: tuple[str, ...] = ()


@dataclass(slots=True)
class Event:
    """A track command that was stored, with its arrival and, later, its session."""

    sent: Sent
    arrival: int
    session: "Session | None" = None
    groups: tuple[str, ...] = ()
    """All that it carries."""

    @property
    def order(self) -> tuple[int, int]:
        return self.sent.at, self.arrival

    @property
    def is_view(self) -> bool:
        return self.sent.name == VIEW


@dataclass(slots=True)
class Session:
    """A run of events, in order, and `guests` (without a device), which are counted but move no edge."""

    events: list[Event]
    guests: list[Event] = field(default_factory=list)

    @property
    def all_events(self) -> list[Event]:
        return [*self.events, *self.guests]

    @property
    def start(self) -> int:
        return self.events[0].sent.at

    @property
    def end(self) -> int:
        return self.events[-1].sent.at

    def covers(self, at: int) -> bool:
        return self.start <= at < self.end + GAP

    @property
    def first(self) -> Event:
        return self.events[0]

    @property
    def views(self) -> list[Event]:
        return sorted((event for event in self.all_events if event.is_view), key=lambda event: event.order)

    @property
    def bounced(self) -> bool:
        return len(self.views) == 1

    @property
    def profile(self) -> str:
        """The first by name of those that its events name."""
        return min((event.sent.profile for event in self.all_events if event.sent.profile), default="")


def stored(sent: Iterable[Sent]) -> list[Event]:
    """The events, each id once: the first one wins."""
    events: list[Event] = []
    ids: set[str] = set()
    for arrival, command in enumerate(sent):
        if command.kind == "track" and command.id not in ids:
            events.append(Event(command, arrival))
            ids.add(command.id)
    return events


def cut(events: list[Event]) -> list[Session]:
    """Cut events at gaps of half an hour or more."""
    sessions: list[Session] = []
    for event in sorted(events, key=lambda each: each.order):
        if sessions and event.sent.at - sessions[-1].end < GAP:
            sessions[-1].events.append(event)
        else:
            sessions.append(Session([event]))
    return sessions


def sessionise(sent: list[Sent], events: list[Event]) -> list[Session]:
    """Every session; sets each event's. Events without a device must have been sent last."""
    named: dict[str, list[Event]] = defaultdict(list)
    devices: dict[str, list[Event]] = defaultdict(list)
    profiles: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.sent.session:
            named[event.sent.session].append(event)
        elif event.sent.device:
            devices[event.sent.device].append(event)
    of_devices = {device: cut(group) for device, group in devices.items()}
    for event in events:
        if event.sent.profile and not event.sent.device and not event.sent.session:
            device = current_device(event, of_devices, links(sent))
            if device:
                current = [session for session in of_devices[device] if session.covers(event.sent.at)]
                current[0].guests.append(event)
            else:
                profiles[event.sent.profile].append(event)
    sessions = [Session(sorted(group, key=lambda event: event.order)) for group in named.values()]
    sessions += [session for some in of_devices.values() for session in some]
    sessions += [session for group in profiles.values() for session in cut(group)]
    for session in sessions:
        for event in session.all_events:
            event.session = session
    return sessions


class Undecided(Exception):
    """Two devices are equally current: which one it is, nobody has said."""


def current_device(
    event: Event, sessions: dict[str, list[Session]], linked: dict[str, dict[str, int]]
) -> str | None:
    """The device of the event's profile that is in a session at that time, the latest begun one."""
    current = [
        ((session.start, session.end), device)
        for device, profiles in linked.items()
        if event.sent.profile in profiles
        for session in sessions.get(device, [])
        if session.covers(event.sent.at)
    ]
    if not current:
        return None
    latest = max(span for span, _ in current)
    chosen = [device for span, device in current if span == latest]
    if len(chosen) > 1:
        raise Undecided
    return chosen[0]


def links(sent: Iterable[Sent]) -> dict[str, dict[str, int]]:
    """device → profile → when it was first seen as that profile."""
    seen: dict[str, dict[str, int]] = defaultdict(dict)
    for command in sent:
        if command.kind in {"identify", "track"} and command.device and command.profile:
            known = seen[command.device]
            known[command.profile] = min(command.at, known.get(command.profile, command.at))
    return seen


def carried(event: Event, sent: list[Sent]) -> tuple[str, ...]:
    """The groups of an event: its own, its profile's (or that of its device's owner), its device's.

    Assignments must have been sent and applied before.
    """
    sender = event.sent
    profile = sender.profile
    if not profile and (seen := links(sent).get(sender.device)):
        profile = min(seen, key=lambda each: (seen[each], each))
    groups = [*sender.groups]
    for profile_id, device_id in ((profile, ""), ("", sender.device)):
        since: dict[str, int] = {}
        for command in sent:
            if command.kind == "assign_group" and (command.profile, command.device) == (
                profile_id,
                device_id,
            ):
                for group in command.groups:
                    since[group] = min(command.at, since.get(group, command.at))
        if profile_id or device_id:
            groups += [
                group for at, group in sorted((at, group) for group, at in since.items()) if at <= sender.at
            ]
    return tuple(dict.fromkeys(groups))


class People:
    """Who is who: profiles joined by alias, devices belonging to the profile they were earliest seen as."""

    def __init__(self, sent: list[Sent]) -> None:
        self._other: dict[str, set[str]] = defaultdict(set)
        for command in sent:
            if command.kind == "alias":
                self._other[command.profile].add(command.alias)
                self._other[command.alias].add(command.profile)
        self._links = links(sent)

    def of_profile(self, profile: str) -> str:
        """The smallest name among all that are the same person."""
        group, todo = {profile}, [profile]
        while todo:
            fresh = self._other[todo.pop()] - group
            group |= fresh
            todo += fresh
        return f"profile {min(group)}"

    def of(self, event: Event) -> str | None:
        """Who did it; None for nobody."""
        if event.sent.profile:
            return self.of_profile(event.sent.profile)
        if not event.sent.device:
            return None
        return self.of_device(event.sent.device)

    def of_device(self, device: str) -> str:
        seen = self._links.get(device)
        if not seen:
            return f"device {device}"
        return self.of_profile(min(seen, key=lambda profile: (seen[profile], profile)))

    def of_session(self, session: Session) -> str | None:
        """Whose session it is: that of its profile, where it has one."""
        if session.profile:
            return self.of_profile(session.profile)
        return self.of_device(session.first.sent.device) if session.first.sent.device else None


class Oracle:
    """Answers about one project, for days of a time zone (both ends included)."""

    keep: Callable[[Event], bool] = staticmethod(lambda _: True)
    """The filters of all questions that state none of their own."""
    filters: Any = None
    """The same as JSON."""

    def __init__(self, sent: list[Sent], zone: str) -> None:
        self.sent = sent
        self.zone = ZoneInfo(zone)
        self.everything = stored(sent)
        self.every_session = sessionise(sent, self.everything)
        self.people = People(sent)
        assigned = any(command.kind == "assign_group" for command in sent)
        for event in self.everything:
            event.groups = carried(event, sent if assigned else [])

    def local(self, at: int) -> datetime:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone)

    def days(self) -> tuple[date, date]:
        """The first and the last day with an event."""
        dates = [self.local(event.sent.at).date() for event in self.everything]
        return min(dates), max(dates)

    def select(
        self, start: date, end: date, keep: Callable[[Event], bool] | None = None
    ) -> tuple[list[Event], list[Session]]:
        """Matching events in the range, and sessions that start in it with at least one matching event."""
        keep = keep or self.keep
        events = [
            event
            for event in self.everything
            if start <= self.local(event.sent.at).date() <= end and keep(event)
        ]
        sessions = [
            session
            for session in self.every_session
            if start <= self.local(session.start).date() <= end and any(map(keep, session.all_events))
        ]
        return events, sessions

    def summary(self, events: list[Event], sessions: list[Session]) -> dict[str, float]:
        """The fields that metrics and a row of the time series share."""
        people = {person for event in events if (person := self.people.of(event))}
        return {
            "unique_visitors": len(people),
            "total_sessions": len(sessions),
            "total_screen_views": sum(event.is_view for event in events),
            "total_events": len(events),
            "avg_session_duration": ratio(
                sum(each.end - each.start for each in sessions) / 1000, len(sessions)
            ),
            "bounce_rate": 100 * ratio(sum(each.bounced for each in sessions), len(sessions)),
        }

    def metrics(
        self, start: date, end: date, keep: Callable[[Event], bool] | None = None
    ) -> dict[str, float]:
        events, sessions = self.select(start, end, keep)
        found = self.summary(events, sessions)
        views = sum(len(session.views) for session in sessions)
        return {**found, "views_per_session": ratio(views, len(sessions))}

    def timeseries(self, start: date, end: date, interval: str) -> list[dict[str, Any]]:
        """One row a bucket, empty ones too; days, weeks and months by date, hours by instant."""
        events, sessions = self.select(start, end)
        rows = []
        label = LABELS[interval]
        for bucket in self.buckets(start, end, interval):
            inside = [event for event in events if label(self.local(event.sent.at)) == bucket]
            begun = [session for session in sessions if label(self.local(session.start)) == bucket]
            rows.append({"date": bucket, **self.summary(inside, begun)})
        return rows

    def buckets(self, start: date, end: date, interval: str) -> list[str]:
        """Labels of all buckets, found by walking through the range a quarter of an hour at a time."""
        label = LABELS[interval]
        at = datetime.combine(start - timedelta(days=1), datetime.min.time(), UTC)
        last = datetime.combine(end + timedelta(days=2), datetime.min.time(), UTC)
        seen: dict[str, None] = {}
        while at <= last:
            local = at.astimezone(self.zone)
            if start <= local.date() <= end:
                seen[label(local)] = None
            at += timedelta(minutes=15)
        return list(seen)

    def breakdown(
        self, start: date, end: date, values: Callable[[Event], Iterable[Any]]
    ) -> dict[Any, dict[str, float]]:
        """Rows of a dimension: for each value, what the same question filtered by it would say."""
        rows = {}
        for each in {value for event in self.everything for value in values(event)}:
            inside, begun = self.select(
                start, end, lambda event, each=each: self.keep(event) and each in values(event)
            )
            if not inside and not begun:
                continue
            found = self.summary(inside, begun)
            rows[each] = {
                "unique_visitors": found["unique_visitors"],
                "sessions": found["total_sessions"],
                "views": found["total_screen_views"],
                "bounce_rate": found["bounce_rate"],
            }
        return rows

    def pages(self, start: date, end: date, mode: str) -> dict[str, dict[str, Any]]:
        """Rows of pages by path, in the modes top, entry and exit."""
        events, sessions = self.select(start, end)
        viewed = [event for event in events if event.is_view]
        chosen = {event.sent.path for event in viewed}
        if mode != "top":
            chosen = {edge(session, mode).sent.path for session in sessions if session.views}
        rows = {}
        for path in chosen:
            views = [event for event in viewed if event.sent.path == path]
            entered = [each for each in sessions if each.views and each.views[0].sent.path == path]
            rows[path] = {
                "views": len(views),
                "bounce_rate": 100 * ratio(sum(session.bounced for session in entered), len(entered)),
                "avg_time_on_page": self.time_on_page(start, end, path),
            }
            if mode == "top":
                titled = [event for event in views if event.sent.title]
                rows[path]["title"] = (
                    max(titled, key=lambda event: event.order).sent.title if titled else None
                )
                rows[path]["sessions"] = sum(any(map(self.saw(path), each.views)) for each in sessions)
                people = {self.people.of(event) for event in views}
            else:
                there = [each for each in sessions if each.views and edge(each, mode).sent.path == path]
                rows[path]["sessions"] = len(there)
                people = {self.people.of_session(session) for session in there}
            rows[path]["unique_visitors"] = len(people - {None})
        return rows

    def saw(self, path: str) -> Callable[[Event], bool]:
        return lambda event: event.sent.path == path and self.keep(event)

    def time_on_page(self, start: date, end: date, path: str) -> float | None:
        """Mean seconds from each matching view in the range to the next view of its session."""
        seen = set(map(id, self.select(start, end)[0]))
        gaps = [
            (following.sent.at - view.sent.at) / 1000
            for session in self.every_session
            for view, following in pairwise(session.views)
            if view.sent.path == path and id(view) in seen
        ]
        return sum(gaps) / len(gaps) if gaps else None


def edge(session: Session, mode: str) -> Event:
    """The view by which a session entered or left; it has one."""
    return session.views[0 if mode == "entry" else -1]


def change(now: dict[str, Any], before: dict[str, Any] | None) -> dict[str, float | None]:
    """(now - previous) / previous of each number, None where there is nothing to divide by."""
    return {
        name: (value - before[name]) / before[name] if before and before.get(name) else None
        for name, value in now.items()
        if isinstance(value, int | float)
    }


def ratio(above: float, below: float) -> float:
    return above / below if below else 0.0


def hour_of(local: datetime) -> datetime:
    """The full hour on the local clock; where the offset changed since, the moment of the change."""
    start = local.astimezone(UTC) - timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    while start.astimezone(local.tzinfo).utcoffset() != local.utcoffset():
        start += timedelta(minutes=15)
    return start.astimezone(local.tzinfo)


LABELS: dict[str, Callable[[datetime], str]] = {
    "hour": lambda local: hour_of(local).isoformat(),
    "day": lambda local: local.date().isoformat(),
    "week": lambda local: (local.date() - timedelta(days=local.weekday())).isoformat(),
    "month": lambda local: local.date().replace(day=1).isoformat(),
}


def source_of(event: Event) -> str | None:
    """utm_source of an event: its session's first event's, its own outside a session."""
    sent = event.session.first.sent if event.session else event.sent
    return sent.utm_source or None


def referrer_of(event: Event) -> str | None:
    """The referrer of an event, by the same rule."""
    sent = event.session.first.sent if event.session else event.sent
    return sent.referrer or None
