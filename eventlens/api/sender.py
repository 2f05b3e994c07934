"""What a request says about its sender: headers, address, credentials."""

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from eventlens.enrich.client_hints import read_hints
from eventlens.enrich.headers import recognise_request
from eventlens.ingest.admit import Credentials
from eventlens.ingest.senders import Sender

_LONGEST_AGENT = 1024
_LONGEST_SDK = 64
"""Bytes that count of a user agent and an SDK: senders are remembered, and nobody may fill the memory."""

_LONGEST_LIST = 1000
"""Bytes, from the right, that are read of a list of addresses."""

Headers = dict[bytes, bytes]
Networks = tuple[IPv4Network | IPv6Network, ...]

ADDRESS_HEADERS = (
    b"event-lens-client-ip",
    b"openpanel-client-ip",
    b"true-client-ip",
    b"x-client-ip",
    b"cf-connecting-ip",
    b"x-forwarded-for",
    b"x-real-ip",
    b"fastly-client-ip",
    b"x-cluster-client-ip",
    b"x-appengine-user-ip",
    b"do-connecting-ip",
    b"x-nf-client-connection-ip",
    b"x-forwarded",
    b"forwarded",
)
"""Believed, in this order, from senders whose secret was verified."""

CHAINS = (b"x-forwarded-for", b"forwarded")
"""Lists that every proxy appends to: their right end is the proxy's own word."""

PROXY_HEADERS = (*CHAINS, *(name for name in ADDRESS_HEADERS if name not in CHAINS))
"""Believed, in this order, from trusted proxies: what a visitor states himself passes through a proxy
untouched, so the lists that the proxy wrote to come first."""

_STATED_ADDRESS = frozenset(ADDRESS_HEADERS)

_PRIVATE: Networks = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip  # one screen


def headers_of(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    """Headers by lower-case name. Repeated ones of a proxy's list are one list, else the last one counts."""
    headers = dict(raw)
    for name in CHAINS:
        if name in headers:
            headers[name] = b",".join(value for each, value in raw if each == name)
    return headers


def peer_of(scope: MutableMapping[str, Any]) -> str:
    """The address at the other end of the socket."""
    client = scope.get("client")
    return client[0] if client else ""


def credentials_of(headers: Headers, client_id: str = "", client_secret: str = "") -> Credentials:
    """Credentials from the headers, in any spelling, else those of the body."""
    raw_id, raw_secret, origin = raw_credentials_of(headers)
    return Credentials(
        raw_id.decode("latin-1") if raw_id else client_id,
        raw_secret.decode("latin-1") if raw_secret else client_secret,
        origin.decode("utf-8", "replace") if origin else "",
    )


def raw_credentials_of(headers: Headers) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Client id, client secret and origin as the headers have them: what admission depends on."""
    get = headers.get
    return (
        get(b"event-lens-client-id") or get(b"openpanel-client-id") or get(b"mixan-client-id"),
        get(b"event-lens-client-secret") or get(b"openpanel-client-secret") or get(b"mixan-client-secret"),
        get(b"origin"),
    )


def sender_of(headers: Headers, peer: str, *, proxies: Networks, trusted: bool) -> Sender:
    """Address, user agent and SDK of a request's sender."""
    get = headers.get
    agent = get(b"user-agent")
    sdk = get(b"event-lens-sdk-name") or get(b"openpanel-sdk-name") or get(b"mixan-sdk-name")
    version = get(b"event-lens-sdk-version") or get(b"openpanel-sdk-version") or get(b"mixan-sdk-version")
    return Sender(
        address_of(headers, peer, proxies=proxies, trusted=trusted),
        agent[:_LONGEST_AGENT].decode("utf-8", "replace") if agent else "",
        sdk[:_LONGEST_SDK].decode("latin-1") if sdk else "",
        version[:_LONGEST_SDK].decode("latin-1") if version else "",
        read_hints(headers),
        None if trusted else recognise_request(headers),
    )


def address_of(headers: Headers, peer: str, *, proxies: Networks, trusted: bool) -> str:
    """The client's address: the socket's, unless a trusted proxy or sender states another.

    Private addresses and trusted proxies on the way are skipped; where nothing else is stated, the
    first private one counts (a site of an intranet has no other visitors).
    """
    if not trusted and not proxies:
        return _normal(peer)
    if _STATED_ADDRESS.isdisjoint(headers) or not (trusted or within(peer, proxies)):
        return _normal(peer)
    private = ""
    for name in ADDRESS_HEADERS if trusted else PROXY_HEADERS:
        value = headers.get(name)
        if value:
            public, inner = _stated(value[-_LONGEST_LIST:].decode("latin-1"), proxies)
            if public:
                return public
            private = private or inner
    return private or _normal(peer)


@lru_cache(maxsize=4096)
def _stated(value: str, proxies: Networks) -> tuple[str, str]:
    """The last public and the last private address of a list, '' where there is none; proxies left out."""
    private = ""
    for part in reversed(value.split(",")):
        address = read_address(part)
        if address is None or any(address in network for network in proxies):
            continue
        if not any(address in network for network in _PRIVATE):
            return str(address), private
        private = private or str(address)
    return "", private


_FORWARDED = re.compile(r'(?:^|;)\s*for\s*=\s*"?([^";]*)"?', re.IGNORECASE)
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([\d.]+):\d+")


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as headers state it: with or without port, brackets, `for=`; None when it is none."""
    text = text.strip()
    if "=" in text:
        element = _FORWARDED.search(text)
        text = element[1].strip() if element else ""
    with_port = _WITH_PORT.fullmatch(text)
    if with_port:
        text = with_port[1] or with_port[2] or ""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=4096)
def _normal(peer: str) -> str:
    """An IPv4 address in an IPv6 coat without the coat."""
    address = read_address(peer) if ":" in peer else None
    return peer if address is None else str(address)


@lru_cache(maxsize=4096)
def within(peer: str, networks: Networks) -> bool:
    """Whether an address lies in one of the networks."""
    address = read_address(peer)
    return address is not None and any(address in network for network in networks)
