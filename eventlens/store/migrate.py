"""Bring an event store to the current schema with the numbered files in `migrations/`.

Each file is a list of statements that may run twice (`IF NOT EXISTS`), so that two processes migrating
at once, or one that was killed between a statement and its note, do no harm.
"""

import re
from collections.abc import Callable, Mapping
from importlib import resources
from typing import LiteralString, NamedTuple, cast

from eventlens.errors import ConfigurationError
from eventlens.store.base import Store
from eventlens.store.profile_nodes import fill_nodes


class Migration(NamedTuple):
    """One file of `migrations/`."""

    number: int
    name: str
    statements: tuple[LiteralString, ...]


_FURTHER: Mapping[int, Callable[[Store], object]] = {4: fill_nodes}
"""By a migration's number, what is to do after its statements and SQL cannot say. It may run twice too."""


def migrations() -> list[Migration]:
    """All migrations in order, as shipped."""
    found = [
        (entry.name, entry.read_text("utf-8"))
        for entry in resources.files("eventlens.store").joinpath("migrations").iterdir()
        if entry.name.endswith(".sql")
    ]
    return [
        Migration(int(name[:4]), name[5:-4], statements(cast(LiteralString, text)))
        for name, text in sorted(found)
    ]


def statements(text: LiteralString) -> tuple[LiteralString, ...]:
    """The statements of a .sql file, without comments."""
    bare = re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE)
    return tuple(cast(LiteralString, part.strip()) for part in bare.split(";") if part.strip())


def migrate(store: Store) -> list[Migration]:
    """Apply what is missing; returns it. Raises ConfigurationError when the store is newer than us."""
    known = migrations()
    applied = _applied(store)
    newest = known[-1].number
    if any(number > newest for number in applied):
        raise ConfigurationError(
            f"The event store has schema {max(applied)}, this version of Event Lens knows {newest}: "
            "upgrade Event Lens."
        )
    missing = [migration for migration in known if migration.number not in applied]
    for migration in missing:
        for statement in migration.statements:
            store.command(statement)
        if migration.number in _FURTHER:
            _FURTHER[migration.number](store)
        store.insert(
            "schema_migrations",
            {"number": [migration.number], "name": [migration.name]},
            token=f"migration-{migration.number}",
        )
    return missing


def _applied(store: Store) -> set[int]:
    exists = store.query(
        "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'"
    ).rows[0][0]
    if not exists:
        return set()
    return {row[0] for row in store.query("SELECT DISTINCT number FROM schema_migrations").rows}
