"""Traces: which requests, how many, and what becomes of them when nobody listens."""

import time
from collections.abc import Iterator

import pytest

from eventlens import tracing
from eventlens.meters import REGISTRY
from eventlens.tracing import SERVER, Span, Tracer, parent_of, request_id_of
from tests.support.collector import Collector
from tests.support.processes import free_port

PARENT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def test_a_caller_s_trace_goes_on_unless_it_is_not_recorded(collector: Collector):
    tracer = Tracer(collector.url + "/", "1.0", "serve", per_second=1000)
    span = tracer.begin("GET /x", PARENT)
    assert span is not None
    assert (span.trace, span.parent) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert tracer.begin("GET /x", PARENT[:-1] + b"0") is None
    for strange in (b"", b"nonsense", PARENT.upper(), b"00-" + b"0" * 32 + b"-" + b"1" * 16 + b"-01"):
        fresh = tracer.begin("GET /x", strange)
        assert fresh is not None
        assert fresh.parent == ""
    span.attributes = {"http.route": "/x", "count": 3}
    span.failed = True
    tracer.tell(span)
    tracer.close()
    (told,) = collector.spans()
    assert told["attributes"] == {"http.route": "/x", "count": 3}
    assert (told["kind"], told["status"]) == (SERVER, {"code": 2})
    assert int(told["endTimeUnixNano"]) >= int(told["startTimeUnixNano"]) > time.time_ns() - 60 * 10**9


def test_no_more_are_begun_in_a_second_than_was_allowed(collector: Collector):
    tracer = Tracer(collector.url, "1.0", "serve", per_second=3)
    began = time.time()
    some = [tracer.begin("GET /x", None) for _ in range(100)]
    assert 3 <= len([span for span in some if span is not None]) <= 3 * (2 + int(time.time() - began))
    tracer.close()


def _dropped() -> float:
    return REGISTRY.get_sample_value("eventlens_trace_spans_total", {"outcome": "dropped"}) or 0


def test_without_a_collector_spans_are_dropped_and_counted():
    before = _dropped()
    tracer = Tracer(f"http://127.0.0.1:{free_port()}", "1.0", "serve", per_second=10)
    for _ in range(5000):
        tracer.tell(Span("x", SERVER, "a" * 32, "", 1))
    tracer.close()
    assert _dropped() - before == 5000


def test_what_goes_on_with_an_event_is_read_again():
    span = Span("x", SERVER, "a" * 32, "", 1)
    assert parent_of(span.context) == (span.trace, span.id)
    assert parent_of("") is parent_of("é") is None


def test_nobody_traces_unless_told_to(collector: Collector):
    assert tracing.current() is None
    made = tracing.start(collector.url, "1.0", "serve", per_second=1)
    assert tracing.current() is made
    tracing.stop()
    assert tracing.current() is None
    tracing.stop()


def test_an_id_of_a_request_is_believed_only_if_it_can_be_nothing_else():
    assert request_id_of(b"5f0c1a52-3f3e-4c57-9d2b-6f2f3f9b4711") == "5f0c1a52-3f3e-4c57-9d2b-6f2f3f9b4711"
    for strange in (None, b"", b"short", b"somebody@example.com", b"\xff" * 20, b"a" * 65, b"a" * 20 + b"\n"):
        assert len(request_id_of(strange)) == 32
