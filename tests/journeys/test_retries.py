"""What is sent again is one event: by its id over any crash, without one within a moment; all else is new."""

import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support.project import BROWSER, Project
from tests.support.server import Server

ROUNDS = 6


def event(name: str, **payload: Any) -> dict[str, Any]:
    return {"type": "track", "payload": {"name": name, **payload}}


def names(project: Project) -> Counter[str]:
    """How often each event is in the answers of today and yesterday."""
    project.settle()
    return Counter(row["name"] for row in project.events(range="last24h", limit=1000))


@pytest.mark.timeout(600)
def test_sent_again_over_crashes_it_is_one_event_with_the_same_answer(make_server):
    """On any route: the id is the event's, not the request's."""
    server: Server = make_server().start()
    project = server.project("Retried")
    chance = random.Random(4)
    for number in range(ROUNDS):
        once = [
            event(f"single {number}", id=f"single-{number}", deviceId=f"d{number}"),
            event(f"computed {number}", id=f"computed-{number}"),
            event(f"header {number}", deviceId=f"h{number}"),
            event(f"session {number}", id=f"session-{number}", deviceId="d", sessionId=f"visit-{number}"),
        ]
        batch = [
            event(f"batch {number} {n}", id=f"batch-{number}-{n}", deviceId=f"d{number}") for n in range(5)
        ]
        keys = [{"idempotency-key": f"key-{number}"} if "id" not in each["payload"] else {} for each in once]
        add = {"profileId": "ada", "property": "coins", "id": f"add-{number}"}
        answers = [project.post("/track", each, **key).json() for each, key in zip(once, keys, strict=True)]
        project.send(batch)
        assert project.post("/increment", add).status_code == 200
        older_doors(project, number)
        time.sleep(chance.choice((0, 0.05, 0.3, 0.6)))
        server.kill9()
        server.start()
        again = [project.post("/track", each, **key).json() for each, key in zip(once, keys, strict=True)]
        assert again == answers
        older_doors(project, number)
        assert all(answer["success"] and answer["deviceId"] for answer in answers)
        resent = [*chance.sample(batch, 3), once[0]]
        project.send(resent)
        assert project.post("/track", resent).json()["accepted"] == 4
        lines = "\n".join(map(json.dumps, resent))
        headers = {"user-agent": BROWSER, **project.write.headers, "content-type": "application/x-ndjson"}
        assert project.http.post("/track/batch", content=lines, headers=headers).json()["accepted"] == 4
        assert project.post("/track", batch[0]).status_code == 200
        assert project.post("/track", {"type": "increment", "payload": add}).status_code == 200
    found = names(project)
    assert set(found.values()) == {1}
    assert len(found) == ROUNDS * (4 + 5 + 2)
    assert project.ask("profiles/ada")["properties"] == {"coins": ROUNDS}


def older_doors(project: Project, number: int) -> None:
    """The same event on a route of older clients, and a picture that says which event it is."""
    key = {"idempotency-key": f"legacy-{number}"}
    assert project.post("/event", {"name": f"legacy {number}"}, **key).status_code == 202
    picture = {"clientId": project.write.id, "name": f"pixel {number}", "id": f"pixel-{number}"}
    answer = project.http.get(
        "/pixel.gif", params=picture, headers={"user-agent": BROWSER, **project.write.headers}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")


def test_a_twin_within_a_moment_is_one_event_and_both_get_its_ids(project: Project):
    """As a client does that did not like the first answer, or a page that fires twice."""
    body = json.dumps(event("twin"))
    headers = {"user-agent": BROWSER, "content-type": "application/json", **project.write.headers}
    barrier = threading.Barrier(4)

    def send(_: int) -> tuple[dict[str, Any], float, float]:
        with httpx.Client(base_url=project.http.base_url) as http:
            http.get("/health")
            barrier.wait()
            begun = time.monotonic()
            answer = http.post("/track", content=body, headers=headers)
            return answer.json(), begun, time.monotonic()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(send, range(4)))
    spread = max(end for _, _, end in sent) - min(begun for _, begun, _ in sent)
    assert all(answer == sent[0][0] for answer, _, _ in sent)
    assert sent[0][0]["deviceId"]
    if spread < 0.1:  # else the machine was too busy for twins
        assert names(project)["twin"] == 1


def test_anything_else_is_a_new_event(project: Project):
    """Later, of another sender, or not the same bytes."""
    headers = {"user-agent": BROWSER, "content-type": "application/json", **project.write.headers}

    def post(body: str, **more: str) -> None:
        assert project.http.post("/track", content=body, headers={**headers, **more}).status_code == 200

    body = json.dumps(event("again"))
    post(body)
    post(body.replace(": ", ":"))
    post(body, **{"user-agent": f"{BROWSER} Edg/142.0"})
    post(body, **{"x-forwarded-for": "203.0.113.9"})  # believed of whoever shows the secret
    post(body, **project.root.headers)
    for _ in range(2):
        time.sleep(0.12)
        post(body)
    assert names(project)["again"] == 7


def test_two_projects_may_use_one_id(server: Server):
    here, there = server.project("Here"), server.project("There")
    for project in (here, there, here):
        assert project.post("/track", event("mine", id="one", deviceId="d")).status_code == 200
    assert names(here) == names(there) == {"mine": 1}
