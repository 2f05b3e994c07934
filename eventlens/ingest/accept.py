"""Admitted commands become one durable record, and the sender gets its ids.

The address of the sender is used here, for its place and its device id, and goes no further.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eventlens.clock import Clock
from eventlens.enrich.bots import Bot, recognise_bot
from eventlens.enrich.geo import GeoDatabase
from eventlens.enrich.user_agent import is_server_agent
from eventlens.events import (
    Alias,
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
from eventlens.ingest.devices import DeviceIds
from eventlens.ingest.keys import session_key, session_name
from eventlens.ingest.payload import Body, Moment, Refusal, command_of, identify_inside, stated_address
from eventlens.ingest.presence import Presence
from eventlens.queues.base import Queue

TWIN_SECONDS = 0.1
"""A byte-identical body without ids from the same sender within this time is one event."""

IMPORT_RECORD = 500
"""Imported events per queue record."""


class Sender(NamedTuple):
    """Where a request comes from."""

    ip: str
    user_agent: str
    sdk: str = ""
    sdk_version: str = ""


@dataclass(slots=True)
class Collected:
    """What came of a request's bodies. The ids are those of its last event."""

    accepted: int
    refusals: list[tuple[int, Refusal]]
    device_id: str = ""
    session_id: str = ""
    bot: Bot | None = None


class _Twin(NamedTuple):
    """What is the same about two requests that are one event."""

    client_id: str
    trusted: bool
    sender: Sender
    kinds: tuple[type, ...]
    """`/increment` and `/decrement` take the same bytes."""
    raw: bytes


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
        self, queue: Queue, geo: GeoDatabase, devices: DeviceIds, presence: Presence, clock: Clock
    ) -> None:
        self._queue = queue
        self._geo = geo
        self._devices = devices
        self._presence = presence
        self._clock = clock
        self._contexts: OrderedDict[tuple[str, Sender], Context] = OrderedDict()
        self._twins: OrderedDict[_Twin, tuple[float, asyncio.Future[Collected]]] = OrderedDict()

    async def collect(
        self, admission: Admission, bodies: Sequence[Body | Refusal], sender: Sender, raw: bytes
    ) -> Collected:
        """Make what is acceptable durable, then answer. Raises QueueFull.

        `raw` is the body as it came: its twin within 100 ms gets the first one's answer.
        """
        if all(_has_id(body) for body in bodies):
            return await self._collect(admission, bodies, sender)
        key = _Twin(admission.client.id, admission.trusted, sender, tuple(map(type, bodies)), raw)
        first = self._twin(key)
        if first is not None:
            return await asyncio.shield(first)
        answer: asyncio.Future[Collected] = asyncio.get_running_loop().create_future()
        self._twins[key] = (time.monotonic(), answer)
        try:
            collected = await self._collect(admission, bodies, sender)
        except BaseException as error:
            self._twins.pop(key, None)
            answer.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            answer.exception()  # nobody may be waiting for it
            raise
        answer.set_result(collected)
        return collected

    def _twin(self, key: "_Twin") -> asyncio.Future[Collected] | None:
        horizon = time.monotonic() - TWIN_SECONDS
        while self._twins:
            oldest = next(iter(self._twins.values()))
            if oldest[0] > horizon:
                break
            self._twins.popitem(last=False)
        found = self._twins.get(key)
        return found[1] if found else None

    async def _collect(
        self, admission: Admission, bodies: Sequence[Body | Refusal], sender: Sender
    ) -> Collected:
        moment = Moment(self._clock(), admission.trusted)
        project_id = admission.client.project_id
        context = self._context(project_id, sender)
        bot: Bot | None = None
        if not admission.trusted and (bot := recognise_bot(sender.user_agent)) is not None:
            context = Context(project_id, excluded="bot", excluded_name=bot.name)
        collected = Collected(0, [], bot=bot)
        envelopes = [Envelope(context, [])]
        for index, body in enumerate(bodies):
            if isinstance(body, Refusal):
                collected.refusals.append((index, body))
                continue
            stated = _stated_sender(body, sender) if admission.trusted else sender
            if stated != sender or context is not envelopes[-1].context:
                envelopes.append(Envelope(self._context(project_id, stated), []))
            refusal = self._take(
                body, moment, envelopes[-1].context, stated, envelopes[-1].commands, collected
            )
            if refusal is None:
                collected.accepted += 1
            else:
                collected.refusals.append((index, refusal))
        if events := sum(len(envelope.commands) for envelope in envelopes):
            await self._queue.append(pack(envelopes), events)
        return collected

    def _take(
        self,
        body: Body,
        moment: Moment,
        context: Context,
        sender: Sender,
        commands: list[Command],
        collected: Collected,
    ) -> Refusal | None:
        """Append a body's commands, their device filled in; note the ids for the answer."""
        command = command_of(body, moment)
        if isinstance(command, Refusal):
            return command
        inside = identify_inside(body, command, moment)
        if isinstance(inside, Refusal):
            return inside
        if inside is not None and isinstance(command, Track):
            command.profile_id = command.profile_id or inside.profile_id
        if not isinstance(command, Alias | Group):
            self._settle_device(command, context, sender, moment)
            collected.device_id = command.device_id
            collected.session_id = self._provisional_session(command, context.project_id)
        commands.append(command)
        if inside is not None:
            inside.device_id = inside.device_id or collected.device_id
            commands.append(inside)
        return None

    def _settle_device(
        self, command: DeviceCommand, context: Context, sender: Sender, moment: Moment
    ) -> None:
        if command.device_id or is_server_agent(sender.user_agent):
            return
        command.device_id = self._devices.compute(
            context.project_id, sender.ip, sender.user_agent, command.timestamp, moment.now
        )

    def _provisional_session(self, command: DeviceCommand, project_id: str) -> str:
        """The session this event seems to belong to; a late event may still join it to another."""
        own = command.session_id if isinstance(command, Track | Replay) else ""
        key = session_key(own, command.device_id, command.profile_id)
        if key == 0:
            return ""
        start = self._presence.see(project_id, key, command.timestamp)
        return own or session_name(project_id, key, start)

    def _context(self, project_id: str, sender: Sender) -> Context:
        key = (project_id, sender)
        context = self._contexts.get(key)
        if context is None:
            place = self._geo.look_up(sender.ip)
            agent = sender.user_agent[:512]
            context = Context(
                project_id, agent, *place, sdk=sender.sdk[:64], sdk_version=sender.sdk_version[:32]
            )
            self._contexts[key] = context
            if len(self._contexts) > 10_000:
                self._contexts.popitem(last=False)
        return context

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


def _stated_sender(body: Body, sender: Sender) -> Sender:
    """The sender of one event: whoever showed the secret may say whose address it comes from (`__ip`)."""
    address = stated_address(body)
    return sender._replace(ip=address) if address else sender


def _has_id(body: Body | Refusal) -> bool:
    return not isinstance(body, Refusal) and bool(body.payload.id)
