"""Which kind of device a user agent names, and which agents are HTTP libraries: tables, in order of trust."""

import re

from eventlens.enrich.once import Once
from eventlens.enrich.patterns import PatternSet

_RULES: tuple[tuple[str, str], ...] = (
    (
        "console",
        (
            r"(?i:playstation)|\bPSP\b|\b(?:Xbox|XBOX)(?:\b|_)|Nintendo|\bWii\b|Steam Deck|\bOUYA\b"
            r"|Retroid Pocket|Anbernic"
        ),
    ),
    # Headsets first: some call themselves Android, some Linux, with and without "Mobile".
    ("mobile", r"OculusBrowser|\bQuest \d|PicoBrowser|Wolvic"),
    (
        "tv",
        (
            r"(?i:smart[-_ ]?tv|(?:google|apple|android|hbb|web|fire) ?tv|nettv|netcast|inettv|opera tv)"
            r"|(?:Android|Tizen)[^)]*[ ;/]TV\b|[^A-Za-z]TV$|\bDTV[;/ _]|\bTV Safari|\bTV Store|[;( ]TV[;)]"
            r"|Web0S|webOS\.TV|\bVIDAA|\bRoku\b|B(?:RAVIA|ravia)|\bCrKey\b|Chromecast|\bAFT[A-Z]{1,5}\d{0,3}\b|\bV(?:iera|IERA)"
            r"|AQUOS ?(?:Browser|TV)|tvOS|MiTV|MIBOX|MiBOX|Large Screen|CE-HTML|Espial|\bVewd|OMI/\d"
            r"|NETRANGEMMH|Maple[ _]?20|SonyCEBrowser|SHIELD Android|DLNADOC|PhilipsTV|\bBeyond ?TV|Kylo/"
            r"|STB[;)/ _]|Set-?[Tt]op|KreaTV|ViziOS|WatchFree|Google Fiber|AQUOS-AS|Quick Search TV|HbbTV"
            r"|Opera/9\.80 \(Linux (?:mips|sh4|arm)|(?i:(?:smart|tv|android|media)[ \-]?box\b)"
            r"|; [\w \-]*(?:LED\d\d|[\-_]TV|TV[A-Z]?\d\d)|; [\w ]+[_\- ]BOX(?: Build|[;)])"
            r"|Android [\d.]+; (?:[A-Z]{2,}[ _\-])?(?:24|32|39|4\d|5[058]|6[05]|7[05]|8[2-6])[A-Z]{1,4}\d{2}"
        ),
    ),
    (
        "tablet",
        (
            r"iPad|\bTablet(?:[^\w ]| [^P]| P[^C]|$)|TABLET|FBID/tablet|\bKindle\b|\bSilk/|\bKF[A-Z]{2,6}\b"
            r"|PlayBook|TouchPad|hp-tablet|\bNook\b|\bBNTV|\bBNRV|Kobo|\bNexus (?:7|9|10)\b"
            r"|\bPixel (?:C|Tablet)\b"
            r"|\bSM-[TXP]\d{3}|\bGT-P\d{4}|\bXoom\b|MediaPad|MatePad|\bTransformer\b|\bTB-[0-9X]|\bTB\d{3}"
            r"|Galaxy Tab|\bIdeaTab|YOGA Tab|\bMi ?Pad\b|Redmi Pad|\bLG-V\d{3}|PocketBook|reMarkable"
        ),
    ),
)

_ANDROID = "Android"
_MOBILE = "Mobi"
_ENGINE = "AppleWebKit/|Gecko/|Presto/"
_PHONE_WORDS = (
    r"Mobi|MIDP|CLDC|J2ME|iPhone|iPod|Android|BlackBerry|\bBB10|Symbian|SymbOS|Series ?[346]0|Opera Mini"
    r"|UCWEB|UP\.Browser|Obigo|IEMobile|Windows (?:Phone|CE)|KAIOS|Maemo|MeeGo|DoCoMo|KDDI-"
    r"|SoftBank|webOS/|hpwOS"
)
_PATTERNS = (*(pattern for _, pattern in _RULES), _ANDROID, _MOBILE, _ENGINE, _PHONE_WORDS)
_signs = Once(lambda: PatternSet(_PATTERNS, ignore_case=False))  # one pass: 2 microseconds instead of 90

