"""Cut events into sessions: exact at any moment, whatever the order in which events arrive.

A session is a connected run: events of one key with less than 30 minutes between neighbours. Adding
an event can only extend a session, start one, or join two, so the stored state is the same for every
order of arrival. Guests (events without a device in a device's session, `guests.py`) are counted in it
but move neither its start nor its end, so they cannot join what the device has apart.

Where a late event moves a session's start, the rows of that session are written again with the new
start and the new first event's referrer and campaign; the highest version counts.

Two ways to the same result: the usual one adds new events to what is known of their neighbours;
after a crash in the middle of a batch, `retried`, sessions are recomputed from their events alone.
"""

from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from operator import attrgetter

from eventlens.clock import DAY, MINUTE, Clock
from eventlens.ingest.filters import SeenFilter, hashes_of
from eventlens.ingest.keys import profile_node, visitor_node
from eventlens.ingest.rows import Event, Session, row_of
from eventlens.sessions import SESSION_GAP_MS
from eventlens.store import events as event_rows
from eventlens.store import sessions as session_rows
from eventlens.store.base import Store

_KNOWN_SESSIONS = 50_000
"""Newest session per key kept in memory; others are looked up."""

_LIVE_MS = SESSION_GAP_MS - 2 * MINUTE
"""A later session would have to begin in the future (clocks may be a minute ahead)."""

_KEYS_WINDOW_MS = 2 * DAY
"""How far back the filter of known keys reaches."""

Key = tuple[str, int]


@dataclass(slots=True)
class Cut:
    """What to write: sessions as they are now (and tombstones), and older event rows whose session moved."""

    sessions: list[Session] = field(default_factory=list[Session])
    rewritten: list[Event] = field(default_factory=list[Event])


