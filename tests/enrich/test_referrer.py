import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.enrich.campaign import read_campaign
from eventlens.enrich.referrer import (
    LONGEST_REFERRER,
    NO_REFERRER,
    Referrer,
    is_spam_referrer,
    name_referrer,
    read_referrer,
    with_campaign,
)

TYPES = {"search", "social", "email", "ai", "other", "direct"}
CHATGPT = Referrer("", "ChatGPT", "ai")
BLOG = "https://blog.example.org/"


@pytest.mark.parametrize(
    ("url", "name", "kind"),
    [
        ("https://www.google.com/", "Google", "search"),
        ("https://google.com", "Google", "search"),
        ("https://www.google.co.uk/search?q=x", "Google", "search"),
        ("https://www.google.com.br/", "Google", "search"),
        ("https://news.google.com/", "Google News", "search"),
        ("https://images.google.de/", "Google Images", "search"),
        ("https://www.google.com/imgres?imgurl=x", "Google Images", "search"),
        ("https://www.google.fr/imgres?imgurl=x", "Google Images", "search"),
        ("https://www.bing.com/", "Bing", "search"),
        ("https://cn.bing.com/", "Bing", "search"),
        ("https://www.bing.com/images/search?q=1", "Bing Images", "search"),
        ("https://duckduckgo.com/", "DuckDuckGo", "search"),
        ("https://html.duckduckgo.com/", "DuckDuckGo", "search"),
        ("https://de.search.yahoo.com/", "Yahoo!", "search"),
        ("https://r.search.yahoo.com/", "Yahoo!", "search"),
        ("https://yandex.ru/", "Yandex", "search"),
        ("https://yandex.com.tr/", "Yandex", "search"),
        ("https://www.baidu.com/link?url=x", "Baidu", "search"),
        ("https://m.baidu.com/", "Baidu", "search"),
        ("https://search.brave.com/", "Brave", "search"),
        ("https://www.ecosia.org/", "Ecosia", "search"),
        ("https://kagi.com/", "Kagi", "search"),
        ("https://www.startpage.com/", "StartPage", "search"),
        ("https://search.naver.com/", "Naver", "search"),
        ("https://www.facebook.com/", "Facebook", "social"),
        ("https://l.facebook.com/l.php?u=x", "Facebook", "social"),
        ("https://lm.facebook.com/", "Facebook", "social"),
        ("https://t.co/abc", "Twitter", "social"),
        ("https://x.com/someone/status/1", "Twitter", "social"),
        ("https://out.reddit.com/", "Reddit", "social"),
        ("https://old.reddit.com/r/x", "Reddit", "social"),
        ("https://www.linkedin.com/", "LinkedIn", "social"),
        ("https://lnkd.in/x", "LinkedIn", "social"),
        ("https://l.instagram.com/", "Instagram", "social"),
        ("https://m.youtube.com/watch?v=1", "YouTube", "social"),
        ("https://news.ycombinator.com/item?id=1", "Hacker News", "social"),
        ("https://bsky.app/", "Bluesky", "social"),
        ("https://go.bsky.app/", "Bluesky", "social"),
        ("https://mastodon.social/@x", "Mastodon", "social"),
        ("https://www.threads.net/", "Threads", "social"),
        ("https://t.me/channel", "Telegram", "social"),
        ("https://www.pinterest.co.uk/", "Pinterest", "social"),
        ("https://plus.google.com/", "Google+", "social"),
        ("https://chatgpt.com/", "ChatGPT", "ai"),
        ("https://chat.openai.com/", "ChatGPT", "ai"),
        ("https://www.perplexity.ai/search/x", "Perplexity", "ai"),
        ("https://claude.ai/", "Claude", "ai"),
        ("https://gemini.google.com/", "Gemini", "ai"),
        ("https://copilot.microsoft.com/", "Copilot", "ai"),
        ("https://www.bing.com/chat?x", "Copilot", "ai"),
        ("https://x.com/i/grok/1", "Grok", "ai"),
        ("https://mail.google.com/mail/u/0/", "Gmail", "email"),
        ("https://outlook.live.com/", "Outlook", "email"),
        ("https://outlook.office365.com/", "Outlook", "email"),
        ("https://mail.yahoo.com/", "Yahoo! Mail", "email"),
        ("https://e.mail.ru/", "Mail.ru", "email"),
        ("https://mail.proton.me/", "Proton Mail", "email"),
        ("android-app://com.google.android.gm/", "Gmail", "email"),
        ("android-app://com.google.android.googlequicksearchbox/https/www.google.com", "Google", "search"),
        ("android-app://com.reddit.frontpage", "Reddit", "social"),
        ("android-app://com.openai.chatgpt/", "ChatGPT", "ai"),
        ("android-app://org.example.reader/", "org.example.reader", "other"),
        ("https://www.doubao.com/chat/", "Doubao", "ai"),
        ("https://huggingface.co/chat/", "HuggingChat", "ai"),
        ("https://huggingface.co/models", "huggingface.co", "other"),
        ("https://webmail.example.org/?_task=mail", "webmail.example.org", "email"),
        ("https://mail.company.example.com/owa/", "mail.company.example.com", "email"),
        ("https://email.mg.example.com/c/eJx", "email.mg.example.com", "email"),
        ("https://mail.example", "mail.example", "other"),
        ("https://mailbox.org/", "mailbox.org", "other"),
        ("https://www.google.co.in/", "Google", "search"),
        ("https://www.google.com.hk/", "Google", "search"),
        ("https://google.kz/", "Google", "search"),
        ("https://search.yahoo.co.jp/search?p=x", "Yahoo! Japan", "search"),
        ("https://uk.search.yahoo.com/", "Yahoo!", "search"),
        ("https://yandex.kz/", "Yandex", "search"),
        ("https://search.seznam.cz/?q=x", "Seznam", "search"),
        ("https://www.so.com/link?m=x", "360search", "search"),
        ("https://www.sogou.com/web?query=x", "Sogou", "search"),
        ("https://search.daum.net/search?q=x", "Daum", "search"),
        ("https://lm.facebook.com/l.php", "Facebook", "social"),
        ("https://l.threads.net/", "Threads", "social"),
        ("https://away.vk.com/", "Vkontakte", "social"),
        ("https://vm.tiktok.com/x", "TikTok", "social"),
        ("https://wa.me/1", "WhatsApp", "social"),
        ("android-app://com.linkedin.android/", "LinkedIn", "social"),
        ("android-app://com.Slack/", "Slack", "social"),
        ("android-app://com.google.android.apps.searchlite/", "Google", "search"),
        ("https://docs.google.com/document/1", "docs.google.com", "other"),
        ("https://accounts.google.com/", "accounts.google.com", "other"),
        ("https://login.live.com/", "login.live.com", "other"),
        ("https://www.cnn.com/", "www.cnn.com", "other"),
        ("https://www.google.evil.com/", "www.google.evil.com", "other"),
        ("https://evilgoogle.com/", "evilgoogle.com", "other"),
        ("https://google.com.evil.org/", "google.com.evil.org", "other"),
        ("https://notfacebook.com/", "notfacebook.com", "other"),
        ("https://blog.example.org/post?a=b", "blog.example.org", "other"),
        ("http://192.168.1.1/x", "192.168.1.1", "other"),
        ("http://[::1]:80/x", "[::1]", "other"),
        ("http://intranet/wiki", "intranet", "other"),
    ],
)
def test_sources(url, name, kind):
    referrer = read_referrer(url)
    assert (referrer.name, referrer.type) == (name, kind)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "-",
        "null",
        "undefined",
        "(direct)",
        "about:blank",
        "about:srcdoc",
        "file:///home/x",
        "data:text/html,x",
        "javascript:alert(1)",
        "mailto:a@b.org",
        "chrome-extension://abcdef/page.html",
        "https://",
        "http:///",
        "://x.org",
        "https://exa<mple.org/",
        "1.2.3",
        "?q=x",
        "#x",
        "/path/only",
        "word",
    ],
)
def test_noise_is_direct(url):
    assert read_referrer(url) == NO_REFERRER


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://www.google.com/", "https://www.google.com/"),
        ("https://www.google.com", "https://www.google.com"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("https://example.org/a#private", "https://example.org/a"),
        ("https://me:secret@example.org/a", "https://example.org/a"),
        ("HTTPS://Example.ORG./A", "https://example.org/A"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://example.org:port/a", "https://example.org/a"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/ä"),
        (" https://example.org/\n", "https://example.org/"),
        ("https://example.org?x", "https://example.org?x"),
        ("example.org/a", "example.org/a"),
        ("//example.org/a", "example.org/a"),
        ("android-app://com.google.android.gm/", "android-app://com.google.android.gm/"),
    ],
)
def test_urls_are_kept_clean(url, clean):
    assert read_referrer(url).url == clean


