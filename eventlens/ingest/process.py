"""Commands become rows: everything about an event that can be known without looking at other events.

A pure transformation; sessions, identity and repeated ids come after it (`sessions`, `identity`, `seen`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from eventlens.clock import HOUR
from eventlens.enrich.campaign import NO_CAMPAIGN, is_paid, read_campaign, read_ref
from eventlens.enrich.geo import Place
from eventlens.enrich.hosts import clean_host
from eventlens.enrich.page import Page, split_page
from eventlens.enrich.referrer import (
    NO_REFERRER,
    Referrer,
    is_spam_referrer,
    name_referrer,
    read_referrer,
    with_campaign,
)
from eventlens.enrich.user_agent import Agent, parse_user_agent
from eventlens.events import (
    Add,
    Alias,
    AssignGroup,
    Command,
    Context,
    Envelope,
    Group,
    Identify,
    Replay,
    Track,
)
from eventlens.ingest.groups import GroupChange, Member, changes_of, members_of
from eventlens.ingest.keys import profile_node, session_key, visitor_node
from eventlens.ingest.replays import Chunk, chunk_of
from eventlens.ingest.rows import AliasRow, Change, Event, Source
from eventlens.queues.base import Record

_Other = Identify | Add | Alias | Group | AssignGroup | Replay

_LONGEST_CACHED = 512
"""Characters: longer addresses rarely repeat, and would make the caches large."""


class Exclusion(NamedTuple):
    """What is counted apart: per project, hour (ms), reason, and whose."""

    project_id: str
    hour: int
    reason: str
    name: str


class Identified(NamedTuple):
    """An identify call of a device."""

    arrival: int
    project_id: str
    device_id: str
    profile_id: str
    timestamp: int


@dataclass(slots=True)
class Batch:
    """All that one claim turns into."""

    version: int
    """Higher than any earlier batch's; newer rows replace older ones by it."""
    events: list[Event] = field(default_factory=list[Event])
    changes: list[Change] = field(default_factory=list[Change])
    identified: list[Identified] = field(default_factory=list[Identified])
    aliases: list[AliasRow] = field(default_factory=list[AliasRow])
    group_changes: list[GroupChange] = field(default_factory=list[GroupChange])
    members: list[Member] = field(default_factory=list[Member])
    chunks: list[Chunk] = field(default_factory=list[Chunk])
    excluded: Counter[Exclusion] = field(default_factory=Counter[Exclusion])
    tallies: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    sources: dict[int, str] = field(default_factory=dict[int, str])
    """arrival → source, for commands whose outcome somebody wants tallied."""
    own_times: set[int] = field(default_factory=set[int])
    """Arrivals of events that carry their own time."""
    buried: list[tuple[Record, str]] = field(default_factory=list[tuple[Record, str]])
    """Records that cannot be applied, with the reason."""
    traces: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """(arrival, `traceparent`) of the requests that somebody traces."""

    def exclude(self, project_id: str, when: int, reason: str, name: str = "") -> None:
        """Count something of time `when` (ms) apart."""
        hour = when - when % HOUR
        self.excluded[Exclusion(project_id, hour, reason, name)] += 1

    def outcome(self, arrival: int, outcome: str) -> None:
        """Tally how a command ended, where somebody asked for it."""
        source = self.sources.get(arrival)
        if source:
            self.tallies[source, outcome] += 1


def process(arrival: int, envelope: Envelope, batch: Batch) -> None:
    """Add what an envelope turns into to `batch`; `arrival` is that of its first command."""
    context = envelope.context
    scene: _Scene | None = None
    if envelope.trace:
        batch.traces.append((arrival, envelope.trace))
    if context.source:
        for offset in range(len(envelope.commands)):
            batch.sources[arrival + offset] = context.source
    if context.excluded:
        _set_apart(batch, context, arrival, envelope.commands)
        return
    for command in envelope.commands:
        if isinstance(command, Track):
            scene = scene or _scene_of(context)
            _add_event(batch, context, scene, arrival, command)
        else:
            _add_command(batch, context, arrival, command)
        arrival += 1


def _set_apart(batch: Batch, context: Context, arrival: int, commands: Sequence[Command]) -> None:
    for offset, command in enumerate(commands):
        batch.exclude(context.project_id, command.timestamp, context.excluded, context.excluded_name)
        batch.outcome(arrival + offset, context.excluded)


class _Scene(NamedTuple):
    """What all events of an envelope share."""

    project_id: str
    place: Place
    agent: Agent


def _scene_of(context: Context) -> _Scene:
    return _Scene(
        intern(context.project_id),  # one object for all events, which is hashed and compared at a glance
        _place(context.country, context.region, context.city, context.latitude, context.longitude),
        parse_user_agent(context.user_agent, context.hints),
    )


