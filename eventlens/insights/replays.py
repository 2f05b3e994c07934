"""`replays`: recorded sessions, newest first, and the pieces of one of them in order.

A piece belongs to the session that the client named, where events name it too; else to the session that
its device was in when it was recorded, or that began within half an hour after; else to none that is known,
and then it is listed under the id that the client sent, or under the device. Sessions are looked up for
every answer, so that late events move recordings along with them.
"""

from typing import Any, LiteralString, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct, UnsetType

from eventlens.errors import NotFound
from eventlens.insights.cursors import read_place, write_place
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import iso
from eventlens.sessions import SESSION_GAP_MS
from eventlens.store.base import Store
from eventlens.store.events import chunks

MAX_BYTES = 16 << 20
DEFAULT_BYTES = 4 << 20
LEAST_BYTES = 1 << 10

_TIME_DIGITS, _NUMBER_DIGITS = 14, 20


class Replay(Struct, rename="camel", kw_only=True):
    """A recorded session. `started` and `ended` are those of the recording; `bytes` of its pieces' text."""

    id: str
    device_id: str | None
    profile_id: str | None
    started: str
    ended: str
    chunks: int
    bytes: int


class ReplayChunk(Struct, rename="camel", kw_only=True):
    """A piece of a recording. `payload` is JSON text of rrweb events, as it was sent."""

    chunk_index: int
    started_at: str
    ended_at: str
    events_count: int
    is_full_snapshot: bool
    payload: str


class ReplayMeta(Struct, kw_only=True, rename={"project_id": "projectId", "session_id": "sessionId"}):
    """Whose recording it is; `next_cursor` is null at its end. `partial`: a shard does not answer."""

    project_id: str
    session_id: str
    timezone: str
    next_cursor: str | None
    partial: bool | UnsetType = UNSET


class ReplayAnswer(Struct):
    """Pieces of one recording."""

    data: list[ReplayChunk]
    meta: ReplayMeta


class ReplayPosition(NamedTuple):
    """A recording's place in the list: newest first means largest first."""

    started: int
    key: int


class ChunkPosition(NamedTuple):
    """A piece's place in its recording."""

    started: int
    number: int
    digest: int


class ReplayPage(NamedTuple):
    """Rows, and the cursor of the next page; None at the end."""

    rows: list[Replay]
    next_cursor: str | None


def read_replay_cursor(text: str) -> ReplayPosition:
    """The place in the list that a cursor names. Raises InvalidInput."""
    return ReplayPosition(*read_place(text, (_TIME_DIGITS, _NUMBER_DIGITS)))


def read_chunk_cursor(text: str) -> ChunkPosition:
    """The place in a recording that a cursor names. Raises InvalidInput."""
    return ChunkPosition(*read_place(text, (_TIME_DIGITS, 5, _NUMBER_DIGITS)))


# --- SQL -------------------------------------------------------------------------------------------

# A piece that came twice is one, whatever the clocks said: its content tells.
_ALL_CHUNKS: LiteralString = """SELECT session_key, named_key, chunk_index, digest,
    any(session_id) AS sent, any(device_id) AS device, any(profile_id) AS profile,
    min(toUnixTimestamp64Milli(started_at)) AS from_ms, min(toUnixTimestamp64Milli(ended_at)) AS to_ms,
    any(bytes) AS size, any(events_count) AS events, any(is_full_snapshot) AS is_full
  FROM replay_chunks
  WHERE project_id = {project:String} AND expires > toDateTime({now:Int64}, 'UTC')
    AND (session_key, named_key) IN (SELECT session_key, named_key FROM wanted)
  GROUP BY session_key, named_key, chunk_index, digest"""

# Sessions that any of the pieces may belong to.
_SESSIONS: LiteralString = """SELECT session_key, toUnixTimestamp64Milli(session_start) AS start_ms,
    toUnixTimestamp64Milli(session_end) AS end_ms, session_id, device_id, profile_id
  FROM sessions FINAL
  WHERE project_id = {project:String}
    AND session_key IN (SELECT arrayJoin([session_key, named_key]) FROM wanted)"""

_NAME: LiteralString = """replaceAll(replaceAll(substring(base64Encode(MD5(concat(
    {project:String}, '/', toString(key), '/', toString(start_ms)))), 1, 22), '+', '-'), '/', '_')"""

