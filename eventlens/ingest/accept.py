"""Admitted commands become one durable record, and the sender gets its ids.

The address of the sender is used here, for its place and its device id, and goes no further.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import NamedTuple

from eventlens.accounts.filters import NO_FILTERS, ProjectFilters
from eventlens.clock import Clock
from eventlens.enrich.bots import Bot, recognise_bot
from eventlens.enrich.geo import GeoDatabase
from eventlens.enrich.networks import NetworkDatabase, is_hosting
from eventlens.enrich.page import split_page
from eventlens.enrich.user_agent import is_server_agent
from eventlens.events import (
    Alias,
    AssignGroup,
    Command,
    Context,
    DeviceCommand,
    Envelope,
    Group,
    Replay,
    Track,
    pack,
)
from eventlens.ingest.admit import Admission
from eventlens.ingest.crowding import Crowding
from eventlens.ingest.devices import DeviceIds
from eventlens.ingest.keys import session_key
from eventlens.ingest.payload import Body, Moment, Refusal, command_of, identify_inside, stated_address
from eventlens.ingest.presence import Presence
from eventlens.queues.base import Queue
from eventlens.sessions import session_name

TWIN_SECONDS = 0.1
"""A byte-identical body without ids from the same sender within this time is one event."""

BLOCKED_ADDRESS = Refusal("filtered", "IP address is blocked by project filter")
_BLOCKED = {"ip": BLOCKED_ADDRESS, "profile": Refusal("filtered", "Profile id is blocked by project filter")}

_LONGEST_KEPT = 1024

IMPORT_RECORD = 500
"""Imported events per queue record."""


class Sender(NamedTuple):
    """Where a request comes from."""

    ip: str
    user_agent: str
    sdk: str = ""
    sdk_version: str = ""
    hints: str = ""
    """What the browser said beside its user agent (`enrich.client_hints`)."""
    robot: Bot | None = None
    """Which robot the other headers give away, if any."""


@dataclass(slots=True)
class Collected:
    """What came of a request's bodies. The ids are those of its last event."""

    accepted: int
    refusals: list[tuple[int, Refusal]]
    device_id: str = ""
    session_id: str = ""
    bot: Bot | None = None


Done = Callable[[Collected | Exception], None]
"""Called once with what came of a request, in the event loop."""


class _Twin(NamedTuple):
    """What is the same about two requests that are one event."""

    client_id: str
    trusted: bool
    sender: Sender
    kinds: tuple[type, ...]
    """`/increment` and `/decrement` take the same bytes."""
    said: bytes
    """The body, or its hash where it is long: a hundred milliseconds of recordings are many megabytes."""


@dataclass(slots=True)
class _First:
    """The first of some twins: its answer is that of all."""

    at: float
    outcome: Collected | Exception | None = None
    waiting: list[Done] = field(default_factory=list[Done])

    def settle(self, outcome: Collected | Exception) -> None:
        self.outcome = outcome
        for done in self.waiting:
            done(outcome)


class ImportedView(NamedTuple):
    """One line of an access log, ready for the pipeline."""

    id: str
    timestamp: int
    ip: str
    user_agent: str
    path: str
    referrer: str
    everything: bool
    """Take the line as it is: bots too, its own referrer, outside sessions."""


