"""`eventlens check`: what is configured, reachable, slow or wrong, and how to mend it.

Each row of CHECKS looks at one thing, changes nothing, and works beside a running server.
"""

import json
import os
import platform
import re
import shutil
import sqlite3
import stat
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import click

from eventlens import __version__, machine
from eventlens.cli import data_option, json_option, load_settings
from eventlens.errors import ConfigurationError, EventLensError
from eventlens.redis_server import Server
from eventlens.settings import TABLE, Settings

Status = Literal["ok", "warn", "fail"]
GIB = 1 << 30
LOW_DISK, NO_DISK = 2 * GIB, GIB // 4
SLOW_SYNC_MS = 50
SLOW_STORE_SECONDS = 2
LATE_SECONDS = 60
ANSWER_SECONDS = 5
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "lustre"}
MEMORY_FILE_SYSTEMS = {"tmpfs", "ramfs"}
OLD_PLACES_DAYS = 400
APART_SECONDS = 2.0
CLOCK_FLOOR = datetime(2026, 11, 1, tzinfo=UTC)
"""This program did not exist before."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `mend` says what to do, unless all is well."""

    status: Status
    message: str
    mend: str = ""


@click.command(name="check")
@data_option
@json_option
def command(data: Path | None, as_json: bool) -> None:
    """Say what is configured, reachable, slow or wrong, and how to mend it.

    Exit code 1 when something fails; warnings alone give 0.
    """
    try:
        settings = load_settings(data)
    except ConfigurationError as error:
        findings = {"settings": Finding("fail", str(error), "Correct the environment or the .env file.")}
    else:
        findings = {name: _look(check, settings) for name, check in CHECKS.items()}
    failed = any(found.status == "fail" for found in findings.values())
    if as_json:
        checks = [{"name": name, **asdict(found)} for name, found in findings.items()]
        click.echo(json.dumps({"ok": not failed, "checks": checks}, ensure_ascii=False))
    else:
        _show(findings)
    sys.exit(1 if failed else 0)


