"""`eventlens dead-letters`: look at what could not be applied; replay or discard it, beside a server too."""

import json
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventlens.cli import data_option, json_option, load_settings
from eventlens.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from eventlens.ingest.dead_letters import Letter
    from eventlens.queues.base import Queue

_ERROR_CHARACTERS = 60

project_option = click.option("--project", default="", metavar="ID", help="Only those of one project.")
all_option = click.option("--all", "everything", is_flag=True, help="All of them.")


@click.group(name="dead-letters", no_args_is_help=True)
def command() -> None:
    """Look at what could not be applied; replay or discard it.

    A record that cannot be stored after three attempts is set aside as a dead letter, so that it does not
    stop the others. It is kept for EVENTLENS_DEAD_LETTER_DAYS. Works while a server runs, or without one.
    """


@command.command("list")
@project_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many.")
@click.option("--before", type=int, metavar="ID", help="Go on: only those set aside before this one.")
@data_option
@json_option
def list_letters(project: str, limit: int, before: int | None, data: Path | None, as_json: bool) -> None:
    """List them, the newest first, with the reason of each."""
    from eventlens.ingest.dead_letters import letters

    with _queue(data) as queue:
        found = [each.summary() for each in islice(letters(queue, project, before), limit + 1)]
    rows = found[:limit]
    following = rows[-1]["id"] if len(found) > limit else None
    if as_json:
        click.echo(json.dumps({"dead_letters": rows, "next_before": following}, ensure_ascii=False))
        return
    for row in rows:
        kinds = ", ".join(row["kinds"][:3]) or "unreadable"
        error = row["error"][:_ERROR_CHARACTERS]
        click.echo(f"{row['id']:>6}  {row['failed_at'][:19]}Z  {row['project_id'] or '-'}  {kinds}  {error}")
    if not rows:
        click.echo("There are no dead letters.", err=True)
    if following:
        click.echo(f"There are more: --before {following}", err=True)


@command.command()
@click.argument("letter_id", metavar="ID", type=int)
@data_option
@json_option
def show(letter_id: int, data: Path | None, as_json: bool) -> None:
    """Show one as JSON: its commands, and what was true of their request. These are people's data."""
    from eventlens.ingest.dead_letters import letter

    with _queue(data) as queue:
        found = letter(queue, letter_id)
    if found is None:
        raise NotFound(f"There is no dead letter {letter_id}.")
    click.echo(json.dumps(found.described(), ensure_ascii=False, indent=None if as_json else 2))


@command.command()
@click.argument("letter_ids", metavar="[ID]...", type=int, nargs=-1)
@all_option
@project_option
@data_option
@json_option
def replay(
    letter_ids: tuple[int, ...], everything: bool, project: str, data: Path | None, as_json: bool
) -> None:
    """Put them back into the queue, when what was wrong is mended.

    Their events keep their times and ids, and none is stored twice. What fails again is set aside again.
    May be interrupted at any moment, and begun again.
    """
    from eventlens.ingest import dead_letters

    with _queue(data) as queue:
        _act(queue, dead_letters.replay, "replayed", letter_ids, everything, project, as_json)


@command.command()
@click.argument("letter_ids", metavar="[ID]...", type=int, nargs=-1)
@all_option
@project_option
@data_option
@json_option
def discard(
    letter_ids: tuple[int, ...], everything: bool, project: str, data: Path | None, as_json: bool
) -> None:
    """Delete them for good: their events are lost."""
    from eventlens.ingest import dead_letters

    with _queue(data) as queue:
        _act(queue, dead_letters.discard, "discarded", letter_ids, everything, project, as_json)


def _act(
    queue: "Queue",
    action: "Callable[[Queue, Iterable[Letter]], int]",
    done: str,
    letter_ids: tuple[int, ...],
    everything: bool,
    project: str,
    as_json: bool,
) -> None:
    from eventlens.ingest.dead_letters import letter, letters

    if sum((bool(letter_ids), everything, bool(project))) != 1:
        raise InvalidInput("Say which: ids, or --all, or --project ID.")
    missing: list[int] = []
    if letter_ids:
        found = {id_: letter(queue, id_) for id_ in letter_ids}
        missing = [id_ for id_, each in found.items() if each is None]
        count = action(queue, [each for each in found.values() if each is not None])
    else:
        count = action(queue, letters(queue, project))
    if as_json:
        click.echo(json.dumps({done: count, "missing": missing}))
    else:
        click.echo(f"{count} {done}.")
    if missing:
        raise NotFound(f"There is no dead letter {', '.join(map(str, missing))}.")


@contextmanager
def _queue(data: Path | None) -> "Generator[Queue]":
    from eventlens.cli.directory import require_data
    from eventlens.queues.connect import open_queue

    settings = load_settings(data)
    require_data(settings)
    with closing(open_queue(settings)) as queue:
        yield queue
