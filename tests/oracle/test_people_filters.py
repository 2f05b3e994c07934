"""Random streams, random conditions on people, cohorts and segments: every answer against the slow one."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.clock import now_ms
from tests.oracle.comparison import QUESTIONS, compare
from tests.oracle.conditions import tests as event_tests
from tests.oracle.door import send, slow_answer
from tests.oracle.model import Event, Sent
from tests.oracle.people_filters import Asked, cohorts, filters, plain_stream
from tests.oracle.streams import DAY, streams
from tests.support.inprocess import InProcess
from tests.support.project import Project

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")
ASKABLE = sorted(set(QUESTIONS) - {"profiles", "sessions", "a page", "a campaign"})
"""Questions that take the oracle's filters."""
COMPARED = {"totals compared", "days compared", "a part", "top pages of a day"}
"""Those whose own days differ from the whole, so that `range: question` does."""
SOME = st.lists(st.sampled_from(ASKABLE), min_size=2, max_size=3, unique=True)


class Clock:
    """The real time, until a test says what day it is."""

    def __init__(self) -> None:
        self.at: int | None = None

    def __call__(self) -> int:
        return now_ms() if self.at is None else self.at


class Place:
    """A server in this process, and its clock."""

    def __init__(self, here: InProcess, clock: Clock) -> None:
        self.here = here
        self.clock = clock

    def keep(self, project: Project, kind: str, condition: Any) -> str:
        saved = {"name": kind, "filters": condition}
        path = {
            "cohort": f"/insights/{project.id}/cohorts",
            "segment": f"/manage/projects/{project.id}/segments",
        }
        answer = project.http.post(path[kind], json=saved, headers=project.root.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["id"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    clock = Clock()
    here = InProcess(tmp_path_factory.mktemp("oracle") / "data", clock=clock)
    yield Place(here, clock)
    here.close()


def speaks_of_the_question(condition: Any) -> bool:
    return "'question'" in repr(condition)


@given(stream=streams("profiles") | streams("server") | streams("named"), questions=SOME, data=st.data())
@ORACLE
def test_conditions_on_people(place: Place, stream, questions, data):
    stream = stream._replace(sent=plain_stream(stream.sent))
    oracle = slow_answer(stream)
    place.clock.at = None
    project = place.here.project(timezone=stream.zone)
    send(project, stream)
    start, end = oracle.days()
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    today = end + timedelta(days=data.draw(st.integers(0, 2)))
    asked = Asked(oracle, today, start, end)
    last = max(event.sent.at for event in oracle.everything)
    place.clock.at = last + (today - end).days * DAY
    asked.today = oracle.local(place.clock.at).date()
    known: dict[str, str] = {}
    for kind, some in (
        ("cohort", cohorts(days)),
        ("segment", st.lists(event_tests(), min_size=1, max_size=2)),
    ):
        condition = data.draw(some)
        saved = place.keep(project, kind, condition)
        asked.saved[saved], known[saved] = condition, kind
    for saved in [each for each, kind in known.items() if kind == "cohort"]:
        members = project.ask(f"cohorts/{saved}")["size"]
        assert members == people_in(asked, saved)
    for condition in data.draw(st.lists(filters(days, known), min_size=1, max_size=3)):
        oracle.filters, oracle.keep = condition, partial(asked.holds, condition)
        apart = [each for each in questions if each not in COMPARED or not speaks_of_the_question(condition)]
        compare(project, oracle, apart)


def people_in(asked: Asked, cohort: str) -> int:
    """Everybody of whom there is an event or a change of a profile, and of whom the condition holds."""
    oracle = asked.oracle
    people: dict[str, Any] = {}
    for event in oracle.everything:
        if person := oracle.people.of(event):
            people[person] = event
    for command in oracle.sent:
        adds = command.kind in {"increment", "decrement"}
        if command.profile and (adds or (command.kind == "identify" and command.properties)):
            person = oracle.people.of_profile(command.profile)
            people.setdefault(person, stand_in(command.profile))
    return sum(asked.holds(asked.saved[cohort], event) for event in people.values())


def stand_in(profile: str) -> Any:
    """An event of a person who has none, to ask about the person."""
    return Event(Sent("track", 0, "nothing", name="nothing", profile=profile), -1)
