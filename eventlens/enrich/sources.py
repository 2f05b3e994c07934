"""Which hosts are search engines, social networks, AI assistants and webmail: the packaged lists and ours.

Look-up is by exact host (with and without 'www.'), then by a pattern (`google.{}`: any country's domain;
`{}.bing.com`: any country's subdomain), then, except for search engines, by the hosts above: docs.google.com
is no search.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from eventlens.enrich.hosts import clean_host, parents, without_www
from eventlens.enrich.once import Once
from eventlens.enrich.packaged import packaged_json, packaged_lines


class Source(NamedTuple):
    """A known source: its name, and its type (search, social, email or ai)."""

    name: str
    type: str


_EMAIL = {
    "AOL Mail": "mail.aol.com com.aol.mobile.aolapp",
    "Email.cz": "email.seznam.cz",
    "Fastmail": "app.fastmail.com fastmail.com",
    "GMX": "navigator.gmx.net bap.navigator.gmx.net navigator.gmx.com 3c.gmx.net",
    "Gmail": "mail.google.com inbox.google.com com.google.android.gm",
    "freenet Mail": "webmail.freenet.de",
    "HEY": "app.hey.com",
    "IONOS Mail": "mail.ionos.com mail.ionos.de email.ionos.com email.ionos.de",
    "Libero Mail": "mail.libero.it mail1.libero.it",
    "Mail.ru": "e.mail.ru touch.mail.ru ru.mail.mailapp",
    "Naver Mail": "mail.naver.com",
    "Orange Mail": "mail.orange.fr messagerie.orange.fr webmail.orange.fr",
    "Outlook": "outlook.live.com outlook.office.com outlook.office365.com outlook.cloud.microsoft "
    "mail.live.com com.microsoft.office.outlook",
    "Proton Mail": "mail.proton.me mail.protonmail.com ch.protonmail.android",
    "QQ Mail": "mail.qq.com wx.mail.qq.com",
    "NetEase Mail": "mail.163.com mail.126.com",
    "T-Online E-Mail": "email.t-online.de",
    "Tuta": "app.tuta.com mail.tutanota.com",
    "WEB.DE Mail": "navigator.web.de bap.navigator.web.de 3c.web.de",
    "Yahoo! Mail": "mail.yahoo.com mail.yahoo.co.jp com.yahoo.mobile.client.android.mail",
    "Yandex Mail": "mail.yandex.ru mail.yandex.com ru.yandex.mail",
    "Zoho Mail": "mail.zoho.com mail.zoho.eu mail.zoho.in",
    "iCloud Mail": "www.icloud.com/mail",
}
_AI = {
    "Andi": "andisearch.com",
    "Character.AI": "character.ai",
    "ChatGPT": "com.openai.chatgpt",
    "Claude": "com.anthropic.claude",
    "Consensus": "consensus.app",
    "Copilot": "copilot.com copilot.cloud.microsoft m365.cloud.microsoft bing.com/chat com.microsoft.copilot",
    "Deepseek": "deepseek.com com.deepseek.chat",
    "Doubao": "doubao.com",
    "Felo": "felo.ai",
    "Gemini": "aistudio.google.com com.google.android.apps.bard",
    "Genspark": "genspark.ai",
    "Grok": "ai.x.grok",
    "HuggingChat": "huggingface.co/chat",
    "Kimi": "kimi.com kimi.moonshot.cn",
    "Le Chat": "mistral.ai",
    "Lumo": "lumo.proton.me",
    "Manus": "manus.im",
    "Perplexity": "ai.perplexity.app.android",
    "Phind": "phind.com",
    "Poe": "poe.com com.poe.android",
    "Pi": "pi.ai",
    "Qwen": "qwen.ai",
    "Yuanbao": "yuanbao.tencent.com",
    "Z.ai": "z.ai",
}
_SOCIAL = {
    "Bluesky": "go.bsky.app xyz.blueskyweb.app",
    "Discord": "com.discord",
    "Facebook": "fb.com facebookcorewwwi.onion messenger.com m.me com.facebook.katana com.facebook.lite "
    "com.facebook.orca",
    "Instagram": "com.instagram.android",
    "LinkedIn": "com.linkedin.android",
    "Lobsters": "lobste.rs",
    "Mastodon": "mastodon.org joinmastodon.org",
    "Odnoklassniki": "ok.ru",
    "Pinterest": "pin.it com.pinterest",
    "Product Hunt": "producthunt.com",
    "Quora": "quora.com",
    "reddit": "redd.it",
    "Slack": "app.slack.com com.slack",
    "Telegram": "t.me telegram.org telegram.me org.telegram.messenger.web",
    "Threads": "com.instagram.barcelona",
    "TikTok": "com.zhiliaoapp.musically com.ss.android.ugc.trill",
    "Twitch": "twitch.tv",
    "Twitter": "com.twitter.android",
    "WhatsApp": "whatsapp.com wa.me com.whatsapp com.whatsapp.w4b",
    "Xiaohongshu": "xiaohongshu.com",
    "YouTube": "com.google.android.youtube",
    "Zhihu": "zhihu.com link.zhihu.com",
}
_SEARCH = {
    "Bing": "com.microsoft.bing",
    "Brave": "search.brave.com",
    "DuckDuckGo": "html.duckduckgo.com lite.duckduckgo.com safe.duckduckgo.com start.duckduckgo.com "
    "noai.duckduckgo.com com.duckduckgo.mobile.android",
    "Google": "com.google.android.googlequicksearchbox com.google.android.apps.searchlite cse.google.com",
    "Kagi": "kagi.com",
    "Marginalia": "search.marginalia.nu marginalia-search.com",
    "Mojeek": "mojeek.com",
    "Qwant": "qwant.com",
    "StartPage": "startpage.com",
    "Swisscows": "swisscows.com",
    "Yahoo!": "yahoo.com",
    "Yandex": "ya.ru ru.yandex.searchplugin",
}
_NOT_SOURCES = frozenset(
    # Listed upstream because a search box was once found there; today they are neither search nor social.
    [
        *("www.cnn.com", "login.live.com", "www.fastweb.it", "msnbc.msn.com", "cgi2.nintendo.co.jp"),
        "www.optuszoo.com.au",
    ]
)
_RENAMED = {"Google%2B": "Google+", "reddit": "Reddit", "tumblr": "Tumblr"}
_ALSO_CALLED = {
    "adwords": "Google",
    "android.gm": "Gmail",
    "fb": "Facebook",
    "google_ads": "Google",
    "googleads": "Google",
    "chat.openai": "ChatGPT",
    "hackernews": "Hacker News",
    "hn": "Hacker News",
    "ig": "Instagram",
    "insta": "Instagram",
    "openai": "ChatGPT",
    "producthunt": "Product Hunt",
    "vk": "Vkontakte",
    "x": "Twitter",
    "yahoo": "Yahoo!",
    "yt": "YouTube",
}
_COUNTRY_DOMAIN = r"(?:(?:com?|org|net|gov|edu)\.)?[a-z]{2}|com"
_COUNTRY_LABEL = r"[a-z]{2}(?:-[a-z]{2})?|www\d?"


class Sources:
    """The lists, indexed. Build once (about 10 ms): `sources()`."""

    def __init__(self, lists: Mapping[str, object], spam: Iterable[str]) -> None:
        self._exact: dict[str, Source] = {}
        self._paths: dict[str, list[tuple[str, Source]]] = {}
        self._patterns: list[tuple[re.Pattern[str], str, Source]] = []
        self._names: dict[str, Source] = {}
        for kind, entries in _in_order_of_trust(lists):
            for name, address in entries:
                if address not in _NOT_SOURCES:
                    self._add(address, Source(_RENAMED.get(name, name), kind))
        for alias, name in _ALSO_CALLED.items():
            if name.lower() in self._names:
                self._names.setdefault(alias, self._names[name.lower()])
        self._spam = frozenset(clean_host(domain) for domain in spam) - {""}

    def find(self, host: str, path: str) -> Source | None:
        """The source of a clean host (or app id) and the path after it ('/…')."""
        bare = without_www(host)
        source = self._by_path(bare, path) or self._exact.get(bare)
        if source is None:
            source = next((s for p, start, s in self._patterns if not start and p.fullmatch(bare)), None)
        if source is not None:
            return source
        for parent in parents(bare)[1:]:
            source = self._exact.get(parent)
            if source is not None and source.type in ("social", "ai"):
                return source
        return None

    def named(self, name: str) -> Source | None:
        """The source that somebody calls by this name, in any case: 'google', 'HN', 'product hunt'."""
        return self._names.get(name.lower())

    def is_spam(self, host: str) -> bool:
        """Whether a clean host, or one above it, is on the spam list."""
        return any(parent in self._spam for parent in parents(host))

    def _by_path(self, bare: str, path: str) -> Source | None:
        if path == "/":
            return None
        for start, source in self._paths.get(bare, ()):
            if path.startswith(start):
                return source
        fitting = ((p, s) for p, start, s in self._patterns if start and path.startswith(start))
        return next((source for pattern, source in fitting if pattern.fullmatch(bare)), None)

    def _add(self, address: str, source: Source) -> None:
        self._names.setdefault(source.name.lower(), source)
        host, slash, path = without_www(address.lower()).partition("/")
        start = slash + path
        if "{}" in host:
            place = _COUNTRY_DOMAIN if host.endswith("{}") else _COUNTRY_LABEL
            pattern = re.compile(re.escape(host).replace(r"\{\}", f"(?:{place})"))
            self._patterns.append((pattern, start, source))
        elif start:
            self._paths.setdefault(host, []).append((start, source))
        else:
            self._exact.setdefault(host, source)


def _in_order_of_trust(lists: Mapping[str, object]) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Type and (name, address) pairs; when an address is listed twice, the first one counts."""
    yield "email", _own(_EMAIL)
    yield "ai", _own(_AI) + _flat(lists["ai"])
    yield "social", _own(_SOCIAL) + _flat(lists["social"])
    search = cast("Mapping[str, list[Mapping[str, list[str]]]]", lists["search"])
    listed = [(name, url) for name, groups in search.items() for group in groups for url in group["urls"]]
    yield "search", _own(_SEARCH) + listed


def _own(table: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, address) for name, addresses in table.items() for address in addresses.split()]


def _flat(listed: object) -> list[tuple[str, str]]:
    table = cast("Mapping[str, list[str]]", listed)
    return [(name, address) for name, addresses in table.items() for address in addresses]


def _load() -> Sources:
    lists = cast("Mapping[str, object]", packaged_json("referrer_sources.json.gz"))
    return Sources(lists, packaged_lines("referrer_spam_domains.txt.gz"))


sources = Once(_load)
"""The one index of the process."""