def _add_event(batch: Batch, context: Context, scene: _Scene, arrival: int, track: Track) -> None:
    device_id, profile_id, session_id = track.device_id, track.profile_id, track.session_id
    visitor = visitor_node(device_id, profile_id)
    if context.outside_sessions:
        key = 0
    elif profile_id or session_id:
        key = session_key(session_id, device_id, profile_id)
    else:
        key = visitor  # of a device alone both are its node
    path, referrer = track.path, track.referrer
    short = len(path) <= _LONGEST_CACHED and len(referrer) <= _LONGEST_CACHED
    page, source, spammer = (_cached_arrival if short else _read_arrival)(
        path, referrer, context.outside_sessions, key != 0
    )
    if spammer:
        batch.exclude(context.project_id, track.timestamp, "spam", spammer)
        batch.outcome(arrival, "spam")
        return
    if not track.properties.isascii():
        track.properties.decode()  # or one record that is damaged would keep all others from being stored
    project_id, place, agent = scene
    batch.events.append(
        Event(  # by position: with names it takes twice as long
            project_id,
            track.timestamp,
            arrival,
            track.id,
            track.name,
            device_id,
            profile_id,
            visitor,
            key,
            track.timestamp,
            session_id,
            page,
            track.title,
            track.language,
            track.screen,
            source,
            place,
            agent._replace(**track.overrides) if track.overrides else agent,
            track.groups,
            track.revenue,
            track.currency,
            context.sdk,
            context.sdk_version,
            track.properties,
        )
    )
    if track.own_time:
        batch.own_times.add(arrival)


_place = lru_cache(maxsize=4096)(Place)
"""One object for all events of a place."""


def _add_command(batch: Batch, context: Context, arrival: int, command: _Other) -> None:
    match command:
        case Identify():
            if command.device_id:
                call = (arrival, context.project_id, command.device_id, command.profile_id, command.timestamp)
                batch.identified.append(Identified(*call))
            for name, value in command.properties.items():
                batch.changes.append(_change(command, context, arrival, name, "set", value))
        case Add():
            change = _change(command, context, arrival, command.property, "add", command.value)
            batch.changes.append(change)
        case Alias():
            batch.aliases.append(
                AliasRow(
                    project_id=context.project_id,
                    profile=profile_node(command.profile_id),
                    alias=profile_node(command.alias),
                    profile_id=command.profile_id,
                    alias_id=command.alias,
                    first_seen=command.timestamp,
                )
            )
        case _:
            _add_beside(batch, context, arrival, command)


def _add_beside(batch: Batch, context: Context, arrival: int, command: Group | AssignGroup | Replay) -> None:
    """What is kept beside events and profiles: groups, who belongs to them, recordings."""
    match command:
        case Group():
            batch.group_changes += changes_of(context.project_id, command, arrival)
        case AssignGroup():
            batch.members += members_of(context.project_id, command)
        case Replay():
            chunk = chunk_of(context.project_id, command, arrival)
            if chunk is None:
                batch.exclude(context.project_id, command.timestamp, "replay", "no session")
            else:
                batch.chunks.append(chunk)


def _read_arrival(
    path: str,
    stated: str,
    keep_own: bool,  # noqa: FBT001  # a cache is quicker with positions
    in_session: bool,  # noqa: FBT001  # likewise
) -> tuple[Page, Source, str]:
    """Which page it was, how one came there, and which spammer's referrer that was, if any."""
    page = split_page(path)
    campaign = read_campaign(page.query)
    referrer = read_referrer(stated, "" if keep_own else page.origin)
    if keep_own and stated and not referrer.url:
        # A raw log line says what it says, also where no host can be read from it.
        referrer = Referrer(stated, "", "other")
    # An own page's link that says `ref=menu` names nobody: only where no own page was left for this one.
    if in_session and page.query and (referrer != NO_REFERRER or read_referrer(stated) == NO_REFERRER):
        if referrer == NO_REFERRER:
            referrer = name_referrer(read_ref(page.query), page.origin)
        referrer = with_campaign(referrer, campaign)
    elif campaign is not NO_CAMPAIGN and is_paid(campaign):
        referrer = referrer._replace(type="ad")
    spammer = (_cached_spammer if len(stated) <= _LONGEST_CACHED else _spammer)(stated) if stated else ""
    return page, _source(*referrer, *campaign), spammer


_cached_arrival = lru_cache(maxsize=16_384)(_read_arrival)

_source = lru_cache(maxsize=4096)(Source)
"""One object for all events that came the same way."""


def _spammer(referrer: str) -> str:
    """The referrer's host where it is a known spammer's, else ''."""
    host = _host_of(referrer)
    return host if is_spam_referrer(host) else ""


_cached_spammer = lru_cache(maxsize=4096)(_spammer)


def _host_of(url: str) -> str:
    """The host of an absolute URL, without its port; '' for anything else."""
    _, found, rest = url.partition("://")
    return clean_host(rest.partition("/")[0].partition("?")[0]) if found else ""


def _change(
    command: Identify | Add, context: Context, arrival: int, name: str, operation: str, value: bytes
) -> Change:
    return Change(
        project_id=context.project_id,
        profile_id=command.profile_id,
        property=name,
        timestamp=command.timestamp,
        arrival=arrival,
        id=command.id,
        operation=operation,
        value=value.decode(),
        node=profile_node(command.profile_id),
    )
