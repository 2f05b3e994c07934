"""Two API and two worker processes on one Redis and one ClickHouse, killed at random: each event once."""

import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.test_kill import Sender
from tests.oracle.comparison import compare
from tests.oracle.model import Oracle
from tests.support.clickhouse import Node
from tests.support.processes import COMMAND, Child, clean_environment
from tests.support.redis import RedisServer
from tests.support.server import Server

KILLS = 16


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

    def pause_worker(self, number: int, seconds: float) -> None:
        """Let it be taken for dead, and then go on where it was."""
        self.workers[number].send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.workers[number].send_signal(signal.SIGCONT)

    def close(self) -> None:
        for worker in self.workers:
            worker.end()
        for server in self.servers:
            server.close()


@pytest.fixture
def fleet(tmp_path: Path, redis_server: RedisServer, clickhouse_node: Node) -> Iterator[Fleet]:
    store = clickhouse_node.create_database(f"fleet_{random.getrandbits(32)}")
    made = Fleet(tmp_path, {"REDIS_URL": redis_server.url, "CLICKHOUSE_URL": store})
    try:
        yield made
    finally:
        made.close()


@pytest.mark.timeout(600)
def test_nothing_answered_is_lost_or_doubled_by_killed_processes(fleet: Fleet):
    projects = [fleet.servers[0].project(f"Fleet {number}") for number in range(2)]
    stop = threading.Event()
    senders = [Sender(number, projects[number % 2], stop) for number in range(4)]
    for sender in senders[2:]:  # two by each door
        sender.http.base_url = fleet.servers[1].url
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()
    chance = random.Random(3)
    for number in range(KILLS):
        time.sleep(chance.uniform(0.1, 1.0))
        if number % 4 == 0:
            fleet.kill_server(number // 4 % 2)
        elif number == 7:
            fleet.pause_worker(1, 7.0)
        else:
            fleet.kill_worker(chance.randrange(2))
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
