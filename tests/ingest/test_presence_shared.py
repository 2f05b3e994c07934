"""Whom one process has seen, the others know."""

from contextlib import closing

from eventlens.caches.redis import RedisNews
from eventlens.ingest.keys import device_node
from eventlens.ingest.presence import Presence
from eventlens.ingest.presence_shared import SharedPresence
from tests.support.redis import RedisServer

MINUTE = 60_000
START = 1_700_000_000_000


def test_visits_are_known_everywhere_and_merge(redis_server: RedisServer):
    url, key = redis_server.url, device_node("d")
    with closing(RedisNews(url, "presence")) as news, closing(RedisNews(url, "presence")) as others:
        one, other = Presence(), Presence()
        here, there = SharedPresence(one, news), SharedPresence(other, others)
        one.share()
        other.share()

        def exchange() -> None:
            for each in (here, there, here):
                each.exchange()

        one.see("p", key, START)
        exchange()
        assert other.seen_before("p", "d", START + 29 * MINUTE)
        assert not other.seen_before("p", "d", START + 30 * MINUTE)
        assert other.see("p", key, START + 29 * MINUTE) == START, "the same session"
        exchange()
        assert one.seen_before("p", "d", START + 58 * MINUTE), "it goes on by what the other one has seen"
        assert other.see("p", key, START + 90 * MINUTE) == START + 90 * MINUTE
        exchange()
        assert one.see("p", key, START + 91 * MINUTE) == START + 90 * MINUTE
        one.see("p", key, START + 61 * MINUTE)  # late: begins earlier than was known
        exchange()
        assert not other.seen_before("q", "d", START)
