"""Traces: which requests, how many, and what becomes of them when nobody listens."""

import time
from collections.abc import Iterator

import pytest

from eventlens.meters import REGISTRY
from eventlens.spans import Tracer
from tests.support.collector import Collector
from tests.support.processes import free_port

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{CALLER}-01".encode()
SERVER = 2
ERROR = 2


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def test_a_caller_s_trace_goes_on_unless_it_is_not_recorded(collector: Collector):
    tracer = Tracer(collector.url + "/", "1.0", "serve", per_second=1000)
    span = tracer.begin("GET /x", PARENT)
    assert span is not None
    assert tracer.begin("GET /x", PARENT[:-1] + b"0") is None
    tracer.end(span, {"http.route": "/x", "http.response.status_code": 503})
    strange = (b"", b"nonsense", b"\xff" * 55, b"00-" + b"0" * 32 + b"-" + b"1" * 16 + b"-01")
    for each in strange:
        fresh = tracer.begin("GET /fresh", each)
        assert fresh is not None
        tracer.end(fresh, {"http.response.status_code": 200})
    tracer.close()
    told = next(each for each in collector.spans() if each["name"] == "GET /x")
    assert (told["traceId"], told["parentSpanId"]) == (TRACE, CALLER)
    assert told["attributes"] == {"http.route": "/x", "http.response.status_code": 503}
    assert (told["kind"], told["status"]) == (SERVER, {"code": ERROR})
    assert int(told["endTimeUnixNano"]) >= int(told["startTimeUnixNano"]) > time.time_ns() - 60 * 10**9
    begun = [each for each in collector.spans() if each["name"] == "GET /fresh"]
    assert len({each["traceId"] for each in begun}) == len(strange)
    assert not [each for each in begun if "parentSpanId" in each or each.get("status")]


def test_no_more_are_begun_in_a_second_than_was_allowed(collector: Collector):
    tracer = Tracer(collector.url, "1.0", "serve", per_second=3)
    began = time.time()
    some = [tracer.begin("GET /x", None) for _ in range(100)]
    assert 3 <= len([span for span in some if span is not None]) <= 3 * (2 + int(time.time() - began))
    tracer.close()


def test_what_goes_on_with_an_event_is_read_again(collector: Collector):
    tracer = Tracer(collector.url, "1.0", "worker", per_second=10)
    span = tracer.begin("POST /track", PARENT)
    assert span is not None
    carried = tracer.read(tracer.traceparent(span))
    assert carried is not None
    tracer.tell("wait in the queue", "internal", carried, 1_000, 2_000)
    assert tracer.read("") is tracer.read("\u00e9") is None
    tracer.close()
    (told,) = collector.spans()
    assert told["parentSpanId"] == tracer.traceparent(span).split("-")[2]
    assert (told["startTimeUnixNano"], told["endTimeUnixNano"]) == ("1000", "2000")


def _dropped() -> float:
    return REGISTRY.get_sample_value("eventlens_trace_spans_total", {"outcome": "dropped"}) or 0


def test_without_a_collector_spans_are_dropped_and_counted():
    before = _dropped()
    tracer = Tracer(f"http://127.0.0.1:{free_port()}", "1.0", "serve", per_second=10)
    request = tracer.read(PARENT.decode())
    assert request is not None
    for _ in range(500):
        tracer.tell("insert events", "client", request, 1, 2)
    began = time.monotonic()
    tracer.close()
    assert time.monotonic() - began < 15
    assert _dropped() - before == 500
