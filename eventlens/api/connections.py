"""How many connections may be open at a time: over all, and from one address.

A connection costs a file and some memory even when it says nothing. The protocol asks `Connections` once
when a connection is made and once when it ends; whoever is one too many gets `REFUSED` and is hung up on.
"""

import contextlib
import resource
from http import HTTPStatus

from eventlens.api.errors import error_body
from eventlens.api.limits import address_key
from eventlens.api.sender import Networks, read_address
from eventlens.meters import CONNECTIONS
from eventlens.settings import Settings

RETRY_SECONDS = 5
"""After how long somebody refused may try again: waiting heads and bodies have ended by then."""

OTHER_FILES = 2048
"""Files that the process has open beside its connections: databases, parts of tables, threads' pipes."""


def last_answer(status: HTTPStatus, code: str, message: str) -> bytes:
    """A whole answer after which the connection ends; a 503 says when to try again."""
    body = error_body(code, message)
    retry = f"retry-after: {RETRY_SECONDS}\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n{retry}access-control-allow-origin: *\r\n"
        "x-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


REFUSED = last_answer(
    HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Too many connections are open; try again."
)
"""What a connection hears that was not let in."""


class Connections:
    """Counts open connections: at most `most`, and `most_per_address` of one address.

    An address of IPv6 stands for its /64. `proxies` hold the connections of many: only `most` bounds them.
    """

    def __init__(self, most: int, most_per_address: int, proxies: Networks = ()) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._proxies = proxies
        self._open = 0
        self._by_address: dict[str, int] = {}

    def opened(self, address: str) -> bool:
        """Count a connection from `address` ('' for none, as of a Unix socket).

        False: it is one too many, it was not counted, and `closed` is not to be called for it.
        """
        if self._open >= self._most:
            return False
        key = address_key(address)
        count = self._by_address.get(key, 0)
        if count >= self._most_per_address and not self._is_proxy(address):
            return False
        self._by_address[key] = count + 1
        self._open += 1
        CONNECTIONS.set(self._open)
        return True

    def closed(self, address: str) -> None:
        """A connection that was let in has ended."""
        key = address_key(address)
        count = self._by_address[key]
        if count == 1:
            del self._by_address[key]
        else:
            self._by_address[key] = count - 1
        self._open -= 1
        CONNECTIONS.set(self._open)

    def _is_proxy(self, address: str) -> bool:
        read = read_address(address)
        return read is not None and any(read in network for network in self._proxies)


def connections_for(settings: Settings) -> Connections:
    """What the settings allow, as far as the process may have files open; its own limit is raised."""
    most = _with_files_for(settings.connections)
    return Connections(most, settings.connections_per_address, settings.trusted_proxies)


def _with_files_for(connections: int) -> int:
    """Let the process open files for so many connections; gives how many it may have after all."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):  # a sandbox may forbid it: then fewer have to do
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    return max(1, soft - min(OTHER_FILES, soft // 2))