class Collector:
    """The use case behind every collection route."""

    def __init__(
        self,
        queue: Queue,
        geo: GeoDatabase,
        devices: DeviceIds,
        presence: Presence,
        clock: Clock,
        networks: NetworkDatabase | None = None,
    ) -> None:
        self._queue = queue
        self._geo = geo
        self._devices = devices
        self._presence = presence
        self._clock = clock
        self._networks = networks or NetworkDatabase.open(None)
        self._contexts: OrderedDict[tuple[str, Sender], Context] = OrderedDict()
        self._twins: OrderedDict[_Twin, _First] = OrderedDict()
        self.crowding = Crowding()
        """Whether many visitors seem to share one address."""

    async def collect(
        self, admission: Admission, bodies: Sequence[Body | Refusal], sender: Sender, raw: bytes
    ) -> Collected:
        """`begin`, and wait for it. Raises QueueFull."""
        future: asyncio.Future[Collected] = asyncio.get_running_loop().create_future()

        def done(outcome: Collected | Exception) -> None:
            if future.done():  # cancelled; what was accepted stays so
                return
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        self.begin(admission, bodies, sender, raw, done)
        return await future

    def begin(
        self,
        admission: Admission,
        bodies: Sequence[Body | Refusal],
        sender: Sender,
        raw: bytes,
        done: Done,
        filters: ProjectFilters = NO_FILTERS,
    ) -> None:
        """Make what is acceptable durable, then tell `done`: at once when nothing is, else later.

        `raw` is the body as it came: its twin within 100 ms gets the first one's answer. The outcome may be
        a QueueFull.
        """
        if all(_has_id(body) for body in bodies):
            self._begin(admission, bodies, sender, filters, done)
            return
        self._forget_twins()
        said = raw if len(raw) <= _LONGEST_KEPT else blake2b(raw, digest_size=32).digest()
        key = _Twin(admission.client.id, admission.trusted, sender, tuple(map(type, bodies)), said)
        first = self._twins.get(key)
        if first is None:
            first = self._twins[key] = _First(time.monotonic(), waiting=[done])
            try:
                self._begin(admission, bodies, sender, filters, partial(self._settle_twins, key, first))
            except BaseException:
                self._twins.pop(key, None)  # or its twins would wait for an outcome that never comes
                raise
        elif first.outcome is None:
            first.waiting.append(done)
        else:
            done(first.outcome)

    def _settle_twins(self, key: _Twin, first: _First, outcome: Collected | Exception) -> None:
        if isinstance(outcome, Exception) and self._twins.get(key) is first:
            del self._twins[key]  # the next one is a try of its own
        first.settle(outcome)

    def _forget_twins(self) -> None:
        horizon = time.monotonic() - TWIN_SECONDS
        while self._twins:
            key, oldest = next(iter(self._twins.items()))
            if oldest.at > horizon:
                break
            del self._twins[key]

    def _begin(
        self,
        admission: Admission,
        bodies: Sequence[Body | Refusal],
        sender: Sender,
        filters: ProjectFilters,
        done: Done,
    ) -> None:
        self.crowding.see(sender.ip, sender.user_agent)
        collected = Collected(0, [])
        envelopes = self._envelopes(admission, bodies, sender, filters, collected)
        events = sum(len(envelope.commands) for envelope in envelopes)
        if not events:
            done(collected)
            return

        def settled(error: Exception | None) -> None:
            done(collected if error is None else error)

        self._queue.append_soon(pack(envelopes), events, settled)

    def _envelopes(
        self,
        admission: Admission,
        bodies: Sequence[Body | Refusal],
        sender: Sender,
        filters: ProjectFilters,
        collected: Collected,
    ) -> list[Envelope]:
        """The commands of some bodies, under what is true of them; `collected` takes what becomes of each."""
        project_id, trusted = admission.client.project_id, admission.trusted
        moment = Moment(self._clock(), trusted, filters.allow_unverified_revenue)
        envelopes = [Envelope(self._request_context(admission, sender, collected), [])]
        # Whoever showed the secret may say of each event whose address it comes from (`__ip`).
        current, stated = sender, ""
        known: dict[str, tuple[Sender, Context]] = {}
        last: tuple[str, int, int] | None = None
        apart: dict[tuple[str, str], Envelope] = {}
        for index, body in enumerate(bodies):
            if isinstance(body, Refusal):
                collected.refusals.append((index, body))
                continue
            if trusted and (address := stated_address(body)) != stated:
                stated = address
                if address not in known:
                    its = sender._replace(ip=address) if address else sender
                    known[address] = its, self._context(project_id, its)
                current, context = known[address]
                envelopes.append(Envelope(context, []))
            command = self._take(body, moment, envelopes[-1], current)
            if not filters.empty and not isinstance(command, Refusal):
                stated_ip = current.ip if current is not sender else ""
                command = _filtered(command, envelopes, apart, filters, stated_ip)
            if isinstance(command, Refusal):
                collected.refusals.append((index, command))
                continue
            collected.accepted += 1
            if not isinstance(command, Alias | Group):
                collected.device_id = command.device_id
                last = self._provisional_session(command, project_id)
        if last is not None:
            own, key, start = last
            collected.session_id = own or (self._presence.name(project_id, key, start) if key else "")
        return [*envelopes, *apart.values()] if apart else envelopes

    def _request_context(self, admission: Admission, sender: Sender, collected: Collected) -> Context:
        """What is true of a request; of robots and browsers in data centres, that they are counted apart."""
        project_id = admission.client.project_id
        if admission.trusted:
            return self._context(project_id, sender)
        bot = sender.robot or recognise_bot(sender.user_agent, sdk=sender.sdk)
        if bot is not None:
            collected.bot = bot
            return Context(project_id, excluded="bot", excluded_name=bot.name)
        host = self._hosting(sender)
        if host:
            return Context(project_id, excluded="data_centre", excluded_name=host)
        return self._context(project_id, sender)

    def _take(self, body: Body, moment: Moment, envelope: Envelope, sender: Sender) -> Command | Refusal:
        """Append what a body stands for, its device filled in."""
        command = command_of(body, moment)
        if isinstance(command, Refusal):
            return command
        inside = identify_inside(body, command, moment)
        if isinstance(inside, Refusal):
            return inside
        if inside is not None and isinstance(command, Track):
            command.profile_id = command.profile_id or inside.profile_id
        if not isinstance(command, Alias | Group):
            self._settle_device(command, envelope.context, sender, moment)
            if isinstance(command, AssignGroup | Replay) and (refusal := _nobody_refusal(command)):
                return refusal
        envelope.commands.append(command)
        if inside is not None:
            if not inside.device_id and isinstance(command, Track):
                inside.device_id = command.device_id
            envelope.commands.append(inside)
        return command

    def _settle_device(
        self, command: DeviceCommand, context: Context, sender: Sender, moment: Moment
    ) -> None:
        if command.device_id or is_server_agent(sender.user_agent):
            return
        command.device_id = self._devices.compute(
            context.project_id, sender.ip, sender.user_agent, command.timestamp, moment.now
        )

    def _provisional_session(self, command: DeviceCommand, project_id: str) -> tuple[str, int, int]:
        """The session this event seems to belong to (a late event may still join it to another).

        The sender's own name of it, else '' with its key and start; key 0 for none.
        """
        own = command.session_id if isinstance(command, Track | Replay) else ""
        key = session_key(own, command.device_id, command.profile_id)
        start = self._presence.see(project_id, key, command.timestamp) if key else 0
        return own, key, start

    def _hosting(self, sender: Sender) -> str:
        """Whose data centre a browser seems to run in; empty for none, and for programs that belong there."""
        network = self._networks.look_up(sender.ip)
        if not is_hosting(network) or is_server_agent(sender.user_agent):
            return ""
        return network.organisation or f"AS{network.asn}"

    def _context(self, project_id: str, sender: Sender) -> Context:
        key = (project_id, sender)
        context = self._contexts.get(key)
        if context is None:
            place = self._geo.look_up(sender.ip)
            agent = sender.user_agent[:512]
            context = Context(
                project_id,
                agent,
                *place,
                sdk=sender.sdk[:64],
                sdk_version=sender.sdk_version[:32],
                hints=sender.hints,
            )
            self._contexts[key] = context
            if len(self._contexts) > 10_000:
                self._contexts.popitem(last=False)
        return context

    def known_device(self, project_id: str, sender: Sender) -> tuple[str, str, bool]:
        """The sender's device id, its session under way ('' for none), and whether the id is yesterday's."""
        now = self._clock()
        device_id = self._devices.compute(project_id, sender.ip, sender.user_agent, now, now)
        key = session_key("", device_id, "")
        start = self._presence.start_of(project_id, key, now)
        is_previous = device_id != self._devices.of_day(project_id, sender.ip, sender.user_agent, now)
        return device_id, "" if start is None else session_name(project_id, key, start), is_previous

    def set_apart(self, project_id: str, reason: str, count: int) -> None:
        """Count what was refused for a reason that the project gave; nothing of it is kept."""
        now = self._clock()
        commands: list[Command] = [Track(name="", timestamp=now, own_time=False) for _ in range(count)]
        envelope = Envelope(Context(project_id, excluded=reason), commands)
        if commands:
            self._queue.append_soon(pack([envelope]), count, lambda _: None)

    def collect_import(self, project_id: str, source: str, items: Iterable[ImportedView]) -> int:
        """Queue log lines; how each one ends is tallied under `source`. Returns the number queued."""
        envelopes: list[Envelope] = []
        total = 0
        for item in items:
            envelopes.append(self._imported(project_id, source, item))
            total += 1
            if len(envelopes) == IMPORT_RECORD:
                self._queue.append_now(pack(envelopes), len(envelopes))
                envelopes = []
        if envelopes:
            self._queue.append_now(pack(envelopes), len(envelopes))
        return total

    def _imported(self, project_id: str, source: str, item: ImportedView) -> Envelope:
        bot = None if item.everything else recognise_bot(item.user_agent, libraries=True)
        context = Context(
            project_id,
            item.user_agent[:512],
            *self._geo.look_up(item.ip),
            source=source,
            excluded="bot" if bot else "",
            excluded_name=bot.name if bot else "",
            outside_sessions=item.everything,
        )
        track = Track(
            name="screen_view",
            timestamp=min(item.timestamp, self._clock()),  # a log of a wrong zone: sessions know no future
            own_time=True,
            id=item.id,
            device_id=self._devices.compute_imported(project_id, item.ip, item.user_agent),
            path=item.path,
            referrer=item.referrer,
        )
        return Envelope(context, [track])


