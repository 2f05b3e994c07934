"""Rows of the event store as this room builds them: the columns of `schema.sql`, times in ms."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple


class Event(msgspec.Struct, gc=False, kw_only=True):
    """One row of `events`."""

    project_id: str
    timestamp: int
    arrival: int
    version: int
    id: str
    name: str
    device_id: str
    profile_id: str
    visitor: int
    session_key: int
    session_start: int = 0
    session_id: str = ""
    origin: str = ""
    path: str = ""
    query: str = ""
    hash: str = ""
    title: str = ""
    language: str = ""
    screen: str = ""
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
    country: str = ""
    region: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""
    brand: str = ""
    model: str = ""
    groups: Sequence[str] = ()
    revenue: int | None = None
    currency: str = ""
    sdk: str = ""
    sdk_version: str = ""
    properties: str | bytes = "{}"


class Session(msgspec.Struct, gc=False, kw_only=True):
    """One row of `sessions`."""

    project_id: str
    session_key: int
    session_start: int
    session_end: int
    version: int
    deleted: int = 0
    session_id: str = ""
    device_id: str = ""
    profile_id: str = ""
    visitor: int = 0
    events: int = 0
    screen_views: int = 0
    entry_time: int = 0
    entry_arrival: int = 0
    entry_origin: str = ""
    entry_path: str = ""
    entry_title: str = ""
    exit_time: int = 0
    exit_arrival: int = 0
    exit_origin: str = ""
    exit_path: str = ""
    exit_title: str = ""
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
    country: str = ""
    region: str = ""
    city: str = ""
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""
    brand: str = ""
    model: str = ""


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


def as_columns(rows: Sequence[msgspec.Struct]) -> Mapping[str, Sequence[Any]]:
    """Rows of one kind, turned into `{column: values}`."""
    names = type(rows[0]).__struct_fields__
    return dict(zip(names, zip(*map(astuple, rows), strict=True), strict=True))
