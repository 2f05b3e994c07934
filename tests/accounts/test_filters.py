import threading
import time
import timeit
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import text

from eventlens.accounts import filters as module
from eventlens.accounts.filters import (
    NO_FILTERS,
    FilterCache,
    FilterKind,
    Filters,
    ProjectFilters,
    read_value,
)
from eventlens.accounts.projects import Project, Projects
from eventlens.catalog.connect import Catalog
from eventlens.clock import to_datetime
from eventlens.errors import InvalidInput, NotFound, Unavailable


@pytest.fixture
def project(catalog: Catalog) -> Project:
    return Projects(catalog).create("Shop")


@pytest.fixture
def filters(catalog: Catalog, clock) -> Filters:
    return Filters(catalog, clock)


def compiled(kind: FilterKind, *values: str) -> ProjectFilters:
    return ProjectFilters((kind, read_value(kind, value)) for value in values)


ADDRESSES = [
    ("203.0.113.7", "203.0.113.7", True),
    ("203.0.113.7", "203.0.113.8", False),
    ("203.0.113.7", "203.0.113.70", False),
    ("203.0.113.0/24", "203.0.113.0", True),
    ("203.0.113.0/24", "203.0.113.255", True),
    ("203.0.113.0/24", "203.0.114.0", False),
    ("203.0.113.9/24", "203.0.113.200", True),
    ("203.0.113.0/24", "::ffff:203.0.113.5", True),
    ("::ffff:203.0.113.0/120", "203.0.113.5", True),
    ("::ffff:203.0.113.5", "203.0.113.5", True),
    ("0.0.0.0/0", "8.8.8.8", True),
    ("0.0.0.0/0", "2001:db8::1", False),
    ("::/0", "2001:db8::1", True),
    ("::/0", "8.8.8.8", False),
    ("2001:db8::/48", "2001:DB8:0:ffff::1", True),
    ("2001:db8::/48", "2001:db8:1::1", False),
    ("2001:db8:0:0::1", "2001:db8::1", True),
    ("fe80::/10", "fe80::1%eth0", True),
    ("203.0.113.7", "", False),
    ("203.0.113.7", "not an address", False),
    ("203.0.113.7", "203.0.113.7:80", False),
]


@pytest.mark.parametrize(("value", "ip", "blocked"), ADDRESSES)
def test_addresses(value: str, ip: str, blocked: bool) -> None:
    assert compiled("ip", value).address(ip) is blocked


def test_networks_may_overlap_and_lie_side_by_side() -> None:
    many = compiled("ip", "10.0.0.0/8", "10.1.0.0/16", "10.255.255.255", "11.0.0.0", "12.0.0.0/31", "::1")
    found = {
        ip: many.address(ip)
        for ip in (
            "9.255.255.255", "10.0.0.0", "10.1.2.3", "10.255.255.255", "11.0.0.0", "11.0.0.1",
            "12.0.0.0", "12.0.0.1", "12.0.0.2", "::1", "::2",
        )
    }  # fmt: skip  # one screen
    assert list(found.values()) == [False, True, True, True, True, False, True, True, False, True, False]


PATTERNS = [
    ("/admin", "/admin", True),
    ("/admin", "/admin/", False),
    ("/admin", "/Admin", False),
    ("/admin*", "/admin", True),
    ("/admin/*", "/admin/", True),
    ("/admin/*", "/admin/a/b", True),
    ("/admin/*", "/admin", False),
    ("/admin/*", "/x/admin/", False),
    ("*", "/anything", True),
    ("*.pdf", "/a/b.pdf", True),
    ("*.pdf", "/a/b.pdf2", False),
    ("/*/edit", "/posts/7/edit", True),
    ("/*/edit", "/edit", False),
    ("/*/edit", "/posts/edit/7", False),
    ("*a*b*c*", "xxaxxbxxcxx", True),
    ("*a*b*c*", "xxcxxbxxaxx", False),
    ("ab*ba", "aba", False),
    ("ab*ba", "abba", True),
    ("/a.c", "/abc", False),
    ("/a?", "/a", False),
    ("/[a]*", "/a", False),
]


@pytest.mark.parametrize(("value", "path", "kept_out"), PATTERNS)
def test_paths_and_names(value: str, path: str, kept_out: bool) -> None:
    assert compiled("path", value).event("screen_view", path) == ("path" if kept_out else "")
    assert compiled("event", value).event(path, "") == ("event" if kept_out else "")


