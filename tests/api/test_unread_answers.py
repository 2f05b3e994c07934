"""Answers that their sender does not read: the server waits with it, and loses nothing of what follows."""

import asyncio
import select
import socket
import time
from contextlib import contextmanager

import pytest

from eventlens.api.collecting import collecting
from eventlens.api.connections import Connections
from eventlens.api.doors import Answer
from eventlens.api.protocol import GuardedProtocol
from tests.support.listening import listening

TIMES = 4 << 20
"""How often an answer repeats what was asked, two bytes: it is more than a socket takes by itself."""


class Quick(GuardedProtocol):
    first_byte_seconds = 1.0
    sweep_seconds = 0.05


class Large:
    """In the place of `track.Collection`: answers a moment later, and at length."""

    def __init__(self):
        self.begun = 0

    def begin(self, incoming, respond):
        self.begun += 1
        asyncio.get_running_loop().call_later(0.02, respond, Answer(200, incoming.body * TIMES))

    async def __call__(self, _scope, receive, send):
        self.begun += 1
        body = (await receive())["body"] * TIMES
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def large():
    return Large()


@pytest.fixture
def port(large):
    protocol = collecting(large, {"/track": "/track"}, 200_000, Connections(60, 50))
    protocol.guard = Quick
    Quick.counter = protocol.connections
    with listening(large, protocol) as served:
        yield served


@contextmanager
def asking(port, count):
    """A connection that sends requests 10, 11, … one after the other and reads nothing."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for number in range(10, 10 + count):
            connection.sendall(b"POST /track HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n%d" % number)
            time.sleep(0.015)
        yield connection


def test_no_more_requests_are_served_than_one_whose_answer_is_not_read(port, large):
    with asking(port, 20) as connection:
        time.sleep(0.2)
        assert large.begun <= 2
        with connection.makefile("rb") as reader:
            for number in range(10, 30):
                while reader.readline() != b"\r\n":
                    pass
                assert reader.read(2 * TIMES) == b"%d" % number * TIMES


def test_who_never_reads_is_left(port, large):
    with asking(port, 3) as connection:
        watched = select.poll()
        watched.register(connection, 0)  # of its end alone
        assert watched.poll(20_000), "it is not left"
        with pytest.raises(ConnectionError):
            _drain(connection)
    assert large.begun <= 2


def _drain(connection):
    """Read to the end: a connection that was cut off ends with a reset."""
    while connection.recv(1 << 20):
        pass
