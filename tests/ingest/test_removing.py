"""Deleting a person: gone from every table and answer; the others are as if there had been nobody."""

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eventlens.ingest.keys import device_node, profile_node
from eventlens.store.removing import OF_PROJECT
from eventlens.store.tables import COLUMN_TYPES
from tests.support.inprocess import InProcess
from tests.support.project import Project, track, view

DAY = 86_400.0


@pytest.fixture(scope="module")
def lens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    made = InProcess(tmp_path_factory.mktemp("removing") / "data", EVENTLENS_EXACT_EVENTS="0")
    yield made
    made.close()


def test_every_table_is_said_to_hold_people_or_not():
    assert {*OF_PROJECT, "schema_migrations"} == set(COLUMN_TYPES)


def traces(lens: InProcess, words: list[str], numbers: list[int]) -> dict[str, int]:
    """Rows of all tables, by table, in which any of some words or numbers occurs, in whatever column."""
    found: dict[str, int] = {}
    for table, columns in COLUMN_TYPES.items():
        texts = [name for name, kind in columns.items() if "String" in kind]
        keys = [name for name, kind in columns.items() if kind == "UInt64"]
        asked = [f"multiSearchAny(toString({name}), {{words:Array(String)}})" for name in texts]
        asked += [f"{name} IN {{numbers:Array(UInt64)}}" for name in keys]
        sql: Any = f"SELECT count() FROM {table} WHERE {' OR '.join(asked)}"
        found[table] = lens.runtime.store.query(sql, {"words": words, "numbers": numbers}).rows[0][0]
    return {table: count for table, count in found.items() if count}


def visit(device: str, at: float, path: str, **more: Any) -> list[Any]:
    return [
        view(device, at + 60 * each, f"{path}/{each}", id=f"{device}-{at}-{each}", **more)
        for each in range(3)
    ]


def live(project: Project, *, ann: bool) -> None:
    """Bob's and Cy's days, with Ann's or without; Bob uses Ann's phone at the end of her visit."""
    start = time.time() // DAY * DAY - 3 * DAY
    if ann:
        project.send(visit("ann-phone", start + 100, "/ann"))
        project.send([view("ann-phone", start + 300, "/ann/in", id="ann-in", profileId="ann@x.example")])
        project.send(visit("ann-laptop", start + 5000, "/ann", profileId="ann@x.example"))
        named = {"profileId": "ann@x.example", "deviceId": "ann-phone"}
        project.post("/identify", {**named, "firstName": "Ann-Secret"})
        project.post("/alias", {"profileId": "ann@x.example", "alias": "ann-alias"})
        project.send([track("buy", "ann-third", start + 9000, profileId="ann-alias", id="ann-buy")])
        project.post("/assign_group", {"profileId": "ann@x.example", "groupIds": ["acme"]})
        replay = {"sessionId": "", "deviceId": "ann-phone", "chunk_index": 0, "events_count": 1}
        stamps = {"started_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-01T00:00:01Z"}
        project.post("/replay", {**replay, **stamps, "is_full_snapshot": True, "payload": "[]"})
    project.send(visit("bob-phone", start + 100, "/bob", profileId="bob"))
    project.send(visit("ann-phone", start + 600, "/bob", profileId="bob"))
    project.send(visit("cy-phone", start + DAY, "/cy"))
    project.settle()


def answers(project: Project) -> dict[str, Any]:
    span: dict[str, Any] = {"range": "7d"}
    return {
        "metrics": project.metrics(**span),
        "days": project.ask("timeseries", interval="day", **span),
        "pages": project.ask("pages", **span),
        "entries": project.ask("pages", mode="entry", **span),
        "devices": project.ask("devices", dimension="device", **span),
        "profiles": sorted(row["id"] for row in project.pages("profiles", **span)),
        "events": sorted(row["id"] for row in project.events(**span)),
        "sessions": sorted(json.dumps({**row, "id": ""}) for row in project.pages("sessions", **span)),
    }


