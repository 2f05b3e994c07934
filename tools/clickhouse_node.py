#!/usr/bin/env python3
r"""A real ClickHouse server for tests, on a machine where no ClickHouse is installed.

The npm package named below carries the whole engine as one shared library. Its `clickhouse local`
entry point can be told to open the genuine HTTP and native ports, so a test may speak to a server over
the wire, start several of them, join them in a cluster and kill one.

    clickhouse_node.py install                  fetch the library with npm (about 570 MB on disk)
    clickhouse_node.py where                    print the library's path, or exit 1
    clickhouse_node.py run --data ./n1 --http 18123 --tcp 19000 \
        [--cluster lens=127.0.0.1:19000,127.0.0.1:19001]

`run` stays in the foreground until SIGTERM; what was stored stays in --data. One shard per address of a
`--cluster`. This entry point knows the user `default` without a password, no CREATE USER, no ON CLUSTER,
no Replicated* engines; everything else is the server's own engine.

The library is looked for in $LIBCHDB, then .cache/clickhouse-node of this repository, then
~/.cache/clickhouse-node; `install` puts it into the first of the two folders that already exists, else
into the repository's.
"""

import argparse
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

PACKAGE = "@chdb/lib-linux-x64-gnu"
VERSION = "26.7.3-stable.1"
FOLDERS = (
    Path(__file__).resolve().parents[1] / ".cache" / "clickhouse-node",
    Path.home() / ".cache" / "clickhouse-node",
)
# The server lives as long as its one statement: a sleep of about ten years, a second at a time.
FOREVER = (
    "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; "
    "SELECT sum(sleepEachRow(1)) FROM numbers(315360000) "
    "SETTINGS max_block_size = 1, max_threads = 1, function_sleep_max_microseconds_per_block = 0"
)


def library_in(folder: Path) -> Path:
    """Where npm puts the library below `folder`."""
    return folder / "node_modules" / PACKAGE / "libchdb.so"


def find_library() -> Path | None:
    """The library, or None where it is not installed."""
    if named := os.environ.get("LIBCHDB"):
        return Path(named) if Path(named).is_file() else None
    return next((path for path in map(library_in, FOLDERS) if path.is_file()), None)


def install() -> Path:
    """Fetch the library with npm unless it is there. Two processes at once fetch it once."""
    if found := find_library():
        return found
    folder = next((known for known in FOLDERS if known.is_dir()), FOLDERS[0])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not library_in(folder).is_file():
            options = ["--prefix", str(folder), "--no-save", "--silent"]
            subprocess.run(
                ["npm", "install", *options, f"{PACKAGE}@{VERSION}"], check=True, stdout=sys.stderr
            )
    return library_in(folder)


def shard(address: str) -> str:
    """`host:port` as a shard of one replica."""
    host, _, port = address.rpartition(":")
    replica = f"<replica><host>{escape(host)}</host><port>{int(port)}</port></replica>"
    return f"<shard><internal_replication>true</internal_replication>{replica}</shard>"


def cluster(spec: str) -> str:
    """`name=host:port,host:port` as the configuration's element."""
    name, _, addresses = spec.partition("=")
    return f"<{name}>{''.join(shard(address) for address in addresses.split(','))}</{name}>"


def configuration(data: Path, http: int, tcp: int, clusters: list[str]) -> str:
    """The node's whole configuration file."""
    folder = escape(str(data))
    return f"""<clickhouse>
    <listen_host>127.0.0.1</listen_host>
    <http_port>{http}</http_port>
    <tcp_port>{tcp}</tcp_port>
    <path>{folder}/</path>
    <backups><allowed_path>{folder}/backups/</allowed_path></backups>
    <profiles><default/></profiles>
    <quotas><default/></quotas>
    <users>
        <default>
            <password></password><profile>default</profile><quota>default</quota>
            <networks><ip>::/0</ip></networks>
        </default>
    </users>
    <remote_servers>{"".join(map(cluster, clusters))}</remote_servers>
</clickhouse>
"""


def run(data: Path, http: int, tcp: int, clusters: list[str]) -> None:
    """Be the server. Returns only when it could not start."""
    library = find_library()
    if library is None:
        sys.exit("The ClickHouse library is not installed: run `tools/clickhouse_node.py install`.")
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    config = data / "node.xml"
    config.write_text(configuration(data, http, tcp, clusters), encoding="utf-8")
    # A handler written in Python would wait for the library call below to return: for ever.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    words = ["clickhouse", f"--config-file={config}", f"--path={data}", "--query", FOREVER]
    arguments = (ctypes.c_char_p * (len(words) + 1))(*(word.encode() for word in words), None)
    engine = ctypes.CDLL(str(library)).query_stable_v2
    engine.restype = ctypes.c_void_p
    engine(len(words), arguments)
    sys.exit("The ClickHouse node ended by itself: is one of its ports taken?")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install", help="fetch the library with npm")
    commands.add_parser("where", help="print the library's path")
    node = commands.add_parser("run", help="run a node in the foreground")
    node.add_argument("--data", type=Path, required=True)
    node.add_argument("--http", type=int, default=8123)
    node.add_argument("--tcp", type=int, default=9000)
    node.add_argument("--cluster", action="append", default=[], metavar="NAME=HOST:PORT,…")
    chosen = parser.parse_args()
    if chosen.command == "run":
        run(chosen.data, chosen.http, chosen.tcp, chosen.cluster)
    elif chosen.command == "install":
        print(install())
    elif found := find_library():
        print(found)
    else:
        sys.exit(1)


if __name__ == "__main__":
    main()
