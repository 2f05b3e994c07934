"""How long recordings are kept is the operator's choice."""

import time
from collections.abc import Iterator

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import iso

DAY = 86_400


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    data = tmp_path_factory.mktemp("brief") / "data"
    running = InProcess(data, RATE_LIMIT="off", EVENTLENS_REPLAY_RETENTION_DAYS="1")
    yield running
    running.close()


def test_what_is_older_than_the_setting_is_not_kept(brief: InProcess) -> None:
    project = brief.project()
    for session, at in (("old", time.time() - 1.5 * DAY), ("young", time.time() - 0.5 * DAY)):
        piece = {
            "chunk_index": 0,
            "events_count": 1,
            "is_full_snapshot": True,
            "started_at": iso(at),
            "ended_at": iso(at),
            "payload": "[]",
            "sessionId": session,
        }
        assert project.post("/replay", piece).status_code == 200
    project.settle()
    assert [row["id"] for row in project.ask("replays")] == ["young"]
    (apart,) = project.ask("excluded")
    assert apart == {"reason": "replay", "name": "expired", "count": 1}
