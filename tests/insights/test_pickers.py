import json

import pytest

from eventlens.errors import InvalidInput
from eventlens.insights import pickers
from eventlens.insights.filters import Test
from eventlens.insights.pickers import (
    event_names,
    event_properties,
    profile_properties,
    property_values,
)
from eventlens.nodes import profile_node
from tests.insights.world import World, ms


def changed(world: World, profile: str, name: str, value: object, arrival: int) -> None:
    row = {"profile_id": profile, "property": name, "timestamp": ms("10:00"), "arrival": arrival}
    row |= {"operation": "set", "value": json.dumps(value), "node": profile_node(profile)}
    world.insert("profile_changes", [row])


def test_names_with_how_many_and_when_last(world: World):
    for when in ("10:00", "11:00"):
        world.see("a", when, "/p")
    world.see("a", "10:30", name="Sign Up")
    world.see("a", "2026-03-11T10:00", name="after")
    store = world.settle().store
    rows = event_names(store, world.ask(zone="Europe/Berlin"))
    assert [(row.name, row.count, row.last_seen) for row in rows] == [
        ("screen_view", 2, "2026-03-10T12:00:00+01:00"),
        ("Sign Up", 1, "2026-03-10T11:30:00+01:00"),
    ]
    assert [row.name for row in event_names(store, world.ask(), "SIGN")] == ["Sign Up"]
    assert [row.name for row in event_names(store, world.ask(limit=1, offset=1))] == ["Sign Up"]


def test_a_session_that_was_rewritten_counts_once(world: World):
    event = world.see("a", "10:00", "/p")
    world.settle()
    world.insert("events", [event | {"version": event["version"] + 1}])
    assert event_names(world.store, world.ask())[0].count == 1


def keys(world: World, **asked: object) -> dict[str, dict[str, int]]:
    found = event_properties(world.store, world.ask(), **asked)  # pyright: ignore[reportArgumentType]  # keywords of a test
    return {row.name: row.types for row in found.rows}


def test_keys_and_their_types(world: World):
    world.see("a", "10:00", name="buy", properties='{"plan":"pro","n":1,"ok":true,"no":null,"list":[1]}')
    world.see("a", "10:01", name="buy", properties='{"plan":5,"n":2.5}')
    world.see("a", "10:02", name="other", properties='{"a":{"b":{"c":{"d":1}}},"x.y":1,"[z":2,"a,b":3}')
    world.see("a", "10:03", name="bare")
    found = keys(world.settle())
    assert found == {
        "properties.plan": {"number": 1, "string": 1},
        "properties.n": {"number": 2},
        "properties.ok": {"boolean": 1},
        "properties.no": {"null": 1},
        "properties.list": {"array": 1},
        "properties.a": {"object": 1},
        "properties.a.b": {"object": 1},
        "properties.a.b.c": {"object": 1},
        'properties.["x.y"]': {"number": 1},
        'properties.["[z"]': {"number": 1},
        'properties.["a,b"]': {"number": 1},
    }
    assert list(found)[:2] == ["properties.n", "properties.plan"]
    assert set(keys(world, event="buy", search="LA")) == {"properties.plan"}
    for name in found:
        if found[name] not in ({"null": 1}, {"object": 1}):
            assert property_values(world.store, world.ask(), name).rows, name


def test_keys_of_profiles(world: World):
    changed(world, "ada", "plan", "pro", 1)
    changed(world, "bob", "plan", 5, 2)
    changed(world, "bob", "address.city", "Bonn", 3)
    changed(world, "bob", "address", {"zip": 1}, 4)
    changed(world, "bob", "$email", "b@site.example", 5)
    changed(world, "bob", "email", "mine", 6)
    found = {row.name: row.types for row in profile_properties(world.store, world.ask()).rows}
    assert found == {
        "profile.plan": {"number": 1, "string": 1},
        "profile.address": {"object": 2},
        "profile.address.city": {"string": 1},
        "profile.address.zip": {"number": 1},
        "profile.email": {"string": 1},
        'profile.["email"]': {"string": 1},
    }


def test_values_as_they_were_sent(world: World):
    for index, plan in enumerate(('"pro"', '"pro"', "5", "true", "[1]", '"7"', "7", "null")):
        world.see("a", f"10:0{index}", properties=f'{{"plan":{plan}}}')
    found = property_values(world.settle().store, world.ask(), "properties.plan")
    assert [(row.value, row.count) for row in found.rows] == [
        ("7", 2),
        ("pro", 2),
        (5, 1),
        ([1], 1),
        (True, 1),
    ]
    assert found.sample is None


def test_values_of_dimensions(world: World):
    world.see("a", "10:00", "/Pricing", groups=["g1", "g2"], revenue=5, currency="EUR")
    world.see("b", "10:01", "/about/pricing")
    world.see("b", "10:02", "/about/pricing")
    store = world.settle().store

    def values(name: str, **asked: object) -> list[tuple[object, int]]:
        found = property_values(store, world.ask(), name, **asked)  # pyright: ignore[reportArgumentType]  # keywords of a test
        return [(row.value, row.count) for row in found.rows]

    assert values("path") == [("/about/pricing", 2), ("/Pricing", 1)]
    assert values("path", search="PRICING") == [("/about/pricing", 2), ("/Pricing", 1)]
    assert values("path", search="/pri", match="prefix") == [("/Pricing", 1)]
    assert values("group") == [("g1", 1), ("g2", 1)]
    assert values("revenue") == [(5, 1)]
    assert values("path", event="click") == []
    filtered = property_values(store, world.ask(condition=Test("group", "is", ("g1",))), "path")
    assert [row.value for row in filtered.rows] == ["/Pricing"]


def test_values_of_profiles(world: World):
    changed(world, "ada", "plan", "pro", 1)
    changed(world, "bob", "plan", "pro", 2)
    changed(world, "cy", "plan", 5, 3)
    changed(world, "cy", "$email", "cy@site.example", 4)
    found = property_values(world.store, world.ask(), "profile.plan")
    assert [(row.value, row.count) for row in found.rows] == [("pro", 2), (5, 1)]
    found = property_values(world.store, world.ask(), "profile.email", search="CY", match="prefix")
    assert [row.value for row in found.rows] == ["cy@site.example"]


@pytest.mark.parametrize("name", ["nope", "properties.", "profile.", "cohort"])
def test_unknown_names(world: World, name: str):
    with pytest.raises(InvalidInput):
        property_values(world.store, world.ask(), name)


def test_only_the_newest_events_are_looked_at(world: World, monkeypatch: pytest.MonkeyPatch):
    for name, limit in (("KEYS_FROM", 3), ("VALUES_FROM", 3), ("PROPERTY_VALUES_FROM", 3)):
        monkeypatch.setattr(pickers, name, limit)
    for hour in range(8):
        world.see("a", f"1{hour}:00", f"/{hour}", properties=f'{{"k{hour}":1,"k":{hour}}}')
    store = world.settle().store
    found = event_properties(store, world.ask())
    assert {row.key[0] for row in found.rows} == {"k", "k7", "k6", "k5"}
    assert found.sample is not None
    assert (found.sample.events, found.sample.of) == (3, 8)
    assert {row.value for row in property_values(store, world.ask(), "path").rows} == {"/5", "/6", "/7"}
    assert {row.value for row in property_values(store, world.ask(), "properties.k").rows} == {5, 6, 7}
