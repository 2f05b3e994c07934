"""What a queue in Redis holds as a file of the embedded queue, and the way back: for backups.

Records keep their arrival numbers: whatever was stored of them before is recognised.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from eventlens.queues.base import ARRIVAL_BITS, DeadLetter, Record
from eventlens.queues.redis_writer import RECORD_OVERHEAD, ROW_BYTES, ROW_EVENTS
from eventlens.queues.sqlite_file import Packed, connect_writer, prepare, unavailable
from eventlens.queues.sqlite_letters import LEAST_COMMAND
from eventlens.redis_server import Server, Word

_PAGE = 100
_LETTER = "INSERT INTO dead_letters (id, body, error, failed_at, arrival) VALUES (?, ?, ?, ?, ?)"


def write(
    path: Path, rows: Iterable[tuple[int, Sequence[Record]]], letters: Iterable[DeadLetter], server: Server
) -> None:
    """Make a file of the embedded queue of what is here: rows are (position, records). Raises Unavailable."""
    prepare(path)
    try:
        with contextlib.closing(connect_writer(path)) as file:
            file.execute("BEGIN IMMEDIATE")
            for position, records in rows:
                packed = [Packed(each.events, each.body, each.arrival) for each in records]
                values = (position, sum(each.events for each in records), msgspec.msgpack.encode(packed))
                file.execute("INSERT INTO batches (position, events, body) VALUES (?, ?, ?)", values)
            for letter in letters:
                told = (letter.id, letter.body, letter.error, letter.failed_at, letter.arrival)
                file.execute(
                    _LETTER,
                    told,
                )
            file.executemany("INSERT INTO tallies VALUES (?, ?, ?)", _tallies(server))
            ms, n = server.call("HMGET", server.key("state"), "ms", "n")
            newest = (int(ms) << ARRIVAL_BITS) + int(n)
            file.execute("UPDATE state SET last_arrival = max(last_arrival, ?)", (newest,))
            file.execute("COMMIT")
    except sqlite3.Error as error:
        raise unavailable(error) from error


def read(path: Path, server: Server, lane_of: Callable[[bytes], int]) -> int:
    """Put what such a file holds into an empty queue; how many events wait then.

    `lane_of` says to which lane a record belongs, by its body.
    """
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        (newest,) = file.execute("SELECT last_arrival FROM state").fetchone()
        server.call("HSET", server.key("state"), "ms", (newest >> ARRIVAL_BITS) + 1, "n", 0)
        events = 0
        decoder = msgspec.msgpack.Decoder(list[Packed])
        for position, body in file.execute("SELECT position, body FROM batches ORDER BY position"):
            events += _append(server, _records(decoder.decode(body), position), lane_of)
        for source, outcome, count in file.execute("SELECT source, outcome, count FROM tallies"):
            server.call("HINCRBY", server.key(f"tally:{source}"), outcome, count)
        letters = "SELECT body, error, failed_at, arrival, events FROM dead_letters ORDER BY id"
        for letter in file.execute(letters):
            _bury(server, letter, lane_of(letter[0]))
    return events


def _records(packed: Sequence[Packed], position: int) -> Iterator[Record]:
    for each in packed:
        yield Record(each.arrival or position, each.body, each.events)
        position += each.events


def _append(server: Server, records: Iterable[Record], lane_of: Callable[[bytes], int]) -> int:
    by_lane: dict[int, list[Record]] = {}
    for record in records:
        by_lane.setdefault(lane_of(record.body), []).append(record)
    words: list[Word] = []
    held = events = 0
    for lane, some in by_lane.items():
        for row in _rows(some):
            words += (lane, sum(each.events for each in row), len(row))
            for each in row:
                words += (f"{each.events} {each.arrival}", each.body)
                held += len(each.body) + RECORD_OVERHEAD
                events += each.events
    ms = int(server.call("HGET", server.key("state"), "ms"))
    server.run("replay", [ms, RECORD_OVERHEAD, 0, *words])
    server.call("HINCRBY", server.key("state"), "bytes", held)
    return events


def _rows(records: Sequence[Record]) -> Iterator[list[Record]]:
    row: list[Record] = []
    for record in records:
        full = sum(each.events for each in row) + record.events > ROW_EVENTS
        if row and (full or sum(len(each.body) for each in row) > ROW_BYTES):
            yield row
            row = []
        row.append(record)
    if row:
        yield row


def _bury(server: Server, letter: tuple[bytes, str, int, int, int], lane: int) -> None:
    body, error, failed_at, arrival, events = letter
    state = server.key("state")
    id_ = int(server.call("HINCRBY", state, "letters", 1))
    fields = ("body", body, "error", error, "failed_at", failed_at, "arrival", arrival)
    fields = (*fields, "events", events or len(body) // LEAST_COMMAND + 1)
    server.call("HSET", server.key(f"letter:{id_}"), *fields, "lane", lane)
    server.call("ZADD", server.key("letters"), id_, id_)
    for name in ("bytes", "letter_bytes"):
        server.call("HINCRBY", state, name, len(body) + RECORD_OVERHEAD)


def _tallies(server: Server) -> Iterator[tuple[str, str, int]]:
    prefix, cursor = server.key("tally:"), b"0"
    while True:
        cursor, keys = server.call("SCAN", cursor, "MATCH", f"{prefix}*", "COUNT", _PAGE)
        for key in keys:
            found = server.call("HGETALL", key)
            for outcome, count in found.items():
                yield key.decode().removeprefix(prefix), outcome.decode(), int(count)
        if int(cursor) == 0:
            return
