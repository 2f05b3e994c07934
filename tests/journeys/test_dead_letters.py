"""What the store refuses is set aside, and stored once when that is mended, whatever is killed meanwhile."""

import json
import random
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.support.processes import COMMAND, REPOSITORY, Child, clean_environment
from tests.support.project import Event, Project, view
from tests.support.server import Server

GOOD, POISON = 30, 32
DAY = "2026-03-02"
SPAN = {"startDate": DAY, "endDate": DAY}
GROUP = 4


def alter_store(server: Server, statement: str) -> None:
    """Change the embedded store of a server that is stopped, as a bad migration would."""
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from eventlens.settings import Settings\nfrom eventlens.store.connect import open_store\n"
        "store = open_store(Settings.load({'EVENTLENS_DATA': sys.argv[1]}, None))\n"
        "store.command(sys.argv[2])\nstore.close()\n"
    )
    words = [sys.executable, "-c", script, str(server.data), statement]
    done = subprocess.run(
        words,
        cwd=REPOSITORY,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def events() -> list[Event]:
    """Each of a device of its own; half of them without an id, the poisonous ones on a page of their own."""
    made = [
        view(
            f"device-{number}",
            f"{DAY}T{number % 24:02}:{number % 60:02}:00Z",
            path="/poison" if number < POISON else "/",
            properties={"__title": f"title {number}"},
            **({"id": f"id-{number}"} if number % 2 else {}),
        )
        for number in range(GOOD + POISON)
    ]
    random.Random(3).shuffle(made)
    return made


def letters(server: Server) -> list[dict[str, Any]]:
    done = server.run("dead-letters", "list", "--limit", "1000", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["dead_letters"]


def replay(server: Server, *words: str) -> Child:
    command = [str(COMMAND), "dead-letters", "replay", *words]
    log = server.data.parent / "replay.log"
    return Child(command, log, clean_environment(server.environment), server.data.parent)


def titles(project: Project) -> list[str]:
    return sorted(row["title"] for row in project.events(**SPAN, limit=1000))


@pytest.fixture
def poisoned(make_server) -> tuple[Server, Project, list[Event]]:
    """A server that has set some of what was sent aside, the project and all that was sent."""
    server: Server = make_server().start()
    project = server.project("Poisoned")
    assert server.terminate() == 0
    # The events themselves are stored before their sessions are refused: the failure leaves halves behind.
    alter_store(server, "ALTER TABLE sessions ADD CONSTRAINT picky CHECK entry_path != '/poison'")
    server.start()
    sent = events()
    for number, event in enumerate(sent):
        if number % 3:
            assert project.post("/track", event).status_code == 200
        else:
            project.send([event])
    project.settle()
    assert project.metrics(**SPAN)["total_sessions"] == GOOD
    return server, project, sent


@pytest.mark.timeout(600)
def test_looked_at_and_replayed_once_whatever_is_killed(poisoned):
    server, project, sent = poisoned
    look(server, project)
    too_early(server, project)
    assert server.terminate() == 0
    alter_store(server, "ALTER TABLE sessions DROP CONSTRAINT picky")
    server.start()
    replay_and_kill(server)
    project.settle()
    assert letters(server) == []
    assert titles(project) == sorted(event["payload"]["properties"]["__title"] for event in sent)
    found = project.metrics(**SPAN)
    assert (found["total_sessions"], found["total_events"], found["unique_visitors"]) == (GOOD + POISON,) * 3
    page = json.dumps([{"name": "path", "operator": "is", "value": ["/poison"]}])
    assert project.metrics(**SPAN, filters=page)["total_sessions"] == POISON

    # Ids are known for good, also those that came by this way.
    assert project.send([event for event in sent if "id" in event["payload"]]) > 0
    project.settle()
    assert len(titles(project)) == GOOD + POISON


def look(server: Server, project: Project) -> None:
    assert server.http.get("/healthz/ready").json()["queue"]["dead_letters"] == POISON
    kept = letters(server)
    assert len(kept) == POISON
    assert {row["project_id"] for row in kept} == {project.id}
    assert all("poison" not in row["error"] for row in kept), "values do not belong into reasons"
    shown = server.run("dead-letters", "show", str(kept[0]["id"]))
    assert json.loads(shown.stdout)["requests"][0]["commands"][0]["path"] == "/poison"


def too_early(server: Server, project: Project) -> None:
    """What is replayed before the cause is mended is set aside again, and nobody else waits for it."""
    assert server.run("dead-letters", "replay", str(letters(server)[0]["id"])).returncode == 0
    project.settle()
    assert len(letters(server)) == POISON


def replay_and_kill(server: Server) -> None:
    """A few at a time; the command and the server are killed again and again."""
    chance = random.Random(9)
    rounds = killed = 0
    whole = 0.0  # seconds that a replay takes when nobody kills it
    while (left := letters(server)) and rounds < 100:
        rounds += 1
        began = time.monotonic()
        child = replay(server, *(str(row["id"]) for row in left[-GROUP:]))
        if whole and chance.random() < 0.6:
            time.sleep(chance.uniform(0.05, 0.95) * whole)
            killed += child.end(signal.SIGKILL) == -signal.SIGKILL
        else:
            assert child.process.wait(60) == 0
            whole = time.monotonic() - began
        if chance.random() < 0.5:
            time.sleep(chance.uniform(0, 0.1))
            server.kill9()
            server.start()
    assert killed, "no replay was killed before it was done"
