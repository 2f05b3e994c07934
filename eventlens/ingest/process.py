"""Commands become rows: everything about an event that can be known without looking at other events.

A pure transformation; sessions, identity and repeated ids come after it (`sessions`, `identity`, `seen`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from eventlens.enrich.campaign import Campaign, is_paid, read_campaign, read_ref
from eventlens.enrich.hosts import clean_host
from eventlens.enrich.page import Page, split_page
from eventlens.enrich.referrer import (
    NO_REFERRER,
    Referrer,
    is_spam_referrer,
    name_referrer,
    read_referrer,
)
from eventlens.enrich.user_agent import Agent, parse_user_agent
from eventlens.events import Add, Alias, Command, Context, Envelope, Identify, Track
from eventlens.ingest.keys import profile_node, session_key, visitor_node
from eventlens.ingest.rows import AliasRow, Change, Event
from eventlens.queues.base import Record

_HOUR_MS = 3_600_000

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
    excluded: Counter[Exclusion] = field(default_factory=Counter[Exclusion])
    tallies: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    sources: dict[int, str] = field(default_factory=dict[int, str])
    """arrival → source, for commands whose outcome somebody wants tallied."""
    own_times: set[int] = field(default_factory=set[int])
    """Arrivals of events that carry their own time."""
    buried: list[tuple[Record, str]] = field(default_factory=list[tuple[Record, str]])
    """Records that cannot be applied, with the reason."""

    def exclude(self, project_id: str, when: int, reason: str, name: str = "") -> None:
        """Count something of time `when` (ms) apart."""
        hour = when - when % _HOUR_MS
        self.excluded[Exclusion(project_id, hour, reason, name)] += 1

    def outcome(self, arrival: int, outcome: str) -> None:
        """Tally how a command ended, where somebody asked for it."""
        source = self.sources.get(arrival)
        if source:
            self.tallies[source, outcome] += 1


def process(arrival: int, envelope: Envelope, batch: Batch) -> None:
    """Add what an envelope turns into to `batch`; `arrival` is that of its first command."""
    context = envelope.context
    if context.source:
        for offset in range(len(envelope.commands)):
            batch.sources[arrival + offset] = context.source
    if context.excluded:
        _set_apart(batch, context, arrival, envelope.commands)
        return
    agent = parse_user_agent(context.user_agent)
    for offset, command in enumerate(envelope.commands):
        _add_command(batch, context, agent, arrival + offset, command)


def _set_apart(batch: Batch, context: Context, arrival: int, commands: Sequence[Command]) -> None:
    for offset, command in enumerate(commands):
        batch.exclude(context.project_id, command.timestamp, context.excluded, context.excluded_name)
        batch.outcome(arrival + offset, context.excluded)


def _add_command(batch: Batch, context: Context, agent: Agent, arrival: int, command: Command) -> None:
    match command:
        case Track():
            if command.referrer and (spammer := _spammer(command.referrer)):
                batch.exclude(context.project_id, command.timestamp, "spam", spammer)
                batch.outcome(arrival, "spam")
                return
            batch.events.append(_event(command, context, agent, arrival, batch.version))
            if command.own_time:
                batch.own_times.add(arrival)
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


def _event(track: Track, context: Context, agent: Agent, arrival: int, version: int) -> Event:
    outside = context.outside_sessions
    key = 0 if outside else session_key(track.session_id, track.device_id, track.profile_id)
    page, campaign, referrer = _arrival_at(track, keep_own=outside, in_session=key != 0)
    event = Event(
        project_id=context.project_id,
        timestamp=track.timestamp,
        arrival=arrival,
        version=version,
        id=track.id,
        name=track.name,
        device_id=track.device_id,
        profile_id=track.profile_id,
        visitor=visitor_node(track.device_id, track.profile_id),
        session_key=key,
        session_start=track.timestamp,
        session_id=track.session_id,
        origin=page.origin,
        path=page.path,
        query=page.query,
        hash=page.hash,
        title=track.title,
        language=track.language,
        screen=track.screen,
        referrer=referrer.url,
        referrer_name=referrer.name,
        referrer_type=referrer.type,
        utm_source=campaign.source,
        utm_medium=campaign.medium,
        utm_campaign=campaign.campaign,
        utm_term=campaign.term,
        utm_content=campaign.content,
        click_id_name=campaign.click_id_name,
        click_id=campaign.click_id,
        country=context.country,
        region=context.region,
        city=context.city,
        latitude=context.latitude,
        longitude=context.longitude,
        browser=agent.browser,
        browser_version=agent.browser_version,
        os=agent.os,
        os_version=agent.os_version,
        device=agent.device,
        brand=agent.brand,
        model=agent.model,
        groups=track.groups,
        revenue=track.revenue,
        currency=track.currency,
        sdk=context.sdk,
        sdk_version=context.sdk_version,
        properties=track.properties.decode(),
    )
    if track.overrides:
        for column, value in track.overrides.items():
            setattr(event, column, value)
    return event


def _arrival_at(track: Track, *, keep_own: bool, in_session: bool) -> tuple[Page, Campaign, Referrer]:
    """The page, and how one came there: the same few of each again and again."""
    if len(track.path) > _LONGEST_CACHED or len(track.referrer) > _LONGEST_CACHED:
        return _read_arrival(track.path, track.referrer, keep_own, in_session)
    return _cached_arrival(track.path, track.referrer, keep_own, in_session)


def _read_arrival(
    path: str,
    stated: str,
    keep_own: bool,  # noqa: FBT001  # a cache is quicker with positions
    in_session: bool,  # noqa: FBT001  # likewise
) -> tuple[Page, Campaign, Referrer]:
    page = split_page(path)
    campaign = read_campaign(page.query)
    referrer = read_referrer(stated, "" if keep_own else page.origin)
    if keep_own and stated and not referrer.url:
        # A raw log line says what it says, also where no host can be read from it.
        referrer = Referrer(stated, "", "other")
    # An own page's link that says `ref=menu` names nobody: only where no page was left for this one.
    if in_session and page.query and referrer == NO_REFERRER == read_referrer(stated):
        referrer = name_referrer(read_ref(page.query), page.origin)
    if is_paid(campaign):
        referrer = referrer._replace(type="ad")
    return page, campaign, referrer


_cached_arrival = lru_cache(maxsize=16_384)(_read_arrival)


def _spammer(referrer: str) -> str:
    """The referrer's host where it is a known spammer's, else ''."""
    return (_host_of_spammer if len(referrer) > _LONGEST_CACHED else _cached_spammer)(referrer)


def _host_of_spammer(referrer: str) -> str:
    host = _host_of(referrer)
    return host if is_spam_referrer(host) else ""


_cached_spammer = lru_cache(maxsize=4096)(_host_of_spammer)


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
    )
