"""Dead letters in Redis: read, replayed. Each is a hash of its own, in a set sorted by id."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from eventlens.queues.base import DeadLetter
from eventlens.queues.redis_writer import RECORD_OVERHEAD, ROW_BYTES, ROW_EVENTS
from eventlens.redis_server import Server, Word

_TRIES = 10
_PAGE = 20
"""Letters read at once: one may hold megabytes."""


class _Kept(NamedTuple):
    id: int
    body: bytes
    error: bytes
    failed_at: int
    arrival: int
    events: int
    lane: int


def page(server: Server, limit: int, before: int | None) -> list[DeadLetter]:
    """The newest `limit` letters with ids below `before`, newest first."""
    top = "+inf" if before is None else f"({before}"
    ids = server.call("ZREVRANGEBYSCORE", server.key("letters"), top, "-inf", "LIMIT", 0, limit)
    return [
        DeadLetter(kept.id, kept.body, kept.error.decode("utf-8", "replace"), kept.failed_at, kept.arrival)
        for kept in _read(server, [int(id_) for id_ in ids])
    ]


def every(server: Server) -> Iterator[DeadLetter]:
    """All letters, newest first."""
    before: int | None = None
    while some := page(server, _PAGE, before):
        yield from some
        before = some[-1].id


def replay(server: Server, ids: Sequence[int], now: int) -> int:
    """Make letters rows again, in the order in which they were set aside; how many there were."""
    for _ in range(_TRIES):  # again only when somebody else moves some of them at the same time
        found = _read(server, sorted(set(ids)))
        if not found:
            return 0
        words: list[Word] = [now, RECORD_OVERHEAD, len(found), *(kept.id for kept in found)]
        for row in _rows(found):
            words += (row[0].lane, sum(kept.events for kept in row), len(row))
            for kept in row:
                words += (f"{kept.events} {kept.arrival}", kept.body)
        if server.run("replay", words):
            return len(found)
    return 0


def _read(server: Server, ids: Sequence[int]) -> list[_Kept]:
    """Those of the letters that are there."""
    fields = ("body", "error", "failed_at", "arrival", "events", "lane")
    answers = server.calls(*(("HMGET", server.key(f"letter:{id_}"), *fields) for id_ in ids)) if ids else []
    return [_kept(id_, values) for id_, values in zip(ids, answers, strict=True) if values[0] is not None]


def _kept(id_: int, values: Sequence[Any]) -> _Kept:
    body, error, *numbers = values
    failed_at, arrival, events, lane = map(int, numbers)
    return _Kept(id_, body, error, failed_at, arrival, events, lane)


def _rows(found: Sequence[_Kept]) -> Iterator[list[_Kept]]:
    by_lane: dict[int, list[_Kept]] = {}
    for kept in found:
        row = by_lane.setdefault(kept.lane, [])
        full = sum(each.events for each in row) + kept.events > ROW_EVENTS
        if row and (full or sum(len(each.body) for each in row) > ROW_BYTES):
            yield row
            row = by_lane[kept.lane] = []
        row.append(kept)
    yield from by_lane.values()