def test_the_kind_that_keeps_an_event_out() -> None:
    both = ProjectFilters([("event", "debug"), ("path", "/admin/*"), ("profile", "p*"), ("profile", "robot")])
    assert both.event("debug", "/admin/x") == "event"
    assert both.event("debug", "") == "event"
    assert both.event("screen_view", "/admin/x") == "path"
    assert both.event("/admin/x", "debug") == ""
    assert both.event("robot", "robot") == ""
    assert both.profile("robot")
    assert both.profile("p*")
    assert not both.profile("p1"), "ids are exact: a star may be part of one"
    assert not both.profile("")
    assert not both.address("1.2.3.4")


def test_an_event_without_a_page_is_on_no_path() -> None:
    assert compiled("path", "*").event("signed_up", "") == ""


def test_a_pattern_takes_time_in_step_with_its_text() -> None:
    hostile = compiled("path", "*a*a*a*a*b")
    begun = time.perf_counter()
    assert hostile.event("x", "a" * 100_000) == ""
    assert time.perf_counter() - begun < 1  # usually 0.1 ms


def test_without_filters_one_attribute_says_so() -> None:
    assert NO_FILTERS.empty
    assert ProjectFilters(allow_unverified_revenue=True).empty
    assert not compiled("event", "x").empty
    assert not NO_FILTERS.address("1.2.3.4")
    assert not NO_FILTERS.profile("p")
    assert NO_FILTERS.event("x", "/") == ""


def test_the_most_filters_cost_microseconds() -> None:
    values = [f"10.{n // 250}.{n % 250}.0/24" for n in range(module.MOST_FILTERS)]
    many = compiled("ip", *values)
    assert many.address("10.1.249.1")
    times = timeit.repeat(lambda: many.address("198.51.100.7"), number=1000, repeat=5)
    assert min(times) / 1000 < 50e-6  # usually 2 microseconds


VALUES = [
    ("ip", " 203.0.113.7 ", "203.0.113.7"),
    ("ip", "203.0.113.7/32", "203.0.113.7"),
    ("ip", "203.0.113.7/24", "203.0.113.0/24"),
    ("ip", "203.0.113.0/255.255.255.0", "203.0.113.0/24"),
    ("ip", "2001:DB8:0:0::1/128", "2001:db8::1"),
    ("path", " /a b ", "/a b"),
    ("event", "Sign Up", "Sign Up"),
    ("profile", "a@b.example", "a@b.example"),
]


@pytest.mark.parametrize(("kind", "value", "kept"), VALUES)
def test_values_have_a_normal_form(kind: FilterKind, value: str, kept: str) -> None:
    assert read_value(kind, value) == kept
    assert read_value(kind, kept) == kept


WRONG = [
    ({"kind": "country", "value": "DE"}, "kind"),
    ({"kind": "", "value": "x"}, "kind"),
    *[({"kind": "ip", "value": value}, "value") for value in ("1.2.3", "1.2.3.4/33", "a.example", "::g")],
    *[({"kind": kind, "value": " "}, "value") for kind in ("ip", "path", "event", "profile")],
    ({"kind": "path", "value": "/" + "x" * 512}, "value"),
    ({"kind": "path", "value": "a\nb"}, "value"),
    ({"kind": "path", "value": "*a*b*c*d*e*"}, "value"),
    ({"kind": "event", "value": "x", "note": "n" * 201}, "note"),
    ({"kind": "event", "value": "x", "note": "a\0b"}, "note"),
]  # fmt: skip  # one screen


