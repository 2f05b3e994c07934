import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich.client_hints import LONGEST_HINTS, NO_HINTS, Hints, read_hints, split_hints
from eventlens.enrich.user_agent import Agent, parse_user_agent

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/120.0.0.0 Safari/537.36"
LINUX = f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36"
CHROME_OS = f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/120.0.0.0 Safari/537.36"
FROZEN = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36"
FROZEN_TABLET = FROZEN.replace(" Mobile", "")
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.2 Mobile/15E148 Safari/604.1"
)

CHROME = b'"Not_A Brand";v="8", "Chromium";v="120", "Google Chrome";v="120"'
EDGE = b'"Not_A Brand";v="8.0.0.0", "Chromium";v="120.0.6099.71", "Microsoft Edge";v="120.0.2210.61"'
BRAVE = b'"Brave";v="120", "Chromium";v="120", " Not A;Brand";v="99"'


def headers(brands=CHROME, **more):
    names = {name: f"sec-ch-ua-{name.replace('_', '-')}".encode() for name in more}
    return {b"sec-ch-ua": brands, **{names[name]: value.encode() for name, value in more.items()}}


def parsed(user_agent, brands=CHROME, **more):
    return parse_user_agent(user_agent, read_hints(headers(brands, **more)))


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {b"user-agent": WINDOWS.encode()},
        headers(),
        headers(platform='"Windows"', mobile="?0"),
        headers(b""),
        headers(b"nonsense"),
        headers(b'"Chromium";v="120", "Not?A_Brand";v="24"'),
        headers(b'"Brave";v="120"' + b" " * 600),
        headers(b'"HeadlessChrome";v="120", "Chromium";v="120", "Not/A)Brand";v="8"'),
        headers(platform_version='""', model='""'),
    ],
)
def test_what_tells_nothing_new_is_empty(sent):
    assert read_hints(sent) == ""


@pytest.mark.parametrize(
    ("sent", "hints"),
    [
        (headers(BRAVE), Hints("Brave", "120", "", "", "", "")),
        (
            headers(platform='"Windows"', platform_version='"15.0.0"', mobile="?0"),
            Hints("", "", "Windows", "15.0.0", "", "0"),
        ),
        (
            headers(platform='"Android"', platform_version='"14.0.0"', model='"SM-S911B"', mobile="?1"),
            Hints("", "", "Android", "14.0.0", "SM-S911B", "1"),
        ),
        (
            {
                **headers(platform='"macOS"', platform_version='"14.5.0"'),
                b"sec-ch-ua-full-version-list": EDGE,
            },
            Hints("Microsoft Edge", "120.0.2210.61", "macOS", "14.5.0", "", ""),
        ),
        (headers(model='"a\tb(c);"'), Hints("", "", "", "", "abc", "")),
        (headers(model="unquoted", platform_version='"1'), NO_HINTS),
    ],
)
def test_reads_and_splits(sent, hints):
    assert split_hints(read_hints(sent)) == hints


@pytest.mark.parametrize("text", ["", "x", "\t", "a\tb\tc\td\te", "a\tb\tc\td\te\tf\tg"])
def test_other_texts_are_no_hints(text):
    assert split_hints(text) == NO_HINTS


@pytest.mark.parametrize(
    ("version", "windows"),
    [
        ("0.1.0", "7"),
        ("0.2.0", "8"),
        ("0.3.0", "8.1"),
        ("0.9.0", "10"),
        ("1.0.0", "10"),
        ("10.0.0", "10"),
        ("13.0.0", "11"),
        ("15.0.0", "11"),
        ("", "10"),
        ("x", "10"),
    ],
)
def test_windows(version, windows):
    agent = parsed(WINDOWS, platform='"Windows"', platform_version=f'"{version}"')
    assert agent == Agent("Chrome", "120.0", "Windows", windows, "desktop", "", "")


@pytest.mark.parametrize(
    ("user_agent", "platform", "version", "os", "os_version"),
    [
        (MAC, "macOS", "14.5.0", "Mac OS X", "14.5"),
        (MAC, "macOS", "11.0.0", "Mac OS X", "11.0"),
        (MAC, "macOS", "", "Mac OS X", "10.15"),
        (MAC, "Windows", "15.0.0", "Mac OS X", "10.15"),
        (CHROME_OS, "Chrome OS", "15633.44.0", "Chrome OS", "15633.44"),
        (LINUX, "Linux", "6.5.0", "Linux", ""),
        (IPHONE, "Windows", "15.0.0", "iOS", "17.2"),
    ],
)
def test_other_systems(user_agent, platform, version, os, os_version):
    agent = parsed(user_agent, platform=f'"{platform}"', platform_version=f'"{version}"')
    assert (agent.os, agent.os_version) == (os, os_version)


