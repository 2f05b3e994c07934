"""Choose the event store by settings: a server where `CLICKHOUSE_URL` is set, else the embedded engine."""

import gzip
import importlib
import logging
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import LiteralString, cast

import clickhouse_connect
from clickhouse_connect import common
from clickhouse_connect.driver import options
from clickhouse_connect.driver.exceptions import ClickHouseError

from eventlens.errors import ConfigurationError
from eventlens.setting_kinds import each_host
from eventlens.settings import Settings
from eventlens.store.base import ONE_SERVER, QUESTIONS_AT_ONCE, BlockStore, Layout, Parameters, Store
from eventlens.store.clickhouse import ClickHouseStore, Client, Files
from eventlens.store.health import refuse_lost
from eventlens.store.hosts import Hosts
from eventlens.store.recent import Changes

_WRITING_CLIENTS = 2
_WRITING_SECONDS = 110
"""A look-up of the worker's ends before the connection gives up; EVENTLENS_QUERY_SECONDS is for callers."""

_PATIENCE_SECONDS = 5.0

_MOST_ROWS = 5_000_000
"""Of one answer of the engine's: as many as the worker ever loads at once."""


_PACKING = 1
"""Of a file that a server sends: more would take longer than the server does."""

_HEADROOM = 192 << 20
"""What the embedded engine may take beside one question at least: it needs about half of that by itself."""


def open_store(settings: Settings, changes: Changes | None = None) -> BlockStore:
    """Open the event store for writing, the worker's own look-ups and commands.

    Its schema may still be old (see `migrate`). `changes`: what else opens it in this process. Raises
    ConfigurationError.
    """
    changes = changes or Changes()
    return _open(settings, changes, clients=_WRITING_CLIENTS, patience=None, seconds=_WRITING_SECONDS)


def open_questions(settings: Settings, changes: Changes | None = None) -> Store:
    """Open the event store for callers' questions: slow ones never keep what writes waiting.

    Who finds no turn within some seconds gets a QueryLimit. `changes`: as `open_store` was given. Raises
    ConfigurationError.
    """
    changes, seconds = changes or Changes(), settings.query_seconds
    return _open(settings, changes, clients=QUESTIONS_AT_ONCE, patience=_PATIENCE_SECONDS, seconds=seconds)


def _open(
    settings: Settings, changes: Changes, *, clients: int, patience: float | None, seconds: float
) -> BlockStore:
    common.set_setting("product_name", "event-lens")
    # The client library logs the values and statements it fails with: people's data.
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    shared = bool(settings.clickhouse_url)
    spread = shared and settings.clickhouse_cluster
    try:
        return ClickHouseStore(
            _hosts(settings),
            clients=clients,
            patience=patience,
            query_settings={
                "max_memory_usage": settings.query_memory,
                "max_bytes_before_external_group_by": settings.query_memory // 2,
                "max_bytes_before_external_sort": settings.query_memory // 2,
                "max_execution_time": seconds,
                "do_not_merge_across_partitions_select_final": 1,
                # Every question bounds its rows; this is for a mistake in one.
                "max_result_rows": _MOST_ROWS,
                "max_result_bytes": settings.query_memory // 4,
            },
            files=Files(_fetch_file, _send_file, local=False)
            if shared
            else Files(_write_file, _read_file, local=True),
            changes=changes,
            layout=Layout(cast(LiteralString, spread)) if spread else ONE_SERVER,  # checked to be a name
        )
    except (ClickHouseError, OSError) as error:
        raise ConfigurationError(_opening_failed(str(error), shared=shared)) from error


def _hosts(settings: Settings) -> Hosts[Client]:
    if settings.clickhouse_url:
        return Hosts({url: partial(_server_client, url) for url in each_host(settings.clickhouse_url)})
    refuse_lost(settings)
    directory = settings.data / "store"
    directory.mkdir(parents=True, exist_ok=True)
    config = _write_config(settings.data / "store.xml", settings)
    return Hosts({str(directory): partial(_embedded_client, directory, config)})


def _server_client(url: str) -> Client:
    client = clickhouse_connect.get_client(  # pyright: ignore[reportUnknownMemberType]  # untyped keyword arguments
        dsn=url,
        # The library takes TLS from the port alone; the scheme is what people write.
        interface="https" if url.startswith(("https:", "clickhouses:")) else "http",
        autogenerate_session_id=False,
        tz_mode="aware",
        connect_timeout=5,
        send_receive_timeout=120,
    )
    return cast(Client, client)


