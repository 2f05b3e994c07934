"""People: devices and profiles that are one, whatever the order in which that became known."""

import itertools
import random
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.events import Alias, Identify
from eventlens.ingest.identity import people_of
from eventlens.ingest.keys import device_node, profile_node
from eventlens.ingest.rows import AliasRow, Link
from tests.support.pipeline import HOUR, MINUTE, NOW, Pipeline, view


def link(device: str, profile: str, first_seen: int = 0) -> Link:
    return Link(
        project_id="p",
        device=device_node(device),
        profile=profile_node(profile),
        device_id=device,
        profile_id=profile,
        first_seen=first_seen,
    )


def alias(profile: str, other: str) -> AliasRow:
    return AliasRow(
        project_id="p",
        profile=profile_node(profile),
        alias=profile_node(other),
        profile_id=profile,
        alias_id=other,
        first_seen=0,
    )


NAMES = {
    **{device_node(name): name for name in ("phone", "desk", "kiosk")},
    **{profile_node(name): name for name in ("ada", "bob", "cy", "dee")},
}


def grouped(people) -> set[frozenset[str]]:
    groups = defaultdict(set)
    for node, person in people.items():
        groups[person].add(NAMES[node])
    return {frozenset(group) for group in groups.values()}


CASES = {
    "one device": ([link("phone", "ada")], [], [{"phone", "ada"}]),
    "two devices": ([link("phone", "ada"), link("desk", "ada", 5)], [], [{"phone", "desk", "ada"}]),
    "a shared device is the first one's": (
        [link("kiosk", "ada", 1), link("kiosk", "bob", 2)],
        [],
        [{"kiosk", "ada"}, {"bob"}],
    ),
    "a shared device, seen late": (
        [link("kiosk", "ada", 2), link("kiosk", "bob", 1), link("phone", "ada", 3)],
        [],
        [{"kiosk", "bob"}, {"ada", "phone"}],
    ),
    "at the same instant the first by name": (
        [link("kiosk", "bob", 1), link("kiosk", "ada", 1)],
        [],
        [{"kiosk", "ada"}, {"bob"}],
    ),
    "an alias joins": (
        [link("phone", "ada"), link("desk", "bob")],
        [alias("ada", "bob")],
        [{"phone", "desk", "ada", "bob"}],
    ),
    "a chain": (
        [],
        [alias("ada", "bob"), alias("bob", "cy"), alias("cy", "dee")],
        [{"ada", "bob", "cy", "dee"}],
    ),
    "a cycle": (
        [link("phone", "cy")],
        [alias("ada", "bob"), alias("bob", "cy"), alias("cy", "ada")],
        [{"ada", "bob", "cy", "phone"}],
    ),
    "an alias of itself": ([], [alias("ada", "ada")], [{"ada"}]),
    "nobody": ([], [], []),
}


@pytest.mark.parametrize("case", CASES)
def test_people(case):
    links, aliases, expected = CASES[case]
    orders = itertools.product(itertools.permutations(links), itertools.permutations(aliases))
    answers = [people_of(*order) for order in itertools.islice(orders, 200)]
    assert grouped(answers[0]) == set(map(frozenset, expected))
    assert all(answer == answers[0] for answer in answers)


def test_a_person_is_named_after_its_first_device():
    """So that the events from before an identification stay as they are."""
    people = people_of([link("phone", "ada", 1), link("desk", "ada", 2)], [])
    assert set(people.values()) == {device_node("phone")}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("phone", "desk", "kiosk")),
            st.sampled_from("ada bob cy".split()),
            st.integers(0, 3),
        ),
        max_size=6,
    ),
    st.lists(
        st.tuples(st.sampled_from("ada bob cy dee".split()), st.sampled_from("ada bob cy dee".split())),
        max_size=4,
    ),
    st.randoms(),
)
def test_order_changes_nothing(links, aliases, shuffle):
    rows = ([link(*each) for each in links], [alias(*each) for each in aliases])
    before = people_of(*rows)
    for some in rows:
        shuffle.shuffle(some)
    assert people_of(*rows) == before


# --- in a store ------------------------------------------------------------------------------------

SEEN = [
    view(NOW - HOUR, "phone"),
    view(NOW - HOUR + MINUTE, "phone", profile_id="ada"),
    Identify("bob", NOW - HOUR + 2 * MINUTE, "", "desk"),
    Alias("ada", "bob", NOW),
    Identify("cy", NOW - HOUR + 3 * MINUTE, "", "kiosk"),
    Identify("dee", NOW - HOUR + 4 * MINUTE, "", "kiosk"),
    Identify("dee", NOW - HOUR - 9 * MINUTE, "", "kiosk"),
    Alias("cy", "dee", NOW),
]


