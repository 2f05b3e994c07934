"""Choose cache and counts by the settings."""

from eventlens.caches.base import Cache, Counts, News
from eventlens.caches.memory import MemoryCache
from eventlens.caches.redis import RedisCache, RedisCounts, RedisNews
from eventlens.settings import Settings


def open_cache(settings: Settings) -> Cache:
    """The cache that these settings ask for: one in this process, unless a Redis URL is set."""
    if settings.redis_url:
        return RedisCache(settings.redis_url, settings.answer_cache)
    return MemoryCache(settings.answer_cache)


def open_counts(settings: Settings) -> Counts | None:
    """Where processes tell each other what they have counted; None where there is only this one."""
    return RedisCounts(settings.redis_url) if settings.redis_url else None


def open_news(settings: Settings, topic: str) -> News | None:
    """Where processes tell each other about a topic; None where there is only this one."""
    if not settings.redis_url or not settings.clickhouse_url:
        return None
    return RedisNews(settings.redis_url, topic)
