"""The lean protocol of collection: what it serves, what it gives away, and that neither loses a byte."""

import asyncio
import json
import socket
import time
from contextlib import contextmanager

import pytest

from eventlens.api.collecting import collecting
from eventlens.api.connections import Connections
from eventlens.api.doors import Answer
from eventlens.api.protocol import GuardedProtocol
from tests.support.listening import listening


class Quick(GuardedProtocol):
    most_held = 300_000
    first_byte_seconds = 0.5
    head_seconds = 0.3
    body_seconds = 0.4
    leaving_seconds = 0.3
    sweep_seconds = 0.05


class Echo:
    """In the place of `track.Collection`: says what it was given, at once or a moment later."""

    def begin(self, incoming, respond):
        said = {"path": incoming.path, "size": len(incoming.body), "peer": incoming.peer, "door": "lean"}
        said["forwarded"] = incoming.headers.get(b"x-forwarded-for", b"").decode()
        answer = Answer(200, json.dumps(said).encode())
        if b"slow" in incoming.body:
            asyncio.get_running_loop().call_later(0.2, respond, answer)
        else:
            respond(answer)


async def _app(scope, receive, send):
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    body = json.dumps({"path": scope["path"], "size": size, "door": "guard"}).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port():
    paths = {"/track": "/track", "/api/v1/analytics/track": "/track"}
    protocol = collecting(Echo(), paths, 200_000, Connections(60, 50))
    Quick.counter = protocol.connections
    protocol.guard = Quick
    with listening(_app, protocol) as served:
        yield served


@contextmanager
def connected(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        yield connection


def post(body=b"{}", path="/track", extra=""):
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\n{extra}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answers(connection, count):
    """That many answers, each with a content-length: (head, JSON)."""
    data, found = b"", []
    while len(found) < count:
        head, end, rest = data.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]) if end else 0
        if end and len(rest) >= size:
            found.append((head, json.loads(rest[:size])))
            data = rest[size:]
            continue
        part = connection.recv(65536)
        assert part, data
        data += part
    assert not data
    return found


def rest_of(connection):
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


@pytest.mark.parametrize("path", ["/track", "/api/v1/analytics/track"])
def test_an_ordinary_request_is_served_lean_again_and_again(port, path):
    with connected(port) as connection:
        for size in (2, 5_000, 60_000):
            connection.sendall(post(b"x" * size, path))
            ((head, said),) = answers(connection, 1)
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"\r\ndate: " in head
            assert b"access-control-allow-origin: *" in head
            assert said == {
                "path": "/track",
                "size": size,
                "peer": "127.0.0.1",
                "door": "lean",
                "forwarded": "",
            }


def test_a_body_in_pieces_is_one_body(port):
    request = post(b"y" * 150_000)
    with connected(port) as connection:
        for start in range(0, len(request), 40_000):
            connection.sendall(request[start : start + 40_000])
            time.sleep(0.02)
        ((_, said),) = answers(connection, 1)
        assert (said["size"], said["door"]) == (150_000, "lean")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /other HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /track HTTP/1.1\r\nhost: x\r\n\r\n",
        post(path="/track?x=1"),
        b"POST /track HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        post(extra="expect: 100-continues\r\n"),
        post(b"z" * 200_001),
        b"POST /track HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
def test_what_is_not_ordinary_goes_to_the_guard_whole(port, request_):
    with connected(port) as connection:
        connection.sendall(post())  # lean before
        answers(connection, 1)
        connection.sendall(request_)
        ((_, said),) = answers(connection, 1)
        assert said["door"] == "guard"
        assert said["size"] in (0, 2, 200_001)
        connection.sendall(post(b"after"))
        assert answers(connection, 1)[0][1] == {"path": "/track", "size": 5, "door": "guard"}


def test_a_head_in_pieces_loses_nothing(port):
    request = post(b"12345")
    for cut in (1, 10, 25, len(request) - 6):
        with connected(port) as connection:
            connection.sendall(request[:cut])
            time.sleep(0.02)
            connection.sendall(request[cut:])
            assert answers(connection, 1)[0][1]["size"] == 5


def test_two_requests_at_once_are_both_answered_in_order(port):
    with connected(port) as connection:
        connection.sendall(post(b"1") + post(b"22") + b"GET /last HTTP/1.1\r\nhost: x\r\n\r\n")
        assert [said["size"] for _, said in answers(connection, 3)] == [1, 2, 0]


def test_a_request_that_begins_within_the_last_read_of_a_body_is_answered_too(port):
    first, second = post(b"a" * 100_000), post(b"bb")
    with connected(port) as connection:
        connection.sendall(first[:50_000])
        time.sleep(0.02)
        connection.sendall(first[50_000:] + second)
        assert [said["size"] for _, said in answers(connection, 2)] == [100_000, 2]


