"""`/metrics`: what this process counts, and what it finds when it looks, for Prometheus.

Only who connects from the machine itself, a trusted proxy's address or EVENTLENS_METRICS_ALLOW is answered,
and only straight: whatever another one has forwarded is refused, wherever that one stands.
"""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from eventlens import __version__, machine, meters
from eventlens.api.route import Call, Route
from eventlens.api.sender import PROXY_HEADERS, headers_of, peer_of, read_address, within
from eventlens.errors import Forbidden, NotFound, QueueFull
from eventlens.queues.base import Queue
from eventlens.settings import Settings
from eventlens.store.base import Store

MEDIA = "text/plain; version=0.0.4; charset=utf-8"

MOST_COUNTED = 1_000
"""Dead letters are counted up to this many."""

_PATIENCE = 2.0
"""Seconds: what does not answer by then is not up, and the rest is told without it."""


class _Look:
    """Asks something that may hang, one at a time, without waiting for it for long."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._under_way: Future[None] | None = None
        self._lock = threading.Lock()

    def answers(self) -> bool:
        """Whether it answers in time, and nothing goes wrong."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way = Future()
                threading.Thread(target=self._run, args=(self._under_way,), name="look", daemon=True).start()
            waiting = self._under_way
        with suppress(TooLate):
            return waiting.exception(_PATIENCE) is None
        return False

    def _run(self, asked: Future[None]) -> None:
        try:
            self._ask()
        except Exception as error:  # noqa: BLE001  # whatever it is: it is not up
            asked.set_exception(error)
        else:
            asked.set_result(None)


class Readings(Collector):
    """Looks at what is not counted as it happens: queue, store, disk."""

    def __init__(
        self,
        settings: Settings,
        queue: Queue,
        store: Store,
        role: str,
        apart: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`apart` gives the number of the process that prepares what is stored, while there is one."""
        self._data = settings.data
        self._queue = queue
        self._apart = apart
        self._queue_look = _Look(self._read_queue)
        self._store_look = _Look(store.ping)
        self._of_queue: dict[str, float] = {}
        meters.BUILD.labels(__version__, role).set(1)

    def text(self) -> bytes:
        """All metrics as they are now. Takes a few milliseconds, some seconds where something hangs."""
        return generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        """What was counted, and what is found now; what cannot be known is left out, not told as it was."""
        yield from meters.REGISTRY.collect()
        found: dict[str, float | None] = {
            meters.QUEUE_UP: self._queue_look.answers(),
            meters.STORE_UP: self._store_look.answers(),
        }
        if found[meters.QUEUE_UP]:
            found |= self._of_queue
        for name, value in (found | self._read_machine()).items():
            if value is not None:
                yield GaugeMetricFamily(name, meters.METERS[name].meaning, value)

    def _read_queue(self) -> None:
        depth = self._queue.depth()
        found = {
            meters.QUEUE_EVENTS: depth.events,
            meters.QUEUE_AGE: depth.oldest_ms / 1000,
            meters.DEAD_LETTERS: self._queue.count_dead_letters(MOST_COUNTED),
            meters.QUEUE_ROOM: 1,
        }
        try:
            self._queue.check_room()
        except QueueFull:
            found[meters.QUEUE_ROOM] = 0
        self._of_queue = found

    def _read_machine(self) -> dict[str, float | None]:
        disk = shutil.disk_usage(self._data)
        apart = self._apart()
        return {
            meters.DISK_FREE: disk.free,
            meters.DISK_SIZE: disk.total,
            meters.MEMORY_LIMIT: machine.memory_limit(),
            meters.APART_MEMORY: None if apart is None else machine.resident_memory(apart),
        }


def may_read(settings: Settings, peer: str, *, forwarded: bool) -> bool:
    """Whether somebody at that address is told; `forwarded`: the request says that it came another way."""
    if forwarded:
        return False
    address = read_address(peer)
    if address is not None and address.is_loopback:
        return True
    return within(peer, settings.metrics_allow) or within(peer, settings.trusted_proxies)


async def metrics(call: Call) -> Response:
    """What the process counts, in Prometheus' text format."""
    scope = call.request.scope
    if scope.get("eventlens.root", "/") != "/":
        raise NotFound("There is no such route; /docs lists them all.")
    headers = headers_of(call.request.headers.raw)
    forwarded = any(name in headers for name in PROXY_HEADERS)
    if not may_read(call.services.settings, peer_of(scope), forwarded=forwarded):
        raise Forbidden(
            "Metrics are told to who connects from the machine itself or EVENTLENS_METRICS_ALLOW."
        )
    readings: Readings = call.request.app.state.readings
    return Response(await asyncio.to_thread(readings.text), media_type=MEDIA)


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/metrics",
        handler=metrics,
        access="public",
        tag="watching",
        summary="What this process counts, for Prometheus, to whoever connects from a trusted address.",
        media="text/plain",
    ),
)


class MetricsServer:
    """Answers /metrics and /healthz/live in a process that serves nothing else."""

    def __init__(self, settings: Settings, port: int, readings: Readings) -> None:
        """Listens on HOST. Raises OSError."""

        class Handler(BaseHTTPRequestHandler):
            timeout = 10  # seconds: nobody keeps a thread

            def do_GET(self) -> None:  # http.server's name
                """Answer."""
                status, media, body = self._answer()
                self.send_response(status)
                self.send_header("content-type", media)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _answer(self) -> tuple[int, str, bytes]:
                if self.path == "/healthz/live":
                    return 200, "application/json", b'{"live":true}'
                if self.path != "/metrics":
                    return 404, "text/plain", b"/metrics and /healthz/live\n"
                forwarded = any(self.headers.get(name.decode()) for name in PROXY_HEADERS)
                if not may_read(settings, self.client_address[0], forwarded=forwarded):
                    return 403, "text/plain", b"EVENTLENS_METRICS_ALLOW says who may read this.\n"
                return 200, MEDIA, readings.text()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
                """Say nothing: addresses do not belong into the log."""

        class Listening(ThreadingHTTPServer):
            address_family = 10 if ":" in settings.host else 2  # AF_INET6, AF_INET
            daemon_threads = True

        self._server = Listening((settings.host, port), Handler)
        threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
