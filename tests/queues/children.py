"""Processes that the tests start, and kill: `python -m tests.queues.children NAME ARGUMENT...`."""

import asyncio
import json
import os
import random
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from eventlens.errors import QueueFull
from eventlens.queues import sqlite_writer
from eventlens.queues.sqlite import SqliteQueue


def say(line: str) -> None:
    """One write, so that lines of several threads stay whole and a kill cuts none in the middle."""
    os.write(1, f"{line}\n".encode())


def append_forever(path: str, run: str) -> None:
    """Say each record's id (run, name of the thread or task, number) once it is durable."""
    queue = SqliteQueue(Path(path))

    def from_thread(name: str) -> None:
        n = 0
        while True:
            queue.append_now(f"{run} {name} {n} ".encode().ljust(300, b"."), 1)
            say(f"{run} {name} {n}")
            n += 1

    async def from_task(name: str) -> None:
        n = 0
        while True:
            await queue.append(f"{run} {name} {n} ".encode().ljust(300, b"."), 1)
            say(f"{run} {name} {n}")
            n += 1

    async def tasks() -> None:
        await asyncio.gather(*(from_task(f"task{n}") for n in range(16)))

    for n in range(3):
        threading.Thread(target=from_thread, args=(f"thread{n}",), daemon=True).start()
    asyncio.run(tasks())


def append_some(path: str, run: str, count: str) -> None:
    """Append records of 1 to 3 events each, then end."""
    queue = SqliteQueue(Path(path))
    say("ready")
    for n in range(int(count)):
        queue.append_now(f"{run} {n}".encode(), n % 3 + 1)
    queue.close()


def work_forever(path: str, seed: str) -> None:
    """Claim and acknowledge; say what was claimed before and after it is acknowledged."""
    queue = SqliteQueue(Path(path))
    chance = random.Random(int(seed))
    while claim := queue.claim(chance.randint(1, 40)):
        say(
            json.dumps(
                ["claimed", claim.token, claim.retried, [record.body.decode() for record in claim.records]]
            )
        )
        time.sleep(chance.uniform(0, 0.004))  # however fast the disk is, the work takes many lives
        queue.acknowledge(claim, {("test", "done"): claim.events})
        say(json.dumps(["acknowledged", claim.token, False, []]))
    say(json.dumps(["empty", "", False, []]))


def replay_forever(path: str) -> None:
    """Replay dead letters one by one, then wait to be killed."""
    queue = SqliteQueue(Path(path))
    say("ready")
    replay_each(queue)
    time.sleep(60)


def replay_all(path: str) -> None:
    """Replay what is there, one by one; say how many there were."""
    queue = SqliteQueue(Path(path))
    say(str(replay_each(queue)))
    queue.close()


def replay_each(queue: SqliteQueue) -> int:
    """Replay the letters that are there now; how many of them nobody else had replayed."""
    letters = reversed(queue.dead_letters(limit=1000))
    return sum(queue.replay_dead_letters([letter.id]) for letter in letters)


def read_counts(path: str, source: str) -> None:
    """What another process sees."""
    queue = SqliteQueue(Path(path))
    say(json.dumps([queue.depth().events, queue.tallies(source)]))
    queue.close()


def fill_file_size(path: str) -> None:
    """Run into the limit of a file's size, lift it, go on."""
    megabyte = 1024**2
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def set_limit(limit: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))

    queue = SqliteQueue(Path(path))
    set_limit(2 * megabyte)
    fill_and_go_on(queue, lambda: set_limit(hard))


def fill_disk(path: str) -> None:
    """Fill the disk on which the queue is, make room, go on."""
    sqlite_writer.RESERVE_BYTES = 0
    queue = SqliteQueue(Path(path))
    ballast = Path(path).parent / "ballast"
    ballast.write_bytes(b"\0" * 1024**2)
    fill_and_go_on(queue, ballast.unlink)


def fill_almost(path: str) -> None:
    """Append until the disk is almost full; the workers can still empty the queue."""
    sqlite_writer.SPACE_SECONDS = 0
    queue = SqliteQueue(Path(path))
    kept = fill(queue)
    found: list[str] = []
    while claim := queue.claim(10):
        found += [record.body[:10].decode() for record in claim.records]
        queue.acknowledge(claim, {("test", "done"): claim.events})
    say(json.dumps({"kept": kept, "found": found, "refusals": 3}))


def fill(queue: SqliteQueue) -> list[str]:
    """Append until three appends were refused; the ids of those that were not."""
    kept: list[str] = []
    refused = 0
    for n in range(5000):
        body = f"{n:10}".encode() + os.urandom(random.Random(n).choice([10, 3000, 40_000]))
        try:
            queue.append_now(body, 1)
            kept.append(f"{n:10}")
        except QueueFull:
            refused += 1
        if refused == 3:
            return kept
    raise AssertionError("never full")


def fill_and_go_on(queue: SqliteQueue, make_room: Callable[[], object]) -> None:
    """Fill, make room, append again; say what was kept and what is found."""
    kept = fill(queue)
    make_room()
    for n in range(20):
        queue.append_now(f"after {n:4}".encode(), 1)
        kept.append(f"after {n:4}")
    found: list[str] = []
    while claim := queue.claim(10):
        found += [record.body[:10].decode() for record in claim.records]
        queue.acknowledge(claim)
    queue.close()
    say(json.dumps({"kept": kept, "found": found, "refusals": 3}))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
