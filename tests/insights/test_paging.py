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
START = ms("10:00")
TIMES = st.sampled_from([START, START, START + 1, START + 60_000, START + 3_600_000])
"""Few instants, so that most events share theirs."""
WHO = st.integers(1, 4)
SEEN = st.lists(st.tuples(WHO, TIMES), min_size=1, max_size=12)

Page = Callable[[str | None], tuple[list[Any], str | None]]
_worlds = iter(range(1, 1_000_000))


def fresh(world: World) -> World:
    """A project for each example."""
    return World(world.store, f"{world.project}-{next(_worlds)}")


def walk(page: Page, arrive: Callable[[], object] = lambda: None) -> list[Any]:
    rows, cursor = page(None)
    for _ in range(200):
        if cursor is None:
            return rows
        arrive()
        more, cursor = page(cursor)
        rows = rows + more
    raise AssertionError("the list has no end")


def filled(world: World, seen: list[tuple[int, int]], first: int = 0) -> World:
    for number, (who, when) in enumerate(seen, first):
        world.see(who, when, "/p", id=f"{number:03}")
    return world.settle()


@given(seen=SEEN, limit=st.integers(1, 13), order=st.sampled_from(ORDERS), derived=st.booleans())
@SOME
def test_events(world: World, seen, limit, order, derived):
    world = filled(fresh(world), seen)
    listing = Listing(order, DERIVED if derived else ())

    def page(cursor: str | None):
        after = explorer.read_cursor(cursor, order) if cursor else None
        found = explorer.events(world.store, world.ask(limit=limit), after, listing)
        return [(row.timestamp, row.id) for row in found.rows], found.next_cursor

    rows = walk(page)
    sent = [row for row in rows if row[1].isdigit()]
    times = [when for when, _ in rows]
    assert times == sorted(times, reverse=order == "desc")
    assert len(rows) == len(set(rows))
    wanted = sorted(((when, number) for number, (_, when) in enumerate(seen)), reverse=order == "desc")
    assert [int(name) for _, name in sent] == [number for _, number in wanted]
    assert (len(rows) > len(sent)) == derived


@given(seen=SEEN, later=SEEN, limit=st.integers(1, 6), order=st.sampled_from(ORDERS))
@SOME
def test_events_while_others_arrive(world: World, seen, later, limit, order):
    """What was there is there once, whatever comes between; what comes is at most there once."""
    world = filled(fresh(world), seen)
    coming = iter(enumerate(later, len(seen)))

    def arrive() -> None:
        for number, (who, when) in coming:
            world.see(who + 10, when, "/p", id=f"{number:03}")
            world.settle()
            return

    def page(cursor: str | None):
        after = explorer.read_cursor(cursor, order) if cursor else None
        found = explorer.events(world.store, world.ask(limit=limit), after, Listing(order))
        return [row.id for row in found.rows], found.next_cursor

    rows = walk(page, arrive)
    assert len(rows) == len(set(rows))
    assert {f"{number:03}" for number in range(len(seen))} <= set(rows)


@given(seen=SEEN, later=SEEN, limit=st.integers(1, 6), order=st.sampled_from(ORDERS))
@SOME
def test_sessions_while_others_arrive(world: World, seen, later, limit, order):
    world = filled(fresh(world), seen)
    coming = iter(later)

    def page(cursor: str | None):
        after = read_session_cursor(cursor, order) if cursor else None
        found = sessions(world.store, world.ask(limit=limit), after, order=order)
        return [(row.started_at, row.id) for row in found.rows], found.next_cursor

    def arrive() -> None:
        for who, when in coming:
            world.see(who + 10, when, "/p")
            world.settle()
            return

    before = walk(page)
    rows = walk(page, arrive)
    assert [when for when, _ in rows] == sorted((when for when, _ in rows), reverse=order == "desc")
    assert len(rows) == len(set(rows))
    assert set(before) <= set(rows)


@given(
    seen=SEEN,
    later=SEEN,
    limit=st.integers(1, 6),
    order=st.sampled_from(ORDERS),
    sort=st.sampled_from(SORTS),
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