class Sessions:
    """Cuts the sessions of all projects. One worker thread uses it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._newest: OrderedDict[Key, Session] = OrderedDict()
        self._keys = SeenFilter()
        self._complete_since: int | None = None

    def load(self) -> None:
        """Learn which keys have sessions lately, so that new visitors need no look-up."""
        now = self._clock()
        self._keys = SeenFilter()
        self._complete_since = now - _KEYS_WINDOW_MS
        self._keys.add(hashes_of(session_rows.keys_since(self._store, self._complete_since)), now)

    def cut(self, events: Sequence[Event], *, retried: bool) -> Cut:
        """Set `session_start` and what the session lends to its events; return what else must be written."""
        if self._complete_since is not None and self._clock() - self._complete_since > 2 * _KEYS_WINDOW_MS:
            self.load()  # or the filter would grow for ever
        cut = Cut()
        by_project: dict[str, dict[int, list[Event]]] = {}
        for event in events:
            key = event.session_key
            if not key:
                continue
            its = by_project.get(event.project_id)
            if its is None:
                its = by_project[event.project_id] = {}
            if key in its:
                its[key].append(event)
            else:
                its[key] = [event]
        for project_id, by_key in by_project.items():
            if retried:
                self._recompute(project_id, by_key, cut)
            else:
                self._extend(project_id, by_key, cut)
        return cut

    # --- the usual way ---------------------------------------------------------------------------

    def _extend(self, project_id: str, by_key: dict[int, list[Event]], cut: Cut) -> None:
        known, first_ever = self._known(project_id, by_key)
        moved: list[tuple[Session, Session]] = []
        for key, new in by_key.items():
            olds_of_key = known.get(key, ())
            if _is_one_run(olds_of_key, new):
                session = _extended(olds_of_key, new)
                cut.sessions.append(session)
                self._remember((project_id, key), session, newest=key in first_ever)
                continue
            new.sort(key=_order)
            for olds, news in _components(olds_of_key, new):
                session = _joined(olds, news)
                cut.sessions.append(session)
                self._remember((project_id, key), session, newest=key in first_ever)
                for old in olds:
                    if old.session_start != session.session_start:
                        cut.sessions.append(_tombstone(old))
                        moved.append((old, session))
        if moved:
            cut.rewritten += self._rewritten(project_id, moved)

    def _known(
        self, project_id: str, by_key: dict[int, list[Event]]
    ) -> tuple[dict[int, list[Session]], set[int]]:
        """The sessions that events of these keys may touch, and the keys that had none before.

        From memory where that is surely all of them, else from the store.
        """
        known: dict[int, list[Session]] = {}
        unknown: list[int] = []
        unsure: dict[int, list[Event]] = {}
        for key, events in by_key.items():
            newest = self._newest.get((project_id, key))
            if newest is None:
                unknown.append(key)
            elif newest.session_id or _earliest(events) >= newest.session_start:
                known[key] = [newest]
            else:
                unsure[key] = events
        first_ever = self._surely_new(project_id, unknown, by_key)
        unsure.update((key, by_key[key]) for key in unknown if key not in first_ever)
        for session in self._look_up(project_id, unsure) if unsure else ():
            known.setdefault(session.session_key, []).append(session)
        for sessions in known.values():
            if len(sessions) > 1:
                sessions.sort(key=lambda session: session.session_start)
        return known, first_ever

    def _surely_new(self, project_id: str, keys: Sequence[int], by_key: dict[int, list[Event]]) -> set[int]:
        """Those keys that surely have no session yet; notes all of them as known from now on."""
        since = self._complete_since
        hashes = hashes_of((project_id, key) for key in keys)
        maybe = self._keys.maybe_seen(hashes)
        self._keys.add(hashes, self._clock())
        if since is None:
            return set()
        return {
            key
            for key, seen in zip(keys, maybe, strict=True)
            # A session that the client named may have begun long before the filter does.
            if not seen and not by_key[key][0].session_id and _earliest(by_key[key]) - SESSION_GAP_MS >= since
        }

    def _look_up(self, project_id: str, by_key: dict[int, list[Event]]) -> Iterator[Session]:
        named = [key for key, events in by_key.items() if events[0].session_id]
        cut = {key: events for key, events in by_key.items() if not events[0].session_id}
        if named:
            for row in session_rows.sessions_of_keys(self._store, project_id, named):
                yield row_of(Session, row)
        if cut:
            days = _days_near(event for events in cut.values() for event in events)
            for row in session_rows.sessions_near(self._store, project_id, list(cut), days):
                yield row_of(Session, row)

    def _remember(self, key: Key, session: Session, *, newest: bool) -> None:
        """Keep a session in memory if no later one of its key can exist."""
        known = self._newest.get(key)
        if known is None:
            newest = newest or bool(session.session_id) or session.session_end > self._clock() - _LIVE_MS
        else:
            newest = session.session_end >= known.session_end
        if not newest:
            return
        self._newest[key] = session
        self._newest.move_to_end(key)
        if len(self._newest) > _KNOWN_SESSIONS:
            self._newest.popitem(last=False)

    def forget(self) -> None:
        """Drop what memory says of sessions: a batch failed after it was cut."""
        self._newest.clear()

    def _rewritten(self, project_id: str, moved: Sequence[tuple[Session, Session]]) -> list[Event]:
        target = {(old.session_key, old.session_start): new for old, new in moved}
        spans = [_reach(old) for old, _ in moved]
        rows: list[Event] = []
        for row in event_rows.events_of_sessions(self._store, project_id, spans):
            event = row_of(Event, row)
            _lend(target[event.session_key, event.session_start], event)
            rows.append(event)
        return rows

    # --- after a crash ---------------------------------------------------------------------------

    def _recompute(self, project_id: str, by_key: dict[int, list[Event]], cut: Cut) -> None:
        """Parts of this batch may be stored already: believe nothing but events."""
        self._keys.add(hashes_of((project_id, key) for key in by_key), self._clock())
        stale = self._stale(project_id, by_key)
        spans = [_reach(old) for old in stale]
        before: defaultdict[int, dict[int, Event]] = defaultdict(dict)
        for row in event_rows.events_of_sessions(self._store, project_id, spans):
            event = row_of(Event, row)
            before[event.session_key][event.arrival] = event
        starts: set[tuple[int, int]] = set()
        for key, new in by_key.items():
            fresh = {event.arrival for event in new}
            old = [event for arrival, event in before[key].items() if arrival not in fresh]
            for _, news in _components((), sorted([*old, *new], key=_order)):
                session = _joined((), news)
                starts.add((key, session.session_start))
                cut.sessions.append(session)
                self._remember((project_id, key), session, newest=False)
            cut.rewritten += old
        for session in stale:
            if (session.session_key, session.session_start) not in starts:
                cut.sessions.append(_tombstone(session))

    def _stale(self, project_id: str, by_key: dict[int, list[Event]]) -> list[Session]:
        """Sessions that the batch may touch, as their rows and as events tell: both may be half-written.

        A session that is joined to an earlier one starts near a new event; one that is extended has an
        event near it. A session that the client named may lie anywhere.
        """
        named = [key for key, events in by_key.items() if events[0].session_id]
        days = _days_near(event for events in by_key.values() for event in events)
        keys = list(by_key)
        spans = event_rows.spans_near(self._store, project_id, keys, days)
        rows = [
            *session_rows.sessions_starting(self._store, project_id, keys, days),
            *session_rows.sessions_at(self._store, project_id, [(key, start) for key, start, _ in spans]),
            *session_rows.sessions_of_keys(self._store, project_id, named),
        ]
        stale = {(row["session_key"], row["session_start"]): row_of(Session, row) for row in rows}
        for key, start, end in spans:
            known = stale.get((key, start))
            if known is None:
                stale[key, start] = Session(
                    project_id=project_id, session_key=key, session_start=start, session_end=end
                )
            else:
                known.session_end = max(known.session_end, end)
        return list(stale.values())


def _order(event: Event) -> tuple[int, bool, int]:
    return event.timestamp, is_guest(event), event.arrival


def _earliest(events: Sequence[Event]) -> int:
    return events[0].timestamp if len(events) == 1 else min(map(_time, events))


_time = attrgetter("timestamp")


def _reach(session: Session) -> tuple[int, int, int]:
    """(key, start, end) between which its events lie: guests up to half an hour after its end."""
    return session.session_key, session.session_start, session.session_end + SESSION_GAP_MS


def _days_near(events: Iterable[Event]) -> list[int]:
    """The UTC days on which sessions that these events may join have an event."""
    return event_rows.days_around((event.timestamp for event in events), SESSION_GAP_MS)


def _is_one_run(olds: Sequence[Session], news: Sequence[Event]) -> bool:
    """Whether events, as they came, are one session or extend the one known: nearly always, seen at a glance.

    Only of events with a device, in order; everything else is for `_components`.
    """
    first = news[0]
    if not first.device_id or first.session_id:
        return False
    end = first.timestamp
    if olds:
        old = olds[0]
        if (
            len(olds) > 1
            or not old.device_id
            or not old.session_start <= end < old.session_end + SESSION_GAP_MS
        ):
            return False
    if len(news) > 1:
        for event in news:
            if not end <= event.timestamp < end + SESSION_GAP_MS or not event.device_id or event.session_id:
                return False
            end = event.timestamp
    return True


def _extended(olds: Sequence[Session], news: Sequence[Event]) -> Session:
    """`_joined` for what `_is_one_run`: the session is the known one itself, changed."""
    session = olds[0] if olds else _begun_by(news[0])
    session.session_end = max(session.session_end, news[-1].timestamp)
    session.events += len(news)
    views = [event for event in news if event.name == "screen_view"]
    if views:
        session.screen_views += len(views)
        alone = len(views) == 1
        _enter(session, views[0] if alone else min(views, key=_moment))
        _leave(session, views[0] if alone else max(views, key=_moment))
    for event in news:
        if event.profile_id != session.profile_id:
            session.profile_id = _smaller_name(session.profile_id, event.profile_id)
        event.session_start = session.session_start
        event.source = session.source
    session.visitor = visitor_node(session.device_id, session.profile_id)
    return session


def _components(
    olds: Sequence[Session], news: Sequence[Event]
) -> Iterator[tuple[Sequence[Session], Sequence[Event]]]:
    """Connected runs of known sessions and new events (in order) that contain at least one new event."""
    named = bool(news[0].session_id)
    if len(news) == 1 and len(olds) <= 1:  # nearly always
        near = named or all(_near(old, news[0]) for old in olds)
        yield (olds if near else ()), news
        return
    runs: list[_Run] = []
    guests: list[Session | Event] = []
    for item in sorted([*olds, *news], key=_place):
        if is_guest(item):
            guests.append(item)
            continue
        start, stop = _extent(item)
        if not runs or (start - runs[-1].end >= SESSION_GAP_MS and not named):
            runs.append(_Run(start, stop))
        runs[-1].take(item)
        runs[-1].end = max(runs[-1].end, stop)
    for run in [*runs, *_seated(guests, runs)]:
        if run.events:
            run.events.sort(key=_order)
            yield run.sessions, run.events


@dataclass(slots=True)
class _Run:
    start: int
    end: int
    sessions: list[Session] = field(default_factory=list[Session])
    events: list[Event] = field(default_factory=list[Event])

    def take(self, item: Session | Event) -> None:
        if isinstance(item, Session):
            self.sessions.append(item)
        else:
            self.events.append(item)


def _seated(guests: Iterable[Session | Event], runs: Sequence[_Run]) -> list[_Run]:
    """Guests join the run that they fall into and move no edge of it; the runs of those that find none."""
    starts = [run.start for run in runs]
    lone: list[_Run] = []
    for guest in guests:
        when, _ = _extent(guest)
        place = bisect_right(starts, when) - 1
        if place >= 0 and when < runs[place].end + SESSION_GAP_MS:
            runs[place].take(guest)
            continue
        if not lone or when >= lone[-1].end + SESSION_GAP_MS:
            lone.append(_Run(when, when))
        lone[-1].take(guest)
    return lone


def is_guest(item: Session | Event) -> bool:
    """Whether an event without a device sits in another's session (or a session consists of such)."""
    if item.device_id or item.session_id:
        return False
    return item.session_key != profile_node(item.profile_id)


