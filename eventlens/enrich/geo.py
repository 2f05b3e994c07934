"""Address → country, region, city by a MaxMind or ip-location-db database; a country database comes along."""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Self, cast

import maxminddb

from eventlens.enrich.mmdb import (
    Database,
    Invalid,
    as_map,
    describe,
    open_configured,
    open_database,
    public_address,
    reason,
)
from eventlens.enrich.packaged import packaged


class Place(NamedTuple):
    """`country` alpha-2, `region` and `city` English names, degrees; '' and None where unknown."""

    country: str
    region: str
    city: str
    latitude: float | None
    longitude: float | None


NOWHERE = Place("", "", "", None, None)

_BUNDLED = "geo-whois-asn-country.mmdb.gz"
_BUNDLED_SIZE = 7_841_291
_BUNDLED_DIGEST = "55b1642a4673a7f206ad14199ab26c3c"
"""BLAKE2b-128 of the unpacked database: an unpacked file that differs was cut short or is an older one."""
_LONGEST_NAME = 128
_LONGEST_ADDRESS = 64


class GeoDatabase:
    """An opened database. `warning` says what is wrong with the configured one and what to do, or None."""

    def __init__(self, reader: Database, description: str, warning: str | None) -> None:
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
                reader = open_configured(path, lambda record: bool(_place(record).country), "countries")
                return cls(reader, describe(reader, str(path)), warning=None)
            except Exception as error:  # noqa: BLE001  # a damaged file may raise anything
                warning = (
                    f"GEOIP_DATABASE: {reason(path, error)}. Only countries are known, from the bundled "
                    "database; put a .mmdb file with cities there (MaxMind or ip-location-db) and restart."
                )
        reader, problem = _open_bundled(cache)
        return cls(reader, describe(reader, "bundled"), warning or problem)

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
        address = public_address(ip)
        try:
            return _place(self._reader.get(address)) if address is not None else NOWHERE
        except (ValueError, OSError, Invalid):
            return NOWHERE  # a damaged part of the file


def _open_bundled(cache: Path) -> tuple[Database, str | None]:
    target = cache / f"geo-country-{_BUNDLED_DIGEST[:8]}.mmdb"
    try:
        if not _is_whole(target):
            _unpack(target)
        return open_database(target, maxminddb.MODE_AUTO), None
    except OSError as error:
        problem = (
            f"The country database cannot be unpacked into {cache} ({error.strerror or error}); it is kept "
            "in memory instead and answers more slowly. Make the directory writable."
        )
        return open_database(BytesIO(_unpacked()), maxminddb.MODE_FD), problem


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


def _place(record: object) -> Place:
    """A record of either schema: MaxMind's nested one or ip-location-db's flat one."""
    if not isinstance(record, dict):
        return NOWHERE
    entry = cast("dict[str, object]", record)
    if isinstance(entry.get("country_code"), str) or isinstance(entry.get("country"), str):
        return _flat_place(entry)
    regions = entry.get("subdivisions")
    region = cast("list[object]", regions)[0] if isinstance(regions, list) and regions else None
    latitude, longitude = _degrees(as_map(entry.get("location")))
    country = _country(as_map(entry.get("country")).get("iso_code"))
    if not country and latitude is None:
        return NOWHERE
    return Place(country, _english(as_map(region)), _english(as_map(entry.get("city"))), latitude, longitude)


def _flat_place(entry: Mapping[str, object]) -> Place:
    """ip-location-db's (`state1`, `latitude`, …) and IPinfo's (`region`, `lat`, …) schema."""
    code = entry.get("country_code") or entry.get("country")
    if len(entry) == 1 and isinstance(code, str):  # a database of countries, as the bundled one
        return _country_alone(code)
    country = _country(code)
    names = (entry.get(key) for key in ("state1", "region", "state2", "region_code"))
    latitude, longitude = _degrees(entry)
    if latitude is None:
        latitude, longitude = _degrees({"latitude": entry.get("lat"), "longitude": entry.get("lng")})
    return Place(
        country,
        next((name for name in map(_name, names) if name), ""),
        _name(entry.get("city")),
        latitude,
        longitude,
    )


@lru_cache(maxsize=1024)
def _country_alone(code: str) -> Place:
    return Place(_country(code), "", "", None, None)


def _country(value: object) -> str:
    if isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha() and value != "ZZ":
        return value.upper()
    return ""


def _name(value: object) -> str:
    return value[:_LONGEST_NAME] if isinstance(value, str) else ""


def _english(entry: Mapping[str, object]) -> str:
    return _name(as_map(entry.get("names")).get("en")) or _name(entry.get("iso_code"))


def _degrees(entry: Mapping[str, object]) -> tuple[float | None, float | None]:
    """Latitude and longitude, numbers or (in some ip-location-db files) text; both or neither."""
    try:
        latitude, longitude = float(cast("str", entry["latitude"])), float(cast("str", entry["longitude"]))
    except (KeyError, TypeError, ValueError):
        return None, None
    within = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return (latitude, longitude) if within else (None, None)
