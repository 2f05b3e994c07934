"""How long after it was sent an event is in the answers, while the server is busy with others."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlencode

from benchmarks.serving import Server

Json = dict[str, Any]

NAME = "probe"
EVERY_SECONDS = 0.2
PAUSE_SECONDS = 0.05
"""Between two questions; a probe is seen at most this, and the question's own time, too late."""

AT_ONCE = 100
"""Newest probes that a question asks for: those of the last twenty seconds."""

LONGEST_SECONDS = 60


class Probes:
    """Sends marked events at even distances and asks for them until each has appeared, as long as `with`.

    Whoever leaves the block waits until the last one is there.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._over = threading.Event()
        self._problem = ""
        self._sent: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self.posts: list[float] = []
        self.questions: list[float] = []
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._send, self._ask)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def figures(self, since: float, until: float) -> Json:
        """Of probes sent between two moments of the monotonic clock: milliseconds from sending to the answer
        that shows it, and what asking cost.
        """
        unseen = len(self._sent) - len(self._seen)
        if self._problem or unseen or not self._seen:
            sys.exit(self._problem or f"{unseen} of {len(self._sent)} probes did not appear")
        waited = [self._seen[each] - sent for each, sent in self._sent.items() if since <= sent <= until]
        return {
            "probes": len(waited),
            **spread(waited),
            "post": spread(self.posts),
            "question": spread(self.questions),
        }

    def _send(self) -> None:
        connection = self._connect()
        headers = {**self._server.headers("write"), "content-type": "application/json"}
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            due += EVERY_SECONDS
            identity = f"{NAME}-{len(self._sent)}"
            payload = {"name": NAME, "id": identity, "deviceId": f"{NAME}-device"}
            began = time.monotonic()
            connection.request("POST", "/track", json.dumps({"type": "track", "payload": payload}), headers)
            self._answer(connection)
            self.posts.append(time.monotonic() - began)
            self._sent[identity] = began

    def _ask(self) -> None:
        connection = self._connect()
        wanted = json.dumps([{"name": "name", "operator": "is", "value": [NAME]}])
        query = urlencode({"range": "lastHour", "limit": AT_ONCE, "filters": wanted})
        url = f"/insights/{self._server.project_id}/events?{query}"
        ends: float | None = None
        while ends is None or (len(self._seen) < len(self._sent) and time.monotonic() < ends):
            if ends is None and self._over.is_set() and not self._threads[0].is_alive():
                ends = time.monotonic() + LONGEST_SECONDS
            began = time.monotonic()
            connection.request("GET", url, headers=self._server.headers("read"))
            body = self._answer(connection)
            now = time.monotonic()
            self.questions.append(now - began)
            for row in json.loads(body).get("data", []):
                self._seen.setdefault(row["id"], now)
            time.sleep(PAUSE_SECONDS)

    def _answer(self, connection: http.client.HTTPConnection) -> bytes:
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            self._problem = f"a probe failed: {answer.status} {body[:300]!r}"
        return body

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)


def spread(seconds: Sequence[float]) -> Json:
    """p50, p99 and the highest, in milliseconds."""
    ordered = sorted(seconds)
    count = len(ordered)
    return {
        "p50_ms": round(1000 * ordered[count // 2], 1),
        "p99_ms": round(1000 * ordered[count * 99 // 100], 1),
        "max_ms": round(1000 * ordered[-1], 1),
    }
