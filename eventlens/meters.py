"""What a process counts about itself, in one table: the metrics at `/metrics`, for Prometheus.

Rows are made here and nowhere else; whoever knows something changes its row. Labels come from tables of the
code (routes, statuses, reasons), never from what was sent: their number is bounded, and nobody's data is in
them. `describe` makes the reference page.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

Label = str | int
Labels = tuple[Label, ...]

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds of what is usually quick: bounds of buckets."""
SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
PATIENT = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)


class Cell:
    """One number. `value` may be changed straight by a single thread; `Counter.add` is for any."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: float = 0


class Meter:
    """A row: its name as Prometheus knows it, what it says, the names of its labels."""

    kind: ClassVar[Literal["counter", "gauge", "histogram"]]

    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        self.name = name
        self.meaning = meaning
        self.labels = labels
        self._lock = threading.Lock()
        METERS[name] = self

    def samples(self) -> Iterator[tuple[str, str, float]]:
        """(name's ending, labels in braces, value) of every sample."""
        raise NotImplementedError

    def text(self) -> str:
        """The row as Prometheus reads it; '' while nothing is known."""
        lines = [
            f"{self.name}{ending}{labels} {_number(value)}\n" for ending, labels, value in self.samples()
        ]
        if not lines:
            return ""
        return f"# HELP {self.name} {self.meaning}\n# TYPE {self.name} {self.kind}\n" + "".join(lines)

    def _braces(self, labels: Labels, *more: tuple[str, str]) -> str:
        pairs = [*zip(self.labels, labels, strict=True), *more]
        return (
            "{" + ",".join(f'{name}="{_escaped(str(value))}"' for name, value in pairs) + "}" if pairs else ""
        )


METERS: dict[str, Meter] = {}
"""All rows, by name."""


class _Cells(Meter):
    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        super().__init__(name, meaning, *labels)
        self._cells: dict[Labels, Cell] = {}

    def cell(self, *labels: Label) -> Cell:
        """The number of these labels' values, made when it is asked for first."""
        found = self._cells.get(labels)
        if found is None:
            with self._lock:
                found = self._cells.setdefault(labels, Cell())
        return found

    def samples(self) -> Iterator[tuple[str, str, float]]:
        for labels, cell in sorted(self._cells.copy().items(), key=lambda item: tuple(map(str, item[0]))):
            yield "", self._braces(labels), cell.value


class Counter(_Cells):
    """A number that only grows, from the start of the process."""

    kind = "counter"

    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        super().__init__(name, meaning, *labels)
        if not labels:
            self.cell()  # 0 from the start: a rate knows nothing of what was not there before

    def add(self, count: float, *labels: Label) -> None:
        """Count; from any thread."""
        cell = self.cell(*labels)
        with self._lock:
            cell.value += count


class Gauge(_Cells):
    """A number that is read anew whenever somebody asks."""

    kind = "gauge"

    def set(self, value: float, *labels: Label) -> None:
        self.cell(*labels).value = value

    def forget(self) -> None:
        """It cannot be known just now: a number that is not true would be believed."""
        with self._lock:
            self._cells.clear()


class Spread:
    """How often something took how long. `observe` is for a single thread."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value


class Histogram(Meter):
    """How often something took how long, in buckets."""

    kind = "histogram"

    def __init__(self, name: str, meaning: str, *labels: str, bounds: Sequence[float]) -> None:
        super().__init__(name, meaning, *labels)
        self.bounds = bounds
        self._spreads: dict[Labels, Spread] = {}
        if not labels:
            self.spread()

    def spread(self, *labels: Label) -> Spread:
        """That of these labels' values, made when it is asked for first."""
        found = self._spreads.get(labels)
        if found is None:
            with self._lock:
                found = self._spreads.setdefault(labels, Spread(self.bounds))
        return found

    def observe(self, value: float, *labels: Label) -> None:
        """Count one; from any thread."""
        spread = self.spread(*labels)
        with self._lock:
            spread.observe(value)

    def samples(self) -> Iterator[tuple[str, str, float]]:
        for labels, spread in sorted(self._spreads.copy().items(), key=lambda item: tuple(map(str, item[0]))):
            total = 0
            for bound, count in zip((*map(_number, self.bounds), "+Inf"), tuple(spread.counts), strict=True):
                total += count
                yield "_bucket", self._braces(labels, ("le", bound)), total
            yield "_sum", self._braces(labels), spread.total
            yield "_count", self._braces(labels), total


# --- the table ---

BUILD = Gauge(
    "eventlens_build_info",
    "Always 1; which version this process is, and what it does (serve, api, worker).",
    "version",
    "role",
)

COLLECTED = Counter(
    "eventlens_collection_requests_total", "Requests to collection routes, by answer.", "route", "status"
)
COLLECTING = Histogram(
    "eventlens_collection_seconds",
    "From a whole request of collection to its answer: until its events are durable.",
    "route",
    bounds=FAST,
)
ACCEPTED = Counter(
    "eventlens_accepted_events_total", "Events that were accepted: made durable and answered so."
)
REFUSED = Counter(
    "eventlens_refused_total",
    "Refused: single events of a batch, or whole requests to collection, by the code of the answer.",
    "reason",
)
CONNECTIONS = Gauge("eventlens_connections", "Connections to the server that are open.")

REQUESTS = Counter(
    "eventlens_requests_total", "Requests to all other routes, by answer.", "method", "route", "status"
)
ANSWERING = Histogram(
    "eventlens_request_seconds",
    "From a request of any other route to its answer, by route: the times of questions.",
    "method",
    "route",
    bounds=SLOW,
)
ANSWERS = Counter(
    "eventlens_answers_total",
    "Questions by how they were answered: `hit` from the cache, `joined` an equal one under way, "
    "`miss` computed.",
    "how",
)

QUEUE_UP = Gauge("eventlens_queue_up", "1 while the queue answers, else 0; then nothing else is known of it.")
QUEUE_ROOM = Gauge(
    "eventlens_queue_room", "1 while the queue takes more, 0 while it is full and events get a 503."
)
QUEUE_EVENTS = Gauge(
    "eventlens_queue_events", "Events that wait to be stored; of a shared queue, all of them."
)
QUEUE_AGE = Gauge(
    "eventlens_queue_oldest_seconds", "How long the oldest event that is not stored has waited."
)
DEAD_LETTERS = Gauge(
    "eventlens_dead_letters", "Records that could not be stored and are set aside; counted up to 1000."
)
STORE_UP = Gauge("eventlens_store_up", "1 while the event store answers within two seconds, else 0.")

STORED = Counter(
    "eventlens_stored_events_total", "Events that this process has taken from the queue and stored."
)
BATCHES = Histogram(
    "eventlens_batch_seconds", "From the claim of a batch to its acknowledgement.", bounds=SLOW
)
BATCH_FAILURES = Counter(
    "eventlens_batch_failures_total",
    "Batches that could not be stored and are tried again: `store` does not answer, `taken_over` by another "
    "worker, `other`, which the log explains.",
    "reason",
)
BURIED = Counter("eventlens_buried_records_total", "Records that this process has set aside as dead letters.")
EXCLUDED = Counter(
    "eventlens_excluded_events_total",
    "Accepted events that are only counted apart, by reason (bot, ip, ...).",
    "reason",
)
LAG = Histogram(
    "eventlens_lag_seconds",
    "From acceptance until visible in answers, of the oldest event of each batch.",
    bounds=PATIENT,
)
INSERTS = Histogram(
    "eventlens_insert_seconds", "Inserts into the event store, by table.", "table", bounds=SLOW
)
INSERTED_BYTES = Counter(
    "eventlens_inserted_bytes_total", "Bytes of blocks handed to the event store.", "table"
)
STATEMENTS = Histogram(
    "eventlens_statement_seconds",
    "Statements of questions and look-ups that the event store answered.",
    bounds=SLOW,
)
ROLLUPS = Counter(
    "eventlens_rollups_computed_total", "Days and longer spans that this process has computed ahead."
)
SPANS = Counter(
    "eventlens_trace_spans_total",
    "Spans of traces: `sent` to the collector, `dropped` because it did not keep up.",
    "outcome",
)

DISK_FREE = Gauge("eventlens_disk_free_bytes", "Free on the disk of the data directory.")
DISK_SIZE = Gauge("eventlens_disk_size_bytes", "Size of the disk of the data directory.")
MEMORY_LIMIT = Gauge(
    "eventlens_memory_limit_bytes",
    "What this process and those beside it in its container may take; absent if unlimited.",
)
APART_MEMORY = Gauge(
    "eventlens_apart_resident_memory_bytes",
    "Resident memory of the process that prepares what is stored, which `serve` starts.",
)
CPU = Counter(
    "process_cpu_seconds_total", "Processor time of this process and of those it has started and that ended."
)
MEMORY = Gauge("process_resident_memory_bytes", "Resident memory.")
OPEN_FILES = Gauge("process_open_fds", "Open files.")
MOST_FILES = Gauge("process_max_fds", "How many files may be open.")
THREADS = Gauge("process_threads", "Threads of the operating system.")
STARTED = Gauge("process_start_time_seconds", "When the process started, in seconds since 1970.")


# --- writing ---


def exposition() -> str:
    """All rows in Prometheus' text format (0.0.4)."""
    return "".join(meter.text() for meter in METERS.values())


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


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
    for meter in METERS.values():
        labels = ", ".join(f"`{label}`" for label in meter.labels)
        lines.append(f"| `{meter.name}` | {meter.kind} | {labels} | {meter.meaning} |")
    return "\n".join(lines) + "\n"
