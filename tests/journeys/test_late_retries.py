"""Sent again after hours, days, months (the clock is the test's): what an id is good for."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.inprocess import InProcess
from tests.support.pipeline import DAY, HOUR, MINUTE, HeldClock
from tests.support.project import Project, iso

SPAN = {"startDate": "2026-01-01", "endDate": "2028-12-31"}


@pytest.fixture(scope="module")
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory, clock: HeldClock) -> Iterator[InProcess]:
    running = InProcess(tmp_path_factory.mktemp("late") / "data", clock=clock)
    yield running
    running.close()


@pytest.fixture
def project(inside: InProcess) -> Project:
    return inside.project()


def post(project: Project, kind: str = "track", **payload: Any) -> dict[str, Any]:
    answer = project.post("/track", {"type": kind, "payload": payload})
    assert answer.status_code == 200, answer.text
    project.settle()
    return answer.json()


def count(project: Project) -> int:
    return len(project.events(**SPAN))


@pytest.mark.parametrize("age", [0, 2 * HOUR, 3 * DAY, 100 * DAY])
def test_an_event_with_its_own_time_is_one_event_for_good(project: Project, clock: HeldClock, age: int):
    """As a phone sends it that was offline, and sends it again because the answer was lost."""
    event = {"name": "late", "id": "x", "deviceId": "d", "timestamp": iso((clock.now - age) / 1000)}
    answers = [post(project, **event)]
    for wait in (MINUTE, 23 * HOUR, 3 * DAY, 40 * DAY):
        clock.now += wait
        answers.append(post(project, **event))
        post(project, name="other", deviceId="d", properties={"wait": wait})
    assert count(project) == 1 + 4
    assert all(answer["deviceId"] == "d" for answer in answers)
    assert answers[1] == answers[0]
    clock.now += DAY
    assert post(project, **{**event, "id": "y"})["success"]
    assert count(project) == 2 + 4


def test_an_event_of_the_servers_time_is_known_for_a_day(project: Project, clock: HeldClock):
    for wait in (0, MINUTE, 12 * HOUR, 11 * HOUR + 59 * MINUTE):
        clock.now += wait
        post(project, name="now", id="x", deviceId="d")
    assert count(project) == 1
    clock.now += 2 * DAY
    post(project, name="now", id="x", deviceId="d")
    assert count(project) == 2


def test_what_is_added_to_a_profile_is_added_once(project: Project, clock: HeldClock):
    change = {
        "profileId": "ada",
        "property": "coins",
        "value": 3,
        "id": "c",
        "timestamp": iso(clock.now / 1000),
    }
    for wait in (0, HOUR, 5 * DAY, 50 * DAY):
        clock.now += wait
        post(project, "increment", **change)
    assert project.ask("profiles/ada")["properties"] == {"coins": 3}


def test_an_identification_within_an_event_is_said_once_with_it(project: Project, clock: HeldClock):
    """Sent again, it does not overwrite what was said since."""
    event: dict[str, Any] = {"name": "sign_up", "id": "x", "deviceId": "d"}
    event["properties"] = {"__identify": {"profileId": "ada", "properties": {"plan": "free"}}}
    post(project, **event)
    clock.now += MINUTE
    post(project, "identify", profileId="ada", properties={"plan": "pro"})
    clock.now += MINUTE
    post(project, **event)
    assert project.ask("profiles/ada")["properties"] == {"plan": "pro"}
    assert count(project) == 1


def test_the_first_one_wins_whatever_the_others_say(project: Project, clock: HeldClock):
    stamp = iso((clock.now - 2 * DAY) / 1000)
    for path in ("/first", "/second"):
        post(project, name="view", id="x", deviceId="d", path=path, timestamp=stamp)
        clock.now += 10 * DAY
    assert [row["path"] for row in project.events(**SPAN)] == ["/first"]
