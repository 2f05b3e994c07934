"""The types of what callers hand over and get back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

from event_lens_sdk.problems import Problem

Identifier = str | int
Properties = Mapping[str, Any]
"""Any JSON; also dates, UUIDs, decimals, enumerations, sets, tuples and dataclasses, which become JSON."""

Time = datetime | str | int | float
"""A datetime (without a zone: UTC), ISO 8601, milliseconds, or seconds (below 10^11) since 1970."""


class Body(TypedDict):
    """One event as it goes over the wire."""

    type: str
    payload: dict[str, Any]


class Whose(TypedDict, total=False):
    """Whose event it is, and when; all of it optional. Stated here it comes before the visitor's."""

    profile_id: Identifier | None
    device_id: str | None
    session_id: str | None
    groups: Sequence[str]
    referrer: str
    timestamp: Time
    """When it happened; the moment of the call where it is not stated."""
    id: str
    """An id of your own, such as an order's number: the same id counts once, for good."""
    ip: str
    """The visitor's address: it becomes a place and part of a daily hash, and is not kept."""
    user_agent: str
    """The visitor's browser. Where none is stated, the event is a server's."""


class About(Whose, total=False):
    """The same, and where it was."""

    path: str
    """A URL, a path or a route's name."""


class Person(TypedDict, total=False):
    """What is known of somebody, beside properties of your own."""

    first_name: str
    last_name: str
    email: str
    avatar: str
    """A URL: http, https or data:image."""
    device_id: str
    timestamp: Time
    id: str


class Options(TypedDict, total=False):
    """How a client works. Every one has a default that is meant to be right."""

    batch_size: int
    """Most events of a request, 100: what a server takes unless it is told otherwise."""
    flush_after: float
    """Seconds that an event waits for others, 0.5."""
    buffer_bytes: int
    """Memory that waiting events may take, 32 MiB."""
    when_full: Literal["drop", "wait"]
    """What happens to an event for which there is no room. `drop` (the default): it is dropped, and told
    to `on_problem` as `full`. `wait`: the call waits for room, up to `full_timeout`; never on the thread
    of a running event loop, where it is dropped."""
    full_timeout: float
    """Seconds that a call waits for room, 30."""
    timeout: float
    """Seconds that a request may take, 10."""
    exit_timeout: float
    """Seconds that the end of the process waits for what is not sent yet, 5."""
    catch_sigterm: bool
    """True: SIGTERM, which otherwise ends Python at once, lets it end in order, so that what waits is sent.
    A handler that is there already is called as before. Only in the main thread; no unless it says so."""
    compress: bool
    """Bodies over 1 KiB are sent as gzip; yes unless it says otherwise."""
    properties: Properties
    """Properties of every event."""
    on_problem: Callable[[Problem], object]
    """Told of every event that will not be stored, in the thread that finds out."""
    enabled: bool
    """False: calls do nothing, for tests and development."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What became of the events so far."""

    accepted: int
    refused: int
    dropped: int
    """No room, or the client was closed, or time was up."""
    retries: int
    waiting: int
    waiting_bytes: int
