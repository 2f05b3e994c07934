import pytest

from eventlens.enrich.packaged import packaged_json
from eventlens.enrich.sources import Source, Sources, sources

LISTS = packaged_json("referrer_sources.json.gz")


def test_every_listed_social_host_is_found_as_social_or_better():
    found = {url: sources().find(url, "/") for urls in LISTS["social"].values() for url in urls}
    missing = {url for url, source in found.items() if source is None or source.type == "search"}
    assert missing == {"login.live.com"}


def test_every_listed_assistant_is_found():
    for name, urls in LISTS["ai"].items():
        for url in urls:
            host, slash, path = url.partition("/")
            assert sources().find(host, slash + path or "/") == Source(name, "ai")


def test_every_listed_engine_is_found():
    missing = set()
    for groups in LISTS["search"].values():
        for url in [url for group in groups for url in group["urls"]]:
            host, slash, path = url.replace("{}", "de").partition("/")
            if sources().find(host, slash + path or "/") is None:
                missing.add(url)
    assert missing == {
        "www.cnn.com",
        "www.fastweb.it",
        "msnbc.msn.com",
        "cgi2.nintendo.co.jp",
        "www.optuszoo.com.au",
    }


@pytest.fixture
def small():
    return Sources(
        {
            "ai": {"Bot": ["bot.example", "social.example/bot"]},
            "social": {"Friends": ["social.example"], "Same": ["both.example"]},
            "search": {
                "Find": [{"urls": ["find.{}", "{}.find.example", "both.example"]}],
                "Pictures": [{"urls": ["find.{}/pictures"]}],
            },
        },
        ["spam.example", "bücher.example", ""],
    )


@pytest.mark.parametrize(
    ("host", "path", "name"),
    [
        ("find.de", "/", "Find"),
        ("find.com", "/", "Find"),
        ("find.co.uk", "/", "Find"),
        ("www.find.com.br", "/", "Find"),
        ("find.example", "/", None),
        ("find.de.evil.org", "/", None),
        ("xfind.de", "/", None),
        ("de.find.example", "/", "Find"),
        ("pt-br.find.example", "/", "Find"),
        ("mail.find.example", "/", None),
        ("find.de", "/pictures?q", "Pictures"),
        ("social.example", "/x", "Friends"),
        ("a.b.social.example", "/", "Friends"),
        ("social.example", "/bot/1", "Bot"),
        ("both.example", "/", "Same"),
        ("example", "/", None),
    ],
)
def test_patterns_paths_and_precedence(small, host, path, name):
    source = small.find(host, path)
    assert (source.name if source else None) == name


def test_spam_list_is_cleaned(small):
    assert small.is_spam("x.spam.example")
    assert small.is_spam("xn--bcher-kva.example")
    assert not small.is_spam("")
    assert not small.is_spam("example")
