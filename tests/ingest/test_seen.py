"""An id counts once; which of its copies counts never changes."""

import random

import pytest

from eventlens.events import Add, Track
from eventlens.ingest import seen as under_test
from tests.support.pipeline import DAY, HOUR, MINUTE, NOW, Pipeline, view


def now_view(pipeline: Pipeline, id_: str, **fields) -> Track:
    """An event whose time is the server's."""
    return Track(
        name="screen_view", timestamp=pipeline.clock(), own_time=False, device_id="d", id=id_, **fields
    )


def stored(pipeline: Pipeline) -> dict[str, str]:
    return {row["id"]: row["path"] for row in pipeline.rows("events")}


def duplicates(pipeline: Pipeline) -> int:
    return pipeline.excluded().get(("duplicate", ""), 0)


def test_the_first_one_wins_within_a_batch(pipeline):
    pipeline.send(view(NOW, id="x", path="/1"), view(NOW, id="x", path="/2"), view(NOW, id="y", path="/3"))
    assert stored(pipeline) == {"x": "/1", "y": "/3"}
    assert duplicates(pipeline) == 1


@pytest.mark.parametrize("restart", [False, True])
def test_the_first_one_wins_over_batches(pipeline, restart):
    for number in range(3):
        pipeline.send(now_view(pipeline, "x", path=f"/{number}"))
        pipeline.clock.now += HOUR
        if restart:
            pipeline.restart()
    assert stored(pipeline) == {"x": "/0"}
    assert duplicates(pipeline) == 2


def test_events_without_an_id_are_all_different(pipeline):
    pipeline.send(*[view(NOW, path="/same")] * 3)
    assert len(pipeline.rows("events")) == 3


def test_an_id_belongs_to_a_project(store):
    one, other = Pipeline(store), Pipeline(store)
    for each in (one, other):
        each.send(view(NOW, id="x"))
        assert duplicates(each) == 0


@pytest.mark.parametrize("restart", [False, True])
def test_an_id_is_known_for_a_day_at_least(pipeline, restart):
    pipeline.send(now_view(pipeline, "x"))
    pipeline.clock.now += DAY - MINUTE
    if restart:
        pipeline.restart()
    pipeline.send(now_view(pipeline, "x"))
    assert duplicates(pipeline) == 1


@pytest.mark.parametrize("restart", [False, True])
def test_an_event_with_its_own_time_is_known_for_good(pipeline, restart):
    pipeline.send(view(NOW - 3 * DAY, id="x"))
    pipeline.clock.now += 400 * DAY
    if restart:
        pipeline.restart()
    pipeline.send(view(NOW - 3 * DAY, id="x"), Add("ada", NOW - 3 * DAY, "n", b"1", "y"))
    pipeline.clock.now += 400 * DAY
    pipeline.send(Add("ada", NOW - 3 * DAY, "n", b"1", "y"))
    assert duplicates(pipeline) == 1
    assert len(pipeline.rows("profile_changes")) == 1


@pytest.mark.parametrize("restart", [False, True])
def test_a_queue_that_waited_for_days_changes_nothing(pipeline, restart):
    """The store was down: two copies an hour apart wait for thirty."""
    first = pipeline.record(now_view(pipeline, "x"))
    pipeline.clock.now += HOUR
    second = pipeline.record(now_view(pipeline, "x"))
    pipeline.clock.now += 30 * HOUR
    pipeline.restart()
    pipeline.applier.apply(pipeline.claim(first))
    if restart:
        pipeline.restart()
    pipeline.applier.apply(pipeline.claim(second))
    assert duplicates(pipeline) == 1


def test_more_ids_than_fit_into_memory_are_looked_up(store, monkeypatch):
    monkeypatch.setattr(under_test, "_MOST_LOADED", 0)
    pipeline = Pipeline(store)
    for _ in range(2):
        pipeline.send(now_view(pipeline, "x"), now_view(pipeline, "y"))
        pipeline.restart()
    assert duplicates(pipeline) == 2


def test_thousands_of_ids_many_of_them_repeated(pipeline):
    chooser = random.Random(4)
    ids = [f"{chooser.randrange(3_000):05d}{'é' * 120}" for _ in range(6_000)]
    for first in range(0, 6_000, 2_000):
        pipeline.send(
            *(view(NOW - 2 * DAY + n, id=id_) for n, id_ in enumerate(ids[first : first + 2_000], first))
        )
        pipeline.restart()
    assert len(stored(pipeline)) == len(set(ids))
    assert duplicates(pipeline) == 6_000 - len(set(ids))


def test_an_id_of_an_event_is_not_one_of_a_change(pipeline):
    """Both count: they are different things, and neither is lost."""
    pipeline.send(view(NOW, id="x"), Add("ada", NOW, "n", b"1", "x"))
    assert len(pipeline.rows("events")) == len(pipeline.rows("profile_changes")) == 1


@pytest.mark.parametrize("ahead", [3 * HOUR, DAY, 60 * DAY])
def test_a_clock_that_was_ahead_and_is_set_back_makes_nothing_new(pipeline, ahead):
    pipeline.clock.now += ahead
    pipeline.send(now_view(pipeline, "x"))
    pipeline.clock.now -= ahead
    pipeline.restart()
    pipeline.send(now_view(pipeline, "x"))
    assert len(pipeline.rows("events")) == 1


def test_a_sender_whose_clock_was_ahead_is_known_later_too(pipeline):
    """Its event was dated by its arrival, the day before the one that it stated."""
    midnight = NOW // DAY * DAY + DAY
    stated = midnight + 5 * MINUTE
    pipeline.clock.now = midnight - 5 * MINUTE
    pipeline.send(now_view(pipeline, "x"))
    pipeline.clock.now = midnight + 3 * DAY
    pipeline.send(view(stated, id="x"))
    assert len(pipeline.rows("events")) == 1
