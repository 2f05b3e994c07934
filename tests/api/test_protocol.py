"""Bounds under the application, against a real server and raw sockets."""

import asyncio
import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from eventlens.api.protocol import GuardedProtocol, guarded
from tests.support.listening import listening

GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"


async def _app(scope, receive, send):
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    if scope["path"] == "/slow":
        await asyncio.sleep(0.6)
    body = f"<{scope['path']} {size}>".encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Quick(GuardedProtocol):
    most_held = 300_000
    first_byte_seconds = 0.4
    head_seconds = 0.3
    body_seconds = 0.4
    leaving_seconds = 0.3
    sweep_seconds = 0.05


@pytest.fixture(scope="module")
def port():
    with listening(_app, Quick) as served:
        yield served


@contextmanager
def _connected(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        yield connection


def _rest(connection):
    """All until the server hangs up."""
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def _until(connection, end):
    data = b""
    while end not in data:
        part = connection.recv(65536)
        assert part, data
        data += part
    return data


def _error(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


def _post(size, path=b"/p"):
    return b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-length: " + str(size).encode() + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"GET / HTTP/1.1\r\n", b"a: " + b"b" * 90 + b"\r\n"),
        (b"GET /", b"u" * 100),
        (b"GET / HTTP/1.1\r\nname: ", b"v" * 100),
        (b"\r\n", b"\r\n" * 50),
        (
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
            b"t: " + b"r" * 90 + b"\r\n",
        ),
    ],
    ids=["headers", "url", "value", "blank lines", "trailers"],
)
def test_a_head_without_end_is_refused(port, start, more):
    with _connected(port) as connection:
        connection.sendall(start)
        for _ in range(80):
            connection.sendall(more * 100)
        assert _error(_rest(connection)) == (431, "head_too_large")


def test_a_complete_head_is_measured_too(port):
    with _connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nname: " + b"v" * 70_000 + b"\r\n\r\n")
        assert _error(_rest(connection)) == (431, "head_too_large")
    with _connected(port) as connection:
        connection.sendall(b"GET /a HTTP/1.1\r\nname: " + b"v" * 60_000 + b"\r\n\r\n")
        assert b"</a 0>" in _until(connection, b">")


def test_half_a_head_has_its_time(port):
    with _connected(port) as connection:
        connection.sendall(GET)
        _until(connection, b">")
        connection.sendall(GET[:20])
        assert _error(_rest(connection)) == (408, "timeout")


def test_half_a_body_has_its_time(port):
    with _connected(port) as connection:
        connection.sendall(_post(100) + b"x" * 90)
        assert _error(_rest(connection)) == (408, "timeout")


def test_a_trickle_of_a_head_does_not_renew_its_time(port):
    with _connected(port) as connection:
        connection.sendall(b"GET /")
        connection.settimeout(0.05)
        answer = b""
        for _ in range(40):
            connection.sendall(b"a")
            try:
                answer = connection.recv(1000)
                break
            except TimeoutError:
                continue
        assert _error(answer) == (408, "timeout")


def test_who_says_nothing_is_closed(port):
    with _connected(port) as connection:
        assert _rest(connection) == b""


def test_bodies_have_a_ceiling_over_all_connections(port):
    with _connected(port) as one, _connected(port) as other:
        one.sendall(_post(1_000_000) + b"x" * 200_000)
        time.sleep(0.1)
        other.sendall(_post(1_000_000) + b"x" * 200_000)
        answer = _rest(other)
        assert _error(answer) == (503, "unavailable")
        assert b"\r\nretry-after: 5\r\n" in answer
    time.sleep(0.1)
    for _ in range(4):  # what was held is given back: by the answer and by going away
        with _connected(port) as again:
            again.sendall(_post(200_000) + b"x" * 100_000)
            time.sleep(0.02)
            again.sendall(b"x" * 100_000)
            assert b"</p 200000>" in _until(again, b">")


def test_keep_alive_and_pipelining_work(port):
    with _connected(port) as connection:
        for _ in range(3):
            connection.sendall(_post(3) + b"abc")
            assert b"</p 3>" in _until(connection, b">")
        many = (GET + _post(2, b"/q") + b"ab") * 50
        connection.sendall(many[:-30])
        time.sleep(0.05)
        connection.sendall(many[-30:])
        data = b""
        while data.count(b">") < 100:
            part = connection.recv(65536)
            assert part
            data += part
        assert data.count(b"</a 0>") == data.count(b"</q 2>") == 50


def test_pipelined_requests_are_not_one_large_head(port):
    with _connected(port) as connection:
        count = 6000
        sender = threading.Thread(target=connection.sendall, args=(GET * count,))
        sender.start()
        seen = 0
        while seen < count:
            part = connection.recv(1 << 20)
            assert part
            seen += part.count(b">")
        sender.join()


def test_a_slow_answer_is_not_the_senders_fault(port):
    with _connected(port) as connection:
        connection.sendall(GET.replace(b"/a", b"/slow") + GET[:10])
        time.sleep(0.7)
        connection.sendall(GET[10:])
        data = _until(connection, b"</a 0>")
        assert b"</slow 0>" in data


def test_two_of_the_largest_bodies_fit():
    assert guarded(1 << 30).most_held == 2 << 30
    assert guarded(4 << 20).most_held == 256 << 20
