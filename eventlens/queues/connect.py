"""Choose the queue by the settings."""

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
    return SqliteQueue(settings.data / "queue.db", clock=clock, limit_bytes=settings.queue_limit)
