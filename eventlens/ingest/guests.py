"""Events without a device join their profile's current session.

A server that reports a purchase knows the profile, not the device. Such an event belongs to the
session that a device of that profile is in at that moment, as far as it is known when the event is
processed; otherwise the profile has sessions of its own. (For events with a device id the order of
arrival never matters; for these it may.)
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from eventlens.ingest.keys import SESSION_GAP_MS, profile_node
from eventlens.ingest.rows import Event, Link
from eventlens.store import identities as identity_rows
from eventlens.store import sessions as session_rows
from eventlens.store.base import Store

Span = tuple[int, int, int]
"""(start, end, session key), times in ms."""


def seat_guests(store: Store, events: Sequence[Event], links: Iterable[Link]) -> None:
    """Give events that know only a profile the session key of that profile's device, where one is in a session."""
    guests: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.profile_id and event.session_key and not event.device_id and not event.session_id:
            guests[event.project_id].append(event)
    if not guests:
        return
    fresh = list(links)
    for project_id, invited in guests.items():
        devices = _devices(store, project_id, invited, fresh)
        if devices:
            spans = _spans(store, project_id, devices, invited, events)
            _seat(invited, devices, spans)


def _devices(
    store: Store, project_id: str, guests: Sequence[Event], fresh: Sequence[Link]
) -> dict[int, set[int]]:
    """Profile → its devices, as stored and as this batch adds."""
    profiles = {profile_node(event.profile_id) for event in guests}
    devices: defaultdict[int, set[int]] = defaultdict(set)
    for row in identity_rows.links_of(store, project_id, sorted(profiles)):
        devices[row["profile"]].add(row["device"])
    for link in fresh:
        if link.project_id == project_id and link.profile in profiles:
            devices[link.profile].add(link.device)
    return devices


def _spans(
    store: Store,
    project_id: str,
    devices: dict[int, set[int]],
    guests: Sequence[Event],
    events: Sequence[Event],
) -> dict[int, list[Span]]:
    """Device → when it was active: stored sessions, and the events of this batch."""
    keys = sorted(set().union(*devices.values()))
    moments = [event.timestamp - back for event in guests for back in (0, SESSION_GAP_MS)]
    days = sorted({datetime.fromtimestamp(max(moment, 0) / 1000, UTC).date() for moment in moments})
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    for row in session_rows.sessions_near(store, project_id, keys, days):
        spans[row["session_key"]].append((row["session_start"], row["session_end"], row["session_key"]))
    wanted = set(keys)
    for event in events:
        if event.session_key in wanted and event.project_id == project_id and event.device_id:
            spans[event.session_key].append((event.timestamp, event.timestamp, event.session_key))
    return spans


def _seat(guests: Sequence[Event], devices: dict[int, set[int]], spans: dict[int, list[Span]]) -> None:
    for guest in guests:
        current = [
            span
            for device in devices.get(profile_node(guest.profile_id), ())
            for span in spans.get(device, ())
            if span[0] <= guest.timestamp < span[1] + SESSION_GAP_MS
        ]
        if current:
            guest.session_key = max(current)[2]
