"""What a process counts about itself, in one table: the metrics at `/metrics`, for Prometheus.

Rows are made here and nowhere else; whoever knows something changes its row. Labels come from tables of the
code (routes, statuses, reasons), never from what was sent: their number is bounded, and nobody's data is in
them. `describe` makes the reference page.
"""

from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds of what is usually quick: bounds of buckets."""
SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
PATIENT = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)


class Row(NamedTuple):
    """What is said of a metric: `kind` is counter, gauge or histogram."""

    kind: str
    meaning: str
    labels: tuple[str, ...] = ()


METERS: dict[str, Row] = {}
"""All rows, by name."""

disable_created_metrics()
REGISTRY = CollectorRegistry()
"""What is counted as it happens."""


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    METERS[name] = Row("counter", meaning, labels)
    return Counter(name, meaning, labels, registry=REGISTRY)


def _histogram(name: str, meaning: str, *labels: str, bounds: tuple[float, ...]) -> Histogram:
    METERS[name] = Row("histogram", meaning, labels)
    return Histogram(name, meaning, labels, registry=REGISTRY, buckets=bounds)


def _gauge(name: str, meaning: str, *labels: str) -> Gauge:
    METERS[name] = Row("gauge", meaning, labels)
    return Gauge(name, meaning, labels, registry=REGISTRY)


def _reading(name: str, meaning: str) -> str:
    """A gauge that is looked up whenever somebody asks, and left out while it cannot be known."""
    METERS[name] = Row("gauge", meaning)
    return name


# --- the table ---

BUILD = _gauge(
    "eventlens_build_info",
    "Always 1; which version this process is, and what it does (serve, api, worker).",
    "version",
    "role",
)

COLLECTED = _counter(
    "eventlens_collection_requests_total", "Requests to collection routes, by answer.", "route", "status"
)
COLLECTING = _histogram(
    "eventlens_collection_seconds",
    "From a whole request of collection to its answer: until its events are durable.",
    "route",
    bounds=FAST,
)
ACCEPTED = _counter(
    "eventlens_accepted_events_total", "Events that were accepted: made durable and answered so."
)
REFUSED = _counter(
    "eventlens_refused_total",
    "Refused: single events of a batch, or whole requests to collection, by the code of the answer.",
    "reason",
)
CONNECTIONS = _gauge("eventlens_connections", "Connections to the server that are open.")

REQUESTS = _counter(
    "eventlens_requests_total", "Requests to all other routes, by answer.", "method", "route", "status"
)
ANSWERING = _histogram(
    "eventlens_request_seconds",
    "From a request of any other route to its answer, by route: the times of questions.",
    "method",
    "route",
    bounds=SLOW,
)
ANSWERS = _counter(
    "eventlens_answers_total",
    "Questions by how they were answered: `hit` from the cache, `joined` an equal one under way, "
    "`miss` computed.",
    "how",
)

QUEUE_UP = _reading(
    "eventlens_queue_up", "1 while the queue answers, else 0; then nothing else is known of it."
)
QUEUE_ROOM = _reading(
    "eventlens_queue_room", "1 while the queue takes more, 0 while it is full and events get a 503."
)
QUEUE_EVENTS = _reading(
    "eventlens_queue_events", "Events that wait to be stored; of a shared queue, all of them."
)
QUEUE_AGE = _reading(
    "eventlens_queue_oldest_seconds", "How long the oldest event that is not stored has waited."
)
DEAD_LETTERS = _reading(
    "eventlens_dead_letters", "Records that could not be stored and are set aside; counted up to 1000."
)
STORE_UP = _reading("eventlens_store_up", "1 while the event store answers within two seconds, else 0.")

STORED = _counter(
    "eventlens_stored_events_total", "Events that this process has taken from the queue and stored."
)
BATCHES = _histogram(
    "eventlens_batch_seconds", "From the claim of a batch to its acknowledgement.", bounds=SLOW
)
BATCH_FAILURES = _counter(
    "eventlens_batch_failures_total",
    "Batches that could not be stored and are tried again: `store` does not answer, `taken_over` by another "
    "worker, `other`, which the log explains.",
    "reason",
)
BURIED = _counter(
    "eventlens_buried_records_total", "Records that this process has set aside as dead letters."
)
EXCLUDED = _counter(
    "eventlens_excluded_events_total",
    "Accepted events that are only counted apart, by reason (bot, ip, ...).",
    "reason",
)
LAG = _histogram(
    "eventlens_lag_seconds",
    "From acceptance until visible in answers, of the oldest event of each batch.",
    bounds=PATIENT,
)
INSERTS = _histogram(
    "eventlens_insert_seconds", "Inserts into the event store, by table.", "table", bounds=SLOW
)
INSERTED_BYTES = _counter(
    "eventlens_inserted_bytes_total", "Bytes of blocks handed to the event store.", "table"
)
STATEMENTS = _histogram(
    "eventlens_statement_seconds",
    "Statements of questions and look-ups that the event store answered.",
    bounds=SLOW,
)
ROLLUPS = _counter(
    "eventlens_rollups_computed_total", "Days and longer spans that this process has computed ahead."
)
SPANS = _counter(
    "eventlens_trace_spans_total",
    "Spans of traces: `sent` to the collector, `dropped` because it did not take them.",
    "outcome",
)

DISK_FREE = _reading("eventlens_disk_free_bytes", "Free on the disk of the data directory.")
DISK_SIZE = _reading("eventlens_disk_size_bytes", "Size of the disk of the data directory.")
MEMORY_LIMIT = _reading(
    "eventlens_memory_limit_bytes",
    "What this process and those beside it in its container may take; absent if unlimited.",
)
APART_MEMORY = _reading(
    "eventlens_apart_resident_memory_bytes",
    "Resident memory of the process that prepares what is stored, which `serve` starts.",
)
STANDARD: Mapping[str, Row] = {
    "process_cpu_seconds_total": Row("counter", "Processor time of this process."),
    "process_resident_memory_bytes": Row("gauge", "Resident memory."),
    "process_virtual_memory_bytes": Row("gauge", "Virtual memory."),
    "process_open_fds": Row("gauge", "Open files."),
    "process_max_fds": Row("gauge", "How many files may be open."),
    "process_start_time_seconds": Row("gauge", "When the process started, in seconds since 1970."),
}
"""What every client of Prometheus tells of its process (on Linux)."""
METERS.update(STANDARD)
ProcessCollector(registry=REGISTRY)


def describe() -> str:
    """The reference page of all metrics, as Markdown (docs/reference/metrics.md)."""
    lines = [
        "# Metrics",
        "",
        "`GET /metrics` of every `eventlens serve` process, in Prometheus' text format, for whoever connects",
        "from the machine itself, `TRUSTED_PROXIES` or `EVENTLENS_METRICS_ALLOW`; of `eventlens work` where",
        "`EVENTLENS_METRICS_PORT` is set. [Watching](../operate/watching.md) has dashboard and alerts.",
        "",
        "Each process counts for itself, from its start. What is said of a shared queue or store is the same",
        "from every process that says it: take the maximum of it, and the sum of counts.",
        "",
        "This page is made from the table in `eventlens/meters.py`.",
        "",
        "| name | kind | labels | meaning |",
        "|---|---|---|---|",
    ]
    for name, row in METERS.items():
        labels = ", ".join(f"`{label}`" for label in row.labels)
        lines.append(f"| `{name}` | {row.kind} | {labels} | {row.meaning} |")
    return "\n".join(lines) + "\n"