def _import_engine() -> None:
    """Load the embedded engine and its client without pyarrow and pandas.

    Both are optional there, nothing here uses them, and they would take memory. `python -X importtime -c
    "import chdb"` shows who loads them.
    """
    if "chdb" in sys.modules:
        return
    absent = [name for name in ("pyarrow",) if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # pyright: ignore[reportArgumentType]  # makes `import` fail
    try:
        importlib.import_module("chdb.state")
    finally:
        for name in absent:
            del sys.modules[name]
    for name in ("pd", "pd_time_test"):
        setattr(options, name, None)


def _embedded_client(directory: Path, config: Path) -> Client:
    _import_engine()
    client = clickhouse_connect.get_client(  # pyright: ignore[reportUnknownMemberType]  # untyped keyword arguments
        dsn=f"chdb://{directory}", chdb_options={"config-file": str(config)}, tz_mode="aware"
    )
    return cast(Client, client)


def _write_file(
    client: Client,
    sql: LiteralString,
    parameters: Parameters,
    settings: Mapping[str, object],
    file_format: LiteralString,
    path: Path,
) -> None:
    """The embedded engine writes files itself; what it hands over it holds in memory as a whole."""
    statement = f"{sql}\nINTO OUTFILE '{_quoted(path)}' FORMAT {file_format}"
    client.command(statement, parameters=parameters, settings=settings)


def _fetch_file(
    client: Client,
    sql: LiteralString,
    parameters: Parameters,
    settings: Mapping[str, object],
    file_format: LiteralString,
    path: Path,
) -> None:
    """A server sends the file as it is made."""
    with (
        closing(client.raw_stream(sql, parameters=parameters, settings=settings, fmt=file_format)) as stream,
        gzip.open(path, "wb", _PACKING) if path.suffix == ".gz" else path.open("wb") as file,
    ):
        shutil.copyfileobj(stream, file, 1 << 20)
    if file_format == "Parquet":
        with path.open("rb") as file:
            file.seek(-4, os.SEEK_END)
            if file.read() != b"PAR1":
                raise OSError("the event store stopped in the middle of a file")


def _read_file(
    client: Client,
    table: LiteralString,
    columns: Sequence[str],
    settings: Mapping[str, object],
    path: Path,
) -> None:
    """The embedded engine reads files itself."""
    names = ", ".join(columns)
    statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM file('{_quoted(path)}', 'Native')"
    client.command(statement, settings=settings)


def _send_file(
    client: Client,
    table: LiteralString,
    columns: Sequence[str],
    settings: Mapping[str, object],
    path: Path,
) -> None:
    """To a server it is sent as it is read."""
    packing = {".gz": "gzip", ".zst": "zstd"}.get(path.suffix)
    with path.open("rb") as file:
        client.raw_insert(table, list(columns), file, settings=settings, fmt="Native", compression=packing)


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "\\'")


def _opening_failed(reason: str, *, shared: bool) -> str:
    first = " ".join(reason.split())[:300]
    away = re.search(r"\(host='([^']*)', port=(\d+)\): (?:Max retries|Failed to|Read timed)", first)
    if shared and away:
        return f"CLICKHOUSE_URL: nothing answers at {away[1]}:{away[2]}."
    if shared:
        return f"CLICKHOUSE_URL: the server cannot be used ({first})."
    return (
        "The embedded event store in the data directory cannot be opened: is another Event Lens using this "
        "directory, or is it damaged? Stop the other one, or restore a backup into an empty directory "
        f"({first})."
    )


def _write_config(path: Path, settings: Settings) -> Path:
    """The embedded engine's caps: without them it would take most of the machine's memory for caches."""
    total = settings.query_memory + max(settings.query_memory // 2, _HEADROOM)
    path.write_text(
        f"""<clickhouse>
  <max_server_memory_usage>{total}</max_server_memory_usage>
  <mark_cache_size>{64 << 20}</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <index_mark_cache_size>{16 << 20}</index_mark_cache_size>
  <mmap_cache_size>100</mmap_cache_size>
  <compiled_expression_cache_size>{16 << 20}</compiled_expression_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_merges_mutations_concurrency_ratio>2</background_merges_mutations_concurrency_ratio>
  <background_schedule_pool_size>2</background_schedule_pool_size>
  <background_common_pool_size>1</background_common_pool_size>
  <background_move_pool_size>1</background_move_pool_size>
  <background_fetches_pool_size>1</background_fetches_pool_size>
  <background_distributed_schedule_pool_size>1</background_distributed_schedule_pool_size>
  <tables_loader_foreground_pool_size>1</tables_loader_foreground_pool_size>
  <tables_loader_background_pool_size>1</tables_loader_background_pool_size>
  <merge_tree>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
"""
    )
    return path
