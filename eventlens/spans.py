"""Spans of traces, told to a collector by OpenTelemetry: where the time of a request goes until it is stored.

A trace says routes, statuses, tables, counts and times; nothing of what was sent. It is begun for a few
requests a second, not for a share of them: what it costs is known beforehand. The caller's own trace
(`traceparent`) goes on where it wants to be recorded.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Literal

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanKind, StatusCode, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from requests import Session

from eventlens.meters import SPANS

log = logging.getLogger(__name__)

_MOST_WAITING = 4096
_MOST_AT_ONCE = 1024
_SEND_MS = 1000
_ANSWER_SECONDS = 5
_COMPLAIN_SECONDS = 300.0

_KINDS = {"internal": SpanKind.INTERNAL, "client": SpanKind.CLIENT, "consumer": SpanKind.CONSUMER}

_propagator = TraceContextTextMapPropagator()


class Tracer:
    """Begins spans, and tells of them from a thread of its own. Safe from any thread."""

    def __init__(self, endpoint: str, version: str, role: str, *, per_second: int) -> None:
        """`endpoint`: of OTLP over HTTP, without its /v1/traces; `per_second`: traces begun at most."""
        self._per_second = per_second
        self._second = 0
        self._begun = 0
        about = {"service.name": "event-lens", "service.version": version, "eventlens.role": role}
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                _Counted(f"{endpoint.rstrip('/')}/v1/traces"),
                max_queue_size=_MOST_WAITING,
                schedule_delay_millis=_SEND_MS,
                max_export_batch_size=_MOST_AT_ONCE,
            )
        )
        self._tracer = self._provider.get_tracer("eventlens", version)

    def begin(self, name: str, traceparent: bytes | None) -> Span | None:
        """The span of a request that has just come, if it is one of those that are traced."""
        second = time.time_ns() // 1_000_000_000
        if second != self._second:
            self._second, self._begun = second, 0
        if self._begun >= self._per_second:
            return None
        parent = self.read(traceparent.decode("latin-1") if traceparent else "")
        if parent is not None and not get_current_span(parent).get_span_context().trace_flags.sampled:
            return None
        self._begun += 1
        return self._tracer.start_span(name, parent or Context(), SpanKind.SERVER)

    def tell(  # what a span is
        self,
        name: str,
        kind: Literal["internal", "client", "consumer"],
        parent: Context,
        start: int,
        end: int,
        attributes: Mapping[str, str | int] | None = None,
    ) -> Context:
        """Tell of what was between two times (ns since the epoch); gives what is beneath it."""
        span = self._tracer.start_span(name, parent, _KINDS[kind], attributes, start_time=start)
        span.end(end)
        return set_span_in_context(span, parent)

    def end(self, span: Span, attributes: Mapping[str, str | int]) -> None:
        """The request of a span was answered."""
        span.set_attributes(attributes)
        if int(attributes["http.response.status_code"]) >= 500:  # the server's mistakes
            span.set_status(StatusCode.ERROR)
        span.end()

    def traceparent(self, span: Span) -> str:
        """What others go on with."""
        carrier: dict[str, str] = {}
        _propagator.inject(carrier, set_span_in_context(span, Context()))
        return carrier["traceparent"]

    def read(self, traceparent: str) -> Context | None:
        """What a `traceparent` leads to; None where it is none."""
        found = _propagator.extract({"traceparent": traceparent}, Context())
        return found if get_current_span(found).get_span_context().is_valid else None

    def close(self) -> None:
        """Tell what is left, if that takes no longer than an answer may."""
        self._provider.shutdown()


class _Counted(SpanExporter):
    """Sends spans, counts what becomes of them, and complains now and then."""

    def __init__(self, url: str) -> None:
        session = Session()
        session.trust_env = False  # whatever proxy the environment names: a collector is a neighbour
        self._exporter = OTLPSpanExporter(url, timeout=_ANSWER_SECONDS, session=session)
        self._complained = -_COMPLAIN_SECONDS
        # It says so of every batch, and with its whole answer.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send some."""
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            SPANS.labels("sent").inc(len(spans))
        else:
            SPANS.labels("dropped").inc(len(spans))
            if time.monotonic() - self._complained >= _COMPLAIN_SECONDS:
                self._complained = time.monotonic()
                log.warning("traces cannot be sent to OTEL_EXPORTER_OTLP_ENDPOINT")
        return result

    def shutdown(self) -> None:
        """Send no more."""
        self._exporter.shutdown()
