"""`eventlens move-store`: the events of an embedded store move to a ClickHouse server."""

import json
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import click

from eventlens.cli import data_option, json_option, load_settings
from eventlens.cli.errand import progress
from eventlens.errors import ConfigurationError

_PAUSE_SECONDS = 60.0


@click.command(name="move-store")
@click.argument("url", metavar="URL")
@data_option
@json_option
def command(url: str, data: Path | None, as_json: bool) -> None:
    """Copy all events of the embedded store to the empty ClickHouse database at URL, and compare.

    Stop the server first. Afterwards start it with CLICKHOUSE_URL=URL and the same data directory: projects
    and what waits in the queue stay there. The embedded store is left as it is, to be removed by hand.
    """
    settings = load_settings(data)
    if settings.clickhouse_url:
        raise ConfigurationError("CLICKHOUSE_URL is set: the events are on a server already.")
    from eventlens.cli.directory import claimed_directory, require_data
    from eventlens.runtime import open_workers
    from eventlens.store.connect import open_store
    from eventlens.store.migrate import migrate
    from eventlens.workers.moving import move

    require_data(settings)
    with ExitStack() as stack:
        stack.enter_context(claimed_directory(settings, "move-store"))
        target = stack.enter_context(closing(open_store(replace(settings, clickhouse_url=url))))
        migrate(target)
        workers = open_workers(settings)
        stack.callback(workers.close)
        workers.worker.start()  # whatever somebody began to store must come to its end
        stack.enter_context(workers.queue.paused(_PAUSE_SECONDS))
        rows = move(settings, workers.store, target, progress("parts", quiet=as_json))
    if as_json:
        click.echo(json.dumps({"rows": rows}))
        return
    click.echo(f"Moved {rows:,} rows; all are there as they were. Start with CLICKHOUSE_URL now.")
