import itertools
import json
import random

import msgspec
import pytest

from eventlens.errors import NotFound
from eventlens.insights.profiles import profile
from tests.insights.world import World, ms

_arrivals = itertools.count(1)


def change(when: str, name: str, value: object, operation: str = "set") -> dict[str, object]:
    return {
        "profile_id": "P",
        "property": name,
        "timestamp": ms(when),
        "arrival": next(_arrivals),
        "operation": operation,
        "value": json.dumps(value),
    }


def folded(world: World, *changes: dict[str, object]):
    shuffled = list(changes)
    random.Random(5).shuffle(shuffled)
    world.insert("profile_changes", shuffled)
    return profile(world.store, world.ask(), "P").data


def test_the_latest_set_and_the_adds_after_it(world: World):
    found = folded(
        world,
        change("10:00", "plan", "free"),
        change("12:00", "plan", "pro"),
        change("11:00", "plan", "trial"),
        change("10:00", "logins", 5, "add"),
        change("11:00", "logins", 100),
        change("12:00", "logins", 1, "add"),
        change("12:00", "logins", 1, "add"),
        change("13:00", "logins", -4, "add"),
        change("13:00", "fresh", 2, "add"),
    )
    assert found.properties == {"plan": "pro", "logins": 98, "fresh": 2}
    assert (found.first_change, found.last_change) == (
        "2026-03-10T10:00:00+00:00",
        "2026-03-10T13:00:00+00:00",
    )


def test_what_a_later_set_replaces_has_still_made_room_for_its_siblings(world: World):
    """`stats` was an object when something was added to it, so that nothing was."""
    found = folded(
        world,
        change("10:00", "stats.wins", 1),
        change("11:00", "stats", 3, "add"),
        change("12:00", "stats.losses", 5, "add"),
        change("13:00", "stats.wins", 2),
        change("13:00", "a.b", 1),
        change("14:00", "a.b", 2),
    )
    assert found.properties == {"stats": {"wins": 2, "losses": 5}, "a": {"b": 2}}


def test_one_instant_counts_in_order_of_arrival(world: World):
    found = folded(
        world,
        change("10:00", "a", 1),
        change("10:00", "a", 1, "add"),
        change("10:00", "a", 7),
        change("10:00", "a", 1, "add"),
    )
    assert found.properties == {"a": 8}


def test_dot_paths(world: World):
    found = folded(
        world,
        change("10:00", "address", {"city": "Bonn", "visits": 3}),
        change("11:00", "address.visits", 2, "add"),
        change("11:00", "address.zip", "53111"),
        change("11:00", "name", "text"),
        change("12:00", "name", 1, "add"),
        change("12:00", "name.deep", 1, "add"),
    )
    assert found.properties == {"address": {"city": "Bonn", "visits": 5, "zip": "53111"}, "name": "text"}


def test_decimals_add_up_exactly_and_whole_numbers_stay_whole(world: World):
    found = folded(
        world,
        change("10:00", "price", 0.1, "add"),
        change("11:00", "price", 0.2, "add"),
        change("10:00", "score", 1.1),
        change("11:00", "score", -1, "add"),
        change("10:00", "logins", 10**15, "add"),
        change("11:00", "logins", 1, "add"),
        change("10:00", "rates", {"eur": [0.1, 2]}),
        change("11:00", "rates.usd", 0.7, "add"),
    )
    assert found.properties == {
        "price": 0.3,
        "score": 0.1,
        "logins": 10**15 + 1,
        "rates": {"eur": [0.1, 2], "usd": 0.7},
    }
    assert isinstance(found.properties["logins"], int)


def test_names_deeper_than_can_be_sent_are_flat(world: World):
    deep, deepest = ".".join("abcdefgh"), ".".join("x" * 40_000)
    found = folded(world, change("10:00", deep, 1), change("10:00", deepest, 2, "add"))
    assert found.properties.pop(deepest) == 2
    assert found.properties == {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}}


def test_no_sum_is_too_large(world: World):
    found = folded(
        world,
        change("10:00", "n", 1.7e308),
        change("11:00", "n", 1.7e308, "add"),
        change("10:00", "tiny", 5e-324),
        change("11:00", "tiny", 10**15, "add"),
        change("10:00", "truth", True),
        change("11:00", "truth", 1, "add"),
        change("10:00", "whole", 2**64),
        change("11:00", "whole", 0.5, "add"),
    )
    answer = msgspec.json.decode(msgspec.json.encode(found.properties))
    assert answer == {"n": None, "tiny": 1e15, "truth": True, "whole": 2**64}


def test_traits(world: World):
    found = folded(
        world,
        change("10:00", "$firstName", "Ada"),
        change("10:00", "$email", "ada@site.example"),
        change("10:00", "plan", None),
    )
    assert (found.first_name, found.last_name, found.email) == ("Ada", None, "ada@site.example")
    assert found.properties == {"plan": None}


def test_no_profile(world: World):
    with pytest.raises(NotFound):
        profile(world.store, world.ask(), "nobody")
