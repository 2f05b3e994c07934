"""A question ends when nobody waits for it any more, and has one limit of time for all its statements."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from eventlens.errors import Abandoned, QueryLimit
from eventlens.store.base import Store, StoreMistake
from eventlens.store.tickets import Ticket, asking

LONG = "SELECT sum(cityHash64(number)) FROM numbers(1000000000000)"


def asked(store: Store, ticket: Ticket, sql) -> object:
    """What a statement of a ticket's holder gives."""

    def ask() -> object:
        asking.set(ticket)
        return store.query(sql).rows

    return copy_context().run(ask)


def test_a_statement_of_somebody_who_has_gone_ends_and_no_other(store: Store):
    mine, theirs = Ticket(60), Ticket(60)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(asked, store, mine, LONG)
        other = pool.submit(asked, store, theirs, "SELECT sleepEachRow(0.5) FROM numbers(4)")
        deadline = time.monotonic() + 20
        while not running.done() and time.monotonic() < deadline:
            time.sleep(0.3)
            store.cancel(mine)
        with pytest.raises(Abandoned):
            running.result(1)
        assert other.result(30)


def test_a_question_that_is_ended_after_its_first_rows_came_is_ended_too(store: Store):
    """A server sends them while it computes; what fails then fails while they are read."""
    slow = "SELECT repeat('x', 1000), sleepEachRow(0.0005) FROM numbers(40000) SETTINGS max_block_size = 200"
    mine = Ticket(60)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(asked, store, mine, slow)
        time.sleep(3)  # six megabytes
        deadline = time.monotonic() + 20
        while not running.done() and time.monotonic() < deadline:
            store.cancel(mine)
            time.sleep(0.3)
        with pytest.raises(Abandoned):
            running.result(1)


MIDWAY = "SELECT number, throwIf(number = 90000) AS no FROM numbers(100000) SETTINGS max_block_size = 1000"
SLOW = "SELECT number, sleepEachRow(0.001) AS no FROM numbers(100000) SETTINGS max_block_size = 100"


@pytest.mark.parametrize("failing", [MIDWAY, SLOW], ids=["midway", "slow"])
def test_an_answer_has_no_rows_of_a_question_that_failed_before(store: Store, failing: str):
    """The embedded engine puts them before the next answer of the same connection."""
    for _ in range(2):
        with pytest.raises((StoreMistake, QueryLimit)):
            asked(store, Ticket(1), failing)
        assert asked(store, Ticket(60), "SELECT number, 0 AS no FROM numbers(2)") == [(0, 0), (1, 0)]


def test_later_statements_do_not_begin(store: Store):
    ticket = Ticket(60)
    assert asked(store, ticket, "SELECT 1") == [(1,)]
    store.cancel(ticket)
    with pytest.raises(Abandoned):
        asked(store, ticket, "SELECT 1")


def test_the_time_is_that_of_all_statements_together(store: Store):
    ticket = Ticket(0.5)
    assert asked(store, ticket, "SELECT 1") == [(1,)]
    time.sleep(0.6)
    with pytest.raises(QueryLimit, match="EVENTLENS_QUERY_SECONDS"):
        asked(store, ticket, "SELECT 1")


def test_a_statement_has_what_is_left(store: Store):
    began = time.monotonic()
    with pytest.raises(QueryLimit, match="time limit"):
        asked(store, Ticket(1), LONG)
    assert time.monotonic() - began < 20


def test_who_has_no_ticket_is_nobodys(store: Store):
    store.cancel(Ticket(1))
    assert store.query("SELECT 1").rows == [(1,)]
