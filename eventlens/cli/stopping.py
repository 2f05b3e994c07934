"""Ctrl-C for commands that hand things over: they end where nothing is half done."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event
from types import FrameType

_asked = Event()


@contextmanager
def stoppable() -> Generator[None]:
    """Within, the first Ctrl-C waits for the next `check_stopped`; the second one ends the program at once.

    Python would raise KeyboardInterrupt wherever it happens to be: in the middle of a queue's bookkeeping, or
    in a callback, where it is lost.
    """
    before = signal.getsignal(signal.SIGINT)

    def ask(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _asked.set()

    _asked.clear()
    signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def check_stopped() -> None:
    """Raises KeyboardInterrupt when somebody pressed Ctrl-C."""
    if _asked.is_set():
        _asked.clear()
        raise KeyboardInterrupt
