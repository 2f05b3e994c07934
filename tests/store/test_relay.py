"""What asks through a connection gets what the store says, in order; what follows a failure is not stored."""

import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from eventlens.errors import StoreUnavailable
from eventlens.store.base import StoreMistake
from eventlens.store.relay import Answering, Outbox, RelayedStore


class Notes:
    """A store that notes what is inserted and refuses what it is told to."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.refused: set[str] = set()
        self.hold = threading.Event()
        self.hold.set()

    def insert_block(self, table: str, names: list[str], block: bytes, token: str) -> None:
        self.hold.wait(10)
        if token in self.refused:
            raise StoreUnavailable(f"{token} refused")
        assert (table, names, len(block) > 0) == ("touches", ["project_id", "hour", "count"], True)
        self.tokens.append(token)

    def query(self, sql: str, parameters: Any = None) -> list[str]:
        return list(self.tokens)

    def ping(self) -> None:
        if "ping" in self.refused:
            raise StoreUnavailable


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def relayed(notes: Notes) -> Iterator[RelayedStore]:
    here, there = Pipe()
    thread = threading.Thread(target=_answer_all, args=(there, notes))
    thread.start()
    yield RelayedStore(here, Outbox(here))
    here.close()
    there.close()
    thread.join(10)


def _answer_all(connection: Connection, notes: Any) -> None:
    answering = Answering(notes)
    try:
        while connection.poll(10):
            name, *words = connection.recv()
            connection.send(answering.answer(name, words))
    except (EOFError, OSError):
        return


def insert(store: RelayedStore, token: str, count: Any = 1) -> None:
    store.insert("touches", {"project_id": ["p"], "hour": [1], "count": [count]}, token)


def test_a_question_sees_what_was_inserted_before_it(relayed, notes):
    for number in range(20):
        insert(relayed, str(number))
    assert relayed.query("SELECT 1") == [str(number) for number in range(20)]


def test_an_insert_is_not_waited_for(relayed, notes):
    notes.hold.clear()
    insert(relayed, "slow")
    insert(relayed, "behind it")
    assert notes.tokens == []
    notes.hold.set()
    relayed.settle()
    assert notes.tokens == ["slow", "behind it"]


def test_what_follows_a_failure_is_not_inserted_and_the_failure_is_heard_of_once(relayed, notes):
    notes.refused = {"b"}
    notes.hold.clear()
    for token in "abc":
        insert(relayed, token)
    notes.hold.set()
    with pytest.raises(StoreUnavailable, match="b refused"):
        relayed.query("SELECT 1")
    assert notes.tokens == ["a"]
    insert(relayed, "d")
    assert relayed.query("SELECT 1") == ["a", "d"]


def test_a_patient_one_raises_where_it_fails(relayed, notes):
    relayed.patient = True
    notes.refused = {"a"}
    with pytest.raises(StoreUnavailable):
        insert(relayed, "a")
    insert(relayed, "b")
    assert notes.tokens == ["b"]


def test_nothing_is_sent_of_no_rows_nor_of_a_wrong_value(relayed, notes):
    relayed.insert("touches", {}, "none")
    relayed.insert("touches", {"project_id": [], "hour": [], "count": []}, "none")
    with pytest.raises(StoreMistake) as refused:
        insert(relayed, "wrong", count="jane.doe@example.org")
    assert "jane" not in str(refused.value)
    assert relayed.query("SELECT 1") == []


def test_errors_of_questions_arrive(relayed, notes):
    relayed.ping()
    notes.refused = {"ping"}
    with pytest.raises(StoreUnavailable):
        relayed.ping()


def test_who_asks_hears_that_nobody_answers_any_more():
    here, there = Pipe()
    there.close()
    store = RelayedStore(here, Outbox(here))
    with pytest.raises((EOFError, OSError)):
        store.ping()
    store.close()
