"""Which robot a user agent names, if any.

Two packaged lists are asked: crawlers by name (`crawler-user-agents`, with their kind) and the general signs
of `isbot` ("…crawl…", "+http://…", no spaces, …). Three rules keep people and servers out of it:

* A phone, tablet, television or console is a person's unless a telling sign says otherwise: signs that
  merely describe how a text looks (`WEAK_SIGNS`) and crawlers' names that might be a model's do not suffice.
* An HTTP library (`user_agent.is_server_agent`) is somebody's server that sends events, unless it calls
  itself a robot or is a crawling framework. In access logs libraries are noise: importers ask with
  `libraries=True`.
* Signs known to name people's browsers (`_WRONG`) are left out.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from eventlens.enrich.once import Once
from eventlens.enrich.packaged import packaged_json
from eventlens.enrich.patterns import PatternSet
from eventlens.enrich.user_agent import LONGEST_USER_AGENT, parse_user_agent


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

WEAK_SIGNS = frozenset(
    [
        r"^[\w \.\-\(?:\):%]+(?:/v?\d+(?:\.\d+)?(?:\.\d{1,10})*?)?(?:,|$)",
        r"^[\w\-]+/[\w]+$",
        r"^\w+/[\w\(\)]*$",
        r"^\w+/\d\.\d\s\([\w@]+\)$",
        r"^[^ ]{50,}$",
        r"^[<\(;]",
        r"^\d+\b",
        r"^\w*search\b",
        r"\b\w+/1\.0;",
        r";\s\w+;$",
        r"\(\)",
        r"\|",
        r"@[a-z][\w-]+\.",
        r"^client/",
        r"^custom",
        r"^facebook",
        r"^snapchat",
        r"^whatsapp",
        r"^wordpress",
        r"^yahoo",
        r"(?:^|[^g])news(?!sapphire)",
        r"(?<! channel/|google/)google(?!(?:wv|app|/google| pixel))",
        r"advisor",
        r"java(?!;)",
        r"library",
        r"proxy",
        r"radar",
        r"url",
    ]
)
"""Signs that phones and apps show as well: old phones say only their model, HTC made a "Radar"."""

_ROBOT_WORDS = re.compile(
    r"\bbots\b|(?<!cu)bot(?![a-z])|crawl|spider|scrap(?:e|y|ing)|headless|phantomjs|slurp|nutch|httrack"
    r"|(?<!cam)scanner|validator|checker|archiver|indexer|fetcher|preview|detector|classifier",
    re.IGNORECASE,
)
"""What a program that looks like an HTTP library must call itself to be taken for a robot."""

_FRAMEWORKS = frozenset(
    [
        *(
            "BTWebClient",
            "Download Ninja",
            "GoParserBot",
            "HTTrack",
            "Scrapy",
            "SimpleCrawler",
            "colly",
            "crawler4j",
        ),
        *("larbin", r"newspaper\/", "phpcrawl", "python-opengraph", "rawweb-bot", "trafilatura"),
    ]
)
"""Tagged as HTTP libraries, but made for crawling and nothing else."""

_WRONG = frozenset(
    [
        r"AP3A\.240617\.008",  # an Android build that millions of phones run
        r"MetaIAB Facebook",  # Facebook's in-app browser
        r"chromeframe",  # a plug-in of people's Internet Explorer
    ]
)
_LOOK_AROUND = re.compile(r"\(\?<?!(?:[^()]|\([^()]*\))*\)")
_COMPATIBLE = re.compile(r"compatible; ?(?!MSIE|http)([A-Za-z][\w.\-]*)", re.ASCII)
_TOKEN = re.compile(r"[^\s;,()/\[\]<>\"]+")
_LONGEST_NAME = 64
_HANDHELD = frozenset(["mobile", "tablet", "tv", "console"])
_MAKERLESS = frozenset(
    ["Spider", "Generic"]
)  # "Generic Feature Phone" is the parser's guess for any odd text


def recognise_bot(user_agent: str, *, libraries: bool = False) -> Bot | None:
    """The robot that a user agent names, else None. Never raises.

    With `libraries`, HTTP libraries (curl, python-requests, an empty user agent) count as robots too.
    """
    bot = _recognise(user_agent[:LONGEST_USER_AGENT])
    return bot if libraries or bot is None or bot.type != LIBRARY_TYPE else None


@lru_cache(maxsize=10_000)
def _recognise(user_agent: str) -> Bot | None:
    """Like `recognise_bot` with `libraries`."""
    lists = _lists()
    text = user_agent.encode("utf-8", "replace")
    crawlers = lists.crawlers(text)
    agent = parse_user_agent(user_agent)
    if agent.device == "server":
        crawlers = [c for c in crawlers if c.type != LIBRARY_TYPE or c.pattern in _FRAMEWORKS]
        if crawlers or _ROBOT_WORDS.search(user_agent):
            return _named(crawlers, user_agent)
        return Bot(_first_product(user_agent), LIBRARY_TYPE)
    signs = lists.signs(text, user_agent)
    if agent.device in _HANDHELD and agent.brand not in _MAKERLESS:
        is_robot = not WEAK_SIGNS.issuperset(signs)
    else:
        is_robot = bool(crawlers or signs)
    return _named(crawlers, user_agent) if is_robot else None


class _Crawler(NamedTuple):
    pattern: str
    type: str


class _Lists:
    """Both lists, compiled."""

    def __init__(self) -> None:
        listed = cast("Sequence[Mapping[str, object]]", packaged_json("crawler-user-agents.json.gz"))
        self._crawlers = [_crawler(entry) for entry in listed if entry["pattern"] not in _WRONG]
        self._crawler_set = PatternSet([c.pattern for c in self._crawlers], ignore_case=False)
        signs = cast("Sequence[str]", packaged_json("isbot-patterns.json.gz"))
        self._signs = [sign for sign in signs if sign not in _WRONG]
        self._sign_set = PatternSet([_without_look_around(sign) for sign in self._signs], ignore_case=True)
        # RE2 has no look-around: it finds candidates, and those few patterns are then asked again in full.
        self._again = {
            index: re.compile(_for_python(sign), re.IGNORECASE | re.ASCII)
            for index, sign in enumerate(self._signs)
            if _LOOK_AROUND.search(sign)
        }

    def crawlers(self, text: bytes) -> list[_Crawler]:
        """The named crawlers found in a user agent."""
        return [self._crawlers[index] for index in self._crawler_set.search(text)]

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
        word = next((token for token in _TOKEN.findall(user_agent) if _ROBOT_WORDS.search(token)), None)
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
