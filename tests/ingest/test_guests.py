"""Events that know only a profile join the session that one of its devices is in."""

import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.events import Identify
from eventlens.ingest.keys import device_node, profile_node
from tests.support.pipeline import DAY, HOUR, MINUTE, NOW, Pipeline, spans, view

START = NOW - 5 * HOUR
PIPELINE = settings.get_profile("pipeline")


def purchase(at: int, profile: str = "ada"):
    return view(at, "", name="purchase", profile_id=profile)


def seats(pipeline: Pipeline) -> list[int]:
    rows = sorted(pipeline.rows("events"), key=lambda row: row["arrival"])
    return [row["session_key"] for row in rows if row["name"] == "purchase"]


def test_a_guest_joins_the_session_of_its_profiles_device(pipeline):
    pipeline.send(view(START, "phone", profile_id="ada", referrer="https://r.example/"))
    pipeline.send(purchase(START + 20 * MINUTE))
    assert spans(pipeline.rows("sessions")) == [(START, START, 2)]
    assert {row["referrer"] for row in pipeline.rows("events")} == {"https://r.example/"}


def test_it_does_so_within_one_batch_too(pipeline):
    pipeline.send(view(START, "phone"), Identify("ada", START, "", "phone"), purchase(START + MINUTE))
    assert spans(pipeline.rows("sessions")) == [(START, START, 2)]


def test_too_early_or_too_late_it_has_a_session_of_its_own(pipeline):
    pipeline.send(view(START, "phone", profile_id="ada"))
    pipeline.send(purchase(START - 1), purchase(START + 30 * MINUTE))
    assert seats(pipeline) == [profile_node("ada")] * 2


def test_strangers_do_not_join(pipeline):
    pipeline.send(view(START, "phone", profile_id="ada"))
    pipeline.send(purchase(START + MINUTE, "bob"))
    assert seats(pipeline) == [profile_node("bob")]


def test_of_two_devices_the_one_that_came_last_is_the_current_one(pipeline):
    pipeline.send(view(START, "phone", profile_id="ada"), view(START + 5 * MINUTE, "desk", profile_id="ada"))
    pipeline.send(purchase(START + 6 * MINUTE))
    assert seats(pipeline) == [device_node("desk")]


def test_nobody_stays_outside(pipeline):
    """A server event without a profile belongs to nobody and to no session."""
    pipeline.send(view(START, "", name="purchase"))
    (event,) = pipeline.rows("events")
    assert (event["session_key"], event["visitor"]) == (0, 0)
    assert pipeline.rows("sessions") == []


def test_other_projects_devices_do_not_matter(store):
    one, other = Pipeline(store), Pipeline(store)
    one.send(view(START, "phone", profile_id="ada"))
    other.send(purchase(START + MINUTE))
    assert seats(other) == [profile_node("ada")]


def test_a_named_session_is_believed(pipeline):
    pipeline.send(view(START, "phone", profile_id="ada"))
    pipeline.send(view(START + MINUTE, "", name="purchase", profile_id="ada", session_id="visit"))
    assert [events for _, _, events in spans(pipeline.rows("sessions"))] == [1, 1]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_guest_joins_no_sessions_of_its_device(pipeline, order):
    """The device's two events are two sessions, whenever the purchase between them is reported."""
    pipeline.send(Identify("ada", START, "", "phone"))
    sent = (view(START, "phone"), purchase(START + 29 * MINUTE), view(START + 58 * MINUTE, "phone"))
    for number in order:
        pipeline.send(sent[number])
    of_phone = [row for row in pipeline.rows("sessions") if row["session_key"] == device_node("phone")]
    assert [span[:2] for span in spans(of_phone)] == [
        (START, START),
        (START + 58 * MINUTE, START + 58 * MINUTE),
    ]


