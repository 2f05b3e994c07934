"""The store over clickhouse-connect, which speaks to the embedded engine and to servers alike.

What differs (how a client is opened, which caps the engine itself keeps) comes in as arguments from
`connect.py`; nothing in here asks which engine runs.
"""

import contextlib
import queue
import re
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, LiteralString, NamedTuple, Protocol, cast

from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from eventlens.errors import Abandoned, QueryLimit, ShardMissing, StoreUnavailable, StoreUnreachable
from eventlens.meters import INSERTED_BYTES, INSERTS, STATEMENTS
from eventlens.store.base import ONE_SERVER, Columns, Layout, Parameters, Result, Store, StoreMistake
from eventlens.store.cluster import CHANGING_SETTINGS, QUERY_SETTINGS
from eventlens.store.hosts import Hosts
from eventlens.store.native import encoded, filled
from eventlens.store.recent import Changes, Recent
from eventlens.store.shards import Shards
from eventlens.store.tables import COLUMN_TYPES
from eventlens.store.tickets import Ticket, asking, is_partial
from eventlens.tracing import inserts

_LONGEST_MESSAGE = 300
_BUSY_RETRY_SECONDS = 2.0

_LIMIT_CODES = {
    158: "rows",  # TOO_MANY_ROWS
    159: "time",  # TIMEOUT_EXCEEDED
    160: "time",  # TOO_SLOW
    241: "memory",  # MEMORY_LIMIT_EXCEEDED
    307: "bytes",  # TOO_MANY_BYTES
    396: "size",  # TOO_MANY_ROWS_OR_BYTES
}
_LIMIT_SETTINGS = {"memory": "EVENTLENS_QUERY_MEMORY", "time": "EVENTLENS_QUERY_SECONDS"}
"""Where an operator changes it."""
_MEMORY = 241
_UNKNOWN_TABLE = 60
_MISSING_CODES = {
    209,  # SOCKET_TIMEOUT
    210,  # NETWORK_ERROR
    279,  # ALL_CONNECTION_TRIES_FAILED
}
"""Between servers: a shard does not answer."""
_NO_CONNECTION = 279
_DAMAGE_CODES = {
    23,  # CANNOT_READ_FROM_ISTREAM
    32,  # ATTEMPT_TO_READ_AFTER_EOF
    33,  # CANNOT_READ_ALL_DATA
    40,  # CHECKSUM_DOESNT_MATCH
    107,  # FILE_DOESNT_EXIST
    117,  # INCORRECT_DATA
    226,  # NO_FILE_IN_DATA_PART
    228,  # BAD_SIZE_OF_FILE_IN_DATA_PART
    246,  # CORRUPTED_DATA
    271,  # CANNOT_DECOMPRESS
    432,  # UNKNOWN_CODEC
}
"""The engine cannot read what it wrote. In answer to an insert they say something of the insert instead."""
_DOWN_CODES = {
    32,  # ATTEMPT_TO_READ_AFTER_EOF
    74,  # CANNOT_READ_FROM_FILE_DESCRIPTOR
    75,  # CANNOT_WRITE_TO_FILE_DESCRIPTOR: the disk is full
    76,  # CANNOT_OPEN_FILE: also when too many are open
    81,  # UNKNOWN_DATABASE
    88,  # CANNOT_FSYNC
    164,  # READONLY
    173,  # CANNOT_ALLOCATE_MEMORY
    192,  # UNKNOWN_USER
    193,  # WRONG_PASSWORD
    194,  # REQUIRED_PASSWORD
    195,  # IP_ADDRESS_NOT_ALLOWED
    198,  # DNS_ERROR
    201,  # QUOTA_EXCEEDED
    202,  # TOO_MANY_SIMULTANEOUS_QUERIES
    225,  # NO_ZOOKEEPER
    236,  # ABORTED: it shuts down
    242,  # TABLE_IS_READ_ONLY
    243,  # NOT_ENOUGH_SPACE
    252,  # TOO_MANY_PARTS
    285,  # TOO_FEW_LIVE_REPLICAS
    319,  # UNKNOWN_STATUS_OF_INSERT
    394,  # QUERY_WAS_CANCELLED
    439,  # CANNOT_SCHEDULE_TASK
    497,  # ACCESS_DENIED
    516,  # AUTHENTICATION_FAILED
    999,  # KEEPER_EXCEPTION
}


