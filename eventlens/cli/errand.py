"""How commands do what needs both stores: through the running server, or here where none has them open."""

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import click

from eventlens.cli.directory import claimed_directory, require_data, running_server, stores_are_shared
from eventlens.settings import Settings

Report = Callable[[int, int], None]


def do(settings: Settings, name: str, words: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    """Do one of `workers.care.errands`. Raises what it raises, ConfigurationError without data."""
    from eventlens.workers.errands import ask

    require_data(settings)
    if not stores_are_shared(settings) and running_server(settings) is not None:
        return ask(settings.data, name, words, report, lambda: running_server(settings) is not None)
    return _do_here(settings, name, words, report)


def _do_here(settings: Settings, name: str, words: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    from eventlens.runtime import open_workers
    from eventlens.workers.backup import Sources
    from eventlens.workers.care import errands

    with ExitStack() as stack:
        if not stores_are_shared(settings):
            stack.enter_context(claimed_directory(settings, name))
        workers = open_workers(settings)
        stack.callback(workers.close)
        workers.worker.start()  # whatever somebody began to store must come to its end
        sources = Sources(settings, workers.catalog, workers.store, workers.queue)
        return errands(sources)[name](words, report)


def progress(label: str, *, quiet: bool) -> Report:
    """Shows on a terminal how far it is."""
    if quiet or not sys.stderr.isatty():
        return lambda _done, _of: None

    def show(done: int, of: int) -> None:
        click.echo(f"\r{label} {done}/{of}", err=True, nl=done == of)

    return show