def _extent(item: Session | Event) -> tuple[int, int]:
    if isinstance(item, Session):
        return item.session_start, item.session_end
    return item.timestamp, item.timestamp


def _place(item: Session | Event) -> tuple[int, bool]:
    """When it begins; at equal times guests come last, so that they never begin a device's session."""
    return _extent(item)[0], is_guest(item)


def _near(session: Session, event: Event) -> bool:
    """Whether an event joins a session; of the two, one that is a guest only from within."""
    when = event.timestamp
    if is_guest(event):
        return session.session_start <= when < session.session_end + SESSION_GAP_MS
    if is_guest(session):
        return when <= session.session_start < when + SESSION_GAP_MS
    return session.session_start - SESSION_GAP_MS < when < session.session_end + SESSION_GAP_MS


def _joined(olds: Sequence[Session], news: Sequence[Event]) -> Session:
    """One session of known ones (earliest first) and new events (in order), to which it lends itself."""
    first = news[0]
    if olds and _place(olds[0]) <= _place(first):
        session = copy(olds[0])
        rest = olds[1:]
    else:
        session = _begun_by(first)
        rest = olds
    for old in rest:
        _absorb_session(session, old)
    for event in news:
        _absorb_event(session, event)
    session.visitor = visitor_node(session.device_id, session.profile_id)
    for event in news:
        _lend(session, event)
    return session


