import random
import timeit

import pytest

from eventlens.ingest import crowding as module
from eventlens.ingest.crowding import Crowding, Suspect

PROXY = "10.0.0.5"


class Seconds:
    """A clock that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def crowding(seconds: Seconds) -> Crowding:
    return Crowding(seconds)


def visit(crowding: Crowding, requests: int, address: str = PROXY, agents: int = 40) -> None:
    for number in range(requests):
        crowding.see(address, f"browser {number % agents}")


def strangers(crowding: Crowding, requests: int) -> None:
    for number in range(requests):
        crowding.see(f"203.0.113.{number % 250}", f"browser {number % 60}")


def test_many_browsers_behind_one_address(crowding: Crowding) -> None:
    visit(crowding, 200)
    assert crowding.suspect() == Suspect(PROXY, 1.0, 40)


@pytest.mark.parametrize(
    ("requests", "agents"),
    [
        (0, 1),
        (module.LEAST_REQUESTS - 1, 40),
        (10_000, 1),  # a backend that sends
        (10_000, module.LEAST_AGENTS - 1),  # a household
    ],
)
def test_what_is_not_suspicious(crowding: Crowding, requests: int, agents: int) -> None:
    visit(crowding, requests, agents=agents)
    assert crowding.suspect() is None


def test_an_office_among_other_visitors_is_none(crowding: Crowding) -> None:
    order = [PROXY] * 400 + [f"203.0.113.{n % 250}" for n in range(600)]
    random.Random(7).shuffle(order)
    for number, address in enumerate(order):
        crowding.see(address, f"browser {number % 60}")
    assert crowding.suspect() is None


def test_a_proxy_is_found_among_a_flood_of_addresses(crowding: Crowding) -> None:
    rng = random.Random(7)
    for number in range(60_000):
        address = PROXY if rng.random() < 0.7 else f"2001:db8::{number:x}"
        crowding.see(address, f"browser {number % 50}")
    found = crowding.suspect()
    assert found is not None
    assert found.address == PROXY
    assert found.share == pytest.approx(0.68, abs=0.06)


def test_memory_is_bounded(crowding: Crowding, seconds: Seconds) -> None:
    for number in range(50_000):
        crowding.see(f"2001:db8::{number:x}", f"browser {number}")
        seconds.now += 1
    visit(crowding, 50_000, agents=50_000)
    assert len(crowding._slots) <= module.SLOTS
    assert all(len(slot.addresses) <= module.ADDRESSES for slot in crowding._slots)
    counted = [each for slot in crowding._slots for each in slot.addresses.values()]
    assert max(len(each.agents) for each in counted) <= module.AGENTS


def test_what_is_over_is_forgotten(crowding: Crowding, seconds: Seconds) -> None:
    visit(crowding, 200)
    seconds.now += module.SLOT_SECONDS
    strangers(crowding, 100)
    assert crowding.suspect() is not None, "two thirds of the last minutes"
    strangers(crowding, 300)
    assert crowding.suspect() is None
    seconds.now += module.SLOT_SECONDS * module.SLOTS
    assert crowding.suspect() is None
    visit(crowding, 200)
    assert crowding.suspect() is not None


def test_nothing_is_known_of_a_site_that_fell_silent(crowding: Crowding, seconds: Seconds) -> None:
    visit(crowding, 200)
    seconds.now += module.SLOT_SECONDS * module.SLOTS
    assert crowding.suspect() is None


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1", "the address 127.0.0.1"),
        ("10.0.0.5", "the address 10.0.0.5"),
        ("fd00::1", "the address fd00::1"),
        ("8.8.8.8", "one public address"),
        ("2a00:1450::1", "one public address"),
        ("", "one public address"),
    ],
)
def test_a_public_address_is_not_named(address: str, told: str) -> None:
    assert Suspect(address, 1.0, 20).told == told


def test_it_costs_a_busy_site_nothing(crowding: Crowding) -> None:
    visit(crowding, 1000)
    agents = [f"Mozilla/5.0 browser {number}" for number in range(40)]

    def busy() -> None:
        for number in range(2000):
            crowding.see(PROXY, agents[number % 40])

    assert min(timeit.repeat(busy, number=1, repeat=5)) / 2000 < 1e-6  # usually 0.15 microseconds
