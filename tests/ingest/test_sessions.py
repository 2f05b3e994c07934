"""Sessions are cut exactly, whatever the order, the batches and the moments of a restart."""

from collections import defaultdict
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.events import Track
from eventlens.ingest import sessions as under_test
from eventlens.ingest.keys import device_node, session_key
from tests.support.pipeline import DAY, HOUR, MINUTE, NOW, Pipeline, spans, view

GAP = 30 * MINUTE
PIPELINE = settings.get_profile("pipeline")


def reference(tracks: list[Track]) -> list[tuple[int, int, int, int, str]]:
    """(key, start, end, events, referrer of the first) of every session: the slow, obvious way."""
    by_key: dict[int, list[tuple[int, int, Track]]] = defaultdict(list)
    for arrival, track in enumerate(tracks):
        key = session_key(track.session_id, track.device_id, track.profile_id)
        by_key[key].append((track.timestamp, arrival, track))
    found = []
    for key, events in by_key.items():
        runs: list[list[tuple[int, int, Track]]] = []
        for event in sorted(events, key=lambda each: each[:2]):
            if runs and (event[2].session_id or event[0] - runs[-1][-1][0] < GAP):
                runs[-1].append(event)
            else:
                runs.append([event])
        found += [(key, run[0][0], run[-1][0], len(run), run[0][2].referrer) for run in runs]
    return sorted(found)


def stored(pipeline: Pipeline) -> list[tuple[int, int, int, int, str]]:
    names = ("session_key", "session_start", "session_end", "events", "referrer")
    return sorted(tuple(row[name] for name in names) for row in pipeline.rows("sessions"))


def check(pipeline: Pipeline, tracks: list[Track]) -> None:
    expected = reference(tracks)
    assert stored(pipeline) == expected
    events = pipeline.rows("events")
    assert len(events) == len(tracks)
    by_session = defaultdict(list)
    for event in events:
        by_session[event["session_key"], event["session_start"]].append(event)
    for key, start, end, count, referrer in expected:
        its = by_session.pop((key, start))
        assert len(its) == count
        assert max(event["timestamp"] for event in its) == end
        assert {event["referrer"] for event in its} == {referrer}
    assert not by_session


class Stream(NamedTuple):
    batches: list[list[Track]]
    restarts: set[int]


GAPS = (0, 1, MINUTE, GAP - 1, GAP, GAP + 1, HOUR, 5 * HOUR, DAY, 31 * DAY)
EDGES = (
    NOW - 20 * MINUTE,  # live
    NOW - 40 * DAY,
    1_788_220_800_000 - 20 * MINUTE,  # 2026-09-01: end of a month
    1_704_067_200_000 - 10 * MINUTE,  # 2024-01-01
    0,
)


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    tracks: list[Track] = []
    for device in draw(st.lists(st.sampled_from(("a", "b", "c")), min_size=1, max_size=3, unique=True)):
        at = draw(st.sampled_from(EDGES))
        for gap in draw(st.lists(st.sampled_from(GAPS), min_size=1, max_size=7)):
            at = min(at + gap, NOW + 60_000)
            session = draw(st.sampled_from(("", "", "", "visit")))
            name = draw(st.sampled_from(("screen_view", "click")))
            referrer = f"https://{len(tracks)}.example.net/"
            tracks.append(view(at, device, name=name, session_id=session, referrer=referrer))
    tracks = draw(st.permutations(tracks)) if draw(st.booleans()) else tracks
    size = draw(st.sampled_from((1, 2, 3, 30)))
    batches = [tracks[first : first + size] for first in range(0, len(tracks), size)]
    return Stream(batches, draw(st.sets(st.integers(0, len(batches) - 1), max_size=2)))


def run(pipeline: Pipeline, stream: Stream) -> None:
    for number, batch in enumerate(stream.batches):
        if number in stream.restarts:
            pipeline.restart()
        pipeline.send(*batch)
        pipeline.clock.now += 500
    check(pipeline, [track for batch in stream.batches for track in batch])


@given(stream=streams())
@PIPELINE
def test_any_stream_is_cut_as_the_definition_says(store, stream):
    run(Pipeline(store), stream)


@given(stream=streams())
@PIPELINE
def test_a_small_memory_changes_nothing(store, stream):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(under_test, "_KNOWN_SESSIONS", 1)
        run(Pipeline(store), stream)


@given(stream=streams())
@PIPELINE
def test_every_batch_recomputed_changes_nothing(store, stream):
    """Each claim is applied as if somebody had crashed with it."""
    pipeline = Pipeline(store)
    for batch in stream.batches:
        claim = pipeline.claim(*map(pipeline.record, batch), retried=True)
        pipeline.applier.apply(claim)
    check(pipeline, [track for batch in stream.batches for track in batch])


def test_a_gap_of_exactly_half_an_hour_starts_a_session(pipeline):
    pipeline.send(view(NOW - 3 * HOUR), view(NOW - 3 * HOUR + GAP - 1), view(NOW - 3 * HOUR + 2 * GAP - 1))
    assert spans(pipeline.rows("sessions")) == [
        (NOW - 3 * HOUR, NOW - 3 * HOUR + GAP - 1, 2),
        (NOW - 3 * HOUR + 2 * GAP - 1, NOW - 3 * HOUR + 2 * GAP - 1, 1),
    ]


