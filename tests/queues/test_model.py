"""Random sequences of calls and restarts against the obvious list in memory."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from eventlens.queues.base import Claim
from eventlens.queues.sqlite import SqliteQueue


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name) / "queue.db"
        self.now = 1_700_000_000_000
        self.queue = self.open()
        self.waiting: list[tuple[bytes, int]] = []
        self.claimed: Claim | None = None
        self.tokens: set[str] = set()
        self.last_arrival = 0
        self.done = 0

    def open(self) -> SqliteQueue:
        return SqliteQueue(self.path, clock=lambda: self.now)

    def teardown(self) -> None:
        self.queue.close()
        self.directory.cleanup()

    @rule(body=st.binary(max_size=300), events=st.integers(1, 700), moved=st.integers(-5, 5))
    def append(self, body: bytes, events: int, moved: int) -> None:
        self.now += moved
        self.queue.append_now(body, events)
        self.waiting.append((body, events))

    @rule(events=st.integers(1, 1500))
    def claim(self, events: int) -> None:
        claim = self.queue.claim(events)
        if self.claimed is not None:
            assert claim is not None
            assert (claim.token, list(claim.records)) == (self.claimed.token, list(self.claimed.records))
            assert claim.retried
            return
        if claim is None:
            assert not self.waiting
            return
        assert not claim.retried
        assert claim.token not in self.tokens
        expected = self.waiting[: len(claim.records)]
        assert [record.body for record in claim.records] == [body for body, _ in expected]
        assert claim.events == sum(count for _, count in expected)
        assert claim.events >= events or len(expected) == len(self.waiting)
        assert claim.events - expected[-1][1] < events
        for record, (_, count) in zip(claim.records, expected, strict=True):
            assert record.arrival > self.last_arrival
            self.last_arrival = record.arrival + count - 1
        self.tokens.add(claim.token)
        self.claimed = claim

    @precondition(lambda self: self.claimed is not None)
    @rule(twice=st.booleans())
    def acknowledge(self, twice: bool) -> None:
        assert self.claimed is not None
        for _ in range(1 + twice):
            self.queue.acknowledge(self.claimed, {("source", "done"): self.claimed.events})
        self.done += self.claimed.events
        del self.waiting[: len(self.claimed.records)]
        self.claimed = None

    @rule()
    def reopen(self) -> None:
        self.queue.close()
        self.queue = self.open()

    @invariant()
    def the_counts_agree(self) -> None:
        assert self.queue.depth().events == sum(count for _, count in self.waiting)
        assert self.queue.tallies("source").get("done", 0) == self.done


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
