"""Answers are given again only as long as they are still right."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eventlens.errors import Abandoned
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.insights.remembered import Answers, Memo
from tests.support.inprocess import InProcess
from tests.support.project import Project, track, view

HOUR = 3_600_000
NOW = 1_772_452_800_000  # 2026-03-02T12:00:00Z
HIT, MISS = "EventLens; hit", "EventLens; fwd=miss"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[InProcess]:
    running = InProcess(tmp_path_factory.mktemp("remembered") / "data", clock=clock, RATE_LIMIT="off")
    yield running
    running.close()


@pytest.fixture
def project(inside: InProcess, clock: Clock) -> Project:
    clock.now = NOW
    made = inside.project()
    made.send([view("a", "2026-03-01T10:00:00Z"), view("b", "2026-03-02T10:00:00Z")])
    made.settle()
    return made


def asked(project: Project, question: str = "metrics", **parameters: Any) -> tuple[str, Any]:
    answer = project.get(question, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.headers["cache-status"], answer.json()["data"]


def test_the_same_question_is_answered_again(project: Project):
    first = asked(project, range="7d")
    assert first[0] == MISS
    assert asked(project, range="7d") == (HIT, first[1])
    # In other words: the same instants.
    assert asked(project, startDate="2026-02-24", endDate="2026-03-02") == (HIT, first[1])
    assert asked(project, startDate="2026-02-24T00:00:00Z", endDate="2026-03-03T00:00:00Z")[0] == HIT


@pytest.mark.parametrize(
    "other",
    [
        {"range": "30d"},
        {"timezone": "Asia/Kathmandu"},
        {"filters": '[{"name":"path","operator":"is","value":["/"]}]'},
        {"compare": "previous"},
        {"exact": "true"},
    ],
)
def test_another_question_is_not(project: Project, other: dict[str, str]):
    asked(project, range="7d")
    assert asked(project, **{"range": "7d", **other})[0] == MISS


def test_routes_and_their_own_parameters_are_told_apart(project: Project):
    found = [
        asked(project, "pages", mode="top"),
        asked(project, "pages", mode="entry"),
        asked(project, "geo", dimension="country"),
        asked(project, "geo", dimension="region"),
        asked(project, "timeseries", interval="day"),
        asked(project, "timeseries", interval="week"),
        asked(project, "pages", limit="5"),
    ]
    assert [status for status, _ in found] == [MISS] * len(found)


def test_projects_share_nothing(inside: InProcess, project: Project):
    asked(project, range="7d")
    status, numbers = asked(inside.project(), range="7d")
    assert (status, numbers["total_events"]) == (MISS, 0)


def test_whoever_has_no_right_gets_no_remembered_answer(inside: InProcess, project: Project):
    asked(project, range="7d")
    stranger = inside.project()
    refused = project.http.get(
        f"/insights/{project.id}/metrics", params={"range": "7d"}, headers=stranger.read.headers
    )
    assert refused.status_code == 403


def test_an_event_in_the_span_makes_it_old_at_once(project: Project):
    _, before = asked(project, range="7d")
    project.send([view("c", "2026-03-02T11:00:00Z")])
    project.settle()
    status, after = asked(project, range="7d")
    assert status == MISS
    assert (after["total_events"], after["unique_visitors"]) == (before["total_events"] + 1, 3)


def test_an_event_elsewhere_does_not(project: Project):
    march = {"startDate": "2026-03-01", "endDate": "2026-03-01"}
    asked(project, **march)
    project.send([view("c", "2026-03-02T11:00:00Z")])
    project.settle()
    assert asked(project, **march)[0] == HIT


def test_a_late_event_that_lengthens_a_session_makes_the_day_before_old(project: Project):
    before = {"startDate": "2026-02-27", "endDate": "2026-02-27"}
    project.send([view("n", "2026-02-27T23:50:00Z")])
    project.settle()
    assert asked(project, **before)[1]["bounce_rate"] == 100
    project.send([view("n", "2026-02-28T00:10:00Z")])  # not in the span, but of its session
    project.settle()
    status, numbers = asked(project, **before)
    assert (status, numbers["bounce_rate"], numbers["avg_session_duration"]) == (MISS, 0, 1200)


def test_the_span_of_the_comparison_counts_too(project: Project):
    question = {"startDate": "2026-03-02", "endDate": "2026-03-02", "compare": "previous"}
    asked(project, **question)
    project.send([view("c", "2026-03-01T11:00:00Z")])
    project.settle()
    status, numbers = asked(project, **question)
    assert (status, numbers["previous"]["total_events"]) == (MISS, 2)


def test_a_merge_makes_the_spans_of_both_old(project: Project):
    both = {"startDate": "2026-03-01", "endDate": "2026-03-02"}
    assert asked(project, **both)[1]["unique_visitors"] == 2
    for device in ("a", "b"):
        project.send([track("sign_in", device, "2026-03-02T11:30:00Z", profileId="p")])
    project.settle()
    first_day = {"startDate": "2026-03-01", "endDate": "2026-03-01"}
    asked(project, **first_day)
    status, numbers = asked(project, **both)
    assert (status, numbers["unique_visitors"]) == (MISS, 1)


def test_an_alias_makes_the_spans_of_both_old(project: Project):
    project.send([track("x", "a", "2026-03-02T09:00:00Z", profileId="one")])
    project.send([track("x", "b", "2026-03-02T09:00:00Z", profileId="two")])
    project.settle()
    assert asked(project, range="7d")[1]["unique_visitors"] == 2
    project.post("/alias", {"profileId": "one", "alias": "two"})
    project.settle()
    status, numbers = asked(project, range="7d")
    assert (status, numbers["unique_visitors"]) == (MISS, 1)


def test_a_changed_profile_makes_questions_about_profiles_old(project: Project):
    of_plan = {"range": "7d", "filters": '[{"name":"profile.plan","operator":"is","value":["team"]}]'}
    project.send([track("x", "a", "2026-03-02T09:00:00Z", profileId="one")])
    project.settle()
    assert asked(project, **of_plan)[1]["unique_visitors"] == 0
    answer = project.post("/identify", {"profileId": "one", "properties": {"plan": "team"}})
    assert answer.status_code == 200, answer.text
    project.settle()
    assert asked(project, **of_plan)[1]["unique_visitors"] == 1


def test_today_is_another_question_tomorrow(project: Project, clock: Clock):
    asked(project, range="today")
    clock.now = NOW + 12 * HOUR
    status, numbers = asked(project, range="today")
    assert (status, numbers["total_events"]) == (MISS, 0)


def test_what_was_kept_out_is_counted_anew_each_time(project: Project):
    assert "cache-status" not in project.get("excluded").headers


def test_a_mistake_is_not_remembered(project: Project):
    for _ in range(2):
        assert project.get("timeseries", range="12m", interval="minute").status_code == 400


def memo_of(inside: InProcess, project: Project, details: str) -> Memo:
    span = Span(NOW - 24 * HOUR, NOW)
    question = Question(project_id=project.id, span=span, zone=ZoneInfo("UTC"))
    return Memo(question, "a test's", details, None)


def test_at_the_same_time_it_is_computed_once(inside: InProcess, project: Project):
    answers: Answers = inside.runtime.services.answers
    store = inside.runtime.services.store
    memo = memo_of(inside, project, "once")
    computed: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def compute() -> dict[str, int]:
        computed.append(1)
        begun.set()
        assert go_on.wait(10)
        return {"answer": 42}

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(answers.answer, store, memo, compute)
        assert begun.wait(10)
        others = [pool.submit(answers.answer, store, memo, compute) for _ in range(3)]
        go_on.set()
        assert first.result(10) == (b'{"answer":42}', "miss")
        found = {other.result(10)[0] for other in others}
    assert found == {b'{"answer":42}'}
    assert computed == [1]


def test_a_failure_is_everybodys_and_the_next_one_tries_again(inside: InProcess, project: Project):
    answers: Answers = inside.runtime.services.answers
    store = inside.runtime.services.store
    memo = memo_of(inside, project, "failing")

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        answers.answer(store, memo, fail)
    assert answers.answer(store, memo, lambda: 1) == (b"1", "miss")


def test_who_waits_for_somebody_that_leaves_computes_it_after_all(inside: InProcess, project: Project):
    answers: Answers = inside.runtime.services.answers
    store = inside.runtime.services.store
    memo = memo_of(inside, project, "abandoned")
    begun, leave = threading.Event(), threading.Event()

    def leaving() -> None:
        begun.set()
        assert leave.wait(10)
        raise Abandoned

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(answers.answer, store, memo, leaving)
        assert begun.wait(10)
        second = pool.submit(answers.answer, store, memo, lambda: 7)
        leave.set()
        with pytest.raises(Abandoned):
            first.result(10)
        assert second.result(10)[0] == b"7"
