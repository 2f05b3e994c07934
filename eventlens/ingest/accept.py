"""Admitted commands become one durable record, and the sender gets its ids.

The address of the sender is used here, for its place and its device id, and goes no further.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from eventlens.accounts.filters import NO_FILTERS, ProjectFilters
from eventlens.clock import Clock
from eventlens.enrich.bots import Bot
from eventlens.enrich.geo import GeoDatabase
from eventlens.enrich.networks import NetworkDatabase
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
from eventlens.ingest.log_lines import ImportedView, LogLines
from eventlens.ingest.payload import Body, Moment, Refusal, command_of, identify_inside, stated_address
from eventlens.ingest.presence import Presence
from eventlens.ingest.senders import Sender, Senders
from eventlens.ingest.twins import Twins, twin_text
from eventlens.queues.base import Queue
from eventlens.sessions import session_name

BLOCKED_ADDRESS = Refusal("filtered", "IP address is blocked by project filter")
_OF_NOBODY = (Alias, Group)
_OF_SOMEBODY = (AssignGroup, Replay)
_BLOCKED = {"ip": BLOCKED_ADDRESS, "profile": Refusal("filtered", "Profile id is blocked by project filter")}


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
        self._senders = Senders(geo, networks or NetworkDatabase.open(None))
        self._log_lines = LogLines(queue, geo, devices, clock)
        self._devices = devices
        self._presence = presence
        self._clock = clock
        self._twins = Twins[Collected]()
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
        trace: str = "",
    ) -> None:
        """Make what is acceptable durable, then tell `done`: at once when nothing is, else later.

        `raw` is the body as it came: its twin within 100 ms gets the first one's answer. The outcome may be
        a QueueFull. `trace` goes on with what is stored.
        """
        begin = partial(self._begin, admission, bodies, sender, filters, trace)
        if all(map(_has_id, bodies)):
            begin(done)
        else:
            if self._queue.shared:
                begin = partial(begin, twins=self._devices.keyed(twin_text(admission, bodies, sender, raw)))
            self._twins.begin(admission, bodies, sender, raw, done, begin)

    def _begin(
        self,
        admission: Admission,
        bodies: Sequence[Body | Refusal],
        sender: Sender,
        filters: ProjectFilters,
        trace: str,
        done: Done,
        *,
        twins: bytes = b"",
    ) -> None:
        """`begin`, whether or not it has a twin here; `twins` is for the other processes'."""
        self.crowding.see(sender.ip, sender.user_agent)
        collected = Collected(0, [])
        envelopes = self._envelopes(admission, bodies, sender, filters, collected)
        envelopes[0].trace = trace
        events = sum(len(envelope.commands) for envelope in envelopes)
        if not events:
            done(collected)
            return

        def settled(error: Exception | None) -> None:
            done(collected if error is None else error)

        self._queue.append_soon(pack(envelopes), events, settled, admission.client.project_id, twins)

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
        context, collected.bot = self._senders.judge(admission, sender)
        origin = request = _Origin(sender.ip, sender, context)
        envelopes = [Envelope(context, [])]
        # Whoever showed the secret may say of each event whose address it comes from (`__ip`).
        stated, origins = "", {"": request}
        last: DeviceCommand | None = None
        apart: dict[tuple[str, str], Envelope] = {}
        for index, body in enumerate(bodies):
            if isinstance(body, Refusal):
                collected.refusals.append((index, body))
                continue
            if trusted and (address := stated_address(body)) != stated:
                stated = address
                origin = origins.get(address) or self._origin_at(address, project_id, origins)
                envelopes.append(Envelope(origin.context, []))
            command = self._take(body, moment, envelopes[-1], origin)
            if not filters.empty and not isinstance(command, Refusal):
                stated_ip = "" if origin is request else origin.ip
                command = _filtered(command, envelopes, apart, filters, stated_ip)
            if isinstance(command, Refusal):
                collected.refusals.append((index, command))
                continue
            collected.accepted += 1
            if not isinstance(command, _OF_NOBODY):
                last = command
                self._note(command, origin, moment)
        if last is not None:
            collected.device_id = last.device_id
            collected.session_id = self._provisional_session(last, project_id)
        return [*envelopes, *apart.values()] if apart else envelopes

    def _origin_at(self, address: str, project_id: str, origins: dict[str, "_Origin"]) -> "_Origin":
        """Where events come from that state their address."""
        sender = origins[""].sender
        context = self._senders.context_at(address, project_id, sender)
        origin = origins[address] = _Origin(address, sender, context)
        return origin

    def _take(self, body: Body, moment: Moment, envelope: Envelope, origin: "_Origin") -> Command | Refusal:
        """Append what a body stands for, its device filled in."""
        command = command_of(body, moment)
        if isinstance(command, Refusal):
            return command
        inside = identify_inside(body, command, moment)
        if isinstance(inside, Refusal):
            return inside
        if inside is not None and isinstance(command, Track):
            command.profile_id = command.profile_id or inside.profile_id
        if not isinstance(command, _OF_NOBODY):
            self._settle_device(command, origin, moment)
            if isinstance(command, _OF_SOMEBODY) and (refusal := _nobody_refusal(command)):
                return refusal
        envelope.commands.append(command)
        if inside is not None:
            if not inside.device_id and isinstance(command, Track):
                inside.device_id = command.device_id
            envelope.commands.append(inside)
        return command

    def _settle_device(self, command: DeviceCommand, origin: "_Origin", moment: Moment) -> None:
        """Fill in the device where none is stated."""
        if command.device_id:
            return
        is_now = command.timestamp == moment.now
        if is_now and origin.device_id:
            command.device_id = origin.device_id
            return
        project_id, agent = origin.context.project_id, origin.sender.user_agent
        if is_server_agent(agent):
            return
        found = self._devices.compute(project_id, origin.ip, agent, command.timestamp, moment.now)
        command.device_id = found
        if is_now:
            origin.device_id = found

    def _note(self, command: DeviceCommand, origin: "_Origin", moment: Moment) -> None:
        """Note that its session is under way: of a device's events of one moment, the first one."""
        own, device_id = _own_session(command), command.device_id
        is_usual = command.timestamp == moment.now and device_id is origin.device_id and not own
        if is_usual and origin.is_noted:
            return
        key = session_key(own, device_id, command.profile_id)
        if key:
            self._presence.see(origin.context.project_id, key, command.timestamp)
            origin.is_noted = origin.is_noted or is_usual

    def _provisional_session(self, command: DeviceCommand, project_id: str) -> str:
        """The session this event seems to belong to (a late event may still join it to another).

        The sender's own name of it, '' for none.
        """
        own = _own_session(command)
        key = session_key(own, command.device_id, command.profile_id)
        if own or not key:
            return own
        return self._presence.name(project_id, key, self._presence.see(project_id, key, command.timestamp))

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
            self._queue.append_soon(pack([envelope]), count, lambda _: None, project_id)

    def collect_import(self, project_id: str, source: str, items: Iterable[ImportedView]) -> int:
        """Queue log lines; how each one ends is tallied under `source`. Returns the number queued."""
        return self._log_lines.collect(project_id, source, items)


class _Origin:
    """An address that a request's events come from: the sender's own, or one that he states."""

    __slots__ = ("context", "device_id", "ip", "is_noted", "sender")

    def __init__(self, ip: str, sender: Sender, context: Context) -> None:
        self.ip = ip
        self.sender = sender
        self.context = context
        self.device_id = ""
        """That of everything that happens now, once it is known."""
        self.is_noted = False


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


def _own_session(command: DeviceCommand) -> str:
    """The session as the sender names it, '' where it leaves that to the server."""
    return command.session_id if isinstance(command, (Track, Replay)) else ""


def _has_id(body: Body | Refusal) -> bool:
    return not isinstance(body, Refusal) and bool(body.payload.id)
