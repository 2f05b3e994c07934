"""A served process as an operator sees it: what it prints, how it ends, what it keeps."""

import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from tests.support.project import BROWSER, Project, view
from tests.support.server import Server

MakeServer = Callable[..., Server]
SECRET = re.compile(r"sec_[\w-]{43}")
SPAN = {"startDate": "2026-03-02", "endDate": "2026-03-02"}


def printed(server: Server, text: str) -> str:
    """Wait until a text is printed; gives all that was."""
    server.child.await_ready(lambda: text in server.child.output, 30)
    return server.child.output


def test_the_first_start_says_all_that_a_newcomer_needs_and_says_it_once(make_server: MakeServer) -> None:
    server = make_server(LOG_LEVEL="info", WORKER_CONCURRENCY="3").start()
    output = printed(server, "and see it counted")
    assert f"http://localhost:{server.port}" in output
    assert re.search(r'project is "My site" \(my-site-\w+\)', output)
    assert re.findall(r"^ +(write|read|root) ", output, re.MULTILINE) == ["write", "read", "root"]
    assert len(set(SECRET.findall(output))) == 3
    assert output.count("curl -s ") == 2
    assert output.count("Note: WORKER_CONCURRENCY is set, but nothing uses it yet.") == 1
    assert "Traceback" not in output
    secret = SECRET.findall(output)[0]
    kept = [
        path for path in server.data.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()
    ]
    assert kept == [], "only its hash is kept"
    server.restart()
    output = printed(server, f"http://localhost:{server.port}")
    assert SECRET.search(output) is None
    assert "first start" not in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(make_server: MakeServer, number: int) -> None:
    server = make_server().start()
    began = time.monotonic()
    assert server.child.end(number) == 0
    assert time.monotonic() - began < 5
    assert "Traceback" not in server.child.output
    assert not (server.data / "server.json").exists()


def test_a_signal_while_it_starts_ends_it(make_server: MakeServer) -> None:
    server = make_server()
    child = server.launch()
    child.await_ready((server.data / "lock").exists, 30)
    assert child.end(signal.SIGTERM) == 0
    assert "Traceback" not in child.output
    server.start()


def test_idle_connections_and_senders_that_stall_do_not_hold_it(make_server: MakeServer) -> None:
    server = make_server().start()
    idle = socket.create_connection(("127.0.0.1", server.port))
    stalled = socket.create_connection(("127.0.0.1", server.port))
    stalled.sendall(b"POST /track HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
    with idle, stalled:
        time.sleep(0.2)
        began = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - began < 10


def test_nothing_that_was_answered_is_lost_when_it_ends_under_load(make_server: MakeServer) -> None:
    server = make_server().start()
    project = server.project("Busy")
    answered: list[int] = []
    stopping = threading.Event()

    def send(sender: int) -> None:
        with httpx.Client(base_url=server.url, timeout=20) as http:
            mine = Project(http, project.id, project.write, project.read, project.root)
            number = 0
            while not stopping.is_set():
                number += 1
                event = view(f"d{sender}", "2026-03-02T00:00:00Z", id=f"{sender}-{number}")
                try:
                    answer = mine.post("/track", event)
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    answered.append(number)

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    assert server.terminate() == 0
    stopping.set()
    for thread in threads:
        thread.join()
    assert len(answered) > 50
    assert "Traceback" not in server.child.output, server.child.output[-2000:]
    server.start()
    project.settle()
    # A request may have been stored whose answer the end cut off.
    assert len(answered) <= project.metrics(**SPAN)["total_events"] <= len(answered) + len(threads)


def test_lines_for_machines(make_server: MakeServer) -> None:
    server = make_server(LOG_FORMAT="json", LOG_LEVEL="info").start()
    server.restart()  # the second start prints no welcome of many lines
    with socket.create_connection(("127.0.0.1", server.port)) as strange:
        strange.sendall(b"what is this\r\n\r\n")
        assert b" 400 " in strange.recv(1000)
    server.child.await_ready(lambda: "Invalid HTTP" in server.child.output)
    server.terminate()
    lines = [line for line in server.child.output.splitlines() if line.startswith("{")]
    assert lines
    for line in lines:
        assert {"time", "level", "logger", "message"} <= json.loads(line).keys()
    rest = [line for line in server.child.output.splitlines() if not line.startswith("{")]
    assert [line for line in rest if not line.startswith("Event Lens ")] == []


def test_it_may_listen_on_ipv6(make_server: MakeServer) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 here")
    server = make_server(HOST="::1")
    child = server.launch()

    def ready() -> bool:
        try:
            return httpx.get(f"http://[::1]:{server.port}/healthz/ready").status_code == 200
        except httpx.TransportError:
            return False

    child.await_ready(ready)
    assert f"http://localhost:{server.port}" in child.output


def exchange(server: Server, sent: bytes) -> bytes:
    """What comes back on a connection of its own until the server closes it or pauses."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.settimeout(1)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            pass
        return received


def test_what_only_sockets_can_do(server: Server, project: Project) -> None:
    """Chunked bodies, pipelining, `Expect`, garbage: on the shared server, which must live on."""
    body = b'{"type":"track","payload":{"name":"x"}}'
    head = b"POST /track HTTP/1.1\r\nhost: x\r\nuser-agent: " + BROWSER.encode() + b"\r\n"
    for name, value in project.write.headers.items():
        head += f"{name}: {value}\r\n".encode()
    length = b"content-length: %d\r\n" % len(body)
    chunked = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (9, body[:9], len(body) - 9, body[9:])
    assert exchange(server, head + b"transfer-encoding: chunked\r\n\r\n" + chunked).startswith(
        b"HTTP/1.1 200 "
    )
    twice = (head + length + b"\r\n" + body) * 2
    assert exchange(server, twice).count(b"HTTP/1.1 200 ") == 2
    expecting = exchange(server, head + length + b"expect: 100-continue\r\n\r\n" + body)
    assert expecting.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")
    too_large = head + b"content-length: 99999999999\r\n\r\n" + body
    assert exchange(server, too_large).startswith(b"HTTP/1.1 413 ")
    for strange in (b"\x16\x03\x01\x02", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 1000):
        answer = exchange(server, strange)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer
    assert exchange(server, b"HEAD /health HTTP/1.1\r\nhost: x\r\n\r\n").endswith(b"\r\n\r\n")
    assert b"\r\nserver:" not in exchange(server, b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").lower()
    assert server.http.get("/health").status_code == 200
