"""Backup of everything: the catalog, the event store, what waits in the queue, the secret key.

All of it is of one instant: what the queue holds then is what the store does not have yet. Workers stand
still for that instant only, while tables are cloned; collection does not notice.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import msgspec

from eventlens import __version__
from eventlens.catalog import dump as catalog_rows
from eventlens.catalog.connect import Catalog
from eventlens.catalog.migrate import newest_revision
from eventlens.clock import now_ms, to_datetime
from eventlens.errors import ConfigurationError, Unavailable
from eventlens.queues.base import Queue
from eventlens.queues.sqlite import SqliteQueue
from eventlens.settings import Settings
from eventlens.store import snapshot
from eventlens.store.base import Store
from eventlens.store.migrate import migrations

MANIFEST = "manifest.json"
CATALOG, QUEUE, KEY = "catalog.ndjson", "queue.db", "secret_key"

_PAUSE_SECONDS = 60.0
"""A batch under way takes seconds at most, while the store is well."""

Report = Callable[[int, int], None]
"""Hears how many of how many steps are done."""


class Stored(msgspec.Struct):
    """What is in the backup of a table."""

    rows: int
    checksum: str
    files: list[str]


class Manifest(msgspec.Struct):
    """What a backup holds. Written last: a directory without it is no backup."""

    version: str
    made_at: str
    catalog_revision: str
    store_schema: int
    catalog_rows: int
    queued_events: int
    tables: dict[str, Stored]


@dataclass(frozen=True, slots=True)
class Sources:
    """What is backed up; all of it opened, and whoever stores events at work."""

    settings: Settings
    catalog: Catalog
    store: Store
    queue: Queue


def back_up(sources: Sources, directory: Path, report: Report) -> Manifest:
    """Write a backup into a new or empty directory. Raises ConfigurationError, Unavailable."""
    _make_empty(directory)
    try:
        with ExitStack() as stack:
            tables = _write_events(sources, directory, report, stack)
            rows = catalog_rows.dump(sources.catalog, directory / CATALOG)  # knows whatever events refer to
            if not sources.settings.configured_secret_key:
                (directory / KEY).write_text(sources.settings.secret_key + "\n")
            made = Manifest(
                version=__version__,
                made_at=to_datetime(now_ms()).isoformat(timespec="seconds"),
                catalog_revision=newest_revision(),
                store_schema=migrations()[-1].number,
                catalog_rows=rows,
                queued_events=_queued(directory / QUEUE),
                tables=tables,
            )
            _seal(directory, made)
            return made
    except OSError as error:
        raise Unavailable(f"The backup could not be written: {error}.") from error


def _write_events(sources: Sources, directory: Path, report: Report, stack: ExitStack) -> dict[str, Stored]:
    """The event store and the queue, of one instant."""
    queue, store = sources.queue, sources.store
    with queue.paused(_PAUSE_SECONDS):
        write_queue = stack.enter_context(queue.held(directory / QUEUE))
        if queue.shared:
            write_queue()
        stack.callback(snapshot.drop, store)
        snapshot.take(store)
    if not queue.shared:
        write_queue()
    return _write_tables(store, directory, report)


def _write_tables(store: Store, directory: Path, report: Report) -> dict[str, Stored]:
    parts: list[tuple[LiteralString, str]] = [
        (table, part)
        for table in snapshot.TABLES
        for part in snapshot.partitions(store, snapshot.clone_of(table))
    ]
    tables = {table: Stored(0, "0", []) for table in snapshot.TABLES}
    for done, (table, part) in enumerate(parts):
        report(done, len(parts))
        # Packed by the engine that writes it, or by us as a server sends it.
        ending = "zst" if store.writes_files else "gz"
        name = f"{table}-{part}.native.{ending}"
        found = snapshot.write(store, snapshot.clone_of(table), table, part, directory / name)
        before = tables[table]
        total = snapshot.Content(before.rows, int(before.checksum)) + found
        tables[table] = Stored(total.rows, str(total.checksum), [*before.files, name])
    report(len(parts), len(parts))
    return tables


def _make_empty(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise ConfigurationError(f"{directory} is not empty; a backup needs a directory of its own.")
    except OSError as error:
        raise ConfigurationError(f"{directory} cannot be made ({error.strerror}).") from error


def _queued(path: Path) -> int:
    with closing(SqliteQueue(path)) as queue:
        return queue.depth().events


def _seal(directory: Path, manifest: Manifest) -> None:
    draft = directory / f".{MANIFEST}"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    for path in directory.iterdir():
        path.chmod(0o600)
        sync(path)
    draft.replace(directory / MANIFEST)
    sync(directory)


def sync(path: Path) -> None:
    """Make a file, or what a directory lists, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