def _filtered(
    command: Command,
    envelopes: Sequence[Envelope],
    apart: dict[tuple[str, str], Envelope],
    filters: ProjectFilters,
    stated_ip: str,
) -> Command | Refusal:
    """Move the command that was just taken to where it is only counted, if the project keeps it out.

    Of a blocked profile it is refused as well, as the wire has it, and of a blocked address (`stated_ip`:
    the event's own, '' where it has that of its request, which is asked before).
    """
    taken = envelopes[-1]
    cut = next(place for place in reversed(range(len(taken.commands))) if taken.commands[place] is command)
    if stated_ip and filters.address(stated_ip):
        kind, name = "ip", ""
    elif any(map(filters.profile, _profiles_in(taken.commands[cut:]))):
        kind, name = "profile", ""
    elif isinstance(command, Track):
        path = split_page(command.path).path
        kind = filters.event(command.name, path)
        name = path if kind == "path" else command.name
    else:
        return command
    if not kind:
        return command
    context = Context(taken.context.project_id, excluded=kind, excluded_name=name)
    apart.setdefault((kind, name), Envelope(context, [])).commands.append(command)
    del taken.commands[cut:]  # an identify that came inside of it follows it
    return _BLOCKED.get(kind, command)


def _profiles_in(commands: Iterable[Command]) -> Iterable[str]:
    """Every profile that some commands name, also by another name."""
    for command in commands:
        if isinstance(command, Alias):
            yield command.alias
        if not isinstance(command, Group):
            yield command.profile_id


def _nobody_refusal(command: AssignGroup | Replay) -> Refusal | None:
    """A group of nobody, a recording of no session: of a server, which has no device, and names neither."""
    if command.device_id or command.profile_id:
        return None
    if isinstance(command, AssignGroup):
        return Refusal("invalid", "Expected a profileId or a deviceId", "payload/profileId")
    return None if command.session_id else Refusal("invalid", "Expected a sessionId", "payload/sessionId")


def _has_id(body: Body | Refusal) -> bool:
    return not isinstance(body, Refusal) and bool(body.payload.id)
