"""`eventlens restore`: a backup into an empty installation."""

import json
from contextlib import ExitStack, closing
from pathlib import Path

import click
import msgspec

from eventlens.cli import current_catalog, data_option, json_option, load_settings
from eventlens.cli.errand import progress


@click.command(name="restore")
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@data_option
@json_option
def command(directory: Path, data: Path | None, as_json: bool) -> None:
    """Read the backup in DIR into an empty installation, and compare it by counts and checksums.

    The settings say where to: another EVENTLENS_DATA, and other databases where they are servers. They may be
    of another kind than those of the backup. No server may run there yet.
    """
    settings = load_settings(data)
    from eventlens.cli.directory import claimed_directory
    from eventlens.store.connect import open_store
    from eventlens.store.health import confirm
    from eventlens.store.migrate import migrate
    from eventlens.workers.restore import read_manifest, restore

    directory = directory.absolute()
    read_manifest(directory)  # before anything is made
    with ExitStack() as stack:
        stack.enter_context(claimed_directory(settings, "restore"))
        catalog = stack.enter_context(current_catalog(settings, create=True))
        store = stack.enter_context(closing(open_store(settings)))
        migrate(store)
        made = restore(settings, catalog, store, directory, progress("files", quiet=as_json))
        confirm(store, settings)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(made)))
        return
    rows = sum(table.rows for table in made.tables.values())
    counts = f"{rows:,} rows of events and {made.catalog_rows:,} of the catalog"
    click.echo(f"Restored {counts}; all are as they were.")
    if made.queued_events:
        click.echo(f"{made.queued_events:,} events wait in the queue; they are stored when a server starts.")
