"""Real ClickHouse servers for tests, one process each."""

import importlib.util
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tests.support.processes import REPOSITORY, Child, clean_environment, free_port
from tests.support.relay import Relay

TOOL = REPOSITORY / "tools" / "clickhouse_node.py"


def tool() -> ModuleType:
    """tools/clickhouse_node.py as a module (it is a script, not part of the package)."""
    spec = importlib.util.spec_from_file_location("clickhouse_node", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def library() -> Path | None:
    """The engine's library, or None where it is not installed."""
    return tool().find_library()


@dataclass
class Node:
    """A running node; `url` is what CLICKHOUSE_URL takes for a database on it."""

    child: Child
    http_port: int
    tcp_port: int
    folder: Path
    words: list[str]

    def start(self) -> None:
        """Start it again, with the same files and ports, and wait until it answers."""
        self.child = Child(self.words, self.folder / "node.log", clean_environment(), self.folder)
        self.child.await_ready(self.ready)

    def url(self, database: str = "default") -> str:
        return f"http://default@127.0.0.1:{self.http_port}/{database}"

    def execute(self, sql: str) -> str:
        """Run a statement over HTTP and give the answer's text."""
        address = f"http://127.0.0.1:{self.http_port}/"
        with urllib.request.urlopen(address, data=sql.encode(), timeout=60) as answer:
            return answer.read().decode()

    def ready(self) -> bool:
        try:
            return self.execute("SELECT 1").strip() == "1"
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def create_database(self, name: str) -> str:
        """Make an empty database and give its URL."""
        self.execute(f"CREATE DATABASE `{name}`")
        return self.url(name)

    def kill9(self) -> None:
        self.child.end(9)

    def close(self) -> None:
        self.child.end()


def start_node(folder: Path, clusters: Sequence[str] = (), *, tcp_port: int | None = None) -> Node:
    """Start a node on free ports (or that one) with its data in `folder` and wait until it answers."""
    node = _begin_node(folder, clusters, tcp_port)
    node.child.await_ready(node.ready)
    return node


def _begin_node(folder: Path, clusters: Sequence[str], tcp_port: int | None) -> Node:
    http_port, tcp_port = free_port(), tcp_port or free_port()
    words = [sys.executable, str(TOOL), "run", "--data", str(folder)]
    words += ["--http", str(http_port), "--tcp", str(tcp_port)]
    for cluster in clusters:
        words += ["--cluster", cluster]
    folder.mkdir(parents=True, exist_ok=True)
    child = Child(words, folder / "node.log", clean_environment(), folder)
    return Node(child, http_port, tcp_port, folder, words)


CLUSTER = "lens"
"""How clusters of tests are called."""


@dataclass
class Cluster:
    """Nodes that know each other, a shard each."""

    nodes: list[Node]
    relays: list[Relay]

    def create_database(self, name: str) -> dict[str, str]:
        """Make an empty database on each node; the settings for it."""
        for node in self.nodes:
            node.create_database(name)
        return self.settings(name)

    def settings(self, name: str) -> dict[str, str]:
        """The settings for a database, asked in the order of `nodes`."""
        hosts = ",".join(f"127.0.0.1:{node.http_port}" for node in self.nodes)
        return {"CLICKHOUSE_URL": f"http://default@{hosts}/{name}", "CLICKHOUSE_CLUSTER": CLUSTER}

    def close(self) -> None:
        for each in (*self.nodes, *self.relays):
            each.close()


def start_cluster(folder: Path, shards: int = 2) -> Cluster:
    """Start the nodes of a cluster, each on free ports and reached by the others through a relay."""
    ports: list[int] = []
    while len(ports) < shards:
        ports = list({*ports, free_port()})
    relays = [Relay(port) for port in ports]
    spec = f"{CLUSTER}={','.join(f'127.0.0.1:{relay.port}' for relay in relays)}"
    nodes = [_begin_node(folder / f"shard-{port}", [spec], port) for port in ports]
    for node in nodes:
        node.child.await_ready(node.ready)
    return Cluster(nodes, relays)
