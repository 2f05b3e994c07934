r"""What a browser says of itself in Sec-CH-UA-* headers, as one short text that travels with an event.

The text is '' or six fields with tabs between them: brand, its version, platform, its version, model, mobile
('1', '0' or ''). `read_hints` makes it from headers, `split_hints` takes it apart, and
`user_agent.parse_user_agent` knows what follows from it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

LONGEST_HINTS = 256


class Hints(NamedTuple):
    """The fields of the text; '' where nothing was sent."""

    brand: str
    brand_version: str
    platform: str
    platform_version: str
    model: str
    mobile: str


NO_HINTS = Hints("", "", "", "", "", "")

_LONGEST_FIELD = 40  # six of them and five tabs stay below LONGEST_HINTS
_LONGEST_HEADER = 512
_NAMES = (
    b"sec-ch-ua-full-version-list",
    b"sec-ch-ua",
    b"sec-ch-ua-platform",
    b"sec-ch-ua-platform-version",
    b"sec-ch-ua-model",
    b"sec-ch-ua-mobile",
)
_BRAND = re.compile(r'"([^"\\]{1,64})"\s*;\s*v="([^"\\]{0,32})"')
_MADE_UP = re.compile(r"not\W?.{0,2}\Wa\W.{0,3}brand|not.a.brand", re.IGNORECASE)
_TOLD_BY_USER_AGENT = frozenset(
    ["Chromium", "Google Chrome", "Android WebView", "Microsoft Edge WebView2", "HeadlessChrome", "Headless"]
)
_UNSAFE = re.compile(r"[^\w .+\-/&,']", re.ASCII)


def read_hints(headers: Mapping[bytes, bytes]) -> str:
    """The hints in some headers (names in lower case) as a text of at most 256 characters. Never raises.

    '' when they say nothing that the user agent does not: no hints at all, or only those that every Chrome
    sends unasked. Costs about 0.5 microseconds then, and not much more for headers that were seen before.
    """
    brands = headers.get(b"sec-ch-ua")
    if brands is None:
        return ""
    if b"sec-ch-ua-platform-version" in headers or b"sec-ch-ua-model" in headers:
        return _full(*(headers.get(name, b"")[:_LONGEST_HEADER] for name in _NAMES))
    if len(brands) > _LONGEST_HEADER:
        return ""
    return _by_brand(brands)


def split_hints(text: str) -> Hints:
    """The fields of a text that `read_hints` made; NO_HINTS for any other. Never raises."""
    fields = text[:LONGEST_HINTS].split("\t") if text else ()
    return Hints(*fields) if len(fields) == len(Hints._fields) else NO_HINTS


@lru_cache(maxsize=4_000)
def _by_brand(brands: bytes) -> str:
    """Some browsers (Brave) hide behind Chrome's user agent and show only here."""
    brand, version = _brand(_text(brands))
    return _joined(Hints(brand, version, "", "", "", "")) if brand else ""


@lru_cache(maxsize=10_000)
def _full(
    versions: bytes, brands: bytes, platform: bytes, platform_version: bytes, model: bytes, mobile: bytes
) -> str:
    listed = _text(versions)
    brand, version = _brand(listed if _BRAND.search(listed) else _text(brands))
    flag = {b"?1": "1", b"?0": "0"}.get(mobile.strip(), "")
    hints = Hints(brand, version, _string(platform), _string(platform_version), _string(model), flag)
    return _joined(hints) if any(hints[:5]) else ""


def _brand(listed: str) -> tuple[str, str]:
    """The one brand of a list that is neither made up nor told by the user agent, and its version."""
    for name, version in _BRAND.findall(listed):
        if name not in _TOLD_BY_USER_AGENT and not _MADE_UP.search(name):
            return _tidy(name), _tidy(version)
    return "", ""


def _text(header: bytes) -> str:
    return header.decode("utf-8", "replace")


def _string(header: bytes) -> str:
    """A quoted text of a header: '"Windows"' → 'Windows'."""
    text = _text(header).strip()
    return _tidy(text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else ""


def _tidy(value: str) -> str:
    return _UNSAFE.sub("", value).strip()[:_LONGEST_FIELD].strip()


def _joined(hints: Hints) -> str:
    return "\t".join(hints)
