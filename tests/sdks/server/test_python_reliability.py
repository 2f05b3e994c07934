"""What the Python SDK promises when servers die, processes end or fork, and memory is short."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from event_lens_sdk import Client
from tests.support.processes import REPOSITORY, clean_environment
from tests.support.scripted import Said, scripted

EVENTS = 100_000
KILLS = 2


@pytest.mark.timeout(300)
def test_a_killed_server_loses_and_doubles_nothing(make_server) -> None:
    server = make_server(TRACK_BATCH_LIMIT="1000", LOG_LEVEL="error").start()
    project = server.project("Killed")
    refused: list[object] = []
    client = Client(
        server.url,
        project.write.id,
        project.write.secret,
        batch_size=1000,
        when_full="wait",
        buffer_bytes=8 << 20,
        on_problem=refused.append,
        exit_timeout=0,
    )
    with client:
        for number in range(EVENTS):
            client.track("counted", device_id=f"d{number % 500}", id=str(number))
            if number in (EVENTS // 3, EVENTS * 2 // 3):
                sent = client.stats.accepted
                while client.stats.accepted == sent:  # it is in the middle of sending
                    time.sleep(0.001)
                server.kill9()
                server.start()
        assert client.flush(90)
        stats = client.stats
    assert refused == []
    assert stats.accepted == EVENTS
    assert stats.retries >= KILLS, "the kills hit nobody"
    assert (stats.waiting, stats.waiting_bytes) == (0, 0)
    project.settle(120)
    numbers = project.metrics(range="last24h")
    assert (numbers["total_events"], numbers["unique_visitors"]) == (EVENTS, 500)


SCRIPT = """
import multiprocessing, os, sys, time
from event_lens_sdk import Client
client = Client(sys.argv[1], "id", flush_after=60)
"""

ENDINGS = {
    "it ends": "client.track('main')",
    "nobody holds the client": "Client(sys.argv[1], 'id', flush_after=60).track('main')",
    "it exits": "client.track('main'); sys.exit(0)",
    "an error ends it": "client.track('main'); 1 / 0",
    "it forks by hand": """
client.track('main')
child = os.fork()
client.track('child' if child == 0 else 'parent')
if child:
    os.waitpid(child, 0)
""",
    "it has children of multiprocessing": """
def work():
    client.track('child')
if __name__ == '__main__':
    context = multiprocessing.get_context('fork')
    client.track('main')
    child = context.Process(target=work)
    child.start()
    child.join()
""",
    "it forks while others send": """
import threading
def busy():
    for _ in range(300):
        client.track('main')
threads = [threading.Thread(target=busy) for _ in range(2)]
for thread in threads:
    thread.start()
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        client.track('child')
        client.close()
        os._exit(0)
    children.append(child)
for thread in threads:
    thread.join()
for child in children:
    os.waitpid(child, 0)
""",
    "another last thing makes an event": """
