"""`eventlens serve`: everything, from one command."""

import errno
import signal
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from eventlens import __version__
from eventlens.cli import data_option, load_settings
from eventlens.cli.logs import start_logging
from eventlens.errors import ConfigurationError

if TYPE_CHECKING:
    from eventlens.accounts.setup import FirstSetup
    from eventlens.runtime import Runtime

_SWITCH_SECONDS = 0.0001
"""How long the worker may keep the interpreter while a request waits for it (Python's own: 5 ms)."""


@click.command("serve")
@click.option("--host", help="Address to listen on (HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (PORT, 3002).")
@data_option
def command(host: str | None, port: int | None, data: Path | None) -> None:
    """Start Event Lens: API and, with embedded stores, the workers.

    One process answers; it starts another one that prepares what is stored, and which ends with it. Migrates
    embedded stores and does the first set-up by itself. With both REDIS_URL and CLICKHOUSE_URL it is the API
    alone, beside others and `eventlens work` processes. SIGTERM or Ctrl-C ends it after the requests and the
    batch under way; whatever is queued is stored after the next start.
    """
    settings = load_settings(data, HOST=host, PORT=port)
    start_logging(settings)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    from eventlens.cli.directory import claimed_directory, make_data_directory, stores_are_shared
    from eventlens.runtime import open_runtime
    from eventlens.workers.backup import Sources
    from eventlens.workers.care import errands
    from eventlens.workers.errands import answering

    listener = _listen(settings.host, settings.port)
    url = f"http://{_shown(settings.host)}:{listener.getsockname()[1]}"
    shared = stores_are_shared(settings)
    make_data_directory(settings.data)
    with nullcontext() if shared else claimed_directory(settings, "serve", url):
        runtime = open_runtime(settings, apart=True)
        try:
            _welcome(runtime, url, settings.without_effect())
            sys.setswitchinterval(_SWITCH_SECONDS)
            if shared:
                click.echo("Note: what is sent here is stored by `eventlens work` processes.", err=True)
            else:
                runtime.worker.start()
                runtime.rollups.start()
                runtime.retention.start()
            sources = Sources(settings, runtime.catalog, runtime.store, runtime.queue)
            with answering(settings.data, errands(sources)):
                _serve(runtime, listener)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # being asked twice must not cut the closing short
            runtime.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"PORT: {port} on {host} is taken; stop whoever uses it or choose another with --port."
            ) from error
        raise ConfigurationError(f"HOST, PORT: cannot listen on {host}:{port} ({error.strerror}).") from error
    return listener


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    """End in order; uvicorn hands a signal on when it has finished its requests."""
    raise SystemExit(0)


def _serve(runtime: "Runtime", listener: socket.socket) -> None:
    import uvicorn

    from eventlens.api.app import App, collection_paths
    from eventlens.api.collecting import collecting
    from eventlens.api.connections import connections_for
    from eventlens.api.protocol import SocketProtocol

    app = App(runtime.services)
    settings = runtime.services.settings
    config = uvicorn.Config(
        app,
        loop="uvloop",
        # Served by `collecting` until a connection asks for anything but collection.
        http=collecting(
            app.collection, collection_paths(settings), settings.body_limit, connections_for(settings)
        ),
        lifespan="off",
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        ws=SocketProtocol,
        ws_max_size=4096,  # nobody has anything to say there
        ws_per_message_deflate=False,
        proxy_headers=False,  # TRUSTED_PROXIES decides whom to believe, in api/sender.py
    )
    uvicorn.Server(config).run(sockets=[listener])


def _welcome(runtime: "Runtime", url: str, without_effect: list[str]) -> None:
    from eventlens.accounts.setup import first_setup

    click.echo(f"Event Lens {__version__} on {url}")
    for warning in filter(None, (runtime.geo.warning, runtime.networks.warning)):
        click.echo(f"Note: {warning}", err=True)
    for name in without_effect:
        click.echo(f"Note: {name} is set, but nothing uses it yet.", err=True)
    base_url = runtime.services.settings.base_url
    if runtime.services.settings.port == 0:
        base_url = url
    made = first_setup(runtime.catalog)
    if made is not None:
        click.echo(_first_words(made, url, base_url))
    elif (unused := runtime.services.people.links.unused_owner()) is not None:
        click.echo(f"The owner {unused[0].email} has no password yet. Choose one (this link is shown once):")
        click.echo(f"\n  {base_url}/sign-up#token={unused[1]}\n")
    sys.stdout.flush()


def _tag(client_id: str, base_url: str) -> str:
    """What to paste into a site; nothing where the script was not built."""
    from eventlens.api.scripts import BUILT

    if not (BUILT / "e.js").is_file():
        return ""
    return f"""Measure a site: paste this line into the head of its pages.

  <script defer src="{base_url}/e.js" data-client-id="{client_id}"></script>

Any site may send with it until you name yours:
.venv/bin/eventlens client origins {client_id} --add https://example.com --remove '*'

"""


def _first_words(made: "FirstSetup", url: str, base_url: str) -> str:
    clients = "\n".join(f"  {client.type:<6} {client.id}  {client.secret}" for client in made.clients)
    return f"""
This is the first start. Make your account, the owner's (this link works once, and is shown only now):

  {base_url}/sign-up#token={made.token}

Your project is "{made.project.name}" ({made.project.id}).
Keep these clients: their secrets are shown only now.

  type   id                                    secret
{clients}

{_tag(made.write.id, base_url)}Send a first event:

  curl -s {url}/track -H 'content-type: application/json' \\
    -H 'event-lens-client-id: {made.write.id}' -H 'event-lens-client-secret: {made.write.secret}' \\
    -d '{{"type":"track","payload":{{"name":"screen_view","deviceId":"my-first-device","path":"https://example.com/"}}}}'

and see it counted:

  curl -s '{url}/insights/{made.project.id}/metrics?range=today' \\
    -H 'event-lens-client-id: {made.read.id}' -H 'event-lens-client-secret: {made.read.secret}'
"""


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "127.0.0.1", "::", "::1"):  # noqa: S104  # shown, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host