@pytest.mark.parametrize(("arguments", "field"), WRONG)
def test_wrong_input_names_its_field(filters: Filters, project: Project, arguments, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        filters.add(project.id, **arguments)
    assert caught.value.field == field
    assert filters.list(project.id) == []


def test_a_filter_is_listed_as_it_was_added(filters: Filters, project: Project, clock) -> None:
    first = filters.add(project.id, "ip", "203.0.113.7/24", " the office ")
    clock.now += 1
    second = filters.add(project.id, "path", "/admin/*")
    assert (first.kind, first.value, first.note) == ("ip", "203.0.113.0/24", "the office")
    assert first.created_at == to_datetime(clock.now - 1)
    assert filters.list(project.id) == [first, second]
    filters.remove(project.id, first.id)
    assert filters.list(project.id) == [second]
    with pytest.raises(NotFound):
        filters.remove(project.id, first.id)


def test_the_same_filter_twice_is_one(filters: Filters, project: Project) -> None:
    first = filters.add(project.id, "ip", "203.0.113.7")
    assert filters.add(project.id, "ip", "203.0.113.7/32", "again") == first
    assert filters.add(project.id, "path", "/A") != filters.add(project.id, "path", "/a")
    assert len(filters.list(project.id)) == 3


def test_a_project_knows_only_its_own(filters: Filters, project: Project, catalog: Catalog) -> None:
    other = Projects(catalog).create("Other")
    own = filters.add(project.id, "event", "x")
    assert filters.list(other.id) == []
    with pytest.raises(NotFound):
        filters.remove(other.id, own.id)
    with pytest.raises(NotFound):
        filters.add("nothing", "event", "x")
    assert filters.list(project.id) == [own]


def test_their_number_is_bounded(filters: Filters, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILTERS", 3)
    for number in range(3):
        filters.add(project.id, "event", f"e{number}")
    with pytest.raises(InvalidInput, match="at most 3"):
        filters.add(project.id, "event", "one more")
    filters.add(project.id, "event", "e0")


def test_they_go_with_their_project(filters: Filters, project: Project, catalog: Catalog) -> None:
    filters.add(project.id, "event", "x")
    with catalog.session(write=True) as session:
        session.execute(text("DELETE FROM analytics_projects"))
    assert filters.list(project.id) == []


# --- the cache ---


def test_the_cache_knows_every_project_from_the_start(
    catalog: Catalog, project: Project, filters: Filters
) -> None:
    other = Projects(catalog).create("Other")
    filters.add(project.id, "event", "x")
    cache = FilterCache(catalog)
    assert cache.of(project.id).event("x", "") == "event"
    assert cache.of(other.id) is NO_FILTERS
    assert cache.of("nothing") is NO_FILTERS


def test_what_did_not_change_stays_the_same_object(
    catalog: Catalog, project: Project, filters: Filters
) -> None:
    filters.add(project.id, "event", "x")
    cache = FilterCache(catalog)
    first = cache.of(project.id)
    cache.refresh()
    assert cache.of(project.id) is first
    filters.add(project.id, "event", "y")
    assert cache.of(project.id) is first
    cache.refresh()
    assert cache.of(project.id) != first
    assert cache.of(project.id).event("y", "") == "event"


def test_a_change_by_the_same_process_holds_at_once(catalog: Catalog, project: Project) -> None:
    cache = FilterCache(catalog)
    filters = Filters(catalog, changed=cache.refresh)
    added = filters.add(project.id, "ip", "203.0.113.7")
    assert cache.of(project.id).address("203.0.113.7")
    filters.remove(project.id, added.id)
    assert cache.of(project.id) is NO_FILTERS


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_change_by_somebody_else_is_noticed_although_nobody_asks(
    catalog: Catalog, project: Project, filters: Filters
) -> None:
    with closing(FilterCache(catalog, life_ms=40)) as cache:
        cache.start()
        added = filters.add(project.id, "ip", "203.0.113.7")
        eventually(lambda: cache.of(project.id).address("203.0.113.7"))
        filters.remove(project.id, added.id)
        eventually(lambda: cache.of(project.id) is NO_FILTERS)


def test_while_the_catalog_is_away_what_was_read_goes_on_being_true(
    catalog: Catalog, project: Project, filters: Filters, caplog: pytest.LogCaptureFixture
) -> None:
    added = filters.add(project.id, "ip", "203.0.113.7")
    with closing(FilterCache(catalog, life_ms=40)) as cache:
        with catalog.session(write=True) as session:
            session.execute(text("ALTER TABLE analytics_project_filters RENAME TO away"))
        with pytest.raises(Unavailable):
            cache.refresh()
        cache.start()
        eventually(lambda: "could not be read anew" in caplog.text)
        assert cache.of(project.id).address("203.0.113.7")
        with catalog.session(write=True) as session:
            session.execute(text("ALTER TABLE away RENAME TO analytics_project_filters"))
        filters.remove(project.id, added.id)
        eventually(lambda: cache.of(project.id) is NO_FILTERS)


def test_whoever_asks_never_waits_for_the_catalog(
    catalog: Catalog, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FilterCache(catalog)
    reading, go_on = threading.Event(), threading.Event()
    read = cache._read

    def slowly():
        reading.set()
        assert go_on.wait(30)
        return read()

    monkeypatch.setattr(cache, "_read", slowly)
    thread = threading.Thread(target=cache.refresh)
    thread.start()
    assert reading.wait(30)
    assert cache.of(project.id) is NO_FILTERS
    go_on.set()
    thread.join()


def test_a_row_that_nobody_understands_matches_nothing(catalog: Catalog, project: Project) -> None:
    Filters(catalog).add(project.id, "ip", "203.0.113.7")
    other = Filters(catalog).add(project.id, "ip", "203.0.113.8")
    with catalog.session(write=True) as session:
        session.execute(
            text("UPDATE analytics_project_filters SET value = 'gone wrong' WHERE id = :id"), {"id": other.id}
        )
    found = FilterCache(catalog).of(project.id)
    assert found.address("203.0.113.7")
    assert not found.address("203.0.113.8")
