"""Recordings belong to sessions as they are when somebody asks."""

import itertools
import time
from zoneinfo import ZoneInfo

import pytest

from eventlens.errors import InvalidInput, NotFound
from eventlens.events import Replay
from eventlens.ingest.keys import device_node
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span, iso
from eventlens.insights.replays import read_chunk_cursor, read_replay_cursor, replay, replays
from eventlens.sessions import session_name
from tests.support.pipeline import DAY, HOUR, MINUTE, SECOND, HeldClock, Pipeline, view

# The engine deletes what has expired by the clock on the wall.
NOW = int(time.time()) * 1000
START = NOW - 5 * HOUR
UTC = ZoneInfo("UTC")
_payloads = itertools.count(1)


@pytest.fixture
def pipeline(store) -> Pipeline:
    return Pipeline(store, HeldClock(NOW))


def chunk(at: int, index: int = 0, device: str = "d", session: str = "", **fields) -> Replay:
    payload = fields.pop("payload", f"[{next(_payloads)}]")
    return Replay(session, device, fields.pop("profile", ""), at, at + 10_000, index, 3, index == 0, payload)


def ask(pipeline: Pipeline, start: int = NOW - 3 * DAY, end: int = NOW, limit: int = 100, now: int = NOW):
    question = Question(project_id=pipeline.project, span=Span(start, end), zone=UTC, limit=limit)

    def page(after=None):
        return replays(pipeline.store, question, now, after)

    return page


def listed(pipeline: Pipeline, **asked) -> dict[str, int]:
    """Session → number of pieces, newest first."""
    return {row.id: row.chunks for row in ask(pipeline, **asked)().rows}


def pieces(pipeline: Pipeline, session: str, **asked) -> list[str]:
    asked = {"now": NOW, "most_bytes": 1 << 20, **asked}
    return [each.payload for each in replay(pipeline.store, pipeline.project, session, UTC, **asked).data]


def name(pipeline: Pipeline, start: int, device: str = "d") -> str:
    return session_name(pipeline.project, device_node(device), start)


def test_a_recording_is_its_devices_session(pipeline):
    pipeline.send(view(START, "d", profile_id="ada"), view(START + MINUTE, "d"))
    pipeline.send(
        chunk(START + 20 * SECOND, 0, payload='["a"]'), chunk(START + 40 * SECOND, 1, payload='["ü"]')
    )
    (row,) = ask(pipeline)().rows
    assert row.id == name(pipeline, START)
    assert (row.device_id, row.profile_id, row.chunks, row.bytes) == ("d", "ada", 2, 11)
    assert (row.started, row.ended) == (iso(START + 20 * SECOND, UTC), iso(START + 50 * SECOND, UTC))
    assert pieces(pipeline, row.id) == ['["a"]', '["ü"]']


@pytest.mark.parametrize(
    ("at", "begun"),
    [
        (START - 10 * MINUTE, START),  # it began to record before the first event came
        (START + MINUTE, START),
        (START + 29 * MINUTE, START),  # somebody reads, and nothing else happens
        (START + 59 * MINUTE, START + HOUR),
        (START + HOUR, START + HOUR),
        (START + 2 * HOUR, 0),
        (START - 2 * HOUR, 0),
    ],
    ids=["just before", "within", "in a pause", "before the next", "the next", "long after", "long before"],
)
def test_of_several_sessions_the_one_of_its_time(pipeline, at, begun):
    pipeline.send(view(START, "d"), view(START + HOUR, "d"), view(START, "other"))
    pipeline.send(chunk(at))
    assert listed(pipeline) == {name(pipeline, begun): 1}
    assert len(pieces(pipeline, name(pipeline, begun))) == 1


def test_late_events_move_it_along(pipeline):
    pipeline.send(view(START, "d"), view(START + 50 * MINUTE, "d"))
    pipeline.send(chunk(START + MINUTE, payload="[1]"), chunk(START + 51 * MINUTE, payload="[2]"))
    assert len(listed(pipeline)) == 2
    pipeline.send(view(START + 25 * MINUTE, "d"), view(START - MINUTE, "d"))
    assert listed(pipeline) == {name(pipeline, START - MINUTE): 2}
    assert pieces(pipeline, name(pipeline, START - MINUTE)) == ["[1]", "[2]"]
    with pytest.raises(NotFound):
        pieces(pipeline, name(pipeline, START))


def test_a_session_that_the_client_named(pipeline):
    pipeline.send(view(START, "d", session_id="mine"), view(START + 5 * HOUR, "d", session_id="mine"))
    pipeline.send(chunk(START + 3 * HOUR, session="mine", device="d2"))
    (row,) = ask(pipeline)().rows
    assert (row.id, row.device_id) == ("mine", "d")


def test_the_provisional_id_of_an_answer_means_the_devices_session(pipeline):
    """It may have another start by now, and so another id."""
    pipeline.send(view(START, "d"), view(START - MINUTE, "d"))
    pipeline.send(chunk(START + MINUTE, session=name(pipeline, START)))
    assert listed(pipeline) == {name(pipeline, START - MINUTE): 1}