@pytest.mark.parametrize(
    ("url", "page_host"),
    [
        ("https://example.org/a", "example.org"),
        ("https://www.example.org/a", "example.org"),
        ("https://example.org/a", "www.example.org"),
        ("https://EXAMPLE.org:8080/a", "example.ORG"),
        ("https://example.org./a", "https://example.org"),
        ("https://example.org/a", "https://www.example.org:3000"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://localhost:3000/a", "http://localhost:3000"),
    ],
)
def test_the_pages_own_host_is_no_referrer(url, page_host):
    assert read_referrer(url, page_host) == NO_REFERRER


@pytest.mark.parametrize(
    "page_host", ["", "org", "ample.org", "shop.example.org", "example.org.evil.com", "nonsense host"]
)
def test_other_hosts_are_referrers(page_host):
    assert read_referrer("https://example.org/a", page_host).name == "example.org"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("google", Referrer("", "Google", "search")),
        ("Google", Referrer("", "Google", "search")),
        ("twitter", Referrer("", "Twitter", "social")),
        ("x", Referrer("", "Twitter", "social")),
        ("hn", Referrer("", "Hacker News", "social")),
        ("Product Hunt", Referrer("", "Product Hunt", "social")),
        ("producthunt", Referrer("", "Product Hunt", "social")),
        ("chatgpt", Referrer("", "ChatGPT", "ai")),
        ("newsletter", Referrer("", "newsletter", "other")),
        ("chatgpt.com", Referrer("chatgpt.com", "ChatGPT", "ai")),
        ("https://t.co/x", Referrer("https://t.co/x", "Twitter", "social")),
        ("", NO_REFERRER),
        ("(not set)", NO_REFERRER),
        ("a" * 65, NO_REFERRER),
        ("<b>", NO_REFERRER),
    ],
)
def test_names(value, expected):
    assert name_referrer(value) == expected


