"""Every claim counts exactly once: over crashes in every gap, repeats, and commands that cannot be stored."""

import contextlib
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.errors import StoreUnavailable
from eventlens.events import Add, Alias, Command, Identify
from eventlens.ingest.apply import Applier
from eventlens.ingest.keys import device_node, profile_node
from eventlens.queues.base import Record
from tests.ingest.touched import hours_since, touches
from tests.support.pipeline import DAY, HOUR, MINUTE, NOW, HeldClock, Pipeline, spans, view
from tests.support.stores import FragileStore, Injected

PIPELINE = settings.get_profile("pipeline")
GAP = 30 * MINUTE


def fragile(store) -> tuple[Pipeline, FragileStore]:
    broken = FragileStore(store)
    return Pipeline(broken), broken


def identify(at: int, profile: str, device: str = "d1", id_: str = "", **properties: bytes) -> Identify:
    return Identify(profile, at, id_, device, properties)


# --- crashes ---------------------------------------------------------------------------------------

START = NOW - 26 * HOUR
BEFORE: list[Command] = [
    view(START, "a", id="e1", path="/first?utm_source=news"),
    view(START + 50 * MINUTE, "a", id="e2", path="/second?utm_source=mail"),
    view(START, "b", id="e3"),
    identify(START, "ada", "b", "i1", plan=b'"free"'),
]
CLAIM: list[Command] = [
    view(START + 25 * MINUTE, "a", id="e4"),  # bridges
    view(START - 10 * MINUTE, "b", id="e5", referrer="https://other.example/"),  # moves a start
    view(START + 5 * MINUTE, "a", id="e1"),  # a repeat of an earlier claim
    view(START + 3 * HOUR, "c", id="e6"),
    view(START + 3 * HOUR, "c", id="e6"),  # a repeat in the same claim
    view(START - 40 * DAY, "c", id="e7"),  # another month
    view(START + 10 * MINUTE, "", profile_id="ada", name="purchase", id="e8"),  # joins its device's session
    view(START + 26 * MINUTE, "", profile_id="ada", name="purchase", id="e9"),
    identify(START + 3 * HOUR, "cy", "c", "i2", name=b'"Cy"', plan=b'"pro"'),
    Add("ada", START, "visits", b"1", "n1"),
    Add("ada", START, "visits", b"1"),
    Alias("cy", "ada", START),
]
INSERTS = 8
"""events, sessions, profile_changes, identity_links, identity_aliases, identities, touches, excluded"""


def whole(store) -> tuple[Pipeline, list[str], set[int]]:
    """The same, without a crash, and what the second claim inserted and touched."""
    pipeline, watched = fragile(store)
    pipeline.send(*BEFORE)
    watched.inserted.clear()
    before = touches(pipeline)
    pipeline.send(*CLAIM)
    return pipeline, watched.inserted, hours_since(pipeline, before)


def test_the_claim_of_the_crash_tests_writes_every_table(store):
    _, inserted, _ = whole(store)
    assert len(inserted) == len(set(inserted)) == INSERTS


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize("crash", range(INSERTS))
def test_a_crash_in_any_gap_changes_nothing(store, crash, afterwards):
    pipeline, broken = fragile(store)
    pipeline.send(*BEFORE)
    claim = pipeline.claim(*map(pipeline.record, CLAIM))
    before = touches(pipeline)
    broken.fail_at, broken.afterwards = crash, afterwards
    with pytest.raises(Injected):
        pipeline.applier.apply(claim)
    pipeline.restart()
    batch = pipeline.applier.apply(pipeline.again(claim))
    assert batch.buried == []
    calm, _, hours = whole(store)
    assert pipeline.everything() == calm.everything()
    assert hours_since(pipeline, before) >= hours