def test_without_any_event_it_has_the_id_that_was_sent(pipeline):
    pipeline.send(chunk(START, session="lone", profile="ada"), chunk(START, device="", session="bare"))
    assert {row.id: (row.device_id, row.profile_id) for row in ask(pipeline)().rows} == {
        "lone": ("d", "ada"),
        "bare": (None, None),
    }
    assert len(pieces(pipeline, "lone")) == len(pieces(pipeline, "bare")) == 1


def test_a_piece_that_came_twice_with_another_clock_is_one(pipeline):
    pipeline.send(view(START, "d"))
    pipeline.send(chunk(START, payload="[1]"), chunk(START + 500, payload="[1]"))
    pipeline.send(chunk(START + SECOND, payload="[1]"), chunk(START + 2 * SECOND, payload="[2]"))
    (row,) = ask(pipeline)().rows
    assert (row.chunks, row.bytes) == (2, 6)
    assert pieces(pipeline, row.id) == ["[1]", "[2]"]


def test_pages_of_a_visit_follow_each_other(pipeline):
    """Each page numbers its pieces from 0."""
    pipeline.send(view(START, "d"))
    for page in range(2):
        for index in range(3):
            at = START + page * MINUTE + index * SECOND
            pipeline.send(chunk(at, index, payload=f'"{page}{index}"'))
    assert pieces(pipeline, name(pipeline, START)) == [f'"{n:02}"' for n in (0, 1, 2, 10, 11, 12)]


def test_a_recording_counts_where_it_begins(pipeline):
    pipeline.send(view(START, "d"))
    pipeline.send(chunk(START), chunk(START + MINUTE, 1))
    assert listed(pipeline, start=START, end=START + 1) == {name(pipeline, START): 2}
    assert listed(pipeline, start=START + 1) == {}
    assert listed(pipeline, end=START) == {}


def test_what_has_expired_is_in_no_answer(pipeline):
    pipeline.send(chunk(START, session="s"))
    kept = START + 10 * SECOND + 30 * DAY
    assert listed(pipeline, now=kept - SECOND) == {"s": 1}
    assert listed(pipeline, now=kept) == {}
    with pytest.raises(NotFound):
        pieces(pipeline, "s", now=kept)


def test_what_has_expired_is_deleted(store):
    """By the engine, as it merges: here it is told to."""
    old = Pipeline(store, HeldClock(NOW - 90 * DAY))
    old.send(chunk(NOW - 90 * DAY))
    old.send(chunk(NOW - 90 * DAY + HOUR, 1))
    store.command("OPTIMIZE TABLE replay_chunks FINAL")
    assert old.rows("replay_chunks") == []


def test_other_projects_see_nothing(store, pipeline):
    pipeline.send(chunk(START, session="s"))
    stranger = Pipeline(store, HeldClock(NOW))
    assert listed(stranger) == {}
    with pytest.raises(NotFound):
        pieces(stranger, "s")


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_list_page_by_page(pipeline, limit):
    pipeline.send(*(chunk(START + n // 3 * MINUTE, session=f"s{n}", device=f"d{n}") for n in range(10)))
    seen, after = [], None
    for _ in range(20):
        page = ask(pipeline, limit=limit)(after)
        seen += [row.id for row in page.rows]
        if page.next_cursor is None:
            break
        after = read_replay_cursor(page.next_cursor)
    assert len(seen) == len(set(seen)) == 10
    assert [int(each[1:]) // 3 for each in seen] == sorted((n // 3 for n in range(10)), reverse=True)


@pytest.mark.parametrize(("most", "pages"), [(1, 5), (30, 3), (10_000, 1)])
def test_a_recording_page_by_page(pipeline, most, pages):
    texts = [f'"{n:011}"' for n in range(5)]
    pipeline.send(*(chunk(START + n * SECOND, n, session="s", payload=text) for n, text in enumerate(texts)))
    seen, count, after = [], 0, None
    for _ in range(20):
        answer = replay(pipeline.store, pipeline.project, "s", UTC, now=NOW, most_bytes=most, after=after)
        seen += [each.payload for each in answer.data]
        count += 1
        if answer.meta.next_cursor is None:
            break
        after = read_chunk_cursor(answer.meta.next_cursor)
    assert (seen, count) == (texts, pages)


@pytest.mark.parametrize("text", ["", "x", "é", "MTIz", "LTEuMg", "MS4y", "MS4yLjM.NA"])
def test_what_is_no_cursor(text):
    with pytest.raises(InvalidInput) as refused:
        read_chunk_cursor(text)
    assert refused.value.field == "cursor"


def test_ids_are_values_never_sql(pipeline):
    for text in ("' OR 1=1 --", "{project:String}", "\\", "\0", "%"):
        with pytest.raises(NotFound):
            pieces(pipeline, text)
