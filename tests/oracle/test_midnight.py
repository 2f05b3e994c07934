"""Visitors without an id of their own, around midnight: whose device is it, and which session.

An event takes yesterday's computed id if that id was seen within the 30 minutes before it, else today's.
It does not matter whether events are sent as they happen or later, while the days' salts are kept.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.comparison import compare
from tests.oracle.model import GAP, VIEW, Oracle, Sent
from tests.oracle.streams import DAY, HOUR, MINUTE
from tests.support.inprocess import InProcess
from tests.support.pipeline import HeldClock
from tests.support.project import BROWSER, Project, iso

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")
VISITORS = {
    "ann": ("203.0.113.7", BROWSER),
    "ben": ("203.0.113.8", BROWSER),
    "cleo": ("203.0.113.7", BROWSER.replace("142", "141")),
    "dan": ("2001:db8::7", BROWSER),
}
"""Who differs from whom in address or user agent only."""
GAPS = (0, MINUTE, 20 * MINUTE, GAP - 1, GAP, GAP + 1, HOUR, 23 * HOUR)
QUESTIONS = ("totals", "sessions", "day", "a part", "entry pages")


class Here:
    """An application whose clock the test holds; each example takes place some days after the last."""

    def __init__(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.clock = HeldClock(1_800_000_000_000 // DAY * DAY)
        self.inside = InProcess(tmp_path_factory.mktemp("midnight") / "data", clock=self.clock)

    def next_midnight(self) -> int:
        self.clock.now = (self.clock.now // DAY + 5) * DAY
        return self.clock.now + DAY


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    made = Here(tmp_path_factory)
    yield made
    made.inside.close()


class Step(NamedTuple):
    """One event: when (ms after midnight) and who."""

    at: int
    who: str


@st.composite
def walks(draw: st.DrawFn) -> list[Step]:
    """A few visitors, each on the way from before midnight, in the order of time."""
    steps: list[Step] = []
    for who in draw(st.lists(st.sampled_from(sorted(VISITORS)), min_size=1, max_size=3, unique=True)):
        at = -draw(st.sampled_from((1, MINUTE, 29 * MINUTE, GAP, 2 * HOUR)))
        for gap in draw(st.lists(st.sampled_from(GAPS), min_size=1, max_size=6)):
            steps.append(Step(at, who))
            at = min(at + gap, 2 * DAY - 1)
    return sorted(steps)


def computed(steps: list[Sent]) -> list[Sent]:
    """The same events with the device that each belongs to, by the rule above."""
    last: dict[str, int] = {}
    found: list[Sent] = []
    for step in steps:
        day = step.at // DAY
        device = f"{step.device} of {day - 1}"
        if step.at - last.get(device, -GAP) >= GAP:
            device = f"{step.device} of {day}"
        last[device] = step.at
        found.append(Sent(step.kind, step.at, step.id, name=VIEW, device=device, path=step.path))
    return found


def post(project: Project, step: Sent, *, stamped: bool) -> None:
    address, agent = VISITORS[step.device]
    payload = {"name": VIEW, "id": step.id, "path": step.path}
    if stamped:
        payload["timestamp"] = iso(step.at / 1000)
    headers = {"x-forwarded-for": address, "user-agent": agent}
    answer = project.post("/track", {"type": "track", "payload": payload}, **headers)
    assert answer.status_code == 200, answer.text


@given(
    walk=walks(),
    live=st.integers(0, 18),
    wait=st.sampled_from((MINUTE, HOUR, 12 * HOUR)),
    apart=st.booleans(),
)
@ORACLE
def test_a_visit_over_midnight_keeps_its_id(here, walk, live, wait, apart):
    """The first events are sent as they happen, the others together some time after the last of them."""
    midnight = here.next_midnight()
    project = here.inside.project()
    steps = [
        Sent("track", midnight + step.at, f"e{number}", name=VIEW, device=step.who, path=f"/{number % 2}")
        for number, step in enumerate(walk)
    ]
    for step in steps[:live]:
        here.clock.now = step.at
        post(project, step, stamped=False)
        if apart:
            project.settle()
    here.clock.now = max(here.clock.now, min(steps[-1].at + wait, midnight + 2 * DAY - 1))
    for step in steps[live:]:
        post(project, step, stamped=True)
    project.settle()
    assert datetime.fromtimestamp(midnight / 1000, UTC).hour == 0
    compare(project, Oracle(computed(steps), "UTC"), QUESTIONS)
