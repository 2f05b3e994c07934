"""A backup taken under load, restored into an empty installation: the same numbers, nothing lost."""

import itertools
import json
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.test_many_processes import Fleet
from tests.support.clickhouse import Node
from tests.support.databases import DatabaseServer
from tests.support.project import Project, track, view
from tests.support.redis import RedisServer
from tests.support.server import Server

pytestmark = pytest.mark.timeout(300)


class Load:
    """Sends batches with ids until told to stop; keeps the ids that were answered."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.answered: list[str] = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        for number in itertools.count():
            if self.stopping.is_set():
                return
            at = time.time()
            ids = [f"load-{number}-{each}" for each in range(20)]
            self.project.send([view(f"d{number % 50}", at, f"/p{number % 7}", id=one) for one in ids])
            self.answered += ids

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()


def fill(project: Project) -> None:
    """Something for every table, in two months."""
    now = time.time()
    person = {"profileId": "ann", "deviceId": "d1"}
    project.post("/identify", {**person, "firstName": "Ann", "email": "a@b.example"})
    project.post("/alias", {"profileId": "ann", "alias": "ann-2"})
    project.post("/group", {"groupId": "acme", "type": "company", "name": "Acme"})
    project.post("/assign_group", {"profileId": "ann", "groupIds": ["acme"]})
    project.send([track("order", "d1", now - 5, __revenue=1999, id="order-1")])
    project.send([view(f"old{each}", now - 40 * 86_400, id=f"old-{each}") for each in range(30)])


def questions(project: Project) -> dict[str, object]:
    """What must be the same before and after; of a time that the load does not touch."""
    span = {
        "startDate": "2020-01-01",
        "endDate": time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400)),
    }
    return {
        "metrics": project.metrics(**span),
        "pages": project.ask("pages", **span),
        "days": project.ask("timeseries", interval="month", **span),
        "profile": project.ask("profiles/ann")["email"],
    }


def back_up_and_restore(old: Server, new: Server, backup: Path) -> Project:
    """Gives the restored project, on the running new server."""
    project = old.project("Shop", timezone="Europe/Berlin")
    fill(project)
    project.settle()
    asked = questions(project)
    load = Load(project)
    try:
        while len(load.answered) < 200:
            assert load.thread.is_alive()
            time.sleep(0.05)
        before = set(load.answered)
        made = old.run("backup", str(backup), "--json")
    finally:
        load.stop()
    assert made.returncode == 0, made.stderr
    sent = set(load.answered)
    old.terminate()

    done = new.run("restore", str(backup), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(made.stdout)
    again = new.run("restore", str(backup))
    assert (again.returncode, "There is data here already" in again.stderr) == (2, True)
    new.start()
    restored = Project(new.http, project.id, project.write, project.read, project.root)
    restored.settle()
    assert questions(restored) == asked
    found = [event["id"] for event in restored.events(range="3m", limit=1000)]
    ids = [each for each in found if each.startswith("load-")]
    assert len(ids) == len(set(ids)), "each event once"
    assert before <= set(ids) <= sent
    assert "order-1" in found
    assert restored.metrics(range="30min")["total_screen_views"] == len(ids)
    restored.send([view("d1", time.time(), "/after", id="after"), view("d9", time.time(), id=ids[0])])
    restored.settle()  # it goes on, and knows what it has seen
    assert restored.metrics(range="30min")["total_screen_views"] == len(ids) + 1
    hand_over_and_delete(new, restored)
    return restored


def hand_over_and_delete(server: Server, project: Project) -> None:
    """By command, beside the running server."""
    who = ("--project", project.id, "--profile", "ann-2")
    exported = server.run("person", "export", *who)
    assert exported.returncode == 0, exported.stderr
    assert "order-1" in {json.loads(line).get("id") for line in exported.stdout.splitlines()}
    deleted = server.run("person", "delete", *who, "--json")
    assert deleted.returncode == 0, deleted.stderr
    assert json.loads(deleted.stdout)["profiles"] == ["ann", "ann-2"]
    assert "order-1" not in {event["id"] for event in project.events(range="3m", limit=1000)}
    project.send([view("d1", time.time(), id="d1-again")])  # the worker has forgotten, and goes on
    project.settle()
    assert "d1-again" in {event["id"] for event in project.events(range="30min", limit=1000)}


def test_a_backup_under_load_holds_all_that_was_answered_before(
    make_server, tmp_path: Path, clickhouse_node: Node
):
    old, new = make_server("old").start(), make_server("new")
    restored = back_up_and_restore(old, new, tmp_path / "backup")
    move_to_a_server(new, restored, clickhouse_node)
    refuse_what_is_none(make_server, tmp_path / "backup")


def move_to_a_server(server: Server, project: Project, node: Node) -> None:
    """By one command; projects and queue stay where they are."""
    before = project.metrics(range="3m"), project.ask("pages", range="3m")
    url = node.create_database(f"moved_{random.getrandbits(32)}")
    server.terminate()
    moved = server.run("move-store", url, "--json")
    assert moved.returncode == 0, moved.stderr
    again = server.run("move-store", url)
    assert (again.returncode, "events already" in again.stderr) == (2, True), again.stderr
    server.settings["CLICKHOUSE_URL"] = url
    server.start()
    assert (project.metrics(range="3m"), project.ask("pages", range="3m")) == before


def refuse_what_is_none(make_server: Callable[..., Server], backup: Path) -> None:
    """One that is unfinished, one whose file is damaged, one whose numbers are others."""
    manifest = (backup / "manifest.json").read_text()
    spoilt = make_server("spoilt")
    (backup / "manifest.json").unlink()
    refused = spoilt.run("restore", str(backup))
    assert (refused.returncode, "is no backup" in refused.stderr) == (2, True)
    (backup / "manifest.json").write_text(manifest.replace('"checksum": "', '"checksum": "1'))
    refused = spoilt.run("restore", str(backup))
    assert (refused.returncode, "not as it was" in refused.stderr) == (2, True)
    (backup / "manifest.json").write_text(manifest)
    next(backup.glob("events-*")).write_bytes(b"nothing")
    refused = spoilt.run("restore", str(backup))
    assert (refused.returncode, "cannot be read" in refused.stderr) == (2, True), refused.stderr


def test_from_a_fleet_to_another_kind_of_installation(
    make_server,
    tmp_path: Path,
    redis_server: RedisServer,
    clickhouse_node: Node,
    database_server: Callable[[str], DatabaseServer],
):
    """From Redis, ClickHouse and MariaDB to ClickHouse and PostgreSQL with the embedded queue."""
    number = random.getrandbits(32)
    settings = {
        "REDIS_URL": redis_server.url,
        "CLICKHOUSE_URL": clickhouse_node.create_database(f"from_{number}"),
        "DATABASE_URL": database_server("mariadb").create_database(),
    }
    new = make_server(
        "new",
        CLICKHOUSE_URL=clickhouse_node.create_database(f"to_{number}"),
        DATABASE_URL=database_server("postgresql").create_database(),
    )
    fleet = Fleet(tmp_path, settings, servers=1, workers=1)
    try:
        back_up_and_restore(fleet.servers[0], new, tmp_path / "backup")
    finally:
        fleet.close()
