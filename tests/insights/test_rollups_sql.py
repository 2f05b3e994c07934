"""The SQL of roll-ups, kept in tests/snapshots/rollups for a reviewer to read; see test_sql.py."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

import pytest

from eventlens.insights.breakdowns import by_value
from eventlens.insights.pages import pages
from eventlens.insights.question import Question
from eventlens.insights.rollups.due import Rollups
from eventlens.insights.timeseries import timeseries
from eventlens.insights.totals import totals
from eventlens.store.base import Parameters, Result, Store
from eventlens.store.touches import touch_span
from tests.insights.world import World, ms

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "rollups"


@dataclass
class Reading:
    """A store that keeps what it was told and asked."""

    store: Store
    said: list[tuple[str, Parameters]] = field(default_factory=list)

    def query(self, sql: LiteralString, parameters: Parameters | None = None) -> Result:
        self.said.append((sql, dict(parameters or {})))
        return self.store.query(sql, parameters)

    def recent(self, sql: LiteralString, parameters: Parameters) -> Result:
        return self.query(sql, parameters)

    def command(self, sql: LiteralString, parameters: Parameters | None = None) -> None:
        self.said.append((sql, dict(parameters or {})))
        self.store.command(sql, parameters)


def build(store: Any, question: Question) -> None:
    rollups = Rollups(store, lambda: ms("2026-03-11T00:30"))
    day = rollups.due(question.project_id, ZoneInfo("UTC"), impatient=True).days[-1]
    rollups.build(question.project_id, replace(day, list_hours=()))


ASKED: dict[str, Callable[[Any, Question], object]] = {
    "build": build,
    "metrics": totals,
    "timeseries": lambda store, question: timeseries(store, replace(question, interval="hour")),
    "devices": lambda store, question: by_value(store, question, "browser"),
    "referrers": lambda store, question: by_value(store, question, "utm_source"),
    "pages": lambda store, question: pages(store, question, "exit"),
}


@pytest.mark.parametrize("name", ASKED)
def test_sql(world: World, name: str):
    world.see("a", "23:59:59.990", "/pricing", utm_source="news")
    world.settle()
    touch_span(world.store, world.project, ms("23:00"), ms("2026-03-11T00:00"), f"{world.project}-touch")
    question = replace(
        world.ask(end="2026-03-11T02:00", identified=False, exact=False), exact_up_to=-1, limit=10
    )
    reading: Any = Reading(world.store)
    if name != "build":
        build(world.store, question)
    ASKED[name](reading, question)
    shown = "\n\n".join(f"{sql};\n-- {_shown(values)}" for sql, values in reading.said) + "\n"
    path = SNAPSHOTS / f"{name}.sql"
    if os.environ.get("LENS_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown)
    assert path.read_text() == shown


def test_no_snapshot_without_a_question():
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(ASKED)


def _shown(values: Parameters) -> str:
    return ", ".join(f"{name}={_masked(value)}" for name, value in values.items())


def _masked(value: Any) -> str:
    """Versions are drawn, projects numbered."""
    if isinstance(value, str) and value.startswith("project-"):
        return "'…'"
    if isinstance(value, int) and value > 1 << 60:
        return "…"
    return f"[{', '.join(map(_masked, value))}]" if isinstance(value, list) else repr(value)
