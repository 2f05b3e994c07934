"""Which hours claims touch: all whose answers they change."""

import pytest

from eventlens.events import Alias, Identify
from eventlens.ingest.rows import Session
from eventlens.ingest.touching import touched_by_rows
from tests.ingest.touched import hours_since, touches
from tests.support.pipeline import DAY, HOUR, NOW, Pipeline, view


@pytest.mark.parametrize("said", [Identify("ada", NOW, "", "d1", {}), Alias("bob", "ada", NOW)])
def test_whoever_says_who_is_who_touches_the_hour_of_that(pipeline: Pipeline, said):
    """It may give d1, or bob, properties that ada has already; no event and no property comes with it."""
    pipeline.send(view(NOW - DAY), Identify("ada", NOW - DAY, "", "", {"plan": b'"pro"'}))
    before = touches(pipeline)
    pipeline.send(said)
    assert NOW // HOUR in hours_since(pipeline, before)
    before = touches(pipeline)
    pipeline.send(said)
    if isinstance(said, Identify):  # a repeat says nothing new
        assert hours_since(pipeline, before) == set()


def test_every_hour_of_a_session_is_touched_by_every_event_of_it(pipeline: Pipeline):
    pipeline.send(view(NOW - 5 * HOUR, session_id="s"))
    before = touches(pipeline)
    pipeline.send(view(NOW, session_id="s"))
    assert hours_since(pipeline, before) == {NOW // HOUR - hour for hour in range(6)}


def test_of_a_long_session_only_hours_with_events_are_touched(pipeline: Pipeline):
    """One from 1970 until now has half a million hours."""
    times = [NOW, 2 * HOUR, NOW - 400 * DAY, NOW - 3 * HOUR]
    for at in times:
        pipeline.send(view(at, session_id="s"))
    hours = {at // HOUR for at in times}
    assert set(touches(pipeline)) == hours
    before = touches(pipeline)
    pipeline.send(view(NOW - DAY, session_id="s"))
    assert hours_since(pipeline, before) == {*hours, (NOW - DAY) // HOUR}


def test_what_a_long_session_did_is_touched_when_another_begins_it(pipeline: Pipeline):
    """A late event moves its start: it counts in another hour than before."""
    pipeline.send(view(NOW - 10 * DAY, session_id="s"), view(NOW, session_id="s"))
    before = touches(pipeline)
    pipeline.send(view(NOW - 20 * DAY, session_id="s"))
    assert hours_since(pipeline, before) == {(NOW - days * DAY) // HOUR for days in (20, 10, 0)}


def test_every_hour_of_sessions_that_overlap_is_touched(store):
    def session(first: int, last: int) -> Session:
        return Session(project_id="p", session_key=1, session_start=first * HOUR, session_end=last * HOUR)

    sessions = [session(5, 9), session(3, 6), session(3, 3), session(20, 21), session(5, 9)]
    touched = touched_by_rows(store, (), sessions)
    assert touched == {("p", hour) for hour in (3, 4, 5, 6, 7, 8, 9, 20, 21)}
