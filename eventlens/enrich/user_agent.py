"""User agent → browser, system and device.

Families, brands and models are those of the uap-core project, spelled as it spells them ("Chrome Mobile" and
"Chrome" stay two browsers, as there). Three things are ours: "Other" becomes '' (unknown), a version is
`major.minor` (finer parts would make a row of its own of every patch), and the device type, which uap-core
does not know. What no user agent tells: an iPad in its default "desktop" mode says Macintosh, and counts as
such.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from ua_parser.core import Domain
from ua_parser.loaders import load_builtins
from ua_parser.regex import Resolver

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


def parse_user_agent(user_agent: str) -> Agent:
    """Read a user agent; never raises."""
    return _parse(user_agent[:LONGEST_USER_AGENT])


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


_FROZEN_ANDROID = re.compile(r"\(Linux; Android 10; K\)")
"""Chrome says this on every Android device since version 110: neither a brand nor a model."""


def _known(family: str) -> str:
    return "" if family == "Other" else family


def _version(major: str | None, minor: str | None) -> str:
    if not major:
        return ""
    return (f"{major}.{minor}" if minor else major)[:_LONGEST_FIELD]