def test_a_deleted_person_is_gone_and_the_others_are_as_if_alone(lens: InProcess):
    with_ann, without = lens.project("With"), lens.project("Without")
    live(with_ann, ann=True)
    live(without, ann=False)
    lens.runtime.rollups.run_once()
    asked = answers(with_ann)  # remembered
    assert asked["metrics"]["unique_visitors"] == 3

    whole = with_ann.http.get(
        f"/manage/projects/{with_ann.id}/people/export?profileId=ann-alias", headers=with_ann.root.headers
    )
    rows = [json.loads(line) for line in whole.text.splitlines()]
    kinds = {row["table"] for row in rows}
    assert {"events", "sessions", "profile_changes", "identity_links", "identity_aliases"} <= kinds
    assert sum(row["table"] == "events" for row in rows) == 8
    assert "bob" not in {row.get("profile_id") for row in rows}

    refused = with_ann.http.delete(f"/manage/projects/{with_ann.id}/people", headers=with_ann.root.headers)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "profileId")
    reader = with_ann.http.delete(
        f"/manage/projects/{with_ann.id}/people?deviceId=ann-phone", headers=with_ann.read.headers
    )
    assert reader.status_code == 403
    done = with_ann.http.delete(
        f"/manage/projects/{with_ann.id}/people?deviceId=ann-laptop", headers=with_ann.root.headers
    )
    assert done.status_code == 200, done.text
    assert done.json()["data"]["events"] == 8
    assert done.json()["data"]["profiles"] == ["ann-alias", "ann@x.example"]

    assert answers(with_ann) == answers(without)
    lens.runtime.rollups.run_once()
    assert answers(with_ann) == answers(without)
    words = ["ann@x", "ann-alias", "ann-laptop", "ann-third", "ann-buy", "Ann-Secret", "/ann"]
    nodes = [profile_node("ann@x.example"), profile_node("ann-alias")]
    nodes += [device_node("ann-laptop"), device_node("ann-third")]
    assert traces(lens, words, nodes) == {}
    gone = with_ann.get("profiles/ann@x.example")
    assert gone.status_code == 404

    # What is sent of them afterwards is recorded anew.
    with_ann.send([view("ann-phone", time.time(), "/again", id="ann-buy")])
    with_ann.settle()
    assert "ann-buy" in {row["id"] for row in with_ann.events(range="today")}


def test_what_is_too_old_is_as_if_it_had_never_been(lens: InProcess):
    """The edge is midnight of the project's zone; a session that goes on over it begins there."""
    zone = ZoneInfo("America/New_York")
    two_days_ago = datetime.now(zone).date() - timedelta(days=2)
    edge = datetime.combine(two_days_ago, datetime.min.time(), zone).timestamp()
    old = [
        view("long", edge - 600, "/old", id="old-1"),
        view("gone", edge - 0.001, "/old", id="old-2"),
        view("gone", edge - 40 * DAY, "/old", id="old-3"),
    ]
    kept = [
        view("long", edge + 300, "/kept", id="kept-1"),
        view("new", edge, "/kept", id="kept-2"),
        view("new", edge + DAY, "/kept", id="kept-3", profileId="somebody"),
    ]
    expiring = lens.project("Expiring", timezone=zone.key)
    whole = lens.project("Whole", timezone=zone.key)
    expiring.send(old + kept)
    whole.send(kept)
    expiring.settle()
    lens.runtime.rollups.run_once()
    assert answers(expiring)["metrics"]["total_events"] == 5
    change = {"event_retention_days": 2}
    address = f"/manage/projects/{expiring.id}"
    changed = expiring.http.patch(address, json=change, headers=expiring.root.headers)
    assert changed.json()["data"]["event_retention_days"] == 2, changed.text
    wrong = expiring.http.patch(address, json={"event_retention_days": -5}, headers=expiring.root.headers)
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "event_retention_days")

    assert lens.runtime.retention.run_once() == 1
    assert answers(expiring) == answers(whole)
    assert expiring.metrics(range="12m") == whole.metrics(range="12m")
    lens.runtime.rollups.run_once()
    assert answers(expiring) == answers(whole)
    assert lens.runtime.retention.run_once() == 0
    # The worker has forgotten the old part of the session, too.
    for project in (expiring, whole):
        project.send([view("long", edge + 400, "/kept", id="kept-4")])
        project.settle()
    assert answers(expiring) == answers(whole)
    reset = expiring.http.patch(address, json={"event_retention_days": None}, headers=expiring.root.headers)
    assert reset.json()["data"]["event_retention_days"] is None
