"""Pieces of recorded sessions."""

from eventlens.events import Replay
from eventlens.ingest.payload.checks import (
    FUTURE_TOLERANCE_MS,
    MAX_PROFILE_ID,
    Moment,
    identifier,
    ids_refusal,
    time_of,
    too_long,
)
from eventlens.ingest.payload.refusal import Refusal
from eventlens.ingest.payload.shapes import ReplayPayload

MAX_REPLAY = 2 << 20
"""Characters of one piece of a recording."""


def replay_of(payload: ReplayPayload, moment: Moment) -> Replay | Refusal:
    """The piece that a payload carries. A clock that runs ahead is put right, the length stays."""
    refusal = ids_refusal(payload.id, payload.device_id, payload.session_id)
    if refusal:
        return refusal
    span = _span(payload, moment.now)
    if isinstance(span, Refusal):
        return span
    profile_id = "" if payload.profile_id is None else identifier(payload.profile_id)
    if len(profile_id) > MAX_PROFILE_ID:
        return too_long(MAX_PROFILE_ID, "payload/profileId")
    if len(payload.payload) > MAX_REPLAY:
        return too_long(MAX_REPLAY, "payload/payload")
    started, ended = span
    return Replay(
        session_id=payload.session_id or "",
        device_id=payload.device_id or "",
        profile_id=profile_id,
        timestamp=started,
        ended_at=ended,
        chunk_index=payload.chunk_index,
        events_count=payload.events_count,
        is_full_snapshot=payload.is_full_snapshot,
        payload=payload.payload,
        id=payload.id or "",
    )


def _span(payload: ReplayPayload, now: int) -> tuple[int, int] | Refusal:
    """When it started and ended, in ms."""
    started = time_of(payload.started_at, "payload/started_at")
    if isinstance(started, Refusal):
        return started
    ended = time_of(payload.ended_at, "payload/ended_at")
    if isinstance(ended, Refusal):
        return ended
    ended = max(started, ended)  # a clock that was put back in between
    ahead = ended - now if ended > now + FUTURE_TOLERANCE_MS else 0
    return max(0, started - ahead), ended - ahead
