import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich import bots
from eventlens.enrich.bots import PROGRAM_TYPE, TYPES, UNKNOWN_TYPE, Bot, recognise_bot
from eventlens.enrich.packaged import packaged_json
from eventlens.enrich.robot_signs import APPS, BROWSER_WEAK_SIGNS, FRAMEWORKS, WEAK_SIGNS, WRONG

CRAWLERS = packaged_json("crawler-user-agents.json.gz")
SIGNS = packaged_json("isbot-patterns.json.gz")
CASES = json.loads(gzip.decompress((Path(__file__).parent / "data" / "ua_cases_a.json.gz").read_bytes()))
EXAMPLES = [(example, entry) for entry in CRAWLERS for example in entry.get("instances", [])]
PEOPLE = [user_agent for user_agent, _, brand, _ in CASES["device"] if brand != "Spider"]
ALL_TYPES = {*TYPES.values(), UNKNOWN_TYPE, PROGRAM_TYPE}


@pytest.mark.parametrize(
    ("user_agent", "bot"),
    [
        ("Googlebot/2.1 (+http://www.google.com/bot.html)", Bot("Googlebot", "Search bot")),
        ("Googlebot/2.1", Bot("Googlebot", "Search bot")),
        ("Googlebot-Image/1.0", Bot("Googlebot-Image", "Search bot")),
        (
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            Bot("bingbot", "Search bot"),
        ),
        ("Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", Bot("YandexBot", "Search bot")),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            Bot("GPTBot", "AI crawler"),
        ),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
            Bot("ClaudeBot", "AI crawler"),
        ),
        (
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            Bot("AhrefsBot", "SEO"),
        ),
        ("facebookexternalhit/1.1", Bot("facebookexternalhit", "Link preview")),
        ("WhatsApp/2.23.20.0 A", Bot("WhatsApp", "Link preview")),
        ("HeadlessChrome", Bot("HeadlessChrome", "Browser automation")),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) HeadlessChrome/119.0 Safari/537.36",
            Bot("HeadlessChrome", "Browser automation"),
        ),
        ("python-scrapy", Bot("python-scrapy", "Bot")),
        ("Scrapy/2.11 (+https://scrapy.org)", Bot("Scrapy", "Bot")),
        ("Uptime-Kuma/1.23.16", Bot("Uptime-Kuma", "Monitoring")),
        ("my-crawler/1.0", Bot("my-crawler", "Bot")),
        ("UnheardOfBot/0.1", Bot("UnheardOfBot", "Bot")),
        ("Mozilla/5.0 (compatible; Unheard/1.0; +http://unheard.example)", Bot("Unheard", "Bot")),
        ("Mozilla/5.0", Bot("Mozilla", "Bot")),
        (
            "Mozilla/5.0 (Linux; Android 6.0; Nexus 5) Chrome/58.0 Mobile Safari/537.36; Bytespider",
            Bot("Bytespider", "AI crawler"),
        ),
    ],
)
def test_bots(user_agent, bot):
    assert recognise_bot(user_agent) == bot
    assert recognise_bot(user_agent, libraries=True) == bot


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WEBVIEW = f"Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) {WEBKIT}"


