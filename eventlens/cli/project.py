"""`eventlens project`: create and list projects, beside a running server or without one."""

import json
from pathlib import Path

import click

from eventlens.cli import current_catalog, data_option, json_option, load_settings, shown


@click.group(name="project", no_args_is_help=True)
def command() -> None:
    """Create and list projects."""


@command.command()
@click.argument("name")
@click.option("--domain", default="", metavar="HOST", help="The site's host name, such as example.com.")
@click.option(
    "--timezone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="IANA time zone in which days are counted.",
)
@data_option
@json_option
def create(name: str, domain: str, timezone: str, data: Path | None, as_json: bool) -> None:
    """Create a project with a write, a read and a root client, and show their secrets (once).

    With --domain, pages of that host and its subdomains (https) may use the write client without its
    secret; `eventlens client origins` changes that.
    """
    from eventlens.accounts.setup import create_project

    with current_catalog(load_settings(data), create=True) as catalog:
        made = create_project(catalog, name, domain, timezone)
    if as_json:
        answer = {"project_id": made.project.id, "name": made.project.name, "clients": shown(made.clients)}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(f"Project {made.project.name}, id {made.project.id}, time zone {made.project.timezone}")
    for one in made.clients:
        click.echo(f"  {one.type:<5}  id {one.id}  secret {one.secret}")
    if made.origins:
        click.echo(f"Pages of {', '.join(made.origins)} may send with the write client's id alone.")
    click.echo("Only the secrets' hashes are kept: they cannot be shown again.", err=True)


@command.command("list")
@data_option
@json_option
def list_projects(data: Path | None, as_json: bool) -> None:
    """List all projects, the oldest first."""
    from eventlens.accounts.projects import Projects

    with current_catalog(load_settings(data)) as catalog:
        projects = Projects(catalog).list()
    if as_json:
        rows = [
            {
                "project_id": project.id,
                "name": project.name,
                "domain": project.domain,
                "timezone": project.timezone,
                "created_at": project.created_at.isoformat(timespec="milliseconds"),
            }
            for project in projects
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    width = max((len(project.id) for project in projects), default=0)
    for project in projects:
        click.echo(
            f"{project.id:<{width}}  {project.name}  ({project.domain or 'no domain'}, {project.timezone})"
        )
    if not projects:
        click.echo("There is no project yet: eventlens project create NAME", err=True)
