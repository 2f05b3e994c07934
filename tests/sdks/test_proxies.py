"""First-party: the examples of nginx, Caddy and Express as real programs before a real server."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from eventlens.api.scripts import BUILT
from tests.support.processes import clean_environment, free_port
from tests.support.project import BROWSER, Project
from tests.support.server import Server

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.timeout(300)


def _nginx(folder: Path, port: int, server: Server) -> tuple[list[str], dict[str, str]]:
    program = _program("nginx")
    example = (ROOT / "examples/nginx/event-lens.conf").read_text().replace("127.0.0.1:3002", server.url[7:])
    (folder / "nginx.conf").write_text(f"""
        daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;
        events {{}}
        http {{
            access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
            server {{ listen 127.0.0.1:{port}; {example} }}
        }}""")
    return [program, "-p", str(folder), "-c", "nginx.conf"], {}


def _caddy(folder: Path, port: int, server: Server) -> tuple[list[str], dict[str, str]]:
    program = _program("caddy")
    example = (ROOT / "examples/caddy/Caddyfile").read_text().replace("127.0.0.1:3002", server.url[7:])
    example = example.replace("http://localhost:8080", f"http://127.0.0.1:{port}")
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n}}\n{example}")
    return [program, "run", "--config", "Caddyfile"], {
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }


def _express(folder: Path, port: int, server: Server) -> tuple[list[str], dict[str, str]]:
    if not (ROOT / "sdks/node_modules/express").is_dir():
        pytest.skip("Express is not installed (make test installs it with npm)")
    # Where Node looks for packages is beside the file.
    (folder / "node_modules").symlink_to(ROOT / "sdks/node_modules")
    shutil.copy(ROOT / "examples/express/server.mjs", folder)
    return [_program("node"), "server.mjs"], {"PORT": str(port), "EVENTLENS_URL": server.url}


def _next(folder: Path, port: int, server: Server) -> tuple[list[str], dict[str, str]]:
    dist = ROOT / "sdks/nextjs/dist"
    if not (dist / "route.js").is_file():
        pytest.skip("the packages are not built (make test builds them with npm)")
    script = str(ROOT / "tests/sdks/next_route.mjs")
    return [_program("node"), script], {"PORT": str(port), "EVENTLENS_URL": server.url, "DIST": str(dist)}


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip(f"there is no {name} (on Debian: apt-get install {name})")
    return found


KINDS: dict[str, Callable[..., tuple[list[str], dict[str, str]]]] = {
    "nginx": _nginx,
    "caddy": _caddy,
    "express": _express,
    "next": _next,
}
PREFIX = {"nginx": "/stats", "caddy": "/stats", "express": "/api/v1/analytics", "next": "/stats"}


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Project]]:
    """A server that believes what programs of this machine say of their visitors."""
    server = Server(tmp_path_factory.mktemp("trusting") / "data", {"TRUSTED_PROXIES": "127.0.0.0/8"})
    try:
        server.start()
        project = server.project("First-party")
        answer = project.http.patch(
            f"/manage/projects/{project.id}/clients/{project.write.id}",
            json={"origins": ["https://a.example"]},
            headers=project.root.headers,
        )
        assert answer.status_code == 200, answer.text
        yield server, project
    finally:
        server.close()


@pytest.mark.parametrize("kind", KINDS)
def test_events_pass_and_nothing_else(trusting: tuple[Server, Project], tmp_path: Path, kind: str) -> None:
    server, project = trusting
    if not (BUILT / "e.js").is_file():
        pytest.skip("the script is not built (make script)")
    port = free_port()
    words, environment = KINDS[kind](tmp_path, port, server)
    environment |= {"CLIENT_ID": project.write.id, "CLIENT_SECRET": project.write.secret}
    log = tmp_path / "log"
    with log.open("w") as output:
        program = subprocess.Popen(
            words, cwd=tmp_path, env=clean_environment(environment), stdout=output, stderr=output
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}{PREFIX[kind]}", timeout=30) as http:
            _await(http, log)
            _check(http, project, kind)
    finally:
        program.terminate()
        program.wait(20)


def _await(http: httpx.Client, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            http.get("/e.js")
        except httpx.TransportError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def _check(http: httpx.Client, project: Project, kind: str) -> None:
    script = http.get("/e.js")
    assert script.content == (BUILT / "e.js").read_bytes()
    again = http.get("/e.js", headers={"if-none-match": script.headers["etag"]})
    assert again.status_code == 304
    part = http.get("/e.vitals.js?v=1")
    assert "immutable" in part.headers["cache-control"]
    event = {"type": "track", "payload": {"name": f"through_{kind}", "path": "https://a.example/"}}
    body = {"clientId": project.write.id, "events": [event]}
    for address in ("198.51.100.7", "203.0.113.9"):
        headers = {"user-agent": BROWSER, "x-forwarded-for": address, "origin": "https://a.example"}
        answer = http.post("/track/batch", json=body, headers=headers)
        assert (answer.status_code, answer.json()["accepted"]) == (200, 1), answer.text
    project.settle()
    rows = [row for row in project.events(range="all") if row["name"] == f"through_{kind}"]
    devices = {row["deviceId"] for row in rows}
    # Two visitors, by their own addresses; Caddy believes no address that a visitor states.
    assert len(devices) == (1 if kind == "caddy" else 2)
    if kind == "next":
        http.get("/order", headers={"user-agent": BROWSER, "x-forwarded-for": "203.0.113.9"})
        project.settle()
        [paid] = [row for row in project.events(range="all") if row["name"] == "revenue"]
        assert (paid["revenue"], paid["profileId"]) == ({"amount": 4200, "currency": "EUR"}, "user-next")
    if kind != "express":
        assert http.get(f"/insights/{project.id}/metrics").status_code in (403, 404)