def _look(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except EventLensError as error:
        return Finding("fail", str(error), "See the message.")
    except OSError as error:
        return Finding("fail", str(error), "Let the user that runs Event Lens read and write there.")


def _show(findings: dict[str, Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    colours = {"ok": "green", "warn": "yellow", "fail": "bold red"}
    table = Table.grid(padding=(0, 2))
    for name, found in findings.items():
        text = escape(found.message) + (f"\n[dim]→ {escape(found.mend)}[/dim]" if found.mend else "")
        table.add_row(f"[{colours[found.status]}]{found.status}[/]", name, text)
    Console(highlight=False, soft_wrap=True).print(table)


# --- the checks ---


def _settings(settings: Settings) -> Finding:
    default = Settings()
    given = sorted(
        row.name for at, row in TABLE.items() if _differs(getattr(settings, at), getattr(default, at))
    )
    message = f"data in {settings.data}; set: {', '.join(given) or 'nothing'}"
    if settings.host not in ("127.0.0.1", "::1", "localhost") and not settings.trusted_proxies:
        return Finding(
            "warn",
            f"{message}; HOST {settings.host} is open to others, and no proxy is trusted",
            "If a proxy stands in front, set TRUSTED_PROXIES to its address, or all visitors seem to come "
            "from the proxy. If none does, this is right.",
        )
    return Finding("ok", message)


def _settings_without_effect(settings: Settings) -> Finding:
    names = settings.without_effect()
    if not names:
        return Finding("ok", "none")
    lines = "\n".join(f"{name} is set, but nothing uses it yet" for name in names)
    return Finding("warn", lines, "Do not count on them in this version.")


def _differs(value: object, default: object) -> bool:
    # The data directory is named anyway, and the catalog's URL follows from it.
    return value != default and not isinstance(value, Path) and not str(value).startswith("sqlite:")


def _data_directory(settings: Settings) -> Finding:
    if not settings.data.exists():
        parent = _existing(settings.data)
        if os.access(parent, os.W_OK):
            return Finding("ok", f"{settings.data} is not there yet; the first start makes it")
        return Finding("fail", f"{settings.data} cannot be made: {parent} is not writable", _OWNERSHIP)
    with tempfile.NamedTemporaryFile(dir=settings.data, prefix=".check-"):
        pass
    return Finding("ok", f"{settings.data} is writable")


_OWNERSHIP = "Give the directory to the user that runs Event Lens, or set EVENTLENS_DATA to another one."


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def _free_disk(settings: Settings) -> Finding:
    usage = shutil.disk_usage(_existing(settings.data))
    message = f"{usage.free / GIB:.1f} GiB of {usage.total / GIB:.0f} GiB free"
    mend = "Make room or move EVENTLENS_DATA to a larger disk."
    if usage.free < NO_DISK:
        return Finding("fail", f"{message}; events will be refused", mend)
    return Finding("warn", message, mend) if usage.free < LOW_DISK else Finding("ok", message)


def _catalog(settings: Settings) -> Finding:
    from eventlens.accounts.projects import Projects
    from eventlens.catalog.connect import open_catalog
    from eventlens.catalog.migrate import is_current
    from eventlens.cli.directory import is_embedded_catalog

    if is_embedded_catalog(settings) and not (settings.data / "catalog.db").exists():
        return Finding("ok", "not there yet; the first start makes it")
    catalog = open_catalog(settings)
    try:
        if not is_current(catalog):
            return Finding("warn", "its schema is not the current one", "Run eventlens migrate.")
        return Finding("ok", f"{len(Projects(catalog).list())} projects, schema is current")
    finally:
        catalog.close()


def _event_store(settings: Settings) -> Finding:
    from eventlens.cli.directory import claimed_directory, running_server
    from eventlens.store.health import refuse_lost

    try:
        server = running_server(settings)
    except ConfigurationError as error:
        return Finding("warn", str(error), "Check again when that is done.")
    if server is not None:
        return _whole(settings, _ask_server(server.url))
    refuse_lost(settings)
    if not settings.clickhouse_url and not (settings.data / "store").exists():
        return Finding("ok", "not there yet; the first start makes it")
    from eventlens.store.cluster import require_all_shards
    from eventlens.store.connect import open_store

    begun = time.perf_counter()
    alone = nullcontext() if settings.clickhouse_url else claimed_directory(settings, "check")
    with alone, closing(open_store(settings)) as store:
        store.ping()
        with store.nodes() as nodes:
            if store.layout.cluster:
                require_all_shards(store, nodes)
    message = "ClickHouse answers" if settings.clickhouse_url else "the embedded store opens"
    return _whole(settings, _timed(message, begun))


def _whole(settings: Settings, found: Finding) -> Finding:
    from eventlens.store.health import damage

    warning = "" if found.status == "fail" else damage(settings)
    if not warning:
        return found
    mend = "Restore a backup. To live without those events, remove what was moved aside."
    return Finding("warn", f"{found.message}\n{warning}", mend)


def _ask_server(url: str) -> Finding:
    # The embedded store belongs to the running server: only it can say how the store is.
    opener = build_opener(ProxyHandler({}))
    begun = time.perf_counter()
    try:
        with opener.open(f"{url}/healthz/ready", timeout=ANSWER_SECONDS):
            return _timed(f"the server at {url} is ready", begun)
    except HTTPError as error:
        body = error.read(500).decode(errors="replace")
        return Finding("fail", f"the server at {url} is not ready: {body}", "Look at the server's log.")
    except OSError as error:
        return Finding("fail", f"the server at {url} does not answer: {error}", "Restart the server.")


def _visitors(settings: Settings) -> Finding:
    from eventlens.cli.directory import running_server

    try:
        server = running_server(settings)
    except ConfigurationError as error:
        return Finding("warn", str(error), "Check again when that is done.")
    if server is None:
        return Finding("ok", "no server runs here; one that does is asked where its requests come from")
    try:
        with build_opener(ProxyHandler({})).open(
            f"{server.url}/healthz/ready", timeout=ANSWER_SECONDS
        ) as told:
            warning = json.loads(told.read()).get("one_address", "")
    except (OSError, ValueError) as error:
        return Finding("warn", f"the server at {server.url} cannot be asked: {error}", "See the event store.")
    if not warning:
        return Finding("ok", "the server sees nothing unusual in where its requests come from")
    return Finding(
        "warn",
        warning,
        "Set TRUSTED_PROXIES to the proxy's address and let it send X-Forwarded-For. If those visitors "
        "really share an address (an office, a test), this is right.",
    )


def _timed(message: str, begun: float) -> Finding:
    seconds = time.perf_counter() - begun
    message = f"{message}, in {seconds * 1000:.0f} ms"
    if seconds > SLOW_STORE_SECONDS:
        return Finding("warn", message, "Look at the machine's load, its disk and the way to the server.")
    return Finding("ok", message)


def _queue(settings: Settings) -> Finding:
    from eventlens.queues.connect import open_queue

    if not settings.redis_url and not (settings.data / "queue.db").exists():
        return Finding("ok", "not there yet; the first start makes it")
    with closing(open_queue(settings)) as queue:
        depth, buried = queue.depth(), queue.dead_letters(limit=1000)
        workers = "eventlens work" if queue.shared and settings.clickhouse_url else "eventlens serve"
    age = depth.oldest_ms // 1000
    message = f"{depth.events} events wait" + (f", the oldest for {age} s" if depth.events else "")
    if buried:
        count = f"{len(buried)} or more" if len(buried) == 1000 else str(len(buried))
        return Finding(
            "warn",
            f"{message}; {count} could not be applied (one of them: {buried[0].error})",
            "eventlens dead-letters list says why each failed, and replay stores them when that is mended.",
        )
    if depth.events and age > LATE_SECONDS:
        mend = f"Start {workers}, which applies them; if it runs, its log says what is wrong."
        return Finding("warn", message, mend)
    return Finding("ok", message)


def _redis(settings: Settings) -> Finding:
    from eventlens.queues.redis import RedisQueue

    if not settings.redis_url:
        return Finding("ok", "not used: the queue is a file of this machine")
    begun = time.perf_counter()
    with closing(RedisQueue(settings.redis_url, limit_bytes=settings.queue_limit)) as queue:
        weak = queue.weaknesses()
    if not weak:
        return _timed("it keeps what it is told, over a failing machine too", begun)
    lines = "\n".join(each.message for each in weak)
    return Finding("warn", lines, " ".join(each.mend for each in weak))


def _geo_database(settings: Settings) -> Finding:
    from eventlens.enrich.geo import GeoDatabase

    with (
        tempfile.TemporaryDirectory() as cache,
        closing(GeoDatabase.open(settings.geoip_database, Path(cache))) as database,
    ):
        if database.warning:
            return Finding("warn", database.warning, "Put the file there, or correct GEOIP_DATABASE.")
        return _aged(database.description)


def _aged(description: str) -> Finding:
    """Whether a database is of a time whose addresses are still where it says."""
    built = re.search(r" of (\d{4}-\d{2}-\d{2}) ", description)
    days = (datetime.now(UTC).date() - date.fromisoformat(built[1])).days if built else 0
    if days <= OLD_PLACES_DAYS:
        return Finding("ok", description)
    return Finding(
        "warn",
        f"{description}, {days} days old: addresses have moved since",
        "Let GEOIP_DATABASE name a newer file; providers publish one each month.",
    )


def _memory(settings: Settings) -> Finding:
    most = machine.memory_limit()
    whole = most or machine.memory_size()
    message = f"{whole / GIB:.1f} GiB " + ("allowed by the container" if most else "in this machine")
    return _enough(message, whole, settings)


def _enough(message: str, whole: int, settings: Settings) -> Finding:
    """Whether questions leave room for the rest; where a server answers them, its memory is its own."""
    if settings.clickhouse_url or settings.query_memory <= whole // 2:
        return Finding("ok", message)
    return Finding(
        "warn",
        f"{message}; a single question may take {settings.query_memory / GIB:.1f} GiB of it",
        f"Set EVENTLENS_QUERY_MEMORY to {max(64, whole // 4 >> 20)}MiB or less.",
    )


def _versions(settings: Settings) -> Finding:
    from eventlens.store.connect import open_store

    found = [
        f"Event Lens {__version__}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    if settings.clickhouse_url:
        with closing(open_store(settings)) as store:
            found.append(f"ClickHouse {store.query('SELECT version()').rows[0][0]}")
    if settings.redis_url:
        with closing(Server(settings.redis_url, Path())) as server:
            found.append(f"Redis {server.info().get('redis_version', 'of unknown version')}")
    return Finding("ok", ", ".join(found))


def _durability(settings: Settings) -> Finding:
    directory = _existing(settings.data)
    kind = _file_system(directory)
    if kind in NETWORK_FILE_SYSTEMS:
        return Finding(
            "fail",
            f"{directory} is on a network file system ({kind}), where SQLite's locks and log do not hold",
            "Set EVENTLENS_DATA to a local disk.",
        )
    if kind in MEMORY_FILE_SYSTEMS:
        return Finding(
            "warn",
            f"{directory} is kept in memory ({kind}) and gone after a restart",
            "Set EVENTLENS_DATA to a disk.",
        )
    if not os.access(directory, os.W_OK):
        return Finding("fail", f"{directory} is not writable", _OWNERSHIP)
    milliseconds = _sync_ms(directory)
    message = (
        f"SQLite {sqlite3.sqlite_version}, {kind or 'unknown file system'}, fsync takes {milliseconds:.1f} ms"
    )
    if milliseconds > SLOW_SYNC_MS:
        return Finding("warn", message, "Every accepted event waits for that: a faster disk answers sooner.")
    return Finding("ok", message)


def _file_system(path: Path) -> str:
    """The kind of file system that holds a path, '' where that cannot be known."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return ""
    best, kind = -1, ""
    for line in mounts.read_text().splitlines():
        _, point, name, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if path.resolve().is_relative_to(point) and len(point) >= best:
            best, kind = len(point), name
    return kind


def _sync_ms(directory: Path) -> float:
    took: list[float] = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(5):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def _clock(settings: Settings) -> Finding:
    now = datetime.now(UTC)
    mend = "Set the clock and keep it right (NTP): days, sessions and sign-ins depend on it."
    if now < CLOCK_FLOOR:
        return Finding("fail", f"it says {now:%Y-%m-%d}, which is past", mend)
    newest = max((path.stat().st_mtime for path in settings.data.glob("*") if path.is_file()), default=0.0)
    if newest > now.timestamp() + 60:
        return Finding(
            "warn", f"it says {now:%Y-%m-%d %H:%M} UTC, but files in the data directory are newer", mend
        )
    apart = [
        f"that of {name} is {seconds:+.1f} s away"
        for name, seconds in _other_clocks(settings)
        if abs(seconds) > APART_SECONDS
    ]
    if apart:
        return Finding("warn", f"{now:%Y-%m-%d %H:%M:%S} UTC; {', '.join(apart)}", mend)
    return Finding("ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _other_clocks(settings: Settings) -> list[tuple[str, float]]:
    """How far the servers' clocks are from this one, of those that answer: the other checks name the rest."""
    from eventlens.store.connect import open_store

    found: list[tuple[str, float]] = []
    if settings.clickhouse_url:
        with suppress(EventLensError), closing(open_store(settings)) as store:
            told = store.query("SELECT toUnixTimestamp64Milli(now64(3))").rows[0][0]
            found.append(("ClickHouse", told / 1000 - time.time()))
    if settings.redis_url:
        with suppress(EventLensError), closing(Server(settings.redis_url, Path())) as server:
            seconds, micros = server.call("TIME")
            found.append(("Redis", int(seconds) + int(micros) / 1e6 - time.time()))
    return found


def _time_zones(_settings: Settings) -> Finding:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    import tzdata

    try:
        summer = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")).utcoffset()
    except ZoneInfoNotFoundError:
        return Finding("fail", "time zones are missing", "Install the Python package tzdata.")
    if summer is None or summer.total_seconds() != 7200:
        return Finding("fail", "time zones are wrong", "Reinstall the system's tzdata.")
    return Finding("ok", f"IANA {tzdata.IANA_VERSION}")


def _secret_key(settings: Settings) -> Finding:
    path = settings.data / "secret_key"
    if settings.configured_secret_key:
        return Finding("ok", "from EVENTLENS_SECRET_KEY")
    if not path.exists():
        return Finding("ok", "not there yet; the first start makes it")
    _ = settings.secret_key  # raises when it is damaged
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding("fail", f"{path} can be read by others (mode {mode:04o})", f"chmod 600 {path}")
    return Finding("ok", f"{path}, for its owner only")


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "versions": _versions,
    "settings": _settings,
    "settings without effect": _settings_without_effect,
    "data directory": _data_directory,
    "free disk": _free_disk,
    "memory": _memory,
    "durability": _durability,
    "catalog": _catalog,
    "event store": _event_store,
    "queue": _queue,
    "redis": _redis,
    "visitors' addresses": _visitors,
    "geo database": _geo_database,
    "clock": _clock,
    "time zones": _time_zones,
    "secret key": _secret_key,
}
