"""MySQL, MariaDB and PostgreSQL as the catalog's database.

They are made to behave like SQLite does: who writes takes turns, times are UTC, what does not fit is refused
and not cut. And nobody waits for long: not for a lock, not for a server that was there a moment ago.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from eventlens.catalog.base import VERSION_TABLE
from eventlens.errors import ConfigurationError, Unavailable

CONNECTIONS = 5
"""Kept open by a process. As many again when they are all in use, closed afterwards."""
PATIENCE_SECONDS = 5
"""How long one waits for a connection, from the pool or from the server."""
LOCK_SECONDS = 10
"""How long a writer waits for its turn, and any statement for a lock."""
ANSWER_SECONDS = 15
"""The longest that a statement may take. Those of the catalog take milliseconds."""
IDLE_SECONDS = 30
"""A transaction in which nothing happens for so long is the server's to end: its process stands still."""
MIGRATION_SECONDS = 60
"""How long one process waits until another one's migration is done."""

_LOCK_NAME = "eventlens-migration"
_LOCK_NUMBER = 0x454C4341  # PostgreSQL counts its advisory locks by database

_MYSQL_SESSION = (
    "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone='+00:00', "
    f"default_storage_engine='InnoDB', innodb_lock_wait_timeout={LOCK_SECONDS}, "
    f"lock_wait_timeout={LOCK_SECONDS} "
    f"/*M! , idle_transaction_timeout={IDLE_SECONDS} */"  # MariaDB's alone
)


def make_engine(url: URL) -> Engine:
    """An engine whose connections are prepared; nothing is opened yet. Raises ModuleNotFoundError."""
    engine = create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_timeout=PATIENCE_SECONDS,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_use_lifo=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # people's data has no place in logs
        connect_args=_connect_args(url),
    )
    event.listen(engine, "begin", _take_turn)
    if url.get_backend_name() == "postgresql":
        from eventlens.catalog import postgresql  # noqa: PLC0415  # who uses another database need not load it

        event.listen(engine, "do_connect", postgresql.connect)
    return engine


def _connect_args(url: URL) -> dict[str, object]:
    if url.get_backend_name() == "postgresql":
        # Prepared statements would outlive their connection in a pooler.
        return {"connect_timeout": PATIENCE_SECONDS, "client_encoding": "utf8", "prepare_threshold": None}
    return {
        "charset": "utf8mb4",
        "connect_timeout": PATIENCE_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
        "init_command": _MYSQL_SESSION,
    }


def _take_turn(connection: Connection) -> None:
    """Writers queue at the one row of the table of versions, before their first look at anything."""
    if connection.get_execution_options().get("eventlens_write", False):
        connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE} FOR UPDATE")


_NO_SUCH_TABLE = (1146, "42P01")


def is_missing_table(error: DBAPIError) -> bool:
    """Whether a statement failed because its table is not there."""
    cause: Any = error.orig
    return any(code in _NO_SUCH_TABLE for code in (getattr(cause, "sqlstate", None), *cause.args[:1]))


# --- what it must be able to do ---

_OLDEST = {"PostgreSQL": (13,), "MariaDB": (10, 6), "MySQL": (8, 0, 17)}


def refuse_unfit(connection: Connection) -> None:
    """Raise ConfigurationError for a server that is too old or cannot hold every character."""
    name = _product(connection)
    version = connection.dialect.server_version_info or ()
    oldest = _OLDEST[name]
    if tuple(version) < oldest:
        raise ConfigurationError(
            f"DATABASE_URL: {name} {'.'.join(map(str, version))} is too old; "
            f"{'.'.join(map(str, oldest))} or newer is needed."
        )
    if name == "PostgreSQL":
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise ConfigurationError(
                f"DATABASE_URL: the database's encoding is {encoding}; make it with ENCODING 'UTF8'."
            )


def _product(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        return "PostgreSQL"
    return "MariaDB" if getattr(connection.dialect, "is_mariadb", False) else "MySQL"


# --- migrations ---


@contextmanager
def migration_lock(connection: Connection) -> Generator[None]:
    """One process at a time, in the whole database. The server lets go when the connection ends.

    Raises Unavailable after MIGRATION_SECONDS.
    """
    take, release = _lock_statements(connection)
    deadline = time.monotonic() + MIGRATION_SECONDS
    while not take():
        if time.monotonic() > deadline:
            raise Unavailable("Another process has been migrating the catalog for too long.")
        time.sleep(0.1)
    try:
        yield
    finally:
        release()


def _lock_statements(connection: Connection) -> tuple[Callable[[], bool], Callable[[], object]]:
    if connection.dialect.name == "postgresql":
        take = text("SELECT pg_try_advisory_xact_lock(:number)").bindparams(number=_LOCK_NUMBER)
        return lambda: bool(connection.execute(take).scalar_one()), lambda: None  # ends with the transaction
    # MySQL counts them by server, and a name has at most 64 characters.
    name = "concat(:name, '-', left(sha1(database()), 16))"
    take = text(f"SELECT get_lock({name}, 0)").bindparams(name=_LOCK_NAME)
    release = text(f"SELECT release_lock({name})").bindparams(name=_LOCK_NAME)
    return (
        lambda: connection.execute(take).scalar_one() == 1,
        lambda: connection.invalidated or connection.execute(release),
    )
