"""Which hours a batch changed, so that answers computed before are known to be old (`store/touches.py`)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from eventlens.ingest.rows import Change, Event, Session
from eventlens.store import identities as identity_rows
from eventlens.store.base import Store
from eventlens.store.touches import HOUR_MS, Touch, hours_of_nodes

Person = tuple[str, int, int]
"""(project id, node, person)."""


def touched_by_rows(events: Iterable[Sequence[Event]], sessions: Iterable[Session]) -> set[Touch]:
    """The hours of written events, and all hours of written sessions.

    An event may change what its session's other events mean: how long a page was looked at before it.
    """
    touched = {(event.project_id, event.timestamp // HOUR_MS) for some in events for event in some}
    for session in sessions:
        first = session.session_start // HOUR_MS
        last = max(session.session_end, session.exit_time) // HOUR_MS
        touched.add((session.project_id, first))
        if last > first:
            touched.update((session.project_id, hour) for hour in range(first + 1, last + 1))
    return touched


def touched_by_changes(changes: Iterable[Change]) -> set[Touch]:
    """The hours of changes of profiles: any of a project will do, for answers that look at its profiles."""
    return {(change.project_id, change.timestamp // HOUR_MS) for change in changes}


def renamed(store: Store, people: Iterable[Person], *, retried: bool) -> dict[str, list[int]]:
    """`{project id: nodes}` whose person will be another one; ask before `people` are stored.

    All of them where that may have happened already, before a crash.
    """
    by_project: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for project_id, node, person in people:
        by_project[project_id][node] = person
    changed: dict[str, list[int]] = {}
    for project_id, theirs in by_project.items():
        before = {} if retried else identity_rows.people_of(store, project_id, sorted(theirs))
        nodes = [node for node, person in theirs.items() if retried or before.get(node, node) != person]
        if nodes:
            changed[project_id] = nodes
    return changed


def touched_by_people(store: Store, changed: dict[str, list[int]]) -> set[Touch]:
    """All hours in which somebody whose person changed did anything."""
    found = (hours_of_nodes(store, project_id, nodes) for project_id, nodes in changed.items())
    return set[Touch]().union(*found)
