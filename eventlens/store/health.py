"""Whether the event store is whole: damage is said, because the engine answers with less in silence.

The engine makes empty tables where its files are gone, and moves a part that it cannot read aside without
a word. So `store.json` in the data directory remembers that an embedded store was there.
"""

import contextlib
import json
import logging
import os
from pathlib import Path
from typing import cast

from eventlens.errors import ConfigurationError
from eventlens.settings import Settings
from eventlens.store.base import Store
from eventlens.store.migrate import migrations
from eventlens.store.tables import COLUMN_TYPES

_log = logging.getLogger(__name__)


def refuse_lost(settings: Settings) -> None:
    """Raise ConfigurationError where an embedded store was and its files, or some tables, are gone.

    To be called before the engine opens the directory, which would begin with empty tables.
    """
    marker = _marker(settings)
    if settings.clickhouse_url or not marker.exists():
        return
    definitions = settings.data / "store" / "metadata" / "default"
    found = {path.stem for path in definitions.glob("*.sql")} if definitions.is_dir() else set[str]()
    if not found:
        gone = next(path for path in (*reversed(definitions.parents), definitions) if _is_gone(path))
        raise ConfigurationError(
            f"The event store's files are gone ({gone} is missing or empty), though {marker} says that there "
            f"was a store: restore a backup, or remove {marker.name} to begin with an empty store."
        )
    missing = COLUMN_TYPES.keys() - found
    if missing and _schema(marker) == _newest():
        raise ConfigurationError(
            f"The event store is damaged: {_named(missing)} missing in {definitions}; restore a backup, or "
            f"move {settings.data / 'store'} away and remove {marker.name} to begin with an empty store."
        )


def confirm(store: Store, settings: Settings) -> None:
    """After migrating: all tables must be there; note that, and warn of parts that are not read.

    Raises ConfigurationError.
    """
    sql = "SELECT name FROM system.tables WHERE database = currentDatabase()"
    missing = COLUMN_TYPES.keys() - {str(row[0]) for row in store.query(sql).rows}
    if missing:
        raise ConfigurationError(f"The event store is damaged: {_named(missing)} missing; restore a backup.")
    if settings.clickhouse_url:
        return
    if _schema(_marker(settings)) != _newest():
        _write(_marker(settings))
    warning = damage(settings)
    if warning:
        _log.warning(warning)


def damage(settings: Settings) -> str:
    """A sentence about the parts that the embedded engine could not read and moved aside, '' without any.

    Looks at the files alone, so that it can be asked beside a running server.
    """
    if settings.clickhouse_url:
        return ""
    tables = settings.data / "store" / "store"
    aside = [
        path for kind in ("broken*", "unexpected*") for path in sorted(tables.glob(f"*/*/detached/{kind}"))
    ]
    if not aside:
        return ""
    parts = "1 part" if len(aside) == 1 else f"{len(aside)} parts"
    return (
        f"The event store is damaged: {parts} could not be read and moved aside, and the events in there are "
        f"not counted; restore a backup ({aside[0]}{' and others' if len(aside) > 1 else ''})."
    )


def _marker(settings: Settings) -> Path:
    return settings.data / "store.json"


def _newest() -> int:
    return migrations()[-1].number


def _schema(marker: Path) -> object:
    with contextlib.suppress(OSError, ValueError):
        content: object = json.loads(marker.read_text("utf-8"))
        if isinstance(content, dict):
            return cast(dict[str, object], content).get("schema")
    return None


def _write(marker: Path) -> None:
    draft = marker.with_name(f".{marker.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"schema": _newest()}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(marker)


def _is_gone(path: Path) -> bool:
    return not path.is_dir() or not any(path.iterdir())


def _named(tables: set[str]) -> str:
    names = ", ".join(sorted(tables))
    return f"the table {names} is" if len(tables) == 1 else f"the tables {names} are"