def test_the_stored_people_do_not_depend_on_order_batches_or_repeats(store):
    expected = None
    for seed in range(6):
        commands = SEEN * (1 + seed % 2)
        random.Random(seed).shuffle(commands)
        pipeline = Pipeline(store)
        size = (1, 3, 16)[seed % 3]
        for first in range(0, len(commands), size):
            pipeline.send(*commands[first : first + size])
        expected = expected or pipeline.people()
        assert pipeline.people() == expected
    assert grouped(expected) == {
        frozenset({"phone", "desk", "ada", "bob"}),
        frozenset({"kiosk", "cy", "dee"}),
    }


TOLD = st.one_of(
    st.builds(
        lambda profile, at, device: Identify(profile, at, "", device),
        st.sampled_from("ada bob cy".split()),
        st.integers(0, 3),
        st.sampled_from(("phone", "desk", "kiosk")),
    ),
    st.builds(
        lambda profile, other: Alias(profile, other, 0),
        st.sampled_from("ada bob cy dee".split()),
        st.sampled_from("ada bob cy dee".split()),
    ),
)


@given(st.lists(st.lists(TOLD, min_size=1, max_size=3), min_size=1, max_size=5))
@settings.get_profile("pipeline")
def test_people_that_are_kept_up_to_date_are_people_worked_out_from_everything(store, batches):
    pipeline = Pipeline(store)
    links: dict[tuple[str, str], int] = {}
    aliases: set[tuple[str, str]] = set()
    for batch in batches:
        pipeline.send(*batch)
        for command in batch:
            if isinstance(command, Identify):
                pair = (command.device_id, command.profile_id)
                links[pair] = min(command.timestamp, links.get(pair, command.timestamp))
            else:
                aliases.add((command.profile_id, command.alias))
        expected = people_of(
            [link(*pair, at) for pair, at in links.items()], [alias(*pair) for pair in aliases]
        )
        assert pipeline.people() == expected


def test_a_device_that_everybody_uses_costs_what_a_new_person_costs(pipeline):
    pipeline.send(*(Identify(f"user-{number}", NOW + number, "", "kiosk") for number in range(500)))
    inserted = len(pipeline.people())
    pipeline.store.command("SYSTEM STOP MERGES identities")
    pipeline.send(Identify("ada", NOW + 600, "", "kiosk"))
    sql = "SELECT count() FROM identities WHERE project_id = {project:String}"
    rows = pipeline.store.query(sql, {"project": pipeline.project}).rows[0][0]
    pipeline.store.command("SYSTEM START MERGES identities")
    assert rows - inserted <= 6


def test_a_profile_of_everybody_costs_what_a_new_device_costs(pipeline):
    pipeline.send(*(Identify("guest", NOW + number, "", f"device-{number}") for number in range(500)))
    inserted = len(pipeline.people())
    pipeline.store.command("SYSTEM STOP MERGES identities")
    pipeline.send(Identify("guest", NOW + 600, "", "phone"))
    sql = "SELECT count() FROM identities WHERE project_id = {project:String}"
    rows = pipeline.store.query(sql, {"project": pipeline.project}).rows[0][0]
    pipeline.store.command("SYSTEM START MERGES identities")
    assert rows - inserted <= 6


def test_a_device_that_turns_out_to_be_somebody_elses_changes_hands(pipeline):
    pipeline.send(Identify("ada", NOW - MINUTE, "", "kiosk"))
    assert grouped(pipeline.people()) == {frozenset({"kiosk", "ada"})}
    pipeline.send(Identify("bob", NOW - HOUR, "", "kiosk"))
    assert grouped(pipeline.people()) == {frozenset({"ada"}), frozenset({"kiosk", "bob"})}


def test_a_newcomer_is_a_person_without_a_look_and_one_after_a_restart_too(pipeline, monkeypatch):
    """The quick way gives what the general one gives, also for somebody who is met again later."""
    asked: list[str] = []
    query = pipeline.store.query

    def counted(sql, parameters=None):
        asked.append(sql)
        return query(sql, parameters)

    pipeline.send(Identify("ada", NOW, "", "phone"))
    pipeline.restart()
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.store, "query", counted)
        pipeline.send(Identify("bob", NOW, "", "desk"))
        assert not [sql for sql in asked if "identity_links" in sql]
    pipeline.send(Identify("ada", NOW + HOUR, "", "tablet"), Identify("bob", NOW + HOUR, "", "phone"))
    people = pipeline.people()
    assert people[device_node("tablet")] == people[profile_node("ada")] == device_node("phone")
    assert people[profile_node("bob")] == device_node("desk")


def test_a_repeated_identification_writes_nothing(pipeline):
    pipeline.send(Identify("ada", NOW, "", "phone"))
    before = len(pipeline.rows("identity_links"))
    for _ in range(3):
        pipeline.send(Identify("ada", NOW + MINUTE, "", "phone"))
    assert len(pipeline.rows("identity_links")) == before == 1


def test_projects_do_not_share_people(store):
    one, other = Pipeline(store), Pipeline(store)
    one.send(Identify("ada", NOW, "", "phone"))
    other.send(Identify("bob", NOW, "", "phone"))
    assert grouped(one.people()) == {frozenset({"phone", "ada"})}
    assert grouped(other.people()) == {frozenset({"phone", "bob"})}
