"""One command, one row: everything that can be known without looking at other events."""

from eventlens.events import Add, Alias, Context, Envelope, Identify, Track
from eventlens.ingest.keys import device_node, profile_node, visitor_node
from eventlens.ingest.process import Batch, Exclusion, process
from eventlens.ingest.rows import Event
from tests.support.pipeline import HOUR, NOW, view

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)


def described(*commands, **context) -> Batch:
    batch = Batch(version=9)
    process(100, Envelope(Context("p", **context), list(commands)), batch)
    return batch


def event(track: Track, **context) -> Event:
    (found,) = described(track, **context).events
    return found


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
