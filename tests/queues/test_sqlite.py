"""The file of the embedded queue: limits, damage, locks, space."""

import asyncio
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eventlens.errors import ConfigurationError, QueueFull
from eventlens.queues import sqlite, sqlite_writer
from eventlens.queues.sqlite import SqliteQueue
from eventlens.queues.sqlite_file import WAL_BYTES

Make = Callable[..., SqliteQueue]


def acknowledge_all(queue: SqliteQueue) -> int:
    events = 0
    while claim := queue.claim(1000):
        events += claim.events
        queue.acknowledge(claim)
    return events


def damage_middle(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 20_000)


def damage_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"no database at all")


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def replace_by_other(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (name)")
    connection.close()


def make_newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (damage_middle, "damaged .* move it and queue.db-wal away"),
        (damage_header, "damaged .* move it and queue.db-wal away"),
        (cut_short, "damaged .* move it and queue.db-wal away"),
        (replace_by_other, "not a queue of Event Lens; move it away"),
        (make_newer, "newer Event Lens; update"),
    ],
)
def test_a_file_that_is_not_right_is_refused_and_stays_as_it_is(
    make_queue: Make, path: Path, harm: Callable[[Path], None], words: str
):
    queue = make_queue()
    for _ in range(30):
        queue.append_now(b"x" * 5000, 1)
    queue.close()
    harm(path)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=words) as refusal:
        make_queue()
    assert "\n" not in refusal.value.message
    assert path.read_bytes() == before


def test_a_damaged_file_with_a_log_stays_as_it_is(make_queue: Make, path: Path, tmp_path: Path):
    queue = make_queue()
    for _ in range(300):
        queue.append_now(b"x" * 20_000, 1)
    crashed = tmp_path / "crashed" / "queue.db"
    crashed.parent.mkdir()
    for suffix in ("", "-wal"):  # what a crash would leave
        shutil.copy(f"{path}{suffix}", f"{crashed}{suffix}")
    with crashed.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xa5" * (crashed.stat().st_size // 2))
    log = Path(f"{crashed}-wal")
    before = crashed.read_bytes(), log.read_bytes()
    with pytest.raises(ConfigurationError, match="damaged"):
        SqliteQueue(crashed)
    assert (crashed.read_bytes(), log.read_bytes()) == before


def test_an_empty_file_becomes_a_queue(make_queue: Make, path: Path):
    path.touch()
    queue = make_queue()
    queue.append_now(b"a", 1)
    assert acknowledge_all(queue) == 1