class Client(Protocol):
    """The part of a clickhouse-connect client that is used here."""

    def query(self, query: str, parameters: object = None, settings: object = None) -> object: ...
    def command(self, cmd: str, parameters: object = None, *, settings: object = None) -> object: ...
    def raw_query(self, query: str, *, fmt: str | None = None) -> bytes: ...
    def raw_stream(
        self, query: str, parameters: object = None, settings: object = None, fmt: str | None = None
    ) -> BinaryIO: ...
    def raw_insert(
        self,
        table: str,
        column_names: list[str],
        insert_block: bytes | BinaryIO,
        settings: object = None,
        fmt: str = ...,
        compression: str | None = ...,
    ) -> object: ...
    def close(self) -> None: ...


class _Answer(Protocol):
    column_names: tuple[str, ...]
    result_rows: list[tuple[object, ...]]


WriteFile = Callable[[Client, LiteralString, Parameters, Mapping[str, object], LiteralString, Path], None]
"""Writes the answer of a SELECT into a file: (client, SQL, parameters, settings, format, path)."""

ReadFile = Callable[[Client, LiteralString, Sequence[str], Mapping[str, object], Path], None]
"""Inserts the rows of a Native file: (client, table, columns, settings, path)."""


class Files(NamedTuple):
    """How files are written and read; `local`: by the engine itself."""

    write: WriteFile
    read: ReadFile
    local: bool


