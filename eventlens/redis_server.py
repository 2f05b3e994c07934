"""The way to a Redis server: scripts that run inside it, and what its errors mean."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import redis
from redis import exceptions as errors
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from eventlens.errors import ConfigurationError, EventLensError, QueueFull, QueueLost, Unavailable

ANSWER_SECONDS = 5.0
"""How long an answer may take: the server may be writing to a slow disk."""
CONNECT_SECONDS = 2.0
FULL_RETRY_SECONDS = 5.0
PREFIX = "eventlens"
"""Of every key. Installations that share a server need a database each."""
OLDEST = (7, 0)
"""Scripts say since this version whether they may run above the memory limit."""

_DENIED = (errors.AuthenticationError, errors.NoPermissionError)

Word = str | bytes | int


class Server:
    """A Redis database, for any thread; `scripts` is the folder of what runs inside it.

    Opens connections as they are needed, and again when they break.

    Nothing is sent a second time by itself: an append whose answer was lost may have been made.
    """

    def __init__(self, url: str, scripts: Path, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._client: Any = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # half typed
            url,
            socket_timeout=answer_seconds,
            socket_connect_timeout=min(answer_seconds, CONNECT_SECONDS),
            retry=Retry(NoBackoff(), 0),
            client_name="eventlens",
        )
        self.name = shown(url)
        self._folder = scripts
        self._scripts: dict[str, Script] = {}

    def run(self, script: str, words: Iterable[Word]) -> Any:
        """What the script of that name gives; the prefix of all keys is its KEYS[1]. Raises Unavailable."""
        known = self._scripts.get(script)
        if known is None:
            text = (self._folder / f"{script}.lua").read_text()
            known = self._scripts[script] = cast(Script, self._client.register_script(text))
        try:
            return known(keys=[PREFIX], args=list(words))
        except redis.RedisError as error:
            raise self.meaning(error) from error

    def call(self, *words: Word) -> Any:
        """The answer to a command. Raises Unavailable, QueueFull."""
        try:
            return self._client.execute_command(*words)
        except redis.RedisError as error:
            raise self.meaning(error) from error

    def calls(self, *commands: tuple[Word, ...]) -> list[Any]:
        """The answers to several commands, sent together."""
        pipeline = self._client.pipeline(transaction=False)
        for words in commands:
            pipeline.execute_command(*words)
        try:
            return pipeline.execute()
        except redis.RedisError as error:
            raise self.meaning(error) from error

    def key(self, name: str) -> str:
        return f"{PREFIX}:{name}"

    def info(self) -> dict[str, Any]:
        """What the server says of itself."""
        return self.call("INFO")

    def close(self) -> None:
        self._client.close()

    def meaning(self, error: redis.RedisError) -> EventLensError:
        """What an error of the server means to whoever needed an answer."""
        text = " ".join(str(error).split()).rstrip(".")
        if isinstance(error, errors.OutOfMemoryError) or text.startswith(("OOM", "MISCONF")):
            full = QueueFull(f"Redis at {self.name} takes nothing more ({text}).")
            full.retry_after = FULL_RETRY_SECONDS
            return full
        if isinstance(error, _DENIED):
            return ConfigurationError(f"REDIS_URL: {self.name} denies access ({text}).")
        if text.startswith("NOQUEUE"):
            return QueueLost(f"Redis at {self.name} has lost the queue.")
        return Unavailable(f"Redis at {self.name} does not answer ({text}).")


def shown(url: str) -> str:
    """A URL without its secrets."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or 6379}{parts.path.rstrip('/')}"
