"""Writes deploy/grafana/dashboards/eventlens.json from the table below; `make docs` runs it."""

import json
from dataclasses import dataclass
from typing import Any

_SOURCE = {"type": "prometheus", "uid": "${source}"}
_MINE = '{job="$job",instance=~"$instance"}'


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture: title, unit, (legend, PromQL) of its lines; `meaning` is shown beside the title."""

    title: str
    unit: str
    lines: tuple[tuple[str, str], ...]
    meaning: str = ""
    kind: str = "timeseries"
    width: int = 8


def _rate(metric: str, by: str = "") -> str:
    per = f" by ({by})" if by else ""
    return f"sum{per} (rate({metric}{_MINE}[$__rate_interval]))"


def _quantiles(metric: str, more: str = "") -> tuple[tuple[str, str], ...]:
    mine = _MINE.replace("}", more + "}")
    return tuple(
        (name, f"histogram_quantile({at}, sum by (le) (rate({metric}_bucket{mine}[$__rate_interval])))")
        for name, at in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    )


_ROUTES = ',route=~"/insights/.*"'

ROWS: dict[str, tuple[Panel, ...]] = {
    "At a glance": (
        Panel("Accepted", "reqps", (("", _rate("eventlens_accepted_events_total")),), kind="stat", width=4),
        Panel("Stored", "reqps", (("", _rate("eventlens_stored_events_total")),), kind="stat", width=4),
        Panel("Waiting", "short", (("", f"max(eventlens_queue_events{_MINE})"),), kind="stat", width=4),
        Panel("Oldest", "s", (("", f"max(eventlens_queue_oldest_seconds{_MINE})"),), kind="stat", width=4),
        Panel("Dead letters", "short", (("", f"max(eventlens_dead_letters{_MINE})"),), kind="stat", width=4),
        Panel(
            "Queue, room, store",
            "short",
            (
                ("queue", f"min(eventlens_queue_up{_MINE})"),
                ("room", f"min(eventlens_queue_room{_MINE})"),
                ("store", f"min(eventlens_store_up{_MINE})"),
            ),
            "1 is well.",
            kind="stat",
            width=4,
        ),
    ),
    "Collection": (
        Panel(
            "Events a second",
            "short",
            (
                ("accepted", _rate("eventlens_accepted_events_total")),
                ("stored", _rate("eventlens_stored_events_total")),
                ("counted apart: {{reason}}", _rate("eventlens_excluded_events_total", "reason")),
            ),
        ),
        Panel(
            "Until durable", "s", _quantiles("eventlens_collection_seconds"), "From a request to its answer."
        ),
        Panel("Refused, by reason", "short", (("{{reason}}", _rate("eventlens_refused_total", "reason")),)),
        Panel(
            "Answers",
            "reqps",
            (("{{route}} {{status}}", _rate("eventlens_collection_requests_total", "route, status")),),
        ),
        Panel("Connections", "short", (("{{instance}}", f"eventlens_connections{_MINE}"),)),
    ),
    "From the queue into the store": (
        Panel("Waiting events", "short", (("events", f"max(eventlens_queue_events{_MINE})"),)),
        Panel("Age of the oldest", "s", (("oldest", f"max(eventlens_queue_oldest_seconds{_MINE})"),)),
        Panel("Accepted to visible", "s", _quantiles("eventlens_lag_seconds"), "Oldest event of each batch."),
        Panel("Batches", "s", _quantiles("eventlens_batch_seconds")),
        Panel(
            "Inserts, 95 of 100 faster",
            "s",
            (
                (
                    "{{table}}",
                    (
                        "histogram_quantile(0.95, sum by (le, table) "
                        f"(rate(eventlens_insert_seconds_bucket{_MINE}[$__rate_interval])))"
                    ),
                ),
            ),
        ),
        Panel("Inserted bytes", "Bps", (("{{table}}", _rate("eventlens_inserted_bytes_total", "table")),)),
        Panel(
            "What fails",
            "short",
            (
                ("batches: {{reason}}", _rate("eventlens_batch_failures_total", "reason")),
                ("set aside", _rate("eventlens_buried_records_total")),
            ),
        ),
        Panel("Computed ahead", "short", (("spans", _rate("eventlens_rollups_computed_total")),)),
        Panel(
            "Spans of traces", "short", (("{{outcome}}", _rate("eventlens_trace_spans_total", "outcome")),)
        ),
    ),
    "Questions": (
        Panel("Until answered", "s", _quantiles("eventlens_request_seconds", _ROUTES)),
        Panel(
            "Mean, by route",
            "s",
            (
                (
                    "{{route}}",
                    (
                        f"{_rate('eventlens_request_seconds_sum', 'route')} / "
                        f"{_rate('eventlens_request_seconds_count', 'route')}"
                    ),
                ),
            ),
        ),
        Panel("Answered from", "short", (("{{how}}", _rate("eventlens_answers_total", "how")),)),
        Panel("Answers", "reqps", (("{{status}}", _rate("eventlens_requests_total", "status")),)),
        Panel("Statements", "s", _quantiles("eventlens_statement_seconds")),
    ),
    "Processes": (
        Panel(
            "Memory",
            "bytes",
            (
                ("{{instance}}", f"process_resident_memory_bytes{_MINE}"),
                ("{{instance}} apart", f"eventlens_apart_resident_memory_bytes{_MINE}"),
                ("{{instance}} limit", f"eventlens_memory_limit_bytes{_MINE}"),
            ),
        ),
        Panel(
            "Processor",
            "percentunit",
            (("{{instance}}", f"rate(process_cpu_seconds_total{_MINE}[$__rate_interval])"),),
        ),
        Panel(
            "Disk in use",
            "percentunit",
            (("{{instance}}", f"1 - eventlens_disk_free_bytes{_MINE} / eventlens_disk_size_bytes{_MINE}"),),
        ),
        Panel(
            "Open files",
            "percentunit",
            (("{{instance}}", f"process_open_fds{_MINE} / process_max_fds{_MINE}"),),
        ),
        Panel("Virtual memory", "bytes", (("{{instance}}", f"process_virtual_memory_bytes{_MINE}"),)),
        Panel(
            "Running for",
            "s",
            (
                (
                    "{{instance}} {{role}} {{version}}",
                    (
                        f"(time() - process_start_time_seconds{_MINE}) * on (instance) "
                        f"group_left (role, version) eventlens_build_info{_MINE}"
                    ),
                ),
            ),
        ),
    ),
}


def dashboard() -> str:
    """The dashboard as Grafana takes it."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS.items():
        panels.append(
            {
                "type": "row",
                "title": title,
                "id": len(panels) + 1,
                "gridPos": {"x": 0, "y": y, "w": 24, "h": 1},
            }
        )
        y += 1
        x = height = 0
        for panel in row:
            height = 4 if panel.kind == "stat" else 8
            if x + panel.width > 24:
                x, y = 0, y + height
            panels.append(_drawn(panel, len(panels) + 1, {"x": x, "y": y, "w": panel.width, "h": height}))
            x += panel.width
        y += height
    whole = {
        "uid": "eventlens",
        "title": "Event Lens",
        "tags": ["eventlens"],
        "schemaVersion": 39,
        "version": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": _variables()},
        "panels": panels,
    }
    return json.dumps(whole, indent=1) + "\n"


def _drawn(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(65 + index), "datasource": _SOURCE, "expr": query, "legendFormat": legend}
        for index, (legend, query) in enumerate(panel.lines)
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.meaning,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": targets,
    }


def _variables() -> list[dict[str, Any]]:
    source = {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    job = _values("job", "label_values(eventlens_build_info, job)", several=False)
    return [
        source,
        job,
        _values("instance", 'label_values(eventlens_build_info{job="$job"}, instance)', several=True),
    ]


def _values(name: str, query: str, *, several: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": name,
        "type": "query",
        "datasource": _SOURCE,
        "query": query,
        "refresh": 2,
    }
    if several:
        made |= {
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
        }
    return made
