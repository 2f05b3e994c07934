"""Which robot a user agent names, if any.

Two packaged lists are asked: crawlers by name (`crawler-user-agents`, with their kind) and the general signs
of `isbot` ("…crawl…", no spaces, …); a third, our own, is in `robot_signs`. Which of them suffice depends on
what the rest of the text is:

* One product (`Acme/2.1`) is a program. An HTTP library, or what is named like somebody's server, is a server
  that sends events, unless it calls itself a robot or is a crawling framework; in access logs it is noise:
  importers ask with `libraries=True`. Any other is a robot, unless it sends through an SDK.
* A phone, tablet, television or console is a person's unless a telling sign says otherwise: signs that
  merely describe how a text looks (`WEAK_SIGNS`) and crawlers' names that might be a model's do not suffice.
* A whole browser on a computer is a person's unless a sign says otherwise that toolbars and apps never show.
* Of the rest every sign counts, and so does a name that nobody knows.

Signs known to name people's browsers (`WRONG`) are left out. `benchmarks/bots.py` measures lists.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from eventlens.enrich.devices import is_known_library
from eventlens.enrich.once import Once
from eventlens.enrich.packaged import packaged_json
from eventlens.enrich.patterns import PatternSet
from eventlens.enrich.robot_signs import (
    ADDED_AS_COMPATIBLE,
    APPS,
    BROWSER_WEAK_SIGNS,
    FRAMEWORKS,
    NAMED_AS_COMPATIBLE,
    OLD_BROWSERS,
    PEOPLES_PROGRAMS,
    PHONE_WORDS,
    RARE_SYSTEMS,
    ROBOT_WORDS,
    SERVER_PROGRAMS,
    SERVER_WORDS,
    STRONG_SIGNS,
    WEAK_SIGNS,
    WRONG,
)
from eventlens.enrich.user_agent import LONGEST_USER_AGENT, Agent, parse_user_agent


class Bot(NamedTuple):
    """Who it is ("Googlebot") and what for ("Search bot", "AI crawler", …; "Bot" when nobody knows)."""

    name: str
    type: str


TYPES = {
    "academic": "Research",
    "advertising": "Advertising",
    "ai-crawler": "AI crawler",
    "archiver": "Archiver",
    "browser-automation": "Browser automation",
    "feed-reader": "Feed reader",
    "http-library": "HTTP library",
    "monitoring": "Monitoring",
    "scanner": "Security scanner",
    "search-engine": "Search bot",
    "seo": "SEO",
    "social-preview": "Link preview",
}
"""The crawler list's tags → what we call them."""
UNKNOWN_TYPE = "Bot"
LIBRARY_TYPE = TYPES["http-library"]
PROGRAM_TYPE = "Program"
"""One product of which nobody has heard: a robot, unless an SDK speaks for it."""
_BROWSERS_SDKS = frozenset(["", "web"])

_LOOK_AROUND = re.compile(r"\(\?<?!(?:[^()]|\([^()]*\))*\)")
_COMPATIBLE = re.compile(r"compatible; ?(?!MSIE|http)([A-Za-z][\w.\-]*)", re.ASCII)
_TOKEN = re.compile(r"[^\s;,()/\[\]<>\"]+")
_DEVICE = re.compile(r"^(Mozilla/\d\.\d|Dalvik/[\d.]+) *\((?!compatible; ?(?!MSIE))[^()]*\)")
_ENGINE = re.compile(r"AppleWebKit/|Gecko|Presto/|Trident/|MSIE |KHTML/|Goanna/")
_LONGEST_NAME = 64
_HANDHELD = frozenset(["mobile", "tablet", "tv", "console"])
_MAKERLESS = frozenset(
    ["Spider", "Generic"]
)  # "Generic Feature Phone" is the parser's guess for any odd text


def recognise_bot(user_agent: str, *, libraries: bool = False, sdk: str = "") -> Bot | None:
    """The robot that a user agent names, else None. Never raises.

    With `libraries`, HTTP libraries (curl, python-requests, '') count as robots too. `sdk` names the
    SDK that sent it ('' or 'web': none, or one that runs in browsers): an unknown program
    (`Acme/2.1`) that sends through an SDK means its events.
    """
    bot = _recognise(user_agent[:LONGEST_USER_AGENT])
    if bot is None or libraries:
        return bot
    if bot.type == LIBRARY_TYPE or (bot.type == PROGRAM_TYPE and sdk.lower() not in _BROWSERS_SDKS):
        return None
    return bot