def test_a_directory_that_cannot_be_made_is_a_configuration_error(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be made"):
        SqliteQueue(tmp_path / "file" / "queue.db")


def test_many_openers_of_a_new_file_make_one_queue(make_queue: Make):
    queues: list[SqliteQueue] = []
    threads = [threading.Thread(target=lambda: queues.append(make_queue())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(queues) == 8
    for queue in queues:
        queue.append_now(b"a", 1)
    claim = queues[0].claim(100)
    assert claim is not None
    assert claim.events == 8


def test_commits_reach_the_disk(make_queue: Make):
    connection = make_queue()._writer._connection
    assert connection is not None
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL: fsync at every commit
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_over_the_limit_appends_are_refused_until_something_is_acknowledged(make_queue: Make, path: Path):
    limit = 300_000
    queue = make_queue(limit_bytes=limit)
    while queue._read("SELECT bytes FROM state")[0][0] < limit:
        queue.append_now(b"x" * 1000, 1)
    kept = queue.depth().events
    with pytest.raises(QueueFull, match="limit of 300000 bytes") as full:
        queue.append_now(b"x" * 1000, 1)
    assert full.value.retry_after > 0
    assert 0.8 * limit < kept * 1000 < limit
    assert make_queue(limit_bytes=limit).depth().events == kept
    claim = queue.claim(10)
    assert claim is not None
    queue.acknowledge(claim)
    queue.append_now(b"a", 1)
    assert acknowledge_all(queue) == kept - 10 + 1
    queue.close()
    assert path.stat().st_size < 2 * limit


def test_space_is_used_again(make_queue: Make, path: Path):
    queue = make_queue()
    sizes: list[int] = []
    for _ in range(12):
        for _ in range(40):
            queue.append_now(b"x" * 50_000, 10)
        assert acknowledge_all(queue) == 400
        sizes.append(path.stat().st_size)
    assert sizes[-1] <= max(sizes[:4]) * 1.5
    assert Path(f"{path}-wal").stat().st_size < WAL_BYTES
    state = queue._read("SELECT events, bytes FROM state")[0]
    assert state == (0, 0)


def test_tokens_are_never_used_again(make_queue: Make, path: Path, tmp_path: Path):
    tokens: list[str] = []
    paths = [path, path, tmp_path / "other" / "queue.db"]
    for each in paths:
        queue = SqliteQueue(each, clock=lambda: 1_700_000_000_000)
        for _ in range(3):
            queue.append_now(b"a", 1)
            claim = queue.claim(1)
            assert claim is not None
            tokens.append(claim.token)
            queue.acknowledge(claim)
        queue.close()
    assert len(set(tokens)) == len(tokens)


def test_attempts_at_a_claim_are_counted_durably(make_queue: Make):
    queue = make_queue()
    queue.append_now(b"a", 1)
    for _ in range(2):
        queue.claim(1)
    queue.close()
    queue = make_queue()
    queue.claim(1)
    assert queue._read("SELECT claim_attempts FROM state")[0][0] == 3


def test_an_append_waits_for_another_writer(make_queue: Make, path: Path):
    queue = make_queue()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
    timer.start()
    begin = time.monotonic()
    queue.append_now(b"a", 1)
    assert time.monotonic() - begin > 0.2
    timer.join()
    other.close()


def test_a_lock_that_is_never_given_back_refuses_and_recovers(
    make_queue: Make, path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite_writer, "BUSY_SECONDS", 0.1)
    queue = make_queue()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(QueueFull, match="locked"):
        queue.append_now(b"a", 1)
    other.execute("ROLLBACK")
    other.close()
    queue.append_now(b"b", 1)
    claim = queue.claim(10)
    assert claim is not None
    assert [record.body for record in claim.records] == [b"b"]


@pytest.mark.parametrize("limit", ["WAITING_LIMIT", "WAITING_BYTES"])
def test_too_many_waiting_are_refused_at_once(make_queue: Make, monkeypatch: pytest.MonkeyPatch, limit: str):
    queue = make_queue()
    queue.append_now(b"before", 1)
    monkeypatch.setattr(sqlite_writer, limit, 0)
    with pytest.raises(QueueFull, match="wait for the disk"):
        queue.append_now(b"a", 1)
    with pytest.raises(QueueFull, match="wait for the disk") as full:
        asyncio.run(queue.append(b"a", 1))
    assert full.value.retry_after == sqlite_writer.FULL_RETRY_SECONDS
    claim = queue.claim(10)  # emptying it goes on
    assert claim is not None
    queue.acknowledge(claim)
    assert queue.depth().events == 0


def test_what_was_written_waits_no_more(make_queue: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite_writer, "WAITING_BYTES", 2_000)
    queue = make_queue()
    for _ in range(10):
        queue.append_now(b"x" * 1_500, 1)


def test_wait_is_woken_and_does_not_only_look_now_and_then(make_queue: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "POLL_SECONDS", 60)
    queue = make_queue()
    timer = threading.Timer(0.2, lambda: queue.append_now(b"a", 1))
    timer.start()
    begin = time.monotonic()
    assert queue.wait(60)
    assert time.monotonic() - begin < 10
    timer.join()


def test_large_records_share_no_transaction_without_bound(
    make_queue: Make, path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite_writer, "ROW_BYTES", 1000)
    monkeypatch.setattr(sqlite_writer, "COMMIT_BYTES", 3000)
    sizes: list[int] = []
    commit = sqlite_writer.Writer._commit

    def measured(self: Any, rows: Any, works: Any) -> None:
        sizes.append(sum(row.size for row in rows))
        commit(self, rows, works)

    monkeypatch.setattr(sqlite_writer.Writer, "_commit", measured)
    queue = make_queue()
    threads = [threading.Thread(target=queue.append_now, args=(b"x" * 900, 1)) for _ in range(20)]
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")  # all of them have to wait, and what waits shares commits
        for thread in threads:
            thread.start()
        while queue._writer._waiting < len(threads):
            time.sleep(0.001)
        other.rollback()
    for thread in threads:
        thread.join()
    assert sum(sizes) == 20 * 900
    assert 900 < max(sizes) < 3000 + 900
    assert queue._read("SELECT count(*), max(length(body)) FROM batches")[0][0] == 20
    queue.append_now(b"y" * 2_000_000, 1)
    assert acknowledge_all(queue) == 21
