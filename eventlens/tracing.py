"""Traces, told to a collector by OTLP: where the time of a request goes, from its arrival until it is stored.

Off unless an endpoint is set (`start`), and then nothing here runs: whoever could begin a trace asks
`current` once. A trace says routes, statuses, tables, counts and times; nothing of what was sent.

A trace is begun for a few requests a second, not for a share of them: what it costs is known beforehand. The
caller's own trace (`traceparent`) goes on where it wants to be recorded.
"""

import json
import logging
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from eventlens.meters import SPANS

log = logging.getLogger(__name__)

INTERNAL, SERVER, CLIENT, CONSUMER = 1, 2, 3, 5
"""Kinds of spans, as OTLP numbers them."""

_MOST_WAITING = 4096
_MOST_AT_ONCE = 1024
_SEND_SECONDS = 1.0
_ANSWER_SECONDS = 5.0
_COMPLAIN_SECONDS = 300.0

_PARENT = re.compile(rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_RECORDED = 1

Value = str | int

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered, for the log."""

_REQUEST_ID = re.compile(r"[0-9a-fA-F-]{16,64}")


def request_id_of(stated: bytes | None) -> str:
    """The id by which a proxy knows a request, if it is nothing but one; else a new one."""
    text = stated.decode("latin-1") if stated else ""
    return text if _REQUEST_ID.fullmatch(text) else secrets.token_hex(16)


Noted = list[tuple[str, int, int, int]]

inserts: ContextVar[Noted | None] = ContextVar("inserts", default=None)
"""Where the store notes (table, begin, end, bytes) of each insert while somebody wants to know. Times: ns."""


@dataclass(slots=True)
class Span:
    """A piece of a trace. Times are nanoseconds since the epoch; ids are hexadecimal."""

    name: str
    kind: int
    trace: str
    parent: str
    start: int
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    end: int = 0
    attributes: dict[str, Value] = field(default_factory=dict[str, Value])
    failed: bool = False

    @property
    def context(self) -> str:
        """What others go on with: a `traceparent`."""
        return f"00-{self.trace}-{self.id}-01"

    def child(self, name: str, kind: int, start: int) -> "Span":
        return Span(name, kind, self.trace, self.id, start)


def parent_of(context: str) -> tuple[str, str] | None:
    """(trace, span) of a `traceparent`; None where it is none."""
    found = _PARENT.fullmatch(context.encode("latin-1", "replace"))
    return (found[1].decode(), found[2].decode()) if found else None


class Tracer:
    """Begins traces and tells of them, from a thread of its own. Safe from any thread."""

    def __init__(self, endpoint: str, version: str, role: str, *, per_second: int) -> None:
        """`endpoint`: of OTLP over HTTP, without its /v1/traces; `per_second`: traces begun at most."""
        self._url = f"{endpoint.rstrip('/')}/v1/traces"
        self._about = {"service.name": "event-lens", "service.version": version, "eventlens.role": role}
        self._per_second = per_second
        self._second = 0
        self._begun = 0
        self._waiting: deque[Span] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._complained = -_COMPLAIN_SECONDS
        # By itself, whatever proxy the environment names: a collector is a neighbour.
        self._opener = build_opener(ProxyHandler({}))
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self._thread.start()

    def begin(self, name: str, traceparent: bytes | None) -> Span | None:
        """The span of a request that has just come, if it is one of those that are traced."""
        found = _PARENT.fullmatch(traceparent) if traceparent else None
        if found is not None and not int(found[3], 16) & _RECORDED:
            return None
        now = time.time_ns()
        second = now // 1_000_000_000
        if second != self._second:
            self._second, self._begun = second, 0
        if self._begun >= self._per_second:
            return None
        self._begun += 1
        trace, parent = (found[1].decode(), found[2].decode()) if found else (secrets.token_hex(16), "")
        return Span(name, SERVER, trace, parent, now)

    def tell(self, span: Span) -> None:
        """A span has ended."""
        span.end = span.end or time.time_ns()
        if len(self._waiting) >= _MOST_WAITING:
            SPANS.labels("dropped").inc()
            return
        self._waiting.append(span)

    def close(self) -> None:
        """Tell what is left, if that takes no longer than an answer may."""
        self._closing = True
        self._wake.set()
        self._thread.join(_ANSWER_SECONDS + 1)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(_SEND_SECONDS)
            while self._waiting:
                count = min(len(self._waiting), _MOST_AT_ONCE)
                self._send([self._waiting.popleft() for _ in range(count)])

    def _send(self, spans: list[Span]) -> None:
        scope = {"scope": {"name": "eventlens"}, "spans": [_told(span) for span in spans]}
        document = {
            "resourceSpans": [{"resource": {"attributes": _pairs(self._about)}, "scopeSpans": [scope]}]
        }
        request = Request(  # noqa: S310  # http or https: the setting's kind says so
            self._url, json.dumps(document).encode(), {"content-type": "application/json"}
        )
        try:
            with self._opener.open(request, timeout=_ANSWER_SECONDS) as answer:
                answer.read()
        except OSError as error:
            SPANS.labels("dropped").inc(len(spans))
            if time.monotonic() - self._complained >= _COMPLAIN_SECONDS:
                self._complained = time.monotonic()
                log.warning("traces cannot be sent to OTEL_EXPORTER_OTLP_ENDPOINT: %s", error)
        else:
            SPANS.labels("sent").inc(len(spans))


def _told(span: Span) -> dict[str, Any]:
    told: dict[str, Any] = {
        "traceId": span.trace,
        "spanId": span.id,
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.end),
        "attributes": _pairs(span.attributes),
        "status": {"code": 2} if span.failed else {},
    }
    if span.parent:
        told["parentSpanId"] = span.parent
    return told


def _pairs(attributes: Mapping[str, Value]) -> list[dict[str, Any]]:
    return [
        {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for name, value in attributes.items()
    ]


class _Current:
    tracer: Tracer | None = None


def start(endpoint: str, version: str, role: str, *, per_second: int) -> Tracer:
    """Trace from now on. Whoever starts it stops it."""
    _Current.tracer = Tracer(endpoint, version, role, per_second=per_second)
    return _Current.tracer


def stop() -> None:
    """Tell what is left, and trace no more."""
    if _Current.tracer is not None:
        _Current.tracer.close()
        _Current.tracer = None


def current() -> Tracer | None:
    """Who tells of traces; None where nobody wants to know."""
    return _Current.tracer
