"""`eventlens rollups`: what is computed ahead for questions; compute it now, or anew."""

import json
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from eventlens.cli import current_catalog, data_option, json_option, load_settings, require_project

if TYPE_CHECKING:
    from eventlens.accounts.projects import Project
    from eventlens.settings import Settings
    from eventlens.store.base import Store

project_option = click.option("--project", "project_id", metavar="ID", help="Only of one project.")


@click.group(name="rollups", no_args_is_help=True)
def command() -> None:
    """Look at what is computed ahead for questions; compute it now, or anew.

    The server computes by itself what large projects need (docs/operate/rollups.md). These commands open the
    event store: with embedded stores, stop the server first.
    """


@command.command("status")
@project_option
@data_option
@json_option
def status(project_id: str | None, data: Path | None, as_json: bool) -> None:
    """Say how much is computed and still right, and how much is due."""
    from eventlens.clock import now_ms
    from eventlens.insights.rollups.due import Rollups

    rows: list[dict[str, Any]] = []
    with _opened(data, project_id) as (settings, store, projects):
        rollups = Rollups(store, now_ms)
        for project in projects:
            due = rollups.due(project.id, ZoneInfo(project.timezone), impatient=True)
            rows.append(
                {
                    "project": project.id,
                    "large": rollups.is_large(project.id, settings.exact_events),
                    "valid": due.valid,
                    "due": sum(each.count for each in (*due.days, *due.longer)),
                    "bytes": rollups.bytes_of(project.id),
                }
            )
    if as_json:
        click.echo(json.dumps({"rollups": rows}))
        return
    for row in rows:
        need = "" if row["large"] else "  (small: answered from raw rows)"
        click.echo(f"{row['project']}  valid {row['valid']}  due {row['due']}  {row['bytes']:,} bytes{need}")


@command.command("rebuild")
@project_option
@click.option("--all", "everything", is_flag=True, help="Also what is right; forgets it first.")
@click.option("--small", is_flag=True, help="Also of projects so small that raw rows answer.")
@data_option
@json_option
def rebuild(project_id: str | None, everything: bool, small: bool, data: Path | None, as_json: bool) -> None:
    """Compute what is missing or old, the newest days first. May be ended and begun again at any time."""
    from eventlens.clock import now_ms
    from eventlens.insights.rollups.due import Rollups
    from eventlens.insights.rollups.parts import put_together, scattered

    rows: list[dict[str, Any]] = []
    with _opened(data, project_id) as (settings, store, projects):
        rollups = Rollups(store, now_ms)
        for project in projects:
            if not small and not rollups.is_large(project.id, settings.exact_events):
                continue
            if everything:
                rollups.forget(project.id)
            count = _rebuild(rollups, project, quiet=as_json)
            rows.append({"project": project.id, "computed": count})
        if rows:
            months = scattered(store, many=1, quiet_seconds=0)
            with _progress(months, "months", quiet=as_json) as shown:
                for month in shown:
                    put_together(store, month)
    if as_json:
        click.echo(json.dumps({"rollups": rows}))
        return
    for row in rows:
        click.echo(f"{row['project']}  computed {row['computed']}")
    if not rows:
        click.echo("No project is large enough to need them.", err=True)


def _rebuild(rollups: Any, project: "Project", *, quiet: bool) -> int:
    zone = ZoneInfo(project.timezone)
    count = 0
    for kind in ("days", "longer"):  # weeks and months are made of days
        due = getattr(rollups.due(project.id, zone, impatient=True), kind)
        with _progress(due, project.id, quiet=quiet) as shown:
            for each in shown:
                rollups.build(project.id, each)
                count += each.count
    return count


def _progress(due: Sequence[Any], label: str, *, quiet: bool) -> AbstractContextManager[Iterable[Any]]:
    if quiet or not due:
        return nullcontext(due)
    return click.progressbar(due, label=label, file=sys.stderr)


@contextmanager
def _opened(data: Path | None, project_id: str | None) -> "Generator[tuple[Settings, Store, list[Project]]]":
    from contextlib import ExitStack

    from eventlens.accounts.projects import Projects
    from eventlens.cli.directory import claimed_directory
    from eventlens.store.connect import open_store
    from eventlens.store.migrate import migrate

    settings = load_settings(data)
    with ExitStack() as stack:
        catalog = stack.enter_context(current_catalog(settings))
        projects = [require_project(catalog, project_id)] if project_id else Projects(catalog).list()
        if not settings.clickhouse_url:
            stack.enter_context(claimed_directory(settings, "rollups"))
        store = stack.enter_context(closing(open_store(settings)))
        migrate(store)
        yield settings, store, projects
