"""`eventlens work`: a worker process beside API processes."""

import signal
import sys
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

import click

from eventlens import __version__
from eventlens.cli import data_option, load_settings
from eventlens.cli.logs import start_logging
from eventlens.errors import ConfigurationError
from eventlens.settings import Settings

if TYPE_CHECKING:
    from eventlens.runtime import Workers


@click.command("work")
@data_option
def command(data: Path | None) -> None:
    """Start a worker process. It needs a shared queue (REDIS_URL) and a shared store (CLICKHOUSE_URL).

    As many as there are projects with much to store are of use; each project's events are stored by one of
    them at a time. SIGTERM or Ctrl-C ends it after the batch under way; the others go on at once.
    """
    settings = load_settings(data)
    _require_shared(settings)
    start_logging(settings)
    ended = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    from eventlens.cli.directory import make_data_directory
    from eventlens.runtime import open_workers

    make_data_directory(settings.data)
    workers = open_workers(settings)
    try:
        _tell_metrics(settings, workers)
        click.echo(f"Event Lens {__version__} works")
        sys.stdout.flush()
        workers.worker.start()
        workers.rollups.start()
        workers.retention.start()
        ended.wait()
    finally:
        workers.close()


def _tell_metrics(settings: Settings, workers: "Workers") -> None:
    """Answer /metrics, if a port for it is set, until the process ends."""
    from eventlens.api.measuring import MetricsServer, Readings

    if settings.metrics_port is None:
        return
    readings = Readings(settings, workers.queue, workers.store, "worker")
    try:
        server = MetricsServer(settings, settings.metrics_port, readings)
    except OSError as error:
        place = f"{settings.host}:{settings.metrics_port}"
        message = f"EVENTLENS_METRICS_PORT: cannot listen on {place} ({error.strerror})."
        raise ConfigurationError(message) from error
    workers.opened.callback(server.close)
    click.echo(f"Metrics on port {server.port}")


def _require_shared(settings: Settings) -> None:
    needed = {"REDIS_URL": settings.redis_url, "CLICKHOUSE_URL": settings.clickhouse_url}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ConfigurationError(
            f"A worker process needs a shared queue and a shared store: set {' and '.join(missing)}. "
            "With embedded stores `eventlens serve` runs the workers itself."
        )
