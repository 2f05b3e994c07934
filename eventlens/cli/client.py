"""`eventlens client`: who may send to a project and ask about it, beside a running server or without one."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click

from eventlens.accounts.clients import CLIENT_TYPES, LONGEST_GRACE, Client, Clients, ClientType
from eventlens.accounts.origins import read_origins
from eventlens.cli import (
    current_catalog,
    data_option,
    json_option,
    load_settings,
    project_option,
    require_project,
)

_SHOWN_ONCE = "Only the secret's hash is kept: it cannot be shown again."


@click.group(name="client", no_args_is_help=True)
def command() -> None:
    """Add, list, rotate and revoke clients; say which pages may use one.

    A running server notices a change within ten seconds; what is changed over its own /manage routes holds
    at once.
    """


@command.command()
@project_option
@click.option(
    "--type",
    "kind",
    type=click.Choice(CLIENT_TYPES),
    required=True,
    help="write sends, read asks, root both.",
)
@click.option("--name", default="", help="A name to tell it by.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Pages of this origin may send without the secret: https://example.com, https://*.example.com. "
    "May be repeated.",
)
@click.option(
    "--ignore-cors-and-secret",
    is_flag=True,
    help="Anybody who knows its id may send: for apps, which have no origin and can keep no secret.",
)
@data_option
@json_option
def create(
    project_id: str,
    kind: str,
    name: str,
    origins: tuple[str, ...],
    ignore_cors_and_secret: bool,
    data: Path | None,
    as_json: bool,
) -> None:
    """Add a client and show its secret (once)."""
    with current_catalog(load_settings(data)) as catalog:
        require_project(catalog, project_id)
        client, secret = Clients(catalog).create(
            project_id,
            cast(ClientType, kind),
            name,
            origins,
            ignore_cors_and_secret=ignore_cors_and_secret,
        )
    if as_json:
        click.echo(json.dumps({**_row(client), "secret": secret}, ensure_ascii=False))
        return
    click.echo(f"{_words(client)}\nsecret {secret}")
    click.echo(_SHOWN_ONCE, err=True)


@command.command("list")
@project_option
@data_option
@json_option
def list_clients(project_id: str, data: Path | None, as_json: bool) -> None:
    """List a project's clients, revoked ones too, the oldest first."""
    with current_catalog(load_settings(data)) as catalog:
        require_project(catalog, project_id)
        found = Clients(catalog).list(project_id)
    if as_json:
        click.echo(json.dumps([_row(client) for client in found], ensure_ascii=False))
        return
    for client in found:
        click.echo(_words(client))


@command.command()
@click.argument("client_id", metavar="ID")
@click.option(
    "--grace",
    "grace_seconds",
    type=click.IntRange(0, LONGEST_GRACE),
    default=0,
    metavar="SECONDS",
    help="How long the old secret is still taken, so that senders can change over (to 30 days).",
)
@data_option
@json_option
def rotate(client_id: str, grace_seconds: int, data: Path | None, as_json: bool) -> None:
    """Give a client a new secret and show it (once); the old one ends, with --grace later."""
    with _clients(data) as clients:
        secret = clients.rotate(client_id, grace_seconds)
    if as_json:
        click.echo(json.dumps({"id": client_id, "secret": secret, "grace_seconds": grace_seconds}))
        return
    click.echo(f"secret {secret}")
    click.echo(_SHOWN_ONCE, err=True)


@command.command()
@click.argument("client_id", metavar="ID")
@data_option
@json_option
def revoke(client_id: str, data: Path | None, as_json: bool) -> None:
    """End a client for good."""
    with _clients(data) as clients:
        clients.revoke(client_id)
    if as_json:
        click.echo(json.dumps({"id": client_id, "revoked": True}))
        return
    click.echo(f"Client {client_id} is revoked.")


@command.command("origins")
@click.argument("client_id", metavar="ID")
@click.option("--add", "added", multiple=True, metavar="ORIGIN", help="Let this origin's pages send.")
@click.option("--remove", "removed", multiple=True, metavar="ORIGIN", help="No longer let them.")
@data_option
@json_option
def change_origins(
    client_id: str, added: tuple[str, ...], removed: tuple[str, ...], data: Path | None, as_json: bool
) -> None:
    """Show or change which origins' pages may send with a client's id alone.

    An origin is https://example.com, https://*.example.com (its subdomains), *.example.com or *.
    """
    with _clients(data) as clients:
        client = clients.find(client_id)
        if client is None:
            raise click.BadParameter(f"there is no client {client_id!r}.", param_hint="ID")
        gone = set(read_origins(removed))
        if unknown := sorted(gone - set(client.origins)):
            raise click.BadParameter(f"{unknown[0]} is none of its origins.", param_hint="--remove")
        if added or removed:
            kept = [origin for origin in client.origins if origin not in gone]
            client = clients.set_origins(client_id, [*kept, *added])
    if as_json:
        click.echo(json.dumps({"id": client.id, "origins": client.origins}))
        return
    for origin in client.origins:
        click.echo(origin)
    if not client.origins:
        click.echo("No page may send with this client's id alone.", err=True)


@contextmanager
def _clients(data: Path | None) -> Generator[Clients]:
    with current_catalog(load_settings(data)) as catalog:
        yield Clients(catalog)


def _row(client: Client) -> dict[str, object]:
    return {
        "id": client.id,
        "project_id": client.project_id,
        "name": client.name,
        "type": client.type,
        "origins": client.origins,
        "ignore_cors_and_secret": client.ignore_cors_and_secret,
        "created_at": client.created_at.isoformat(timespec="milliseconds"),
        "revoked": client.revoked,
        "old_secret_taken": bool(client.old_secret_hash),
    }


def _words(client: Client) -> str:
    notes = [
        client.name,
        ", ".join(client.origins),
        "needs no secret" if client.ignore_cors_and_secret else "",
        "its old secret is still taken" if client.old_secret_hash else "",
        "revoked" if client.revoked else "",
    ]
    return f"{client.type:<5}  {client.id}  {'  '.join(filter(None, notes))}"
