"""Lines of access logs join the queue behind what is posted."""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from eventlens.clock import Clock
from eventlens.enrich.bots import recognise_bot
from eventlens.enrich.geo import GeoDatabase
from eventlens.events import Context, Envelope, Track, pack
from eventlens.ingest.devices import DeviceIds
from eventlens.queues.base import Queue

IMPORT_RECORD = 500
"""Imported events per queue record."""


class ImportedView(NamedTuple):
    """One line of an access log, ready for the pipeline."""

    id: str
    timestamp: int
    ip: str
    user_agent: str
    path: str
    referrer: str
    everything: bool
    """Take the line as it is: bots too, its own referrer, outside sessions."""


class LogLines:
    """Queues lines of logs."""

    def __init__(self, queue: Queue, geo: GeoDatabase, devices: DeviceIds, clock: Clock) -> None:
        self._queue = queue
        self._geo = geo
        self._devices = devices
        self._clock = clock

    def collect(self, project_id: str, source: str, items: Iterable[ImportedView]) -> int:
        """Queue log lines; how each one ends is tallied under `source`. Returns the number queued."""
        envelopes = (self._envelope(project_id, source, item) for item in items)
        total = 0
        while some := list(islice(envelopes, IMPORT_RECORD)):
            self._queue.append_now(pack(some), len(some), project_id)
            total += len(some)
        return total

    def _envelope(self, project_id: str, source: str, item: ImportedView) -> Envelope:
        bot = None if item.everything else recognise_bot(item.user_agent, libraries=True)
        context = Context(
            project_id,
            item.user_agent[:512],
            *self._geo.look_up(item.ip),
            source=source,
            excluded="bot" if bot else "",
            excluded_name=bot.name if bot else "",
            outside_sessions=item.everything,
        )
        track = Track(
            name="screen_view",
            timestamp=min(item.timestamp, self._clock()),  # a log of a wrong zone: sessions know no future
            own_time=True,
            id=item.id,
            device_id=self._devices.compute_imported(project_id, item.ip, item.user_agent),
            path=item.path,
            referrer=item.referrer,
        )
        return Envelope(context, [track])
