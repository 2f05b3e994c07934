"""Random streams with answers computed ahead in their midst: what comes later must be in every answer."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.clock import DAY
from eventlens.insights.ranges import Span
from eventlens.insights.rollups.build import touched_in, touches_by_hour
from eventlens.insights.rollups.due import Rollups
from tests.oracle.comparison import QUESTIONS, compare
from tests.oracle.door import send, slow_answer
from tests.oracle.streams import Stream, streams
from tests.support.inprocess import InProcess
from tests.support.project import Project

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")
ASKED = sorted(
    name
    for name in QUESTIONS
    if name.startswith(
        ("totals", "a part", "hour", "day", "week", "month", "top", "entry", "exit", "utm_", "referrer_")
    )
)
SOME = st.lists(st.sampled_from(ASKED), min_size=4, max_size=4, unique=True)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    here = InProcess(tmp_path_factory.mktemp("oracle") / "data", EVENTLENS_EXACT_EVENTS="0")
    yield here
    here.close()


def compute_ahead(here: InProcess, project: Project, stream: Stream, *, grid: str) -> int:
    """Everything about the days on which something happened, some hours of lists among it; how many days."""
    store = here.runtime.store
    rollups = Rollups(store, lambda: max(sent.at for sent in stream.sent) + 2 * DAY)
    days = rollups.due(project.id, ZoneInfo(grid), impatient=True).days
    if not days:
        return 0
    touches = touches_by_hour(store, project.id, Span(days[-1].span.start, days[0].span.end))
    lively = [day for day in days if touched_in(touches, day.span)]
    for day in lively:
        rollups.build(project.id, replace(day, list_hours=day.list_hours[:2]))
    return len(lively)


@given(
    stream=streams() | streams("named"),
    questions=SOME,
    cut=st.floats(0, 1),
    grid=st.sampled_from(["", "", "UTC"]),
)
@settings(ORACLE, max_examples=max(10, ORACLE.max_examples // 4))
def test_what_came_later_is_in_the_answers(here, stream, questions, cut, grid):
    oracle = slow_answer(stream)
    project = here.project(timezone=stream.zone)
    place = round(cut * len(stream.sent))
    if place:
        send(project, stream._replace(sent=stream.sent[:place]))
        compute_ahead(here, project, stream, grid=grid or stream.zone)
    if place < len(stream.sent):
        send(project, stream._replace(sent=stream.sent[place:]))
    compare(project, oracle, questions)
    compute_ahead(here, project, stream, grid=stream.zone)
    compare(project, oracle, questions)
