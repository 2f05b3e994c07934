"""Rows of the event store as this room builds them: the columns of `schema.sql`, times in ms."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec.structs import astuple

from eventlens.enrich.geo import NOWHERE, Place
from eventlens.enrich.page import Page
from eventlens.enrich.user_agent import Agent
from eventlens.store.base import Columns, Repeated

Row = TypeVar("Row", bound=msgspec.Struct)


class Source(NamedTuple):
    """Where a visit came from: the columns `SESSION_OF_EVENT`, in their order."""

    referrer: str = ""
    referrer_name: str = ""
    referrer_type: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    click_id_name: str = ""
    click_id: str = ""


NO_PAGE = Page("", "", "", "")
NO_SOURCE = Source()
NO_AGENT = Agent("", "", "", "", "", "", "")


class Event(msgspec.Struct, gc=False):
    """One row of `events` but for its version, which is its batch's.

    What repeats from event to event stands in one object that they share, of several columns each.
    """

    project_id: str
    timestamp: int
    arrival: int
    id: str
    name: str
    device_id: str
    profile_id: str
    visitor: int
    session_key: int
    session_start: int
    session_id: str
    page: Page
    title: str
    language: str
    screen: str
    source: Source
    place: Place
    agent: Agent
    groups: Sequence[str]
    revenue: int | None
    currency: str
    sdk: str
    sdk_version: str
    properties: str | bytes


class Session(msgspec.Struct, gc=False, kw_only=True):
    """One row of `sessions` but for its version, which is its batch's."""

    project_id: str
    session_key: int
    session_start: int
    session_end: int
    deleted: int = 0
    session_id: str = ""
    device_id: str = ""
    profile_id: str = ""
    visitor: int = 0
    events: int = 0
    screen_views: int = 0
    entry_time: int = 0
    entry_arrival: int = 0
    entry_page: Page = NO_PAGE
    entry_title: str = ""
    exit_time: int = 0
    exit_arrival: int = 0
    exit_page: Page = NO_PAGE
    exit_title: str = ""
    source: Source = NO_SOURCE
    place: Place = NOWHERE
    agent: Agent = NO_AGENT


class Change(msgspec.Struct, gc=False, kw_only=True):
    """One row of `profile_changes`."""

    project_id: str
    profile_id: str
    property: str
    timestamp: int
    arrival: int
    id: str
    operation: str
    value: str
    node: int


class Link(msgspec.Struct, gc=False, kw_only=True, frozen=True):
    """One row of `identity_links`."""

    project_id: str
    device: int
    profile: int
    device_id: str
    profile_id: str
    first_seen: int


class AliasRow(msgspec.Struct, gc=False, kw_only=True, frozen=True):
    """One row of `identity_aliases`."""

    project_id: str
    profile: int
    alias: int
    profile_id: str
    alias_id: str
    first_seen: int


class _Shared(NamedTuple):
    """A field that stands for several columns: those of its first fields, in order."""

    empty: tuple[Any, ...]
    columns: tuple[str, ...]


_SOURCE = _Shared(NO_SOURCE, Source._fields)
_AGENT = _Shared(NO_AGENT, Agent._fields)
_SHARED: Mapping[type[msgspec.Struct], Mapping[str, _Shared]] = {
    Event: {
        "page": _Shared(NO_PAGE, Page._fields),
        "source": _SOURCE,
        "place": _Shared(NOWHERE, Place._fields),
        "agent": _AGENT,
    },
    Session: {
        "entry_page": _Shared(NO_PAGE, ("entry_origin", "entry_path")),
        "exit_page": _Shared(NO_PAGE, ("exit_origin", "exit_path")),
        "source": _SOURCE,
        "place": _Shared(NOWHERE, ("country", "region", "city")),
        "agent": _AGENT,
    },
}

_ROWS_AT_ONCE = 500
"""As many are turned into columns at a time: more would leave the processor's caches."""


def as_columns(rows: Sequence[msgspec.Struct], **same: int) -> Columns:
    """Rows of one kind, turned into `{column: values}`; `same`: columns that have one value in all rows."""
    kind = type(rows[0])
    fields: list[list[Any]] = [[] for _ in kind.__struct_fields__]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = zip(*map(astuple, rows[start : start + _ROWS_AT_ONCE]), strict=True)
        for values, more in zip(fields, some, strict=True):
            values.extend(more)
    everywhere = np.zeros(len(rows), np.intp)
    columns: dict[str, Sequence[Any] | Repeated] = {
        name: Repeated((value,), everywhere) for name, value in same.items()
    }
    shared = _SHARED.get(kind, {})
    for name, values in zip(kind.__struct_fields__, fields, strict=True):
        if name in shared:
            columns |= _apart(values, shared[name].columns)
        else:
            columns[name] = values
    return columns


def _apart(objects: Sequence[tuple[Any, ...]], names: Sequence[str]) -> Mapping[str, Repeated]:
    """The columns of shared objects. Equal ones that are not the same object only cost a little."""
    identities = list(map(id, objects))
    distinct = dict(zip(identities, objects, strict=True))
    number_of = {identity: number for number, identity in enumerate(distinct)}
    places = np.fromiter(map(number_of.__getitem__, identities), np.intp, len(objects))
    return {
        name: Repeated([each[index] for each in distinct.values()], places)
        for index, name in enumerate(names)
    }


def row_of(kind: type[Row], columns: Mapping[str, Any]) -> Row:
    """An event or a session as it is stored, from its values by column."""
    shared = _SHARED[kind]
    fields: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        if name in shared:
            empty, names = shared[name]
            values = [columns[each] for each in names]
            fields[name] = type(empty)(*values, *empty[len(names) :])
        else:
            fields[name] = columns[name]
    return kind(**fields)
