"""Choose the queue by the settings."""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from eventlens.clock import Clock, now_ms
from eventlens.queues.base import Queue
from eventlens.queues.redis import RedisQueue
from eventlens.queues.sqlite import SqliteQueue

if TYPE_CHECKING:
    from eventlens.settings import Settings


def open_queue(settings: "Settings", clock: Clock = now_ms) -> Queue:
    """The queue that these settings ask for: the embedded one, unless a Redis URL is set.

    Raises ConfigurationError when it cannot be opened.
    """
    if settings.redis_url:
        return RedisQueue(settings.redis_url, clock=clock, limit_bytes=settings.queue_limit)
    return SqliteQueue(_file(settings), clock=clock, limit_bytes=settings.queue_limit)


def is_empty(settings: "Settings") -> bool:
    """Whether nothing waits in the queue of these settings and nothing is set aside in it.

    Makes no embedded queue where there is none. Raises ConfigurationError, Unavailable.
    """
    if settings.redis_url:
        with closing(RedisQueue(settings.redis_url)) as queue:
            return not queue.depth().events and not queue.count_dead_letters(1)
    if not _file(settings).exists():
        return True
    with closing(SqliteQueue(_file(settings))) as queue:
        return not queue.depth().events and not queue.count_dead_letters(1)


def restore(settings: "Settings", path: Path, key_of: Callable[[bytes], str]) -> None:
    """Put what `Queue.held` wrote into the empty queue of these settings, which nobody has open.

    `key_of` gives the key of a record by its body. Raises ConfigurationError, Unavailable.
    """
    if settings.redis_url:
        with closing(RedisQueue(settings.redis_url)) as queue:
            queue.adopt(path, key_of)
        return
    draft = _file(settings).with_name(".queue.db.restored")
    shutil.copyfile(path, draft)
    draft.chmod(0o600)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    for old in ("-wal", "-shm"):
        _file(settings).with_name(f"queue.db{old}").unlink(missing_ok=True)
    draft.replace(_file(settings))


def _file(settings: "Settings") -> Path:
    return settings.data / "queue.db"
