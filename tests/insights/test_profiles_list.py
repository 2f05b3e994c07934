import json
from typing import Any

import msgspec
import pytest

from eventlens.errors import InvalidInput
from eventlens.insights.filters import Test
from eventlens.insights.profiles_list import Wanted, everybody, profiles, read_profile_cursor
from eventlens.nodes import device_node, profile_node
from tests.insights.world import World, ms

_CHANGES = iter(range(1, 1_000_000))


def say(world: World, profile: str, name: str, value: Any, when: str = "09:00") -> None:
    """Set a property of a profile."""
    world.insert(
        "profile_changes",
        [
            {
                "profile_id": profile,
                "property": name,
                "timestamp": ms(when),
                "arrival": next(_CHANGES),
                "operation": "set",
                "value": json.dumps(value, ensure_ascii=False),
                "node": profile_node(profile),
            }
        ],
    )


def link(world: World, device: str, profile: str, person: int | None = None) -> None:
    """A device was identified as a profile; together they are the device, or somebody else."""
    nodes = (device_node(device), profile_node(profile))
    row = {"device": nodes[0], "profile": nodes[1], "device_id": device, "profile_id": profile}
    world.insert("identity_links", [row | {"first_seen": ms("08:00")}])
    world.insert("identities", [{"node": each, "person": person or nodes[0], "version": 1} for each in nodes])


def does(world: World, when: str, device: str = "", profile: str = "", path: str = "/p", **columns: Any):
    node = profile_node(profile) if profile else device_node(device)
    key = device_node(device) if device else node
    world.see(node, when, path, session=key, device_id=device, profile_id=profile, **columns)


@pytest.fixture
def town(world: World) -> World:
    """ada (two devices' worth of events under one profile), bob (events only as a profile), a stranger."""
    does(world, "10:00", "desk", path="/in", country="DE")
    does(world, "10:10", "desk", profile="ada", revenue=500, currency="EUR", name="buy")
    does(world, "12:00", "desk", profile="ada", revenue=-100, currency="EUR", name="refund", country="FR")
    does(world, "12:01", "desk", profile="ada", revenue=7, currency="USD", name="buy")
    does(world, "11:00", profile="bob")
    does(world, "09:00", "strange")
    world.see(0, "13:00", session=0)
    link(world, "desk", "ada")
    say(world, "ada", "$firstName", "Ada")
    say(world, "ada", "$lastName", "Lovelace")
    say(world, "ada", "$email", "ADA@site.example")
    say(world, "ada", "plan", "pro")
    say(world, "ada", "address", {"city": "Köln"})
    say(world, "crm", "company", "Acme")
    return world.settle()


def names(world: World, wanted: Wanted | None = None, **asked: Any) -> list[str]:
    wanted = wanted or Wanted()
    rows = profiles(world.store, world.ask(**asked), wanted).rows
    stranger = f"{device_node('strange'):016x}"
    return ["stranger" if row.id == stranger else row.id for row in rows]


def test_a_row(town: World):
    (row,) = profiles(town.store, town.ask(zone="Europe/Berlin"), Wanted(search="lovelace")).rows
    shown = msgspec.json.decode(msgspec.json.encode(row))
    assert shown == {
        "id": "ada",
        "identified": True,
        "visitorId": f"{device_node('desk'):016x}",
        "profileIds": ["ada"],
        "firstName": "Ada",
        "lastName": "Lovelace",
        "email": "ADA@site.example",
        "avatar": None,
        "properties": {"plan": "pro", "address": {"city": "Köln"}},
        "firstSeen": "2026-03-10T11:00:00+01:00",
        "lastSeen": "2026-03-10T13:01:00+01:00",
        "events": 4,
        "screenViews": 1,
        "sessions": 2,
        "revenue": [{"amount": 400, "currency": "EUR"}, {"amount": 7, "currency": "USD"}],
        "devices": 1,
        "country": "FR",
        "region": None,
        "city": None,
        "browser": None,
        "os": None,
        "device": None,
    }


def test_orders(town: World):
    """Whoever only has a profile did nothing: last by everything."""
    assert names(town) == ["ada", "bob", "stranger", "crm"]
    assert names(town, Wanted(order="asc")) == ["crm", "stranger", "bob", "ada"]
    assert names(town, Wanted(sort="firstSeen")) == ["bob", "ada", "stranger", "crm"]
    assert names(town, Wanted(sort="events"))[0] == "ada"
    assert names(town, Wanted(sort="sessions"))[0] == "ada"


@pytest.mark.parametrize("identified", [True, False])
def test_who_is_known(world: World, identified: bool):
    does(world, "10:00", "desk", profile="" if identified else "ada")
    does(world, "11:00", "strange")
    if identified:
        link(world, "desk", "ada")
    world.settle()
    asked = {"identified": identified}
    assert names(world, Wanted(identified="true"), **asked) == ["ada"]
    assert names(world, Wanted(identified="false"), **asked) == ["stranger"]
    assert names(world, Wanted(identified="all"), **asked) == ["stranger", "ada"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ADA", ["ada"]),
        ("ada love", ["ada"]),
        ("köLN", ["ada"]),
        ("site.example", ["ada"]),
        ("acme", ["crm"]),
        ("bo", ["bob"]),
        ("strange", ["stranger"]),
        ("stran", []),
        (f"{device_node('strange'):016x}", ["stranger"]),
        ("desk", ["ada"]),
        ("%", []),
    ],
)
def test_search(town: World, text: str, found: list[str]):
    assert names(town, Wanted(search=text)) == found


def test_what_a_property_was_before_is_not_found(town: World):
    say(town, "ada", "plan", "free", "09:30")
    assert names(town, Wanted(search="pro")) == []
    assert names(town, Wanted(search="free")) == ["ada"]


def test_filters_look_at_events(town: World):
    bought = Test("name", "is", ("buy",))
    (row,) = profiles(town.store, town.ask(condition=bought), Wanted()).rows
    assert (row.id, row.events, row.sessions, row.first_seen) == ("ada", 2, 2, "2026-03-10T10:10:00+00:00")
    assert names(town, condition=Test("name", "isNot", ("buy",))) == ["ada", "bob", "stranger"]


def test_sessions_that_began_before_the_span_are_not_counted(world: World):
    does(world, "2026-03-09T23:50", "desk")
    does(world, "00:10", "desk")
    does(world, "23:55", "desk")
    does(world, "2026-03-11T00:05", "desk")
    (row,) = profiles(world.settle().store, world.ask(), Wanted(sort="sessions")).rows
    assert (row.events, row.sessions, row.last_seen) == (2, 1, "2026-03-10T23:55:00+00:00")


def test_profiles_that_changed_outside_the_span_are_not_there(world: World):
    say(world, "old", "n", 1, "2026-03-01T00:00")
    say(world, "new", "n", 1, "10:00")
    assert names(world) == ["new"]


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
def test_everybody_in_the_order_of_the_list(town: World, at_once: int):
    wanted = Wanted(sort="firstSeen", order="asc")
    expected = profiles(town.store, town.ask(), wanted).rows
    pages = list(everybody(town.store, town.ask(limit=2), wanted, at_once))
    assert [row for page in pages for row in page] == expected
    assert len(expected) > 2
    assert all(1 <= len(page) <= 2 for page in pages)


def test_a_cursor_of_another_order_is_refused(town: World):
    page = profiles(town.store, town.ask(limit=1), Wanted())
    assert page.next_cursor is not None
    for other in (Wanted(sort="events"), Wanted(order="asc")):
        with pytest.raises(InvalidInput):
            read_profile_cursor(page.next_cursor, other)
