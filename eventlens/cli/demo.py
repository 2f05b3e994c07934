"""`eventlens demo`: a project with lively, realistic data, for a first look."""

import json
import uuid
from functools import partial
from pathlib import Path

import click

from eventlens.cli import data_option, json_option, load_settings
from eventlens.cli.importing import await_outcomes, patiently, pipeline


@click.command("demo")
@click.option("--project", "project_id", metavar="ID", help='Fill this project instead of a new one, "Demo".')
@click.option("--seed", default=1, show_default=True, help="Another number, other visitors.")
@click.option("--events", type=click.IntRange(100, 1_000_000), default=20_000, show_default=True)
@data_option
@json_option
def command(project_id: str | None, seed: int, events: int, data: Path | None, as_json: bool) -> None:
    """Make a project with the last 30 days of a made-up product: visits, campaigns, sign-ups, sales.

    The events go through the same pipeline as real ones. The command may run while `eventlens serve` does.
    """
    from eventlens.accounts.projects import Projects
    from eventlens.accounts.setup import create_project
    from eventlens.clock import now_ms
    from eventlens.ingest.importers.demo import Demo

    with pipeline(load_settings(data), "demo") as feed:
        answer: dict[str, object] = {}
        if project_id is None:
            made = create_project(feed.catalog, "Demo", "demo.example", "UTC")
            project_id = made.project.id
            answer["clients"] = [
                {"id": one.id, "secret": one.secret, "type": one.type} for one in made.clients
            ]
        elif Projects(feed.catalog).find(project_id) is None:
            raise click.BadParameter(f"there is no project {project_id!r}.", param_hint="--project")
        source = f"demo-{uuid.uuid4().hex}"
        total = 0
        for record, commands, tracked in Demo(project_id, now_ms(), seed, events, source).records():
            patiently(partial(feed.queue.append_now, record, commands))
            total += tracked
        outcomes = await_outcomes(feed, source, total)
    answer = {"project_id": project_id, "events": outcomes.get("imported", 0), **answer}
    click.echo(json.dumps(answer) if as_json else _words(answer))


def _words(answer: dict[str, object]) -> str:
    return f"{answer['events']:,} events are in project {answer['project_id']}."
