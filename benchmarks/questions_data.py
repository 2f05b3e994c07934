"""A large project, made inside the engine and straight in the store's tables.

    python -m benchmarks.questions_data DATA --project ID --events 10000000 --end 2026-11-01

150 days of visitors, three for a hundred events, from the distributions of the profile (traffic.py): events
of a session, gaps within and pauses between sessions, sessions of a visitor, hours of the day, user agents,
referrers, paths, countries. Sessions of a visitor follow one another in the profile's pauses, so that people
come back as readers did; there are as many more of them, for everybody alike, as the events that are wanted
need. What the log shows once stands for a family of pages. A tenth of the visitors signs up in the second
session (a profile with properties), a fifth of those also has a second device.

First come the visits, in a table of their own that is dropped at the end, then day by day their events and
sessions, in order of time as traffic brings them; the engine merges parts as it always does. Everything is
drawn by hashing numbers: the same words give the same data. Prints one JSON object.
"""

import argparse
import json
import re
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.traffic import CAMPAIGNS, OWN_EVENTS, PROFILE, SITE, Profile, Quantiles, read_profile, title
from eventlens.enrich.campaign import read_campaign
from eventlens.enrich.referrer import read_referrer, with_campaign
from eventlens.enrich.user_agent import parse_user_agent
from eventlens.settings import Settings
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate

Json = dict[str, Any]

DAYS = 150
VISITORS_PER_EVENT = 0.03
_SLOTS = 2048
"""A distribution is this many equally likely slots."""
_FAMILY = 40
"""How many pages stand behind a path that the log shows once."""
_DAY_MS = 86_400_000
_SECOND_VISIT, _TENTH, _FIFTH = 1, 10, 5


def slots(weights: Sequence[float]) -> list[int]:
    """Indices, each as often as its weight says, at least the heavy ones."""
    total, seen, found = sum(weights), 0.0, list[int]()
    for index, weight in enumerate(weights):
        seen += weight
        while len(found) < round(_SLOTS * seen / total):
            found.append(index)
    return found


def quantile_slots(known: Quantiles, factor: float = 1000) -> list[int]:
    """Evenly spaced quantiles, by default in milliseconds for seconds."""
    return [round(factor * known.at((each + 0.5) / _SLOTS)) for each in range(_SLOTS)]


_named: dict[str, str] = {}
"""Arrays as SQL → their names in it: written once in a statement, however often they are used."""


def sql_array(values: Sequence[int | str]) -> str:
    """The name of an array."""
    if values and isinstance(values[0], str):
        quoted = (str(value).replace("\\", "\\\\").replace("'", "\\'") for value in values)
        literal = "[" + ",".join(f"'{value}'" for value in quoted) + "]"
    else:
        literal = "[" + ",".join(map(str, values)) + "]"
    return _named.setdefault(literal, f"array_{len(_named)}_")


def selected(sql: str) -> str:
    """A SELECT with its arrays in front."""
    used = set(re.findall(r"array_\d+_", sql))
    return f"WITH {', '.join(f'{each} AS {name}' for each, name in _named.items() if name in used)}\n{sql}"


def drawn(array: Sequence[int], *seed: str) -> str:
    """One of the slots, by a hash of numbers."""
    return f"{sql_array(array)}[1 + bitAnd(cityHash64({', '.join(seed)}), {_SLOTS - 1})]"


def chosen(values: Sequence[str], index: str) -> str:
    """The value at an index."""
    return f"{sql_array(values)}[1 + {index}]"


