"""A record that failed half-way is stored whole, once, when it is replayed."""

from contextlib import closing

import pytest

from eventlens.events import Add, Command, Context, Envelope, Identify, pack
from eventlens.ingest.apply import Applier
from eventlens.ingest.dead_letters import discard, letter, letters, replay
from eventlens.queues.sqlite import SqliteQueue
from eventlens.workers.events import EventWorker
from tests.support.pipeline import HOUR, MINUTE, NOW, Pipeline, spans, view
from tests.support.stores import FragileStore


class Sick(FragileStore):
    """Refuses one table's rows of whatever holds `poison`, after it took the tables before it."""

    table = ""

    def insert(self, table, columns, token):
        if table == self.table and any("poison" in str(values) for values in columns.values()):
            raise ValueError("cannot be stored today")
        super().insert(table, columns, token)


class Way:
    """A pipeline with a real queue and worker before it."""

    def __init__(self, store, path) -> None:
        self.pipeline = Pipeline(store)
        self.sick = Sick(store)
        self.queue = SqliteQueue(path, clock=self.pipeline.clock)
        self.restart()

    def restart(self) -> None:
        applier = Applier(self.sick, self.pipeline.clock)
        self.worker = EventWorker(self.queue, applier, batch_size=10, batch_timeout_ms=10)

    def send(self, *commands: Command) -> None:
        body = pack([Envelope(Context(self.pipeline.project), list(commands))])
        self.queue.append_now(body, len(commands))
        self.worker.drain()

    def replay(self) -> int:
        return replay(self.queue, letters(self.queue))


@pytest.fixture
def way(store, tmp_path):
    made = Way(store, tmp_path / "queue.db")
    with closing(made.queue):
        yield made


def day() -> list[list[Command]]:
    """Requests in the order of their arrival: sessions, a late bridge, people, increments without an id."""
    return [
        [view(NOW - 2 * HOUR, "a"), view(NOW - 2 * HOUR, "b", id="b1", path="/start")],
        [view(NOW - 2 * HOUR + 50 * MINUTE, "a", path="/poison", title="poison")],
        [view(NOW - 2 * HOUR + 25 * MINUTE, "a", path="/poison", title="poison", profile_id="poison")],
        [Identify("ada", NOW - HOUR, "i1", "a", {"name": b'"poison"'})],
        [Add("ada", NOW - HOUR, "coins", b"2"), Add("ada", NOW - HOUR, "poison", b"3")],
        [view(NOW - HOUR, "b", id="b2", title="poison")],
        [view(NOW - HOUR, "b", id="b1")],
    ]


@pytest.mark.parametrize("table", ["events", "sessions", "profile_changes", "identity_links"])
def test_a_replay_gives_what_would_have_been_without_the_failure(store, tmp_path, table):
    """Wherever the failure was: whatever of the record was stored before it is not stored twice."""
    calm, troubled = Way(store, tmp_path / "calm.db"), Way(store, tmp_path / "troubled.db")
    troubled.sick.table = table
    for way in (calm, troubled):
        for commands in day():
            way.send(*commands)
            way.pipeline.clock.now += 1000
    assert calm.queue.dead_letters() == []
    buried = troubled.queue.count_dead_letters(100)
    assert buried >= 1 or table == "identity_links"
    troubled.sick.table = ""
    for lifetime in range(2):
        assert troubled.replay() == (0 if lifetime else buried)
        troubled.restart()
        troubled.worker.drain()
    assert troubled.queue.dead_letters() == []
    without = ("arrival", "entry_arrival", "exit_arrival")
    for kind in ("events", "sessions", "profile_changes"):
        columns = [name for name in without if kind == "sessions" or name == "arrival"]
        rows = [way.pipeline.rows(kind, *columns, "deleted")[:] for way in (calm, troubled)]
        assert rows[0] == rows[1]
    assert calm.pipeline.people() == troubled.pipeline.people()
    for way in (calm, troubled):
        way.queue.close()


def test_a_late_replay_falls_into_its_own_time(way):
    way.sick.table = "events"
    way.send(view(NOW - HOUR, "a", title="poison"))
    way.pipeline.clock.now += 40 * 24 * HOUR
    way.send(view(NOW - HOUR + MINUTE, "a"))
    way.sick.table = ""
    assert way.replay() == 1
    way.worker.drain()
    assert spans(way.pipeline.rows("sessions")) == [(NOW - HOUR, NOW - HOUR + MINUTE, 2)]


@pytest.mark.parametrize("first", ["replayed", "resent"])
def test_an_id_that_was_sent_again_meanwhile_is_stored_once(way, first):
    way.sick.table = "events"
    way.send(view(NOW, "a", id="x", title="poison"))
    way.sick.table = ""
    if first == "replayed":
        way.replay()
    way.pipeline.clock.now += HOUR
    way.send(view(NOW, "a", id="x", title="resent"))
    way.replay()
    way.worker.drain()
    assert [row["title"] for row in way.pipeline.rows("events")] == [
        "poison" if first == "replayed" else "resent"
    ]
    assert way.pipeline.excluded() == {("duplicate", ""): 1}


def test_what_fails_again_is_there_again_and_stops_nobody(way):
    way.sick.table = "events"
    way.send(view(NOW, "a", title="poison"))
    (before,) = letters(way.queue)
    way.replay()
    way.send(view(NOW, "b"))
    (after,) = letters(way.queue)
    assert after.id > before.id
    assert after.kept.arrival == before.kept.arrival
    assert [row["device_id"] for row in way.pipeline.rows("events")] == ["b"]
    assert (letter(way.queue, before.id), discard(way.queue, [after])) == (None, 1)
