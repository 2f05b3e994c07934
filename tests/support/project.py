"""One project as an outsider sees it: send events, ask questions."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import httpx

BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
"""A browser's user agent, so that nothing sent here looks like a program."""

Event = dict[str, Any]
"""One event as it goes over the wire: {"type", "payload"}."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and secret."""

    id: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        return {"event-lens-client-id": self.id, "event-lens-client-secret": self.secret}


def iso(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def view(device: str, at: str | float, path: str = "/", **more: Any) -> Event:
    """A screen view of a device at a time (ISO, or seconds since the epoch)."""
    return track("screen_view", device, at, path=path, **more)


def track(name: str, device: str | None, at: str | float, **more: Any) -> Event:
    """A track event of a device at a time."""
    stamp = at if isinstance(at, str) else iso(at)
    payload = {"name": name, "deviceId": device, "timestamp": stamp, **more}
    return {"type": "track", "payload": {key: value for key, value in payload.items() if value is not None}}


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its three clients."""

    http: httpx.Client
    id: str
    write: Credentials
    read: Credentials
    root: Credentials
    drain: Callable[[], None] | None = None
    """Applies what waits, where the test has the worker in its hands."""

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """POST JSON as the write client with a browser's user agent."""
        return self.http.post(
            path, json=body, headers={"user-agent": BROWSER, **self.write.headers, **headers}
        )

    def track(self, name: str, **payload: Any) -> httpx.Response:
        """One event on /track."""
        return self.post("/track", {"type": "track", "payload": {"name": name, **payload}})

    def send(self, events: Sequence[Event], *, size: int = 100) -> int:
        """Send events through /track/batch; every one must be accepted. Gives their number."""
        for batch in batches(events, size):
            answer = self.post("/track/batch", {"events": batch})
            assert answer.status_code == 200, answer.text
            assert answer.json()["accepted"] == len(batch), answer.text
        return len(events)

    def get(self, question: str, **parameters: Any) -> httpx.Response:
        """GET /insights/{project}/question as the read client."""
        return self.http.get(
            f"/insights/{self.id}/{question}",
            params=parameters,
            headers={**self.read.headers, "user-agent": BROWSER},
        )

    def ask(self, question: str, **parameters: Any) -> Any:
        """The `data` of an answer that must be a good one."""
        answer = self.get(question, **parameters)
        assert answer.status_code == 200, f"{question} {parameters}: {answer.status_code} {answer.text}"
        return answer.json()["data"]

    def metrics(self, **parameters: Any) -> dict[str, Any]:
        return self.ask("metrics", **parameters)

    def pages(self, question: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of all pages of an answer, in order."""
        rows: list[dict[str, Any]] = []
        cursor: Mapping[str, Any] = {}
        while True:
            answer = self.get(question, **parameters, **cursor)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            rows += page["data"]
            if page["meta"]["next_cursor"] is None:
                return rows
            cursor = {"cursor": page["meta"]["next_cursor"]}

    def events(self, **parameters: Any) -> list[dict[str, Any]]:
        """Every event of the explorer, all pages of it."""
        return self.pages("events", **parameters)

    def settle(self, seconds: float = 60) -> None:
        """Wait until everything that was accepted so far is in the answers: nothing waits in the queue."""
        if self.drain is not None:
            self.drain()
            return
        deadline = time.monotonic() + seconds
        while self.http.get("/healthz/ready").json().get("queue", {}).get("events") != 0:
            assert time.monotonic() < deadline, f"not settled after {seconds} s"
            time.sleep(0.02)
