"""Kinds of settings' values: how a text is read, and in words what is allowed."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

T_co = TypeVar("T_co", covariant=True)
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` requests in `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """`read` turns a text into the value or raises ValueError; `allowed` completes "it must be …"."""

    allowed: str
    read: Callable[[str], T_co]


def whole_number(low: int, high: int) -> Kind[int]:
    """A whole number from `low` to `high`, both included."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return Kind(f"a whole number from {low} to {high}", read)


def one_of(*choices: str) -> Kind[str]:
    """One of some words, in any case."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError
        return text.lower()

    return Kind("one of " + ", ".join(choices), read)


SIZE_UNITS = {
    "": 1, "b": 1,
    "k": 1 << 10, "kib": 1 << 10, "kb": 10**3,
    "m": 1 << 20, "mib": 1 << 20, "mb": 10**6,
    "g": 1 << 30, "gib": 1 << 30, "gb": 10**9,
    "t": 1 << 40, "tib": 1 << 40, "tb": 10**12,
}  # fmt: skip


def size(low: str, high: str) -> Kind[int]:
    """A number of bytes, with a unit or without."""
    least, most = _read_size(low), _read_size(high)

    def read(text: str) -> int:
        value = _read_size(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return Kind(f"a size from {low} to {high}, such as 4MiB or 500KB", read)


def _read_size(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([a-zA-Z]*)", text)
    if match is None or match[2].lower() not in SIZE_UNITS:
        raise ValueError
    return int(float(match[1]) * SIZE_UNITS[match[2].lower()])


RATE_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def _read_rate(text: str) -> Rate | None:
    if text.lower() == "off":
        return None
    match = re.fullmatch(r"([0-9]{1,9})\s*/\s*(second|minute|hour|day)", text.lower())
    if match is None or int(match[1]) == 0:
        raise ValueError
    return Rate(int(match[1]), RATE_UNITS[match[2]])


def _read_url(schemes: tuple[str, ...], text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError when it is no port
    if parts.scheme.lower() not in schemes or not parts.hostname or re.search(r"\s", text):
        raise ValueError
    return text


def url(*schemes: str) -> Kind[str]:
    """A URL with a host and one of the schemes; kept as it is."""
    words = " or ".join(f"{scheme}://" for scheme in schemes)
    return Kind(f"a URL that starts with {words}", lambda text: _read_url(schemes, text))


def each_host(address: str) -> list[str]:
    """The URL of each host where several are named: `http://me:word@a:8123,b:8123/events`."""
    scheme, _, rest = address.partition("://")
    place = re.match(r"((?:.*@)?)([^/?#]*)(.*)", rest, re.DOTALL)
    assert place is not None
    user, hosts, path = place.groups()
    return [f"{scheme}://{user}{host}{path}" for host in hosts.split(",")]


def _read_store_url(schemes: tuple[str, ...], text: str) -> str:
    for one in each_host(text):
        _read_url(schemes, one)
    return text


def store_url(*schemes: str) -> Kind[str]:
    """A URL with one of the schemes, and with one host or several."""
    words = " or ".join(f"{scheme}://" for scheme in schemes)
    said = f"a URL that starts with {words}; several hosts are separated by commas"
    return Kind(said, lambda text: _read_store_url(schemes, text))


def _read_base_url(text: str) -> str:
    parts = urlsplit(_read_url(("http", "https"), text))
    if parts.query or parts.fragment:
        raise ValueError
    return text.rstrip("/")


def _read_host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:%\[\]-]{1,255}", text):
        raise ValueError
    return text


def _read_networks(text: str) -> tuple[Network, ...]:
    # "10.0.0.1/8" is meant as 10.0.0.0/8: whoever writes it wants the network.
    return tuple(ip_network(part, strict=False) for part in _split_list(text))


ORIGIN = re.compile(
    r"\*|(?:[a-z][a-z0-9+.-]*://)?(?:\*\.)?(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
)


LONGEST_ORIGIN = 300
"""Characters: a scheme, the longest host name there can be, a port."""
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def read_origin(text: str) -> str:
    """A CORS origin in its normal form: `*`, `https://a.example`, or `*.example.com` (any scheme, any
    subdomain). As browsers write it: lower case, without the final slash and the scheme's own port,
    `bücher.example` as `xn--bcher-kva.example`. Raises ValueError for anything else.
    """
    if len(text) > LONGEST_ORIGIN:
        raise ValueError
    scheme, separator, host = text.strip().rstrip("/").lower().rpartition("://")
    origin = scheme + separator + plain_host(host).removesuffix(DEFAULT_PORTS.get(scheme, "://"))
    if not ORIGIN.fullmatch(origin):
        raise ValueError
    return origin


def plain_host(host: str) -> str:
    """A host name as browsers write it: other letters than a–z in Punycode (UTS 46, not transitional).

    Raises ValueError for what no host name holds.
    """
    if host.isascii():
        return host.lower()
    name, colon, port = unicodedata.normalize("NFKC", host).lower().replace("\u3002", ".").partition(":")
    if not name.isprintable():
        raise ValueError
    labels = (
        label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in name.split(".")
    )
    return ".".join(labels) + colon + port


def _read_origins(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(read_origin(part) for part in _split_list(text)))


def _split_list(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,]+", text) if part]


SHORTEST_KEY = 16


def _read_secret_key(text: str) -> str:
    if len(text) < SHORTEST_KEY:
        raise ValueError
    return text


# The technologies of DATABASE_URL: what users write → the SQLAlchemy dialect and driver.
DATABASE_DRIVERS = {
    "sqlite": "sqlite",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


def _read_database_url(text: str) -> str:
    scheme, colon, rest = text.partition("://")
    scheme = scheme.lower()
    driver = scheme if scheme in DATABASE_DRIVERS.values() else DATABASE_DRIVERS.get(scheme)
    if driver is None or not colon:
        raise ValueError
    if driver == "sqlite":
        if not re.fullmatch(r"/[^?]+", rest):
            raise ValueError
    else:
        _read_url((driver,), f"{driver}://{rest}")
    return f"{driver}://{rest}"


def _read_path(text: str) -> Path:
    return Path(text).expanduser()


PORT_NUMBER = whole_number(1, 65535)


def _read_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", text):
        raise ValueError
    return text


TEXT = Kind("a text", str)
URL = url("http", "https")
NAME = Kind("a name of letters, digits, _ and -, at most 40 characters", _read_name)
HOST = Kind("a host name or an address, without scheme and path", _read_host)
DIRECTORY = Kind("a directory", _read_path)
FILE = Kind("a file", _read_path)
BASE_URL = Kind("a URL that starts with http:// or https://, without query", _read_base_url)
SECRET_KEY = Kind(f"a text of at least {SHORTEST_KEY} characters", _read_secret_key)
DATABASE = Kind(
    "a URL that starts with mysql://, mariadb://, postgresql:// or sqlite:///", _read_database_url
)
RATE = Kind("like 100/minute (second, minute, hour, day), or off", _read_rate)
NETWORKS = Kind("addresses or networks like 10.0.0.0/8, separated by commas", _read_networks)
ORIGINS = Kind("origins like https://example.com or *.example.com, or *, separated by commas", _read_origins)