def test_a_name_may_be_the_page_itself():
    assert name_referrer("https://www.example.org/", "example.org") == NO_REFERRER


@pytest.mark.parametrize(
    "host", ["semalt.com", "SEMALT.com", "semalt.com.", "semalt.com:80", "x.y.semalt.com", "1-best-seo.com"]
)
def test_spam(host):
    assert is_spam_referrer(host)


@pytest.mark.parametrize(
    "host", ["", ".", "google.com", "notsemalt.com", "semalt.com.example.org", "com", "\ud800", "a" * 9999]
)
def test_no_spam(host):
    assert not is_spam_referrer(host)


@pytest.mark.parametrize(
    ("referrer", "query", "expected"),
    [
        ("", "", NO_REFERRER),
        ("", "a=b", NO_REFERRER),
        ("", "utm_source=chatgpt.com", CHATGPT),
        ("", "utm_source=ChatGPT", CHATGPT),
        ("", "utm_source=openai", CHATGPT),
        ("", "utm_source=perplexity", Referrer("", "Perplexity", "ai")),
        ("", "utm_source=copilot.com", Referrer("", "Copilot", "ai")),
        (BLOG, "utm_source=chatgpt.com", Referrer(BLOG, "ChatGPT", "ai")),
        (
            "https://www.google.com/",
            "utm_source=chatgpt.com",
            Referrer("https://www.google.com/", "Google", "search"),
        ),
        ("", "utm_source=facebook&utm_medium=social", Referrer("", "Facebook", "social")),
        ("", "utm_source=t.co", Referrer("", "Twitter", "social")),
        ("", "utm_source=spring-letter", NO_REFERRER),
        ("", "utm_source=example.org", NO_REFERRER),
        ("", "utm_source=spring-letter&utm_medium=email", Referrer("", "spring-letter", "email")),
        ("", "utm_medium=E-Mail", Referrer("", "Email", "email")),
        ("", "mc_eid=8a7", Referrer("", "Email", "email")),
        ("", "_hsenc=p2A", Referrer("", "Email", "email")),
        (BLOG, "utm_medium=newsletter", Referrer(BLOG, "blog.example.org", "email")),
        (
            "https://mail.google.com/",
            "utm_source=x&utm_medium=email",
            Referrer("https://mail.google.com/", "Gmail", "email"),
        ),
        ("", "gclid=1", Referrer("", "Google", "ad")),
        ("", "utm_source=google&utm_medium=cpc", Referrer("", "Google", "ad")),
        ("", "utm_source=unheard&utm_medium=cpc", Referrer("", "", "ad")),
        ("", "dclid=1", Referrer("", "", "ad")),
        ("", "msclkid=1&utm_medium=email", Referrer("", "Bing", "ad")),
        ("", "fbclid=1", Referrer("", "Facebook", "social")),
        ("", "fbclid=1&utm_medium=paid", Referrer("", "Facebook", "ad")),
        (BLOG, "fbclid=1", Referrer(BLOG, "blog.example.org", "other")),
        ("", "epik=1", Referrer("", "Pinterest", "social")),
        ("https://t.co/x", "twclid=1", Referrer("https://t.co/x", "Twitter", "ad")),
    ],
)
def test_what_a_campaign_says_of_its_referrer(referrer, query, expected):
    assert with_campaign(read_referrer(referrer), read_campaign(query)) == expected


