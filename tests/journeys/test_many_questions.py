"""More and larger questions than the machine can answer: none takes the server down, or events with it."""

import http.client
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import httpx
import pytest

from tests.support.processes import clean_environment, resident_mb
from tests.support.project import Project, view
from tests.support.server import Server

pytestmark = pytest.mark.timeout(300)

MEMORY = 256
SECONDS = 4
DAY = "2026-03-02"
EVENTS = 1_500_000

FILL = f"""
import sys
from eventlens.settings import Settings
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate
store = open_store(Settings.load({{"EVENTLENS_DATA": sys.argv[1]}}))
migrate(store)
store.command(f'''INSERT INTO events (project_id, timestamp, arrival, version, id, name, device_id, visitor,
  session_key, session_start, path)
SELECT '{{sys.argv[2]}}', toDateTime64('{DAY} 00:00:00', 3, 'UTC') + number % 86400 AS at, number + 1, 1,
  toString(number), 'screen_view', toString(number), cityHash64(number), cityHash64(number), at,
  concat('/pages/with/long/names/', toString(number))
FROM numbers({EVENTS})''')
store.close()
"""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory):
    """A server with little memory and time for a question, and a project in which each event is a page."""
    data = tmp_path_factory.mktemp("crowded") / "data"
    settings = {"EVENTLENS_QUERY_MEMORY": f"{MEMORY}MiB", "EVENTLENS_QUERY_SECONDS": str(SECONDS)}
    server = Server(data, settings)
    project = server.project()
    words = [sys.executable, "-c", FILL, str(data), project.id]
    subprocess.run(words, check=True, timeout=200, env=clean_environment())
    yield server.start(), project
    server.close()


LARGE = {"startDate": DAY, "endDate": DAY, "exact": "true", "dimension": "path,device_id", "limit": "10000"}


def large(project: Project, number: int = 0) -> httpx.Response:
    """A question that needs more memory than it gets; each number is another one."""
    return project.get("breakdown", **LARGE, offset=str(number))


def test_a_question_over_its_limits_is_told_which(crowded):
    """Much to keep and much to look at: a quick machine with a disk to spill to may manage either alone."""
    _, project = crowded
    patterns = [{"name": "path", "operator": "regex", "value": [f"no.*{number}x$" for number in range(300)]}]
    nothing_said = {"or": [*patterns, {"name": "path", "operator": "isNotNull"}]}
    answer = project.get("breakdown", **LARGE, filters=json.dumps(nothing_said))
    assert answer.status_code == 503, answer.text[:300]
    error = answer.json()["error"]
    assert error["code"] == "query_limit"
    assert "EVENTLENS_QUERY_MEMORY" in error["message"] or "EVENTLENS_QUERY_SECONDS" in error["message"]
    assert int(answer.headers["retry-after"]) >= 1


def test_a_crowd_of_large_questions(crowded):
    server, project = crowded
    before = resident_mb(server.child.pid)
    over, highest, small = threading.Event(), [before], []

    def watch() -> None:
        while not over.wait(0.2):
            highest.append(resident_mb(server.child.pid))

    def send() -> int:
        sent = 0
        while not over.is_set():
            sent += project.send(
                [view(f"new-{sent}-{number}", "2026-03-05T10:00:00Z") for number in range(50)]
            )
            time.sleep(0.1)
        return sent

    def ask_small() -> None:
        while not over.is_set():
            small.append(project.get("metrics", startDate="2026-03-04", endDate="2026-03-04").status_code)
            time.sleep(0.2)

    with ThreadPoolExecutor(24) as pool:
        pool.submit(watch)
        sending = pool.submit(send)
        pool.submit(ask_small)
        answers = list(pool.map(lambda number: large(project, number), range(40)))
        over.set()
        sent = sending.result(60)
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 503)
    assert 200 in small
    # The store's own limit is 192 MiB more than a question's; the rest is the process itself.
    assert max(highest) < before + MEMORY + 192 + 250
    project.settle()
    assert project.metrics(startDate="2026-03-05", endDate="2026-03-05")["total_events"] == sent


def test_whoever_hangs_up_leaves_nothing_behind(crowded):
    """As many as are answered at once ask and go; the next question finds a turn at once."""
    server, project = crowded
    path = f"/insights/{project.id}/breakdown?" + urlencode({**LARGE, "limit": "1"})
    for number in range(4):
        leaving = http.client.HTTPConnection("127.0.0.1", server.port)
        leaving.request("GET", f"{path}&offset={number}", headers=project.read.headers)
        time.sleep(0.05)
        leaving.close()
    began = time.monotonic()
    answer = project.get("metrics", startDate="2026-03-04", endDate="2026-03-04")
    assert answer.status_code == 200, answer.text
    assert time.monotonic() - began < SECONDS + 5
