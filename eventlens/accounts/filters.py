"""What a project keeps out of its numbers: addresses, profiles, events and paths that its owner named.

Read on every request, so it comes compiled: nothing here touches the catalog while a request waits.
"""

import logging
import threading
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal, NamedTuple, cast, get_args
from uuid import uuid4

from sqlalchemy import func, select, true

from eventlens.catalog.base import FilterRow, ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import InvalidInput, NotFound, Unavailable

log = logging.getLogger(__name__)

FilterKind = Literal["ip", "path", "event", "profile"]
FILTER_KINDS: tuple[FilterKind, ...] = get_args(FilterKind)

MOST_FILTERS = 500
"""Of one project."""
LONGEST_VALUE = 512
LONGEST_NOTE = 200
MOST_STARS = 5


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter. `value` is an address or network, a profile id, or a name or path where `*` stands for
    any characters.
    """

    id: str
    project_id: str
    kind: FilterKind
    value: str
    note: str
    created_at: datetime


class Filters:
    """The filters of a catalog. `changed` is told after each change."""

    def __init__(
        self, catalog: Catalog, clock: Clock = now_ms, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._catalog = catalog
        self._clock = clock
        self._changed = changed

    def add(self, project_id: str, kind: FilterKind, value: str, note: str = "") -> Filter:
        """Add a filter; one that is there already is given as it is.

        Raises NotFound (no such project), InvalidInput with the field `kind`, `value` or `note`.
        """
        value, note = read_value(kind, value), _read_note(note)
        with self._catalog.session(write=True) as session:
            if session.get(ProjectRow, project_id) is None:
                raise NotFound("There is no such project.")
            own = FilterRow.project_id == project_id
            same = select(FilterRow).where(own, FilterRow.kind == kind, FilterRow.value == value)
            for row in session.scalars(same):
                if row.value == value:  # MySQL compares without regard to case
                    return _filter(row)
            if session.scalar(select(func.count()).select_from(FilterRow).where(own)) == MOST_FILTERS:
                raise InvalidInput(f"a project has at most {MOST_FILTERS} filters", field="value")
            row = FilterRow(
                id=str(uuid4()),
                project_id=project_id,
                kind=kind,
                value=value,
                note=note,
                created_at=to_datetime(self._clock()),
            )
            session.add(row)
            made = _filter(row)
        self._changed()
        return made

    def list(self, project_id: str) -> list[Filter]:
        """The filters of a project, the oldest first."""
        with self._catalog.session() as session:
            rows = session.scalars(
                select(FilterRow)
                .where(FilterRow.project_id == project_id)
                .order_by(FilterRow.created_at, FilterRow.id)
            )
            return [_filter(row) for row in rows]

    def remove(self, project_id: str, id: str) -> Filter:  # noqa: A002  # the field's name
        """Take a filter of that project away; gives what it was. Raises NotFound."""
        with self._catalog.session(write=True) as session:
            row = session.get(FilterRow, id)
            if row is None or row.project_id != project_id:
                raise NotFound("There is no such filter.")
            removed = _filter(row)
            session.delete(row)
        self._changed()
        return removed


def _filter(row: FilterRow) -> Filter:
    kind = cast(FilterKind, row.kind)
    return Filter(row.id, row.project_id, kind, row.value, row.note, row.created_at)


# --- values ---


def read_value(kind: str, value: str) -> str:
    """A filter's value in its normal form. Raises InvalidInput with the field `kind` or `value`."""
    if kind not in FILTER_KINDS:
        raise InvalidInput(f"kind must be one of {', '.join(FILTER_KINDS)}", field="kind")
    value = value.strip()
    if not 0 < len(value) <= LONGEST_VALUE or not value.isprintable():
        raise InvalidInput(f"value must be 1 to {LONGEST_VALUE} printable characters", field="value")
    if kind == "ip":
        return _read_network(value)
    if kind in ("path", "event") and value.count("*") > MOST_STARS:
        raise InvalidInput(f"value may hold at most {MOST_STARS} times *", field="value")
    return value


def _read_note(note: str) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE or (note and not note.isprintable()):
        raise InvalidInput(f"note must be at most {LONGEST_NOTE} printable characters", field="note")
    return note


def _read_network(value: str) -> str:
    try:
        network = _plain_network(ip_network(value, strict=False))
    except ValueError:
        raise InvalidInput(
            "value must be an address or a network, such as 203.0.113.7 or 2001:db8::/48", field="value"
        ) from None
    alone = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if alone else str(network)


def _plain_network(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """`::ffff:203.0.113.0/120` is `203.0.113.0/24`: both say where the same visitors come from."""
    if isinstance(network, IPv6Network):
        mapped = network.network_address.ipv4_mapped
        if mapped is not None and network.prefixlen >= _MAPPED_BITS:
            return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network


_MAPPED_BITS = 96


def _network(value: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(value)
    except ValueError:
        return None


def _plain_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])  # without the zone of fe80::1%eth0
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


# --- compiled ---