@pytest.mark.parametrize("retried", [False, True])
def test_all_at_once_it_joins_none_either(pipeline, retried):
    sent = (purchase(START + 29 * MINUTE), view(START + 58 * MINUTE, "phone"), view(START, "phone"))
    records = [pipeline.record(each) for each in (Identify("ada", START, "", "phone"), *sent)]
    pipeline.applier.apply(pipeline.claim(*records, retried=retried))
    assert spans(pipeline.rows("sessions")) == [
        (START, START, 2),
        (START + 58 * MINUTE, START + 58 * MINUTE, 1),
    ]


@pytest.mark.parametrize("retried", [False, True])
def test_at_the_same_instant_the_device_begins_the_session(pipeline, retried):
    own = view(START, "phone", profile_id="ada", referrer="https://r.example/")
    claim = pipeline.claim(pipeline.record(purchase(START)), pipeline.record(own), retried=retried)
    pipeline.applier.apply(claim)
    (session,) = pipeline.rows("sessions")
    assert (session["device_id"], session["referrer"], session["events"]) == (
        "phone",
        "https://r.example/",
        2,
    )


MINUTES = (-31, -1, 0, 1, 20, 29, 30, 31, 50, 58, 59, 60, 61, 90, 118)


@given(
    own=st.lists(st.sampled_from(MINUTES), min_size=1, max_size=7),
    guests=st.lists(st.sampled_from(MINUTES), max_size=5),
    data=st.data(),
)
@PIPELINE
def test_a_devices_sessions_follow_from_its_own_events(store, own, guests, data):
    expected: list[list[int]] = []
    for at in sorted(START + minutes * MINUTE for minutes in own):
        if expected and at - expected[-1][1] < 30 * MINUTE:
            expected[-1][1] = at
        else:
            expected.append([at, at])
    pipeline = Pipeline(store)
    pipeline.send(Identify("ada", START, "", "phone"))
    sent = [view(START + at * MINUTE, "phone") for at in own]
    sent += [purchase(START + at * MINUTE) for at in guests]
    sent = data.draw(st.permutations(sent))
    size = data.draw(st.integers(1, 4))
    for first in range(0, len(sent), size):
        records = map(pipeline.record, sent[first : first + size])
        pipeline.applier.apply(pipeline.claim(*records, retried=data.draw(st.booleans())))
    sessions = pipeline.rows("sessions")
    of_phone = [session for session in sessions if session["session_key"] == device_node("phone")]
    assert [[start, end] for start, end, _ in spans(of_phone)] == expected
    labels = Counter((row["session_key"], row["session_start"]) for row in pipeline.rows("events"))
    assert labels == {(row["session_key"], row["session_start"]): row["events"] for row in sessions}


def test_a_guest_after_midnight_moves_with_its_session(pipeline):
    midnight = START - START % DAY
    pipeline.send(view(midnight - 10 * MINUTE, "phone", profile_id="ada"))
    pipeline.send(purchase(midnight + 10 * MINUTE))
    earlier = view(midnight - 20 * MINUTE, "phone", referrer="https://r.example/")
    claim = pipeline.claim(pipeline.record(earlier))
    pipeline.applier.apply(claim)
    before = pipeline.everything()
    assert spans(pipeline.rows("sessions")) == [(midnight - 20 * MINUTE, midnight - 10 * MINUTE, 3)]
    assert {row["referrer"] for row in pipeline.rows("events")} == {"https://r.example/"}
    pipeline.restart()
    pipeline.applier.apply(pipeline.again(claim))
    assert pipeline.everything() == before


def test_where_it_sat_before_a_crash_it_sits_afterwards(pipeline):
    """The second guest was too late when it was seated; the device has made the session longer since."""
    pipeline.send(view(START, "phone", profile_id="ada"))
    claim = pipeline.claim(
        pipeline.record(purchase(START + 20 * MINUTE)), pipeline.record(purchase(START + 40 * MINUTE))
    )
    pipeline.applier.apply(claim)
    pipeline.send(view(START + 25 * MINUTE, "phone"))
    before = pipeline.everything()
    pipeline.restart()
    pipeline.applier.apply(pipeline.again(claim))
    assert pipeline.everything() == before
    assert seats(pipeline) == [device_node("phone"), profile_node("ada")]
