"""`/metrics`: who may read it, and that it counts what happened."""

import re

import pytest

from eventlens.errors import QueueFull, StoreUnavailable
from eventlens.meters import METERS
from eventlens.queues.base import Depth
from tests.api.conftest import OpenDoor
from tests.support.inprocess import InProcess
from tests.support.project import Project

LOCAL = {"peer": "127.0.0.1"}


def read(text: str) -> dict[str, float]:
    """{sample with its labels: value}."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {sample: float(value) for sample, _, value in lines}


@pytest.mark.parametrize(
    ("peer", "settings", "headers", "status"),
    [
        ("127.0.0.1", {}, {}, 200),
        ("::1", {}, {}, 200),
        ("::ffff:127.0.0.1", {}, {}, 200),
        ("198.51.100.7", {}, {}, 403),
        ("10.1.2.3", {}, {}, 403),
        ("10.1.2.3", {"EVENTLENS_METRICS_ALLOW": "10.1.0.0/16"}, {}, 200),
        ("10.1.2.3", {"TRUSTED_PROXIES": "10.1.2.3"}, {}, 200),
        ("10.1.2.3", {"TRUSTED_PROXIES": "10.1.2.3"}, {"x-forwarded-for": "127.0.0.1"}, 403),
        ("127.0.0.1", {}, {"x-forwarded-for": "198.51.100.7"}, 403),
        ("127.0.0.1", {"TRUSTED_PROXIES": "127.0.0.1"}, {"x-real-ip": "127.0.0.1"}, 403),
        ("127.0.0.1", {}, {"forwarded": "for=127.0.0.1"}, 403),
    ],
)
def test_only_who_connects_straight_from_a_trusted_address_is_told(
    open_door: OpenDoor, peer: str, settings: dict[str, str], headers: dict[str, str], status: int
):
    answer = open_door(peer, **settings).get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("eventlens_" in answer.text) == (status == 200) or "EVENTLENS_METRICS_ALLOW" in answer.text


@pytest.mark.parametrize("folder", ["/api/v1/analytics", "/lens", "/lens/api/v1/analytics"])
def test_the_gateway_never_tells(open_door: OpenDoor, folder: str):
    http = open_door("127.0.0.1", EVENTLENS_BASE_URL="https://example.com/lens")
    assert http.get(f"{folder}/healthz/live").status_code == 200
    assert http.get(f"{folder}/metrics").status_code == 404


def test_what_happens_is_counted(inside: InProcess, project: Project, open_door: OpenDoor):
    http = open_door(**LOCAL)
    before = read(http.get("/metrics").text)
    project.send([{"type": "track", "payload": {"name": "a", "deviceId": "d"}}] * 3)
    assert read(http.get("/metrics").text)["eventlens_queue_events"] >= 3
    project.post("/track/batch", {"events": [{"type": "track", "payload": {}}, {"type": "nonsense"}]})
    assert project.post("/track", {"type": "track", "payload": {"name": ""}}).status_code == 400
    wrong = {"event-lens-client-secret": "no"}
    assert project.post("/track", {"type": "track", "payload": {"name": "a"}}, **wrong).status_code == 401
    project.track("screen_view", deviceId="d", referrer="https://semalt.com/x")
    project.settle()
    for _ in range(2):
        project.metrics()
    assert project.get("metrics", range="nonsense").status_code == 400
    after = read(http.get("/metrics").text)

    def grown(sample: str) -> float:
        return after.get(sample, 0) - before.get(sample, 0)

    route = "/insights/{projectId}/metrics"
    assert grown("eventlens_accepted_events_total") >= 3
    assert grown('eventlens_refused_total{reason="invalid"}') >= 3
    assert grown('eventlens_refused_total{reason="credentials"}') == 1
    assert grown('eventlens_collection_requests_total{route="/track/batch",status="200"}') == 2
    assert grown('eventlens_collection_requests_total{route="/track",status="401"}') == 1
    assert grown('eventlens_collection_seconds_count{route="/track/batch"}') == 2
    assert grown(f'eventlens_requests_total{{method="GET",route="{route}",status="200"}}') == 2
    assert grown(f'eventlens_requests_total{{method="GET",route="{route}",status="400"}}') == 1
    assert grown(f'eventlens_request_seconds_count{{method="GET",route="{route}"}}') == 3
    assert grown('eventlens_answers_total{how="miss"}') == grown('eventlens_answers_total{how="hit"}') == 1
    assert grown("eventlens_stored_events_total") >= 3
    assert grown('eventlens_excluded_events_total{reason="spam"}') >= 1
    assert grown('eventlens_insert_seconds_count{table="events"}') >= 1
    assert grown('eventlens_inserted_bytes_total{table="events"}') > 100
    assert grown("eventlens_lag_seconds_count") == grown("eventlens_batch_seconds_count") >= 1
    assert grown("eventlens_statement_seconds_count") >= 2
    assert (after["eventlens_queue_events"], after["eventlens_queue_oldest_seconds"]) == (0, 0)
    for name in ("eventlens_queue_up", "eventlens_queue_room", "eventlens_store_up"):
        assert after[name] == 1
    assert after["process_resident_memory_bytes"] > 100 << 20
    assert after["process_cpu_seconds_total"] > 0.1
    assert after["eventlens_disk_size_bytes"] > after["eventlens_disk_free_bytes"] > 0
    told = {re.sub(r"(_bucket|_sum|_count)?(\{.*)?$", "", sample) for sample in after}
    assert told <= set(METERS)


def test_nothing_of_a_request_becomes_a_label(project: Project, open_door: OpenDoor):
    http = open_door(**LOCAL)
    http.get("/no-such/Marker-4711")
    http.get("/insights/Marker-4711/metrics", headers=project.read.headers)
    http.post("/track", json={"type": "Marker-4711", "payload": {}}, headers=project.write.headers)
    project.track("Marker-4711", deviceId="Marker-4711", profileId="Marker-4711")
    assert "Marker-4711" not in http.get("/metrics").text


def test_it_says_what_is_down_and_answers_all_the_same(open_door: OpenDoor):
    class Down:
        def ping(self) -> None:
            raise StoreUnavailable

    class Closed:
        shared = False

        def depth(self) -> object:
            raise StoreUnavailable

    http = open_door(**LOCAL, services={"store": Down(), "queue": Closed()})
    found = read(http.get("/metrics").text)
    assert (found["eventlens_store_up"], found["eventlens_queue_up"]) == (0, 0)
    assert "eventlens_queue_events" not in found


def test_a_full_queue_is_up_and_has_no_room(open_door: OpenDoor):
    class Full:
        shared = False

        def depth(self) -> Depth:
            return Depth(7, 1_500)

        def count_dead_letters(self, most: int) -> int:
            return 0

        def check_room(self) -> None:
            raise QueueFull

    found = read(open_door(**LOCAL, services={"queue": Full()}).get("/metrics").text)
    assert (found["eventlens_queue_up"], found["eventlens_queue_room"]) == (1, 0)
    assert found["eventlens_queue_events"] == 7
