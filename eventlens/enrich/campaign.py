"""A page's query → the campaign and the click id that brought the visitor, and whether it was paid for.

`utm_source` and its kin are taken as they are sent (case kept, outer spaces removed). `ref`,
`utm_referrer` and `source` are no part of a campaign: they name a referrer, for which `read_ref`
and `referrer.name_referrer` exist.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

_LONGEST_VALUE = 256
_LONGEST_CACHED = 1024
_LONGEST_QUERY = 8192
_MOST_PAIRS = 200


class Campaign(NamedTuple):
    """utm_* values and the click id, '' where the query says nothing; each at most 256 characters."""

    source: str
    medium: str
    campaign: str
    term: str
    content: str
    click_id_name: str
    click_id: str


NO_CAMPAIGN = Campaign("", "", "", "", "", "", "")

PAID_CLICK_IDS = (
    "gclid",  # Google Ads
    "gbraid",  # Google Ads, app to web on iOS
    "wbraid",  # Google Ads, web to app on iOS
    "dclid",  # Google Display & Video
    "msclkid",  # Microsoft Advertising
    "ttclid",  # TikTok
    "twclid",  # X
    "li_fat_id",  # LinkedIn
    "yclid",  # Yandex Direct
    "rdt_cid",  # Reddit
    "sccid",  # Snapchat
    "qclid",  # Quora
    "tblci",  # Taboola
    "obclid",  # Outbrain
    "dicbo",  # Outbrain
    "vmcid",  # Yahoo
    "rtd_cid",  # RTB House
    "ndclid",  # Nextdoor
    "gad_campaignid",  # Google Ads again, where privacy rules took the gclid away
)
EMAIL_CLICK_IDS = (
    "mc_eid",  # a Mailchimp recipient
    "_kx",  # a Klaviyo recipient
    "_hsenc",  # a HubSpot e-mail
    "vero_id",
    "mkt_tok",  # a Marketo recipient
    "ck_subscriber_id",  # a Kit recipient
)
"""They mark a newsletter's links, one recipient each."""
OTHER_CLICK_IDS = (
    "fbclid",  # Facebook and Instagram add it to every outgoing link, paid or not
    "epik",  # Pinterest, likewise
    "igshid",  # a shared Instagram link
    "igsh",
    "srsltid",  # Google's free product listings
    "ysclid",  # Yandex' organic results
    *EMAIL_CLICK_IDS,
    "irclickid",  # affiliates
    "cjevent",
    "wickedid",
    "s_kwcid",
    "zanpid",
)
_CLICK_IDS = {name: rank for rank, name in enumerate(PAID_CLICK_IDS + OTHER_CLICK_IDS)}
_UTM = {"utm_source": 0, "utm_medium": 1, "utm_campaign": 2, "utm_term": 3, "utm_content": 4}
_REFS = ("utm_referrer", "ref", "source")

_PAID_MEDIUMS = frozenset(
    [
        *("ad", "ads", "adwords", "banner", "cpa", "cpc", "cpi", "cpl", "cpm", "cpp", "cpv", "display"),
        *("expandable", "interstitial", "popunder", "popup", "ppc", "ppv", "programmatic", "remarketing"),
        *("retargeting", "rtb", "sem", "sponsored", "sponsorship"),
    ]
)
_WORDS = re.compile(r"[a-z0-9]+")


def read_campaign(query: str) -> Campaign:
    """The campaign in a query (without '?'); the first value of a repeated name counts. Never raises.

    Of several click ids the first in the order of `PAID_CLICK_IDS`, then `OTHER_CLICK_IDS` is taken.
    """
    if not query:
        return NO_CAMPAIGN
    if len(query) > _LONGEST_CACHED:
        return _read(query[:_LONGEST_QUERY])
    return _read_cached(query)


def read_ref(query: str) -> str:
    """What `utm_referrer`, `ref` or `source` (in this order) says: a URL, a host or a word, else ''."""
    lowered = query[:_LONGEST_QUERY].lower()
    if "ref" not in lowered and "source" not in lowered:
        return ""
    found = {name.lower(): value for name, value in reversed(_pairs(query[:_LONGEST_QUERY])) if value}
    return next((_text(found[name]) for name in _REFS if name in found), "")


def is_paid(campaign: Campaign) -> bool:
    """Whether an advertisement brought the visitor: a paid click id, or a medium like cpc or paid-social."""
    if campaign.click_id_name in PAID_CLICK_IDS:
        return True
    words: list[str] = _WORDS.findall(campaign.medium.lower())
    return any(word in _PAID_MEDIUMS or word.startswith("paid") for word in words)


def _read(query: str) -> Campaign:
    utm = ["", "", "", "", ""]
    best, click_id_name, click_id = len(_CLICK_IDS), "", ""
    for name, value in _pairs(query):
        key = name.lower()
        if not value:
            continue
        if (column := _UTM.get(key)) is not None:
            utm[column] = utm[column] or _text(value)
        elif _CLICK_IDS.get(key, best) < best:
            best, click_id_name, click_id = _CLICK_IDS[key], key, _text(value)
    if not click_id and not any(utm):
        return NO_CAMPAIGN
    return Campaign(utm[0], utm[1], utm[2], utm[3], utm[4], click_id_name if click_id else "", click_id)


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = [part.partition("=") for part in query.split("&", _MOST_PAIRS)[:_MOST_PAIRS]]
    return [(name, value) for name, _, value in pairs]


def _text(value: str) -> str:
    return unquote_plus(value[: 4 * _LONGEST_VALUE]).strip()[:_LONGEST_VALUE]


_read_cached = lru_cache(maxsize=10_000)(_read)
