"""User agent → browser, system and device.

Families, brands and models are those of the uap-core project, spelled as it spells them ("Chrome Mobile" and
"Chrome" stay two browsers, as there). Three things are ours: "Other" becomes '' (unknown), a version is
`major.minor` (finer parts would make a row of its own of every patch), and the device type, which uap-core
does not know. What no user agent tells: an iPad in its default "desktop" mode says Macintosh, and counts as
such. What it withholds (Windows 11, the version of macOS, the Android behind Chrome's frozen text, a brand
that calls itself Chrome) comes from client hints, where they were sent.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from ua_parser.core import Domain
from ua_parser.loaders import load_builtins
from ua_parser.regex import Resolver

from eventlens.enrich.client_hints import LONGEST_HINTS, Hints, split_hints
from eventlens.enrich.devices import device_type, is_library
from eventlens.enrich.once import Once

LONGEST_USER_AGENT = 1024
"""Characters looked at; what follows is ignored, so that neither parser nor cache can be made large."""
_LONGEST_FIELD = 64
_resolver = Once(lambda: Resolver(load_builtins()))  # compiling takes 0.2 s


class Agent(NamedTuple):
    """What a user agent says; '' where it says nothing.

    `device` is one of desktop, mobile, tablet, tv, console, server or ''.
    """

    browser: str
    browser_version: str
    os: str
    os_version: str
    device: str
    brand: str
    model: str


def parse_user_agent(user_agent: str, hints: str = "") -> Agent:
    """Read a user agent, and what `client_hints.read_hints` made of its hints ('' none). Never raises."""
    text = user_agent[:LONGEST_USER_AGENT]
    return _parse_hinted(text, hints[:LONGEST_HINTS]) if hints else _parse(text)


def is_server_agent(user_agent: str) -> bool:
    """Whether this is a program's HTTP library (`node`, `axios/1.6`, `curl/8.5`, '') and no browser.

    Such agents send events on behalf of others: no session and no visitor follows from them.
    """
    return _parse(user_agent[:LONGEST_USER_AGENT]).device == "server"


@lru_cache(maxsize=10_000)
def _parse(user_agent: str) -> Agent:
    if not user_agent.isascii():  # lone surrogates cannot reach the parser
        user_agent = user_agent.encode("utf-8", "replace").decode()
    result = _resolver()(user_agent, Domain.ALL)
    browser, os, device = result.user_agent, result.os, result.device
    browser_family = _known(browser.family if browser else "")
    os_family = _known(os.family if os else "")
    brand = (device.brand if device else None) or ""
    model = (device.model if device else None) or ""
    if _FROZEN_ANDROID.search(user_agent):
        brand = model = ""
    is_server = is_library(user_agent, is_known_device=bool(brand) and brand != "Spider")
    return Agent(
        browser_family[:_LONGEST_FIELD],
        _version(browser.major, browser.minor) if browser and browser_family else "",
        os_family[:_LONGEST_FIELD],
        _version(os.major, os.minor) if os and os_family else "",
        "server" if is_server else device_type(user_agent, os_family, brand),
        brand[:_LONGEST_FIELD],
        model[:_LONGEST_FIELD],
    )


@lru_cache(maxsize=10_000)
def _parse_hinted(user_agent: str, text: str) -> Agent:
    hints = split_hints(text)
    agent = _parse(user_agent)
    if agent.device == "server":
        return agent
    if hints.platform == "Android" and agent.os in ("Android", "Linux"):
        agent = _unfrozen(user_agent, agent, hints)
    elif (version := _system_version(agent.os, hints)) != "":
        agent = agent._replace(os_version=version)
    return _branded(agent, hints)


def _unfrozen(user_agent: str, agent: Agent, hints: Hints) -> Agent:
    """The Android that Chrome hides, read as if the user agent still said its version and model."""
    version = re.sub(r"(?:\.0)+$", "", hints.platform_version) or agent.os_version or "10"
    if agent.os == "Linux":  # "desktop site": says it runs on Linux
        user_agent = _DESKTOP_LINUX.sub(_FROZEN, user_agent)
        if hints.mobile == "1":
            user_agent = user_agent.replace(" Safari/", " Mobile Safari/")
    if not _FROZEN_ANDROID.search(user_agent):
        return agent
    model = hints.model if hints.model not in ("", "K") else ""
    if model:
        return _parse(user_agent.replace(_FROZEN, f"(Linux; Android {version}; {model})"))
    return _parse(user_agent)._replace(os_version=version[:_LONGEST_FIELD])


def _system_version(os: str, hints: Hints) -> str:
    """What to say instead of a desktop system's frozen version, '' to leave it."""
    major, _, rest = hints.platform_version.partition(".")
    minor = rest.partition(".")[0]
    if not (major.isascii() and major.isdigit()):
        return ""
    if hints.platform == "Windows" and os == "Windows":
        # Not a version of Windows: 0.1 to 0.3 are 7 to 8.1, 1 to 10 are Windows 10, 13 and more are 11.
        if major == "0":
            return {"1": "7", "2": "8", "3": "8.1"}.get(minor, "")
        return "11" if int(major[:4]) >= _WINDOWS_11 else "10"
    if (hints.platform in ("macOS", "Mac OS X") and os == "Mac OS X") or (
        hints.platform in ("Chrome OS", "Chromium OS") and os == "Chrome OS"
    ):
        return _version(major, minor)
    return ""


def _branded(agent: Agent, hints: Hints) -> Agent:
    """The browser that hides behind Chrome's name."""
    if not hints.brand or agent.browser not in _CHROMES:
        return agent
    browser = _BRANDS.get(hints.brand, hints.brand)
    if agent.browser == "Chrome Mobile":
        browser = _MOBILE_BRANDS.get(browser, browser)
    major, _, rest = hints.brand_version.partition(".")
    version = _version(major, rest.partition(".")[0]) if major.isdigit() else ""
    return agent._replace(browser=browser[:_LONGEST_FIELD], browser_version=version)


_CHROMES = ("Chrome", "Chrome Mobile", "Chrome Mobile WebView", "Chromium")
_BRANDS = {
    "Microsoft Edge": "Edge",
    "YaBrowser": "Yandex Browser",
    "Yandex": "Yandex Browser",
    "CocCoc": "Coc Coc",
    "Avast Browser": "Avast Secure Browser",
    "OperaGX": "Opera GX",
}
_MOBILE_BRANDS = {"Edge": "Edge Mobile", "Opera": "Opera Mobile", "DuckDuckGo": "DuckDuckGo Mobile"}
"""Brands as browsers send them → families as uap-core spells them."""
_WINDOWS_11 = 13
_FROZEN = "(Linux; Android 10; K)"
_DESKTOP_LINUX = re.compile(r"\(X11; Linux [^)]*\)")
_FROZEN_ANDROID = re.compile(r"\(Linux; Android 10; K\)")
"""Chrome says this on every Android device since version 110: neither a brand nor a model."""


def _known(family: str) -> str:
    return "" if family == "Other" else family


def _version(major: str | None, minor: str | None) -> str:
    if not major:
        return ""
    return (f"{major}.{minor}" if minor else major)[:_LONGEST_FIELD]
