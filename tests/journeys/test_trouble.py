"""When the machine does not play along: one sentence that says what to do, and no accepted event is lost."""

import resource
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.project import Project, view
from tests.support.server import Server

SPAN = {"startDate": "2026-03-02", "endDate": "2026-03-02"}


def refusal(server: Server) -> str:
    """Start a server that must refuse to start; gives the one sentence it says."""
    child = server.launch()
    assert child.process.wait(60) == 2, child.output
    lines = [line for line in child.output.splitlines() if line.strip()]
    assert "Traceback" not in child.output, child.output
    assert len(lines) == 1, child.output
    return lines[0]


def test_the_port_is_taken(make_server):
    server = make_server()
    with socket.socket() as other:
        other.bind(("127.0.0.1", server.port))
        other.listen()
        assert str(server.port) in refusal(server)


def test_two_servers_on_one_data_directory(make_server):
    make_server().start()
    assert "data" in refusal(make_server())


def test_the_data_directory_is_a_file(make_server, tmp_path: Path):
    server = make_server("file")
    (tmp_path / "file").write_text("not a directory")
    assert "file" in refusal(server)


@pytest.mark.parametrize("setting", ["PORT=eighty", "EVENTLENS_COLOUR=red", "TRACK_BATCH_LIMIT=0"])
def test_a_wrong_setting(make_server, setting):
    name, _, value = setting.partition("=")
    assert name in refusal(make_server(**{name: value}))


def filled(make_server) -> Server:
    """A server that has seen an event and was stopped."""
    server = make_server().start()
    project = server.project("Before")
    project.send([view("a", "2026-03-02T00:00:00Z")])
    project.settle()
    assert server.terminate() == 0
    return server


def files(server: Server, pattern: str) -> list[Path]:
    return sorted(path for path in server.data.rglob(pattern) if path.is_file())


@pytest.mark.parametrize("name", ["queue.db", "catalog.db"])
@pytest.mark.parametrize("damage", ["garbage", "cut"])
def test_a_damaged_file_stops_the_start_and_is_kept(make_server, name, damage):
    server = filled(make_server)
    path = server.data / name
    content = b"\0garbage\xff" * 2000 if damage == "garbage" else path.read_bytes()[:5000]
    path.write_bytes(content)
    for extra in server.data.glob(f"{name}-*"):
        extra.unlink()
    assert name in refusal(server)
    assert path.read_bytes() == content


def test_a_damaged_store_stops_the_start(make_server):
    server = filled(make_server)
    metadata = files(server, "events.sql")
    assert metadata
    for path in metadata:
        path.write_bytes(b"\0\0\0")
    child = server.launch()
    assert child.process.wait(60) == 2, child.output
    own = [line for line in child.output.splitlines() if not line.startswith("Code: ")]  # the engine's words
    assert [line.startswith("eventlens: ") for line in own if line] == [True], child.output


def test_unknown_files_are_left_alone(make_server):
    server = filled(make_server)
    (server.data / "notes.txt").write_text("mine")
    (server.data / "more").mkdir()
    server.start()
    assert (server.data / "notes.txt").read_text() == "mine"
    assert (server.data / "more").is_dir()


def test_a_missing_store_is_made_anew_when_told_and_the_rest_stays(make_server):
    """Only the projects are left of a backup: they work, with no events."""
    server = filled(make_server)
    shutil.rmtree(server.data / "store")
    assert "store.json" in refusal(server)
    (server.data / "store.json").unlink()
    server.start()
    assert server.run("project", "list", "--json").stdout.count("Before") == 1


class SmallDisk:
    """A file system of its own, of 150 MB, that a file fills up."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self._ballast = folder / "ballast"

    def fill(self, server: Server) -> None:
        free = shutil.disk_usage(server.data).free
        with self._ballast.open("wb") as file:
            file.write(b"\0" * max(0, free - (2 << 20)))

    def free(self, server: Server) -> None:
        self._ballast.unlink()


class SmallFiles:
    """Where nothing can be mounted: the server's files cannot grow, which the system reports much alike."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"

    def fill(self, server: Server) -> None:
        largest = max(
            path.stat().st_size for path in (server.data / "queue.db", server.data / "queue.db-wal")
        )
        self._limit(server, largest + (1 << 20))

    def free(self, server: Server) -> None:
        self._limit(server, resource.RLIM_INFINITY)

    def _limit(self, server: Server, size: int) -> None:
        _, highest = resource.prlimit(server.child.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.child.pid, resource.RLIMIT_FSIZE, (size, highest))


@pytest.fixture(params=["small disk", "small files"])
def full(request: pytest.FixtureRequest, tmp_path: Path):
    """A place that can be filled up. Mounting needs rights; without them the other way is gone twice."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=150m", "tmpfs", str(folder)]
    mounted = request.param == "small disk" and subprocess.run(words, capture_output=True, check=False)
    if not mounted or mounted.returncode != 0:
        yield SmallFiles(folder)
        return
    yield SmallDisk(folder)
    subprocess.run(["umount", "-l", str(folder)], check=False)


@pytest.mark.timeout(240)
def test_a_full_disk_refuses_and_loses_nothing(full):
    server = Server(full.data)
    try:
        fill_up(server, full)
    finally:
        server.close()


def fill_up(server: Server, full: SmallDisk | SmallFiles) -> None:
    server.start()
    project = server.project("Full")
    project.send([view("a", "2026-03-02T00:00:00Z", id="first")])
    project.settle()
    full.fill(server)
    answered = post_until_refused(project)
    assert server.child.running
    full.free(server)
    deadline = time.monotonic() + 60
    while project.post("/track", view("z", "2026-03-02T05:00:00Z", id="last")).status_code != 200:
        assert time.monotonic() < deadline, "it does not recover"
        time.sleep(0.5)
    project.settle(90)
    assert project.metrics(**SPAN)["total_events"] == 1 + answered + 1


def post_until_refused(project: Project) -> int:
    """Post batches until three are refused in the right way; the number of events that were answered."""
    answered, refused = 0, 0
    deadline = time.monotonic() + 90
    while refused < 3:
        assert time.monotonic() < deadline, "it never got full"
        at = f"2026-03-02T01:{refused:02d}:00Z"
        events = [
            view(f"d{answered}", at, id=f"{answered}-{refused}-{number}", properties={"text": "x" * 2000})
            for number in range(50)
        ]
        answer = project.post("/track/batch", events)
        if answer.status_code == 200:
            answered += len(events)
            continue
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) >= 1
        refused += 1
    return answered
