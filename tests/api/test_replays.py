"""Recordings from the door in to the door out."""

import time

import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project, iso

NOW = time.time() - 600


def piece(index: int, payload: str = "[]", **more) -> dict:
    return {
        "chunk_index": index,
        "events_count": 3,
        "is_full_snapshot": index == 0,
        "started_at": iso(NOW + index),
        "ended_at": iso(NOW + index + 1),
        "payload": payload,
        **more,
    }


@pytest.fixture
def recorded(inside: InProcess) -> Project:
    return inside.project()


def record(project: Project, *pieces: dict) -> None:
    for each in pieces:
        answer = project.post("/track", {"type": "replay", "payload": each})
        assert answer.status_code == 200, answer.text
    project.settle()


def test_what_a_browser_records_comes_back(recorded: Project):
    answer = recorded.track("screen_view", timestamp=iso(NOW), properties={"__path": "https://a.example/"})
    text = '[{"type":2,"data":{"node":"ü\\u0000"}}]'
    record(recorded, piece(0, text), piece(0, text), piece(1, "[{}]"))
    (row,) = recorded.ask("replays")
    assert row.pop("started")[:19] == iso(NOW)[:19]
    assert row.pop("ended")[:19] == iso(NOW + 2)[:19]
    assert row == {
        "id": recorded.ask("events")[0]["sessionId"],
        "deviceId": answer.json()["deviceId"],
        "profileId": None,
        "chunks": 2,
        "bytes": len(text.encode()) + 4,
    }
    first = recorded.get(f"replays/{row['id']}", bytes=1024)
    assert [(each["chunkIndex"], each["payload"]) for each in first.json()["data"]] == [
        (0, text),
        (1, "[{}]"),
    ]
    assert first.json()["meta"] == {
        "projectId": recorded.id,
        "sessionId": row["id"],
        "timezone": "UTC",
        "next_cursor": None,
    }


def test_large_recordings_come_in_pages(recorded: Project):
    record(recorded, *(piece(index, f'"{str(index) * 2000}"', sessionId="s") for index in range(4)))
    seen, cursor = [], {}
    for _ in range(10):
        page = recorded.get("replays/s", bytes=5000, **cursor).json()
        seen.append([each["chunkIndex"] for each in page["data"]])
        if page["meta"]["next_cursor"] is None:
            break
        cursor = {"cursor": page["meta"]["next_cursor"]}
    assert seen == [[0, 1], [2, 3]]


def test_the_list_has_pages_too(recorded: Project):
    record(recorded, *(piece(index, f"[{index}]", sessionId=f"s{index}") for index in range(3)))
    first = recorded.get("replays", limit=2).json()
    rest = recorded.get("replays", limit=2, cursor=first["meta"]["next_cursor"]).json()
    assert [row["id"] for row in [*first["data"], *rest["data"]]] == ["s2", "s1", "s0"]
    assert rest["meta"]["next_cursor"] is None


@pytest.mark.parametrize(
    ("question", "parameters", "status", "field"),
    [
        ("replays/none", {}, 404, None),
        ("replays/s", {"bytes": "5"}, 400, "bytes"),
        ("replays/s", {"cursor": "x"}, 400, "cursor"),
        ("replays", {"cursor": "x"}, 400, "cursor"),
        ("replays", {"filters": "[]"}, 400, "filters"),
    ],
)
def test_what_is_refused(recorded: Project, question, parameters, status, field):
    answer = recorded.get(question, **parameters)
    assert (answer.status_code, answer.json()["error"].get("field")) == (status, field)


def test_recordings_are_for_those_who_may_read(recorded: Project, inside: InProcess):
    record(recorded, piece(0, sessionId="s"))
    other = inside.project()
    for path in (f"/insights/{recorded.id}/replays", f"/insights/{recorded.id}/replays/s"):
        assert inside.http.get(path, headers=recorded.write.headers).status_code == 403
        assert inside.http.get(path, headers=other.read.headers).status_code == 403
        assert inside.http.get(path).status_code == 401
    assert other.get("replays/s").status_code == 404
