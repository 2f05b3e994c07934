"""Look-ups of the same moment are one; what this process changed is seen at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from eventlens.errors import Abandoned, StoreUnavailable
from eventlens.store import recent as module
from eventlens.store.base import Result
from eventlens.store.recent import Changes, Recent


def result(value: int) -> Result:
    return Result(("n",), [(value,)])


def test_many_at_once_are_asked_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SECONDS", 60)  # on a crowded machine "at once" takes long
    recent, asked, go = Recent(Changes()), [], threading.Event()

    def ask() -> Result:
        asked.append(1)
        go.wait(10)
        return result(1)

    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(recent.look, "SELECT 1", {"a": 1}, ask) for _ in range(8)]
        go.set()
        assert {each.result().rows[0] for each in found} == {(1,)}
    assert len(asked) == 1


def test_another_question_is_another_look():
    recent = Recent(Changes())
    assert recent.look("SELECT 1", {"a": 1}, lambda: result(1)) == result(1)
    assert recent.look("SELECT 1", {"a": 2}, lambda: result(2)) == result(2)
    assert recent.look("SELECT 2", {"a": 1}, lambda: result(3)) == result(3)
    assert recent.look("SELECT 1", {"a": 1}, lambda: result(4)) == result(1)


def test_a_change_is_seen_at_once():
    changes = Changes()
    recent = Recent(changes)
    recent.look("SELECT 1", {}, lambda: result(1))
    changes.made()
    assert recent.look("SELECT 1", {}, lambda: result(2)) == result(2)


def test_a_change_during_a_look_makes_it_old():
    changes = Changes()
    recent = Recent(changes)

    def ask() -> Result:
        changes.made()
        return result(1)

    recent.look("SELECT 1", {}, ask)
    assert recent.look("SELECT 1", {}, lambda: result(2)) == result(2)


def test_time_makes_it_old(monkeypatch: pytest.MonkeyPatch):
    recent = Recent(Changes())
    recent.look("SELECT 1", {}, lambda: result(1))
    monkeypatch.setattr(module, "SECONDS", -1.0)
    assert recent.look("SELECT 1", {}, lambda: result(2)) == result(2)


def test_a_failure_is_not_kept():
    recent = Recent(Changes())

    def fail() -> Result:
        raise StoreUnavailable("gone")

    with pytest.raises(StoreUnavailable):
        recent.look("SELECT 1", {}, fail)
    assert recent.look("SELECT 1", {}, lambda: result(2)) == result(2)


def test_who_waits_for_somebody_that_leaves_asks_itself():
    recent, waiting = Recent(Changes()), threading.Event()

    def leave() -> Result:
        waiting.wait(10)
        raise Abandoned

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(recent.look, "SELECT 1", {}, leave)
        while not recent._looks:
            pass
        second = pool.submit(recent.look, "SELECT 1", {}, lambda: result(2))
        waiting.set()
        with pytest.raises(Abandoned):
            first.result()
        assert second.result() == result(2)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_MOST", 3)
    recent = Recent(Changes())
    for number in range(20):
        recent.look("SELECT 1", {"n": number}, lambda: result(1))
        assert len(recent._looks) <= 3