class Parts:
    """SQL expressions of the distributions. `v` is a visitor, `i` its session, `j` an event of that."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.lengths = self._numbers(profile.lengths.values, profile.lengths.weights)
        self.sessions = self._numbers(profile.sessions.values, profile.sessions.weights)
        self.gaps = quantile_slots(profile.gaps)
        self.pauses = [max(each, 1_800_000) for each in quantile_slots(profile.pauses)]
        self.hours = self._numbers(profile.hours.values, profile.hours.weights)

    @staticmethod
    def _numbers(values: Sequence[int], weights: Sequence[float]) -> list[int]:
        return [values[index] for index in slots(weights)]

    def is_own(self, j: str) -> str:
        """Whether an event is the site's own: a fifth, never a session's first."""
        return f"({j} > 0 AND bitAnd(cityHash64(v, i, {j}, 'own'), 1023) < 205)"

    def path_index(self, j: str) -> str:
        return drawn(slots(self._profile.paths.weights), "v", "i", j, "'path'")

    def path(self, j: str) -> str:
        """A page; of a family where the log shows it once."""
        paths = self._profile.paths
        single = ["-" if weight <= 1 else "" for weight in paths.weights]
        index = self.path_index(j)
        family = f"toString(1 + cityHash64(v, i, {j}, 'family') % {_FAMILY})"
        number = f"if({chosen(single, index)} = '', '', concat('-', {family}))"
        return f"concat({chosen(paths.values, index)}, {number})"

    def title(self, j: str) -> str:
        return chosen([title(path) for path in self._profile.paths.values], self.path_index(j))

    @cached_property
    def of_visitor(self) -> dict[str, str]:
        """Columns that are the same in all of a visitor's events."""
        agents = self._profile.agents
        agent = drawn(slots(agents.weights), "v", "'agent'")
        parsed = [parse_user_agent(each) for each in agents.values]
        columns = {
            name: chosen([getattr(each, name) for each in parsed], agent)
            for name in ("browser", "browser_version", "os", "os_version", "device", "brand", "model")
        }
        countries = self._profile.countries
        columns["country"] = chosen(countries.values, drawn(slots(countries.weights), "v", "'country'"))
        columns["region"] = f"concat({columns['country']}, '-', toString(cityHash64(v, 'region') % 8))"
        columns["city"] = (
            f"concat('City ', toString(cityHash64(v, 'city') % 40), ' of ', {columns['country']})"
        )
        return columns

    @cached_property
    def of_session(self) -> dict[str, str]:
        """Columns that are the same in all events of a session: where it came from."""
        hosts = self._profile.referrers
        kinds = [("", 92.0), *((campaign, 2.0) for campaign in CAMPAIGNS), ("gclid=Cj0", 2.0)]
        read = [
            (read_campaign(query), read_referrer(f"https://{host}/" if host else ""), weight * often)
            for query, often in kinds
            for host, weight in zip(hosts.values, hosts.weights, strict=True)
        ]
        index = drawn(slots([weight for _, _, weight in read]), "v", "i", "'referrer'")
        named = [with_campaign(referrer, campaign) for campaign, referrer, _ in read]
        columns = {
            "referrer": chosen([each.url for each in named], index),
            "referrer_name": chosen([each.name for each in named], index),
            "referrer_type": chosen([each.type for each in named], index),
        }
        for word in ("source", "medium", "campaign", "term", "content"):
            columns[f"utm_{word}"] = chosen([getattr(each, word) for each, _, _ in read], index)
        columns["click_id_name"] = chosen([each.click_id_name for each, _, _ in read], index)
        click = "concat('Cj0', lower(hex(cityHash64(v, i, 'click'))))"
        columns["click_id"] = f"if({columns['click_id_name']} = '', '', {click})"
        return columns


# Who visits: `second` says whether it is the visitor's second device.
_WHO: dict[str, str] = {
    "is_known": f"v % {_TENTH} = 0 AND i >= {_SECOND_VISIT}",
    "second": f"v % {_TENTH * _FIFTH} = 0 AND i % 2 = 1",
    "device_id": "concat(if(second, 'tablet-', 'device-'), lower(hex(cityHash64(v, 'device'))))",
    "profile_id": "if(is_known, concat('user-', toString(v)), '')",
    "session_key": "cityHash64(v, second, 'device')",
    "visitor": "if(is_known, cityHash64(v, 'profile'), session_key)",
}