@pytest.mark.parametrize(
    "user_agent",
    [
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
        "Mozilla/5.0 (Linux; Android 10; CUBOT X18 Plus) AppleWebKit/537.36 Chrome/99 Mobile Safari/537.36",
        f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/120 Mobile Safari/537.36",
        f"{WEBVIEW} Version/4.0 Chrome/142.0 Mobile Safari/537.36 Instagram 406.0.0.58.159 Android",
        f"{WEBVIEW} Version/4.0 Chrome/146.0 Mobile Safari/537.36 MetaIAB Facebook",
        "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.0; Trident/4.0; chromeframe; SLCC1)",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows Phone OS 7.0; Trident/3.1; HTC; Radar C110e)",
        "WhatsApp/2.11.112 Android/4.2.1 Device/asus-ASUS_Transformer_Pad_TF300TG",
        "SonyEricssonT610/R101",
        "SonyEricssonC901/R1EA Browser/NetFront/3.4 Profile/MIDP-2.1 JavaPlatform/JP-8.4.2",
        "Snapchat/10.29.1.0 (iPhone10,1; iOS 11.2; gzip)",
    ],
)
def test_people(user_agent):
    assert recognise_bot(user_agent) is None
    assert recognise_bot(user_agent, libraries=True) is None


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("curl/8.5.0", "curl"),
        ("python-requests/2.31.0", "python-requests"),
        ("Go-http-client/1.1", "Go-http-client"),
        ("node", "node"),
        ("axios/1.6", "axios"),
        ("okhttp/4.12.0", "okhttp"),
        ("Apache-HttpClient/4.5.14 (Java/17.0.9)", "Apache-HttpClient"),
        ("shop-backend/2.1", "shop-backend"),
        ("event-lens-node/0.1.0", "event-lens-node"),
        ("", "no user agent"),
        ("-", "-"),
    ],
)
def test_libraries_are_bots_only_when_asked(user_agent, name):
    assert recognise_bot(user_agent) is None
    assert recognise_bot(user_agent, libraries=True) == Bot(name, "HTTP library")


@pytest.mark.parametrize(
    "user_agent",
    [
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120 Safari/537.36 (compatible; Odd/1)",
        f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/120.0 Safari/537.36 ScreenshotTaker/2",
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/130 Safari/537.36 https://odd.org/",
        "Mozilla/5.0 (compatible; Unheard Web Agent; Linux)",
        "unheard-tool/2.1 CPython/3.11 Linux/6.1",
        "Unheard Thing 2.0 (someone@unheard.org)",
        f"Mozilla/5.0 (Linux; Android 6; Nexus 5X) {WEBKIT} Chrome/120.0 Mobile Safari/537 (compatible; X)",
        "Mozilla/5.0 (Windows NT 10.0) <script>alert(1)</script>",
    ],
)
def test_robots_of_which_no_list_knows(user_agent):
    assert recognise_bot(user_agent) is not None


@pytest.mark.parametrize(
    "user_agent",
    [
        f"Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/NRD90M) {WEBKIT} Chrome/68.0 Mobile Safari/537.36",
        f"Mozilla/5.0 (Linux; Android 8.0.0; CUBOT_X18_Plus) {WEBKIT} Chrome/70.0 Mobile Safari/537.36",
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 10_3 like Mac OS X) {WEBKIT} Mobile/14G SogouMobileBrowser/5.9",
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} WhatsApp/2 Chrome/76 Electron/6.1 Safari/537.36",
        "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; Touch; rv:11.0) like Gecko ICAPoHTTPS",
        "Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.7.5) Gecko/20050519 Netscape/8.0.1 FirePHP/0.3",
        "SANSUI_S55T_Maui Wap Browser/1.0; Profile/MIDP-2.0 Configuration/CLDC-1.1",
        f"Mozilla/5.0 (Linux; Android 14; DISCOVERY_2_ME) {WEBKIT} Chrome/137 Mobile Safari/537.36",
        "dv(iPh9,4);pr(UCBrowser/11.3.5.1203);ov(15_8);ss(414x736);bt(GJ);pm(0);bv(0);nm(0);im(0);nt(1);",
        "NetSurf/3.10 (Linux; Arch Linux)",
        "Dillo/3.1.0",
        "Dart/3.5 (dart:io)",
        "MyShop/3 CFNetwork/1410.0.3 Darwin/22.6.0",
        "Dalvik/2.1.0 (Linux; U; Android 13; SM-S901B Build/TP1A.220624.014)",
    ],
)
def test_odd_but_peoples(user_agent):
    assert recognise_bot(user_agent) is None


@pytest.mark.parametrize("user_agent", ["okhttp/4.12.0", "Expo/1017756", "node", "@acme/sdk", "acme-api/2.1"])
def test_programs_that_mean_their_events(user_agent):
    assert recognise_bot(user_agent) is None
    bot = recognise_bot(user_agent, libraries=True)
    assert bot is not None
    assert bot.type == "HTTP library"


