"""The file of the embedded queue: its tables, how it is opened, and what its errors mean."""

import contextlib
import secrets
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

import msgspec

from eventlens.errors import ConfigurationError, QueueFull, Unavailable

APPLICATION_ID = 0x454C5155
"""Marks the file as ours ("ELQU")."""

VERSION = 2
ROW_OVERHEAD = 64
"""Bytes that a row needs beside its body, about."""

BUSY_SECONDS = 5.0
FULL_RETRY_SECONDS = 5.0
CHECK_BYTES = 64 * 1024**2
"""Files up to this size are checked whole on opening (about 50 ms); larger ones only where they are read."""

WAL_BYTES = 32 * 1024**2
"""The write-ahead log is cut back to this size after a burst."""

# Everything that changes with every commit is in the one row of `state`, so that a commit touches two pages.
SCHEMA = f"""
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    queue TEXT NOT NULL,                          -- made once: a new file never repeats an old token
    last_arrival INTEGER NOT NULL DEFAULT 0,      -- the newest arrival given to an event
    events INTEGER NOT NULL DEFAULT 0,            -- not yet acknowledged
    bytes INTEGER NOT NULL DEFAULT 0,             -- held by batches and dead letters
    acknowledged INTEGER NOT NULL DEFAULT 0,      -- the last position acknowledged
    claim_last INTEGER NOT NULL DEFAULT 0,        -- the claim goes up to this position; 0 = none
    claim_events INTEGER NOT NULL DEFAULT 0,
    claim_attempts INTEGER NOT NULL DEFAULT 0     -- how often the claim was handed out
) STRICT;
CREATE TABLE batches (
    position INTEGER PRIMARY KEY,                 -- arrival of the first event
    events INTEGER NOT NULL,
    body BLOB NOT NULL                            -- msgpack [Packed, ...]
) STRICT;
CREATE TRIGGER batch_counted AFTER INSERT ON batches BEGIN
    UPDATE state SET
        last_arrival = NEW.position + NEW.events - 1,
        events = events + NEW.events,
        bytes = bytes + length(NEW.body) + {ROW_OVERHEAD};
END;
CREATE TABLE tallies (
    source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source, outcome)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body BLOB NOT NULL,
    error TEXT NOT NULL,
    failed_at INTEGER NOT NULL,                   -- milliseconds since the epoch
    arrival INTEGER NOT NULL DEFAULT 0,           -- of its first event; 0 = not known
    events INTEGER NOT NULL DEFAULT 0             -- 0 = not known
) STRICT;
"""

UPGRADES = {
    1: """
ALTER TABLE dead_letters ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN events INTEGER NOT NULL DEFAULT 0;
""",
}
"""From this version of the file to the next."""


class Packed(msgspec.Struct, array_like=True, gc=False):
    """One record in a row of `batches`."""

    events: int
    body: bytes
    arrival: int = 0
    """Of its first event; 0 for the position of the row, plus the events before it in the row."""


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension; 0 for errors that do not come from SQLite."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def unavailable(error: sqlite3.Error) -> Unavailable:
    """What an error while the queue runs means to the caller."""
    code = primary_code(error)
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        full = QueueFull(f"The queue cannot write to its disk ({error}).")
        full.retry_after = FULL_RETRY_SECONDS
        return full
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return QueueFull("Another process keeps the queue's file locked.")
    return Unavailable(f"The queue failed ({error}).")


def prepare(path: Path) -> None:
    """Check the file, or create it. Raises ConfigurationError; a file that is not right stays untouched."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _check(path)
        _create(path)
    except OSError as error:
        raise ConfigurationError(f"The queue's directory {path.parent} cannot be made: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: sqlite3.DatabaseError) -> ConfigurationError:
    code = primary_code(error)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path, str(error))
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return ConfigurationError(f"The queue file {path} cannot be opened ({error}); is the disk full?")
    return ConfigurationError(f"The queue file {path} cannot be opened ({error}).")


def _damaged(path: Path, detail: str) -> ConfigurationError:
    return ConfigurationError(
        f"The queue file {path} is damaged ({detail}); move it and {path.name}-wal away to start with an"
        f" empty queue, and keep them: `sqlite3 {path.name} .recover` saves the events in them."
    )


def _check(path: Path) -> None:
    # Read-only, so that nothing is repaired, converted or checkpointed before we know what it is. Never
    # through open(): closing any descriptor of the file would drop the locks of this process's connections.
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    with contextlib.closing(
        sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    ) as connection:
        connection.execute("BEGIN")  # one snapshot: another process may be creating the tables right now
        if not _is_ours(connection, path) or path.stat().st_size > CHECK_BYTES:
            return
        detail = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if detail != "ok":
        raise _damaged(path, detail.replace("\n", " "))


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """False for an empty file."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ConfigurationError(f"The file {path} is not a queue of Event Lens; move it away.")
        return False
    if version > VERSION:
        raise ConfigurationError(f"The queue file {path} was written by a newer Event Lens; update this one.")
    return True


def _create(path: Path) -> None:
    with contextlib.closing(connect_writer(path)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        connection.execute("BEGIN IMMEDIATE")  # two processes may start on a new file at once
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in _statements(SCHEMA):
                connection.execute(statement)
            connection.execute("INSERT INTO state (id, queue) VALUES (1, ?)", (secrets.token_hex(8),))
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        else:
            for statement in _statements("".join(UPGRADES[old] for old in range(version, VERSION))):
                connection.execute(statement)
        if version != VERSION:
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")


def _statements(script: str) -> list[str]:
    # sqlite3's own executescript() would commit the transaction first.
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements


def connect_writer(path: Path) -> sqlite3.Connection:
    """A connection whose commits are durable. It does not wait for locks: its user does (see the writer)."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
        # Acknowledged rows are not overwritten with zeros: that would write everything twice.
        connection.execute("PRAGMA secure_delete = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    # Converting a new file asks for all locks at once and does not wait for them.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection for reading only, for any thread (one at a time)."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    return connection
