"""How a command has the running server do something: the embedded stores are open in one process only.

They speak through files in the data directory: whoever may write there may read all of it anyway. A command
puts `ID.ask` there; the server, one errand at a time, writes lines to `ID.said`: reports, then an outcome.
"""

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from eventlens.errors import ConfigurationError, EventLensError, InvalidInput, NotFound, Unavailable
from eventlens.workers.backup import Report

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_FOLDER = "errands"

Errand = Callable[[Mapping[str, Any], Report], Mapping[str, Any]]
"""Does something with the words of a command; gives what to say of it. Raises what is in `errors`."""


class _Asked(msgspec.Struct):
    name: str
    words: dict[str, Any]


class _Said(msgspec.Struct, omit_defaults=True):
    done: int = 0
    of: int = 0
    answer: dict[str, Any] | None = None
    error: str = ""
    kind: str = ""


_KINDS: Mapping[str, type[EventLensError]] = {
    each.__name__: each for each in (ConfigurationError, InvalidInput, NotFound, Unavailable)
}


@contextlib.contextmanager
def answering(data: Path, errands: Mapping[str, Errand]) -> Generator[None]:
    """Do what commands ask for, in a thread, until the end of the block; waits for one under way."""
    folder = data / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in folder.iterdir():  # asked of a server that is gone
        left.unlink(missing_ok=True)
    stopping = threading.Event()
    words = (folder, errands, stopping)
    thread = threading.Thread(target=_answer_all, args=words, name="errands", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def ask(
    data: Path, name: str, words: Mapping[str, Any], report: Report, is_alive: Callable[[], bool]
) -> Mapping[str, Any]:
    """Have the server on this data directory do an errand. Raises what that raised, or Unavailable."""
    folder = data / _FOLDER
    id_ = secrets.token_hex(8)
    asked, said = folder / f"{id_}.ask", folder / f"{id_}.said"
    try:
        _write(asked, _Asked(name, dict(words)))
    except FileNotFoundError:
        raise Unavailable("The running server is just starting, or of another version; try again.") from None
    try:
        return _outcome(said, report, is_alive)
    finally:
        asked.unlink(missing_ok=True)
        said.unlink(missing_ok=True)


def _outcome(said: Path, report: Report, is_alive: Callable[[], bool]) -> Mapping[str, Any]:
    decoder = msgspec.json.Decoder(_Said)
    read, look_at = 0, 0.0
    while True:
        content = said.read_bytes()[read:] if said.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        read += len(whole)
        for line in whole.splitlines():
            found = decoder.decode(line)
            if found.answer is not None:
                return found.answer
            if found.error:
                raise _KINDS.get(found.kind, Unavailable)(found.error)
            report(found.done, found.of)
        if not whole and time.monotonic() > look_at:
            look_at = time.monotonic() + 1.0
            if not is_alive() and not said.exists():
                raise Unavailable("The server ended before it was done.")
        time.sleep(_POLL_SECONDS)


def _answer_all(folder: Path, errands: Mapping[str, Errand], stopping: threading.Event) -> None:
    while not stopping.wait(_POLL_SECONDS):
        for asked in sorted(folder.glob("*.ask")):
            _do(asked, errands)
            if stopping.is_set():
                return


def _do(asked: Path, errands: Mapping[str, Errand]) -> None:
    encoder = msgspec.json.Encoder()
    try:
        request = msgspec.json.decode(asked.read_bytes(), type=_Asked)
        asked.unlink()
    except (OSError, msgspec.DecodeError) as error:
        log.warning("an errand cannot be read: %s", error)
        asked.unlink(missing_ok=True)
        return
    with contextlib.suppress(OSError), asked.with_suffix(".said").open("wb", buffering=0) as file:

        def say(line: _Said) -> None:
            file.write(encoder.encode(line) + b"\n")

        say(_done(request, errands, lambda done, of: say(_Said(done=done, of=of))))


def _done(request: _Asked, errands: Mapping[str, Errand], report: Report) -> _Said:
    errand = errands.get(request.name)
    if errand is None:
        return _Said(error=f"The running server knows no {request.name}: it is of another version.")
    try:
        return _Said(answer=dict(errand(request.words, report)))
    except EventLensError as error:
        kind = next((name for name, each in _KINDS.items() if isinstance(error, each)), "")
        return _Said(error=error.message, kind=kind)
    except Exception as error:
        log.exception("an errand failed: %s", request.name)
        return _Said(error=f"It failed ({type(error).__name__}); the server's log says more.")


def _write(path: Path, content: msgspec.Struct) -> None:
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.write_bytes(msgspec.json.encode(content))
    draft.chmod(0o600)
    draft.replace(path)
