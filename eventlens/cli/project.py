"""`eventlens project`: create and list projects, and what each keeps out of its numbers.

Works beside a running server or without one.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from eventlens.accounts.filters import FILTER_KINDS, Filter, FilterKind, Filters
from eventlens.cli import (
    current_catalog,
    data_option,
    json_option,
    load_settings,
    project_option,
    require_project,
    shown,
)

if TYPE_CHECKING:
    from eventlens.accounts.projects import Project


@click.group(name="project", no_args_is_help=True)
def command() -> None:
    """Create, list and change projects; say what one keeps out of its numbers.

    A running server notices a change within ten seconds.
    """


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

    settings = load_settings(data)
    begun = not settings.data.exists()
    with current_catalog(settings, create=True) as catalog:
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
    if begun:
        click.echo(f"There was no data yet: a new installation begins in {settings.data}.", err=True)


@command.command("list")
@data_option
@json_option
def list_projects(data: Path | None, as_json: bool) -> None:
    """List all projects, the oldest first."""
    from eventlens.accounts.projects import Projects

    with current_catalog(load_settings(data)) as catalog:
        projects = Projects(catalog).list()
    if as_json:
        click.echo(json.dumps([_row(project) for project in projects], ensure_ascii=False))
        return
    width = max((len(project.id) for project in projects), default=0)
    for project in projects:
        click.echo(_words(project, width))
    if not projects:
        click.echo("There is no project yet: eventlens project create NAME", err=True)


@command.command("set")
@click.argument("project_id", metavar="ID")
@click.option("--name", help="What people call it.")
@click.option("--domain", metavar="HOST", help="The site's host name.")
@click.option("--timezone", metavar="ZONE", help="IANA time zone in which days are counted.")
@click.option(
    "--unverified-revenue/--no-unverified-revenue",
    "allow_unverified_revenue",
    default=None,
    help="Whether revenue counts that is sent without the secret, which anybody can invent.",
)
@click.option(
    "--retention-days",
    metavar="DAYS",
    help="How long events are kept: days, 0 for ever, or `default` (EVENT_RETENTION_DAYS).",
)
@data_option
@json_option
def change(  # noqa: PLR0917  # an argument for each option
    project_id: str,
    name: str | None,
    domain: str | None,
    timezone: str | None,
    allow_unverified_revenue: bool | None,
    retention_days: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Change what is given of a project; what is not stays."""
    from eventlens.accounts.projects import Projects

    with current_catalog(load_settings(data)) as catalog:
        require_project(catalog, project_id, "ID")
        changed = Projects(catalog).update(
            project_id,
            name=name,
            domain=domain,
            timezone=timezone,
            allow_unverified_revenue=allow_unverified_revenue,
            event_retention_days=_days(retention_days),
        )
    if as_json:
        click.echo(json.dumps(_row(changed), ensure_ascii=False))
        return
    click.echo(_words(changed, 0))
    if domain:
        click.echo("Which pages may send without the secret: see eventlens client origins --help.", err=True)


@command.group(name="filter", no_args_is_help=True)
def filters() -> None:
    """Keep addresses, paths, events or profiles out of a project's numbers.

    Requests of a filtered address or profile are refused; events of a filtered name or path are counted
    apart. What was stored before stays.
    """


@filters.command("add")
@project_option
@click.argument("kind", type=click.Choice(FILTER_KINDS))
@click.argument("value")
@click.option("--note", default="", help="Why, for whoever reads the list.")
@data_option
@json_option
def add_filter(project_id: str, kind: str, value: str, note: str, data: Path | None, as_json: bool) -> None:
    """Add a filter.

    VALUE is an address or a network (ip: 203.0.113.0/24), a profile's id, or the name of an event or a path,
    in which * stands for any characters (path: /admin/*).
    """
    with _filters(data, project_id) as filters:
        added = filters.add(project_id, cast(FilterKind, kind), value, note)
    _show_filters([added], as_json=as_json, alone=True)


@filters.command("list")
@project_option
@data_option
@json_option
def list_filters(project_id: str, data: Path | None, as_json: bool) -> None:
    """List a project's filters, the oldest first."""
    with _filters(data, project_id) as filters:
        found = filters.list(project_id)
    _show_filters(found, as_json=as_json)
    if not found and not as_json:
        click.echo("Nothing is filtered.", err=True)


@filters.command("remove")
@project_option
@click.argument("filter_id", metavar="ID")
@data_option
@json_option
def remove_filter(project_id: str, filter_id: str, data: Path | None, as_json: bool) -> None:
    """Take a filter away; `list` shows its id."""
    with _filters(data, project_id) as filters:
        removed = filters.remove(project_id, filter_id)
    _show_filters([removed], as_json=as_json, alone=True)


@contextmanager
def _filters(data: Path | None, project_id: str) -> Generator[Filters]:
    with current_catalog(load_settings(data)) as catalog:
        require_project(catalog, project_id)
        yield Filters(catalog)


def _days(said: str | None) -> int | None:
    from eventlens.accounts.projects import AS_SET

    if said is None:
        return None
    if said == "default":
        return AS_SET
    if not (said.isascii() and said.isdigit()):
        raise click.BadParameter("a number of days, or `default`.", param_hint="--retention-days")
    return int(said)


def _row(project: "Project") -> dict[str, object]:
    return {
        "project_id": project.id,
        "name": project.name,
        "domain": project.domain,
        "timezone": project.timezone,
        "allow_unverified_revenue": project.allow_unverified_revenue,
        "event_retention_days": project.event_retention_days,
        "created_at": project.created_at.isoformat(timespec="milliseconds"),
    }


def _words(project: "Project", width: int) -> str:
    notes = [project.domain or "no domain", project.timezone]
    notes += ["revenue counts without the secret"] if project.allow_unverified_revenue else []
    return f"{project.id:<{width}}  {project.name}  ({', '.join(notes)})"


def _show_filters(found: list[Filter], *, as_json: bool, alone: bool = False) -> None:
    if as_json:
        rows = [
            {
                "id": each.id,
                "project_id": each.project_id,
                "kind": each.kind,
                "value": each.value,
                "note": each.note,
                "created_at": each.created_at.isoformat(timespec="milliseconds"),
            }
            for each in found
        ]
        click.echo(json.dumps(rows[0] if alone else rows, ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each.id}  {each.kind:<7}  {each.value}" + (f"  ({each.note})" if each.note else ""))
