"""Bring the catalog's tables to the current schema, step by step (Alembic, driven from here)."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from eventlens.catalog.base import VERSION_TABLE
from eventlens.catalog.connect import NOT_ANSWERING, Catalog, reason
from eventlens.catalog.servers import migration_lock
from eventlens.errors import ConfigurationError, Unavailable


def migrate(catalog: Catalog, to: str = "head") -> bool:
    """Apply what is missing; True when something was. Safe to repeat and from several processes at once.

    A second process waits for the first and then finds nothing to do. All steps are one transaction, but
    not on MySQL and MariaDB, which commit every change of a table by itself: there a step that broke off is
    begun again, and what it did already is passed over (migrations/env.py).
    Raises ConfigurationError when the catalog is newer than this program, Unavailable when another process
    holds it for too long.
    """
    try:
        return _migrate(catalog.engine, to)
    except NOT_ANSWERING as error:
        raise Unavailable(f"The catalog cannot be migrated now: {reason(error)}.") from error


def _migrate(engine: Engine, to: str) -> bool:
    config = _config()
    with _migrating(engine) as connection:
        before = _revision(connection)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, to)
        except CommandError as error:
            raise ConfigurationError(
                f"The catalog was made by a newer Event Lens (its version is {before}); start that version, "
                "or restore a backup from before the upgrade."
            ) from error
        return _revision(connection) != before


def is_current(catalog: Catalog) -> bool:
    """Whether the catalog has the schema of this program."""
    with catalog.engine.connect() as connection:
        return _revision(connection) == newest_revision()


def newest_revision() -> str:
    """The schema of this program."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def _config() -> Config:
    config = Config()
    location = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", location.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


@contextmanager
def _migrating(engine: Engine) -> Generator[Connection]:
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection, migration_lock(connection):
            yield connection
        return
    # SQLite's only writer's place, taken first.
    writing = engine.execution_options(eventlens_write=True)
    with writing.connect() as connection:
        # SQLite changes a table by making a new one and dropping the old one, which would delete the rows
        # that refer to it. The switch only works outside a transaction, so the driver has to do it.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
                    raise ConfigurationError(
                        "The catalog has rows whose project or user is missing; restore it from a backup."
                    )
        finally:
            if not connection.invalidated:  # a signal that ended this in a statement has closed it
                driver.execute("PRAGMA foreign_keys=ON")