_PLACED: LiteralString = f"""SELECT
    multiIf(n.session_key != 0, 1, a.session_key != 0 AND c.from_ms < a.end_ms + {{gap:Int64}}, 2,
      b.session_key != 0 AND b.start_ms < c.to_ms + {{gap:Int64}}, 3, 4) AS found,
    multiIf(found = 1 OR found = 4 AND c.session_key = 0, c.named_key, c.session_key) AS key,
    [n.start_ms, a.start_ms, b.start_ms, 0][found] AS start_ms,
    [n.session_id, a.session_id, b.session_id, c.sent][found] AS named,
    [n.device_id, a.device_id, b.device_id, ''][found] AS of_device,
    [n.profile_id, a.profile_id, b.profile_id, ''][found] AS of_profile,
    if(named != '', named, {_NAME}) AS id,
    c.session_key AS chunk_key, c.named_key AS chunk_named, c.chunk_index AS chunk_index,
    c.digest AS digest, c.from_ms AS from_ms, c.to_ms AS to_ms, c.size AS size, c.events AS events,
    c.is_full AS is_full, c.device AS device, c.profile AS profile
  FROM ({_ALL_CHUNKS}) AS c
  LEFT ANY JOIN known AS n ON n.session_key = c.named_key
  ASOF LEFT JOIN known AS a ON a.session_key = c.session_key AND c.to_ms >= a.start_ms
  ASOF LEFT JOIN known AS b ON b.session_key = c.session_key AND c.to_ms <= b.start_ms"""


def _placed(wanted: LiteralString) -> LiteralString:
    """WITH …: `wanted` (keys of chunks) and `placed`, every chunk of them with its session."""
    return f"""WITH wanted AS ({wanted}),
  known AS ({_SESSIONS}),
  placed AS ({_PLACED})"""


# --- the list --------------------------------------------------------------------------------------


