"""What is true of every answer: shapes, headers, methods, the gateway's prefix, origins, trouble."""

import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from eventlens.api.app import ROUTES
from eventlens.errors import QueryLimit, StoreUnavailable
from eventlens.queues.sqlite import SqliteQueue
from eventlens.store.base import Store
from tests.api.conftest import OpenDoor
from tests.support.inprocess import InProcess
from tests.support.letters import bury
from tests.support.project import Project

PUBLIC = sorted(route.path for route in ROUTES if route.access == "public" and route.method == "GET")


@pytest.mark.parametrize(
    "path", ["/nowhere", "/insights", "/insights/x", "/track/x", "/health/", "/%00", "/nowhere//"]
)
def test_an_unknown_path_is_a_404_in_json(inside: InProcess, path: str) -> None:
    for prefix in ("", "/api/v1/analytics"):
        for method in ("GET", "POST"):
            answer = inside.http.request(method, prefix + path)
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == "not_found"
            assert "/docs" in answer.json()["error"]["message"]


@pytest.mark.parametrize("prefix", ["", "/api/v1/analytics"])
@pytest.mark.parametrize("path", ["/docs/"])  # and `/` where there is no dashboard: test_dashboard.py
def test_the_way_to_the_documentation(inside: InProcess, prefix: str, path: str) -> None:
    answer = inside.http.get(prefix + path)
    assert answer.status_code == 307
    assert not answer.headers["location"].startswith(("/", "http")), "a gateway may have its own prefix"
    there = httpx.URL("http://in-process" + prefix + path).join(answer.headers["location"])
    assert there.path == prefix + "/docs"
    assert inside.http.get(there).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["/api/v1/analyticsx/health", "/api/v1/analytics", "/api/v1/analytics/api/v1/analytics/health"]
)
def test_the_prefix_is_a_folder_and_is_taken_off_once(inside: InProcess, path: str) -> None:
    assert inside.http.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_wrong_method_says_which_is_right(inside: InProcess, project: Project, method: str) -> None:
    for path in ("/health", f"/insights/{project.id}/metrics"):
        answer = inside.http.request(method, path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
        assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", PUBLIC)
def test_head_is_get_without_the_body(inside: InProcess, path: str) -> None:
    answer, whole = inside.http.head(path), inside.http.get(path)
    assert answer.status_code == whole.status_code < 400
    assert answer.content == b""
    assert answer.headers.get("content-type") == whole.headers.get("content-type")


def test_head_of_a_question(inside: InProcess, project: Project) -> None:
    url = f"/insights/{project.id}/metrics"
    assert inside.http.head(url, headers=project.read.headers).status_code == 200
    assert inside.http.head(url).status_code == 401


@pytest.mark.parametrize("path", [*PUBLIC, "/nowhere", "/insights/x/metrics"])
def test_every_answer_is_safe(inside: InProcess, path: str) -> None:
    headers = inside.http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


# --- origins ---

ORIGIN = "https://a.example"
ASKED = {"origin": ORIGIN, "access-control-request-method": "GET", "access-control-request-headers": "x-own"}


def cors(answer: httpx.Response) -> set[str]:
    return {name for name in answer.headers if name.startswith("access-control-")}


def test_pages_of_other_origins_read_nothing_by_default(inside: InProcess, project: Project) -> None:
    url = f"/insights/{project.id}/metrics"
    headers = {**project.read.headers, "origin": ORIGIN}
    assert cors(inside.http.get(url, headers=headers)) == set()
    answer = inside.http.options(url, headers=ASKED)
    assert (answer.status_code, cors(answer)) == (204, set())


@pytest.mark.parametrize("allowed", ["https://a.example", "a.example", "*.b.example,https://a.example", "*"])
def test_listed_origins_are_reflected(project: Project, open_door: OpenDoor, allowed: str) -> None:
    http = open_door(CORS_ORIGINS=allowed)
    for path in (f"/insights/{project.id}/metrics", "/health", "/nowhere"):
        answer = http.get(path, headers={**project.read.headers, "origin": ORIGIN})
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "origin" in answer.headers["vary"]
    answer = http.options(f"/insights/{project.id}/metrics", headers=ASKED)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-headers"] == "x-own"
    assert "GET" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "origin", ["https://a.example.evil.net", "http://a.example", "https://b.example", "null", "", "*", "\xff"]
)
def test_other_origins_are_not(project: Project, open_door: OpenDoor, origin: str) -> None:
    http = open_door(CORS_ORIGINS="https://a.example,*.b.example")
    headers = {**project.read.headers, "origin": origin.encode("latin-1")}
    answer = http.get(f"/insights/{project.id}/metrics", headers=headers)
    assert (answer.status_code, cors(answer)) == (200, set())
    asked = {**ASKED, "origin": origin.encode("latin-1")}
    assert cors(http.options("/health", headers=asked)) == set()