def test_an_unknown_program_is_a_robot_unless_an_sdk_speaks_for_it():
    unknown = Bot("Acme", PROGRAM_TYPE)
    assert recognise_bot("Acme/2.1") == recognise_bot("Acme/2.1", sdk="web") == unknown
    assert recognise_bot("Acme/2.1", libraries=True, sdk="node") == unknown
    assert recognise_bot("Acme/2.1", sdk="react-native") is None
    assert recognise_bot("Googlebot/2.1", sdk="react-native") == Bot("Googlebot", "Search bot")


def test_known_crawlers_are_recognised():
    robots = [example for example, entry in EXAMPLES if entry["tags"] != ["http-library"]]
    missed = [example for example in robots if recognise_bot(example) is None]
    assert len(missed) / len(robots) < 0.003, missed  # the rest are apps
    missed = [example for example, _ in EXAMPLES if recognise_bot(example, libraries=True) is None]
    assert len(missed) / len(EXAMPLES) < 0.003, missed


def test_unknown_crawlers_are_mostly_recognised(monkeypatch):
    """Each example without its own entry in the list: only general signs and other entries can tell."""
    lists = bots._lists()
    monkeypatch.setattr(bots, "_recognise", bots._recognise.__wrapped__)
    full = lists.crawlers
    missed = 0
    for example, entry in EXAMPLES[::4]:
        own = entry["pattern"]
        monkeypatch.setattr(
            lists, "crawlers", lambda text, own=own: [c for c in full(text) if c.pattern != own]
        )
        missed += recognise_bot(example, libraries=True) is None
    assert missed / len(EXAMPLES[::4]) < 0.01


def test_peoples_devices_are_not_taken_for_bots():
    flagged = [user_agent for user_agent in PEOPLE if recognise_bot(user_agent, libraries=True)]
    assert len(flagged) / len(PEOPLE) < 0.004, flagged


def test_every_answer_has_a_name_and_a_type():
    for example, _ in EXAMPLES:
        bot = recognise_bot(example, libraries=True)
        assert bot is None or (bot.name and bot.type in ALL_TYPES)


def test_our_exceptions_still_name_entries_of_the_lists():
    patterns = {entry["pattern"] for entry in CRAWLERS}
    assert set(SIGNS) >= WEAK_SIGNS | BROWSER_WEAK_SIGNS
    assert patterns >= FRAMEWORKS | APPS
    assert patterns | set(SIGNS) >= WRONG
    assert {tag for entry in CRAWLERS for tag in entry["tags"]} == set(TYPES)


def test_one_pass_agrees_with_asking_each_pattern():
    lists = bots._lists()
    crawlers = [re.compile(entry["pattern"], re.ASCII) for entry in CRAWLERS if entry["pattern"] not in WRONG]
    signs = {
        sign: re.compile(bots._for_python(sign), re.ASCII | re.IGNORECASE)
        for sign in SIGNS
        if sign not in WRONG
    }
    for user_agent in [example for example, _ in EXAMPLES[::40]] + PEOPLE[::400]:
        text = user_agent.encode()
        assert {c.pattern for c in lists.crawlers(text)} == {
            p.pattern for p in crawlers if p.search(user_agent)
        }
        assert set(lists.signs(text, user_agent)) == {
            sign for sign, p in signs.items() if p.search(user_agent)
        }


def test_threads_share_the_lists():
    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(recognise_bot, [f"Googlebot/2.{n}" for n in range(40)]))
    assert answers == {Bot("Googlebot", "Search bot")}


@given(st.text(max_size=200) | st.text(alphabet="Mozila/5.0 (bot;+htp:)ü\ud800\x00|", max_size=3000))
def test_never_raises_and_is_bounded(user_agent):
    strict, loose = recognise_bot(user_agent), recognise_bot(user_agent, libraries=True)
    assert strict in (None, loose)
    if loose:
        assert 0 < len(loose.name) <= 64
        assert loose.type in ALL_TYPES
