"""`eventlens work`: a worker process beside API processes."""

import signal
import sys
from pathlib import Path
from threading import Event
from types import FrameType

import click

from eventlens import __version__
from eventlens.cli import data_option, load_settings
from eventlens.cli.logs import start_logging
from eventlens.errors import ConfigurationError
from eventlens.settings import Settings


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
        click.echo(f"Event Lens {__version__} works")
        sys.stdout.flush()
        workers.worker.start()
        workers.rollups.start()
        workers.retention.start()
        ended.wait()
    finally:
        workers.close()


def _require_shared(settings: Settings) -> None:
    needed = {"REDIS_URL": settings.redis_url, "CLICKHOUSE_URL": settings.clickhouse_url}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ConfigurationError(
            f"A worker process needs a shared queue and a shared store: set {' and '.join(missing)}. "
            "With embedded stores `eventlens serve` runs the workers itself."
        )
