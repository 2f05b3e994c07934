"""The contract of the event store: ClickHouse, embedded in this process or on a server.

Both speak the same SQL and the same client library, so the contract is small:

* `query` answers one SELECT. Values are bound as `{name:Type}` parameters, never written into the text.
* `insert` adds rows. The same `token` for the same table is a no-op the second time, also over a crash.
* Everything may be called from any thread.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, Protocol

import numpy as np
from numpy.typing import NDArray

from eventlens.store.tickets import Ticket

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A column of few values: that of row n is `values[places[n]]`."""

    values: Sequence[Any]
    places: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, row: int) -> Any:
        return self.values[self.places[row]]


Columns = Mapping[str, Sequence[Any] | Repeated]


@dataclass(frozen=True, slots=True)
class Result:
    """A SELECT's answer: rows of Python values in the order of `columns`. Times are aware UTC datetimes."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    partial: bool = False
    """Whether a shard did not answer, for a ticket that may be told so."""

    def dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the rows of tables are: on one server, or spread over the shards of a cluster (`cluster.py`)."""

    cluster: LiteralString = ""

    def share(self, table: LiteralString) -> LiteralString:
        """The table of a node's own rows: what is altered, truncated or cloned, on every node."""
        return f"{table}_local" if self.cluster else table

    @property
    def parts(self) -> LiteralString:
        """`system.parts`, of all shards."""
        return f"cluster('{self.cluster}', system, parts)" if self.cluster else "system.parts"


ONE_SERVER = Layout()


class StoreMistake(RuntimeError):
    """The store refused what it was asked: a mistake of ours, not an outage. Says nothing of the values.

    Not in the tree of `errors`, whose messages callers get to read: this one belongs into the log.
    """


QUESTIONS_AT_ONCE = 4
"""How many of callers' questions are answered at once; more would only wait for the same cores and memory."""


class Store(Protocol):
    """See the module's docstring."""

    @property
    def writes_files(self) -> bool:
        """Whether the engine writes files itself (then it packs them as their names say, .zst too)."""
        ...

    @property
    def layout(self) -> Layout: ...

    def nodes(self) -> AbstractContextManager[Sequence["Store"]]:
        """Each server that holds rows, by itself: for statements about a node's own share of a table.

        This store alone, unless it is a cluster. Raises StoreUnavailable where one does not answer.
        """
        ...

    def query(self, sql: LiteralString, parameters: Parameters | None = None) -> Result:
        """Answer one SELECT: of all shards, else what a ticket allows (`tickets.py`).

        Raises StoreUnavailable, QueryLimit (over the memory or time cap, or no turn within some seconds).
        """
        ...

    def recent(self, sql: LiteralString, parameters: Parameters) -> Result:
        """`query`, or its answer to somebody else a moment ago: for look-ups that every question begins with.

        What this process wrote is in it, what another one wrote a fifth of a second later at most.
        """
        ...

    def write(
        self, sql: LiteralString, parameters: Parameters, file_format: LiteralString, path: Path
    ) -> None:
        """Write the answer of one SELECT into a new file, in a format of the engine's.

        For answers of any size: it may take as much memory as any question, but as long as it needs.
        Raises StoreUnavailable, QueryLimit.
        """
        ...

    def read(self, table: LiteralString, columns: Sequence[str], path: Path) -> None:
        """Add the rows of a file in the Native format, packed or not as its name ends (.gz, .zst).

        With these columns in this order; of any size. Not safe to repeat. Raises StoreUnavailable.
        """
        ...

    def cancel(self, ticket: Ticket) -> None:
        """End the statements that run for whoever holds the ticket; they raise Abandoned, as later ones do.

        Raises StoreUnavailable.
        """
        ...

    def insert(self, table: LiteralString, columns: Columns, token: str) -> None:
        """Add rows, given as one sequence (or `Repeated`) per column; a repeated token adds nothing.

        Times are given in the column's own unit: ms, seconds where it is a DateTime.

        Raises StoreUnavailable.
        """
        ...

    def command(self, sql: LiteralString, parameters: Parameters | None = None) -> None:
        """Run DDL or a mutation."""
        ...

    def ping(self) -> None:
        """Return if the store answers, else raise StoreUnavailable."""
        ...

    def close(self) -> None: ...


class BlockStore(Store, Protocol):
    """A store that also takes rows that were turned into a block elsewhere."""

    def insert_block(self, table: LiteralString, names: Sequence[str], block: bytes, token: str) -> None:
        """`insert` of what `native.encoded` made of columns of these names."""
        ...
