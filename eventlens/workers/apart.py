"""The worker's Python in a process of its own, so that collection has its interpreter to itself.

Store and queue stay in the process that serves. This one is handed a claim, asks for what it has to know of
the store, hands blocks of rows over, and says what came of it. What it keeps in memory is in the store too:
it may end at any moment, and another one goes on. It ends with the process that started it.
"""

import contextlib
import logging
import signal
import socket
import subprocess
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any, cast

from eventlens.clock import now_ms
from eventlens.errors import ProcessEnded, Unavailable
from eventlens.ingest.apply import Applier, reason_of
from eventlens.ingest.process import Batch
from eventlens.queues.base import Claim
from eventlens.store.base import BlockStore, StoreMistake
from eventlens.store.relay import Answering, Outbox, RelayedStore
from eventlens.workers.events import calm_collector

log = logging.getLogger(__name__)

_END_SECONDS = 10.0

_OBJECTS = 500_000
"""More than a part of a claim makes: nothing else happens here, so cycles are rare."""


class AppliesApart:
    """What `Applier` does, done by another process. For one thread."""

    def __init__(self, store: BlockStore, *, replay_days: int = 30) -> None:
        """`replay_days`: how long recordings are kept, 0 for ever."""
        self._store = store
        self._replay_days = replay_days
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._tenure = 0

    @property
    def pid(self) -> int | None:
        """Of the process; None while there is none."""
        return None if self._process is None else self._process.pid

    def load(self) -> None:
        self._connected()

    def apply(self, claim: Claim) -> Batch:
        return self._batch("apply", claim)

    def apply_apart(self, claim: Claim) -> Batch:
        return self._batch("apply_apart", claim)

    def close(self) -> None:
        """End the process, which has nothing to lose."""
        connection, process = self._connection, self._process
        self._connection = self._process = None
        if connection is not None:
            connection.close()
        if process is not None:
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _batch(self, what: str, claim: Claim) -> Batch:
        if claim.tenure != self._tenure:
            self.close()  # what it knows from memory is not true any more
            self._tenure = claim.tenure
        tallies, buried, excluded, traces = self._exchange(self._connected(), what, claim.told())
        batch = Batch(version=claim.version)
        batch.tallies.update(tallies)
        batch.buried += buried
        batch.excluded.update(excluded)
        batch.traces += traces
        return batch

    def _connected(self) -> Connection:
        """The connection to the process, which has been started and knows what it needs of the store."""
        if self._connection is None:
            ours, theirs = socket.socketpair()
            self._connection = connection = Connection(ours.detach())
            with theirs:
                words = [sys.executable, "-P", "-m", __name__, str(theirs.fileno()), str(self._replay_days)]
                # In a group of its own: a Ctrl-C is for whoever started this.
                self._process = subprocess.Popen(  # noqa: S603  # ourselves
                    words, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, process_group=0
                )
            try:
                self._exchange(connection, "load")
            except BaseException:
                self.close()  # one that knows half of it must not be asked
                raise
        return self._connection

    def _exchange(self, connection: Connection, *request: Any) -> Any:
        """Ask for something, and answer what is asked meanwhile."""
        answering = Answering(self._store)
        try:
            connection.send(request)
            while True:
                name, *words = cast("tuple[Any, ...]", connection.recv())
                if name == "done":
                    return words[0]
                if name == "failed":
                    break
                if name == "log":
                    logging.getLogger(words[0]).log(words[1], "%s", words[2])
                else:
                    connection.send(answering.answer(name, words))
        except (EOFError, OSError):
            self.close()
            raise ProcessEnded("the process that applies events has ended; another one is started") from None
        raise words[0]


class _Forwarded(logging.Handler):
    """Lets the process that serves write what is logged here."""

    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self._outbox = outbox

    def emit(self, record: logging.LogRecord) -> None:
        """Hand it over, in order with everything else."""
        self._outbox.send(("log", record.name, record.levelno, record.getMessage()))


def main() -> None:
    """The process: a request at a time, until the connection ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # whoever started this decides, and may have a batch under way
    connection = Connection(int(sys.argv[1]))
    outbox = Outbox(connection)
    logging.basicConfig(level=logging.INFO, handlers=[_Forwarded(outbox)])
    store = RelayedStore(connection, outbox)
    applier = Applier(store, now_ms, replay_days=int(sys.argv[2]))
    calm_collector(_OBJECTS)
    with contextlib.suppress(EOFError, OSError):  # whoever started this has ended
        while True:
            name, *arguments = cast("tuple[Any, ...]", connection.recv())
            outbox.send(_outcome(applier, store, name, arguments))


def _outcome(applier: Applier, store: RelayedStore, name: str, arguments: list[Any]) -> tuple[Any, ...]:
    """Do what is asked for, and say what came of it."""
    try:
        if name == "load":
            applier.load()
            return "done", None
        store.patient = name == "apply_apart"  # it has to know which part an insert failed for
        batch = (applier.apply_apart if store.patient else applier.apply)(*arguments)
        store.settle()
    except (EOFError, OSError):
        raise
    except Exception as error:  # noqa: BLE001  # told over there
        applier.forget()
        with contextlib.suppress(Unavailable, StoreMistake):
            store.settle()
        if isinstance(error, Unavailable):
            return "failed", error.with_traceback(None)
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("a batch could not be applied: %s\n%s", reason_of(error), frames)  # noqa: TRY400  # no values
        return "failed", RuntimeError(reason_of(error))
    return "done", (batch.tallies, batch.buried, batch.excluded, batch.traces)


if __name__ == "__main__":
    main()
