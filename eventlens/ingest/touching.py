"""Which hours a batch changed, so that answers computed before are known to be old (`store/touches.py`)."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from eventlens.clock import HOUR
from eventlens.ingest.rows import AliasRow, Change, Event, Link, Session
from eventlens.store import identities as identity_rows
from eventlens.store.base import Store
from eventlens.store.touches import (
    WITHOUT_DEVICE,
    Touch,
    hours_of_nodes,
    hours_of_sessions,
    was_touched,
)

_LONG_HOURS = 48
"""Of longer sessions, nearly always named by the client, no hour is touched in which nothing was done.

Such a session may last from 1970 until now: it counts at its start, and what it lends at its events.
"""

Person = tuple[str, int, int]
"""(project id, node, person)."""


def touched_by_rows(
    store: Store, events: Iterable[Sequence[Event]], sessions: Iterable[Session]
) -> set[Touch]:
    """The hours of written events and of written sessions; to be asked after they are stored.

    An event may change what its session's other events mean: how long a page was looked at before it.
    """
    touched = {(event.project_id, event.timestamp // HOUR) for some in events for event in some}
    spans: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
    long: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for session in sessions:
        end = max(session.session_end, session.exit_time)
        first, last = session.session_start // HOUR, end // HOUR
        if last - first <= _LONG_HOURS:
            spans[session.project_id].add((first, last))
            continue
        touched.update(((session.project_id, first), (session.project_id, last)))
        long[session.project_id].append((session.session_key, session.session_start, end))
    for project_id, its_spans in spans.items():
        touched.update((project_id, hour) for hour in _hours_in(its_spans))
    for project_id, its_sessions in long.items():
        touched |= hours_of_sessions(store, project_id, its_sessions)
    return touched


def _hours_in(spans: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Every hour of some spans (first, last) once."""
    following = 0
    for first, last in sorted(spans):
        yield from range(max(first, following), last + 1)
        following = max(following, last + 1)


def touched_by_changes(changes: Iterable[Change]) -> set[Touch]:
    """The hours of changes of profiles: any of a project will do, for answers that look at its profiles."""
    return {(change.project_id, change.timestamp // HOUR) for change in changes}


def touched_by_names(said: Iterable[Link | AliasRow]) -> set[Touch]:
    """The hours in which it was said who is who: any will do, for answers that look at people's profiles.

    Somebody may get properties that way without being called another person.
    """
    return {(row.project_id, row.first_seen // HOUR) for row in said}


def marked(events: Iterable[Event]) -> set[Touch]:
    """The touches that say of a project that profiles in it do things without a device."""
    return {
        (event.project_id, WITHOUT_DEVICE) for event in events if event.profile_id and not event.device_id
    }


class Renamed(NamedTuple):
    """Nodes of a project whose person will be another one.

    Of `newcomers`, profiles of whom nothing was said before, nothing can be stored but what they did
    without a device: whoever does something with a device is linked to it.
    """

    project_id: str
    nodes: list[int]
    newcomers: list[int]


def renamed(
    store: Store, people: Iterable[Person], profiles: Container[tuple[str, int]], *, retried: bool
) -> list[Renamed]:
    """Whose person will be another one, which of all these `profiles` among them; ask before they are stored.

    All of them where they may be stored already, before a crash.
    """
    by_project: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for project_id, node, person in people:
        by_project[project_id][node] = person
    changed: list[Renamed] = []
    for project_id, theirs in by_project.items():
        if retried:
            changed.append(Renamed(project_id, sorted(theirs), []))
            continue
        before = identity_rows.people_of(store, project_id, sorted(theirs))
        nodes = [node for node, person in theirs.items() if before.get(node, node) != person]
        new = {node for node in nodes if node not in before and (project_id, node) in profiles}
        changed.append(Renamed(project_id, [node for node in nodes if node not in new], sorted(new)))
    return changed


def touched_by_people(store: Store, changed: Iterable[Renamed]) -> set[Touch]:
    """All hours in which somebody whose person changed did anything; to be asked after that is stored."""
    found: set[Touch] = set()
    for project_id, nodes, newcomers in changed:
        asked = nodes
        if newcomers and was_touched(store, project_id, WITHOUT_DEVICE):
            asked = [*nodes, *newcomers]
        found |= hours_of_nodes(store, project_id, asked)
    return found
