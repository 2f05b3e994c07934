"""Realistic traffic as bodies of batches, made beforehand: `python -m benchmarks.traffic FILE`.

A profile says how often each user agent, referrer, path and country occurs and how sessions look
(`traffic_profile.json.gz`; where it is missing, a small one of our own). A day of visitors is made from it:
each has a browser and an address of its own country (`__ip`, so the sender has to show the secret), most have
no device id, a few a stable one and a profile. Sessions have the profile's lengths and gaps, views have a
title and the page before as referrer, some sessions begin with a campaign, every fifth event is one of the
site's own with typed properties. All events have ids. Robots are left out: they run no pages.

The day's events of one browser go in order into batches of 100, dozens of visitors interleaved: a request has
one user agent. Events state no time: the day is as long as the run, and what gaps would cut stays one session
a visitor. With `timed`, each states its own time of the last 24 hours. A share `late` states one of up to 20
hours ago, as phones do that were offline.

A line of the file is a request: user agent, tab, body.
"""

import argparse
import gzip
import json
import math
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import accumulate
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, cast
from uuid import UUID

import maxminddb
import msgspec

from eventlens.enrich.bots import recognise_bot
from eventlens.enrich.packaged import packaged

T = TypeVar("T")
Json = dict[str, Any]

DATABASE = "geo-whois-asn-country.mmdb.gz"
PROFILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "traffic_profile.json.gz"
SITE = "https://www.bench.example"
BATCH = 100
DAY = 86_400
CAMPAIGNS = (
    "utm_source=newsletter&utm_medium=email&utm_campaign=autumn",
    "utm_source=google&utm_medium=cpc&utm_campaign=brand&utm_term=event+lens",
    "utm_source=partner&utm_medium=referral&utm_campaign=launch&utm_content=footer",
)
OWN_EVENTS = ("click", "search", "download", "sign_up", "video_play", "add_to_cart")

