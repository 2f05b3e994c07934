"""Several processes collect: they tell each other who is here.

An answer then names the same session whichever process gives it, and a visitor without cookies who was seen
by one of them before midnight keeps his id when he comes to another one after it.
"""

import logging
import threading
from typing import Protocol

import msgspec

from eventlens.ingest.presence import Presence

log = logging.getLogger(__name__)

EXCHANGE_SECONDS = 0.2
_VISITS = msgspec.msgpack.Decoder(list[tuple[str, int, int, int]])


class News(Protocol):
    """What processes tell each other: `caches.base.News`."""

    def exchange(self, told: bytes) -> list[bytes]: ...


class SharedPresence:
    """Exchanges what some processes know, in a thread of each."""

    def __init__(self, presence: Presence, news: News) -> None:
        self._presence = presence
        self._news = news
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        """Exchange until `stop`."""
        self._presence.share()
        self._thread.start()

    def stop(self) -> None:
        """End the thread of `start`."""
        self._stopping.set()
        self._thread.join()

    def exchange(self) -> None:
        """Tell what is new here, and learn what is new elsewhere."""
        visits = self._presence.news()
        told = msgspec.msgpack.encode(visits) if visits else b""
        for heard in self._news.exchange(told):
            try:
                self._presence.hear(_VISITS.decode(heard))
            except msgspec.MsgspecError:  # another version's
                continue

    def _run(self) -> None:
        while not self._stopping.wait(EXCHANGE_SECONDS):
            try:
                self.exchange()
            except Exception as error:  # noqa: BLE001  # whatever it is, the thread must live on
                log.warning("who is here could not be told to other processes: %s", error)
