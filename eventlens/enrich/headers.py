"""Which robot a request's headers give away, if any, beside its user agent.

Only signs that no visit of a person shows: a page that is loaded ahead of a click nobody has made yet, a
headless browser's brand, monitoring that marks its requests, an address that only robots give.
"""

from collections.abc import Mapping

from eventlens.enrich.bots import TYPES, Bot

PREFETCH_TYPE = "Prefetch"
"""A browser of a person's that loads a page ahead: nobody has seen it."""

_HEADLESS = Bot("HeadlessChrome", TYPES["browser-automation"])
_PREFETCH = Bot("Prefetch", PREFETCH_TYPE)
_AHEAD = (b"prefetch", b"preview", b"instant")
_PRERENDERED = b"prerender"
"""A page that runs already and is shown a moment later, nearly always; clients send its view only once."""

_LONGEST_NAME = 64

_SIGNS: Mapping[bytes, tuple[tuple[bytes, ...], Bot | None]] = {
    b"sec-purpose": (_AHEAD, _PREFETCH),
    b"purpose": (_AHEAD, _PREFETCH),
    b"x-purpose": (_AHEAD, _PREFETCH),
    b"x-moz": (_AHEAD, _PREFETCH),
    b"x-prerender": ((b"",), Bot("Prerender", TYPES["browser-automation"])),
    b"sec-datadog": ((b"",), Bot("Datadog Synthetics", TYPES["monitoring"])),
    b"x-datadog-origin": ((b"synthetics",), Bot("Datadog Synthetics", TYPES["monitoring"])),
    b"x-newrelic-synthetics": ((b"",), Bot("New Relic Synthetics", TYPES["monitoring"])),
    b"from": ((b"@", b"(at)"), None),
    b"signature-agent": ((b"://",), None),
}
"""Header → words of which its value must hold one ('' = any value), and who it is (None: the value says)."""
_NAMES = tuple(_SIGNS)
_NAMED_TYPES = {b"from": "Bot", b"signature-agent": TYPES["ai-crawler"]}


def recognise_request(headers: Mapping[bytes, bytes]) -> Bot | None:
    """The robot behind some headers (names in lower case), else None. Never raises.

    Costs an ordinary request about 0.3 microseconds.
    """
    brands = headers.get(b"sec-ch-ua")
    if brands is not None and b"Headless" in brands:
        return _HEADLESS
    for name in _NAMES:
        if name in headers and (bot := _read(name, headers[name])) is not None:
            return bot
    return None


def _read(name: bytes, value: bytes) -> Bot | None:
    words, bot = _SIGNS[name]
    lowered = value[:1024].lower()
    if bot is _PREFETCH and _PRERENDERED in lowered:
        return None
    if not any(word in lowered for word in words):
        return None
    return bot or Bot(_named(lowered), _NAMED_TYPES[name])


def _named(value: bytes) -> str:
    """'"https://chatgpt.com"' → 'chatgpt.com', 'bot(at)example.org' → 'example.org'."""
    text = value.decode("ascii", "replace").strip().strip('"').replace("(at)", "@")
    host = text.rpartition("://")[2].partition("/")[0].rpartition("@")[2]
    return "".join(c for c in host if c.isalnum() or c in ".-:")[:_LONGEST_NAME] or "unknown"
