"""The SQL of every report, kept in tests/snapshots/insights for a reviewer to read.

After a change: `LENS_SNAPSHOTS=write pytest tests/insights/test_sql.py`, then read the difference.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, LiteralString

import pytest

from eventlens.insights.attribution import AskedAttribution, attribution
from eventlens.insights.breakdowns import breakdown, by_value
from eventlens.insights.derived import DERIVED
from eventlens.insights.event_rows import EVENT, Position
from eventlens.insights.excluded import excluded
from eventlens.insights.explorer import Listing, events
from eventlens.insights.export import text_pages
from eventlens.insights.filters import Test, read_filters
from eventlens.insights.funnels import funnel
from eventlens.insights.funnels_asked import ExcludeItem, Given, StepItem, read_funnel
from eventlens.insights.funnels_people import Behind, FunnelPlace
from eventlens.insights.funnels_people import people as people_of_funnel
from eventlens.insights.goals import Goal, conversions
from eventlens.insights.live import live
from eventlens.insights.pages import pages
from eventlens.insights.paths import paths
from eventlens.insights.paths_sql import Shape
from eventlens.insights.pickers import event_names, event_properties, profile_properties, property_values
from eventlens.insights.profiles_list import ProfilePlace, Wanted, profiles
from eventlens.insights.question import Question
from eventlens.insights.replays import ReplayPosition, replays
from eventlens.insights.retention import Returning, retention
from eventlens.insights.retention_people import Cell, retained
from eventlens.insights.revenue import revenue
from eventlens.insights.series import AskedSeries, Series, series
from eventlens.insights.series_metrics import SERIES_METRICS
from eventlens.insights.sessions_explorer import SessionPlace, sessions
from eventlens.insights.specials import SPECIALS, special
from eventlens.insights.timeseries import timeseries
from eventlens.insights.totals import totals
from eventlens.store.base import Parameters, Result, Store
from tests.insights.world import World

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "insights"

PATH = read_filters('[{"name":"path","operator":"is","value":["/pricing"]}]')
SOURCE = read_filters('[{"name":"utm_source","operator":"is","value":["news"]}]')
MIXED = read_filters(
    '[{"name":"utm_source","operator":"isNot","value":["news"]},{"or":['
    '{"name":"properties.plan","operator":"is","value":["pro",5]},'
    '{"name":"path","operator":"regex","value":["^/a"]}]}]'
)
PEOPLE = read_filters(
    '[{"did":{"name":"buy","count":{"operator":"gte","value":2},"range":"question",'
    '"filters":[{"name":"utm_source","operator":"is","value":["news"]}]}},'
    '{"didNot":{"name":"refund"}}]'
)
PROFILE = read_filters('[{"name":"profile.address.city","operator":"isNot","value":["Graz"]}]')


@dataclass
class Reading:
    """A store that keeps what it was asked."""

    store: Store
    asked: list[tuple[str, Parameters]] = field(default_factory=list)

    def query(self, sql: LiteralString, parameters: Parameters | None = None) -> Result:
        self.asked.append((sql, dict(parameters or {})))
        return self.store.query(sql, parameters)


FUNNEL = Given(steps=[StepItem(name="screen_view"), StepItem(name="click"), StepItem(name="buy")])
NOT_X = [ExcludeItem(name="x", to=2)]

Report = Callable[[Any, Question], object]


def _funnel(**asked: Any) -> Report:
    return lambda store, question: funnel(store, question, read_funnel(replace(FUNNEL, **asked)))


def _people_of_funnel(store: Any, question: Question) -> object:
    behind, after = Behind(2, "dropped"), FunnelPlace(question.span.end - 5, 7)
    return people_of_funnel(store, question, read_funnel(FUNNEL), behind, after)


def _asked_series() -> AskedSeries:
    """The 95th percentile of a property by its event, beside sessions."""
    seconds = SERIES_METRICS["percentile"]
    of = Test("name", "is", ("render",))
    return AskedSeries(
        (
            Series(id="A", name="A", metric=seconds, condition=of, property="properties.s", percentile=95),
            Series(id="B", name="B", metric=SERIES_METRICS["total_sessions"], condition=of),
        ),
        dimensions=("country",),
        values=5,
    )


REPORTS: dict[str, tuple[Report, dict[str, Any]]] = {
    "funnel": (_funnel(), {"identified": True}),
    "funnel-strict": (_funnel(order="strict", exclude=NOT_X, by="session"), {"condition": SOURCE}),
    "funnel-any": (_funnel(order="any", by="group", window_seconds=None), {}),
    "funnel-by-value": (_funnel(breakdown="country"), {}),
    "funnel-over-time": (_funnel(trend="day"), {}),
    "funnel-people": (_people_of_funnel, {}),
    "metrics": (totals, {}),
    "metrics-people": (totals, {"identified": True}),
    "metrics-filtered-by-path": (totals, {"condition": PATH}),
    "metrics-filtered-by-source": (totals, {"condition": SOURCE}),
    "metrics-filtered-by-both": (totals, {"condition": MIXED}),
    "metrics-filtered-by-people": (totals, {"condition": PEOPLE}),
    "metrics-filtered-by-profiles": (totals, {"condition": PROFILE, "identified": True}),
    "timeseries": (timeseries, {"interval": "day"}),
    "pages-top": (lambda store, question: pages(store, question, "top"), {"identified": True}),
    "pages-top-filtered": (lambda store, question: pages(store, question, "top"), {"condition": MIXED}),
    "pages-entry": (lambda store, question: pages(store, question, "entry"), {}),
    "pages-exit": (lambda store, question: pages(store, question, "exit"), {}),
    "referrers": (lambda store, question: by_value(store, question, "referrer_name"), {}),
    "devices": (lambda store, question: by_value(store, question, "browser"), {"identified": True}),
    "breakdown": (
        lambda store, question: breakdown(
            store, question, ("country", "properties.plan"), ("total_events", "avg_session_duration")
        ),
        {"condition": PATH},
    ),
    "revenue": (
        lambda store, question: revenue(store, question, ("country", "group"), 5),
        {"interval": "day", "identified": True},
    ),
    "series": (
        lambda store, question: series(store, question, _asked_series()),
        {"interval": "day", "condition": SOURCE},
    ),
    "goals": (
        lambda store, question: conversions(
            store, question, [Goal("g", Test("name", "is", ("buy",)))], ("utm_source",), 5
        ),
        {"condition": PATH},
    ),
    "attribution-first": (
        lambda store, question: attribution(
            store, question, AskedAttribution(model="first", dimensions=("utm_source", "referrer_type"))
        ),
        {"condition": Test("name", "is", ("buy",)), "identified": True},
    ),
    "attribution-last-non-direct": (
        lambda store, question: attribution(
            store, question, AskedAttribution(model="last_non_direct", dimensions=("referrer_name",))
        ),
        {"condition": Test("name", "is", ("buy",))},
    ),
    "web-vitals": (lambda store, question: special(store, question, SPECIALS[0], "path", 5), {}),
    "retention": (
        lambda store, question: retention(store, question, Returning(), question.span.end),
        {"interval": "day"},
    ),
    "retention-by-country": (
        lambda store, question: retention(
            store,
            question,
            Returning(
                mode="on_or_after",
                cohort="first_ever",
                starts=Test("name", "is", ("signup",)),
                returns=SOURCE,
                dimensions=("country",),
            ),
            question.span.end,
        ),
        {"interval": "week", "identified": True, "condition": PATH},
    ),
    "retention-recurring": (
        lambda store, question: retention(
            store, question, Returning(cohort="recurring", starts=PATH), question.span.end
        ),
        {"interval": "month", "identified": True},
    ),
    "retention-people": (
        lambda store, question: retained(
            store, question, Returning(mode="on_or_after"), Cell("2026-03-10", 0), question.span.end
        ),
        {"interval": "day"},
    ),
    "paths": (lambda store, question: paths(store, question, Shape(), 10), {}),
    "paths-between": (
        lambda store, question: paths(
            store, question, Shape(mode="events", start="screen_view", end="buy", depth=4), 10
        ),
        {"condition": SOURCE},
    ),
    "paths-to": (
        lambda store, question: paths(store, question, Shape(end="/pricing"), 10),
        {"condition": MIXED},
    ),
    "live": (live, {}),
    "events": (events, {"condition": PATH}),
    "events-after": (
        lambda store, question: events(store, question, Position(question.span.end - 5, EVENT, 7)),
        {"identified": True},
    ),
    "events-derived": (
        lambda store, question: events(store, question, None, Listing("asc", DERIVED)),
        {"condition": PATH},
    ),
    "sessions": (sessions, {"condition": PATH}),
    "sessions-of-person": (
        lambda store, question: sessions(store, question, SessionPlace(question.span.end - 5, 7), person=1),
        {"identified": True},
    ),
    "profiles": (lambda store, question: profiles(store, question, Wanted()), {"identified": True}),
    "profiles-searched": (
        lambda store, question: profiles(
            store,
            question,
            Wanted(sort="sessions", identified="true", search="ada"),
            ProfilePlace(3, 7, (1 << 63)),
        ),
        {"identified": True},
    ),
    "event-names": (lambda store, question: event_names(store, question, "view"), {}),
    "event-properties": (lambda store, question: event_properties(store, question, "click", "plan"), {}),
    "profile-properties": (profile_properties, {}),
    "property-values": (
        lambda store, question: property_values(store, question, "properties.plan", search="p"),
        {},
    ),
    "export-events": (
        lambda store, question: list(text_pages(store, question, "events", "csv")),
        {"identified": True},
    ),
    "export-sessions": (
        lambda store, question: list(text_pages(store, question, "sessions", "json")),
        {"condition": PATH},
    ),
    "excluded": (excluded, {}),
    "replays": (lambda store, question: replays(store, question, question.span.end), {}),
    "replays-after": (
        lambda store, question: replays(
            store, question, question.span.end, ReplayPosition(question.span.end - 5, 7)
        ),
        {},
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_sql(world: World, name: str):
    world.see("a", "23:59:59.990", "/pricing", utm_source="news")
    reading = Reading(world.settle().store)
    report, asked = REPORTS[name]
    question = replace(world.ask(identified=False), **asked)
    report(reading, question)
    shown = "\n\n".join(f"{sql};\n-- {_shown(values, world.project)}" for sql, values in reading.asked) + "\n"
    path = SNAPSHOTS / f"{name}.sql"
    if os.environ.get("LENS_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown)
    assert path.read_text() == shown


def test_no_snapshot_without_a_report():
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(REPORTS)


def _shown(values: Parameters, project: str) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items()).replace(repr(project), "'…'")
