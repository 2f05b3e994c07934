"""`eventlens user`: for people who cannot sign in any more."""

import json
from pathlib import Path

import click

from eventlens.cli import current_catalog, data_option, json_option, load_settings
from eventlens.errors import NotFound


@click.group(name="user", no_args_is_help=True)
def command() -> None:
    """List users; let somebody choose a new password."""


@command.command("list")
@data_option
@json_option
def list_users(data: Path | None, as_json: bool) -> None:
    """List all users, the oldest first."""
    from eventlens.accounts.users import Users

    with current_catalog(load_settings(data)) as catalog:
        users = Users(catalog).list()
    if as_json:
        rows = [{"id": one.id, "email": one.email, "name": one.name, "owner": one.owner} for one in users]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in users:
        click.echo(f"{one.email}{'  owner' if one.owner else ''}{'  two-factor' if one.two_factor else ''}")


@command.command("reset-password")
@click.argument("email")
@click.option("--disable-two-factor", is_flag=True, help="Take the second factor away as well.")
@data_option
@json_option
def reset_password(email: str, disable_two_factor: bool, data: Path | None, as_json: bool) -> None:
    """Print a link with which the user chooses a new password; it works once, for two hours.

    Works beside a running server or without one.
    """
    from eventlens.accounts.people import open_people

    settings = load_settings(data)
    with current_catalog(settings) as catalog:
        people = open_people(catalog, settings)
        found = people.links.reset(email)
        if found is None:
            raise NotFound(f"There is no user {email!r}; `eventlens user list` shows them all.")
        user, page, token = found
        if disable_two_factor:
            people.two_factor.switch_off(user.id)
    url = f"{settings.base_url}/{page}#token={token}"
    if as_json:
        click.echo(json.dumps({"email": user.email, "url": url}))
        return
    click.echo(url)
    click.echo(f"With this link {user.email} chooses a new password, once.", err=True)
