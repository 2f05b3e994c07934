"""Requests of the server itself: to public addresses alone, unless the operator allows others.

Whoever may name a URL (a provider's metadata, a webhook) must not reach what only this machine can. So a
name is looked up once, each of its addresses is checked, and the connection goes to the very address that
was checked. Redirects are not followed, and answers are bounded.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from eventlens.errors import OutboundRefused
from eventlens.setting_kinds import Network

SECONDS = 10.0
"""For the whole of a request."""
LARGEST = 1 << 20
"""Bytes of an answer."""


_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Outbound:
    """Asks others. `allow`: networks that may be reached although they are private."""

    allow: tuple[Network, ...] = ()

    def ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request. Raises OutboundRefused."""
        parts = urlsplit(url)
        host, secure = parts.hostname, parts.scheme == "https"
        if parts.scheme not in ("http", "https") or not host:
            raise OutboundRefused("Only http and https are spoken.")
        deadline = time.monotonic() + SECONDS
        try:
            port = parts.port or (443 if secure else 80)
            connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
            connection.sock = self._connected(host, port, secure=secure)
            path = parts.path or "/"
            target = f"{path}?{parts.query}" if parts.query else path
            connection.request(method, target, body, {"user-agent": "Event Lens", **(headers or {})})
            return _read(connection, deadline)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise OutboundRefused(f"{host} did not answer: {type(error).__name__}.") from error

    def _connected(self, host: str, port: int, *, secure: bool) -> socket.socket:
        found = [each[4][0] for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        address = next((each for each in map(str, found) if self._allowed(each)), None)
        if address is None:
            raise OutboundRefused(
                f"{host} is at a private address; EVENTLENS_OUTBOUND_ALLOW says which may be reached."
            )
        plain = socket.create_connection((address, port), timeout=SECONDS)
        if not secure:
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def _allowed(self, text: str) -> bool:
        address = _inner(ip_address(text.partition("%")[0]))
        if any(address in network for network in self.allow):
            return True
        return address.is_global and not address.is_multicast


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address that is reached in the end, where one stands within another."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def _read(connection: http.client.HTTPConnection, deadline: float) -> Answer:
    with connection.getresponse() as response:
        parts: list[bytes] = []
        size = 0
        while part := response.read1(65_536):
            size += len(part)
            if size > LARGEST or time.monotonic() > deadline:
                raise OutboundRefused(f"{connection.host} answered too much, or too slowly.")
            parts.append(part)
    connection.close()
    return Answer(response.status, b"".join(parts))