class ClickHouseStore:
    """See `base.Store`. Keeps up to `clients` clients, each used by one thread at a time.

    Whoever finds all of them in use waits for `patience` seconds, None for as long as it takes.
    """

    def __init__(
        self,
        hosts: Hosts[Client],
        *,
        clients: int,
        patience: float | None,
        query_settings: Mapping[str, object],
        files: Files,
        changes: Changes,
        layout: Layout = ONE_SERVER,
    ) -> None:
        self.writes_files = files.local
        self.layout = layout
        self._shards = Shards()
        self._changes = changes
        self._recent = Recent(changes)
        self._hosts = hosts
        self._files = files
        spread = bool(layout.cluster)
        self._query_settings = {**query_settings, **_JOIN_SETTINGS, **(QUERY_SETTINGS if spread else {})}
        self._changing_settings = {**_JOIN_SETTINGS, **(CHANGING_SETTINGS if spread else {})}
        self._slots: queue.LifoQueue[Client | None] = queue.LifoQueue()
        self._closing = threading.Event()
        self._count = clients
        self._patience = patience
        self._ending = threading.Lock()
        self._ender: Client | None = None
        """Ends statements of others; all the others may be in use just then."""
        for _ in range(clients - 1):
            self._slots.put(None)
        self._slots.put(hosts.open())

    def query(self, sql: LiteralString, parameters: Parameters | None = None) -> Result:
        ticket = asking.get()
        return self._shards.ask(
            ticket, lambda more: self._anywhere(partial(self._asked, sql, parameters, ticket, more))
        )

    def _anywhere(self, ask: Callable[[], Result]) -> Result:
        """Ask a server; another one where nothing answers any more."""
        for _ in range(self._count if self._hosts.several else 0):  # each client may be of one that is gone
            with contextlib.suppress(StoreUnreachable):
                return ask()
        return ask()

    def _asked(
        self,
        sql: LiteralString,
        parameters: Parameters | None,
        ticket: Ticket | None,
        more: Mapping[str, object],
    ) -> Result:
        with self._client() as client:
            settings = self._query_settings if ticket is None else self._settings_of(ticket)
            settings = {**settings, **more}
            began = time.perf_counter()
            with _ended_early(ticket), _translated():
                answer = cast(_Answer, client.query(sql, parameters=parameters, settings=settings))
                rows = answer.result_rows  # read from the connection only now, which may fail
            STATEMENTS.observe(time.perf_counter() - began)
        return Result(tuple(answer.column_names), rows)

    def recent(self, sql: LiteralString, parameters: Parameters) -> Result:
        found = self._recent.look(sql, parameters, lambda: self.query(sql, parameters))
        # What somebody else was given in part is to be asked for: that is for its own asker to decide.
        return self.query(sql, parameters) if found.partial and not is_partial() else found

    def _settings_of(self, ticket: Ticket) -> Mapping[str, object]:
        most = cast(float, self._query_settings["max_execution_time"])
        seconds = max(0.1, min(most, ticket.remaining()))
        return {**self._query_settings, "max_execution_time": seconds, "log_comment": ticket.id}

    def cancel(self, ticket: Ticket) -> None:
        ticket.gone = True
        with self._ending:
            if self._closing.is_set():
                return
            try:
                with _translated():
                    self._ender = self._ender or self._hosts.open()
                    self._ender.command(_KILL, parameters={"id": ticket.id})
            except StoreUnreachable:
                if self._ender is not None:
                    self._ender.close()
                self._ender = None
                raise

    def write(
        self, sql: LiteralString, parameters: Parameters, file_format: LiteralString, path: Path
    ) -> None:
        settings = {**self._query_settings, **_FILE_SETTINGS}
        with self._client() as client, _translated():
            self._files.write(client, sql, parameters, settings, file_format, path)

    def read(self, table: LiteralString, columns: Sequence[str], path: Path) -> None:
        settings = {**_INSERT_SETTINGS, **_READING_SETTINGS}
        with self._changing(), self._client() as client, _translated(writing=True):
            self._files.read(client, table, columns, settings, path)

    def insert(self, table: LiteralString, columns: Columns, token: str) -> None:
        if not columns or not next(iter(columns.values())):
            return
        with _translated(writing=True):
            columns = filled(columns, COLUMN_TYPES[table])
            block = encoded(columns, COLUMN_TYPES[table])
        self.insert_block(table, list(columns), block, token)

    def insert_block(self, table: LiteralString, names: Sequence[str], block: bytes, token: str) -> None:
        settings = {"insert_deduplication_token": token, **_INSERT_SETTINGS}
        with self._changing(), self._client() as client, _translated(writing=True):
            began = time.time_ns()
            client.raw_insert(table, list(names), block, settings=settings, fmt="Native")
        ended = time.time_ns()
        INSERTS.labels(table).observe(max(0, ended - began) / 1e9)
        INSERTED_BYTES.labels(table).inc(len(block))
        if (notes := inserts.get()) is not None:
            notes.append((table, began, ended, len(block)))

    def command(self, sql: LiteralString, parameters: Parameters | None = None) -> None:
        with self._changing(), self._client() as client, _translated():
            client.command(sql, parameters=parameters, settings=self._changing_settings)

    @contextlib.contextmanager
    def nodes(self) -> Generator[Sequence[Store]]:
        if not self.layout.cluster:
            yield [self]
            return
        with contextlib.ExitStack() as stack:
            with _translated():  # all of them before anything is done to one
                nodes = [
                    stack.enter_context(contextlib.closing(self._alone(each)))
                    for each in self._hosts.single()
                ]
            yield nodes

    def _alone(self, host: Hosts[Client]) -> "ClickHouseStore":
        return ClickHouseStore(
            host,
            clients=1,
            patience=None,
            query_settings=self._query_settings,
            files=self._files,
            changes=self._changes,
        )

    def ping(self) -> None:
        if self._slots.empty() and not self._closing.is_set():
            return  # every client has a question under way: busy, not gone
        self.query("SELECT 1")

    def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        for _ in range(self._count):  # waits for the questions under way
            client = self._slots.get()
            if client is not None:
                client.close()
        with self._ending:
            if self._ender is not None:
                self._ender.close()
        for _ in range(self._count):  # whoever still waits for a client shall hear that it is closed
            self._slots.put(None)

    @contextlib.contextmanager
    def _changing(self) -> Generator[None]:
        try:
            yield
        finally:  # even what failed may be stored
            self._changes.made()

    @contextlib.contextmanager
    def _client(self) -> Generator[Client]:
        try:
            client = self._slots.get(timeout=self._patience)
        except queue.Empty:
            raise _busy() from None
        done = False
        try:
            if self._closing.is_set():
                raise StoreUnavailable("The event store is closed.")
            if client is None:
                client = self._opened()
            yield client
            done = True
        except StoreUnreachable:
            if client is not None and self._hosts.several:  # the next one is of a server that answers
                client.close()
                client = None
            raise
        finally:
            self._slots.put(client if done or client is None else self._emptied(client))

    def _opened(self) -> Client:
        try:
            with _translated():
                return self._hosts.open()
        except StoreUnreachable as error:  # none of them is there: no use to look for another
            raise StoreUnavailable(error.message) from None

    def _emptied(self, client: Client) -> Client | None:
        """A client whose statement failed, once it answers with nothing but what it is asked.

        The embedded engine keeps the rows that it had found before a statement failed, and puts them before
        the answer to the next one on the same client: somebody else's rows, in somebody else's numbers.
        """
        if not self._files.local:
            return client
        with contextlib.suppress(ClickHouseError):
            for _ in range(3):
                if client.raw_query("SELECT 1", fmt="TabSeparated") == b"1\n":
                    return client
        client.close()
        return None


