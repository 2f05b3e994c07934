"""Opening a .mmdb file that somebody configured without trusting it: shared by places and networks."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import islice
from pathlib import Path
from socket import AF_INET, inet_pton
from typing import Protocol, cast

import maxminddb
from maxminddb.reader import Metadata

Invalid = maxminddb.InvalidDatabaseError
Address = IPv4Address | IPv6Address
_SAMPLE = 1_000
_LONGEST_ADDRESS = 64


class Database(Protocol):
    """The part of a maxminddb reader that is used; the package's own types are incomplete."""

    def get(self, ip_address: IPv4Address | IPv6Address | str, /) -> object: ...
    def metadata(self) -> Metadata: ...
    def __iter__(self) -> Iterator[tuple[object, object]]: ...
    def close(self) -> None: ...


open_database = cast(
    "Callable[[Path | BytesIO, int], Database]",
    maxminddb.open_database,  # pyright: ignore[reportUnknownMemberType]  # see Database
)


_MIXED = frozenset(map(str, (0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256))))
"""First numbers of IPv4 addresses of which some are not public (IANA's special-purpose registry)."""


def public_address(ip: str) -> Address | str | None:
    """An address that a database may know, IPv4-mapped ones as IPv4; None for private and invalid ones.

    As text where the first number says already that it is public: readers take that too, and it is quick.
    """
    if len(ip) > _LONGEST_ADDRESS:
        return None
    first, dot, _ = ip.partition(".")
    if dot and first.isdecimal() and first not in _MIXED and ":" not in ip:
        try:
            inet_pton(AF_INET, ip)
        except (OSError, ValueError):
            return None
        return ip
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return address if address.is_global else None


def open_configured(path: Path, is_known: Callable[[object], bool], what: str) -> Database:
    """Open a file after looking into it. Raises whatever is wrong with it, which `reason` puts in words.

    `is_known` tells whether a record says what is wanted (`what`, in plural: "countries").
    """
    _examine(path, is_known, what)
    return open_database(path, maxminddb.MODE_MMAP_EXT)


def _examine(path: Path, is_known: Callable[[object], bool], what: str) -> None:
    """Raise what is wrong with a file, if anything: damaged, or of another kind.

    The fast reader ends the process on some damaged files (measured), so this asks the slow one, in Python:
    a sample of the networks and of the address space, about 0.1 s.
    """
    reader = open_database(path, maxminddb.MODE_MMAP)
    try:
        records = [record for _, record in islice(reader, _SAMPLE)]
        records += [
            reader.get(IPv4Address(address)) for address in range(1 << 24, 224 << 24, (1 << 32) // _SAMPLE)
        ]
        if not all(map(_is_sound, records)):
            raise Invalid("a key is no text")
        if not any(map(is_known, records)):
            raise ValueError(f"{path} holds no {what} (its type is {reader.metadata().database_type!r})")
    finally:
        reader.close()


def _is_sound(value: object) -> bool:
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        return all(isinstance(key, str) and _is_sound(part) for key, part in entries.items())
    return all(map(_is_sound, cast("list[object]", value))) if isinstance(value, list) else True


def reason(path: Path, error: Exception) -> str:
    """What is wrong with a configured file, as the beginning of a sentence."""
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist"
    if isinstance(error, OSError):
        return f"{path} cannot be read ({error.strerror or error})"
    if isinstance(error, ValueError) and str(path) in str(error):
        return str(error)
    return f"{path} is no readable .mmdb file (damaged, cut short or still packed?)"


def describe(reader: Database, source: str) -> str:
    """A database's type, its day and where it is from."""
    metadata = reader.metadata()
    built = datetime.fromtimestamp(metadata.build_epoch, UTC).date().isoformat()
    return f"{metadata.database_type} of {built} ({source})"


def as_map(value: object) -> Mapping[str, object]:
    """A record or a part of one, {} where it is no map."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
