"""Referrer → who sent the visitor: a name, and whether it is search, social, email, an AI assistant or other.

Type 'ad' is none of a referrer's: it follows from the campaign (`with_campaign`), whoever the referrer is.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from eventlens.enrich.campaign import EMAIL_CLICK_IDS, NO_CAMPAIGN, Campaign, is_paid
from eventlens.enrich.hosts import clean_host, without_www
from eventlens.enrich.sources import Source, sources

LONGEST_REFERRER = 2048
_LONGEST_CACHED = 512
_LONGEST_NAME = 64


class Referrer(NamedTuple):
    """`url` without user name, password and fragment; `name` the source's, or the host as it is.

    `type` is one of search, social, email, ai, other, direct, and ad once the campaign was looked at.
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


def with_campaign(referrer: Referrer, campaign: Campaign) -> Referrer:
    """The referrer as the campaign makes it out to be; `url` stays. Never raises.

    * Nobody, or an unknown host: named after `utm_source` where that is a known source (chatgpt.com), else
      nobody is named after the click id (gclid: Google; fbclid: Facebook, whether or not it was paid for).
    * An e-mail (`utm_medium=email`, a newsletter's recipient id) makes what is unknown an email.
    * What was paid for is an ad, whoever it came from.
    """
    if campaign is NO_CAMPAIGN or campaign == NO_CAMPAIGN:
        return referrer
    if referrer.type in ("direct", "other") and (source := _source_of(campaign, referrer)) is not None:
        referrer = referrer._replace(name=source.name, type=source.type)
    if is_paid(campaign):
        return referrer._replace(type="ad")
    if referrer.type in ("direct", "other") and _is_email(campaign):
        return referrer._replace(name=referrer.name or _email_name(campaign), type="email")
    return referrer


def _source_of(campaign: Campaign, referrer: Referrer) -> Source | None:
    word = campaign.source[:_LONGEST_NAME].strip()
    host = clean_host(word) if "." in word else ""
    source = sources().named(word) or (sources().find(host, "/") if host else None)
    if source is None and referrer.type == "direct":
        source = sources().named(_CLICK_ID_SOURCES.get(campaign.click_id_name, ""))
    return source


def _is_email(campaign: Campaign) -> bool:
    medium = campaign.medium.lower()
    return medium in _EMAIL_MEDIUMS or campaign.click_id_name in EMAIL_CLICK_IDS


def _email_name(campaign: Campaign) -> str:
    return campaign.source if _WORD.fullmatch(campaign.source) else "Email"


_EMAIL_MEDIUMS = frozenset(["email", "e-mail", "e_mail", "e mail", "mail", "mailing", "newsletter"])
_CLICK_ID_SOURCES = {
    "gclid": "google",
    "gbraid": "google",
    "wbraid": "google",
    "gad_campaignid": "google",
    "srsltid": "google",
    "msclkid": "bing",
    "ttclid": "tiktok",
    "twclid": "twitter",
    "li_fat_id": "linkedin",
    "yclid": "yandex",
    "ysclid": "yandex",
    "rdt_cid": "reddit",
    "sccid": "snapchat",
    "qclid": "quora",
    "fbclid": "facebook",
    "epik": "pinterest",
    "igshid": "instagram",
    "igsh": "instagram",
}
"""Click ids that only one source adds → its name; dclid and the like come from anywhere."""


def is_spam_referrer(host: str) -> bool:
    """Whether a host (or one above it) is known for referrer spam; case and port do not matter."""
    return sources().is_spam(clean_host(host[:LONGEST_REFERRER]))


_URL = re.compile(r"(?:(https?|android-app|ios-app)://|//)?([^/?#\\]+)([^?#]*)(\?[^#]*)?", re.IGNORECASE)
_WORD = re.compile(rf"[^\W_][\w .+&'!-]{{0,{_LONGEST_NAME - 1}}}")
_WEBMAIL = re.compile(r"(?:web-?mail|e?mail|roundcube|zimbra|owa)\d?\.[^.]+\..")
"""How companies and providers name the host of their mail program: a host below a domain, not the domain."""
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
    name, kind = (
        (source.name, source.type) if source else (host, "email" if _WEBMAIL.match(host) else "other")
    )
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
