"""Address → whose network it is, by a MaxMind, ip-location-db or IPinfo database of ASNs; whether it hosts.

Without a configured database every address is NO_NETWORK: none comes along.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

from eventlens.enrich.mmdb import Database, Invalid, as_map, describe, open_configured, public_address, reason


class Network(NamedTuple):
    """`asn` is 0 and `organisation` '' where unknown."""

    asn: int
    organisation: str


NO_NETWORK = Network(0, "")
_LONGEST_NAME = 128
_LONGEST_ADDRESS = 64


class NetworkDatabase:
    """An opened database, or none. `warning`: what is wrong with the file and what to do, or None."""

    def __init__(self, reader: Database | None, description: str, warning: str | None) -> None:
        self.description = description
        self.warning = warning
        self._reader = reader
        self._look_up = lru_cache(maxsize=20_000)(self._read)

    @classmethod
    def open(cls, path: Path | None) -> Self:
        """Open `path`. Never fails: a file that is missing, corrupt or of another kind gives a warning."""
        if path is None:
            return cls(None, "none", None)
        try:
            reader = open_configured(path, lambda record: bool(_network(record).asn), "networks (ASNs)")
            return cls(reader, describe(reader, str(path)), None)
        except Exception as error:  # noqa: BLE001  # a damaged file may raise anything
            warning = (
                f"EVENTLENS_ASN_DATABASE: {reason(path, error)}. Traffic of data centres is not told "
                "apart; put a .mmdb file with ASNs there (MaxMind or ip-location-db) and restart."
            )
            return cls(None, "none", warning)

    def look_up(self, ip: str) -> Network:
        """Whose an address is; NO_NETWORK for private, reserved, unknown and invalid ones. Never raises."""
        return self._look_up(ip) if self._reader is not None and len(ip) <= _LONGEST_ADDRESS else NO_NETWORK

    def close(self) -> None:
        """Close the file; afterwards every address is NO_NETWORK."""
        reader, self._reader = self._reader, None
        self._look_up.cache_clear()
        if reader is not None:
            reader.close()

    def _read(self, ip: str) -> Network:
        address, reader = public_address(ip), self._reader
        if address is None or reader is None:
            return NO_NETWORK
        try:
            return _network(reader.get(address))
        except (ValueError, OSError, Invalid):
            return NO_NETWORK  # a damaged part of the file


def is_hosting(network: Network) -> bool:
    """Whether servers live in a network and people do not: clouds, hosters, data centres.

    Relays through which people browse (Apple's, Cloudflare's, Google's, corporate ones) are not hosting, nor
    are hosters known to carry many people's VPNs.
    """
    if network.asn in _HOSTING:
        return True
    if not network.organisation or network.asn in _PEOPLE:
        return False
    return _WORDS.search(network.organisation) is not None and _NOT.search(network.organisation) is None


_HOSTING = frozenset(
    [
        *(16509, 14618, 8987),  # Amazon
        *(396982, 19527),  # Google Cloud
        8075,  # Microsoft Azure
        *(31898, 7160),  # Oracle
        36351,  # IBM Cloud
        *(37963, 45102, 134963),  # Alibaba
        *(45090, 132203),  # Tencent
        *(136907, 55990),  # Huawei
        *(14061, 62567, 393406, 200130, 135340),  # DigitalOcean
        *(63949, 48337),  # Linode
        20473,  # Vultr
        *(16276, 35540),  # OVH
        *(24940, 213230, 212317),  # Hetzner
        12876,  # Scaleway
        *(51167, 40021, 141995),  # Contabo
        *(60781, 28753, 30633, 59253, 7203, 19148, 396362),  # Leaseweb
        197540,  # netcup
        *(8560, 6724),  # IONOS, Strato
        *(47583, 204915),  # Hostinger
        22612,  # Namecheap
        *(26496, 398101),  # GoDaddy
        *(202053, 25697),  # UpCloud
        61098,  # Exoscale
        *(33070, 15395, 27357, 19994),  # Rackspace
        54825,  # Equinix Metal
        20454,  # PhoenixNAP
        *(46606, 26347, 32244, 55293, 54641),  # Unified Layer, DreamHost, Liquid Web, A2, InMotion
        *(29802, 36352, 53667, 40676, 46844, 23470, 33387),  # Hivelocity, ColoCrossing, BuyVM, Psychz, …
        *(49981, 50673, 43350),  # WorldStream, Serverius, NForce
        *(49505, 50340, 9123, 197695, 198610, 200350),  # Selectel, Timeweb, REG.RU, Beget, Yandex Cloud
        *(31034, 29169, 29222, 29097, 12824),  # Aruba, Gandi, Infomaniak, Hostpoint, home.pl
        *(39570, 51468, 20857, 34762, 42708),  # Loopia, one.com, TransIP, Combell, GleSYS
        *(24961, 20773, 8972, 61157, 34788, 30823),  # myLoc, Host Europe, PlusServer, Mittwald, combahton
        *(9370, 9371, 7684),  # Sakura
        *(40509, 396356, 262287, 21859),  # Fly.io, Latitude.sh, Zenlayer
        *(63473, 63023, 64267, 55286, 25820),  # HostHatch, GTHost, Sprious, B2 Net, IT7
    ]
)
_PEOPLE = frozenset(
    [
        *(13335, 209242),  # Cloudflare: Warp, Apple's relay
        *(36183, 20940, 16625, 35994, 31377, 12222),  # Akamai: Apple's relay
        54113,  # Fastly: Apple's relay
        *(714, 6185),  # Apple
        *(15169, 16591),  # Google: its own relays and Fiber
        *(22616, 53813, 62044),  # Zscaler
        *(9009, 60068, 212238, 136787, 147049, 207137, 62240, 11878),  # much of it people's VPNs
    ]
)
_WORDS = re.compile(
    r"\bhost(?:ing|inger|gator|ed|er|winds?)?\b|\w(?:hosting|hoster|cloud)\b|\bcloud(?:s|\b|\w*host)|\bvps\b"
    r"|data-? ?cent(?:er|re)s?\b|\bdatacent\w+|\bdedicated\b|\bcolo(?:cation|crossing)?\b|\bservers\b"
    r"|\b(?:amazon|aws|azure|digitalocean|linode|vultr|choopa|ovh|hetzner|scaleway|contabo|leaseweb|softlayer)\b"
    r"|\b(?:rackspace|alibaba|tencent|kimsufi|upcloud|selectel|timeweb|ionos|netcup)\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:cloudflare|akamai|fastly|zscaler|netskope|mobile|broadband|cable|wireless|fib(?:er|re)|isp)\b"
    r"|\btele(?:com|fon|kom)|\buniversit|\bschool\b|\bhospital",
    re.IGNORECASE,
)


def _network(record: object) -> Network:
    """A record of MaxMind's schema (which ip-location-db keeps) or IPinfo's."""
    entry: Mapping[str, object] = as_map(record)
    number = entry.get("autonomous_system_number", entry.get("asn"))
    name = entry.get("autonomous_system_organization") or entry.get("as_name") or entry.get("name")
    asn = _number(number)
    return Network(asn, name[:_LONGEST_NAME] if isinstance(name, str) else "") if asn else NO_NETWORK


def _number(value: object) -> int:
    """15169, '15169' and 'AS15169' are 15169; 0 for anything else."""
    if isinstance(value, str):
        digits = value.upper().removeprefix("AS")
        value = (
            int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= len("4294967295") else 0
        )
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 32 else 0
