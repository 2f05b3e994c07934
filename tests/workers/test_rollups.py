"""The worker that computes ahead, and what callers see of it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from eventlens.clock import now_ms
from eventlens.errors import QueryLimit
from eventlens.insights.rollups.due import PATIENCE
from eventlens.workers import rollups
from eventlens.workers.rollups import RollupWorker
from tests.support.inprocess import InProcess
from tests.support.project import Project, track, view
from tests.support.stores import FragileStore

pytestmark = pytest.mark.timeout(600)  # two days of lists by the hour, which a crowded machine takes long for

DAY_MS = 86_400_000
WEEK = {"range": "7d", "explain": "true"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    here = InProcess(tmp_path_factory.mktemp("rollups") / "data", EVENTLENS_EXACT_EVENTS="0")
    yield here
    here.close()


@pytest.fixture
def busy(here: InProcess) -> Project:
    """A project with visits yesterday."""
    project = here.project()
    yesterday = (now_ms() // DAY_MS - 1) * DAY_MS / 1000
    events = [
        view(f"device-{number}", yesterday + 3600 * hour + number, f"/{number % 3}")
        for hour in (8, 9, 17)
        for number in range(5)
    ]
    project.send(events)
    project.settle()
    return project


def worker_for(here: InProcess, project: Project) -> RollupWorker:
    """A worker that sees one project only."""
    projects = here.runtime.services.projects
    only = [each for each in projects.list() if each.id == project.id]
    return RollupWorker(here.runtime.store, now_ms, lambda: only, exact_up_to=0)


def computed(here: InProcess, project: Project) -> int:
    """Let the worker compute for one project; how many buckets."""
    return worker_for(here, project).run_once()


def answers(project: Project, **more: str) -> dict[str, Any]:
    asked: dict[str, dict[str, str]] = {
        "metrics": {},
        "timeseries": {"interval": "day"},
        "pages": {},
        "devices": {"dimension": "browser"},
    }
    return {name: project.get(name, **given, **WEEK, **more).json() for name, given in asked.items()}


def test_what_was_computed_serves_the_same_answers(here: InProcess, busy: Project):
    before = answers(busy)
    assert computed(here, busy) > 0
    after = answers(busy)
    for name, answer in after.items():
        assert answer["data"] == before[name]["data"]
        assert before[name]["meta"]["explain"]["served_by"] == []
        assert "days" in {part["source"] for part in answer["meta"]["explain"]["served_by"]}
        assert answer["meta"]["exact"]
        assert all("SELECT" in each["sql"] for each in answer["meta"]["explain"]["statements"])


def test_an_event_that_comes_late_is_in_the_next_answer(here: InProcess, busy: Project):
    computed(here, busy)
    count = busy.metrics(**WEEK)["total_events"]
    yesterday = (now_ms() // DAY_MS - 1) * DAY_MS / 1000
    busy.send([view("late", yesterday + 3600 * 8, "/late")])
    busy.settle()
    for answer in (answers(busy), answers(busy, exact="true")):
        assert answer["metrics"]["data"]["total_events"] == count + 1
        assert "/late" in [row["path"] for row in answer["pages"]["data"]]


def test_nothing_is_explained_unless_asked(busy: Project):
    answer = busy.get("metrics", range="7d").json()
    assert "explain" not in answer["meta"]
    wrong = busy.get("metrics", range="7d", explain="perhaps")
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "explain")


def test_small_projects_need_nothing(here: InProcess, busy: Project):
    store = here.runtime.store
    assert busy.id
    worker = RollupWorker(store, now_ms, here.runtime.services.projects.list, exact_up_to=1_000_000)
    assert worker.run_once() == 0


def test_its_thread_computes_until_it_is_stopped(
    here: InProcess, busy: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rollups, "_ROUND_SECONDS", 0.01)
    monkeypatch.setattr(rollups, "_SHARE", 0.9)
    for kind in PATIENCE:
        monkeypatch.setitem(PATIENCE, kind, 0)
    worker = worker_for(here, busy)
    worker.start()
    deadline = time.monotonic() + 300
    try:
        while not busy.get("metrics", **WEEK).json()["meta"]["explain"]["served_by"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        worker.stop()
    computed(here, busy)  # what the thread had no time for
    busy.send([view("late", (now_ms() // DAY_MS - 1) * DAY_MS / 1000, "/late")])
    busy.settle()
    time.sleep(0.2)  # many rounds, if there were any
    assert computed(here, busy) > 0


def test_who_turns_out_to_be_somebody_known_is_one_person_in_the_past_too(here: InProcess):
    project = here.project()
    yesterday = (now_ms() // DAY_MS - 1) * DAY_MS / 1000
    server = {"user-agent": "node/22.1.0"}
    bought = track("purchase", None, yesterday + 3600 * 9, profileId="ada")
    assert project.post("/track/batch", [bought], **server).status_code == 200
    project.send([view(device, yesterday + 3600 * 10 + 60, "/") for device in ("laptop", "phone")])
    project.settle()
    assert project.metrics(**WEEK)["unique_visitors"] == 3
    for device, people in (("laptop", 2), ("phone", 1)):
        computed(here, project)
        served = answers(project)["metrics"]["meta"]["explain"]["served_by"]
        assert {part["source"] for part in served} & {"hours", "days"}
        project.send([{"type": "identify", "payload": {"profileId": "ada", "deviceId": device}}])
        project.settle()
        assert answers(project)["metrics"]["data"]["unique_visitors"] == people


class Heavy(FragileStore):
    """A store for which the first of some days is too much."""

    refused = 0

    def command(self, sql, parameters=None):
        if "INSERT INTO rollup_totals" in sql and not self.refused:
            self.refused += 1
            raise QueryLimit("The question is over the memory limit.")
        super().command(sql, parameters)


def test_a_day_that_cannot_be_computed_waits_and_the_others_do_not(here: InProcess, busy: Project):
    earlier = (now_ms() // DAY_MS - 3) * DAY_MS / 1000  # soon after midnight yesterday is all else
    busy.send([view("earlier", earlier + 3600 * 8, "/0")])
    busy.settle()
    before = answers(busy)
    heavy = Heavy(here.runtime.store)
    only = [each for each in here.runtime.services.projects.list() if each.id == busy.id]
    worker = RollupWorker(heavy, now_ms, lambda: only, exact_up_to=0)
    assert worker.run_once() > 0
    assert heavy.refused == 1
    assert worker.run_once() == 0, "it is not tried again at once"
    assert [answer["data"] for answer in answers(busy).values()] == [
        answer["data"] for answer in before.values()
    ]
    assert RollupWorker(heavy, now_ms, lambda: only, exact_up_to=0).run_once() > 0, "it is still due"


class Named:
    timezone = "UTC"

    def __init__(self, name: str) -> None:
        self.id = name


def test_each_round_begins_with_another_project(here: InProcess):
    worker = RollupWorker(
        here.runtime.store, now_ms, lambda: [Named("a"), Named("b"), Named("c")], exact_up_to=0
    )
    rounds = ["".join(each.id for each in worker._in_turn()) for _ in range(4)]
    assert rounds == ["abc", "bca", "cab", "abc"]
