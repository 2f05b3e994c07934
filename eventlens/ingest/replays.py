"""Session replay: pieces of recordings become rows, each once.

A piece is known by whose it is, its number and its content: clients number from 0 again on every page that
they load, so the number alone would take the second page of a visit for a repeat of the first.
Which session it belongs to is found when somebody asks: sessions may still move.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec

from eventlens.clock import DAY
from eventlens.events import Replay
from eventlens.ingest.keys import session_key
from eventlens.queues.base import arrival_ms

_FOR_EVER_MS = 4_102_444_800_000
"""2100-01-01."""

_BLOCK = 4 << 20
"""Characters of recordings that are written at once."""


class Chunk(msgspec.Struct, gc=False, kw_only=True):
    """One row of `replay_chunks`."""

    project_id: str
    session_key: int
    named_key: int
    session_id: str
    device_id: str
    profile_id: str
    chunk_index: int
    digest: int
    arrival: int
    started_at: int
    ended_at: int
    expires: int = 0
    events_count: int
    is_full_snapshot: bool
    bytes: int
    payload: str


def chunk_of(project_id: str, replay: Replay, arrival: int) -> Chunk | None:
    """The row of a piece; None where it names neither a session nor anybody."""
    key = session_key("", replay.device_id, replay.profile_id)
    named = session_key(replay.session_id, "", "")
    if not key and not named:
        return None
    encoded = replay.payload.encode()
    return Chunk(
        project_id=project_id,
        session_key=key,
        named_key=named,
        session_id=replay.session_id,
        device_id=replay.device_id,
        profile_id=replay.profile_id,
        chunk_index=replay.chunk_index,
        digest=int.from_bytes(blake2b(encoded, digest_size=8).digest(), "little"),
        arrival=arrival,
        started_at=replay.timestamp,
        ended_at=replay.ended_at,
        events_count=replay.events_count,
        is_full_snapshot=replay.is_full_snapshot,
        bytes=len(encoded),
        payload=replay.payload,
    )


def divided(chunks: Sequence[Chunk], days: int) -> tuple[list[Chunk], list[Chunk]]:
    """Those that are to be kept, for `days` after they were recorded (0: for ever), and those past it.

    Counted from when they arrived, not from when they are processed: a queue that waited changes nothing.
    """
    for chunk in chunks:
        chunk.expires = (chunk.ended_at + days * DAY if days else _FOR_EVER_MS) // 1000
    lasting = [chunk for chunk in chunks if chunk.expires * 1000 > arrival_ms(chunk.arrival)]
    return lasting, [chunk for chunk in chunks if chunk.expires * 1000 <= arrival_ms(chunk.arrival)]


def blocks(chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
    """Runs of chunks that are small enough to be written at once."""
    some: list[Chunk] = []
    size = 0
    for chunk in chunks:
        if some and size + chunk.bytes > _BLOCK:
            yield some
            some, size = [], 0
        some.append(chunk)
        size += chunk.bytes
    if some:
        yield some
