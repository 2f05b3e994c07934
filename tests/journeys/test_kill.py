"""SIGKILL at random moments, again and again: what was answered is there, exactly once, in every number."""

import random
import threading
import time
from dataclasses import dataclass, field

import httpx
import pytest

from tests.oracle.comparison import compare
from tests.oracle.door import wire
from tests.oracle.model import Oracle, Sent
from tests.support.project import BROWSER, Project

KILLS = 20
CLIENTS = 4
MIDDAY = 1_709_294_400_000  # 2024-03-01T12:00:00Z


@dataclass
class Sender:
    """One client: sends events one by one and in batches, and sends again what was not answered.

    Its devices are its own and their clocks only go forward; no two clients ever show the same millisecond.
    So the order in which the clients' requests arrived, which nobody knows, decides nothing.
    """

    number: int
    project: Project
    stop: threading.Event
    answered: list[Sent] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    retries: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.number)
        start = MIDDAY + self.number * 200  # the steps below take a millisecond off now and then
        self.clocks = {f"c{self.number}-d{device}": start for device in range(30)}
        self.http = httpx.Client(base_url=self.project.http.base_url, timeout=10)
        self.made = 0

    def event(self) -> Sent:
        device = self.chance.choice(sorted(self.clocks))
        self.clocks[device] += self.chance.choice((1_000, 60_000, 600_000, 1_799_999, 1_800_000, 7_200_000))
        self.made += 1
        return Sent(
            "track",
            self.clocks[device],
            f"{self.number}-{self.made}",
            name=self.chance.choice(("screen_view", "screen_view", "click")),
            device=device,
            profile=self.chance.choice(("", "", "", f"profile-{self.chance.randrange(20)}")),
            path=self.chance.choice(("/", "/a", "/b")),
            utm_source=self.chance.choice(("", "", "news")),
        )

    def post(self, events: list[Sent]) -> bool:
        """Whether the server answered that it has these events."""
        headers = {"user-agent": BROWSER, **self.project.write.headers}
        bodies = [wire(event) for event in events]
        path, body = ("/track", bodies[0]) if len(bodies) == 1 else ("/track/batch", {"events": bodies})
        try:
            answer = self.http.post(path, json=body, headers=headers)
        except httpx.TransportError:
            return False
        if answer.status_code == 503:
            return False
        if answer.status_code != 200 or answer.json().get("rejected"):
            self.trouble.append(f"{answer.status_code} {answer.text}")
        return True

    def deliver(self, events: list[Sent]) -> None:
        while not self.post(events):
            self.retries += 1
            time.sleep(0.05)
        self.answered += events

    def run(self) -> None:
        while not self.stop.is_set():
            size = self.chance.choice((1, 1, 1, 20))
            self.deliver([self.event() for _ in range(size)])
            if self.answered and self.chance.random() < 0.05:
                self.post(self.chance.sample(self.answered, min(3, len(self.answered))))
        self.http.close()


@pytest.mark.timeout(600)
def test_nothing_answered_is_lost_or_doubled(make_server):
    server = make_server().start()
    project = server.project("Killed")
    stop = threading.Event()
    senders = [Sender(number, project, stop) for number in range(CLIENTS)]
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()
    chance = random.Random(7)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.02, 1.2))
        server.kill9()
        server.start()
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert [trouble for sender in senders for trouble in sender.trouble] == []
    assert sum(sender.retries for sender in senders) >= KILLS, "the kills hit nobody"
    project.settle(120)

    answered = [event for sender in senders for event in sender.answered]
    oracle = Oracle(answered, "UTC")
    start, end = oracle.days()
    ids = [row["id"] for row in project.events(startDate=str(start), endDate=str(end), limit=1000)]
    assert len(ids) == len(set(ids)), "an event is there twice"
    assert set(ids) == {event.id for event in answered}
    compare(project, oracle)