def test_spam_in_other_scripts():
    encoded = "xn-----6kcamwewcd9bayelq.xn--p1ai"
    spelled = encoded.encode().decode("idna")
    assert spelled != encoded
    assert all(map(is_spam_referrer, [encoded, spelled, f"www.{spelled}", f"a.b.{spelled.upper()}:80"]))


@given(st.text(max_size=60), st.text(alphabet="utm_sorce=&%gclid.é", max_size=200))
def test_a_campaign_keeps_the_url(url, query):
    referrer = read_referrer(url)
    found = with_campaign(referrer, read_campaign(query))
    assert found.url == referrer.url
    assert found.type in TYPES | {"ad"}
    assert len(found.name) <= 253


@given(
    st.text(max_size=300) | st.text(alphabet="htps:/?#@[].aü\ud800%-\x00", max_size=4000),
    st.text(max_size=40),
)
def test_never_raises_and_is_bounded(url, page_host):
    for referrer in (read_referrer(url, page_host), name_referrer(url, page_host)):
        assert referrer.type in TYPES
        assert len(referrer.url) <= 2 * LONGEST_REFERRER
        assert len(referrer.name) <= 253
        assert (referrer == NO_REFERRER) == (referrer.type == "direct")
    is_spam_referrer(url)


@given(st.from_regex(r"https://[a-z]{1,9}(\.[a-z]{2,9}){1,3}/[a-z/]{0,9}(\?[a-z=]{1,9})?", fullmatch=True))
def test_reading_twice_changes_nothing(url):
    first = read_referrer(url)
    assert first.url == url
    assert read_referrer(first.url) == first
