"""`eventlens work`: a worker process beside API processes."""

import os
from pathlib import Path

import click

from eventlens.errors import ConfigurationError
from eventlens.settings import Settings


@click.command("work")
def command() -> None:
    """Start a worker process. It needs a shared queue (REDIS_URL) and a shared store (CLICKHOUSE_URL)."""
    settings = Settings.load(os.environ, Path.cwd())
    if not settings.redis_url or not settings.clickhouse_url:
        missing = [
            name
            for name, value in (
                ("REDIS_URL", settings.redis_url),
                ("CLICKHOUSE_URL", settings.clickhouse_url),
            )
            if not value
        ]
        raise ConfigurationError(
            f"A worker process needs a shared queue and a shared store: set {' and '.join(missing)}. "
            "With embedded stores `eventlens serve` runs the workers itself."
        )
    raise ConfigurationError(
        "REDIS_URL: the Redis queue is not available yet, so workers run inside `eventlens serve`."
    )
