"""Two API and two worker processes, Redis, ClickHouse, MariaDB; each is killed and paused: every event once.

`FAULT_SECONDS` (`make faults`) makes it as long as one likes; at least one round of all faults is made.
"""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.test_kill import Sender
from tests.oracle.comparison import compare
from tests.oracle.model import Oracle, Sent
from tests.support.clickhouse import Node
from tests.support.databases import DatabaseServer
from tests.support.processes import COMMAND, Child, clean_environment
from tests.support.redis import RedisServer
from tests.support.server import Server

SECONDS = float(os.environ.get("FAULT_SECONDS", "20"))
PACE = 0.3 * max(1.0, SECONDS / 240)
"""Seconds that a client rests between two requests: what was sent is compared with a slow oracle."""


class Calm(Sender):
    """A client that rests."""

    def deliver(self, events: list[Sent]) -> None:
        super().deliver(events)
        time.sleep(PACE * self.chance.uniform(0.5, 1.5))


class Fleet:
    """API and worker processes that share everything."""

    def __init__(self, folder: Path, settings: dict[str, str], servers: int = 2, workers: int = 2) -> None:
        self.folder = folder
        self.settings = settings
        self.servers = [Server(folder / "data", settings) for _ in range(servers)]
        self.workers: list[Child] = []
        try:
            self.servers[0].start()  # makes the tables, alone
            for server in self.servers[1:]:
                server.start()
            while len(self.workers) < workers:
                self.workers.append(self.start_worker())
        except BaseException:
            self.close()
            raise

    def start_worker(self) -> Child:
        environment = {"EVENTLENS_DATA": str(self.folder / "data"), "LOG_LEVEL": "warning", **self.settings}
        log = self.folder / f"work-{random.getrandbits(32)}.log"
        worker = Child([str(COMMAND), "work"], log, clean_environment(environment), self.folder)
        try:
            worker.await_ready(lambda: "works" in worker.output)
        except BaseException:
            worker.end()
            raise
        return worker

    def kill_server(self, number: int) -> None:
        self.servers[number].kill9()
        self.servers[number].start()

    def kill_worker(self, number: int) -> None:
        self.workers[number].end(signal.SIGKILL)
        self.workers[number] = self.start_worker()

    def close(self) -> None:
        for worker in self.workers:
            worker.end()
        for server in self.servers:
            server.close()


def paused(child: Child, seconds: float) -> None:
    """Let it be taken for dead, and then go on where it was."""
    child.send_signal(signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        child.send_signal(signal.SIGCONT)


def killed(part: RedisServer | Node | DatabaseServer) -> None:
    part.kill9()
    time.sleep(0.5)  # those who need it shall notice
    part.start()


@pytest.fixture
def database(database_server: Callable[[str], DatabaseServer]) -> DatabaseServer:
    return database_server("mariadb")


@pytest.fixture
def fleet(
    tmp_path: Path, redis_server: RedisServer, clickhouse_node: Node, database: DatabaseServer
) -> Iterator[Fleet]:
    store = clickhouse_node.create_database(f"fleet_{random.getrandbits(32)}")
    settings = {"REDIS_URL": redis_server.url, "CLICKHOUSE_URL": store}
    made = Fleet(tmp_path, {**settings, "DATABASE_URL": database.create_database()})
    try:
        yield made
    finally:
        made.close()


@pytest.mark.timeout(600 + 3 * int(SECONDS))
def test_nothing_answered_is_lost_or_doubled_whatever_is_killed_or_paused(
    fleet: Fleet, redis_server: RedisServer, clickhouse_node: Node, database: DatabaseServer
):
    redis = redis_server.child
    assert redis is not None
    faults: dict[str, Callable[[], None]] = {
        "first API killed": lambda: fleet.kill_server(0),
        "second API killed": lambda: fleet.kill_server(1),
        "API paused": lambda: paused(fleet.servers[1].child, 1.0),
        "first worker killed": lambda: fleet.kill_worker(0),
        "second worker killed": lambda: fleet.kill_worker(1),
        "worker taken for dead": lambda: paused(fleet.workers[1], 6.5),
        "Redis killed": lambda: killed(redis_server),
        "Redis paused": lambda: paused(redis_server.child or redis, 1.5),
        "ClickHouse killed": lambda: killed(clickhouse_node),
        "ClickHouse paused": lambda: paused(clickhouse_node.child, 1.5),
        "MariaDB killed": lambda: killed(database),
        "MariaDB paused": lambda: paused(database.child, 1.0),
    }
    projects = [fleet.servers[0].project(f"Fleet {number}") for number in range(2)]
    stop = threading.Event()
    senders = [Calm(number, projects[number % 2], stop) for number in range(4)]
    for sender in senders[2:]:  # two by each door
        sender.http.base_url = fleet.servers[1].url
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()
    made = injected(faults)
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert [trouble for sender in senders for trouble in sender.trouble] == []
    for project in projects:
        project.settle(120)
        answered = [event for sender in senders if sender.project is project for event in sender.answered]
        assert len(answered) > 50
        oracle = Oracle(answered, "UTC")
        start, end = oracle.days()
        ids = [row["id"] for row in project.events(startDate=str(start), endDate=str(end), limit=1000)]
        assert len(ids) == len(set(ids)), "an event is there twice"
        assert set(ids) == {event.id for event in answered}
        compare(project, oracle)
    total = sum(len(sender.answered) for sender in senders)
    retries = sum(sender.retries for sender in senders)
    said = f"{made} faults, {total} events answered, {retries} requests sent again: each event once"
    sys.stdout.write(f"{said}, sessions and numbers as the oracle has them\n")


def injected(faults: dict[str, Callable[[], None]]) -> int:
    """All faults in an order by chance, again and again while there is time; how many that were."""
    chance = random.Random(3)
    ends = time.monotonic() + SECONDS
    made = 0
    while made == 0 or time.monotonic() < ends:
        names = list(faults)
        chance.shuffle(names)
        for name in names:
            if made >= len(faults) and time.monotonic() > ends:
                break
            time.sleep(chance.uniform(0.05, 0.3))
            faults[name]()
            made += 1
    return made