def _begun_by(event: Event) -> Session:
    return Session(
        project_id=event.project_id,
        session_key=event.session_key,
        session_start=event.timestamp,
        session_end=event.timestamp,
        session_id=event.session_id,
        device_id=event.device_id,
        source=event.source,
        place=event.place,
        agent=event.agent,
    )


def _absorb_event(session: Session, event: Event) -> None:
    if event.timestamp > session.session_end and not is_guest(event):
        session.session_end = event.timestamp
    session.events += 1
    if event.profile_id != session.profile_id:
        session.profile_id = _smaller_name(session.profile_id, event.profile_id)
    if event.name != "screen_view":
        return
    session.screen_views += 1
    _enter(session, event)
    _leave(session, event)


_moment = attrgetter("timestamp", "arrival")


def _enter(session: Session, view: Event) -> None:
    """The session was entered with this view, if no other was before it."""
    when, arrival = view.timestamp, view.arrival
    if not session.entry_arrival or (when, arrival) < (session.entry_time, session.entry_arrival):
        session.entry_time, session.entry_arrival = when, arrival
        session.entry_page, session.entry_title = view.page, view.title


def _leave(session: Session, view: Event) -> None:
    """It was left with this view, if no other came after it."""
    when, arrival = view.timestamp, view.arrival
    if not session.exit_arrival or (when, arrival) > (session.exit_time, session.exit_arrival):
        session.exit_time, session.exit_arrival = when, arrival
        session.exit_page, session.exit_title = view.page, view.title


def _absorb_session(session: Session, other: Session) -> None:
    if not is_guest(other):
        session.session_end = max(session.session_end, other.session_end)
    session.events += other.events
    session.screen_views += other.screen_views
    session.profile_id = _smaller_name(session.profile_id, other.profile_id)
    if not other.entry_arrival:
        return
    entry, exit_ = (other.entry_time, other.entry_arrival), (other.exit_time, other.exit_arrival)
    if not session.entry_arrival or entry < (session.entry_time, session.entry_arrival):
        session.entry_time, session.entry_arrival = entry
        session.entry_page, session.entry_title = other.entry_page, other.entry_title
    if not session.exit_arrival or exit_ > (session.exit_time, session.exit_arrival):
        session.exit_time, session.exit_arrival = exit_
        session.exit_page, session.exit_title = other.exit_page, other.exit_title


def _smaller_name(one: str, other: str) -> str:
    """The profile of a session with several is the first by name: the same for every order of arrival."""
    return min(one, other) if one and other else one or other


def _lend(session: Session, event: Event) -> None:
    event.session_start = session.session_start
    event.source = session.source


def _tombstone(session: Session) -> Session:
    dead = copy(session)
    dead.deleted = 1
    return dead
