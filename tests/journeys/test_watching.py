"""What an operator sees of an API and a worker process: metrics, traces, the log; and nobody's data there."""

import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from eventlens.meters import METERS
from tests.journeys.test_many_processes import Fleet
from tests.support.clickhouse import Node
from tests.support.collector import Collector
from tests.support.processes import REPOSITORY, Child, clean_environment, free_port
from tests.support.project import BROWSER, Project
from tests.support.redis import RedisServer

pytestmark = pytest.mark.timeout(300)

SECRETS = {
    "address": "203.0.113.77",
    "person": "marker-person-4711@example.com",
    "device": "marker-device-4711",
    "property": "marker-property-4711",
    "name": "marker_name_4711",
    "path": "/marker-path-4711",
    "agent": "MarkerAgent/4711",
}
TRACE = "0af7651916cd43dd8448eb211c80319c"
REQUEST = "5f0c1a52-3f3e-4c57-9d2b-6f2f3f9b4711"


@dataclass
class Watched:
    """An installation, and what was seen of it."""

    fleet: Fleet
    project: Project
    collector: Collector
    worker_metrics: str

    def log(self) -> str:
        written = [self.fleet.servers[0].child.output, self.fleet.workers[0].output]
        return "\n".join(written)


@pytest.fixture(scope="module")
def watched(
    tmp_path_factory: pytest.TempPathFactory, running_redis: RedisServer, clickhouse_node: Node
) -> Iterator[Watched]:
    running_redis.empty()
    store = clickhouse_node.create_database(f"watched_{random.getrandbits(32)}")
    collector, port = Collector(), free_port()
    settings = {
        "REDIS_URL": running_redis.url,
        "CLICKHOUSE_URL": store,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "EVENTLENS_TRACES_PER_SECOND": "1000",
        "EVENTLENS_METRICS_PORT": str(port),
        "LOG_LEVEL": "debug",
        "LOG_FORMAT": "json",
    }
    fleet = Fleet(tmp_path_factory.mktemp("watched"), settings, servers=1, workers=1)
    try:
        project = fleet.servers[0].project("Watched")
        _use(project)
        yield Watched(fleet, project, collector, f"http://127.0.0.1:{port}")
    finally:
        fleet.close()
        collector.close()


def _use(project: Project) -> None:
    """Everything that a request may hold, in good requests and in bad ones."""
    said = {"user-agent": SECRETS["agent"], "x-forwarded-for": SECRETS["address"]}
    event = {
        "name": SECRETS["name"],
        "deviceId": SECRETS["device"],
        "profileId": SECRETS["person"],
        "path": f"https://example.com{SECRETS['path']}",
        "__ip": SECRETS["address"],
        "properties": {SECRETS["property"]: SECRETS["property"]},
    }
    traced = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    for wrong in ({}, {"name": ""}, {"timestamp": SECRETS["property"]}, {"deviceId": [SECRETS["device"]]}):
        body = {"type": "track", "payload": {**event, **wrong}}
        project.post("/track", body, **said, **(traced if not wrong else {}))
    project.post("/identify", {"profileId": SECRETS["person"], "email": SECRETS["person"]}, **said)
    project.post("/track", {"type": SECRETS["name"], "payload": event}, **said)
    project.http.post(
        "/track", content=json.dumps(event)[:-9].encode(), headers={**project.write.headers, **said}
    )
    wrong_secret = {**project.write.headers, "event-lens-client-secret": SECRETS["person"], **said}
    project.http.post("/track", json={"type": "track", "payload": event}, headers=wrong_secret)
    project.settle()
    filters = json.dumps([{"name": "path", "operator": "is", "value": [SECRETS["path"]]}])
    for question, asked in (
        ("metrics", {"filters": filters}),
        ("metrics", {"filters": filters}),
        (f"profiles/{SECRETS['person']}", {}),
        ("metrics", {"range": SECRETS["property"]}),
        ("metrics", {"filters": filters.replace("path", SECRETS["property"])}),
        (f"profiles/{SECRETS['person']}/nothing", {}),
    ):
        headers = {**project.read.headers, "user-agent": BROWSER, **said, "x-request-id": REQUEST}
        project.http.get(f"/insights/{project.id}/{question}", params=asked, headers=headers)


def test_each_process_tells_what_it_does_itself(watched: Watched):
    api = watched.project.http.get("/metrics").text
    worker = httpx.get(f"{watched.worker_metrics}/metrics").text
    assert 'role="api"' in api
    assert 'role="worker"' in worker
    assert _value(api, "eventlens_accepted_events_total") >= 1
    assert _value(worker, "eventlens_accepted_events_total") == 0
    assert _value(worker, "eventlens_stored_events_total") >= 2 > _value(api, "eventlens_stored_events_total")
    assert _value(worker, "eventlens_lag_seconds_count") >= 1
    for text in (api, worker):
        assert _value(text, "eventlens_queue_events") == 0
        assert _value(text, "eventlens_queue_up") == _value(text, "eventlens_store_up") == 1
    assert httpx.get(f"{watched.worker_metrics}/healthz/live").json() == {"live": True}
    forwarded = httpx.get(f"{watched.worker_metrics}/metrics", headers={"x-forwarded-for": "127.0.0.1"})
    assert forwarded.status_code == 403


