"""Events carry the groups of who sent them, and a claim that is applied again changes nothing."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.events import AssignGroup, Command, Group, Identify
from eventlens.ingest import groups
from tests.support.pipeline import DAY, HOUR, MINUTE, NOW, Pipeline, view
from tests.support.stores import FragileStore, Injected

START = NOW - 5 * HOUR
PIPELINE = settings.get_profile("pipeline")


def assign(at: int, *ids: str, profile: str = "", device: str = "d1") -> AssignGroup:
    return AssignGroup(profile, ids, at, device_id=device)


def carried(pipeline: Pipeline) -> list[list[str]]:
    """The groups of every event, in the order of arrival."""
    rows = sorted(pipeline.rows("events"), key=lambda row: row["arrival"])
    return [list(row["groups"]) for row in rows]


class CountingStore(FragileStore):
    """Counts what is asked of it."""

    asked = 0

    def query(self, sql, parameters=None):
        self.asked += "group_members" in sql or "identity_links" in sql
        return super().query(sql, parameters)


# --- what events carry -----------------------------------------------------------------------------


def test_from_then_on_a_profiles_events_carry_its_groups(pipeline):
    pipeline.send(view(START, profile_id="ada"))
    pipeline.send(assign(START + MINUTE, "acme", "beta", profile="ada"))
    pipeline.send(view(START + MINUTE, profile_id="ada"), view(START + HOUR, "d2", profile_id="ada"))
    pipeline.send(view(START + HOUR, "d3", profile_id="bob"), view(START + HOUR, "d4"))
    assert carried(pipeline) == [[], ["acme", "beta"], ["acme", "beta"], [], []]


def test_within_one_batch_it_is_time_that_counts_not_place(pipeline):
    pipeline.send(
        view(START + 2, profile_id="ada"),
        view(START, profile_id="ada"),
        assign(START + 1, "acme", profile="ada"),
        view(START + 1, profile_id="ada"),
    )
    assert carried(pipeline) == [["acme"], [], ["acme"]]


def test_without_a_profile_the_device_is_the_member(pipeline):
    pipeline.send(assign(START, "acme"))
    pipeline.send(view(START + 1, "d1"), view(START + 1, "d2"), view(START + 2, "d1", profile_id="ada"))
    pipeline.send(view(START + 3, "d2", profile_id="ada"))
    assert carried(pipeline) == [["acme"], [], ["acme"], []]


def test_groups_that_the_event_names_come_first_and_once(pipeline):
    pipeline.send(assign(START, "acme", "beta", profile="ada"), assign(START, "gamma"))
    pipeline.send(view(START + 1, profile_id="ada", groups=("own", "beta")))
    assert carried(pipeline) == [["own", "beta", "acme", "gamma"]]


def test_an_identified_device_lends_its_profiles_groups(pipeline):
    pipeline.send(view(START, "phone"), Identify("ada", START, "", "phone"))
    pipeline.send(assign(START, "acme", profile="ada", device="server"))
    pipeline.send(view(START + 1, "phone"), view(START + 1, "desk"))
    pipeline.send(view(START + 2, "desk", profile_id="ada"), view(START + 3, "desk"))
    assert carried(pipeline) == [[], ["acme"], [], ["acme"], ["acme"]]


def test_of_two_profiles_on_a_device_the_earliest_lends(pipeline):
    pipeline.send(assign(START, "acme", profile="ada"), assign(START, "other", profile="bob"))
    pipeline.send(view(START + 5, "tv", profile_id="bob"), view(START + 6, "tv"))
    pipeline.send(view(START + 4, "tv", profile_id="ada"), view(START + 7, "tv"))
    pipeline.restart()
    pipeline.send(view(START + 8, "tv"), view(START + 9, "tv", profile_id="bob"))
    assert carried(pipeline) == [["other"], ["other"], ["acme"], ["acme"], ["acme"], ["other"]]


def test_who_is_identified_is_noticed_also_when_no_event_comes_along(pipeline):
    pipeline.send(assign(START, "acme", profile="ada"), assign(START, "other", profile="bob"))
    pipeline.send(view(START, "phone"))
    pipeline.send(Identify("bob", START + 5, "", "phone"))
    pipeline.send(view(START + 6, "phone"))
    pipeline.send(Identify("ada", START + 4, "", "phone"))
    pipeline.send(view(START + 7, "phone"))
    assert carried(pipeline) == [[], ["other"], ["acme"]]


def test_a_late_event_has_what_was_so_at_its_time(pipeline):
    pipeline.send(assign(START, "acme", profile="ada"))
    pipeline.send(view(START - DAY, profile_id="ada"), view(START + 1, profile_id="ada"))
    assert carried(pipeline) == [[], ["acme"]]


def test_a_late_assignment_leaves_what_is_stored(pipeline):
    pipeline.send(view(START + 5, profile_id="ada"))
    pipeline.send(assign(START, "acme", profile="ada"))
    pipeline.send(view(START + 4, profile_id="ada"))
    assert carried(pipeline) == [[], ["acme"]]


def test_the_earliest_of_repeated_assignments_counts(pipeline):
    pipeline.send(assign(START + 10, "acme", profile="ada"))
    pipeline.send(view(START + 5, profile_id="ada"))
    pipeline.send(assign(START, "acme", profile="ada"), assign(START + 20, "acme", profile="ada"))
    pipeline.send(view(START + 6, profile_id="ada"))
    assert carried(pipeline) == [[], ["acme"]]
    (member,) = {row["group_id"]: row for row in pipeline.rows("group_members")}.values()
    assert (member["profile_id"], member["device_id"]) == ("ada", "")


def test_projects_do_not_share_groups(store):
    one, other = Pipeline(store), Pipeline(store)
    one.send(assign(START, "acme", profile="ada"))
    other.restart()
    other.send(view(START, profile_id="ada"))
    assert carried(other) == [[]]


def test_moved_sessions_keep_their_events_groups(pipeline):
    pipeline.send(assign(START, "acme", profile="ada"))
    pipeline.send(view(START + MINUTE, profile_id="ada"))
    pipeline.send(view(START - MINUTE, referrer="https://r.example/"))
    assert sorted(map(tuple, carried(pipeline))) == [(), ("acme",)]


def test_who_names_nobody_is_no_member(pipeline):
    pipeline.send(assign(START, "acme", device=""), view(START, ""))
    assert carried(pipeline) == [[]]
    assert pipeline.rows("group_members") == []


def test_an_event_carries_the_first_hundred(pipeline, monkeypatch):
    monkeypatch.setattr(groups, "MOST_EACH", 3)
    pipeline.send(*(assign(START + n, f"g{n}", profile="ada") for n in range(5)))
    pipeline.send(view(START + HOUR, profile_id="ada"))
    assert carried(pipeline) == [["g0", "g1", "g2"]]


# --- what it costs ---------------------------------------------------------------------------------


def test_nobody_is_looked_up_without_groups_nor_twice_with_them(store):
    pipeline = Pipeline(counting := CountingStore(store))
    pipeline.send(view(START))
    counting.asked = 0
    pipeline.send(*(view(START + n, f"d{n}") for n in range(50)))
    assert counting.asked == 0
    pipeline.send(assign(START, "acme", device="d1"))
    pipeline.send(*(view(START + n, f"d{n}") for n in range(50)))
    assert counting.asked == 2  # the owners, then the members
    pipeline.send(*(view(START + n, f"d{n}") for n in range(50)))
    assert counting.asked == 2


def test_memory_is_bounded(pipeline, monkeypatch):
    monkeypatch.setattr(groups, "_KNOWN", 10)
    pipeline.send(assign(START, "acme", device="d7"))
    for _ in range(2):
        pipeline.send(*(view(START + n, f"d{n}") for n in range(30)))
    assert carried(pipeline).count(["acme"]) == 2


# --- what groups are -------------------------------------------------------------------------------


def described(pipeline: Pipeline) -> dict[str, str]:
    """Property → JSON as a reader sees it: of each property the newest."""
    sql = """
        SELECT property, argMax(value, (timestamp, arrival)) FROM group_changes
        WHERE project_id = {project:String} GROUP BY property
    """
    return dict(pipeline.store.query(sql, {"project": pipeline.project}).rows)


def test_of_a_group_the_newest_counts_property_by_property(pipeline):
    pipeline.send(Group("acme", "company", "Acme", START, properties={"plan": b'"free"', "seats": b"5"}))
    pipeline.send(Group("acme", "company", "Acme Inc", START + 5, properties={"plan": b'"pro"'}))
    pipeline.send(Group("acme", "team", "Too late", START + 1, properties={"plan": b'"old"', "late": b"1"}))
    assert described(pipeline) == {
        "$type": '"company"',
        "$name": '"Acme Inc"',
        "plan": '"pro"',
        "seats": "5",
        "late": "1",
    }


def test_a_property_cannot_pose_as_the_groups_name(pipeline):
    pipeline.send(Group("acme", "company", "Acme", START, properties={"$name": b'"Evil"'}))
    assert described(pipeline)["$name"] == '"Acme"'


def test_at_one_time_the_last_that_arrived_counts(pipeline):
    pipeline.send(Group("acme", "company", "One", START), Group("acme", "company", "Two", START))
    assert described(pipeline)["$name"] == '"Two"'


# --- crashes ---------------------------------------------------------------------------------------

CLAIM: list[Command] = [
    Group("acme", "company", "Acme", START, properties={"plan": b'"free"'}),
    view(START, "a", profile_id="ada", id="e1"),
    assign(START + MINUTE, "acme", profile="ada"),
    assign(START + MINUTE, "beta", device="b"),
    view(START + 2 * MINUTE, "a", id="e2"),
    view(START + 2 * MINUTE, "b", id="e3"),
    view(START + 3 * MINUTE, "a", id="e4"),
]


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize("crash", range(6))
def test_a_crash_in_any_gap_changes_nothing(store, crash, afterwards):
    calm = Pipeline(store)
    calm.send(*CLAIM)
    pipeline = Pipeline(broken := FragileStore(store))
    claim = pipeline.claim(*map(pipeline.record, CLAIM))
    broken.fail_at, broken.afterwards = crash, afterwards
    with contextlib.suppress(Injected):
        pipeline.applier.apply(claim)
    pipeline.restart()
    pipeline.applier.apply(pipeline.again(claim))
    assert everything(pipeline) == everything(calm)


def everything(pipeline: Pipeline) -> dict[str, object]:
    stored = {**pipeline.everything(), "groups": described(pipeline), "carried": carried(pipeline)}
    sql = """
        SELECT node, group_id, min(since) FROM group_members
        WHERE project_id = {project:String} GROUP BY node, group_id ORDER BY node, group_id
    """
    stored["members"] = pipeline.store.query(sql, {"project": pipeline.project}).rows
    return stored


TIMES = [START + minutes * MINUTE for minutes in (0, 1, 2, 31, 90)]


@st.composite
def commands(draw: st.DrawFn) -> Command:
    at, device = draw(st.sampled_from(TIMES)), draw(st.sampled_from("ab"))
    profile = draw(st.sampled_from(("", "ada", "bob")))
    match draw(st.sampled_from(("view", "view", "assign", "identify"))):
        case "view":
            return view(at, device, profile_id=profile)
        case "assign":
            return assign(at, draw(st.sampled_from(("g", "h"))), profile=profile, device=device)
        case _:
            return Identify(profile or "cy", at, "", device, {"x": b"1"})


@given(batches=st.lists(st.lists(commands(), min_size=1, max_size=5), min_size=1, max_size=4), data=st.data())
@PIPELINE
def test_crashes_anywhere_in_any_stream_change_nothing(store, batches, data):
    calm = Pipeline(store)
    pipeline = Pipeline(broken := FragileStore(store))
    for batch in batches:
        calm.send(*batch)
        claim = pipeline.claim(*map(pipeline.record, batch))
        for attempt in range(data.draw(st.integers(0, 2))):
            broken.fail_at = data.draw(st.integers(0, 6))
            broken.afterwards = data.draw(st.booleans())
            with contextlib.suppress(Injected):
                pipeline.applier.apply(pipeline.again(claim) if attempt else claim)
            broken.fail_at = None
            if data.draw(st.booleans()):
                pipeline.restart()
            claim = pipeline.again(claim)
        pipeline.applier.apply(claim)
    assert everything(pipeline) == everything(calm)
