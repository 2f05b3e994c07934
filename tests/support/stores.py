"""Event stores for tests: embedded, or a database of its own on a real server.

The embedded engine opens one directory per process: use it from fixtures that end with their module.
"""

import itertools
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from eventlens.settings import Settings
from eventlens.store.base import Columns, Layout, Parameters, Result, Store
from eventlens.store.connect import open_store
from tests.support.clickhouse import Node

_databases = itertools.count(1)


def store_settings(data: Path, node: Node | None = None, **more: str) -> Settings:
    """Settings of a store in `data`, or of a fresh database on `node`."""
    environment = {"EVENTLENS_DATA": str(data), **more}
    if node is not None:
        environment["CLICKHOUSE_URL"] = node.create_database(f"test_{next(_databases)}")
    return Settings.load(environment, None)


def open_in(data: Path, node: Node | None = None, **more: str) -> Store:
    """An open store without a schema."""
    data.mkdir(parents=True, exist_ok=True)
    return open_store(store_settings(data, node, **more))


class Injected(Exception):
    """The process ends here, as far as the code under test can tell."""


class FragileStore:
    """A real store that fails at one insert, before or after the rows are in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.inserted: list[str] = []
        self.fail_at: int | None = None
        """Which insert from now on (0 is the next one)."""
        self.afterwards = True
        self.error: BaseException = Injected()

    def query(self, sql, parameters: Parameters | None = None) -> Result:
        return self._store.query(sql, parameters)

    def recent(self, sql, parameters: Parameters) -> Result:
        return self.query(sql, parameters)

    def write(self, sql, parameters: Parameters | None, file_format, path: Path) -> None:
        self._store.write(sql, parameters or {}, file_format, path)

    @property
    def writes_files(self):
        return self._store.writes_files

    @property
    def layout(self) -> Layout:
        return self._store.layout

    def nodes(self) -> AbstractContextManager[Sequence[Store]]:
        return nullcontext([self])

    def read(self, table, columns, path: Path) -> None:
        self._store.read(table, columns, path)

    def cancel(self, ticket) -> None:
        self._store.cancel(ticket)

    def insert(self, table, columns: Columns, token: str) -> None:
        failing = self.fail_at == 0
        if self.fail_at is not None:
            self.fail_at = None if failing else self.fail_at - 1
        if failing and not self.afterwards:
            raise self.error
        self.inserted.append(table)
        self._store.insert(table, columns, token)
        if failing:
            raise self.error

    def command(self, sql, parameters: Parameters | None = None) -> None:
        self._store.command(sql, parameters)

    def ping(self) -> None:
        self._store.ping()

    def close(self) -> None:
        self._store.close()
