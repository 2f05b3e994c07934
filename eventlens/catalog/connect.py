"""Open the catalog: the database of `DATABASE_URL`, SQLite in the data directory when that is absent."""

import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    InvalidRequestError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from eventlens.catalog import servers
from eventlens.errors import ConfigurationError, Unavailable
from eventlens.settings import Settings

BUSY_SECONDS = 10
"""How long one process waits for another one's write transaction, which takes milliseconds."""


NOT_ANSWERING = (OperationalError, InterfaceError, InternalError, PoolTimeout, sqlite3.OperationalError)
"""Raised while the database is away, locked, full or asked by too many at once. The bare one comes from
preparing a connection."""


class Catalog:
    """An open catalog. May be used from any thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(eventlens_write=True)

    @contextmanager
    def session(self, *, write: bool = False) -> Generator[Session]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        A session that changes something must be opened with `write`: it then takes its turn before its
        first look, because what was read before others wrote cannot be built upon.
        Raises Unavailable when the database does not answer.
        """
        try:
            engine = self._writing if write else self.engine
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except NOT_ANSWERING as error:
            raise Unavailable(f"The catalog does not answer: {reason(error)}.") from error
        except ProgrammingError as error:
            if not servers.is_missing_table(error):
                raise
            raise Unavailable("The catalog's tables are not there: run eventlens migrate.") from error

    def forget_deleted(self) -> bool:
        """Leave no trace of what was deleted, as far as that can be done now without waiting; whether all
        is gone.

        SQLite keeps old pages in its write-ahead log until they are written back, which it cannot do while
        somebody still reads them. A database server cleans up by itself.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        with closing(self.engine.raw_connection()) as connection:
            driver = connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA busy_timeout=100")
            try:
                busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:
                return False  # locked
            finally:
                driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
            return not busy

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_catalog(settings: Settings) -> Catalog:
    """Open the catalog; its schema may still be old (see `migrate`). Raises ConfigurationError."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return Catalog(_open_sqlite(settings.database_url, Path(url.database or "")))
    return Catalog(_open_server(url))


def _open_server(url: URL) -> Engine:
    try:
        engine = servers.make_engine(url)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"DATABASE_URL: {url.get_backend_name()} needs the Python package {error.name}, which is not "
            f"installed; install it, or leave DATABASE_URL empty to use SQLite."
        ) from error
    try:
        with engine.connect() as connection:
            servers.refuse_unfit(connection)
    except (DBAPIError, InvalidRequestError) as error:
        engine.dispose()
        raise ConfigurationError(f"DATABASE_URL: the database cannot be used ({reason(error)}).") from error
    except ConfigurationError:
        engine.dispose()
        raise
    return engine


def _open_sqlite(url: str, path: Path) -> Engine:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Salts and hashes are nobody else's business; the -wal file gets the same rights.
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError(f"The catalog {path} cannot be made: {error.strerror}.") from error
    engine = create_engine(
        url, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    try:
        with engine.connect() as connection:
            # Milliseconds: the catalog is small. Damage is better found now than by the first write.
            damage = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    except (DatabaseError, sqlite3.Error) as error:
        engine.dispose()
        if _is_damage(error):
            raise _damaged(path, reason(error)) from error
        raise ConfigurationError(f"The catalog {path} cannot be opened: {reason(error)}.") from error
    if damage != "ok":
        engine.dispose()
        raise _damaged(path, str(damage))
    return engine


def _is_damage(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def _damaged(path: Path, damage: str) -> ConfigurationError:
    return ConfigurationError(
        f"The catalog {path} is damaged ({' '.join(damage.split())[:120]}); restore it from a "
        "backup, or move it and its -wal file away to start with an empty one."
    )


def reason(error: Exception) -> str:
    """What the database said, on one line, without the statement."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())[:300]


def _prepare_connection(connection: sqlite3.Connection, _record: object) -> None:
    # FULL: what a command printed (a secret, shown once) must still be true after a power cut.
    # secure_delete: a destroyed salt is overwritten, not only unlinked.
    for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # Two processes that both turn a new file to WAL: SQLite does not wait by itself here.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    # The driver's own BEGIN is off (isolation_level None): it comes too late, only before the first write.
    write = connection.get_execution_options().get("eventlens_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
