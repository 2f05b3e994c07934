"""Choose the cache by the settings."""

from eventlens.caches.base import Cache
from eventlens.caches.memory import MemoryCache
from eventlens.settings import Settings


def open_cache(settings: Settings) -> Cache:
    """The cache that these settings ask for: one in this process."""
    return MemoryCache(settings.answer_cache)
