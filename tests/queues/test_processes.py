"""Real processes: killed at any moment, several on one file, on a disk that is full."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from eventlens.queues.sqlite import SqliteQueue

ROOT = Path(__file__).parents[2]
KILLS = 20
COMMAND = [sys.executable, "-m", "tests.queues.children"]
Make = Callable[..., SqliteQueue]


def start(*arguments: object, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    command = [*prefix, *COMMAND, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill_after(child: subprocess.Popen[str], seconds: float) -> list[str]:
    """Let it say its first line, wait, kill it; every whole line that it said."""
    assert child.stdout is not None
    first = child.stdout.readline()
    # The pipe holds little: a reader would be needed for more, so the child may block, as in life.
    time.sleep(seconds)
    child.kill()
    rest = child.stdout.read()
    child.wait()
    child.stdout.close()
    return [line for line in (first + rest).split("\n")[:-1] if line]


def finish(child: subprocess.Popen[str]) -> str:
    output, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    return output


def drain(queue: SqliteQueue) -> list[bytes]:
    found: list[bytes] = []
    while claim := queue.claim(1000):
        found += [record.body for record in claim.records]
        queue.acknowledge(claim)
    return found


def test_killed_appenders_lose_nothing(path: Path):
    chance = random.Random(7)
    durable = 0
    for run in range(KILLS):
        said = kill_after(start("append_forever", path, run), chance.uniform(0, 0.12))
        queue = SqliteQueue(path)
        found = [body.decode().split()[:3] for body in drain(queue)]
        queue.close()
        numbers: dict[str, list[int]] = {}
        for found_run, name, number in found:
            assert int(found_run) == run
            numbers.setdefault(name, []).append(int(number))
        # Each once and in order. What was durable but not yet said may be one more for each appender.
        assert all(each == list(range(len(each))) for each in numbers.values())
        counts: dict[str, int] = {}
        for line in said:
            counts[line.split()[1]] = counts.get(line.split()[1], 0) + 1
        for name, count in counts.items():
            assert count <= len(numbers[name]) <= count + 1
        durable += len(said)
    assert durable > KILLS * 10


class Log:
    """What workers said over all their lives, checked line by line."""

    def __init__(self) -> None:
        self.contents: dict[str, list[str]] = {}
        self.over: set[str] = set()
        self.current = ""
        self.empty = False

    def claimed(self, token: str, retried: bool, bodies: list[str], first: bool) -> None:
        assert token not in self.over
        assert retried or token not in self.contents
        assert first or not retried
        assert token != self.current or retried
        if token != self.current:
            self.over.add(self.current)
        self.current = token
        assert self.contents.setdefault(token, bodies) == bodies

    def read(self, lines: list[str]) -> None:
        for number, (what, token, retried, bodies) in enumerate(map(json.loads, lines)):
            if what == "claimed":
                self.claimed(token, retried, bodies, first=number == 0)
            elif what == "acknowledged":
                assert token == self.current
                self.over.add(token)
            else:
                self.empty = True


def test_killed_workers_get_the_same_claim_until_it_is_acknowledged(path: Path):
    total = 1200
    queue = SqliteQueue(path)
    for n in range(total):
        queue.append_now(str(n).encode(), 1)
    queue.close()
    chance = random.Random(11)
    log = Log()
    kills = 0
    while not log.empty and kills < 200:
        log.read(kill_after(start("work_forever", path, kills), chance.uniform(0, 0.008)))
        kills += 1
    assert log.empty
    assert kills >= KILLS // 2
    assert [body for bodies in log.contents.values() for body in bodies] == [str(n) for n in range(total)]
    queue = SqliteQueue(path)
    assert queue.tallies("test") == {"done": total}
    assert queue.depth().events == 0
    queue.close()


def test_two_processes_append_while_one_claims(path: Path):
    count = 600
    queue = SqliteQueue(path)
    children = [start("append_some", path, name, count) for name in ("a", "b")]
    found: list[tuple[str, int]] = []
    end = 0
    while any(child.poll() is None for child in children) or queue.depth().events:
        if not queue.wait(0.1):
            continue
        queue.append_now(f"own {len(found)}".encode(), 1)
        claim = queue.claim(50)
        assert claim is not None
        for record in claim.records:
            assert record.arrival >= end
            name, number = record.body.decode().split()
            end = record.arrival + (1 if name == "own" else int(number) % 3 + 1)
            found.append((name, int(number)))
        queue.acknowledge(claim)
    for child in children:
        finish(child)
    for name in ("a", "b"):
        assert [number for other, number in found if other == name] == list(range(count))
    assert any(name == "own" for name, _ in found)
    queue.close()


def test_another_process_reads_tallies_and_depth_meanwhile(path: Path):
    queue = SqliteQueue(path)
    for n in range(5):
        queue.append_now(b"a", n + 1)
    claim = queue.claim(1)
    assert claim is not None
    queue.acknowledge(claim, {("import-7", "imported"): 1})
    assert json.loads(finish(start("read_counts", path, "import-7"))) == [14, {"imported": 1}]
    queue.append_now(b"b", 1)  # the other one's end has not disturbed this one
    assert queue.depth().events == 15
    queue.close()


def test_wait_sees_what_another_process_appends(path: Path):
    queue = SqliteQueue(path)
    child = start("append_some", path, "a", 1)
    assert child.stdout is not None
    child.stdout.readline()
    begin = time.monotonic()
    assert queue.wait(30)
    assert time.monotonic() - begin < 5  # 0.2 s where nothing else runs
    finish(child)
    queue.close()


def check_full(output: str) -> None:
    outcome = json.loads(output)
    assert outcome["refusals"] == 3
    assert len(outcome["kept"]) > 20
    assert outcome["found"] == outcome["kept"]  # nothing lost, nothing half, nothing that was refused


def test_a_file_that_cannot_grow_refuses_and_recovers(path: Path):
    check_full(finish(start("fill_file_size", path)))


@pytest.fixture(scope="session")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """A command's prefix that mounts a disk; its last two words are the size and the directory."""
    prefix = ("unshare", "--map-root-user", "--mount", "sh", "-c")
    disk = tmp_path_factory.mktemp("disk")
    prefix += ('mount -t tmpfs -o "size=$0" tmpfs "$1" && shift && exec "$@"', "1m", str(disk))
    try:
        able = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        able = False
    if not able:
        pytest.skip("mounting a small disk is not allowed here")
    return prefix


@pytest.mark.parametrize(("how", "size"), [("fill_disk", "4m"), ("fill_disk", "20m"), ("fill_almost", "48m")])
def test_a_full_disk_refuses_and_recovers(small_disk: tuple[str, ...], how: str, size: str):
    *command, _, disk = small_disk
    check_full(finish(start(how, f"{disk}/queue.db", prefix=(*command, size, disk))))