_JOIN_SETTINGS: Mapping[str, object] = {
    # The right side is the one to be held in memory. By its own estimates the engine would hold the month's
    # events and look each person up in them, ten times slower at a hundred million.
    "query_plan_join_swap_table": "false",
}
_FILE_SETTINGS: Mapping[str, object] = {
    "max_execution_time": 24 * 3600,
    # Rows of a file are never all in memory.
    "max_result_rows": 0,
    "max_result_bytes": 0,
    # Rows that are gathered before they are written: these many of each thread are in memory.
    "output_format_parquet_row_group_size": 50_000,
    "output_format_parquet_row_group_size_bytes": 64 << 20,
}
_INSERT_SETTINGS: Mapping[str, object] = {
    # One batch may hold events of any age; each month is a partition.
    "max_partitions_per_insert_block": 0,
    "throw_on_max_partitions_per_insert_block": 0,
    # A block is stored as it comes: merging the rows of one key is what background merges and FINAL do.
    "optimize_on_insert": 0,
    # Where tables are spread over shards: an insert that has returned is stored, on each of them.
    "distributed_foreground_insert": 1,
}

_READING_SETTINGS: Mapping[str, object] = {
    "max_execution_time": 24 * 3600,
    # Rows of a file are never all in memory: parts of this size at most.
    "max_insert_threads": 1,
    "min_insert_block_size_rows": 200_000,
    "min_insert_block_size_bytes": 64 << 20,
}

_KILL: LiteralString = "KILL QUERY WHERE Settings['log_comment'] = {id:String} ASYNC"


@contextlib.contextmanager
def _ended_early(ticket: Ticket | None) -> Generator[None]:
    """A statement that fails because it was cancelled: not the store's failure."""
    try:
        yield
    except StoreUnavailable:
        if ticket is not None and ticket.gone:
            raise Abandoned from None
        raise


def _busy() -> QueryLimit:
    error = QueryLimit("The event store is busy with other questions; ask again.")
    error.retry_after = _BUSY_RETRY_SECONDS
    return error


@contextlib.contextmanager
def _translated(*, writing: bool = False) -> Generator[None]:
    """Turn the client library's errors into ours.

    Theirs carry the whole statement with its values, which are people's data and must not get into logs:
    what is quoted is taken out, and the original is not kept as a cause.
    """
    try:
        yield
    except ClickHouseError as error:
        raise _error_for(error, writing=writing) from None
    except OSError as error:  # the insert's spool file, or a connection
        raise StoreUnavailable(f"The event store cannot be reached or written: {_sentence(error)}") from None
    except Exception as error:  # noqa: BLE001  # the client library, on a value of the wrong kind
        raise StoreMistake(f"A value cannot be sent to the event store: {type(error).__name__}") from None


def _error_for(error: ClickHouseError, *, writing: bool) -> Exception:
    code = cast(int | None, getattr(error, "code", None))
    # An insert is never too large, nor is a question when all of them together are: time helps.
    if code in _LIMIT_CODES and not writing and "(total)" not in str(error):
        limit = _LIMIT_CODES[code]
        setting = f" ({_LIMIT_SETTINGS[limit]})" if limit in _LIMIT_SETTINGS else ""
        return QueryLimit(f"The question is over the {limit} limit{setting}; narrow its range or filters.")
    if code == _UNKNOWN_TABLE:
        return StoreUnavailable(
            "A table of the event store is missing: run eventlens migrate, and if it is still missing then, "
            "the store is damaged; restore a backup."
        )
    if code in _DAMAGE_CODES and not writing:
        return StoreUnavailable(f"The event store is damaged; restore a backup ({_sentence(error)}).")
    if code == _MEMORY and "(total)" in str(error):
        return StoreUnavailable("What is under way takes all memory of the event store; ask again.")
    if code in _MISSING_CODES:
        missing = ShardMissing(f"A part of the event store does not answer: {_sentence(error)}")
        missing.surely = code == _NO_CONNECTION
        return missing
    if code is None and isinstance(error, OperationalError):
        return StoreUnreachable(f"The event store failed: {_sentence(error)}")
    from_elsewhere = code is None and type(error) is DatabaseError  # a proxy answered, not the engine
    if code in _LIMIT_CODES or code in _DOWN_CODES or from_elsewhere or isinstance(error, OperationalError):
        return StoreUnavailable(f"The event store failed: {_sentence(error)}")
    return StoreMistake(f"The event store refused: {_sentence(error)}")


_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'?|\"[^\"]*\"?|`[^`]*`?|\[[^\]]*\]?")
_STATEMENT = re.compile(
    r"(?:while processing|while executing|in query|in scope|\bSELECT|\bINSERT)\b.*", re.IGNORECASE
)


def _sentence(error: Exception) -> str:
    """An error's text without the statement and without anything quoted."""
    text = " ".join(str(error).split())
    return _STATEMENT.sub("…", _QUOTED.sub("…", text))[:_LONGEST_MESSAGE]
