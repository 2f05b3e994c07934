"""The demo's made-up product: repeatable, within its days, with everything a first look wants to see."""

from collections import Counter

import pytest

from eventlens.clock import DAY
from eventlens.events import Identify, Track, unpack
from eventlens.ingest.importers.demo import NEXT_PAGES, SOURCES, TITLES, Demo

NOW = 1_767_225_600_000  # 2026-01-01


@pytest.fixture(scope="module")
def commands():
    return [command for envelope in Demo("p", NOW).envelopes() for command in envelope.commands]


def test_the_same_seed_gives_the_same_records():
    def records(seed: int):
        return list(Demo("p", NOW, seed=seed, events=1000).records())

    assert records(1) == records(1)
    assert records(1) != records(2)


def test_everything_lies_in_the_last_sixty_days(commands):
    assert 25_000 < len(commands) < 36_000
    assert all(NOW - 61 * DAY < command.timestamp <= NOW for command in commands)
    assert len({command.id for command in commands}) == len(commands)


def test_records_say_how_much_is_in_them():
    for record, commands, tracked in Demo("p", NOW, events=2000, source="s").records():
        found = [command for envelope in unpack(record) for command in envelope.commands]
        assert len(found) == commands
        assert sum(isinstance(command, Track) for command in found) == tracked
        assert {envelope.context.source for envelope in unpack(record)} == {"s"}


def test_there_is_something_to_see(commands):
    names = Counter(command.name for command in commands if isinstance(command, Track))
    funnel = [names[name] for name in ("signup_started", "signup_completed", "checkout_started", "revenue")]
    assert funnel == sorted(funnel, reverse=True)
    assert funnel[-1] > 10
    assert any(isinstance(command, Identify) for command in commands)
    small = ("web_vital", "scroll_depth", "error", "file_download", "link_out", "not_found")
    assert all(0 < names[name] < names["screen_view"] / 4 for name in small), names
    devices = Counter(command.device_id for command in commands if isinstance(command, Track))
    assert len(devices) > 1000
    assert any(command.timestamp > NOW - 5 * 60_000 for command in commands), (
        "nobody is there for the live view"
    )


def test_every_page_leads_somewhere_and_has_a_title():
    reached = {page for pages in NEXT_PAGES.values() for page in pages}
    landings = {page for source in SOURCES for page in source.landings}
    assert reached | landings | set(NEXT_PAGES) == set(TITLES)
    assert set(NEXT_PAGES) == set(TITLES)
