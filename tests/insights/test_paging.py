"""Lists page by page, of any size, while events arrive: nothing is skipped, nothing comes twice."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eventlens.insights import explorer
from eventlens.insights.derived import DERIVED
from eventlens.insights.explorer import ORDERS, Listing
from eventlens.insights.profiles_list import SORTS, Wanted, profiles, read_profile_cursor
from eventlens.insights.sessions_explorer import read_session_cursor, sessions
from tests.insights.world import World, ms

SOME = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),  # to shrink takes minutes
)
@SOME
def test_people_while_events_arrive(world: World, seen, later, limit, order, sort):
    """The same people do more meanwhile: the list stays that of the moment when it was begun."""
    world = filled(fresh(world), seen)
    wanted = Wanted(sort=sort, order=order)
    coming = iter(later)

    def page(cursor: str | None):
        after = read_profile_cursor(cursor, wanted) if cursor else None
        found = profiles(world.store, world.ask(limit=limit), wanted, after)
        return [(row.visitor_id, row.events, row.last_seen) for row in found.rows], found.next_cursor

    def arrive() -> None:
        for who, when in coming:
            world.see(who, when, "/p")
            world.settle()
            return

    everybody, _ = profiles(world.store, world.ask(limit=1000), wanted)
    before = [(row.visitor_id, row.events, row.last_seen) for row in everybody]
    assert walk(page, arrive) == before
    assert len(before) == len({who for who, _ in seen})
