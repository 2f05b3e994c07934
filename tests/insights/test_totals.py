import pytest
from msgspec import UNSET, structs

from eventlens.insights.totals import totals
from tests.insights.world import World


def test_two_visitors_three_views(world: World):
    world.see("a", "10:00", "/")
    world.see("a", "10:05", "/pricing")
    world.see("b", "11:00", "/")
    found = totals(world.settle().store, world.ask())
    assert (found.unique_visitors, found.total_screen_views, found.bounce_rate) == (2, 3, 50)


def test_a_gap_begins_a_session(world: World):
    for who, when in (("a", "00:00"), ("a", "00:01"), ("a", "10:00"), ("b", "15:00")):
        world.see(who, when, "/")
    assert totals(world.settle().store, world.ask()).total_sessions == 3


def test_views_per_session(world: World):
    for who, when in (("a", "00:00"), ("a", "00:01"), ("b", "00:00"), ("c", "00:00")):
        world.see(who, when, "/")
    assert totals(world.settle().store, world.ask()).views_per_session == 4 / 3


def test_mean_duration(world: World):
    for who, when in (("a", "00:00"), ("a", "00:15"), ("b", "03:00")):
        world.see(who, when, "/")
    assert totals(world.settle().store, world.ask()).avg_session_duration == 450


def test_nothing_is_zeros(world: World):
    found = totals(world.store, world.ask())
    assert set(structs.asdict(found).values()) <= {0, UNSET}


@pytest.mark.parametrize("identified", [True])
def test_devices_of_one_person_are_one_visitor(world: World, identified: bool):
    world.see("D", "00:00", "/")
    world.see("P", "00:10", "/signup", session=5)
    world.see("D2", "10:00", "/")
    world.is_person("D", "P")
    world.is_person("D2", "P")
    assert totals(world.settle().store, world.ask(identified=identified)).unique_visitors == 1
