"""63,524 real page views of 10,000 readers: published figures, in any order of arrival, sent twice or not."""

import random

import pytest

from tests.support.data import expected, wiki_events
from tests.support.project import Event, Project, view

SPAN = {"startDate": "2014-01-01", "endDate": "2014-02-28"}


@pytest.fixture(scope="module")
def events() -> list[Event]:
    # URLs of this file were assigned at random: a single path says as much.
    return [
        view(user, f"{at}Z", "/page", id=f"line-{number}") for number, (user, at) in enumerate(wiki_events())
    ]


def with_repeats(events: list[Event], chance: random.Random) -> list[Event]:
    """Five percent are sent a second time, somewhere later."""
    again = chance.sample(events, len(events) // 20)
    mixed = [*events]
    for event in again:
        mixed.insert(chance.randrange(len(mixed)), event)
    return mixed


ORDERS = {
    "in order": lambda events, _: events,
    "shuffled": lambda events, chance: chance.sample(events, len(events)),
    "with repeats": with_repeats,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("order", ORDERS)
def test_published_figures(project: Project, events, order):
    figures = expected()["wiki_reader_events"]
    project.send(ORDERS[order](events, random.Random(2014)), size=2000)
    project.settle(120)
    found = project.metrics(**SPAN)
    assert found["total_events"] == figures["rows"]
    assert found["unique_visitors"] == figures["users"]
    assert found["total_sessions"] == figures["computed_1800"]["sessions"]
    assert found["bounce_rate"] == pytest.approx(figures["computed_1800"]["session_bounce_pct"], abs=5e-4)
    duration = figures["computed_1800"]["mean_session_duration_s"]
    assert found["avg_session_duration"] == pytest.approx(duration, abs=5e-4)
    days = project.ask("timeseries", interval="day", **SPAN)
    assert sum(day["total_sessions"] for day in days) == figures["computed_1800"]["sessions"]