ANDROID_14 = {"platform": '"Android"', "platform_version": '"14.0.0"'}


@pytest.mark.parametrize(
    ("user_agent", "more", "agent"),
    [
        (
            FROZEN,
            {**ANDROID_14, "model": '"SM-S911B"'},
            Agent("Chrome Mobile", "120.0", "Android", "14", "mobile", "Samsung", "SM-S911B"),
        ),
        (
            FROZEN,
            {**ANDROID_14, "model": '"Pixel 8 Pro"'},
            Agent("Chrome Mobile", "120.0", "Android", "14", "mobile", "Google", "Pixel 8 Pro"),
        ),
        (
            FROZEN,
            {"platform": '"Android"', "platform_version": '"8.1.0"', "model": '""'},
            Agent("Chrome Mobile", "120.0", "Android", "8.1", "mobile", "", ""),
        ),
        (
            FROZEN_TABLET,
            {**ANDROID_14, "model": '"SM-X700"', "mobile": "?0"},
            Agent("Chrome", "120.0", "Android", "14", "tablet", "Generic_Android_Tablet", "SM-X700"),
        ),
        (
            LINUX,
            {**ANDROID_14, "model": '"Pixel 8"', "mobile": "?1"},
            Agent("Chrome Mobile", "120.0", "Android", "14", "mobile", "Google", "Pixel 8"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 13; Pixel 7) {WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36",
            {**ANDROID_14, "model": '"Pixel 8"'},
            Agent("Chrome Mobile", "120.0", "Android", "13", "mobile", "Google", "Pixel 7"),
        ),
    ],
)
def test_the_android_behind_the_frozen_text(user_agent, more, agent):
    assert parsed(user_agent, **more) == agent


@pytest.mark.parametrize(
    ("user_agent", "brands", "browser", "version"),
    [
        (WINDOWS, BRAVE, "Brave", "120"),
        (FROZEN, BRAVE, "Brave", "120"),
        (WINDOWS, EDGE, "Edge", "120.0"),
        (FROZEN, b'"Opera";v="80", "Chromium";v="120"', "Opera Mobile", "80"),
        (WINDOWS, b'"Opera GX";v="106"', "Opera GX", "106"),
        (WINDOWS, b'"DuckDuckGo";v="124", "Chromium";v="124"', "DuckDuckGo", "124"),
        (f"{WINDOWS} Edg/119.0.1.2", b'"Brave";v="120"', "Edge", "119.0"),
        (WINDOWS, CHROME, "Chrome", "120.0"),
    ],
)
def test_brands(user_agent, brands, browser, version):
    agent = parsed(user_agent, brands)
    assert (agent.browser, agent.browser_version) == (browser, version)


def test_a_servers_hints_change_nothing():
    assert parsed("node", BRAVE, platform_version='"15.0.0"') == parse_user_agent("node")


NAMES = [
    b"sec-ch-ua",
    b"sec-ch-ua-full-version-list",
    b"sec-ch-ua-platform",
    b"sec-ch-ua-platform-version",
    b"sec-ch-ua-model",
    b"sec-ch-ua-mobile",
]
PIECES = [b'"', b";v=", b"Android", b"Windows", b"\t", b"\xff", b"13", b"9" * 90, b"\xc3\xbc", b".", b"(K)"]
VALUES = st.binary(max_size=700) | st.lists(st.sampled_from(PIECES)).map(b"".join)


@given(
    st.dictionaries(st.sampled_from(NAMES), VALUES | VALUES.map(lambda value: b'"%b"' % value)),
    st.sampled_from([WINDOWS, MAC, LINUX, FROZEN, IPHONE, "node", ""]),
)
def test_never_raises_and_is_bounded(sent, user_agent):
    text = read_hints(sent)
    assert len(text) <= LONGEST_HINTS
    assert "\t".join(split_hints(text)) in (text, "\t" * 5)
    assert max(map(len, parse_user_agent(user_agent, text))) <= 64


@given(st.text(max_size=400), st.sampled_from([WINDOWS, FROZEN, LINUX]))
def test_any_text_may_come_from_the_queue(text, user_agent):
    assert max(map(len, parse_user_agent(user_agent, text))) <= 64
