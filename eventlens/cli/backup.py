"""`eventlens backup`: both databases and what waits in the queue, beside a running server or without one."""

import json
from pathlib import Path

import click

from eventlens.cli import data_option, json_option, load_settings
from eventlens.cli.errand import do, progress


@click.command(name="backup")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@data_option
@json_option
def command(directory: Path, data: Path | None, as_json: bool) -> None:
    """Write a backup into DIR, which must be new or empty: projects, events, queue, secret key.

    Works while a server runs: it goes on, and nothing that was accepted before is missing. With embedded
    stores DIR is a directory of the server's machine. `eventlens restore DIR` reads it.
    """
    settings = load_settings(data)
    words = {"directory": str(directory.absolute())}
    made = do(settings, "backup", words, progress("tables", quiet=as_json))
    if as_json:
        click.echo(json.dumps(made))
        return
    rows = sum(table["rows"] for table in made["tables"].values())
    click.echo(
        f"Backed up {rows:,} rows of events and {made['catalog_rows']:,} of the catalog to {directory}."
    )
    if made["queued_events"]:
        click.echo(f"{made['queued_events']:,} events that wait in the queue are in it.")
