"""A raw connection: bytes in, answers out, nothing tidied up on the way."""

import itertools
import json
import socket
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from tests.support.project import BROWSER, Project

_numbers = itertools.count()


class Answer(NamedTuple):
    """One answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """A connection to a server on this machine. Whatever it waits for, it waits `seconds` at most."""

    def __init__(self, port: int, seconds: float = 10) -> None:
        self._seconds = seconds
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *parts: bytes) -> Self:
        """Send each part in a packet of its own; a server that hung up meanwhile is no error."""
        for number, part in enumerate(parts):
            if number:
                time.sleep(0.002)
            try:
                self.socket.sendall(part)
            except OSError:
                break
        return self

    def answer(self, *, to_head: bool = False) -> Answer | None:
        """The next answer; None when the server hung up instead. Raises TimeoutError when neither comes."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split(" ")[1])
        if to_head or status in (100, 204):
            return Answer(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Answer(status, headers, self._chunks())
        return Answer(status, headers, self._exactly(int(headers["content-length"])))

    def answers(self) -> list[Answer]:
        """Every answer until the server hangs up."""
        found: list[Answer] = []
        while (answer := self.answer()) is not None:
            found.append(answer)
        return found

    def _more(self) -> bool:
        deadline = time.monotonic() + self._seconds
        self.socket.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            part = self.socket.recv(1 << 16)
        except ConnectionError:
            return False
        self._data += part
        return bool(part)

    def _until(self, end: bytes) -> bytes | None:
        while end not in self._data:
            if not self._more():
                assert not self._data, f"half an answer: {self._data!r}"
                return None
        found, _, self._data = self._data.partition(end)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._data) < size:
            assert self._more(), f"half a body: {self._data!r}"
        found, self._data = self._data[:size], self._data[size:]
        return found

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = self._until(b"\r\n")
            assert size is not None
            chunk = self._exactly(int(size, 16) + 2)[:-2]
            if not chunk:
                return body
            body += chunk


def request(
    body: bytes, headers: Mapping[str, str], path: str = "/track", method: str = "POST", version: str = "1.1"
) -> bytes:
    """A request as a plain client would write it."""
    lines = {"host": "x", "content-type": "application/json", "content-length": str(len(body)), **headers}
    first = f"{method} {path} HTTP/{version}"
    head = "\r\n".join([first, *(f"{name}: {text}" for name, text in lines.items()), "", ""])
    return head.encode("latin-1") + body


class Sender:
    """Requests of one client, with ids that tell afterwards what was stored."""

    def __init__(self, project: Project) -> None:
        self.port = project.http.base_url.port or 0
        self.headers = {"user-agent": BROWSER, **project.write.headers}
        self._project = project

    def event(self, name: str) -> bytes:
        return json.dumps({"type": "track", "payload": {"name": "x", "id": name, "deviceId": "d"}}).encode()

    def post(self, name: str = "", **headers: str) -> bytes:
        """A whole request on /track."""
        named = {header.replace("_", "-"): text for header, text in headers.items()}
        return request(self.event(name or f"plain-{next(_numbers)}"), {**self.headers, **named})

    def raw(self, *lines: bytes, body: bytes = b"", first: bytes = b"POST /track HTTP/1.1") -> bytes:
        """A request with these lines beside credentials, and no length but theirs."""
        own = [f"{name}: {text}".encode() for name, text in self.headers.items()]
        return b"\r\n".join([first, b"host: x", *own, *lines, b"", body])

    def stored(self) -> set[str]:
        """Ids of all that was ever stored."""
        self._project.settle()
        return {row["id"] for row in self._project.events(range="today", limit=1000)}


def still_works(sender: Sender) -> None:
    """The server takes an event, whatever happened to it before."""
    with Wire(sender.port) as wire:
        answer = wire.send(sender.post()).answer()
        assert answer is not None
        assert answer.status == 200