def test_requests_that_come_during_an_answer_wait_their_turn(port):
    with connected(port) as connection:
        connection.sendall(post(b"slow"))
        time.sleep(0.05)
        connection.sendall(post(b"1"))
        time.sleep(0.05)
        connection.sendall(post(b"q" * 150_000))
        assert [said["size"] for _, said in answers(connection, 3)] == [4, 1, 150_000]


def test_who_asks_to_close_is_closed_after_the_answer(port):
    with connected(port) as connection:
        connection.sendall(post(extra="connection: close\r\n"))
        answer = rest_of(connection)
        assert b"connection: close" in answer
        assert answer.endswith(b"}")


def test_a_sender_that_hangs_up_during_an_answer_harms_nobody(port):
    with connected(port) as connection:
        connection.sendall(post(b"slow"))
    with connected(port) as connection:
        time.sleep(0.3)
        connection.sendall(post())
        answers(connection, 1)


def test_a_proxys_repeated_lists_are_one(port):
    with connected(port) as connection:
        connection.sendall(post(extra="x-forwarded-for: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n"))
        assert answers(connection, 1)[0][1]["forwarded"] == "192.0.2.1,192.0.2.2"


@pytest.mark.parametrize(
    "garbage", [b"\x00\x01\x02\r\n\r\n", b"POST /track HTTP/x\r\n\r\n", post(extra="a b: c\r\n")]
)
def test_what_is_malformed_is_refused(port, garbage):
    with connected(port) as connection:
        connection.sendall(garbage)
        assert rest_of(connection).startswith(b"HTTP/1.1 400")


def test_a_head_too_large_is_refused_also_when_it_comes_at_once(port):
    filler = "".join(f"x-{number}: {'y' * 1000}\r\n" for number in range(80))
    with connected(port) as connection:
        connection.sendall(post(extra=filler))
        assert rest_of(connection).startswith(b"HTTP/1.1 431")


def test_a_body_that_never_ends_is_refused(port):
    with connected(port) as connection:
        connection.sendall(post(b"x" * 50_000)[:30_000])
        assert rest_of(connection).startswith(b"HTTP/1.1 408")


def test_who_says_nothing_is_left(port):
    with connected(port) as connection:
        connection.sendall(post())
        answers(connection, 1)
        began = time.monotonic()
        assert rest_of(connection) == b""
        assert time.monotonic() - began < 3


def test_bodies_of_all_connections_together_are_bounded(port):
    """The last one of many unfinished bodies is refused, the others are served when they are whole."""
    with connected(port) as one, connected(port) as two:
        one.sendall(post(b"x" * 190_000)[:-1])
        time.sleep(0.1)
        two.sendall(post(b"x" * 190_000)[:-1])
        assert rest_of(two).startswith(b"HTTP/1.1 503")
        one.sendall(b"x")
        assert answers(one, 1)[0][1]["size"] == 190_000


@pytest.mark.parametrize("again", [1, 2])
def test_one_connection_too_many_of_an_address_is_told_so(port, again):
    opened = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(50)]
    try:
        for each in opened[:40]:
            each.sendall(b"GET /other HTTP/1.1\r\nhost: x\r\n\r\n")  # given over, and still counted
            answers(each, 1)
        with connected(port) as connection:
            answer = rest_of(connection)
            assert answer.startswith(b"HTTP/1.1 503"), again
            assert b"retry-after: 5" in answer
    finally:
        for each in opened:
            each.close()
    time.sleep(0.2)
    with connected(port) as connection:
        connection.sendall(post())
        answers(connection, 1)


UPGRADE = (
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
)


def test_an_offer_of_another_protocol_is_not_taken_and_costs_nothing(port):
    with connected(port) as connection:
        for size in (5, 30_000):
            connection.sendall(post(b"x" * size, extra=UPGRADE))
            ((_, said),) = answers(connection, 1)
            assert (said["size"], said["door"]) == (size, "lean")


@pytest.mark.parametrize("cut", [30, -40])
def test_what_follows_such_an_offer_is_never_another_request(port, cut):
    """Wherever the reads are cut, a body is a body: else it would ride past a proxy."""
    request = post(post(b"smuggled"), extra=UPGRADE)
    with connected(port) as connection:
        connection.sendall(request[:cut])
        time.sleep(0.05)
        connection.sendall(request[cut:])
        connection.shutdown(socket.SHUT_WR)
        answer = rest_of(connection)
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))
    assert b'"size": 8,' not in answer


def test_who_has_said_all_still_hears_the_answer(port):
    with connected(port) as connection:
        connection.sendall(post(b"slow"))
        connection.shutdown(socket.SHUT_WR)
        assert rest_of(connection).endswith(b"}")
