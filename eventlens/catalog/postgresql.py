"""Connections to PostgreSQL that never wait for long."""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.types.string import StrDumper

from eventlens.catalog.servers import ANSWER_SECONDS, IDLE_SECONDS, LOCK_SECONDS

T = TypeVar("T")

_SESSION = f"""
SET TIME ZONE 'UTC';
SET lock_timeout = '{LOCK_SECONDS}s';
SET statement_timeout = '{ANSWER_SECONDS}s';
SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'
"""


class _WithoutNul(StrDumper):
    """PostgreSQL's texts have no NUL. Nothing that is stored has one either: what has one is not found."""

    def dump(self, obj: str) -> Any:
        """The text as it is sent."""
        return super().dump(obj.replace("\0", "\ufffd"))


class _Impatient(psycopg.Connection[Any]):
    """Gives up on a server that does not answer: `statement_timeout` is of no use where it stands still."""

    def wait(self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None) -> T:
        """As psycopg's own, with an end."""
        deadline = time.monotonic() + ANSWER_SECONDS
        try:
            return super().wait(gen, interval, ANSWER_SECONDS if timeout is None else timeout)
        except psycopg.Error:
            if timeout is None and time.monotonic() >= deadline:
                self.pgconn.finish()  # in an unknown state: of no use to anybody else
            raise


def connect(_dialect: object, _record: object, words: Any, named: Any) -> Any:
    """Takes the place of the driver's own `connect` (SQLAlchemy's event `do_connect`)."""
    connection = _Impatient.connect(*words, **named)
    # Sent as statements: a pooler in between refuses options that it does not know.
    connection.autocommit = True
    connection.execute(_SESSION.encode())
    connection.autocommit = False
    connection.adapters.register_dumper(str, _WithoutNul)
    return connection