@lru_cache(maxsize=10_000)
def _recognise(user_agent: str) -> Bot | None:
    """Like `recognise_bot` with `libraries`."""
    lists = _lists()
    text = user_agent.encode("utf-8", "replace")
    crawlers = lists.crawlers(text)
    agent = parse_user_agent(user_agent)
    is_robot = lists.own_signs(text) or ADDED_AS_COMPATIBLE.search(user_agent) is not None
    if agent.device == "server":
        return _program(user_agent, [c for c in crawlers if _is_crawler(c)], calls_itself_robot=is_robot)
    if is_robot:
        pass
    elif _is_handheld(agent, user_agent):
        is_robot = _marks_handheld(user_agent, crawlers, lists)
    elif agent.browser and agent.os and _ENGINE.search(user_agent):
        is_robot = _marks_browser(user_agent, crawlers, lists.signs(text, user_agent))
    else:
        is_robot = _marks_other(user_agent, crawlers, lists.signs(text, user_agent))
    return _named(crawlers, user_agent) if is_robot else None


def _marks_handheld(user_agent: str, crawlers: Sequence["_Crawler"], lists: "_Lists") -> bool:
    """Whether the lists' signs make a phone or the like a robot."""
    weak = WEAK_SIGNS if _names_address(user_agent) else WEAK_SIGNS | BROWSER_WEAK_SIGNS
    signs = lists.signs(*_without_device(user_agent))
    return not weak.issuperset(signs) or any(_is_outside(crawler, user_agent) for crawler in crawlers)


def _marks_browser(user_agent: str, crawlers: Sequence["_Crawler"], signs: Sequence[str]) -> bool:
    """Whether the lists' signs make a whole browser on a computer a robot."""
    if _names_address(user_agent) or not BROWSER_WEAK_SIGNS.issuperset(signs):
        return True
    return "Electron/" not in user_agent and not APPS.issuperset(c.pattern for c in crawlers)


def _marks_other(user_agent: str, crawlers: Sequence["_Crawler"], signs: Sequence[str]) -> bool:
    """Whether the lists' signs, or being unheard of, make any other text a robot."""
    if _is_old_browser(user_agent):
        return False
    return bool(crawlers or signs) or _is_odd(parse_user_agent(user_agent), user_agent)


def _program(user_agent: str, crawlers: Sequence["_Crawler"], *, calls_itself_robot: bool) -> Bot | None:
    """What one product is: a robot, somebody's HTTP library or server, or an old browser (None)."""
    if crawlers or calls_itself_robot or ROBOT_WORDS.search(user_agent):
        return _named(crawlers, user_agent)
    if _is_old_browser(user_agent):
        return None
    product = _first_product(user_agent)
    is_servers = (
        is_known_library(user_agent)
        or product.lower() in SERVER_PROGRAMS
        or SERVER_WORDS.search(user_agent) is not None
    )
    return Bot(product, LIBRARY_TYPE if is_servers else PROGRAM_TYPE)


def _is_crawler(crawler: "_Crawler") -> bool:
    return crawler.type != LIBRARY_TYPE or crawler.pattern in FRAMEWORKS


def _is_handheld(agent: Agent, user_agent: str) -> bool:
    """Whether this is a telephone, tablet, television or console of a known maker or known by its words."""
    if agent.device in _HANDHELD and agent.brand not in _MAKERLESS:
        return True
    return agent.brand in ("", "Generic") and PHONE_WORDS.search(user_agent) is not None


def _without_device(user_agent: str) -> tuple[bytes, str]:
    """The text without its first parentheses, where a browser says its device: any word may be a model's."""
    rest = _DEVICE.sub(r"\1", user_agent, count=1)
    return rest.encode("utf-8", "replace"), rest


def _is_outside(crawler: "_Crawler", user_agent: str) -> bool:
    """Whether a crawler's name stands behind the first parentheses, where a device's name never is."""
    if crawler.pattern in APPS:
        return False
    end = user_agent.find(")")
    return (
        end > 0 and re.compile(crawler.pattern, re.ASCII | re.IGNORECASE).search(user_agent, end) is not None
    )


def _names_address(user_agent: str) -> bool:
    return "http://" in user_agent or "https://" in user_agent


def _is_old_browser(user_agent: str) -> bool:
    return OLD_BROWSERS.match(user_agent) is not None and not _names_address(user_agent)


def _is_odd(agent: Agent, user_agent: str) -> bool:
    """Whether nobody knows the browser, and nothing says that it is an app or an old machine's."""
    if agent.browser or agent.device not in ("", "desktop") or RARE_SYSTEMS.search(user_agent):
        return False
    if user_agent.startswith("Mozilla/"):
        return NAMED_AS_COMPATIBLE.search(user_agent) is not None
    return PEOPLES_PROGRAMS.search(user_agent) is None


