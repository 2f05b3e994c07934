"""Address → country, region, city by a MaxMind or ip-location-db database; a country database comes along."""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol, Self, cast

import maxminddb
from maxminddb.reader import Metadata

from eventlens.enrich.packaged import packaged


class Place(NamedTuple):
    """`country` alpha-2, `region` and `city` English names, degrees; '' and None where unknown."""

    country: str
    region: str
    city: str
    latitude: float | None
    longitude: float | None


_Invalid = maxminddb.InvalidDatabaseError
NOWHERE = Place("", "", "", None, None)

_BUNDLED = "geo-whois-asn-country.mmdb.gz"
_BUNDLED_SIZE = 7_841_291
_BUNDLED_DIGEST = "55b1642a4673a7f206ad14199ab26c3c"
"""BLAKE2b-128 of the unpacked database: an unpacked file that differs was cut short or is an older one."""
_LONGEST_NAME = 128
_SAMPLE = 1_000
_LONGEST_ADDRESS = 64


class _Database(Protocol):
    """The part of a maxminddb reader that is used; the package's own types are incomplete."""

    def get(self, ip_address: IPv4Address | IPv6Address, /) -> object: ...
    def metadata(self) -> Metadata: ...
    def __iter__(self) -> Iterator[tuple[object, object]]: ...
    def close(self) -> None: ...


_open_database = cast(
    "Callable[[Path | BytesIO, int], _Database]",
    maxminddb.open_database,  # pyright: ignore[reportUnknownMemberType]  # see _Database
)


class GeoDatabase:
    """An opened database. `warning` says what is wrong with the configured one and what to do, or None."""

    def __init__(self, reader: _Database, description: str, warning: str | None) -> None:
        self.description = description
        self.warning = warning
        self._reader = reader
        self._closed = False
        self._look_up = lru_cache(maxsize=20_000)(self._read)

    @classmethod
    def open(cls, path: Path | None, cache: Path) -> Self:
        """Open `path`, or the bundled country database (unpacked once into the directory `cache`).

        Never fails: a configured file that is missing, corrupt or of another kind gives a warning and the
        bundled database.
        """
        warning = None
        if path is not None:
            try:
                return cls(*_open_configured(path), warning=None)
            except Exception as error:  # noqa: BLE001  # a damaged file may raise anything
                warning = (
                    f"GEOIP_DATABASE: {_reason(path, error)}. Only countries are known, from the bundled "
                    "database; put a .mmdb file with cities there (MaxMind or ip-location-db) and restart."
                )
        reader, problem = _open_bundled(cache)
        return cls(reader, _describe(reader, "bundled"), warning or problem)

    def look_up(self, ip: str) -> Place:
        """Where an address is; NOWHERE for private, reserved, unknown and invalid ones. Never raises."""
        return self._look_up(ip) if len(ip) <= _LONGEST_ADDRESS else NOWHERE

    def close(self) -> None:
        """Close the file; afterwards every address is NOWHERE."""
        self._closed = True
        self._look_up.cache_clear()
        self._reader.close()

    def _read(self, ip: str) -> Place:
        if self._closed:
            return NOWHERE
        try:
            address = ip_address(ip)
            if isinstance(address, IPv6Address):
                address = address.ipv4_mapped or address
            if not address.is_global:
                return NOWHERE
            return _place(self._reader.get(address))
        except (ValueError, OSError, _Invalid):
            return NOWHERE  # not an address, or a damaged part of the file


def _open_configured(path: Path) -> tuple[_Database, str]:
    _examine(path)
    reader = _open_database(path, maxminddb.MODE_MMAP_EXT)
    return reader, _describe(reader, str(path))


