"""The `eventlens` command: one file per command, imported when it runs. Add a row to COMMANDS and a file."""

import importlib
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from eventlens import __version__
from eventlens.errors import ConfigurationError, EventLensError, InvalidInput
from eventlens.settings import Settings

if TYPE_CHECKING:
    from eventlens.accounts.projects import Project
    from eventlens.accounts.setup import Credentials
    from eventlens.catalog.connect import Catalog

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": (
        "eventlens.cli.serve",
        "Start Event Lens: the API and, with embedded stores, the workers.",
    ),
    "work": ("eventlens.cli.worker", "Start a worker process beside the API (needs Redis and ClickHouse)."),
    "migrate": ("eventlens.cli.migrate", "Bring both databases to the current schema."),
    "project": ("eventlens.cli.project", "Create, list, change projects; filter what is in their numbers."),
    "client": ("eventlens.cli.client", "Add, list, rotate and revoke clients; say which pages may use one."),
    "user": ("eventlens.cli.user", "List users; let somebody who is locked out choose a new password."),
    "import": ("eventlens.cli.importing", "Import access logs into a project."),
    "demo": ("eventlens.cli.demo", "Make a project with lively, realistic data."),
    "dead-letters": ("eventlens.cli.dead_letters", "Look at what could not be stored; replay or discard it."),
    "rollups": ("eventlens.cli.rollups", "Look at what is computed ahead for questions; compute it anew."),
    "person": ("eventlens.cli.person", "Hand over or delete all of one person."),
    "backup": ("eventlens.cli.backup", "Write a backup of everything, also while the server runs."),
    "restore": ("eventlens.cli.restore", "Read a backup into an empty installation."),
    "move-store": (
        "eventlens.cli.move_store",
        "Move the embedded store to a ClickHouse server.",
    ),
    "check": ("eventlens.cli.check", "Say what is configured, reachable, slow or wrong, and how to mend it."),
}
"""Command → module and its line in `--help`. The module's attribute `command` is a click command."""

EXIT_FAILED = 1
EXIT_WRONG_USE = 2


class LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """All names, in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import the command's module; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """The list in `--help`, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what goes wrong is one sentence and an exit code, not a traceback."""
        try:
            return super().invoke(ctx)
        except (ConfigurationError, InvalidInput) as error:
            _stop(error, EXIT_WRONG_USE)
        except EventLensError as error:
            _stop(error, EXIT_FAILED)


def _stop(error: EventLensError, code: int) -> NoReturn:
    click.echo(f"eventlens: {error}", err=True)
    sys.exit(code)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Settings are environment variables, or lines of a .env file in the working directory: see "
    "docs/reference/settings.md. Exit codes: 0 done, 1 failed, 2 wrong use or wrong settings.",
)
@click.version_option(__version__, prog_name="Event Lens", message="%(prog)s %(version)s")
def main() -> None:
    """Event Lens: self-hosted analytics for web and product."""


data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Data directory (instead of EVENTLENS_DATA).",
)
"""`--data DIR`, for every command that touches data."""

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON on standard output.")
"""`--json`, for every command whose answer a program may read; notes for people go to standard error."""

project_option = click.option("--project", "project_id", required=True, metavar="ID", help="Its project.")
"""`--project ID`, for commands on what belongs to a project."""


def load_settings(data: Path | None = None, **options: object) -> Settings:
    """Settings with the command line's options on top: `load_settings(data, HOST=host, PORT=port)`.

    An option that is None is not given. Raises ConfigurationError.
    """
    given = {name: str(value) for name, value in options.items() if value is not None}
    if data is not None:
        given["EVENTLENS_DATA"] = str(data)
    return Settings.load({**os.environ, **given})


def shown(clients: "Iterable[Credentials]") -> list[dict[str, str]]:
    """New clients as `--json` shows them."""
    return [{"id": one.id, "secret": one.secret, "type": one.type} for one in clients]


def require_project(catalog: "Catalog", project_id: str, hint: str = "--project") -> "Project":
    """The project of that id; `hint` is the option or argument that names it. Raises BadParameter."""
    from eventlens.accounts.projects import Projects

    project = Projects(catalog).find(project_id)
    if project is None:
        message = f"there is no project {project_id!r}; `eventlens project list` shows them."
        raise click.BadParameter(message, param_hint=hint)
    return project


@contextmanager
def current_catalog(settings: Settings, *, create: bool = False) -> "Generator[Catalog]":
    """The catalog, open and at the current schema; made only when the command may `create` one.

    Raises ConfigurationError, Unavailable.
    """
    from eventlens.catalog.connect import open_catalog
    from eventlens.catalog.migrate import migrate
    from eventlens.cli.directory import make_data_directory, require_data

    if create:
        make_data_directory(settings.data)
    else:
        require_data(settings)
    catalog = open_catalog(settings)
    try:
        migrate(catalog)
        yield catalog
    finally:
        catalog.close()
