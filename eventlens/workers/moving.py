"""The events of an embedded store move to a ClickHouse server, and are compared by counts and checksums."""

import tempfile
from pathlib import Path
from typing import LiteralString

from eventlens.errors import ConfigurationError
from eventlens.settings import Settings
from eventlens.store import snapshot
from eventlens.store.base import Store
from eventlens.workers.backup import Report


def move(settings: Settings, store: Store, target: Store, report: Report) -> int:
    """Copy all rows of `store` into `target`, migrated and empty, while nobody writes; how many.

    `store` stays as it is; what fails leaves `target` empty. Raises ConfigurationError, Unavailable.
    """
    where = snapshot.first_filled(target)
    if where:
        raise ConfigurationError(f"There are events already on that server ({where}); name an empty one.")
    try:
        with tempfile.TemporaryDirectory(dir=settings.data, prefix="move-") as folder:
            return _copy(store, target, Path(folder), report)
    except BaseException:
        snapshot.empty(target)
        raise


def _copy(store: Store, target: Store, folder: Path, report: Report) -> int:
    parts: list[tuple[LiteralString, str]] = [
        (table, part) for table in snapshot.TABLES for part in snapshot.partitions(store, table)
    ]
    expected = dict.fromkeys(snapshot.TABLES, snapshot.NOTHING)
    for done, (table, part) in enumerate(parts):
        report(done, len(parts))
        path = folder / f"{table}.native.zst"
        expected[table] += snapshot.write(store, table, table, part, path)
        snapshot.load(target, table, path)
        path.unlink()
    report(len(parts), len(parts))
    for table, content in expected.items():
        found = snapshot.content(target, table, folder / "sum")
        if found != content and table != snapshot.EXPIRING:
            raise ConfigurationError(
                f"{table} did not arrive as it was: {found.rows} rows, {content.rows} here; nothing is moved."
            )
    return sum(content.rows for content in expected.values())
