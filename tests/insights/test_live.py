from dataclasses import replace

from eventlens.insights.live import live, live_span
from tests.insights.world import World, ms


def test_who_is_there(world: World):
    for who, when in (("a", "11:50"), ("b", "11:56"), ("c", "11:59")):
        world.see(who, when, "/", country="DE")
    world.see("c", "12:00", "/b", country="DE")
    world.see("d", "12:01", "/from-the-future")
    world.see(0, "11:59", "/nobody", country="FR")
    found = live(world.settle().store, replace(world.ask(), span=live_span(ms("12:00"))))
    assert found.visitors == 2
    assert [(page.path, page.visitors) for page in found.pages] == [("/", 2), ("/b", 1)]
    assert [(row.country, row.visitors) for row in found.countries] == [("DE", 2)]
    assert len(found.minutes) == 30
    assert {index: count for index, count in enumerate(found.minutes) if count} == {
        29: 1,
        28: 1,
        25: 1,
        19: 1,
    }


def test_nobody_is_there(world: World):
    found = live(world.store, replace(world.ask(), span=live_span(ms("12:00"))))
    assert (found.visitors, found.pages, found.countries, found.minutes) == (0, [], [], [0] * 30)