import atexit
atexit.register(lambda: client.track('main'))
""",
}
EXPECTED = {
    "it forks by hand": {"main": 1, "child": 1, "parent": 1},
    "it has children of multiprocessing": {"main": 1, "child": 1},
    "it forks while others send": {"main": 600, "child": 4},
}


def environment() -> dict[str, str]:
    return clean_environment({"PYTHONPATH": str(REPOSITORY / "sdks/python")})


def test_nothing_is_lost_or_doubled_when_processes_end_and_fork() -> None:
    for ending, code in ENDINGS.items():
        with scripted() as server:
            done = subprocess.run(
                [sys.executable, "-c", SCRIPT + code, server.url],
                env=environment(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        assert (done.returncode != 0) == (ending == "an error ends it"), (ending, done.stderr)
        names = [event["payload"]["name"] for event in server.events]
        assert {name: names.count(name) for name in set(names)} == EXPECTED.get(ending, {"main": 1}), ending
        assert len({event["payload"]["id"] for event in server.events}) == len(names), ending


def test_the_end_of_a_process_waits_only_so_long() -> None:
    with scripted() as server:
        server.gate.clear()
        begun = time.monotonic()
        code = SCRIPT.replace("flush_after=60", "exit_timeout=0.3") + "client.track('main')"
        done = subprocess.run(
            [sys.executable, "-c", code, server.url],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert time.monotonic() - begun < 8
    assert done.returncode == 0
    assert "unsent" in done.stderr


def test_no_event_loop_is_blocked() -> None:
    """A server that never answers, a full buffer, many events: the loop turns on."""

    async def main(client: Client) -> tuple[float, bool]:
        worst, before = 0.0, time.monotonic()
        for _ in range(40):
            for _ in range(50):
                client.track("a", {"text": "x" * 100})
            await asyncio.sleep(0.01)
            worst, before = max(worst, time.monotonic() - before), time.monotonic()
        waiting = asyncio.create_task(client.aflush(0.3))
        ticks = 0
        while not waiting.done():
            await asyncio.sleep(0.01)
            ticks += 1
        assert ticks >= 5
        return worst, await waiting

    with scripted() as server:
        server.gate.clear()
        client = Client(server.url, "id", buffer_bytes=300_000, when_full="wait", full_timeout=30)
        worst, flushed = asyncio.run(main(client))
        stats = client.stats
        server.gate.set()
        assert asyncio.run(client.aflush())
        client.close()
    assert worst < 2, "one turn took seconds"
    assert not flushed
    assert stats.dropped > 0, "the buffer was never full"
    assert stats.waiting_bytes <= 300_000


def test_memory_is_bounded_and_what_is_dropped_is_told(problems) -> None:
    with scripted() as server:
        server.gate.clear()
        client = Client(server.url, "id", buffer_bytes=100_000, on_problem=problems.append)
        for number in range(1000):
            client.track("a", {"text": "x" * 200}, id=str(number))
        kept = client.stats
        assert kept.waiting_bytes <= 100_000
        assert kept.waiting + kept.dropped == 1000
        assert {problem.code for problem in problems} == {"full"}
        assert len(problems) == kept.dropped
        server.gate.set()
        assert client.flush()
        client.close()
        client.track("too late")
    # The oldest are kept, in order.
    assert [event["payload"]["id"] for event in server.events] == [str(n) for n in range(kept.waiting)]
    assert problems[-1].code == "closed"


def test_a_call_waits_for_room_where_it_is_told_to() -> None:
    with scripted() as server:
        server.gate.clear()
        client = Client(server.url, "id", buffer_bytes=20_000, when_full="wait")
        threading.Timer(0.2, server.gate.set).start()
        for number in range(500):
            client.track("a", id=str(number))
        assert client.flush()
        client.close()
    assert [event["payload"]["id"] for event in server.events] == [str(number) for number in range(500)]


def test_retry_after_is_obeyed_and_connections_break() -> None:
    with scripted() as server:
        server.script = [Said(503, "", {"retry-after": "1"}), Said(0), Said(500)]
        with Client(server.url, "id", flush_after=0) as client:
            client.track("a")
            begun = time.monotonic()
            assert client.flush()
            assert time.monotonic() - begun >= 0.9
            client.track("b")
            assert client.flush(5)
        assert client.stats.retries >= 2
    names = [event["payload"]["name"] for event in server.events]
    ids = {event["payload"]["id"] for event in server.events}
    assert names[-1] == "b"
    assert len(ids) == 2


def test_events_are_as_they_were_at_the_call() -> None:
    from datetime import UTC, date, datetime
    from decimal import Decimal
    from enum import Enum
    from uuid import UUID

    class Plan(Enum):
        TEAM = "team"

    with scripted() as server, Client(server.url, "id") as client:
        properties = {"list": [1]}
        client.track("a", properties)
        properties["list"].append(2)
        more: dict[Any, Any] = {
            "when": datetime(2026, 3, 2, 10, tzinfo=UTC),
            "day": date(2026, 3, 2),
            "price": Decimal("9.5"),
            "id": UUID(int=7),
            "plan": Plan.TEAM,
            "set": {1},
            "nan": float("nan"),
            "half": "\ud83d",
            7: "seven",
        }
        client.track("b", more, timestamp=datetime(2026, 3, 2, 10, tzinfo=UTC))
        assert client.flush()
    first, second = server.events
    assert first["payload"]["properties"] == {"list": [1]}
    assert second["payload"]["timestamp"] == 1772445600000
    assert second["payload"]["properties"] == {
        "when": "2026-03-02T10:00:00.000+00:00",
        "day": "2026-03-02",
        "price": 9.5,
        "id": "00000000-0000-0000-0000-000000000007",
        "plan": "team",
        "set": [1],
        "nan": None,
        "half": "\ud83d",
        "7": "seven",
    }


def test_a_user_agent_may_be_anything() -> None:
    with scripted() as server, Client(server.url, "id") as client:
        client.track("a", user_agent="Bro\r\nwser/1 \u2713")
        assert client.flush(10)
    assert server.headers[0]["user-agent"] == "Bro??wser/1 ?"
    with pytest.raises(ValueError, match="letters"):
        Client(server.url, "id\n")


def test_what_is_no_json_is_told(problems) -> None:
    circle: list[object] = []
    circle.append(circle)
    with scripted() as server, Client(server.url, "id", on_problem=problems.append) as client:
        client.track("a", {"what": object()})
        client.track("b", {"circle": circle})
        client.track("c", {"large": "x" * (4 << 20)})
    assert [problem.code for problem in problems] == ["unreadable", "unreadable", "too_large"]
    assert server.events == []


def test_a_callback_that_fails_stops_nothing() -> None:
    def fail(_: object) -> None:
        raise ValueError

    with scripted() as server, Client(server.url, "id", on_problem=fail) as client:
        server.script = [Said(400, json.dumps({"error": {"code": "malformed", "message": "no"}}))]
        client.track("a")
        assert client.flush()
        client.track("b")
        assert client.flush()
        assert (client.stats.refused, client.stats.accepted) == (1, 1)


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"analytics\.example\.com"):
        Client("localhost:3002", "id")
