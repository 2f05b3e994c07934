"""Dead letters over HTTP: of one's own project only, replayed and discarded once."""

import pytest

from eventlens.events import Context, Envelope, Track, pack
from eventlens.queues.base import Queue
from tests.api.test_manage import Manager
from tests.support.inprocess import InProcess
from tests.support.letters import bury


@pytest.fixture
def manager(inside: InProcess) -> Manager:
    return Manager(inside, inside.project("Letters"))


def buried(queue: Queue, project_id: str, name: str) -> int:
    track = Track(name=name, timestamp=1_700_000_000_000, own_time=True, device_id="d")
    bury(queue, pack([Envelope(Context(project_id), [track])]), "no such unit: parsec")
    return queue.dead_letters(1)[0].id


def test_they_are_listed_shown_replayed_and_discarded(manager: Manager, inside: InProcess) -> None:
    queue = inside.runtime.queue
    inside.drain()
    first, second = (buried(queue, manager.project.id, name) for name in ("first", "second"))
    listed = manager.data("GET", "/dead-letters")
    assert [(row["id"], row["kinds"]) for row in listed] == [
        (second, ["track second"]),
        (first, ["track first"]),
    ]
    assert listed[0]["error"] == "no such unit: parsec"
    shown = manager.data("GET", f"/dead-letters/{first}")
    assert shown["requests"][0]["commands"][0]["name"] == "first"
    assert manager.data("POST", f"/dead-letters/{first}/replay") == {"replayed": 1}
    assert manager.data("DELETE", f"/dead-letters/{second}") == {"discarded": 1}
    assert manager.data("GET", "/dead-letters") == []
    assert manager.ask("POST", f"/dead-letters/{first}/replay").status_code == 404
    inside.drain()
    assert queue.depth().events == 0


def test_those_of_others_are_not_there(manager: Manager, inside: InProcess) -> None:
    inside.drain()
    id_ = buried(inside.runtime.queue, "somebody-else", "x")
    assert manager.data("GET", "/dead-letters") == []
    for method, path in (("GET", ""), ("POST", "/replay"), ("DELETE", "")):
        assert manager.ask(method, f"/dead-letters/{id_}{path}").status_code == 404
    assert inside.runtime.queue.count_dead_letters(9) == 1
    assert manager.ask("GET", "/dead-letters/x").status_code == 404
    inside.runtime.queue.discard_dead_letters([id_])
