"""`eventlens migrate`: both databases to the current schema, beside a running server or without one."""

import json
import time
from contextlib import ExitStack
from pathlib import Path

import click

from eventlens.cli import data_option, json_option, load_settings
from eventlens.errors import ConfigurationError
from eventlens.settings import Settings

TURN_SECONDS = 60
"""How long to wait for another command on the same embedded store."""


@click.command(name="migrate")
@data_option
@json_option
def command(data: Path | None, as_json: bool) -> None:
    """Bring both databases to the current schema. Safe to repeat, also from several processes at once."""
    settings = load_settings(data)
    answer = {"catalog": _migrate_catalog(settings), "store": _migrate_store(settings)}
    if as_json:
        click.echo(json.dumps(answer))
        return
    for name, outcome in answer.items():
        click.echo(f"{name:<7}  {_WORDS[outcome]}")


_WORDS = {
    "migrated": "brought to the current schema",
    "current": "already at the current schema",
    "server": "in use by the running server, which keeps it at the current schema itself",
}


def _migrate_catalog(settings: Settings) -> str:
    from eventlens.catalog.connect import open_catalog
    from eventlens.catalog.migrate import migrate
    from eventlens.cli.directory import make_data_directory

    make_data_directory(settings.data)
    catalog = open_catalog(settings)
    try:
        return "migrated" if migrate(catalog) else "current"
    finally:
        catalog.close()


def _migrate_store(settings: Settings) -> str:
    if settings.clickhouse_url:
        return _open_and_migrate(settings)
    from eventlens.cli.directory import claimed_directory, running_server

    deadline = time.monotonic() + TURN_SECONDS
    while True:
        with ExitStack() as turn:
            try:
                # The embedded store belongs to one process: to the server, while one runs.
                if running_server(settings) is not None:
                    return "server"
                turn.enter_context(claimed_directory(settings, "migrate"))
            except ConfigurationError:
                if time.monotonic() > deadline:
                    raise
            else:
                return _open_and_migrate(settings)
        time.sleep(0.1)  # another command has it, or a server that is just starting


def _open_and_migrate(settings: Settings) -> str:
    from eventlens.store.connect import open_store
    from eventlens.store.migrate import migrate

    store = open_store(settings)
    try:
        return "migrated" if migrate(store) else "current"
    finally:
        store.close()
