"""Whose address counts: the socket's, unless somebody trusted states another."""

from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from eventlens.accounts.clients import Clients
from eventlens.api.sender import (
    ADDRESS_HEADERS,
    PROXY_HEADERS,
    Networks,
    address_of,
    headers_of,
    read_address,
    sender_of,
)
from tests.api.conftest import OpenDoor
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Project

PEER = "203.0.113.9"
PROXIES: Networks = (ip_network("203.0.113.0/24"), ip_network("10.1.0.0/16"), ip_network("2001:db8:1::/48"))


def stated(proxies: Networks = PROXIES, peer: str = PEER, trusted: bool = False, **headers: str) -> str:
    raw = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return address_of(raw, peer, proxies=proxies, trusted=trusted)


def test_strangers_are_not_believed() -> None:
    for name in ADDRESS_HEADERS:
        raw = {name: b"for=8.8.8.8" if name == b"forwarded" else b"8.8.8.8"}
        assert address_of(raw, "198.51.100.7", proxies=(), trusted=False) == "198.51.100.7"
        assert address_of(raw, "198.51.100.7", proxies=PROXIES, trusted=False) == "198.51.100.7"
        assert address_of(raw, PEER, proxies=PROXIES, trusted=False) == "8.8.8.8"
        assert address_of(raw, "198.51.100.7", proxies=(), trusted=True) == "8.8.8.8"


@pytest.mark.parametrize(
    ("chain", "found"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("6.6.6.6, 8.8.8.8", "8.8.8.8"),  # the left end is what the visitor himself made up
        ("6.6.6.6, 8.8.8.8, 10.1.2.3", "8.8.8.8"),  # a proxy on the way
        ("6.6.6.6,8.8.8.8,203.0.113.4,10.1.2.3", "8.8.8.8"),
        ("8.8.8.8, 192.168.1.4", "8.8.8.8"),  # a private hop
        ("192.168.1.4", "192.168.1.4"),  # an intranet has no other visitors
        ("192.168.1.4, 192.168.1.5", "192.168.1.5"),
        ("unknown, 8.8.8.8", "8.8.8.8"),
        ("8.8.8.8, unknown", "8.8.8.8"),
        ("8.8.8.8:1234", "8.8.8.8"),
        ("2001:4860::8888", "2001:4860::8888"),
        ("[2001:4860::8888]:443", "2001:4860::8888"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("2001:4860:0:0:0:0:0:8888", "2001:4860::8888"),
        ("8.8.8.8, 2001:db8:1::5", "8.8.8.8"),
        ("", PEER),
        ("unknown", PEER),
        (",,, ,", PEER),
        ("999.1.1.1", PEER),
        ("8.8.8.8\x00", PEER),
        ("<script>", PEER),
        ("203.0.113.4", PEER),  # nothing but proxies
    ],
)
def test_lists_are_read_from_the_right(chain: str, found: str) -> None:
    assert stated(x_forwarded_for=chain) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("for=8.8.8.8", "8.8.8.8"),
        ('For="8.8.8.8:80";proto=https;by=203.0.113.43', "8.8.8.8"),
        ('for="[2001:4860::8888]:443"', "2001:4860::8888"),
        ("proto=https;for=8.8.8.8;host=a.example", "8.8.8.8"),
        ("for=6.6.6.6, for=8.8.8.8", "8.8.8.8"),
        ("for=8.8.8.8, for=10.1.0.1", "8.8.8.8"),
        ("for=unknown", PEER),
        ("for=_hidden, proto=http", PEER),
        ("for=", PEER),
        ("by=8.8.8.8", PEER),
    ],
)
def test_forwarded(value: str, found: str) -> None:
    assert stated(forwarded=value) == found


def test_a_proxys_own_list_counts_more_than_what_a_visitor_states_through_it() -> None:
    assert stated(x_forwarded_for="8.8.8.8", x_client_ip="6.6.6.6", true_client_ip="6.6.6.6") == "8.8.8.8"
    assert stated(x_real_ip="8.8.8.8") == "8.8.8.8"
    assert set(PROXY_HEADERS) == set(ADDRESS_HEADERS)


def test_verified_senders_state_addresses_in_the_wires_order() -> None:
    names = [name.decode().replace("-", "_") for name in ADDRESS_HEADERS]
    for position, name in enumerate(names):
        headers = {each: f"8.8.{number}.8" for number, each in enumerate(names) if number >= position}
        if "forwarded" in headers:
            headers["forwarded"] = f"for={headers['forwarded']}"
        assert stated((), trusted=True, **headers) == f"8.8.{position}.8", name


def test_a_private_address_gives_way_to_a_public_one_in_a_later_header() -> None:
    assert stated((), trusted=True, x_client_ip="10.0.0.1", x_real_ip="8.8.8.8") == "8.8.8.8"
    assert stated((), trusted=True, x_client_ip="10.0.0.1", x_real_ip="fe80::1") == "10.0.0.1"


