import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich.user_agent import Agent, is_server_agent, parse_user_agent

CASES = json.loads(gzip.decompress((Path(__file__).parent / "data" / "ua_cases_a.json.gz").read_bytes()))
DEVICES = {"desktop", "mobile", "tablet", "tv", "console", "server", ""}

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.2 Mobile/15E148 Safari/604.1"
)
FROZEN = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (CHROME, Agent("Chrome", "120.0", "Windows", "10", "desktop", "", "")),
        (IPHONE, Agent("Mobile Safari", "17.2", "iOS", "17.2", "mobile", "Apple", "iPhone")),
        (FROZEN, Agent("Chrome Mobile", "120.0", "Android", "10", "mobile", "", "")),
        ("", Agent("", "", "", "", "server", "", "")),
        ("node", Agent("", "", "", "", "server", "", "")),
    ],
)
def test_reads_all_parts(user_agent, expected):
    assert parse_user_agent(user_agent) == expected


def known(family):
    return "" if family == "Other" else family


def version(family, *parts):
    return ".".join(part for part in parts if part) if known(family) else ""


def test_agrees_with_every_browser_case():
    for user_agent, family, major, minor in CASES["user_agent"]:
        agent = parse_user_agent(user_agent)
        assert (agent.browser, agent.browser_version) == (known(family), version(family, major, minor)), (
            user_agent
        )


def test_agrees_with_every_system_case():
    for user_agent, family, major, minor in CASES["os"]:
        agent = parse_user_agent(user_agent)
        assert (agent.os, agent.os_version) == (known(family), version(family, major, minor)), user_agent


def test_agrees_with_every_device_case():
    for user_agent, _, brand, model in CASES["device"]:
        agent = parse_user_agent(user_agent)
        assert (agent.brand, agent.model) == ((brand or "")[:64], (model or "")[:64]), user_agent


def test_the_share_that_is_read_right():
    """One figure over all cases; the tests above name each that is wrong."""
    right = sum(
        parse_user_agent(ua)[0:2] == (known(family), version(family, major, minor))
        for ua, family, major, minor in CASES["user_agent"]
    )
    right += sum(
        parse_user_agent(ua)[2:4] == (known(family), version(family, major, minor))
        for ua, family, major, minor in CASES["os"]
    )
    right += sum(
        parse_user_agent(ua)[5:7] == ((brand or "")[:64], (model or "")[:64])
        for ua, _, brand, model in CASES["device"]
    )
    total = sum(map(len, CASES.values()))
    print(f"{right} of {total} cases are read right: {100 * right / total:.2f} %")  # noqa: T201  # the figure
    assert right / total >= 0.999


def test_makers_devices_are_no_servers():
    servers = [
        ua for ua, _, brand, _ in CASES["device"] if brand not in (None, "Spider") and is_server_agent(ua)
    ]
    assert servers == []


@given(st.text(max_size=3000))
def test_never_raises_and_is_bounded(user_agent):
    agent = parse_user_agent(user_agent)
    assert agent.device in DEVICES
    assert max(map(len, agent)) <= 64
    assert is_server_agent(user_agent) == (agent.device == "server")


@given(
    st.lists(
        st.sampled_from(
            ["Mozilla/5.0 (", "Linux; Android 14; ", "\ud800", "iPhone", ") ", "Chrome/1.", "9" * 90]
        )
    )
)
def test_never_raises_on_pieces(pieces):
    agent = parse_user_agent("".join(pieces))
    assert max(map(len, agent)) <= 64


def test_long_user_agents_count_as_their_beginning():
    assert parse_user_agent(CHROME + " " * 2000 + "x") == parse_user_agent(CHROME)
