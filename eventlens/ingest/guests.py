"""Events without a device join their profile's current session.

A server that reports a purchase knows the profile, not the device. Such an event belongs to the
session that a device of that profile is in at that moment, as far as it is known when the event is
processed; otherwise the profile has sessions of its own. (For events with a device id the order of
arrival never matters; for these it may.) A guest is counted there but moves neither the session's
start nor its end, so that a device's sessions follow from the device's events alone. What was decided
once stays so: after a crash, an event that is stored already keeps its session.
"""

from collections import defaultdict
from collections.abc import Sequence

from eventlens.ingest.keys import profile_node
from eventlens.ingest.rows import Event, Link
from eventlens.sessions import SESSION_GAP_MS
from eventlens.store import events as event_rows
from eventlens.store import identities as identity_rows
from eventlens.store import sessions as session_rows
from eventlens.store.base import Store

Span = tuple[int, int, int]
"""(start, end, session key), times in ms."""


def seat_guests(store: Store, events: Sequence[Event], links: Sequence[Link], *, retried: bool) -> None:
    """Give events that know only a profile the session key of a device of it that is in a session."""
    guests: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.profile_id and event.session_key and not event.device_id and not event.session_id:
            guests[event.project_id].append(event)
    for project_id, invited in guests.items():
        standing = _still_standing(store, project_id, invited) if retried else invited
        devices = _devices(store, project_id, standing, links)
        if devices:
            _seat(standing, devices, _spans(store, project_id, devices, standing, events))


def _still_standing(store: Store, project_id: str, guests: Sequence[Event]) -> list[Event]:
    """Seat those that were stored before a crash where they sat; the others."""
    days = sorted({event_rows.day_number(guest.timestamp) for guest in guests})
    arrivals = [guest.arrival for guest in guests]
    seats = dict(event_rows.keys_of_arrivals(store, project_id, arrivals, days))
    for guest in guests:
        guest.session_key = seats.get(guest.arrival, guest.session_key)
    return [guest for guest in guests if guest.arrival not in seats]


def _devices(
    store: Store, project_id: str, guests: Sequence[Event], fresh: Sequence[Link]
) -> dict[int, set[int]]:
    """Profile → its devices, as stored and as this batch adds."""
    profiles = {profile_node(guest.profile_id) for guest in guests}
    devices: defaultdict[int, set[int]] = defaultdict(set)
    for row in identity_rows.links_of_profiles(store, project_id, sorted(profiles)):
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
    keys = {device for some in devices.values() for device in some}
    days = event_rows.days_around((guest.timestamp for guest in guests), SESSION_GAP_MS)
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    for row in session_rows.sessions_near(store, project_id, sorted(keys), days):
        spans[row["session_key"]].append((row["session_start"], row["session_end"], row["session_key"]))
    for event in events:
        if event.session_key in keys and event.project_id == project_id and event.device_id:
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