class _Crawler(NamedTuple):
    pattern: str
    type: str


class _Lists:
    """Both lists, compiled."""

    def __init__(self) -> None:
        listed = cast("Sequence[Mapping[str, object]]", packaged_json("crawler-user-agents.json.gz"))
        self._crawlers = [_crawler(entry) for entry in listed if entry["pattern"] not in WRONG]
        self._crawler_set = PatternSet([c.pattern for c in self._crawlers], ignore_case=False)
        signs = cast("Sequence[str]", packaged_json("isbot-patterns.json.gz"))
        self._signs = [sign for sign in signs if sign not in WRONG]
        self._sign_set = PatternSet([_without_look_around(sign) for sign in self._signs], ignore_case=True)
        self._own_signs = PatternSet(STRONG_SIGNS, ignore_case=True)
        # RE2 has no look-around: it finds candidates, and those few patterns are then asked again in full.
        self._again = {
            index: re.compile(_for_python(sign), re.IGNORECASE | re.ASCII)
            for index, sign in enumerate(self._signs)
            if _LOOK_AROUND.search(sign)
        }

    def crawlers(self, text: bytes) -> list[_Crawler]:
        """The named crawlers found in a user agent."""
        return [self._crawlers[index] for index in self._crawler_set.search(text)]

    def own_signs(self, text: bytes) -> bool:
        """Whether one of our own signs is found."""
        return bool(self._own_signs.search(text))

    def signs(self, text: bytes, user_agent: str) -> list[str]:
        """The general signs found in a user agent (given as UTF-8 and as text)."""
        return [
            self._signs[index] for index in self._sign_set.search(text) if self._confirms(index, user_agent)
        ]

    def _confirms(self, index: int, user_agent: str) -> bool:
        again = self._again.get(index)
        return again is None or again.search(user_agent) is not None


def _crawler(entry: Mapping[str, object]) -> _Crawler:
    tags = cast("Sequence[str]", entry.get("tags") or ())
    return _Crawler(cast("str", entry["pattern"]), TYPES.get(tags[0], UNKNOWN_TYPE) if tags else UNKNOWN_TYPE)


def _for_python(sign: str) -> str:
    r"""Python wants look-behinds of one width, and no '-' after a class like \d."""
    return sign.replace("(?<! channel/|google/)", "(?<! channel/)(?<!google/)").replace(
        r"[\w\d-.]", r"[\w\d.-]"
    )


def _without_look_around(sign: str) -> str:
    return _LOOK_AROUND.sub("", _for_python(sign))


def _named(crawlers: Sequence[_Crawler], user_agent: str) -> Bot:
    """Name and type by the most specific crawler found, else by the word that gave the robot away."""
    if not crawlers:
        word = next((token for token in _TOKEN.findall(user_agent) if ROBOT_WORDS.search(token)), None)
        return Bot(word[:_LONGEST_NAME] if word else _first_product(user_agent), UNKNOWN_TYPE)
    told = [c for c in crawlers if c.type != LIBRARY_TYPE] or crawlers
    name, kind = max(((_match(c, user_agent), c.type) for c in told), key=_telling)
    return Bot(name[:_LONGEST_NAME], kind if kind != LIBRARY_TYPE else UNKNOWN_TYPE)


def _match(crawler: _Crawler, user_agent: str) -> str:
    """The crawler's name as the user agent spells it."""
    match = re.search(crawler.pattern, user_agent, re.ASCII | re.IGNORECASE)
    name = (match[0] if match else crawler.pattern).strip(" /;:()[]-_.,+'\"")
    if "/" in name or "." in name:  # an address: most robots say their name after "compatible"
        match = _COMPATIBLE.search(user_agent)
        name = match[1] if match else name
    return name or _first_product(user_agent)


def _telling(candidate: tuple[str, str]) -> tuple[bool, int]:
    """Sorts "Googlebot-Image" above "Googlebot", and both above addresses like "google.com/bot"."""
    name, _ = candidate
    return "/" not in name and "." not in name, len(name)


def _first_product(user_agent: str) -> str:
    tokens: list[str] = _TOKEN.findall(user_agent[:256])
    name = next((t for t in tokens if t not in ("Mozilla", "Opera", "compatible") and t[:1].isalpha()), "")
    return (name or (tokens[0] if tokens else "no user agent"))[:_LONGEST_NAME]


_lists = Once(_Lists)