def test_a_repeated_header_is_one_list() -> None:
    raw = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"8.8.8.8, 10.1.0.9")]
    assert headers_of(raw)[b"x-forwarded-for"] == b"6.6.6.6,8.8.8.8, 10.1.0.9"
    assert address_of(headers_of(raw), PEER, proxies=PROXIES, trusted=False) == "8.8.8.8"


@pytest.mark.parametrize(
    ("peer", "found"),
    [
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_the_sockets_own_address(peer: str, found: str) -> None:
    assert stated((), peer=peer) == found
    assert stated(PROXIES, peer=peer, x_forwarded_for="8.8.8.8") == found


def test_a_proxy_on_a_socket_of_both_families_is_known() -> None:
    assert stated(peer="::ffff:203.0.113.9", x_forwarded_for="8.8.8.8") == "8.8.8.8"


def test_an_endless_list_is_read_from_its_end_only() -> None:
    assert stated(x_forwarded_for="6.6.6.6," * 100_000 + "8.8.8.8") == "8.8.8.8"


def test_no_text_breaks_the_reading() -> None:
    for text in ("", "[", "[]", "[::1", "::", "1.2.3", "for=[", "=" * 50, "a" * 999, "\xff", "1.2.3.4:"):
        assert read_address(text) is None or text == "::"


def test_what_is_remembered_of_a_sender_is_bounded() -> None:
    sender = sender_of({b"user-agent": b"a" * 60_000}, PEER, proxies=(), trusted=False)
    assert len(sender.user_agent) == 1024


# --- through the door: the computed device id tells which address counted ---


def device(http: httpx.Client, project: Project, more: dict[str, str] | None = None, **special: Any) -> str:
    body = {"type": "track", "payload": {"name": "x", "properties": special}}
    sent = {"user-agent": BROWSER, **project.write.headers, **(more or {})}
    return http.post("/track", json=body, headers=sent).json()["deviceId"]


def test_the_address_that_counts_makes_the_device(project: Project, open_door: OpenDoor) -> None:
    direct = open_door(peer="8.8.8.8")
    other = open_door(peer="8.8.4.4")
    proxied = open_door(peer="203.0.113.9", TRUSTED_PROXIES="203.0.113.0/24")
    visitor = device(direct, project)
    assert device(other, project) != visitor
    assert device(other, project, {"x-client-ip": "8.8.8.8"}) == visitor  # the secret was verified
    assert device(proxied, project, {"x-forwarded-for": "6.6.6.6, 8.8.8.8"}) == visitor


def test_verified_senders_state_an_address_per_event(
    inside: InProcess, project: Project, open_door: OpenDoor
) -> None:
    direct = open_door(peer="8.8.8.8")
    server = open_door(peer="192.0.2.1")
    visitor, own = device(direct, project), device(server, project)
    assert device(server, project, __ip="8.8.8.8") == visitor
    assert device(server, project, {"x-client-ip": "6.6.6.6"}, __ip=" 8.8.8.8 ") == visitor
    for garbage in ("", "here", "8.8.8", 7, None, ["8.8.8.8"]):
        assert device(server, project, __ip=garbage) == own
    client, _ = Clients(inside.runtime.catalog).create(project.id, "write", origins=["*"])
    stranger = {"user-agent": BROWSER, "event-lens-client-id": client.id, "origin": "https://a.example"}
    body = {"type": "track", "payload": {"name": "x", "properties": {"__ip": "8.8.8.8"}}}
    assert server.post("/track", json=body, headers=stranger).json()["deviceId"] == own


def test_a_batch_may_come_from_many_addresses_and_keeps_its_order(
    inside: InProcess, open_door: OpenDoor
) -> None:
    project = inside.project()
    http = open_door(peer="192.0.2.1")
    addresses = ["8.8.8.8", None, "8.8.8.8", "2.125.160.216", None]
    events = [
        {
            "type": "track",
            "payload": {"name": f"e{number}", "id": str(number), "properties": {"__ip": address}},
        }
        for number, address in enumerate(addresses)
    ]
    sent = {"user-agent": BROWSER, **project.write.headers}
    assert http.post("/track/batch", json=events, headers=sent).json()["accepted"] == 5
    inside.drain()
    rows = {row["name"]: row for row in project.events()}
    devices = [rows[f"e{number}"]["deviceId"] for number in range(5)]
    assert devices[0] == devices[2]
    assert devices[1] == devices[4]
    assert len(set(devices)) == 3
    assert [rows[f"e{number}"]["country"] for number in (1, 4)] == [None, None]
    assert rows["e0"]["country"] == "US"
    assert rows["e3"]["country"] == "GB"
    assert all(row["properties"] == {} for row in rows.values())
