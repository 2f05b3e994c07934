"""Connections are counted as they come and go, and one address cannot take them all."""

import json
import resource
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.api import connections
from eventlens.api.connections import REFUSED, Connections, connections_for
from eventlens.settings import Settings


def test_one_too_many_is_not_let_in_until_another_leaves() -> None:
    counted = Connections(3, 2)
    assert [counted.opened("8.8.8.8") for _ in range(3)] == [True, True, False]
    assert [counted.opened("8.8.4.4") for _ in range(2)] == [True, False]
    counted.closed("8.8.8.8")
    assert counted.opened("1.1.1.1")
    assert not counted.opened("")


def test_a_network_of_ipv6_is_one_address() -> None:
    counted = Connections(10, 2)
    assert [counted.opened(f"2001:db8:1:2::{number}") for number in range(3)] == [True, True, False]
    assert counted.opened("2001:db8:1:3::1")
    counted.closed("2001:db8:1:2::9")
    assert counted.opened("2001:db8:1:2::8")


def test_a_trusted_proxy_brings_many() -> None:
    counted = Connections(5, 1, (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")))
    assert [counted.opened("10.1.2.3") for _ in range(3)] == [True] * 3
    assert [counted.opened("2001:db8::5") for _ in range(3)] == [True, True, False]
    unknown = Connections(5, 1)
    assert [unknown.opened("") for _ in range(2)] == [True, False]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=200))
def test_it_counts_as_a_plain_list_would(steps: list[tuple[str, bool]]) -> None:
    counted = Connections(6, 3)
    there: list[str] = []
    for address, comes in steps:
        if comes:
            expected = len(there) < 6 and there.count(address) < 3
            assert counted.opened(address) == expected
            there += [address] * expected
        elif address in there:
            counted.closed(address)
            there.remove(address)
    for address in there:
        counted.closed(address)
    assert counted._by_address == {}


def test_what_the_refused_hear_is_a_whole_answer() -> None:
    head, _, body = REFUSED.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 503 Service Unavailable"
    assert b"content-length: %d" % len(body) in lines
    assert b"retry-after: 5" in lines
    assert b"connection: close" in lines
    assert json.loads(body)["error"]["code"] == "unavailable"


@pytest.mark.parametrize(
    ("soft", "hard", "may_change", "allowed", "asked"),
    [
        (1024, 1 << 20, True, 10_000, (12_048, 1 << 20)),
        (1024, resource.RLIM_INFINITY, True, 10_000, (12_048, resource.RLIM_INFINITY)),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, True, 10_000, None),
        (20_000, 20_000, True, 10_000, None),
        (1024, 4096, True, 2048, (4096, 4096)),
        (1024, 1024, True, 512, (1024, 1024)),
        (1024, 1 << 20, False, 512, None),
    ],
)
def test_there_are_files_for_as_many_as_are_let_in(
    monkeypatch: pytest.MonkeyPatch,
    soft: int,
    hard: int,
    may_change: bool,
    allowed: int,
    asked: tuple[int, int] | None,
) -> None:
    changed: list[tuple[int, int]] = []

    def change(_which: int, limits: tuple[int, int]) -> None:
        if not may_change:
            raise ValueError("not allowed to raise maximum limit")
        changed.append(limits)

    monkeypatch.setattr(connections.resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(connections.resource, "setrlimit", change)
    counted = connections_for(Settings(connections=10_000, connections_per_address=100_000))
    assert counted._most == allowed
    assert changed == ([asked] if asked else [])
