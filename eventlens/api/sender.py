"""What a request says about its sender: headers, address, credentials."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from eventlens.ingest.accept import Sender
from eventlens.ingest.admit import Credentials

Headers = dict[bytes, bytes]
Networks = Sequence[IPv4Network | IPv6Network]

CLIENT_ID_HEADERS = (b"event-lens-client-id", b"openpanel-client-id", b"mixan-client-id")
CLIENT_SECRET_HEADERS = (b"event-lens-client-secret", b"openpanel-client-secret", b"mixan-client-secret")
_SDK_NAME_HEADERS = (b"event-lens-sdk-name", b"openpanel-sdk-name", b"mixan-sdk-name")
_SDK_VERSION_HEADERS = (b"event-lens-sdk-version", b"openpanel-sdk-version", b"mixan-sdk-version")

_ADDRESS_HEADERS = (
    b"openpanel-client-ip",
    b"event-lens-client-ip",
    b"true-client-ip",
    b"x-client-ip",
    b"cf-connecting-ip",
    b"x-forwarded-for",
    b"x-real-ip",
    b"fastly-client-ip",
)
"""Believed, in this order, from trusted proxies and from senders whose secret was verified."""


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers by lower-case name; the last one of a name counts."""
    return dict(raw)


def credentials_of(headers: Headers, client_id: str = "", client_secret: str = "") -> Credentials:
    """Credentials from the headers, in any spelling, else those of the body."""
    return Credentials(
        _first(headers, CLIENT_ID_HEADERS) or client_id,
        _first(headers, CLIENT_SECRET_HEADERS) or client_secret,
        _text(headers.get(b"origin")),
    )


def sender_of(headers: Headers, peer: str, *, proxies: Networks, trusted: bool) -> Sender:
    """Address, user agent and SDK of a request's sender."""
    return Sender(
        address_of(headers, peer, proxies=proxies, trusted=trusted),
        _text(headers.get(b"user-agent")),
        _first(headers, _SDK_NAME_HEADERS),
        _first(headers, _SDK_VERSION_HEADERS),
    )


def address_of(headers: Headers, peer: str, *, proxies: Networks, trusted: bool) -> str:
    """The client's address: the socket's, unless a trusted proxy or sender states another."""
    if not trusted and not (proxies and _within(peer, proxies)):
        return peer
    for name in _ADDRESS_HEADERS:
        value = _text(headers.get(name))
        if not value:
            continue
        # Proxies append to the list: the last address that no trusted proxy has is the one they saw.
        stated = [part.strip() for part in value.split(",")]
        for address in reversed(stated):
            if _is_address(address) and not _within(address, proxies):
                return address
    return peer


def _within(address: str, networks: Networks) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _first(headers: Headers, names: Sequence[bytes]) -> str:
    for name in names:
        value = headers.get(name)
        if value:
            return value.decode("latin-1")
    return ""


def _text(value: bytes | None) -> str:
    return value.decode("utf-8", "replace") if value else ""