def _examine(path: Path) -> None:
    """Raise what is wrong with a file, if anything: damaged, or of another kind (networks, domains).

    The fast reader ends the process on some damaged files (measured), so this asks the slow one, in Python:
    a sample of the networks and of the address space, about 0.1 s.
    """
    reader = _open_database(path, maxminddb.MODE_MMAP)
    try:
        records = [record for _, record in islice(reader, _SAMPLE)]
        records += [
            reader.get(IPv4Address(address)) for address in range(1 << 24, 224 << 24, (1 << 32) // _SAMPLE)
        ]
        if not all(map(_is_sound, records)):
            raise maxminddb.InvalidDatabaseError("a key is no text")
        if not any(_place(record).country for record in records):
            raise ValueError(f"{path} holds no countries (its type is {reader.metadata().database_type!r})")
    finally:
        reader.close()


def _is_sound(value: object) -> bool:
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        return all(isinstance(key, str) and _is_sound(part) for key, part in entries.items())
    return all(map(_is_sound, cast("list[object]", value))) if isinstance(value, list) else True


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist"
    if isinstance(error, OSError):
        return f"{path} cannot be read ({error.strerror or error})"
    if isinstance(error, ValueError) and str(path) in str(error):
        return str(error)
    return f"{path} is no readable .mmdb file (damaged, cut short or still packed?)"


def _open_bundled(cache: Path) -> tuple[_Database, str | None]:
    target = cache / f"geo-country-{_BUNDLED_DIGEST[:8]}.mmdb"
    try:
        if not _is_whole(target):
            _unpack(target)
        return _open_database(target, maxminddb.MODE_AUTO), None
    except OSError as error:
        problem = (
            f"The country database cannot be unpacked into {cache} ({error.strerror or error}); it is kept "
            "in memory instead and answers more slowly. Make the directory writable."
        )
        return _open_database(BytesIO(_unpacked()), maxminddb.MODE_FD), problem


def _is_whole(target: Path) -> bool:
    try:
        if target.stat().st_size != _BUNDLED_SIZE:
            return False
        return hashlib.blake2b(target.read_bytes(), digest_size=16).hexdigest() == _BUNDLED_DIGEST
    except FileNotFoundError:
        return False


def _unpack(target: Path) -> None:
    """Write beside the target, then rename: several processes may do so at once, none sees half a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_unpacked())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _unpacked() -> bytes:
    return gzip.decompress(packaged(_BUNDLED))


def _describe(reader: _Database, source: str) -> str:
    metadata = reader.metadata()
    built = datetime.fromtimestamp(metadata.build_epoch, UTC).date().isoformat()
    return f"{metadata.database_type} of {built} ({source})"


def _place(record: object) -> Place:
    """A record of either schema: MaxMind's nested one or ip-location-db's flat one."""
    if not isinstance(record, Mapping):
        return NOWHERE
    entry = cast("Mapping[str, object]", record)
    if isinstance(entry.get("country_code"), str):
        latitude, longitude = _degrees(entry)
        country, region, city = (
            _country(entry["country_code"]),
            _name(entry.get("state1")),
            _name(entry.get("city")),
        )
        return Place(country, region, city, latitude, longitude)
    regions = entry.get("subdivisions")
    region = cast("list[object]", regions)[0] if isinstance(regions, list) and regions else None
    latitude, longitude = _degrees(_part(entry.get("location")))
    country = _country(_part(entry.get("country")).get("iso_code"))
    if not country and latitude is None:
        return NOWHERE
    return Place(country, _english(_part(region)), _english(_part(entry.get("city"))), latitude, longitude)


def _part(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _country(value: object) -> str:
    if isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha() and value != "ZZ":
        return value.upper()
    return ""


def _name(value: object) -> str:
    return value[:_LONGEST_NAME] if isinstance(value, str) else ""


def _english(part: Mapping[str, object]) -> str:
    return _name(_part(part.get("names")).get("en")) or _name(part.get("iso_code"))


def _degrees(part: Mapping[str, object]) -> tuple[float | None, float | None]:
    """Latitude and longitude, numbers or (in some ip-location-db files) text; both or neither."""
    try:
        latitude, longitude = float(cast("str", part["latitude"])), float(cast("str", part["longitude"]))
    except (KeyError, TypeError, ValueError):
        return None, None
    within = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return (latitude, longitude) if within else (None, None)
