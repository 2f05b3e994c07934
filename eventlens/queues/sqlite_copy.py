"""The embedded queue's file as it is at one instant, while others append and claim."""

import contextlib
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path

from eventlens.queues.sqlite_file import connect_reader, unavailable

_PAGES = 4096
"""Copied at a time."""


@contextlib.contextmanager
def held(path: Path, target: Path) -> Generator[Callable[[], None]]:
    """What the queue holds now; gives what writes that to `target`, a new file, until the end of the block.

    The log of changes grows meanwhile, nobody waits. Raises Unavailable.
    """
    with contextlib.closing(connect_reader(path)) as reader:
        try:
            reader.execute("BEGIN")
            reader.execute("SELECT events FROM state").fetchone()  # from here on it is this instant

            def write() -> None:
                with contextlib.closing(sqlite3.connect(target)) as copy:
                    reader.backup(copy, pages=_PAGES)

            yield write
        except sqlite3.Error as error:
            raise unavailable(error) from error
