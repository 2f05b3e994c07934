"""The worker's Python in another process: the same rows, whatever ends or fails on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eventlens.clock import now_ms
from eventlens.errors import ProcessEnded, StoreUnavailable
from eventlens.queues.base import Record
from eventlens.store.base import Store
from eventlens.store.migrate import migrate
from eventlens.workers.apart import AppliesApart
from tests.support.pipeline import HeldClock, Pipeline, view
from tests.support.stores import open_in


class Troubled:
    """A real store that refuses some tables' blocks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.refused: set[str] = set()
        self.times = 0

    def __getattr__(self, name: str):
        return getattr(self._store, name)

    def insert_block(self, table, names, block, token) -> None:
        if table in self.refused and self.times:
            self.times -= 1
            raise StoreUnavailable("refused")
        self._store.insert_block(table, names, block, token)  # pyright: ignore[reportAttributeAccessIssue]  # has it


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Troubled]:
    opened = open_in(tmp_path_factory.mktemp("apart"))
    migrate(opened)
    yield Troubled(opened)
    opened.close()


@pytest.fixture(scope="module")
def apart(store) -> Iterator[AppliesApart]:
    made = AppliesApart(store)
    yield made
    made.close()


@pytest.fixture
def pipeline(store, apart) -> Pipeline:
    made = Pipeline(store, HeldClock(now_ms() - 60_000))
    made.applier = apart
    return made


def stored(pipeline: Pipeline) -> tuple[list[str], list[tuple[str, int]]]:
    events = [row["id"] for row in pipeline.rows("events")]
    return sorted(events), sorted((row["device_id"], row["events"]) for row in pipeline.rows("sessions"))


def views(pipeline: Pipeline, *ids: str):
    now = pipeline.clock()
    return [view(now + number, f"device-{id_[0]}", id=id_) for number, id_ in enumerate(ids)]


def test_claims_become_rows(pipeline):
    pipeline.send(*views(pipeline, "a1", "b1", "a2"))
    pipeline.send(*views(pipeline, "a3", "a1"))
    assert stored(pipeline) == (["a1", "a2", "a3", "b1"], [("device-a", 3), ("device-b", 1)])
    assert pipeline.excluded() == {("duplicate", ""): 1}


def test_a_large_claim_is_stored_in_parts(pipeline):
    records = [
        pipeline.record(*(view(pipeline.clock(), "one", id=f"{part}-{n}") for n in range(9_000)))
        for part in range(3)
    ]
    again = pipeline.record(view(pipeline.clock(), "one", id="0-7"), view(pipeline.clock(), "one", id="2-7"))
    claim = pipeline.claim(*records, again)
    assert pipeline.applier.apply(claim).tallies == {}
    events, sessions = stored(pipeline)
    assert (len(events), sessions) == (27_000, [("one", 27_000)])
    assert pipeline.excluded() == {("duplicate", ""): 2}
    pipeline.applier.apply(replace(claim, retried=True))
    assert stored(pipeline) == (events, sessions)
    assert pipeline.excluded() == {("duplicate", ""): 2}


@pytest.mark.parametrize("table", ["events", "sessions", "touches"])
def test_what_the_store_refuses_is_stored_by_the_next_try(pipeline, store, table):
    pipeline.send(*views(pipeline, "a1"))
    claim = pipeline.claim(*(pipeline.record(each) for each in views(pipeline, "a2", "b1")))
    store.refused, store.times = {table}, 1
    with pytest.raises(StoreUnavailable):
        pipeline.applier.apply(claim)
    pipeline.applier.apply(replace(claim, retried=True))
    assert stored(pipeline) == (["a1", "a2", "b1"], [("device-a", 2), ("device-b", 1)])


def test_another_process_goes_on_where_one_was_killed(pipeline, apart):
    pipeline.send(*views(pipeline, "a1"))
    first = apart.pid
    os.kill(first, signal.SIGKILL)
    claim = pipeline.claim(pipeline.record(*views(pipeline, "a2")))
    with pytest.raises(ProcessEnded):
        apart.apply(claim)
    apart.apply(replace(claim, retried=True))
    assert apart.pid != first
    assert stored(pipeline) == (["a1", "a2"], [("device-a", 2)])


def test_it_leaves_signals_to_whoever_started_it(pipeline, apart):
    pipeline.send(*views(pipeline, "a1"))
    before = apart.pid
    os.kill(before, signal.SIGINT)
    os.kill(before, signal.SIGTERM)
    pipeline.send(*views(pipeline, "a2"))
    assert apart.pid == before
    assert stored(pipeline)[0] == ["a1", "a2"]


def test_what_cannot_be_applied_is_told_and_logged_here(pipeline, caplog):
    damaged = Record(pipeline.record().arrival, b"\xc1", 1)
    batch = pipeline.applier.apply(pipeline.claim(damaged, pipeline.record(*views(pipeline, "a1"))))
    assert [record for record, _ in batch.buried] == [damaged]
    assert "set aside as a dead letter" in caplog.text
    assert stored(pipeline)[0] == ["a1"]


def test_apart_from_what_fails_the_rest_is_stored(pipeline, store):
    claim = pipeline.claim(*(pipeline.record(each) for each in views(pipeline, "a1", "b1")))
    claim = replace(claim, retried=True)
    store.refused, store.times = {"sessions"}, 1
    with pytest.raises(StoreUnavailable):
        pipeline.applier.apply_apart(claim)
    assert pipeline.applier.apply_apart(claim).buried == []
    assert stored(pipeline) == (["a1", "b1"], [("device-a", 1), ("device-b", 1)])


def test_it_ends_with_whoever_started_it(tmp_path: Path):
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from eventlens.store.migrate import migrate\n"
        "from eventlens.workers.apart import AppliesApart\n"
        "from tests.support.stores import open_in\n"
        "store = open_in(Path(sys.argv[1]))\n"
        "migrate(store)\n"
        "apart = AppliesApart(store)\n"
        "apart.load()\n"
        "print(apart.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=False, capture_output=True, timeout=60
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while _alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