def test_the_description_is_open_to_all(open_door: OpenDoor) -> None:
    http = open_door(CORS_ORIGINS=ORIGIN)
    answer = http.get("/openapi.json", headers={"origin": ORIGIN})
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]


# --- trouble ---


class _NoStore:
    """A store that does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def query(self, *_: object, **__: object) -> object:
        raise self.error

    recent = query

    def ping(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"), [(StoreUnavailable(), "store_unavailable"), (QueryLimit(), "query_limit")]
)
def test_a_store_that_is_down_is_a_503(
    project: Project, open_door: OpenDoor, error: Exception, code: str
) -> None:
    http = open_door(services={"store": _NoStore(error)})
    answer = http.get(f"/insights/{project.id}/metrics", headers=project.read.headers)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["error"]["code"] == code
    assert http.post(
        "/track", json={"type": "track", "payload": {"name": "x"}}, headers=project.write.headers
    ).is_success


def test_readiness_says_what_is_down(open_door: OpenDoor) -> None:
    http = open_door(services={"store": _NoStore(StoreUnavailable("The event store does not answer."))})
    for path in ("/healthz/ready", "/healthcheck"):
        answer = http.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        told = answer.json()
        assert (told["ready"], told["message"]) == (False, "The event store does not answer.")
    assert http.get("/health").json() == {"status": "ok"}
    assert http.get("/healthz/live").json() == {"live": True}


def test_readiness(inside: InProcess) -> None:
    answer = inside.http.get("/healthz/ready")
    assert answer.json()["ready"] is True
    assert set(answer.json()["queue"]) == {"events", "oldest_ms", "dead_letters"}


class _CountedStore:
    """The real store, counting who asks whether it is there."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.pings = 0

    def ping(self) -> None:
        self.pings += 1
        self.store.ping()


def test_addresses_of_proxies_are_told_to_the_machine_itself(inside: InProcess, open_door: OpenDoor) -> None:
    for number in range(2000):
        inside.runtime.services.collector.crowding.see("10.0.0.5", f"browser {number % 40}")
    assert "10.0.0.5" in open_door(peer="127.0.0.1").get("/healthz/ready").json()["one_address"]
    assert "one_address" not in open_door().get("/healthz/ready").json()


def test_readiness_cannot_be_used_to_load_the_store(inside: InProcess, open_door: OpenDoor) -> None:
    store = _CountedStore(inside.runtime.services.store)
    http = open_door(services={"store": store})
    began = time.monotonic()
    assert all(http.get("/healthz/ready").json()["ready"] for _ in range(50))
    assert store.pings <= 1 + (time.monotonic() - began)


def test_a_queue_without_room_is_not_ready(tmp_path: Path, open_door: OpenDoor) -> None:
    with closing(SqliteQueue(tmp_path / "queue.db", limit_bytes=100)) as queue:
        http = open_door(services={"queue": queue})
        assert http.get("/healthz/ready").status_code == 200
        queue.append_now(bytes(90), 1)
        answer = http.get("/healthz/ready")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["queue"]["events"] == 1
        assert "limit" in answer.json()["message"]


def test_dead_letters_are_counted_and_no_reason_to_stop_sending(tmp_path: Path, open_door: OpenDoor) -> None:
    with closing(SqliteQueue(tmp_path / "queue.db")) as queue:
        http = open_door(services={"queue": queue})
        for count in range(3):
            answer = http.get("/healthz/ready")
            assert (answer.status_code, answer.json()["queue"]["dead_letters"]) == (200, count)
            bury(queue, b"x")


def test_a_queue_that_nobody_empties_is_a_warning(tmp_path: Path, open_door: OpenDoor) -> None:
    now = [1_790_000_000_000]
    with closing(SqliteQueue(tmp_path / "queue.db", clock=lambda: now[0])) as queue:
        http = open_door(services={"queue": queue})
        queue.append_now(b"x", 1)
        now[0] += 59_000
        assert "warning" not in http.get("/healthz/ready").json()
        now[0] += 2_000
        answer = http.get("/healthz/ready")
        assert answer.status_code == 200
        assert "worker" in answer.json()["warning"]
        claim = queue.claim(10)
        assert claim is not None
        queue.acknowledge(claim)
        assert "warning" not in http.get("/healthz/ready").json()


def test_a_mistake_of_ours_is_logged_once_and_quotes_nobody(
    project: Project, open_door: OpenDoor, caplog: pytest.LogCaptureFixture
) -> None:
    http = open_door(services={"store": _NoStore(ValueError("a private thing"))})
    url = f"/insights/{project.id}/metrics?timezone=Europe/Berlin"
    answer = http.get(url, headers=project.read.headers)
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(caplog.records) == 1
    assert "ValueError in GET /insights/{projectId}/metrics" in caplog.text
    assert "private" not in caplog.text + answer.text
    assert project.read.secret not in caplog.text
