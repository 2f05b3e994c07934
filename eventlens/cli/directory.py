"""Who uses a data directory: the embedded event store opens in one process at a time."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from eventlens.errors import ConfigurationError
from eventlens.settings import Settings


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The server that uses a data directory right now."""

    pid: int
    url: str


@contextlib.contextmanager
def claimed_directory(settings: Settings, user: str, url: str = "") -> Generator[None]:
    """Be the one process that has the embedded stores of a data directory open.

    Raises ConfigurationError that names the other one, or says why the directory cannot be used.
    """
    with _open_lock(settings.data) as lock:
        if not _lock_soon(lock):
            raise ConfigurationError(
                f"The data directory is in use by {_holder(settings.data)}; stop it first, "
                "or use another directory."
            )
        note = settings.data / "server.json"
        note.write_text(json.dumps({"pid": os.getpid(), "user": user, "url": url}))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def running_server(settings: Settings) -> RunningServer | None:
    """The server on this data directory, if one runs.

    Raises ConfigurationError while a command has it open.
    """
    try:
        with (settings.data / "lock").open("r+") as lock:
            if _lock(lock):
                return None
        note = _note_soon(settings.data / "server.json")
    except FileNotFoundError:
        return None
    if not note["url"]:
        raise ConfigurationError(
            f"The data directory is in use by {_holder(settings.data)}; wait until it is done."
        )
    return RunningServer(note["pid"], note["url"])


def stores_are_shared(settings: Settings) -> bool:
    """Whether queue and store are servers: then several processes serve and work side by side."""
    return bool(settings.redis_url and settings.clickhouse_url)


def make_data_directory(data: Path) -> None:
    """Make the data directory, for its owner only, unless it is there. Raises ConfigurationError."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(data, error) from error


def is_embedded_catalog(settings: Settings) -> bool:
    """Whether the catalog is the one in the data directory."""
    return settings.database_url == Settings(data=settings.data).database_url


def require_data(settings: Settings) -> None:
    """For commands that make no data directory of their own: raises ConfigurationError without data."""
    if is_embedded_catalog(settings) and not (settings.data / "catalog.db").exists():
        raise ConfigurationError(
            f"There is no Event Lens data in {settings.data}; name its directory with --data or "
            "EVENTLENS_DATA, or make it with `eventlens serve`."
        )


def _open_lock(data: Path) -> IO[str]:
    make_data_directory(data)
    try:
        return (data / "lock").open("a+")
    except OSError as error:
        raise _unusable(data, error) from error


def _unusable(data: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"EVENTLENS_DATA: {data} cannot be used as the data directory ({error.strerror})."
    )


def _lock_soon(file: IO[str]) -> bool:
    """Lock, waiting out those who only look (`running_server` holds the lock for an instant)."""
    for _ in range(20):
        if _lock(file):
            return True
        time.sleep(0.05)
    return False


def _note_soon(path: Path) -> dict[str, Any]:
    """The holder's note; it is written an instant after the lock is taken."""
    for _ in range(20):
        with contextlib.suppress(FileNotFoundError, ValueError):
            return json.loads(path.read_text())
        time.sleep(0.05)
    raise ConfigurationError("The data directory is in use by another process; wait until it is done.")


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(data: Path) -> str:
    try:
        note = json.loads((data / "server.json").read_text())
        return f"`eventlens {note['user']}` (process {note['pid']})"
    except (OSError, ValueError, KeyError):
        return "another process"
