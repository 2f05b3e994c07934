"""Pieces of recordings are stored once, whichever way and however often they come."""

import time

import pytest

from eventlens.events import Replay
from eventlens.ingest import replays
from eventlens.ingest.apply import Applier
from eventlens.ingest.keys import device_node, profile_node, session_key
from tests.support.pipeline import DAY, MINUTE, HeldClock, Pipeline, view
from tests.support.stores import FragileStore, Injected

# The engine deletes what has expired by the clock on the wall.
NOW = int(time.time() * 1000)


def chunk(index: int = 0, device: str = "d1", session: str = "", at: int = NOW, **fields) -> Replay:
    payload = fields.pop("payload", f'[{{"type":3,"timestamp":{at},"n":{index}}}]')
    profile = fields.pop("profile", "")
    return Replay(session, device, profile, at, at + 10_000, index, 7, index == 0, payload, **fields)


@pytest.fixture
def pipeline(store) -> Pipeline:
    return Pipeline(store, HeldClock(NOW))


def stored(pipeline: Pipeline) -> list[dict]:
    return pipeline.rows("replay_chunks", "arrival", "expires")


def test_a_piece_is_kept_as_it_was_sent(pipeline):
    text = '[{"type":2,"text":"Grüße \U0001f600 \\u0000 \\"quoted\\""}]'
    pipeline.send(chunk(4, profile="ada", session="mine", payload=text, at=NOW - MINUTE))
    assert stored(pipeline) == [
        {
            "session_key": device_node("d1"),
            "named_key": session_key("mine", "", ""),
            "session_id": "mine",
            "device_id": "d1",
            "profile_id": "ada",
            "chunk_index": 4,
            "digest": stored(pipeline)[0]["digest"],
            "started_at": NOW - MINUTE,
            "ended_at": NOW - MINUTE + 10_000,
            "events_count": 7,
            "is_full_snapshot": 0,
            "bytes": len(text.encode()),
            "payload": text,
        }
    ]


def test_it_makes_no_event_and_no_session(pipeline):
    pipeline.send(chunk(), view(NOW, "d1"))
    assert len(pipeline.rows("events")) == 1
    assert [row["events"] for row in pipeline.rows("sessions")] == [1]


def test_sent_again_it_is_the_same_piece(pipeline):
    pipeline.send(chunk(), chunk(1))
    pipeline.restart()
    pipeline.send(chunk(), chunk(1), chunk(2))
    assert [row["chunk_index"] for row in stored(pipeline)] == [0, 1, 2]


def test_another_page_of_the_visit_numbers_from_nought_again(pipeline):
    pipeline.send(chunk(0), chunk(0, at=NOW + MINUTE))
    assert [row["chunk_index"] for row in stored(pipeline)] == [0, 0]


def test_without_a_device_it_is_the_profiles(pipeline):
    pipeline.send(chunk(device="", profile="ada"))
    assert [row["session_key"] for row in stored(pipeline)] == [profile_node("ada")]


def test_what_belongs_to_nobody_is_counted_apart(pipeline):
    pipeline.send(chunk(device=""))
    assert stored(pipeline) == []
    assert pipeline.excluded() == {("replay", "no session"): 1}


def test_of_bots_nothing_is_kept(pipeline):
    pipeline.send(chunk(), excluded="bot", excluded_name="Googlebot")
    assert stored(pipeline) == []
    assert pipeline.excluded() == {("bot", "Googlebot"): 1}


def test_what_was_over_when_it_arrived_is_counted_apart(pipeline):
    """Also when it waited: what counts is when it arrived."""
    records = [pipeline.record(chunk(0, at=NOW - 31 * DAY)), pipeline.record(chunk(1, at=NOW - 29 * DAY))]
    pipeline.clock.now += 2 * DAY
    for _ in range(2):
        pipeline.applier.apply(pipeline.claim(*records))
    assert pipeline.excluded() == {("replay", "expired"): 1}
    assert [row["chunk_index"] for row in stored(pipeline)] == [1]


@pytest.mark.parametrize(
    ("days", "until"), [(1, NOW + DAY + 10_000), (0, 4_102_444_800_000)], ids=["a day", "for ever"]
)
def test_until_when_it_is_kept(pipeline, days, until):
    pipeline.applier = Applier(pipeline.store, pipeline.clock, replay_days=days)
    pipeline.send(chunk())
    (row,) = pipeline.rows("replay_chunks")
    assert int(row["expires"].timestamp()) == until // 1000


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize("crash", range(3))
def test_a_crash_in_any_gap_changes_nothing(store, monkeypatch, crash, afterwards):
    monkeypatch.setattr(replays, "_BLOCK", 100)  # a few blocks a claim
    pipeline = Pipeline(broken := FragileStore(store), HeldClock(NOW))
    claim = pipeline.claim(*(pipeline.record(chunk(index)) for index in range(6)))
    broken.fail_at, broken.afterwards = crash, afterwards
    with pytest.raises(Injected):
        pipeline.applier.apply(claim)
    pipeline.restart()
    pipeline.applier.apply(pipeline.again(claim))
    assert [row["chunk_index"] for row in stored(pipeline)] == list(range(6))
    assert broken.inserted.count("replay_chunks") >= 3


def test_large_pieces_are_written_some_at_a_time(store):
    pipeline = Pipeline(watched := FragileStore(store), HeldClock(NOW))
    large = ["[" + str(index) * (2 << 20) + "]" for index in range(5)]
    pipeline.send(*(chunk(index, payload=text) for index, text in enumerate(large)))
    assert watched.inserted.count("replay_chunks") == 5
    assert [row["bytes"] for row in stored(pipeline)] == [(2 << 20) + 2] * 5
