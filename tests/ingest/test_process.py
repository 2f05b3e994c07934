"""One command, one row: everything that can be known without looking at other events."""

from types import SimpleNamespace

import pytest

from eventlens.events import Add, Alias, Context, Envelope, Identify, Track
from eventlens.ingest import process as under_test
from eventlens.ingest.keys import device_node, profile_node, visitor_node
from eventlens.ingest.process import Batch, Exclusion, process
from eventlens.ingest.rows import as_columns
from tests.support.pipeline import HOUR, NOW, view

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)


def described(*commands, **context) -> Batch:
    batch = Batch(version=9)
    process(100, Envelope(Context("p", **context), list(commands)), batch)
    return batch


def event(track: Track, **context) -> SimpleNamespace:
    """The columns of the one event."""
    rows = described(track, **context).events
    assert len(rows) == 1
    return SimpleNamespace(**{name: values[0] for name, values in as_columns(rows).items()})


def test_arrivals_count_up():
    batch = described(view(NOW), view(NOW), Add("ada", NOW, "n", b"1"), view(NOW))
    assert [each.arrival for each in batch.events] == [100, 101, 103]
    assert batch.changes[0].arrival == 102
    assert batch.own_times == {100, 101, 103}


def test_an_address_is_split_and_its_campaign_read():
    found = event(view(NOW, path="https://shop.example/a?utm_source=news&utm_medium=email&gclid=1#top"))
    assert (found.origin, found.path, found.hash) == ("https://shop.example", "/a", "top")
    assert (found.utm_source, found.utm_medium, found.click_id_name) == ("news", "email", "gclid")
    assert found.referrer_type == "ad"


def test_a_referrer_of_the_same_site_is_none():
    own = {"path": "https://www.shop.example:8443/a", "referrer": "https://shop.example/b"}
    assert event(view(NOW, **own)).referrer == ""
    assert event(view(NOW, **own), outside_sessions=True).referrer == "https://shop.example/b"


def test_a_site_may_live_at_an_address_of_version_six():
    home = "https://[2001:db8::1]:8443/a"
    assert event(view(NOW, path=home, referrer="https://[2001:db8::1]/b")).referrer == ""
    found = event(view(NOW, path=home, referrer="https://[2001:db8::2]/b"))
    assert (found.referrer, found.referrer_name) == ("https://[2001:db8::2]/b", "[2001:db8::2]")


@pytest.mark.parametrize(
    ("query", "referrer", "name", "kind"),
    [
        ("ref=producthunt", "", "Product Hunt", "social"),
        ("utm_referrer=https%3A%2F%2Fwww.google.com%2F", "https://www.google.com/", "Google", "search"),
        ("ref=newsletter", "", "newsletter", "other"),
        ("ref=producthunt&utm_medium=cpc", "", "Product Hunt", "ad"),
        ("utm_source=chatgpt.com", "", "ChatGPT", "ai"),
        ("utm_source=june&utm_medium=email", "", "june", "email"),
        ("ref=producthunt&utm_source=chatgpt.com", "", "Product Hunt", "social"),
        ("gclid=1", "", "Google", "ad"),
        ("fbclid=1", "", "Facebook", "social"),
        ("ref=shop.example", "", "", "direct"),
        ("a=ref", "", "", "direct"),
    ],
)
def test_a_query_may_name_the_referrer(query: str, referrer: str, name: str, kind: str):
    found = event(view(NOW, path=f"https://shop.example/?{query}"))
    assert (found.referrer, found.referrer_name, found.referrer_type) == (referrer, name, kind)


@pytest.mark.parametrize("stated", ["https://blog.example/", "https://shop.example/"])
def test_it_does_not_where_a_page_was_left(stated: str):
    path = "https://shop.example/?ref=producthunt&utm_source=spring"
    assert event(view(NOW, path=path, referrer=stated)).referrer_name != "Product Hunt"
    assert event(view(NOW, path=path, referrer="about:blank")).referrer_name == "Product Hunt"


def test_a_campaign_on_a_link_between_own_pages_names_nobody():
    path = "https://shop.example/?utm_source=chatgpt.com"
    found = event(view(NOW, path=path, referrer="https://shop.example/"))
    assert (found.referrer_name, found.referrer_type, found.utm_source) == ("", "direct", "chatgpt.com")
    found = event(view(NOW, path=path, referrer="https://blog.example/"))
    assert (found.referrer, found.referrer_name, found.referrer_type) == (
        "https://blog.example/",
        "ChatGPT",
        "ai",
    )


def test_outside_sessions_a_query_names_nobody():
    path = "https://shop.example/?ref=producthunt&utm_source=chatgpt.com"
    assert event(view(NOW, path=path), outside_sessions=True).referrer_name == ""
    assert event(view(NOW, "", path=path)).referrer_name == ""


def test_long_addresses_are_read_but_not_kept():
    path = "https://shop.example/?ref=producthunt&" + "x" * 600
    before = under_test._cached_arrival.cache_info()
    assert event(view(NOW, path=path)).referrer_name == "Product Hunt"
    assert event(view(NOW, referrer="https://semal.example/" + "x" * 600)).referrer_name == "semal.example"
    assert under_test._cached_arrival.cache_info() == before
    assert described(view(NOW, referrer="https://semalt.com/" + "x" * 600)).events == []


def test_a_search_engine_has_a_name():
    found = event(view(NOW, path="https://shop.example/", referrer="https://www.google.com/"))
    assert (found.referrer_name, found.referrer_type) == ("Google", "search")


def test_the_user_agent_and_what_beats_it():
    found = event(view(NOW), user_agent=CHROME)
    assert (found.browser, found.os, found.device) == ("Chrome", "Windows", "desktop")
    found = event(view(NOW, overrides={"os": "iOS", "brand": "Apple"}), user_agent=CHROME)
    assert (found.browser, found.os, found.brand) == ("Chrome", "iOS", "Apple")


def test_who_did_it():
    assert event(view(NOW, "d")).visitor == visitor_node("d", "") == device_node("d")
    assert event(view(NOW, "d", profile_id="ada")).visitor == profile_node("ada")
    assert event(view(NOW, "")).visitor == 0


def test_spam_is_counted_apart():
    batch = described(view(NOW, referrer="https://semalt.com/x"), source="import")
    assert batch.events == []
    assert dict(batch.excluded) == {Exclusion("p", NOW - NOW % HOUR, "spam", "semalt.com"): 1}
    assert dict(batch.tallies) == {("import", "spam"): 1}


def test_what_is_excluded_becomes_nothing_else():
    batch = described(
        view(NOW, profile_id="ada"),
        Identify("ada", NOW, "", "d", {"a": b"1"}),
        Alias("ada", "bob", NOW),
        excluded="bot",
        excluded_name="b",
    )
    assert batch.events == batch.changes == batch.identified == batch.aliases == []
    assert sum(batch.excluded.values()) == 3


def test_changes_of_profiles():
    batch = described(Identify("ada", NOW, "i", "d", {"a": b"1", "b": b'"x"'}), Add("ada", NOW, "n", b"-2"))
    assert [(each.property, each.operation, each.value, each.id) for each in batch.changes] == [
        ("a", "set", "1", "i"),
        ("b", "set", '"x"', "i"),
        ("n", "add", "-2", ""),
    ]


def test_an_identification_without_a_device_ties_nothing():
    assert described(Identify("ada", NOW, "", "")).identified == []