def replays(store: Store, question: Question, now: int, after: ReplayPosition | None = None) -> ReplayPage:
    """The recordings that begin in the span, at most the question's limit; `now` in ms."""
    plan = Plan(question)
    plan.binder.name("now", now // 1000, "Int64")
    plan.binder.name("gap", SESSION_GAP_MS, "Int64")
    wanted: LiteralString = f"""SELECT DISTINCT session_key, named_key FROM replay_chunks
  WHERE project_id = {plan.project} AND expires > toDateTime({{now:Int64}}, 'UTC')
    AND started_at >= {plan.start} AND started_at < {plan.end}"""
    having: LiteralString = (
        f"started >= toUnixTimestamp64Milli({plan.start}) AND started < toUnixTimestamp64Milli({plan.end})"
    )
    if after is not None:
        place = plan.binder.name("after", after.started, "Int64")
        key = plan.binder.name("after_key", after.key, "UInt64")
        having = f"{having}\n  AND (started, place) < ({place}, {key})"
    limit = plan.binder.name("limit", question.limit + 1, "UInt64")
    sql: LiteralString = f"""{_placed(wanted)}
SELECT id, cityHash64(id) AS place, max(if(of_device != '', of_device, device)) AS device_id,
  max(if(of_profile != '', of_profile, profile)) AS profile_id,
  min(from_ms) AS started, max(to_ms) AS ended, uniqExact(chunk_index, digest) AS chunks, sum(size) AS bytes
FROM placed
GROUP BY id
HAVING {having}
ORDER BY started DESC, place DESC
LIMIT {limit}"""
    rows = plan.run(store, sql).dicts()
    here = rows[: question.limit]
    cursor = write_place(here[-1]["started"], here[-1]["place"]) if len(rows) > len(here) else None
    return ReplayPage([_replay(row, question.zone) for row in here], cursor)


def _replay(row: dict[str, Any], zone: ZoneInfo) -> Replay:
    return Replay(
        id=row["id"],
        device_id=row["device_id"] or None,
        profile_id=row["profile_id"] or None,
        started=iso(row["started"], zone),
        ended=iso(row["ended"], zone),
        chunks=row["chunks"],
        bytes=row["bytes"],
    )


# --- one recording ---------------------------------------------------------------------------------

# Whose sessions have the id: as clients sent it, as it is made of a session, or of a device without one.
# Only sessions that clients named last longer than a week.
_WHOSE: LiteralString = f"""SELECT DISTINCT session_key, named_key FROM replay_chunks
WHERE project_id = {{project:String}} AND expires > toDateTime({{now:Int64}}, 'UTC')
  AND (session_id = {{session:String}} OR session_key IN (
    SELECT key FROM (
      SELECT session_key AS key, toUnixTimestamp64Milli(session_start) AS start_ms
      FROM sessions FINAL
      WHERE project_id = {{project:String}}
        AND session_start >= (
          SELECT min(started_at) - INTERVAL 7 DAY FROM replay_chunks WHERE project_id = {{project:String}})
        AND session_key IN (SELECT session_key FROM replay_chunks WHERE project_id = {{project:String}})
      UNION ALL
      SELECT DISTINCT session_key AS key, 0 AS start_ms
      FROM replay_chunks WHERE project_id = {{project:String}})
    WHERE {_NAME} = {{session:String}}))
LIMIT 10000"""

_OF_ONE: LiteralString = f"""{
    _placed(
        '''SELECT pair.1 AS session_key, pair.2 AS named_key
  FROM (SELECT arrayJoin(arrayZip({keys:Array(UInt64)}, {named:Array(UInt64)})) AS pair)'''
    )
}
SELECT chunk_key, chunk_named, chunk_index, digest, from_ms, to_ms, size, events, is_full
FROM placed
WHERE id = {{session:String}}"""

_PAYLOADS: LiteralString = """SELECT session_key, named_key, chunk_index, digest, any(payload)
FROM replay_chunks
WHERE project_id = {project:String} AND expires > toDateTime({now:Int64}, 'UTC')
  AND (session_key, named_key, chunk_index, digest) IN arrayZip(
    {keys:Array(UInt64)}, {named:Array(UInt64)}, {indexes:Array(UInt16)}, {digests:Array(UInt64)})
GROUP BY session_key, named_key, chunk_index, digest"""


def replay(
    store: Store,
    project_id: str,
    session_id: str,
    zone: ZoneInfo,
    *,
    now: int,
    most_bytes: int,
    after: ChunkPosition | None = None,
) -> ReplayAnswer:
    """The pieces of a recording that follow `after`, of at most so many bytes (but at least one piece).

    `now` in ms. Raises NotFound.
    """
    asked = {"project": project_id, "session": session_id, "now": now // 1000, "gap": SESSION_GAP_MS}
    rows = _rows_of(store, asked)
    if not rows:
        raise NotFound("There is no recording of this session.")
    rows = [row for row in rows if after is None or _place(row) > after]
    here = _within(rows, most_bytes)
    payloads = _payloads(store, asked, here)
    more = len(here) < len(rows)
    cursor = write_place(*_place(here[-1])) if more else None
    data = [_chunk(row, payload, zone) for row in here if (payload := payloads.get(_key(row))) is not None]
    return ReplayAnswer(
        data,
        ReplayMeta(project_id=project_id, session_id=session_id, timezone=zone.key, next_cursor=cursor),
    )


def _rows_of(store: Store, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The pieces of the asked session in order, without their payload."""
    rows: list[dict[str, Any]] = []
    whose = store.query(_WHOSE, asked).rows
    for some in chunks(whose):
        keys, named = ([key for key, _ in some], [key for _, key in some])
        rows += store.query(_OF_ONE, {**asked, "keys": keys, "named": named}).dicts()
    return sorted(rows, key=_place)


def _place(row: dict[str, Any]) -> ChunkPosition:
    return ChunkPosition(row["from_ms"], row["chunk_index"], row["digest"])


def _key(row: dict[str, Any]) -> tuple[int, int, int, int]:
    return row["chunk_key"], row["chunk_named"], row["chunk_index"], row["digest"]


def _within(rows: list[dict[str, Any]], most_bytes: int) -> list[dict[str, Any]]:
    here: list[dict[str, Any]] = []
    for row in rows:
        most_bytes -= row["size"]
        if here and most_bytes < 0:
            break
        here.append(row)
    return here


def _payloads(
    store: Store, asked: dict[str, Any], rows: list[dict[str, Any]]
) -> dict[tuple[int, int, int, int], str]:
    payloads: dict[tuple[int, int, int, int], str] = {}
    for some in chunks(rows):
        keys, named, indexes, digests = (list(column) for column in zip(*map(_key, some), strict=True))
        parameters = {**asked, "keys": keys, "named": named, "indexes": indexes, "digests": digests}
        for key, name, index, digest, payload in store.query(_PAYLOADS, parameters).rows:
            payloads[key, name, index, digest] = payload
    return payloads


def _chunk(row: dict[str, Any], payload: str, zone: ZoneInfo) -> ReplayChunk:
    return ReplayChunk(
        chunk_index=row["chunk_index"],
        started_at=iso(row["from_ms"], zone),
        ended_at=iso(row["to_ms"], zone),
        events_count=row["events"],
        is_full_snapshot=bool(row["is_full"]),
        payload=payload,
    )