_SYSTEMS = {
    "mobile": (
        "Android|BREW|Bada|BlackBerry OS|Brew MP|Firefox OS|HarmonyOS|KaiOS|Maemo|MeeGo|Nokia Series 30 Plus|"
        "Nokia Series 40|Sailfish|Symbian OS|Symbian^3|Symbian^3 Anna|Symbian^3 Belle|Tizen|WatchOS|Wear OS|"
        "Windows CE|Windows Mobile|Windows Phone|iOS|webOS"
    ),
    "tablet": "BlackBerry Tablet OS|Kindle|WeTab|iPadOS",
    "tv": (
        "ATV OS X|Chromecast|Chromecast Android|Chromecast Fuchsia|Chromecast Linux|Chromecast SmartSpeaker|"
        "FireOS TV|GoogleTV|HbbTV|LG|Panasonic|Philips|Roku|Samsung|Sharp|Sony|Web0S|WebTV|tvOS"
    ),
    "desktop": (
        "Arch Linux|BSD|CentOS|Chrome OS|Debian|DragonFly BSD|Fedora|FreeBSD|GNU/Linux|Gentoo|Kubuntu|Linux|"
        "Linux Mint|Mac OS|Mac OS X|Mageia|Mandriva|NetBSD|OpenBSD|PCLinuxOS|Puppy|Red Hat|SUSE|SerenityOS|"
        "Slackware|Solaris|Ubuntu|VRE|Windows"
    ),
}
_OF_SYSTEM = {name: kind for kind, names in _SYSTEMS.items() for name in names.split("|")}
"""The device type that a system (uap-core's family) runs on when nothing in the text says better."""


def device_type(user_agent: str, os: str, brand: str) -> str:
    """desktop, mobile, tablet, tv, console or '' for a user agent that is no library.

    `os` and `brand` are uap-core's families ('' unknown).
    """
    found = {_PATTERNS[index] for index in _signs().search(user_agent.encode("utf-8", "replace"))}
    for kind, pattern in _RULES:
        if pattern in found:
            return kind
    if _ANDROID in found and _ENGINE in found and _MOBILE not in found:
        # Browsers on Android phones say "Mobile", those on tablets do not. Apps (no engine) never say it.
        return "tablet"
    kind = _OF_SYSTEM.get(os, "")
    if kind and kind != "desktop":
        return kind
    if _PHONE_WORDS in found:
        return "mobile"
    if kind or brand in ("", "Spider"):
        return kind
    return "mobile"  # a known maker's device with a system nobody names: phones of before 2010


_LIBRARY_NAMES = (
    "ahc aiohttp akka-http apache-httpasyncclient apache-httpclient asynchttpclient axios azsdk boto3 "
    "botocore bun cpp-httplib curl deno dio elixir erlang faraday fasthttp finch git go-http-client "
    "go-resty got grpc-go guzzle guzzlehttp hackney http-kit http.rb httparty httpclient httpie httpunit "
    "httpurlconnection httpx hyper insomnia jakarta java jersey ktor-client libcurl libwww-perl "
    "lua-resty-http lwp-request lwp::simple mechanize mint needle netty node node-fetch node-superagent "
    "node.js okhttp openjdk pecl::http perl phoenix php php-curl-class postmanruntime powershell pycurl "
    "python python-httpx python-requests python-urllib python-urllib2 python-urllib3 python3 reactornetty "
    "req request requests reqwest rest-client restsharp resty ruby rust-reqwest scalaj-http spring "
    "superagent swoole symfony tesla thunder typhoeus undici unirest-java ureq urllib urllib3 "
    "vert.x-webclient wget winhttp xh zend_http_client"
)
_LIBRARIES = frozenset(_LIBRARY_NAMES.split())
"""First product (lower case, before '/' or a space) of agents that are HTTP libraries or runtimes."""

_ONE_PRODUCT = re.compile(
    r"(?!Mozilla/|Opera/)(?:@[\w.\-]+/)?[A-Za-z][\w.@+\-]*(?:/v?\d[\w.+\-]*)?", re.ASCII
)
_FIRST_PRODUCT = re.compile(r"[^\s/;,(]+")


def is_library(user_agent: str, *, is_known_device: bool) -> bool:
    """Whether the agent is '' or one word or `name/version`, or begins with an SDK or a known HTTP library.

    `is_known_device` (the text names a phone or the like) wins over the shape, never over the name.
    """
    if is_known_library(user_agent):
        return True
    if is_known_device:
        return False
    text = user_agent.strip()
    return _ONE_PRODUCT.fullmatch(text) is not None or "sdk" in _first_product(text)


def is_known_library(user_agent: str) -> bool:
    """Whether the agent is '' or begins with an SDK or an HTTP library that is known by name."""
    text = user_agent.strip()
    if text in ("", "-", "Amazon CloudFront"):  # what that proxy says instead of the visitor's
        return True
    return _first_product(text) in _LIBRARIES


def _first_product(text: str) -> str:
    first = _FIRST_PRODUCT.match(text)
    return first[0].lower() if first else ""
