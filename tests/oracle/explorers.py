"""What explorers, people and pickers have to say, the slow way, from docs/semantics.md."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from tests.oracle.model import Event, Oracle, Session, source_of
from tests.oracle.profiles import changes_of, plain, put


class Row(NamedTuple):
    """A person in a list: what it did in the range."""

    events: int
    views: int
    sessions: int
    first: int
    last: int
    devices: int


def names_of(oracle: Oracle, profile: str) -> set[str]:
    """All names of whoever has this one."""
    names = {profile}
    while True:
        more = set(names)
        for command in oracle.sent:
            if command.kind == "alias" and names & {command.profile, command.alias}:
                more |= {command.profile, command.alias}
        if more == names:
            return names
        names = more


def known_profiles(oracle: Oracle) -> set[str]:
    """Everybody whom an event, an identification, a change or an alias names."""
    named = {command.profile for command in oracle.sent} | {command.alias for command in oracle.sent}
    return named - {""}


def properties_of(oracle: Oracle, profile: str) -> dict[str, Any]:
    """The fold of everything that was said of a person, under whichever name."""
    changes = [change for name in names_of(oracle, profile) for change in changes_of(oracle.sent, name)]
    properties: dict[str, Any] = {}
    for _, _, name, adds, value in sorted(changes, key=lambda change: change[:3]):
        put(properties, name.split("."), value, adds=adds)
    return {name: plain(value) for name, value in properties.items()}


def people(oracle: Oracle, start: date, end: date) -> dict[str, Row]:
    """Everybody with a matching event in the range."""
    events, sessions = oracle.select(start, end)
    theirs: dict[str, list[Event]] = {}
    for event in events:
        person = oracle.people.of(event)
        if person is not None:
            theirs.setdefault(person, []).append(event)
    return {
        person: Row(
            events=len(done),
            views=sum(event.is_view for event in done),
            sessions=sum(_takes_part(oracle, person, session) for session in sessions),
            first=min(event.sent.at for event in done),
            last=max(event.sent.at for event in done),
            devices=len({event.sent.device for event in done if event.sent.device}),
        )
        for person, done in theirs.items()
    }


def _takes_part(oracle: Oracle, person: str, session: Session) -> bool:
    return any(oracle.keep(event) and oracle.people.of(event) == person for event in session.all_events)


def spoken_of(oracle: Oracle, start: date, end: date) -> set[str]:
    """Everybody whose profile was changed in the range."""
    return {
        oracle.people.of_profile(profile)
        for profile in known_profiles(oracle)
        for at, *_ in changes_of(oracle.sent, profile)
        if start <= oracle.local(at).date() <= end
    }


def of_person(oracle: Oracle, person: str) -> list[Event]:
    """Everything that somebody ever did, in order."""
    done = [event for event in oracle.everything if oracle.people.of(event) == person]
    return sorted(done, key=lambda event: event.order)


SESSION = (
    "startedAt",
    "endedAt",
    "duration",
    "events",
    "screenViews",
    "bounce",
    "entryPath",
    "exitPath",
    "source",
)


def session_row(oracle: Oracle, session: Session) -> dict[str, Any]:
    """What the explorer says of a session."""
    views = [event.sent.path or None for event in session.views]
    values = (
        _iso(oracle, session.start),
        _iso(oracle, session.end),
        (session.end - session.start) / 1000,
        len(session.all_events),
        len(views),
        len(views) == 1,
        views[0] if views else None,
        views[-1] if views else None,
        source_of(session.first),
    )
    return dict(zip(SESSION, values, strict=True))


def _iso(oracle: Oracle, at: int) -> str:
    return oracle.local(at).isoformat(timespec="milliseconds" if at % 1000 else "seconds")


def counted(values: Iterable[str | None]) -> dict[str, int]:
    """How often each known value occurs."""
    return dict(Counter(value for value in values if value))
