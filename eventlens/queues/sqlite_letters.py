"""Dead letters in the queue's file: set aside, replayed, forgotten.

What writes runs in the writer's thread, inside a transaction: a replayed letter leaves its table and is
in a row of `batches` with one and the same commit.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from eventlens.queues.base import Record
from eventlens.queues.sqlite_file import ROW_OVERHEAD, Packed
from eventlens.queues.sqlite_writer import INSERT, ROW_BYTES, ROW_EVENTS

NO_ID = 2**63 - 1
"""Above every id and every size that SQLite can hold."""

PAGE = """
SELECT id, body, error, failed_at, arrival FROM dead_letters WHERE id < ? ORDER BY id DESC LIMIT ?
"""
COUNT = "SELECT count(*) FROM (SELECT 1 FROM dead_letters LIMIT ?)"

LEAST_COMMAND = 16
"""No command is packed into fewer bytes: how many a record may hold at most."""


class _Letter(NamedTuple):
    body: bytes
    events: int
    arrival: int


def bury(connection: sqlite3.Connection, record: Record, error: str, failed_at: int) -> None:
    """Keep a record that cannot be applied. Counts for the queue's limit, but is never refused by it."""
    connection.execute(
        "INSERT INTO dead_letters (body, error, failed_at, arrival, events) VALUES (?, ?, ?, ?, ?)",
        (record.body, error, failed_at, record.arrival, record.events),
    )
    _count_bytes(connection, len(record.body) + ROW_OVERHEAD)


def replay(connection: sqlite3.Connection, ids: Sequence[int], now: int) -> int:
    """Make letters records again, in the order in which they were set aside; how many there were.

    `now` is the arrival number of this moment: where in the queue they stand, not what their events keep.
    """
    statement = f"""
        SELECT body, events, arrival FROM dead_letters WHERE {_AMONG} ORDER BY id
    """
    found = [_Letter(*row) for row in connection.execute(statement, (json.dumps(ids),))]
    discard(connection, ids)
    row: list[Packed] = []
    for letter in found:
        events = letter.events or len(letter.body) // LEAST_COMMAND + 1
        if row and (_events(row) + events > ROW_EVENTS or sum(len(each.body) for each in row) > ROW_BYTES):
            _insert(connection, row, now)
            row = []
        row.append(Packed(events, letter.body, letter.arrival))
    if row:
        _insert(connection, row, now)
    return len(found)


def discard(connection: sqlite3.Connection, ids: Sequence[int]) -> int:
    """Forget letters; how many of the ids there were."""
    return _forget(connection, _AMONG, json.dumps(ids))


def prune(connection: sqlite3.Connection, failed_before: int, most_bytes: int) -> int:
    """Forget letters that failed before a time (ms), then the oldest ones above a size; how many."""
    forgotten = _forget(connection, "failed_at < ?", failed_before)
    held = 0
    for id_, size in connection.execute("SELECT id, length(body) FROM dead_letters ORDER BY id DESC"):
        held += size + ROW_OVERHEAD
        if held > most_bytes:
            return forgotten + _forget(connection, "id <= ?", id_)
    return forgotten


_AMONG = "id IN (SELECT value FROM json_each(?))"


def _forget(connection: sqlite3.Connection, which: str, value: int | str) -> int:
    summed = f"SELECT coalesce(sum(length(body) + {ROW_OVERHEAD}), 0) FROM dead_letters WHERE {which}"
    _count_bytes(connection, -connection.execute(summed, (value,)).fetchone()[0])
    return connection.execute(f"DELETE FROM dead_letters WHERE {which}", (value,)).rowcount


def _insert(connection: sqlite3.Connection, row: Sequence[Packed], now: int) -> None:
    values = {"now": now, "events": _events(row), "body": msgspec.msgpack.encode(row), "limit": NO_ID}
    connection.execute(INSERT, values)


def _events(row: Sequence[Packed]) -> int:
    return sum(packed.events for packed in row)


def _count_bytes(connection: sqlite3.Connection, size: int) -> None:
    connection.execute("UPDATE state SET bytes = bytes + ?", (size,))