def test_a_late_event_bridges_two_sessions_and_lends_them_the_first_ones_campaign(pipeline):
    start = NOW - 5 * HOUR
    pipeline.send(view(start, path="/?utm_source=news"))
    pipeline.send(view(start + 40 * MINUTE, path="/b?utm_source=mail"))
    assert len(pipeline.rows("sessions")) == 2
    pipeline.send(view(start + 20 * MINUTE, path="/late"))
    (session,) = pipeline.rows("sessions")
    assert (session["events"], session["screen_views"], session["utm_source"]) == (3, 3, "news")
    assert (session["entry_path"], session["exit_path"]) == ("/", "/b")
    assert {(event["utm_source"], event["session_start"]) for event in pipeline.rows("events")} == {
        ("news", start)
    }


def test_a_late_first_event_moves_the_session_over_a_month_edge(pipeline):
    edge = 1_788_220_800_000  # 2026-09-01
    pipeline.send(view(edge + 5 * MINUTE, path="/b"), view(edge + 10 * MINUTE, path="/c"))
    pipeline.send(view(edge - 5 * MINUTE, path="/a", referrer="https://other.example/"))
    (session,) = pipeline.rows("sessions")
    assert (session["session_start"], session["events"], session["entry_path"]) == (
        edge - 5 * MINUTE,
        3,
        "/a",
    )
    assert {event["session_start"] for event in pipeline.rows("events")} == {edge - 5 * MINUTE}


def test_equal_times_keep_the_order_of_arrival(pipeline):
    pipeline.send(*(view(NOW - HOUR, path=f"/{number}") for number in range(4)))
    (session,) = pipeline.rows("sessions")
    assert (session["entry_path"], session["exit_path"]) == ("/0", "/3")


def test_a_session_without_views_has_no_entry(pipeline):
    pipeline.send(view(NOW - HOUR, name="click", path="/x"))
    (session,) = pipeline.rows("sessions")
    assert (session["screen_views"], session["entry_path"], session["entry_arrival"]) == (0, "", 0)


def test_a_named_session_has_no_gaps_and_no_borders(pipeline):
    pipeline.send(view(NOW - 2 * DAY, "a", session_id="visit"))
    pipeline.send(view(NOW, "b", session_id="visit"))
    pipeline.restart()
    pipeline.send(view(NOW - 90 * DAY, "a", session_id="visit"))
    assert spans(pipeline.rows("sessions")) == [(NOW - 90 * DAY, NOW, 3)]


def test_the_profile_of_a_session_does_not_depend_on_the_order(store):
    tracks = [
        view(NOW - HOUR + number * MINUTE, profile_id=name) for number, name in enumerate(("", "z", "b"))
    ]
    for order in (tracks, tracks[::-1]):
        pipeline = Pipeline(store)
        for track in order:
            pipeline.send(track)
        (session,) = pipeline.rows("sessions")
        assert session["profile_id"] == "b"


def test_devices_of_other_projects_are_others(store):
    one, other = Pipeline(store), Pipeline(store)
    one.send(view(NOW - HOUR))
    other.send(view(NOW - HOUR + MINUTE))
    assert spans(one.rows("sessions")) == [(NOW - HOUR, NOW - HOUR, 1)]
    assert spans(other.rows("sessions")) == [(NOW - HOUR + MINUTE, NOW - HOUR + MINUTE, 1)]


def test_raw_log_lines_belong_to_no_session_and_keep_their_referrers(pipeline):
    tracks = [view(NOW - HOUR + n * MINUTE, referrer=f"https://{n}.example/") for n in range(2)]
    pipeline.send(*tracks, outside_sessions=True)
    events = pipeline.rows("events")
    assert pipeline.rows("sessions") == []
    assert [(event["session_key"], event["referrer"]) for event in events] == [
        (0, "https://0.example/"),
        (0, "https://1.example/"),
    ]
    assert {event["visitor"] for event in events} == {device_node("d1")}


def test_a_key_learnt_after_a_crash_is_known_when_it_was_pushed_out(store):
    """A recomputed session of long ago is not kept in memory: the filter must not call its key new."""
    pipeline = Pipeline(store)
    claim = pipeline.claim(pipeline.record(view(NOW - 3 * HOUR)), retried=True)
    pipeline.applier.apply(claim)
    pipeline.send(view(NOW - 3 * HOUR + 10 * MINUTE))
    assert spans(pipeline.rows("sessions")) == [(NOW - 3 * HOUR, NOW - 3 * HOUR + 10 * MINUTE, 2)]


def test_versions_grow_however_few_milliseconds_lie_between_large_batches(pipeline):
    """Two claims of one burst: the small second one must beat the large first one."""
    burst = [pipeline.record(view(NOW - HOUR + n)) for n in range(300)]
    pipeline.applier.apply(pipeline.claim(*burst[:290]))
    pipeline.applier.apply(pipeline.claim(*burst[290:]))
    assert spans(pipeline.rows("sessions")) == [(NOW - HOUR, NOW - HOUR + 299, 300)]


def test_the_filter_of_keys_is_made_anew_and_loses_nobody(pipeline):
    pipeline.send(view(NOW - HOUR))
    pipeline.clock.now += 5 * DAY
    pipeline.send(view(NOW + 5 * DAY - MINUTE, "other"))
    pipeline.send(view(NOW - HOUR + MINUTE), view(NOW + 5 * DAY, "other"))
    assert [events for _, _, events in spans(pipeline.rows("sessions"))] == [2, 2]