class Builder:
    """Fills a store."""

    def __init__(self, store: Any, parts: Parts, project: str, end: date) -> None:
        self._store = store
        self._parts = parts
        self._project = project
        self._last = int(datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp() * 1000)
        self._first = self._last - DAYS * _DAY_MS

    def build(self, events: int) -> Json:
        """Everything; returns counts and seconds."""
        began = time.monotonic()
        visitors = round(events * VISITORS_PER_EVENT)
        self._visits(visitors, self._factor(events / visitors))
        visited = time.monotonic()
        for day in range(DAYS):
            self._day(self._first + day * _DAY_MS)
            if day % 10 == 9:
                print(f"{day + 1} of {DAYS} days, {time.monotonic() - began:.0f} s", flush=True)
        self._identities(visitors)
        self._store.command("DROP TABLE benchmark_visits SYNC")
        inserted = time.monotonic()
        self._wait_for_merges()
        return {
            "visits_seconds": round(visited - began, 1),
            "insert_seconds": round(inserted - visited, 1),
            "merge_seconds": round(time.monotonic() - inserted, 1),
        }

    def _factor(self, wanted: float) -> float:
        """How many times more sessions than in the profile give that many events a visitor."""
        low, high = 0.1, 60.0
        for _ in range(9):
            middle = (low + high) / 2
            sql = f"SELECT sum(length) / 20000 FROM ({self._visits_sql(20_000, middle)})"
            found = self._store.query(selected(sql)).rows[0][0]
            low, high = (middle, high) if found < wanted else (low, middle)
        return (low + high) / 2

    def _visits_sql(self, visitors: int, factor: float) -> str:
        parts = self._parts
        gap = drawn(parts.gaps, "v", "i", "j", "'gap'")
        hour = drawn(parts.hours, "v", "'hour'")
        first = (
            f"{self._first} + {_DAY_MS} * (cityHash64(v, 'day') % {DAYS}) + 3600000 * {hour} "
            "+ cityHash64(v, 'second') % 3600000"
        )
        return f"""SELECT v, i, start, length, duration FROM (
  SELECT toUInt32(number) AS v,
    range(greatest(1, toUInt32({factor} * {drawn(parts.sessions, "v", "'sessions'")}
      + cityHash64(v, 'more') % 100 / 100))) AS numbers,
    arrayMap(i -> {drawn(parts.lengths, "v", "i", "'length'")}, numbers) AS lengths,
    arrayMap((i, l) -> arraySum(j -> {gap}, range(1, l)), numbers, lengths) AS durations,
    arrayMap((i, d) -> d + {drawn(parts.pauses, "v", "i", "'pause'")}, numbers, durations) AS steps,
    arrayMap((sum, step) -> {first} + sum - step, arrayCumSum(steps), steps) AS starts
  FROM numbers({visitors}))
ARRAY JOIN numbers AS i, lengths AS length, durations AS duration, starts AS start
WHERE start + duration < {self._last}"""

    def _visits(self, visitors: int, factor: float) -> None:
        self._store.command(
            "CREATE OR REPLACE TABLE benchmark_visits (v UInt32, i UInt16, start Int64, length UInt16, "
            "duration UInt32) ENGINE = MergeTree ORDER BY start"
        )
        self._store.command(
            f"INSERT INTO benchmark_visits {selected(self._visits_sql(visitors, factor))} "
            "SETTINGS max_block_size = 8192"
        )

    def _from_visits(self, start: int) -> str:
        who = ", ".join(f"{sql} AS {name}" for name, sql in _WHO.items())
        return f"""SELECT *, {who}
    FROM benchmark_visits WHERE start >= {start} AND start < {start + _DAY_MS}"""

    def _day(self, start: int) -> None:
        self._store.command(self._events_sql(start))
        self._store.command(self._sessions_sql(start))

    def _events_sql(self, start: int) -> str:
        parts = self._parts
        gap = drawn(parts.gaps, "v", "i", "j", "'gap'")
        sale = "(own AND bitAnd(cityHash64(v, i, j, 'sale'), 1023) < 26)"
        own = chosen(OWN_EVENTS, f"cityHash64(v, i, j, 'name') % {len(OWN_EVENTS)}")
        properties = (
            """format('{{"label":"button-{}","position":{},"first":{},"tags":["a"]}}', """
            "toString(cityHash64(v, i, j, 'label') % 40), toString(cityHash64(v, i, j, 'position') % 12), "
            "if(cityHash64(v, i, j, 'first') % 10 < 3, 'true', 'false'))"
        )
        columns = {
            "project_id": f"'{self._project}'",
            "timestamp": "fromUnixTimestamp64Milli(start + offset, 'UTC')",
            "arrival": "bitShiftLeft(toUInt64(start + offset), 20) + bitAnd(cityHash64(v, i, j), 1048575)",
            "version": "arrival",
            "id": "lower(hex(sipHash128(v, i, j)))",
            "name": f"multiIf({sale}, 'revenue', own, {own}, 'screen_view')",
            **{name: name for name in ("device_id", "profile_id", "visitor", "session_key")},
            "session_start": "fromUnixTimestamp64Milli(start, 'UTC')",
            "origin": f"'{SITE}'",
            "path": parts.path("j"),
            "title": f"if(own, '', {parts.title('j')})",
            "language": "['en-US', 'en-GB', 'de', 'fr', 'es', 'pt-BR', 'ja', 'zh-CN'][1 + v % 8]",
            "screen": "['1920x1080', '1366x768', '390x844', '412x915', '1440x900'][1 + v % 5]",
            **parts.of_session,
            **parts.of_visitor,
            "revenue": f"if({sale}, toInt64(100 + cityHash64(v, i, j, 'sum') % 19900), NULL)",
            "currency": f"if({sale}, 'EUR', '')",
            "sdk": "'web'",
            "sdk_version": "'1.0'",
            "properties": f"if(own, {properties}, '{{}}')",
        }
        sql = f"""SELECT {", ".join(f"{sql} AS `{name}`" for name, sql in columns.items())}
FROM (
  SELECT *, j, offset, {parts.is_own("j")} AS own FROM ({self._from_visits(start)})
  ARRAY JOIN range(toUInt16(length)) AS j,
    arrayCumSum(arrayMap(j -> if(j = 0, 0, {gap}), range(toUInt16(length)))) AS offset)
SETTINGS max_block_size = 16384, max_threads = 2"""
        return f"INSERT INTO events ({', '.join(columns)})\n{selected(sql)}"

    def _sessions_sql(self, start: int) -> str:
        parts = self._parts
        gap = drawn(parts.gaps, "v", "i", "j", "'gap'")
        last = f"arrayLast(j -> NOT {parts.is_own('j')}, range(toUInt16(length)))"
        columns = {
            "project_id": f"'{self._project}'",
            "session_key": "session_key",
            "session_start": "fromUnixTimestamp64Milli(start, 'UTC')",
            "session_end": "fromUnixTimestamp64Milli(start + duration, 'UTC')",
            "version": "bitShiftLeft(toUInt64(start + duration), 20)",
            **{name: name for name in ("device_id", "profile_id", "visitor")},
            "events": "length",
            "screen_views": f"arrayCount(j -> NOT {parts.is_own('j')}, range(toUInt16(length)))",
        }
        for edge, j in (("entry", "toUInt16(0)"), ("exit", "last")):
            offset = f"arraySum(j -> {gap}, range(1, {j} + 1))"
            columns |= {
                f"{edge}_time": f"fromUnixTimestamp64Milli(start + toInt64({offset}), 'UTC')",
                f"{edge}_arrival": f"bitShiftLeft(toUInt64(start + toInt64({offset})), 20) "
                f"+ bitAnd(cityHash64(v, i, {j}), 1048575)",
                f"{edge}_origin": f"'{SITE}'",
                f"{edge}_path": parts.path(j),
                f"{edge}_title": parts.title(j),
            }
        columns |= {**parts.of_session, **parts.of_visitor}
        sql = f"""SELECT {", ".join(f"{sql} AS `{name}`" for name, sql in columns.items())}
FROM (SELECT *, {last} AS last FROM ({self._from_visits(start)}))
SETTINGS max_block_size = 16384, max_threads = 2"""
        return f"INSERT INTO sessions ({', '.join(columns)})\n{selected(sql)}"

    def _identities(self, visitors: int) -> None:
        """What sign-ups leave: links, people, properties of profiles."""
        known = f"""FROM (SELECT v, i, start, {", ".join(f"{sql} AS {name}" for name, sql in _WHO.items())}
    FROM benchmark_visits WHERE v < {visitors} AND v % {_TENTH} = 0 AND i >= {_SECOND_VISIT})"""
        project = f"'{self._project}' AS project_id"
        self._store.command(
            f"""INSERT INTO identity_links
SELECT {project}, session_key AS device, visitor AS profile, any(device_id), any(profile_id),
  fromUnixTimestamp64Milli(min(start), 'UTC') {known} GROUP BY device, profile"""
        )
        self._store.command(
            f"""INSERT INTO identities (project_id, node, person, version)
SELECT DISTINCT {project}, arrayJoin([visitor, cityHash64(v, toUInt8(0), 'device'),
  if(v % {_TENTH * _FIFTH} = 0, cityHash64(v, toUInt8(1), 'device'), visitor)]) AS node,
  cityHash64(v, toUInt8(0), 'device') AS person, 1 {known}"""
        )
        self._store.command(
            f"""INSERT INTO profile_changes
  (project_id, profile_id, property, timestamp, arrival, id, operation, value)
SELECT {project}, profile_id, 'plan', fromUnixTimestamp64Milli(min(start), 'UTC'),
  bitShiftLeft(toUInt64(min(start)), 20) + any(v), '', 'set',
  ['"free"', '"team"', '"business"'][1 + any(v) % 3] {known} GROUP BY profile_id"""
        )

    def _wait_for_merges(self) -> None:
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            if not self._store.query("SELECT count() FROM system.merges").rows[0][0]:
                return
            time.sleep(1)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--project", required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--end", type=date.fromisoformat, required=True)
    parser.add_argument("--profile", type=Path, default=PROFILE)
    given = parser.parse_args()
    store = open_store(Settings.load({"EVENTLENS_DATA": str(given.data), "EVENTLENS_QUERY_MEMORY": "4GiB"}))
    migrate(store)
    profile = read_profile(given.profile)
    figures = Builder(store, Parts(profile), given.project, given.end).build(given.events)
    store.close()
    first = given.end - timedelta(days=DAYS)
    about = {"profile": profile.source, "from": first.isoformat(), "to": given.end.isoformat()}
    print(json.dumps({**about, **figures}))


if __name__ == "__main__":
    main()
