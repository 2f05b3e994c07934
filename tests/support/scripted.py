"""A server that answers what a test tells it to, and keeps what it was sent."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Said(NamedTuple):
    """An answer: status, body, headers; status 0 breaks the connection off instead."""

    status: int
    body: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012  # never changed


def accepted(events: int) -> Said:
    """As the server says that a batch is on disk."""
    return Said(200, json.dumps({"success": True, "accepted": events, "rejected": []}))


class Scripted:
    """Answers with `script`, one after another, then accepts everything."""

    def __init__(self) -> None:
        self.script: list[Said] = []
        self.batches: list[list[dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.gate = threading.Event()
        """Answers wait for it."""
        self.gate.set()
        self.url = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches for event in batch]

    def answer(self, body: bytes, headers: dict[str, str]) -> Said:
        batch = json.loads(gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body)[
            "events"
        ]
        self.batches.append(batch)
        self.headers.append(headers)
        self.gate.wait(60)
        return self.script.pop(0) if self.script else accepted(len(batch))


def _handler(answer: Callable[[bytes, dict[str, str]], Said]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = answer(self.rfile.read(int(headers["content-length"])), headers)
            if said.status == 0:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body.encode())))
            self.end_headers()
            self.wfile.write(said.body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked has gone: that is what some tests are about."""


@contextmanager
def scripted() -> Iterator[Scripted]:
    """One that listens on a free port of loopback until the end of the block."""
    it = Scripted()
    server = _Server(("127.0.0.1", 0), _handler(it.answer))
    it.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield it
    finally:
        it.gate.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
