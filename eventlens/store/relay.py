"""The event store for another process: it asks through a connection, and the one with the store answers.

Rows become blocks where they are made. Unless the store is told to be `patient`, nobody waits for an insert:
whoever made it goes on, and hears with what it asks next, or from `settle`, whether it went wrong. What is
asked is answered in order, so that every question sees all that was inserted before it; what was inserted
behind something that failed, before that was known, is not inserted.
"""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any, LiteralString, Protocol, cast

from eventlens.store.base import ONE_SERVER, BlockStore, Columns, Parameters, Result, Store, StoreMistake
from eventlens.store.native import encoded, filled
from eventlens.store.tables import COLUMN_TYPES
from eventlens.store.tickets import Ticket

_MOST_OWED = 8
"""Inserts under way at a time: their blocks are in memory."""

_INSERT = "insert_block"
_ASKED = frozenset(("query", "command", "ping"))


class Sends(Protocol):
    """Where messages go, in order."""

    def send(self, obj: Any, /) -> None: ...


class Outbox:
    """Sends in a thread of its own: large messages take until the other side has read them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=self._run, name="outbox", daemon=True).start()

    def send(self, obj: Any, /) -> None:
        self._waiting.put(obj)

    def _run(self) -> None:
        while True:
            try:
                self._connection.send(self._waiting.get())
            except OSError:
                return  # the other side has ended: whoever waits for its answer hears of it


class RelayedStore:
    """A `Store` in the process that asks. For one thread. Raises EOFError when the other side has ended."""

    def __init__(self, connection: Connection, outbox: Sends) -> None:
        self._connection = connection
        self._outbox = outbox
        self._owed = 0
        self.writes_files = False
        self.patient = False
        self.layout = ONE_SERVER
        """Whoever stores events says nothing of single shares."""

    def query(self, sql: LiteralString, parameters: Parameters | None = None) -> Result:
        return self._ask("query", sql, parameters)

    def recent(self, sql: LiteralString, parameters: Parameters) -> Result:
        return self.query(sql, parameters)

    def insert(self, table: LiteralString, columns: Columns, token: str) -> None:
        if not columns or not len(next(iter(columns.values()))):
            return
        try:
            columns = filled(columns, COLUMN_TYPES[table])
            block = encoded(columns, COLUMN_TYPES[table])
        except Exception as error:  # noqa: BLE001  # a value of the wrong kind: data that is in no message
            raise StoreMistake(f"A value cannot be sent to the event store: {type(error).__name__}") from None
        self._outbox.send((_INSERT, self._owed > 0, table, list(columns), block, token))
        self._owed += 1
        if self.patient:
            self.settle()
        elif self._owed > _MOST_OWED:
            self._settle_one()

    def command(self, sql: LiteralString, parameters: Parameters | None = None) -> None:
        self._ask("command", sql, parameters)

    def ping(self) -> None:
        self._ask("ping")

    def settle(self) -> None:
        """Return when all that was inserted is stored. Raises what the first insert that failed raised."""
        failed: Exception | None = None
        while self._owed:
            try:
                self._settle_one()
            except EOFError:
                raise
            except Exception as error:  # noqa: BLE001  # raised below, when nothing is owed any more
                failed = failed or error
        if failed is not None:
            raise failed

    def write(
        self, sql: LiteralString, parameters: Parameters, file_format: LiteralString, path: Path
    ) -> None:
        raise NotImplementedError("files are written where the store is")

    def read(self, table: LiteralString, columns: Sequence[str], path: Path) -> None:
        raise NotImplementedError("files are read where the store is")

    def nodes(self) -> AbstractContextManager[Sequence[Store]]:
        raise NotImplementedError("shares are changed where the store is")

    def cancel(self, ticket: Ticket) -> None:
        raise NotImplementedError("no caller waits for what is asked here")

    def close(self) -> None:
        self._connection.close()

    def _ask(self, *request: Any) -> Any:
        self.settle()
        self._outbox.send(request)
        return self._answer()

    def _settle_one(self) -> None:
        self._owed -= 1
        self._answer()

    def _answer(self) -> Any:
        value, error = cast("tuple[Any, Exception | None]", self._connection.recv())
        if error is not None:
            raise error
        return value


class Answering:
    """What the store says to the requests of one connection. For one thread."""

    def __init__(self, store: BlockStore) -> None:
        self._store = store
        self._failed: Exception | None = None

    def answer(self, name: str, arguments: Sequence[Any]) -> tuple[Any, Exception | None]:
        """(answer, error) to one request."""
        if name != _INSERT:
            assert name in _ASKED
            return self._tried(name, arguments)
        follows, *insert = arguments
        if not (follows and self._failed):
            _, self._failed = self._tried(name, insert)
        return None, self._failed

    def _tried(self, name: str, arguments: Sequence[Any]) -> tuple[Any, Exception | None]:
        try:
            return getattr(self._store, name)(*arguments), None
        except Exception as error:  # noqa: BLE001  # whatever it is, the other process has to hear it
            return None, error.with_traceback(None)
