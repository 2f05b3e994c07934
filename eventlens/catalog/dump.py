"""All rows of the catalog as lines of JSON, at one instant, for any of its databases.

What was written from one kind of database can be read into another.
"""

import base64
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import msgspec
from sqlalchemy import Column, Date, LargeBinary, Table, insert, literal, select
from sqlalchemy.orm import Session

from eventlens.catalog.base import UtcDateTime
from eventlens.catalog.connect import NOT_ANSWERING, Catalog, reason
from eventlens.catalog.notes import Base
from eventlens.errors import ConfigurationError, Unavailable

_ROWS = 1000


class Line(msgspec.Struct):
    """One row: its table and its columns by name. Bytes are base64, times ISO 8601."""

    table: str
    row: dict[str, Any]


def dump(catalog: Catalog, path: Path) -> int:
    """Write all rows into a new file; how many. Raises Unavailable."""
    count = 0
    engine = catalog.engine
    if engine.dialect.name != "sqlite":  # whose transactions see one instant anyway
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    encoder = msgspec.json.Encoder()
    try:
        with engine.connect() as connection, connection.begin(), path.open("xb") as file:
            for table in _tables():
                for row in connection.execute(select(table)).yield_per(_ROWS).mappings():
                    values = {str(name): _plain(value) for name, value in row.items()}
                    file.write(encoder.encode(Line(str(table.name), values)) + b"\n")
                    count += 1
    except NOT_ANSWERING as error:
        raise Unavailable(f"The catalog does not answer: {reason(error)}.") from error
    return count


def first_filled(catalog: Catalog) -> str:
    """The name of a table that has rows, '' where none has."""
    with catalog.session() as session:
        filled = (
            str(table.name)
            for table in _tables()
            if session.execute(select(literal(1)).select_from(table).limit(1)).first()
        )
        return next(filled, "")


def load(session: Session, path: Path) -> int:
    """Read what `dump` wrote into an empty catalog; how many rows.

    Raises ConfigurationError for a file that is none of this version's.
    """
    tables = {table.name: table for table in _tables()}
    count = 0
    for line in _lines(path):
        table = tables.get(line.table)
        if table is None or line.row.keys() - set(table.columns.keys()):
            raise ConfigurationError(f"{path} holds {line.table[:64]}, which is not of this version.")
        values = {name: _typed(table.columns[name], value) for name, value in line.row.items()}
        session.execute(insert(table).values(values))
        count += 1
    return count


def _lines(path: Path) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(Line)
    try:
        with path.open("rb") as file:
            for line in file:
                yield decoder.decode(line)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from error


def _tables() -> list[Table]:
    """What others refer to comes first."""
    return list(Base.metadata.sorted_tables)


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(column: Column[Any], value: Any) -> Any:
    if not isinstance(value, str):
        return value
    kind = column.type
    with suppress(ValueError):
        if isinstance(kind, UtcDateTime):
            return datetime.fromisoformat(value)
        if isinstance(kind, Date):
            return date.fromisoformat(value)
        if isinstance(cast(Any, kind), LargeBinary):
            return base64.b64decode(value)
    return value
