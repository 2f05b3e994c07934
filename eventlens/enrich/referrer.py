"""Referrer → who sent the visitor: a name, and whether it is search, social, email, an AI assistant or other.

Type 'ad' is not decided here: it follows from the campaign (`campaign.is_paid`), whoever the referrer is.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from eventlens.enrich.hosts import clean_host, without_www
from eventlens.enrich.sources import sources

LONGEST_REFERRER = 2048
_LONGEST_CACHED = 512
_LONGEST_NAME = 64


class Referrer(NamedTuple):
    """`url` without user name, password and fragment; `name` the source's, or the host as it is.

    `type` is one of search, social, email, ai, other, direct.
    """

    url: str
    name: str
    type: str


NO_REFERRER = Referrer("", "", "direct")


def read_referrer(url: str, page_host: str = "") -> Referrer:
    """Read a referrer: a URL, `android-app://…`, or a bare host. Never raises.

    NO_REFERRER for '', for what names no host (`about:blank`, `file:`, extensions, noise) and for the page's
    own host (with or without 'www.', in any case, on any port; `page_host` may be a host or an origin).
    """
    if not url:
        return NO_REFERRER
    if len(url) > _LONGEST_CACHED or len(page_host) > _LONGEST_CACHED:
        return _read(url[: 2 * LONGEST_REFERRER], page_host[:_LONGEST_CACHED])
    return _read_cached(url, page_host)


def name_referrer(value: str, page_host: str = "") -> Referrer:
    """Like `read_referrer` for what `ref=`, `utm_referrer=` or `utm_source=` says, which may be a word.

    'google' is the search engine, an unknown word ('newsletter') a referrer of type other; `url` is ''.
    """
    word = value[:LONGEST_REFERRER].strip()
    known = sources().named(word)
    if known is not None:
        return Referrer("", known.name, known.type)
    if "." in word or "/" in word:
        return read_referrer(word, page_host)
    return Referrer("", word, "other") if _WORD.fullmatch(word) else NO_REFERRER


def is_spam_referrer(host: str) -> bool:
    """Whether a host (or one above it) is known for referrer spam; case and port do not matter."""
    return sources().is_spam(clean_host(host[:LONGEST_REFERRER]))


_URL = re.compile(r"(?:(https?|android-app|ios-app)://|//)?([^/?#\\]+)([^?#]*)(\?[^#]*)?", re.IGNORECASE)
_WORD = re.compile(rf"[^\W_][\w .+&'!-]{{0,{_LONGEST_NAME - 1}}}")
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")


def _read(url: str, page_host: str) -> Referrer:
    text = _CONTROL.sub("", url)[:LONGEST_REFERRER]
    match = _URL.match(text)
    if match is None:
        return NO_REFERRER
    scheme, authority, path, query = match[1], match[2], match[3], match[4] or ""
    host = clean_host(authority)
    if not host or (not scheme and not _is_bare_host(authority, host)):
        return NO_REFERRER
    if page_host and without_www(host) == without_www(_page_host(page_host)):
        return NO_REFERRER
    source = sources().find(host, path or "/")
    name, kind = (source.name, source.type) if source else (host, "other")
    return Referrer(_tidy(scheme, authority, host, path + query), name, kind)


def _tidy(scheme: str | None, authority: str, host: str, rest: str) -> str:
    port = "" if host.startswith("[") else authority.rpartition("@")[2].partition(":")[2]
    if port and not (port.isascii() and port.isdigit()):
        port = ""
    prefix = f"{scheme.lower()}://" if scheme else ""
    return f"{prefix}{host}{':' + port if port else ''}{rest}"


def _page_host(page_host: str) -> str:
    return clean_host(page_host.rpartition("://")[2].partition("/")[0])


def _is_bare_host(authority: str, host: str) -> bool:
    """Whether text without a scheme can be a host: 'example.org', but not 'null', 'mailto:a@b', '1.2.3'."""
    return "." in host and ":" not in authority and not host.rpartition(".")[2].isdigit()


_read_cached = lru_cache(maxsize=10_000)(_read)
