"""A page's address → origin, path, query, hash.

What clients send as a path is a full URL, a path or a route's name ("Settings", "users/:id"). Nothing is
decoded, re-encoded or resolved: `/caf%C3%A9` and `/café` stay two paths, `/a/../b` and trailing slashes stay.
Only what cannot be seen is removed (control characters, outer spaces), and of an origin the user name, the
password, the default port and the letters' case.
"""

import re
from functools import lru_cache
from typing import NamedTuple

LONGEST_PART = 2048
"""Characters kept of the path, the query and the hash, each."""
_LONGEST_CACHED = 512
_LONGEST_ORIGIN = 280  # a scheme, the 253 characters of the longest host name, a port


class Page(NamedTuple):
    """`origin` like 'https://example.com' ('' when not sent), `query` without '?', `hash` without '#'."""

    origin: str
    path: str
    query: str
    hash: str


def split_page(value: str) -> Page:
    """Split a full URL, a path or a route's name; never raises.

    A URL without a path has path '/'; a value that is only a query or a hash has path ''.
    """
    if len(value) > _LONGEST_CACHED:  # long ones rarely repeat, and would make the cache large
        return _split(value[: 4 * LONGEST_PART])
    return _split_cached(value)


_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def _split(value: str) -> Page:
    if not value.isprintable():
        value = _CONTROL.sub("", value)
    value, _, fragment = value.strip().partition("#")
    value, _, query = value.partition("?")
    origin, path = "", value
    scheme, separator, rest = value.partition("://")
    if separator and _SCHEME.fullmatch(scheme):
        authority, slash, path = rest.partition("/")
        path = slash + path or "/"
        origin = f"{scheme.lower()}://{_host_and_port(scheme.lower(), authority)}"[:_LONGEST_ORIGIN]
    return Page(origin, path[:LONGEST_PART], query[:LONGEST_PART], fragment[:LONGEST_PART])


def _host_and_port(scheme: str, authority: str) -> str:
    authority = authority.rpartition("@")[2].lower()
    authority = authority.removesuffix(_DEFAULT_PORTS.get(scheme, ":")).removesuffix(":")
    return authority.removesuffix(".").replace(".:", ":")


_split_cached = lru_cache(maxsize=10_000)(_split)
