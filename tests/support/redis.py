"""Real Redis servers for tests, one process each."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.support.processes import Child, clean_environment, free_port


def binary() -> str | None:
    """The server's program, or None where it is not installed."""
    return shutil.which("redis-server")


@dataclass
class RedisServer:
    """A server that writes every command to its log on disk, and may be killed and started again."""

    folder: Path
    port: int
    options: tuple[str, ...]
    child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port)

    def start(self) -> "RedisServer":
        words = [binary() or "", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        words += ["--save", "", "--appendonly", "yes", *self.options]
        self.child = Child(words, self.folder / "redis.log", clean_environment(), self.folder)
        self.child.await_ready(self.ready)
        return self

    def ready(self) -> bool:
        try:
            with self.client as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def empty(self) -> None:
        with self.client as client:
            client.flushall()

    def kill9(self) -> None:
        assert self.child is not None
        self.child.end(9)

    def close(self) -> None:
        if self.child is not None:
            self.child.end()


def start_redis(folder: Path, *options: str) -> RedisServer:
    """Start a server on a free port, its files in `folder`, and wait until it answers."""
    folder.mkdir(parents=True, exist_ok=True)
    return RedisServer(folder, free_port(), options).start()