class _Networks:
    """Addresses and networks of one family as spans that do not overlap: a look-up is one bisection."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        spans: list[tuple[int, int]] = []
        for first, last in sorted(
            (int(each.network_address), int(each.broadcast_address)) for each in networks
        ):
            if spans and first <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
            else:
                spans.append((first, last))
        self._firsts = [first for first, _ in spans]
        self._lasts = [last for _, last in spans]

    def hold(self, address: int) -> bool:
        at = bisect_right(self._firsts, address) - 1
        return at >= 0 and address <= self._lasts[at]


class _Patterns:
    """Texts that are matched whole; `*` stands for any characters, none included."""

    def __init__(self, patterns: Iterable[str]) -> None:
        exact: set[str] = set()
        prefixes: list[str] = []
        self._others: list[list[str]] = []
        for pattern in patterns:
            parts = pattern.split("*")
            if len(parts) == 1:
                exact.add(pattern)
            elif len(parts) == 2 and not parts[1]:  # a star at the end and no other
                prefixes.append(parts[0])
            else:
                self._others.append(parts)
        self._exact = frozenset(exact)
        self._prefixes = tuple(prefixes)
        self.any = bool(exact or prefixes or self._others)

    def match(self, text: str) -> bool:
        return (
            text in self._exact
            or text.startswith(self._prefixes)
            or any(_matches(parts, text) for parts in self._others)
        )


def _matches(parts: list[str], text: str) -> bool:
    """Whether the parts follow each other in the text from its start to its end. Never backtracks."""
    first, *middle, last = parts
    if not text.startswith(first):
        return False
    at = len(first)
    for part in middle:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - len(last) >= at and text.endswith(last)


class ProjectFilters:
    """What collection has to know of one project, compiled. Never changes; equal if made of the same rows.

    Ask nothing more where `empty` is true.
    """

    __slots__ = (
        "_events", "_paths", "_profiles", "_v4", "_v6", "allow_unverified_revenue", "empty", "rows",
    )  # fmt: skip

    def __init__(
        self, rows: Iterable[tuple[str, str]] = (), *, allow_unverified_revenue: bool = False
    ) -> None:
        """`rows` are (kind, value) as `read_value` gives them; any other matches nothing."""
        self.rows = frozenset(rows)
        self.allow_unverified_revenue = allow_unverified_revenue
        """Whether `__revenue` counts when the secret was not shown."""
        self.empty = not self.rows
        """Nothing is filtered: whatever one asks, the answer is no."""
        values: dict[str, list[str]] = defaultdict(list)
        for kind, value in self.rows:
            values[kind].append(value)
        networks = [network for value in values["ip"] if (network := _network(value)) is not None]
        self._v4 = _Networks(each for each in networks if isinstance(each, IPv4Network))
        self._v6 = _Networks(each for each in networks if isinstance(each, IPv6Network))
        self._profiles = frozenset(values["profile"])
        self._events = _Patterns(values["event"])
        self._paths = _Patterns(values["path"])

    def address(self, ip: str) -> bool:
        """Whether requests of that address are refused; False for what is no address."""
        if self.empty:
            return False
        address = _plain_address(ip)
        if address is None:
            return False
        return (self._v4 if isinstance(address, IPv4Address) else self._v6).hold(int(address))

    def profile(self, profile_id: str) -> bool:
        """Whether that profile is refused. Exact."""
        return profile_id in self._profiles

    def event(self, name: str, path: str) -> str:
        """The kind of filter that keeps an event out, 'event' or 'path'; '' for none.

        `path` is the page's path alone, as `enrich.page.split_page` gives it; '' for no page.
        """
        if self.empty:
            return ""
        if self._events.any and self._events.match(name):
            return "event"
        if path and self._paths.any and self._paths.match(path):
            return "path"
        return ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ProjectFilters):
            return NotImplemented
        return (self.rows, self.allow_unverified_revenue) == (other.rows, other.allow_unverified_revenue)

    def __hash__(self) -> int:
        return hash((self.rows, self.allow_unverified_revenue))


NO_FILTERS = ProjectFilters()


# --- at hand ---


class _Read(NamedTuple):
    rows: Mapping[str, frozenset[tuple[str, str]]]
    revenue: frozenset[str]


class FilterCache:
    """The filters of all projects at hand, so that no request waits for the catalog.

    A thread reads them anew every `LIFE_MS` / 2, hence a change by another process (a command, another
    server) is noticed within `LIFE_MS`; one by this process at once, when it calls `refresh`. While the
    catalog does not answer, what was read last goes on being true.
    """

    LIFE_MS = 10_000

    def __init__(self, catalog: Catalog, life_ms: int = LIFE_MS) -> None:
        """Reads once, so that nothing is let through before. Raises Unavailable."""
        self._catalog = catalog
        self._life_ms = life_ms
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._compiled: Mapping[str, ProjectFilters] = {}
        self.refresh()

    def of(self, project_id: str) -> ProjectFilters:
        """A project's filters; the same object as long as they did not change. Never waits."""
        return self._compiled.get(project_id, NO_FILTERS)

    def refresh(self) -> None:
        """Read them anew now. Raises Unavailable."""
        with self._lock:  # a slow reader must not overwrite what a later one found
            before, (rows, revenue) = self._compiled, self._read()
            after: dict[str, ProjectFilters] = {}
            for project_id in rows.keys() | revenue:
                wanted = rows.get(project_id, frozenset()), project_id in revenue
                known = before.get(project_id)
                if known is None or (known.rows, known.allow_unverified_revenue) != wanted:
                    known = ProjectFilters(wanted[0], allow_unverified_revenue=wanted[1])
                after[project_id] = known
            self._compiled = after

    def start(self) -> None:
        """Read them anew in a thread until `close`."""
        self._thread = threading.Thread(target=self._run, name="project-filters", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread of `start`."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._life_ms / 2000):
            try:
                self.refresh()
            except Unavailable as error:
                log.warning("the projects' filters could not be read anew: %s", error)

    def _read(self) -> _Read:
        rows: dict[str, set[tuple[str, str]]] = defaultdict(set)
        with self._catalog.session() as session:
            for project_id, kind, value in session.execute(
                select(FilterRow.project_id, FilterRow.kind, FilterRow.value)
            ):
                rows[project_id].add((kind, value))
            allowed = select(ProjectRow.id).where(ProjectRow.allow_unverified_revenue == true())
            revenue = frozenset(session.scalars(allowed))
        return _Read({project_id: frozenset(found) for project_id, found in rows.items()}, revenue)