@pytest.mark.parametrize("crash", range(INSERTS))
def test_a_failure_without_a_restart_changes_nothing(store, crash):
    pipeline, broken = fragile(store)
    pipeline.send(*BEFORE)
    claim = pipeline.claim(*map(pipeline.record, CLAIM))
    before = touches(pipeline)
    broken.fail_at, broken.error = crash, StoreUnavailable()
    with pytest.raises(StoreUnavailable):
        pipeline.applier.apply(claim)
    pipeline.applier.apply(pipeline.again(claim))
    calm, _, hours = whole(store)
    assert pipeline.everything() == calm.everything()
    assert hours_since(pipeline, before) >= hours


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize("crash", range(5))  # events, sessions, identity_links, identities, touches
def test_a_crash_loses_no_hour_of_a_person_who_is_named_anew(store, crash, afterwards):
    """Whatever the first device did counts for another name, though only the second one did something."""
    pipeline, broken = fragile(store)
    pipeline.send(view(START, "d1"), view(START + 5 * HOUR, "d1", profile_id="P"))
    pipeline.send(view(START - 3 * HOUR, "d2"))
    before = touches(pipeline)
    claim = pipeline.claim(pipeline.record(view(START - 2 * HOUR, "d2", profile_id="P")))
    broken.fail_at, broken.afterwards = crash, afterwards
    with pytest.raises(Injected):
        pipeline.applier.apply(claim)
    pipeline.restart()
    pipeline.applier.apply(pipeline.again(claim))
    assert pipeline.people()[device_node("d1")] == device_node("d2")
    hours = {(START + hour * HOUR) // HOUR for hour in (-3, -2, 0, 5)}
    assert hours_since(pipeline, before) >= hours


def test_what_comes_after_a_crash_is_right_too(store):
    later = [view(START + 55 * MINUTE, "a", id="e10"), view(START - 30 * MINUTE, "b"), view(START, "c")]
    expected, *_ = whole(store)
    expected.send(*later)
    pipeline, broken = fragile(store)
    pipeline.send(*BEFORE)
    claim = pipeline.claim(*map(pipeline.record, CLAIM))
    broken.fail_at = 0
    with pytest.raises(Injected):
        pipeline.applier.apply(claim)
    pipeline.restart()
    pipeline.applier.apply(pipeline.again(claim))
    pipeline.send(*later)
    assert pipeline.everything() == expected.everything()


def test_an_acknowledgement_that_was_lost_changes_nothing(store):
    pipeline, _ = fragile(store)
    pipeline.send(*BEFORE)
    claim = pipeline.claim(*map(pipeline.record, CLAIM))
    pipeline.applier.apply(claim)
    for _ in range(2):
        pipeline.restart()
        batch = pipeline.applier.apply(pipeline.again(claim))
        assert [event.id for event in batch.events] == ["e4", "e5", "e6", "e7", "e8", "e9"]
    assert pipeline.everything() == whole(store)[0].everything()


TIMES = [START + minutes * MINUTE for minutes in (0, 1, 29, 30, 31, 59, 60, 90, 600)] + [START - 40 * DAY]


@st.composite
def commands(draw: st.DrawFn) -> Command:
    at, device = draw(st.sampled_from(TIMES)), draw(st.sampled_from(("a", "b")))
    profile = draw(st.sampled_from(("ada", "bob", "cy")))
    match draw(st.sampled_from(("view", "view", "view", "guest", "identify", "alias"))):
        case "view":
            session = draw(st.sampled_from(("", "", "visit")))
            id_ = draw(st.sampled_from(("", "x", "y", "z")))
            return view(at, device, id=id_, session_id=session, referrer=f"https://{at % 977}.example.net/")
        case "guest":
            return view(at, "", profile_id=profile, name="purchase")
        case "identify":
            return identify(at, profile, device, draw(st.sampled_from(("", "i"))), plan=b"1", seat=b"2")
        case _:
            return Alias(profile, draw(st.sampled_from(("ada", "bob", "dee"))), at)


@given(
    batches=st.lists(st.lists(commands(), min_size=1, max_size=5), min_size=1, max_size=4),
    data=st.data(),
)
@PIPELINE
def test_crashes_anywhere_in_any_stream_change_nothing(store, batches, data):
    calm = Pipeline(store)
    pipeline, broken = fragile(store)
    for batch in batches:
        calm_before, before = touches(calm), touches(pipeline)
        calm.send(*batch)
        claim = pipeline.claim(*map(pipeline.record, batch))
        for attempt in range(data.draw(st.integers(0, 2))):
            broken.fail_at = data.draw(st.integers(0, 7))
            broken.afterwards = data.draw(st.booleans())
            with contextlib.suppress(Injected):
                pipeline.applier.apply(pipeline.again(claim) if attempt else claim)
            broken.fail_at = None
            pipeline.restart()
            claim = pipeline.again(claim)
        pipeline.applier.apply(claim)
        assert hours_since(pipeline, before) >= hours_since(calm, calm_before)
    assert pipeline.everything() == calm.everything()


# --- what cannot be applied ------------------------------------------------------------------------


def test_a_record_that_cannot_be_read_leaves_nothing_and_stops_nobody(pipeline):
    good = pipeline.record(view(NOW - HOUR))
    garbage = Record(good.arrival + 1, b"\xc1 what is this")
    other = Record(good.arrival + 2, pipeline.record(view(NOW - HOUR + MINUTE)).body)
    batch = pipeline.applier.apply(pipeline.claim(good, garbage, other))
    assert [record for record, _ in batch.buried] == [garbage]
    assert spans(pipeline.rows("sessions")) == [(NOW - HOUR, NOW - HOUR + MINUTE, 2)]


def test_half_of_a_record_that_fails_is_not_kept(pipeline):
    """The first command could be stored; the second one's properties are no text."""
    record = pipeline.record(view(NOW - HOUR), view(NOW - HOUR, properties=b"\xff\xfe"), source="import-1")
    batch = pipeline.applier.apply(pipeline.claim(record))
    assert len(batch.buried) == 1
    assert dict(batch.tallies) == {("import-1", "failed"): 2}
    assert pipeline.rows("events") == []


class Picky(FragileStore):
    """Refuses whatever holds an event named `poison`, as an engine with an opinion would."""

    refused = 0

    def insert(self, table, columns, token):
        if "poison" in columns.get("name", ()) or '"poison"' in columns.get("value", ()):
            self.refused += 1
            raise ValueError("I do not store Jane Doe")
        super().insert(table, columns, token)


def poisoned(store) -> Pipeline:
    pipeline = Pipeline(store)
    pipeline.store = Picky(store)
    pipeline.restart()
    return pipeline


def test_only_the_command_that_cannot_be_stored_is_buried(store, caplog):
    pipeline = poisoned(store)
    first = pipeline.record(
        view(NOW - HOUR, id="x"), view(NOW - HOUR, "d2", name="poison"), view(NOW - HOUR + MINUTE)
    )
    more = [pipeline.record(view(NOW - HOUR + n * MINUTE, id=f"m{n}")) for n in range(2, 20)]
    repeat = pipeline.record(view(NOW - HOUR, id="x"))
    sad = pipeline.record(identify(NOW, "ada", "d3", note=b'"poison"'), source="import-1")
    claim = pipeline.claim(first, *more, repeat, sad)
    with pytest.raises(ValueError, match="Jane"):
        pipeline.applier.apply(claim)
    batch = pipeline.applier.apply_apart(pipeline.again(claim))
    assert len(batch.buried) == 2
    assert all("Jane" not in reason for _, reason in batch.buried)
    assert "Jane" not in caplog.text
    assert dict(batch.tallies) == {("import-1", "failed"): 1}
    assert pipeline.excluded() == {("duplicate", ""): 1}
    assert spans(pipeline.rows("sessions")) == [(NOW - HOUR, NOW - HOUR + 19 * MINUTE, 20)]
    before = pipeline.everything()
    for _ in range(2):  # the process may die before the acknowledgement
        pipeline.restart()
        assert len(pipeline.applier.apply_apart(pipeline.again(claim)).buried) == 2
    assert pipeline.everything() == before


def test_a_crash_while_a_claim_is_applied_apart_changes_nothing(store):
    tracks = [view(NOW - 2 * HOUR + n * 7 * MINUTE, "ab"[n % 2], id=f"t{n % 5}") for n in range(8)]
    tracks[3].name = "poison"

    def run(crash: int | None) -> Pipeline:
        pipeline = poisoned(store)
        broken = pipeline.store
        assert isinstance(broken, Picky)
        claim = pipeline.claim(*map(pipeline.record, tracks))
        if crash is not None:
            broken.fail_at = crash
            broken.error = KeyboardInterrupt()
            with pytest.raises(KeyboardInterrupt):
                pipeline.applier.apply_apart(pipeline.again(claim))
            pipeline.restart()
        pipeline.applier.apply_apart(pipeline.again(claim))
        return pipeline

    expected = run(None).everything()
    for crash in range(0, 8, 2):
        assert run(crash).everything() == expected


def test_an_outage_buries_nothing(store):
    pipeline = poisoned(store)
    claim = pipeline.claim(pipeline.record(view(NOW, name="poison")))

    def down():
        raise StoreUnavailable

    pipeline.store.ping = down
    with pytest.raises(StoreUnavailable):
        pipeline.applier.apply_apart(claim)


# --- counts ----------------------------------------------------------------------------------------


def test_bots_and_spam_are_counted_apart_and_leave_no_trace(pipeline):
    pipeline.send(view(NOW), view(NOW), excluded="bot", excluded_name="Googlebot")
    assert pipeline.excluded() == {("bot", "Googlebot"): 2}
    assert pipeline.rows("events") == pipeline.rows("sessions") == []


def test_outcomes_are_tallied_for_who_asked(pipeline):
    batch = pipeline.send(view(NOW - HOUR, id="1"), view(NOW - HOUR, id="1"), source="import-1")
    assert dict(batch.tallies) == {("import-1", "imported"): 1, ("import-1", "duplicate"): 1}
    assert pipeline.excluded() == {}
    batch = pipeline.send(view(NOW - HOUR, id="2"), source="import-1", excluded="bot", excluded_name="b")
    assert dict(batch.tallies) == {("import-1", "bot"): 1}
    assert dict(pipeline.send(view(NOW - HOUR)).tallies) == {}


def test_increments_count_once_by_id_and_always_without(pipeline):
    pipeline.send(
        Add("ada", NOW, "n", b"1", "one"), Add("ada", NOW, "n", b"1", "one"), Add("ada", NOW, "n", b"1")
    )
    pipeline.restart()
    pipeline.send(Add("ada", NOW, "n", b"1", "one"), Add("ada", NOW, "n", b"1"))
    assert [row["value"] for row in pipeline.rows("profile_changes")] == ["1", "1", "1"]


def test_an_identification_with_an_id_is_one_identification(pipeline):
    for _ in range(2):
        pipeline.send(identify(NOW, "ada", "d1", "i1", name=b'"Ada"', plan=b'"pro"', seats=b"3"))
        pipeline.restart()
    assert len(pipeline.rows("profile_changes")) == 3


def test_who_a_repeated_event_claims_to_be_does_not_count(pipeline):
    """The first one wins, also in what it says about people."""
    pipeline.send(view(NOW, id="x"))
    pipeline.send(view(NOW, id="x", profile_id="mallory"), identify(NOW, "ada", "d1", "i", a=b"1"))
    pipeline.send(identify(NOW, "eve", "d1", "i", a=b"2"))
    assert pipeline.people() == {device_node("d1"): device_node("d1"), profile_node("ada"): device_node("d1")}


def test_a_restart_between_any_two_claims_is_not_noticed(store):
    steady, restless = Pipeline(store, HeldClock()), Pipeline(store, HeldClock())
    for track in [*BEFORE, *CLAIM, *BEFORE]:
        steady.send(track)
        restless.restart()
        restless.send(track)
    assert steady.everything() == restless.everything()


def test_an_applier_that_was_not_loaded_is_slow_but_right(store):
    pipeline = Pipeline(store)
    pipeline.send(*BEFORE)
    pipeline.applier = Applier(store, pipeline.clock)
    pipeline.send(*CLAIM)
    assert pipeline.everything() == whole(store)[0].everything()


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.DEBUG)