_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
BUILT_IN: Json = {
    "source": "built in",
    "events_per_session": {"1": 55, "2": 15, "3": 9, "5": 8, "8": 6, "12": 4, "20": 2, "40": 1},
    "sessions_per_user_16_days": {"1": 66, "2": 15, "3": 8, "5": 6, "10": 4, "20": 1},
    "in_session_gap_seconds_quantiles": {"0.1": 4, "0.5": 35, "0.9": 420, "0.99": 1500},
    "between_session_gap_seconds_quantiles": {"0.05": 2400, "0.5": 68_000, "0.95": 600_000},
    "hour_of_day_weights": [1] * 6 + [2] * 6 + [3] * 10 + [2] * 2,
    "user_agents": [
        [f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36", 40],
        [f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Mobile Safari/537.36", 25],
        [f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_CHROME} Safari/537.36", 10],
        ["Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", 5],
        [f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_SAFARI}", 20],
    ],
    "referrer_hosts": [
        ["", 60],
        ["www.google.com", 25],
        ["www.bing.com", 5],
        ["t.co", 5],
        ["example.org", 5],
    ],
    "paths": [["/", 30], ["/pricing", 10], *[[f"/blog/post-{number}", 2] for number in range(30)]],
    "countries": [["US", 30], ["DE", 15], ["FR", 10], ["IN", 15], ["GB", 10], ["BR", 10], ["JP", 10]],
}


class Weighted(Generic[T]):
    """Values that are drawn as often as their weights say."""

    def __init__(self, pairs: Sequence[tuple[T, float]]) -> None:
        self.values = [value for value, _ in pairs]
        self.weights = [weight for _, weight in pairs]
        self._sums = list(accumulate(self.weights))

    def draw(self, chance: random.Random) -> T:
        return chance.choices(self.values, cum_weights=self._sums)[0]


class Quantiles:
    """A distribution of which some quantiles are known; between them logarithms are drawn evenly."""

    def __init__(self, known: Mapping[str, float]) -> None:
        self._known = sorted((float(share), math.log(max(value, 0.1))) for share, value in known.items())

    def draw(self, chance: random.Random) -> float:
        return self.at(chance.random())

    def at(self, share: float) -> float:
        """The quantile of a share from 0 to 1."""
        before = self._known[0]
        for after in self._known:
            if share <= after[0]:
                width = after[0] - before[0]
                part = (share - before[0]) / width if width else 0.0
                return math.exp(before[1] + part * (after[1] - before[1]))
            before = after
        return math.exp(before[1])


class Profile:
    """What traffic looks like. Raises KeyError where a part is missing."""

    def __init__(self, parts: Json) -> None:
        self.source = str(parts["source"])
        agents = [(str(agent), float(weight)) for agent, weight in parts["user_agents"]]
        self.agents = Weighted([pair for pair in agents if is_browser(pair[0])])
        self.referrers = _pairs(parts["referrer_hosts"])
        self.paths = _pairs(parts["paths"])
        self.countries = _pairs(parts["countries"])
        self.lengths = _counts(parts["events_per_session"])
        self.sessions = _counts(parts["sessions_per_user_16_days"])
        self.gaps = Quantiles(parts["in_session_gap_seconds_quantiles"])
        self.pauses = Quantiles(parts["between_session_gap_seconds_quantiles"])
        self.hours = Weighted(
            [(hour, float(weight)) for hour, weight in enumerate(parts["hour_of_day_weights"])]
        )


def is_browser(agent: str) -> bool:
    """Whether it is the user agent of somebody's browser, and fits into a header."""
    return agent.isascii() and agent.isprintable() and recognise_bot(agent, libraries=True) is None


def _pairs(rows: Sequence[tuple[str, float]]) -> Weighted[str]:
    return Weighted([(str(value), float(weight)) for value, weight in rows])


def _counts(counts: Mapping[str, float]) -> Weighted[int]:
    return Weighted([(int(value), float(weight)) for value, weight in counts.items()])


def read_profile(path: Path) -> Profile:
    """The profile in a file, else the built-in one."""
    if not path.exists():
        return Profile(BUILT_IN)
    profile = Profile(json.loads(gzip.decompress(path.read_bytes())))
    profile.source = f"{path.name}: {profile.source}"
    return profile


class Addresses:
    """Addresses of a country, by the packaged geo database; anywhere in IPv4 where it has none of it."""

    def __init__(self, countries: Sequence[str]) -> None:
        self._networks: dict[str, list[IPv4Network]] = defaultdict(list)
        wanted = set(countries)
        try:
            content = gzip.decompress(packaged(DATABASE))
        except OSError:
            return
        with tempfile.NamedTemporaryFile(suffix=".mmdb") as file:
            file.write(content)
            file.flush()
            for network, country in _records(Path(file.name)):
                if country in wanted:
                    self._networks[country].append(network)

    @property
    def source(self) -> str:
        return "of the packaged geo database" if self._networks else "anywhere in IPv4"

    def draw(self, country: str, chance: random.Random) -> str:
        networks = self._networks.get(country)
        if networks:
            network = chance.choice(networks)
            first, size = int(network.network_address), network.num_addresses
            return str(IPv4Address(first + chance.randrange(size)))
        while True:
            address = IPv4Address(chance.randrange(1 << 24, 224 << 24))
            if address.is_global:
                return str(address)


def _records(path: Path) -> Iterator[tuple[IPv4Network, str]]:
    """The IPv4 networks of a database with their countries; they come before those of IPv6."""
    reader = cast("Any", maxminddb).open_database(path)
    try:
        for network, record in reader:
            if not isinstance(network, IPv4Network):
                return
            yield network, str(record.get("country_code", ""))
    finally:
        reader.close()


@dataclass(slots=True)
class Visitor:
    """Who sends: `extra` is what all events carry beside the address."""

    agent: str
    address: str
    extra: Json


class Visit(NamedTuple):
    """One event to be: `at` is seconds of the day, `path` has the campaign of a session's first view."""

    at: float
    visitor: Visitor
    path: str
    referrer: str


@dataclass(frozen=True)
class Wanted:
    """Which traffic: `late` is the share of events that come hours late, `timed` that all state a time."""

    events: int
    seed: int = 1
    late: float = 0.0
    timed: bool = False


class Traffic:
    """Makes the requests."""

    def __init__(self, profile: Profile, addresses: Addresses, wanted: Wanted) -> None:
        self._profile = profile
        self._addresses = addresses
        self._wanted = wanted
        self._chance = random.Random(wanted.seed)
        self._now = time.time()
        self._number = 0

    def requests(self) -> Iterator[tuple[str, bytes]]:
        """User agents and bodies, at least as many as hold the events that are wanted."""
        visits: list[Visit] = []
        # Not every browser's last batch gets full: they are left out.
        while len(visits) < self._wanted.events * 1.02 + BATCH * len(self._profile.agents.values):
            visits += self._visitor()
        visits.sort(key=lambda visit: visit.at)
        waiting: dict[str, list[Json]] = defaultdict(list)
        made = 0
        for visit in visits:
            batch = waiting[visit.visitor.agent]
            batch.append(self._event(visit))
            if len(batch) == BATCH:
                yield visit.visitor.agent, msgspec.json.encode(batch)
                batch.clear()
                made += BATCH
                if made >= self._wanted.events:
                    return

    def _visitor(self) -> Iterator[Visit]:
        """The views of one visitor within the day."""
        chance, profile = self._chance, self._profile
        extra: Json = {}
        if chance.random() < 0.15:
            number = chance.randrange(1 << 40)
            extra = {"deviceId": f"device-{number:010x}", "profileId": f"user-{number % 1_000_003}"}
        address = self._addresses.draw(profile.countries.draw(chance), chance)
        visitor = Visitor(profile.agents.draw(chance), address, extra)
        at = 3600 * (profile.hours.draw(chance) + chance.random())
        for _ in range(profile.sessions.draw(chance)):
            host = profile.referrers.draw(chance)
            referrer = f"https://{host}/" if host else ""
            query = self._campaign()
            for _ in range(profile.lengths.draw(chance)):
                if at >= DAY:
                    return
                path = profile.paths.draw(chance) + query
                yield Visit(at, visitor, path, referrer)
                referrer, query = SITE + path, ""
                at += profile.gaps.draw(chance)
            at += profile.pauses.draw(chance)

    def _campaign(self) -> str:
        share = self._chance.random()
        if share < 0.06:
            return "?" + self._chance.choice(CAMPAIGNS)
        return f"?gclid=Cj0{self._chance.getrandbits(160):040x}" if share < 0.08 else ""

    def _event(self, visit: Visit) -> Json:
        chance, visitor = self._chance, visit.visitor
        self._number += 1
        properties: Json = {"__path": SITE + visit.path, "__ip": visitor.address}
        if visit.referrer:
            properties["__referrer"] = visit.referrer
        payload: Json = {"id": str(UUID(int=chance.getrandbits(128))), **visitor.extra}
        if self._number % 200 == 0:
            payload["name"] = "revenue"
            properties |= {"__revenue": chance.randrange(100, 20_000), "currency": "EUR", "plan": "team"}
        elif self._number % 5 == 0:
            payload["name"] = chance.choice(OWN_EVENTS)
            properties |= {
                "label": f"button-{chance.randrange(40)}",
                "position": chance.randrange(12),
                "first": chance.random() < 0.3,
                "tags": ["a", "b"][: chance.randrange(3)],
            }
        else:
            payload["name"] = "screen_view"
            properties["__title"] = title(visit.path)
        if self._wanted.timed:
            payload["timestamp"] = int(1000 * (self._now - DAY + visit.at))
        elif chance.random() < self._wanted.late:
            payload["timestamp"] = int(1000 * (self._now - 120 * 600 ** chance.random()))
        payload["properties"] = properties
        return {"type": "track", "payload": payload}


def title(path: str) -> str:
    """What a page of that path might be called."""
    words = path.partition("?")[0].strip("/").rpartition("/")[2].partition(".")[0].replace("-", " ")
    return f"{words.title() or 'Home'} – Bench"


def write_requests(target: Path, requests: Iterator[tuple[str, bytes]]) -> int:
    """Write them for `load.py --bodies`; returns how many bytes the bodies have."""
    size = 0
    with target.open("wb") as file:
        for agent, body in requests:
            size += len(body)
            file.write(b"%b\t%b\n" % (agent.encode(), body))
    return size


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--profile", type=Path, default=PROFILE)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--late", type=float, default=0.0)
    parser.add_argument("--timestamps", action="store_true")
    chosen = parser.parse_args()
    profile = read_profile(chosen.profile)
    addresses = Addresses(profile.countries.values)
    wanted = Wanted(chosen.events, chosen.seed, chosen.late, chosen.timestamps)
    size = write_requests(chosen.file, Traffic(profile, addresses, wanted).requests())
    print(
        json.dumps(
            {
                "profile": profile.source,
                "addresses": addresses.source,
                "bytes_an_event": size // chosen.events,
            }
        )
    )


if __name__ == "__main__":
    main()