def _value(text: str, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


def test_prometheus_understands_every_panel_and_alert(watched: Watched, tmp_path: Path):
    """Each query has an answer from the running installation, unless it is of trouble that there was not."""
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus is not installed")
    targets = [watched.fleet.servers[0].url, watched.worker_metrics]
    with _prometheus(tmp_path, [target.removeprefix("http://") for target in targets]) as ask:
        silent = {query for query in _panel_queries() if not ask(query)}
        for query in _alert_queries():
            assert not [each for each in ask(query) if each["value"][1] != "0"] or "up{" in query, query
        wrong = [rule for group in ask.rules() for rule in group["rules"] if rule["health"] == "err"]
    assert wrong == []
    trouble = ("batch_failures", "memory_limit", "apart_resident", "excluded")
    assert [query for query in silent if not any(word in query for word in trouble)] == []


def _panel_queries() -> set[str]:
    dashboard = json.loads((REPOSITORY / "deploy/grafana/dashboards/eventlens.json").read_text())
    queries = {target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())}
    assert len(queries) > 40
    return {
        query.replace("$job", "eventlens").replace("$instance", ".*").replace("$__rate_interval", "1m")
        for query in queries
    }


def _alert_queries() -> list[str]:
    text = (REPOSITORY / "deploy/prometheus/alerts.yml").read_text()
    return [
        " ".join(query.split())
        for query in re.findall(
            r"^        expr: (?:>-\n)?(.*?)\n        for:", text, re.MULTILINE | re.DOTALL
        )
    ]


def test_every_metric_that_is_drawn_or_watched_exists_and_all_others_are_drawn():
    queries = " ".join((*_panel_queries(), *_alert_queries()))
    named = set(re.findall(r"\b(?:eventlens|process)_[a-z_]+", queries))
    bare = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named}
    assert bare - set(METERS) == set()
    labels = {label for meter in METERS.values() for label in meter.labels} | {"job", "instance", "le"}
    assert set(re.findall(r"[{,](\w+)(?:=~|!=|=)", queries)) <= labels
    assert set(METERS) - bare == set(), "a metric that is on no panel"


class _Asking:
    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, query: str) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": query}, timeout=30).json()
        assert answer["status"] == "success", (query, answer)
        return answer["data"]["result"]

    def rules(self) -> list[dict[str, Any]]:
        return httpx.get(f"{self.url}/api/v1/rules").json()["data"]["groups"]

    def scraped(self, count: int) -> bool:
        try:
            found = self("count_over_time(up[1m])")
        except (httpx.TransportError, ValueError):  # a word instead of JSON while it starts
            return False
        return len(found) == count and all(float(each["value"][1]) >= 3 for each in found)


class _prometheus:  # noqa: N801  # reads as what it stands for
    """A Prometheus that looks at some addresses each half second, with our rules."""

    def __init__(self, folder: Path, targets: list[str]) -> None:
        port = free_port()
        self._targets = len(targets)
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 500ms, evaluation_interval: 500ms}\n"
            f"rule_files: ['{REPOSITORY / 'deploy/prometheus/alerts.yml'}']\n"
            "scrape_configs: [{job_name: eventlens, static_configs: "
            f"[{{targets: {json.dumps(targets)}}}]}}]\n"
        )
        words = ["prometheus", f"--config.file={folder / 'prometheus.yml'}"]
        words += [f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}"]
        self._child = Child(words, folder / "prometheus.log", clean_environment(), folder)
        self._asking = _Asking(f"http://127.0.0.1:{port}")

    def __enter__(self) -> _Asking:
        try:
            self._child.await_ready(lambda: self._asking.scraped(self._targets))
        except BaseException:
            self._child.end()
            raise
        return self._asking

    def __exit__(self, *_: object) -> None:
        self._child.end()


def test_a_trace_leads_from_the_request_through_the_queue_to_the_inserts(watched: Watched):
    def whole(spans: list[dict[str, Any]]) -> bool:
        names = {span["name"] for span in spans if span["traceId"] == TRACE}
        asked = "GET /insights/{projectId}/metrics" in {span["name"] for span in spans}
        return asked and {"POST /track", "wait in the queue", "store a batch", "insert events"} <= names

    watched.collector.await_spans(whole)
    spans = {span["name"]: span for span in watched.collector.spans() if span["traceId"] == TRACE}
    request, waited, stored, insert = (
        spans[name] for name in ("POST /track", "wait in the queue", "store a batch", "insert events")
    )
    assert request["parentSpanId"] == "b7ad6b7169203331"
    assert waited["parentSpanId"] == stored["parentSpanId"] == request["spanId"]
    assert insert["parentSpanId"] == stored["spanId"]
    assert (request["role"], stored["role"]) == ("api", "worker")
    assert request["attributes"]["http.response.status_code"] == 200
    assert stored["attributes"]["eventlens.batch.events"] >= 1
    times = [int(span[at]) for span in (waited, stored) for at in ("startTimeUnixNano", "endTimeUnixNano")]
    assert times == sorted(times)
    assert times[2] <= int(insert["startTimeUnixNano"]) <= int(insert["endTimeUnixNano"]) <= times[3]
    assert [word for word in SECRETS.values() if word in json.dumps(watched.collector.documents)] == []
    assert [span for span in watched.collector.spans() if "/healthz/" in span["name"]] == []


def test_the_log_is_lines_with_request_ids_and_holds_nothing_of_what_was_sent(watched: Watched):
    lines = [line for line in watched.log().splitlines() if line.startswith("{")]
    records = [json.loads(line) for line in lines]
    assert [record for record in records if record.get("request_id") == REQUEST]
    assert [word for word in SECRETS.values() if word in watched.log()] == []
    answer = watched.project.http.get("/healthz/live", headers={"x-request-id": REQUEST})
    assert answer.headers["x-request-id"] == REQUEST
    for strange in ("somebody@example.com", "a" * 65, ""):
        answer = watched.project.http.get("/healthz/live", headers={"x-request-id": strange})
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
