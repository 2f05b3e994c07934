"""`eventlens demo`: a project with lively, realistic data, for a first look."""

import json
import uuid
from functools import partial
from pathlib import Path

import click

from eventlens.cli import data_option, json_option, load_settings, require_project, shown
from eventlens.cli.directory import running_server
from eventlens.cli.importing import await_outcomes, patiently, pipeline


@click.command("demo")
@click.option("--project", "project_id", metavar="ID", help='Fill this project instead of a new one, "Demo".')
@click.option("--seed", default=1, show_default=True, help="Another number, other visitors.")
@click.option(
    "--events",
    type=click.IntRange(100, 1_000_000),
    default=30_000,
    show_default=True,
    help="About how many to make: events and, fewer, changes of profiles.",
)
@data_option
@json_option
def command(project_id: str | None, seed: int, events: int, data: Path | None, as_json: bool) -> None:
    """Make a project with the last 60 days of a made-up product: visits, campaigns, sign-ups, sales.

    The events go through the same pipeline as real ones. The command may run while `eventlens serve` does.
    """
    from eventlens.accounts.clients import Clients
    from eventlens.accounts.setup import create_project
    from eventlens.clock import now_ms
    from eventlens.ingest.importers.demo import Demo

    settings = load_settings(data)
    server = running_server(settings)
    with pipeline(settings, "demo", create=True) as feed:
        if project_id is None:
            made = create_project(feed.catalog, "Demo", "demo.example", "UTC")
            project_id = made.project.id
            clients = shown(made.clients)
        else:
            require_project(feed.catalog, project_id)
            known = Clients(feed.catalog).list(project_id)
            clients = [{"id": one.id, "type": one.type} for one in known if not one.revoked]
        source = f"demo-{uuid.uuid4().hex}"
        total = 0
        for record, commands, tracked in Demo(project_id, now_ms(), seed, events, source).records():
            patiently(partial(feed.queue.append_now, record, commands, project_id))
            total += tracked
        outcomes = await_outcomes(feed, source, total)
    url = server.url if server else f"http://localhost:{settings.port}"
    curl = _question(url, project_id, clients)
    stored = outcomes.get("imported", 0)
    if as_json:
        answer = {"project_id": project_id, "events": stored, "clients": clients, "curl": curl}
        click.echo(json.dumps(answer))
        return
    click.echo(f"{stored:,} events of the last 60 days are in project {project_id}.\nIts clients:\n")
    for one in clients:
        click.echo(f"  {one['type']:<6} {one['id']}  {one.get('secret', '')}".rstrip())
    start = "" if server else ", once `eventlens serve` runs"
    click.echo(f"\nSee the last 30 days counted{start}:\n\n{curl}")


def _question(url: str, project_id: str, clients: list[dict[str, str]]) -> str:
    """A question ready to paste; of an older client only the id is known."""
    unknown: dict[str, str] = {}
    read = next((one for one in clients if one["type"] == "read"), unknown)
    return (
        f"  curl -s '{url}/insights/{project_id}/metrics?range=30d' \\\n"
        f"    -H 'event-lens-client-id: {read.get('id', 'READ_ID')}' "
        f"-H 'event-lens-client-secret: {read.get('secret', 'READ_SECRET')}'"
    )
