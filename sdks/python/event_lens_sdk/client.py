"""The client: calls become events at once and are sent from a thread. None fails or waits for the network."""

import asyncio
import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Self, Unpack, cast

from event_lens_sdk import lifecycle
from event_lens_sdk.buffer import Buffer
from event_lens_sdk.encoding import Unreadable, encode, moment
from event_lens_sdk.problems import Problem, Reporter
from event_lens_sdk.sender import Sender
from event_lens_sdk.shapes import About, Identifier, Options, Person, Properties, Stats, Time, Whose
from event_lens_sdk.transport import Transport, header_text
from event_lens_sdk.visitors import Visitor, asked, current_visitor, visiting

LARGEST_EVENT = 3 << 20
"""Bytes; a server takes 4 MiB in one request unless it is told otherwise."""

_NAMES = {
    "id": "id",
    "profile_id": "profileId",
    "device_id": "deviceId",
    "session_id": "sessionId",
    "path": "path",
    "referrer": "referrer",
}
"""What may be said about an event → its name on the wire."""

_TRAITS = {"first_name": "firstName", "last_name": "lastName", "email": "email", "avatar": "avatar"}

_OF_VISITORS = frozenset(_NAMES) - {"id"}

_NOBODY = Visitor()


class Client:
    """Sends to one project of one server. Make one for the process, and share it among threads and tasks.

    `url`, `client_id` and `client_secret` come from EVENT_LENS_URL, EVENT_LENS_CLIENT_ID and
    EVENT_LENS_CLIENT_SECRET where they are not stated; without an id it does nothing and says so once.
    Raises ValueError for a URL that is none.
    """

    def __init__(
        self,
        url: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        **options: Unpack[Options],
    ) -> None:
        environment = os.environ.get
        client_id = client_id or environment("EVENT_LENS_CLIENT_ID", "")
        secret = client_secret or environment("EVENT_LENS_CLIENT_SECRET", "")
        self._options = options
        self._global: Properties = dict(options.get("properties", {}))
        self._reporter = Reporter(options.get("on_problem"))
        self._enabled = options.get("enabled", True) and bool(client_id)
        if not client_id and options.get("enabled", True):
            self._reporter.tell(Problem("no_client_id", "no client id: nothing will be sent", events=0))
        headers = {"event-lens-client-id": client_id}
        if secret:
            headers["event-lens-client-secret"] = secret
        self._transport = Transport(
            url or environment("EVENT_LENS_URL", "http://localhost:3002"),
            headers,
            options.get("timeout", 10.0),
            compress=options.get("compress", True),
        )
        self._buffer = Buffer(
            options.get("buffer_bytes", 32 << 20),
            options.get("batch_size", 100),
            options.get("flush_after", 0.5),
        )
        self._sender = Sender(self._buffer, self._transport, self._reporter, options.get("exit_timeout", 5.0))
        if options.get("catch_sigterm"):
            lifecycle.catch_sigterm(self._buffer.hurry)

    # --- events --------------------------------------------------------------------------------------

    def track(self, name: str, properties: Properties | None = None, **about: Unpack[About]) -> None:
        """Something happened. `name`: 1 to 80 characters; `properties`: any JSON, up to 32 KiB."""
        visitor = current_visitor() or _NOBODY
        payload = self._payload(about, visitor)
        payload["name"] = name
        if groups := about.get("groups"):
            payload["groups"] = list(groups)
        said = {**self._global, **visitor.properties, **(properties or {})}
        if ip := about.get("ip") or visitor.ip:
            said["__ip"] = ip
        if visitor.language:
            said.setdefault("__language", visitor.language)
        if said:
            payload["properties"] = said
        self._put("track", payload, about.get("user_agent") or visitor.user_agent)

    def screen_view(
        self, path: str, title: str = "", properties: Properties | None = None, **whose: Unpack[Whose]
    ) -> None:
        """A page or screen was seen. `path` is a URL, a path or a route's name."""
        said = {**(properties or {}), "__title": title} if title else properties
        self.track("screen_view", said, path=path, **whose)

    def revenue(
        self, amount: int, currency: str = "", properties: Properties | None = None, **about: Unpack[About]
    ) -> None:
        """Money came in. `amount`: whole minor units (1500 is 15.00); `currency`: ISO 4217. Needs the secret.

        State an `id`, such as the order's number: then it counts once, however often it is told.
        """
        said: dict[str, Any] = {**(properties or {}), "__revenue": amount}
        if currency:
            said["currency"] = currency
        self.track("revenue", said, **about)

    # --- people and groups ----------------------------------------------------------------------------

    def identify(
        self, profile_id: Identifier, properties: Properties | None = None, **person: Unpack[Person]
    ) -> None:
        """Who somebody is, and what is known of them.

        With a device id (of `person` or of the visitor) the device's events of before are theirs too.
        """
        visitor = current_visitor() or _NOBODY
        payload = self._payload(
            {**person, "profile_id": profile_id}, visitor, only=("id", "profile_id", "device_id")
        )
        payload.update({wire: person[name] for name, wire in _TRAITS.items() if person.get(name) is not None})
        if properties:
            payload["properties"] = dict(properties)
        self._put("identify", payload, visitor.user_agent)

    def alias(self, profile_id: Identifier, alias: Identifier, *, timestamp: Time | None = None) -> None:
        """The profile has another name: both are one person from now on, and for what was."""
        self._put("alias", {**_stamped(timestamp), "profileId": profile_id, "alias": alias})

    def increment(
        self,
        profile_id: Identifier,
        property: str,
        value: float = 1,
        *,
        id: str = "",
        timestamp: Time | None = None,
    ) -> None:
        """A number of a profile grows. `property`: its name, dots lead into objects; `value`: above 0."""
        self._put("increment", _change(profile_id, property, value, id, timestamp))

    def decrement(
        self,
        profile_id: Identifier,
        property: str,
        value: float = 1,
        *,
        id: str = "",
        timestamp: Time | None = None,
    ) -> None:
        """A number of a profile shrinks. `value`: above 0."""
        self._put("decrement", _change(profile_id, property, value, id, timestamp))

    def group(
        self,
        group_id: Identifier,
        type: str,
        name: str,
        properties: Properties | None = None,
    ) -> None:
        """What is known of a group, such as a company. Properties are set one by one."""
        payload: dict[str, Any] = {"id": group_id, "type": type, "name": name, "timestamp": _now()}
        if properties:
            payload["properties"] = dict(properties)
        self._put("group", payload)

    def assign_group(
        self, group_ids: str | Sequence[str], *, profile_id: Identifier | None = None, device_id: str = ""
    ) -> None:
        """Who belongs to groups from now on: a profile, or a device where no profile is named."""
        visitor = current_visitor() or _NOBODY
        about = {"profile_id": profile_id, "device_id": device_id}
        payload = self._payload(about, visitor, only=("id", "profile_id", "device_id"))
        payload["groupIds"] = [group_ids] if isinstance(group_ids, str) else list(group_ids)
        self._put("assign_group", payload, visitor.user_agent)

    def send(self, body: Mapping[str, Any], *, user_agent: str = "") -> None:
        """Any event of the protocol, `{"type", "payload"}`, as it is; id and time are added where absent."""
        payload = body.get("payload")
        if isinstance(payload, Mapping):
            stated = {**cast("Mapping[str, Any]", payload)}
            if body.get("type") != "group":
                stated.setdefault("id", _new_id())
            if body.get("type") != "replay":
                stated.setdefault("timestamp", _now())
            body = {**body, "payload": stated}
        self._put_body({**body}, user_agent)

    # --- whose events they are ------------------------------------------------------------------------

    def visitor(
        self, visitor: Visitor | None = None, **changes: Any
    ) -> AbstractContextManager[Visitor | None]:
        """Events of this thread or task are this visitor's: `with client.visitor(profile_id="user-7"): …`.

        `changes` are fields of a `Visitor`, on top of `visitor` or else of the one around.
        """
        return visiting(replace(visitor or current_visitor() or Visitor(), **changes))

    def set_global_properties(self, properties: Properties) -> None:
        """Properties that every later event has, beside its own, which come first."""
        self._global = {**self._global, **properties}

    # --- sending --------------------------------------------------------------------------------------

    def flush(self, timeout: float | None = 30.0) -> bool:
        """Wait until all events of before are on the server's disk, or refused and told to `on_problem`.

        False where that took longer than `timeout` seconds: then they are still being sent. Inside an event
        loop await `aflush()` instead.
        """
        if not self._wakes_sender():
            return False
        done, result = threading.Event(), list[bool]()

        def settled(ok: bool) -> None:  # noqa: FBT001  # the shape of the callback
            result.append(ok)
            done.set()

        self._buffer.when_settled(settled)
        if not done.wait(timeout):
            self._buffer.forget(settled)
        return bool(result) and result[0]

    async def aflush(self, timeout: float | None = 30.0) -> bool:  # noqa: ASYNC109  # the twin of flush()
        """`flush()` that lets the event loop run."""
        if not self._wakes_sender():
            return False
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool] = loop.create_future()

        def settled(ok: bool) -> None:  # noqa: FBT001  # the shape of the callback
            loop.call_soon_threadsafe(lambda: done.done() or done.set_result(ok))

        self._buffer.when_settled(settled)
        try:
            return await asyncio.wait_for(done, timeout)
        except TimeoutError:
            return False
        finally:
            self._buffer.forget(settled)

    def close(self, timeout: float | None = None) -> None:
        """Send what waits, for at most so many seconds (`exit_timeout`), then end. Later events are lost."""
        self._sender.finish(timeout)

    async def aclose(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # the twin of close()
        """`close()` that lets the event loop run."""
        seconds = self._options.get("exit_timeout", 5.0) if timeout is None else timeout
        await self.aflush(seconds)
        self._sender.finish(0)

    @property
    def stats(self) -> Stats:
        """What became of the events so far."""
        sender = self._sender
        return Stats(sender.accepted, sender.refused, sender.dropped, sender.retries, *self._buffer.waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # --- inside ---------------------------------------------------------------------------------------

    def _payload(
        self, about: Mapping[str, Any], visitor: Visitor, only: Sequence[str] = tuple(_NAMES)
    ) -> dict[str, Any]:
        """Id, time, and whose it is: as stated, else the visitor's."""
        payload = _stamped(about.get("timestamp"))
        for name in only:
            value = about.get(name)
            if name in _OF_VISITORS and (value is None or value == ""):
                value = asked(getattr(visitor, name))
            if value is not None and value != "":
                payload[_NAMES[name]] = value
        return payload

    def _put(self, kind: str, payload: dict[str, Any], agent: str = "") -> None:
        if kind != "group" and "id" not in payload:
            payload["id"] = _new_id()
        self._put_body({"type": kind, "payload": payload}, agent)

    def _put_body(self, body: dict[str, Any], agent: str) -> None:
        if not self._enabled:
            return
        try:
            event = encode(body)
        except Unreadable as error:
            self._drop(Problem("unreadable", str(error), "payload"))
            return
        if len(event) > LARGEST_EVENT:
            self._drop(Problem("too_large", f"{len(event)} bytes", "payload"))
        elif self._buffer.closed:
            self._drop(Problem("closed", "the client is closed"))
        elif self._take(event, header_text(agent)):
            self._sender.start()
        else:
            self._drop(Problem("full", "no room for more events: the server does not keep up, or is away"))

    def _take(self, event: bytes, agent: str) -> bool:
        return self._buffer.put(event, agent) or (self._may_wait() and self._put_later(event, agent))

    def _put_later(self, event: bytes, agent: str) -> bool:
        """Wait for room; others may be quicker to take it."""
        until = time.monotonic() + self._options.get("full_timeout", 30.0)
        while (left := until - time.monotonic()) > 0:
            if not self._buffer.wait_for_room(len(event), left):
                return False
            if self._buffer.put(event, agent):
                return True
        return False

    def _may_wait(self) -> bool:
        """Whether a full buffer is waited for: never on the thread of an event loop, nor by the sender."""
        if self._options.get("when_full") != "wait" or self._sender.is_this_thread:
            return False
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return True
        return False

    def _wakes_sender(self) -> bool:
        return not self._enabled or (not self._sender.is_this_thread and self._sender.start())

    def _drop(self, problem: Problem) -> None:
        self._sender.dropped += problem.events
        self._reporter.tell(problem)


def _now() -> int:
    return int(time.time() * 1000)


def _new_id() -> str:
    """128 random bits: unique in any process, forked or not."""
    return os.urandom(16).hex()


def _stamped(timestamp: Time | None) -> dict[str, Any]:
    return {"timestamp": _now() if timestamp is None else moment(timestamp)}


def _change(
    profile_id: Identifier, name: str, value: float, event_id: str, timestamp: Time | None
) -> dict[str, Any]:
    payload = {**_stamped(timestamp), "profileId": profile_id, "property": name, "value": value}
    return {**payload, "id": event_id} if event_id else payload
