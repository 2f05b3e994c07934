"""`eventlens import`: other systems' files into a project, beside a running server or without one."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import click

from eventlens.cli import data_option, json_option, load_settings, require_project
from eventlens.cli.stopping import check_stopped, stoppable
from eventlens.clock import to_datetime
from eventlens.errors import EventLensError, QueueFull

if TYPE_CHECKING:
    from rich.progress import Progress

    from eventlens.accounts.projects import Project
    from eventlens.ingest.importers.access_log import SkipReason
    from eventlens.ingest.log_lines import ImportedView
    from eventlens.runtime import Feed
    from eventlens.settings import Settings

T = TypeVar("T")

_STALLED_SECONDS = 120
"""Nothing was processed for so long: whoever should have done it is gone."""


@click.group(name="import", no_args_is_help=True)
def command() -> None:
    """Import access logs into a project."""


@command.command("access-log")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--project", "project_id", required=True, metavar="ID", help="The project to import into.")
@click.option("--everything", is_flag=True, help="Every line as an event, outside sessions: see above.")
@data_option
@json_option
def access_log(file: Path, project_id: str, everything: bool, data: Path | None, as_json: bool) -> None:
    """Import FILE, an access log of nginx or Apache in common or combined format, plain or gzip.

    Page views of people are imported: GET requests answered with 200 or 304, of something that people
    look at, by a user agent that is neither a bot nor a library. The other lines are skipped, counted by
    reason: unparsed (no request), method (not GET), status (neither 200 nor 304), asset (style sheet,
    script, image, font, download, feed, robots.txt and the like), bot, duplicate (imported before).
    Referrers of the site itself are left out: the project's domain or, where it has none, the host whose
    pages embed the site's style sheets and scripts.

    With --everything each line that can be read becomes one screen_view as it is, bots, assets and
    errors too, with its own referrer, outside any session: for looking at a server's whole traffic.

    A line's id is its hash and how often the file had it before: importing a file again, also a longer
    one that begins with the same lines, adds no event. Bots among its pages reach the project's `excluded`.
    Visitors are told apart by address and user agent; addresses are not stored. The command may run
    while `eventlens serve` does.
    """
    from eventlens.ingest.importers import access_log as log

    skipped: Counter[SkipReason] = Counter()
    with pipeline(load_settings(data), "import") as feed:
        project = require_project(feed.catalog, project_id)
        try:
            found = _import(feed, file, project, skipped, everything=everything)
            lines = found.imported + skipped.total()
            if lines and skipped["unparsed"] == lines:
                raise EventLensError(
                    f"{file} line {log.first_line(file)} is not a request in common or combined format, and "
                    f"neither is any other of its {lines:,} lines; nothing is imported."
                )
        except OSError as error:
            raise EventLensError(
                f"{file} cannot be read: {error}. What was read before is imported; run the command again "
                "when the file is mended."
            ) from error
    _report(found, project, skipped, as_json=as_json)


@dataclass(slots=True)
class _Found:
    """What came of a file: how many views were imported, and from when to when (ms) its views are."""

    imported: int = 0
    first: int | None = None
    last: int = 0

    def note(self, views: "Iterable[ImportedView]") -> None:
        for view in views:
            self.first = view.timestamp if self.first is None else min(self.first, view.timestamp)
            self.last = max(self.last, view.timestamp)


def _import(
    feed: "Feed", file: Path, project: "Project", skipped: "Counter[SkipReason]", *, everything: bool
) -> _Found:
    """Queue what is to be imported and wait for its outcomes. Raises OSError."""
    from eventlens.ingest.importers import access_log as log

    site = log.host_of(project.domain) or ("" if everything else log.own_host(log.read_lines(file)))
    found, source, queued = _Found(), f"import-{uuid.uuid4().hex}", 0
    with _progress() as progress:
        advanced = _bar(progress, "Reading", file.stat().st_size)
        lines = log.read_lines(file, advanced)
        for chunk in _chunks(log.views(lines, skipped, everything=everything, site=site)):
            patiently(partial(feed.collector.collect_import, project.id, source, chunk))
            found.note(chunk)
            queued += len(chunk)
        advanced(file.stat().st_size)
        outcomes = await_outcomes(feed, source, queued, _bar(progress, "Storing", queued))
    before = outcomes.pop("duplicate", 0)
    if skipped["bot"]:
        bots, queued = f"{source}-bots", 0
        for chunk in _chunks(log.bot_views(log.read_lines(file), before)):
            patiently(partial(feed.collector.collect_import, project.id, bots, chunk))
            queued += len(chunk)
        await_outcomes(feed, bots, queued)
    found.imported = outcomes.pop("imported", 0)
    skipped["duplicate"] += before
    skipped["failed"] += outcomes.pop("failed", 0)
    skipped["bot"] += sum(outcomes.values())  # what only the pipeline recognised: referrer spam
    return found


def _report(found: _Found, project: "Project", skipped: "Counter[SkipReason]", *, as_json: bool) -> None:
    from eventlens.ingest.importers.access_log import SKIP_REASONS

    imported = found.imported
    lines = imported + skipped.total()
    if as_json:
        reasons = {each: skipped[each] for each in SKIP_REASONS if each != "failed" or skipped[each]}
        click.echo(json.dumps({"lines": lines, "imported": imported, "skipped": reasons}))
        return
    click.echo(f"{lines:,} lines: {imported:,} imported, {lines - imported:,} skipped")
    for reason, words in SKIP_REASONS.items():
        if skipped[reason]:
            click.echo(f"  {skipped[reason]:>9,}  {reason:<9}  {words}")
    if found.first is None:
        return
    zone = ZoneInfo(project.timezone)
    first, last = (f"{to_datetime(ms).astimezone(zone):%Y-%m-%d}" for ms in (found.first, found.last))
    click.echo(
        f"The page views are of {first} to {last} ({project.timezone}). See them, as a read client:\n"
        f"  GET /insights/{project.id}/metrics?startDate={first}&endDate={last}"
    )


@contextmanager
def pipeline(settings: "Settings", user: str, *, create: bool = False) -> Generator["Feed"]:
    """The way into the queue, with somebody at its other end: the server that runs, or this process.

    Raises ConfigurationError while another command uses the data directory, and where there is none unless
    the command may `create` it. Ctrl-C ends with a word on what stays queued.
    """
    from eventlens.cli.directory import require_data

    if not create:
        require_data(settings)
    with _opened(settings, user) as feed, stoppable():
        try:
            yield feed
        except KeyboardInterrupt as stop:
            waiting = feed.queue.depth().events
            raise EventLensError(
                f"Stopped. {waiting:,} events stay queued; `eventlens serve` stores them."
                if waiting
                else "Stopped. What was queued before is stored, nothing waits."
            ) from stop


@contextmanager
def _opened(settings: "Settings", user: str) -> Generator["Feed"]:
    from eventlens.cli.directory import claimed_directory, running_server, stores_are_shared
    from eventlens.runtime import open_feed, open_runtime

    with ExitStack() as stack:
        if stores_are_shared(settings) or running_server(settings) is not None:
            feed = open_feed(settings)
            stack.callback(feed.close)
            yield feed
            return
        stack.enter_context(claimed_directory(settings, user))
        runtime = open_runtime(settings)
        stack.callback(runtime.close)
        runtime.worker.start()
        yield runtime


def patiently(append: Callable[[], object]) -> None:
    """Append to the queue; wait while it is full: a worker empties it. Raises QueueFull after minutes."""
    deadline = time.monotonic() + _STALLED_SECONDS
    while True:
        check_stopped()
        try:
            append()
        except QueueFull as error:
            if time.monotonic() > deadline:
                raise
            time.sleep(error.retry_after)
        else:
            return


def await_outcomes(
    feed: "Feed", source: str, queued: int, advanced: Callable[[int], None] = lambda _: None
) -> dict[str, int]:
    """Wait until all of a source's `queued` events were processed; how many ended how."""
    done, since = 0, time.monotonic()
    while True:
        check_stopped()
        outcomes = feed.queue.tallies(source)
        now_done = sum(outcomes.values())
        advanced(now_done)
        if now_done >= queued:
            return outcomes
        if now_done > done:
            done, since = now_done, time.monotonic()
        elif time.monotonic() - since > _STALLED_SECONDS:
            raise EventLensError(
                f"{queued - done:,} events are safely queued but nobody stores them: is `eventlens serve` "
                "still running? They are stored when it is."
            )
        time.sleep(0.05)


def _chunks(items: Iterator[T]) -> Iterator[list[T]]:
    """As many as make one record of the queue."""
    from eventlens.ingest.log_lines import IMPORT_RECORD

    while chunk := list(islice(items, IMPORT_RECORD)):
        check_stopped()
        yield chunk


@contextmanager
def _progress() -> Generator["Progress"]:
    """A bar on standard error, on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress


def _bar(progress: "Progress", title: str, total: int) -> Callable[[int], None]:
    task = progress.add_task(title, total=total)
    return lambda done: progress.update(task, completed=done)
