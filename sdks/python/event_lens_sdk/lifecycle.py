"""What a process does to clients: it forks, or it ends."""

import atexit
import contextlib
import multiprocessing.process
import multiprocessing.util
import os
import signal
import sys
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Protocol

from event_lens_sdk.problems import log


class Living(Protocol):
    """What a client does when its process forks or ends."""

    def before_fork(self) -> None: ...
    def after_fork_in_parent(self) -> None: ...
    def after_fork_in_child(self) -> None: ...
    def close_at_exit(self) -> None: ...


_living: weakref.WeakSet[Living] = weakref.WeakSet()
_forking: list[Living] = []
_told_child: set[int] = set()


def watch(client: Living) -> None:
    """Look after a client for as long as it lives."""
    _living.add(client)


def catch_sigterm(hurry: Callable[[], object]) -> None:
    """At SIGTERM, send at once, then do what was to be done; where that was nothing, end in order.

    Waiting here could wait for a lock of the very code that the signal interrupted.
    """
    before = signal.getsignal(signal.SIGTERM)

    def handle(number: int, frame: FrameType | None) -> None:
        hurry()
        if callable(before):
            before(number, frame)
        elif before != signal.SIG_IGN:
            sys.exit(128 + number)

    try:
        signal.signal(signal.SIGTERM, handle)
    except ValueError:
        log.warning("catch_sigterm works in the main thread only")


def see_process() -> None:
    """A child of `multiprocessing` ends without `atexit`: ask its own list of last things."""
    if multiprocessing.process.parent_process() is not None and os.getpid() not in _told_child:
        _told_child.add(os.getpid())
        multiprocessing.util.Finalize(None, _close_all, exitpriority=10)


def _before_fork() -> None:
    for client in list(_living):
        client.before_fork()
        _forking.append(client)


def _after_in_parent() -> None:
    while _forking:
        _forking.pop().after_fork_in_parent()


def _after_in_child() -> None:
    while _forking:
        _forking.pop().after_fork_in_child()


def _close_all() -> None:
    for client in list(_living):
        with contextlib.suppress(Exception):  # others are closed in any case
            client.close_at_exit()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
