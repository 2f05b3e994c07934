"""`eventlens person`: all of one person, to hand over and to delete, beside a running server too."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import click

from eventlens.cli import (
    current_catalog,
    data_option,
    json_option,
    load_settings,
    project_option,
    require_project,
)
from eventlens.cli.errand import do, progress
from eventlens.errors import InvalidInput
from eventlens.settings import Settings

profile_option = click.option(
    "--profile", "profile_id", default="", metavar="ID", help="Any profile of theirs."
)
device_option = click.option(
    "--device", "device_id", default="", metavar="ID", help="Or any device of theirs."
)


@click.group(name="person", no_args_is_help=True)
def command() -> None:
    """Hand over or delete all of one person: every device, profile, event, session and recording."""


@command.command()
@project_option
@profile_option
@device_option
@data_option
@json_option
def delete(project_id: str, profile_id: str, device_id: str, data: Path | None, as_json: bool) -> None:
    """Delete somebody for good. What is sent of them afterwards is recorded again."""
    settings = load_settings(data)
    words = _words(settings, project_id, profile_id, device_id)
    done = do(settings, "delete-person", words, progress("tables", quiet=as_json))
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    click.echo(
        f"Deleted {done['events']:,} events and {done['sessions']:,} sessions of "
        f"{len(done['profiles'])} profiles and {len(done['devices'])} devices."
    )


@command.command()
@project_option
@profile_option
@device_option
@data_option
def export(project_id: str, profile_id: str, device_id: str, data: Path | None) -> None:
    """Print all that is known of somebody: a row of a table on each line, as JSON."""
    settings = load_settings(data)
    words = _words(settings, project_id, profile_id, device_id)
    with tempfile.TemporaryDirectory(prefix="eventlens-") as folder:
        path = Path(folder) / "person.ndjson"
        do(settings, "export-person", {**words, "path": str(path)}, progress("tables", quiet=True))
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.flush()


def _words(settings: Settings, project_id: str, profile_id: str, device_id: str) -> dict[str, str]:
    if bool(profile_id) == bool(device_id):
        raise InvalidInput("Name a profile or a device: --profile ID or --device ID.")
    with current_catalog(settings) as catalog:
        require_project(catalog, project_id)
    return {"project_id": project_id, "profile_id": profile_id, "device_id": device_id}
