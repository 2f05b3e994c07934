"""A cluster of two shards, real nodes: made, asked while one is dead, written to, deleted from, backed up."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from eventlens.cli import main
from eventlens.errors import ConfigurationError, StoreUnavailable
from eventlens.insights.rollups.due import RECENT_DAYS, Rollups
from eventlens.settings import Settings
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate
from eventlens.store.removing import OF_PROJECT
from eventlens.store.tables import COLUMN_TYPES
from eventlens.workers.backup import Sources, back_up
from tests.support.clickhouse import Cluster, library, start_cluster
from tests.support.inprocess import InProcess
from tests.support.project import Project, view

pytestmark = pytest.mark.timeout(300)

START = 1_772_323_200.0  # 2026-03-01T00:00:00Z
NOW = int(START + 5 * 86_400) * 1000
SPAN = {"startDate": "2026-02-25", "endDate": "2026-03-05"}
DEVICES = 24


@dataclass
class Pair:
    """Two nodes, and an application over both."""

    cluster: Cluster
    lens: InProcess
    settings: dict[str, str]
    migrated: dict[str, str]
    """What `eventlens migrate` said."""

    def own_rows(self, table: str, where: str = "1") -> list[int]:
        """How many rows each node holds, replaced ones counted."""
        sql = f"SELECT count() FROM lens.{table}_local WHERE {where}"
        return [int(node.execute(sql)) for node in self.cluster.nodes]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    if library() is None:
        pytest.skip("the ClickHouse library is not installed (tools/clickhouse_node.py install)")
    folder = tmp_path_factory.mktemp("shards")
    cluster = start_cluster(folder)
    try:
        settings = cluster.create_database("lens")
        told = CliRunner(env=settings).invoke(main, ["migrate", "--json", "--data", str(folder / "first")])
        assert told.exit_code == 0, told.output
        lens = InProcess(folder / "lens", clock=lambda: NOW, EVENTLENS_EXACT_EVENTS="0", **settings)
        try:
            yield Pair(cluster, lens, settings, json.loads(told.stdout))
        finally:
            lens.close()
    finally:
        cluster.close()


def visits(days: int = 1, first: int = 0) -> list[dict[str, Any]]:
    """Two views of every device on each day."""
    return [
        view(f"device-{number}", START + day * 86_400 + number * 60 + each, f"/{number % 3}")
        for day in range(days)
        for number in range(first, first + DEVICES)
        for each in range(2)
    ]


def filled(pair: Pair, events: list[dict[str, Any]]) -> Project:
    project = pair.lens.project()
    project.send(events)
    project.settle()
    return project


def test_migrate_makes_the_tables_on_each_node(pair: Pair):
    assert pair.migrated == {"catalog": "migrated", "store": "migrated"}
    expected = {*COLUMN_TYPES, *(f"{table}_local" for table in COLUMN_TYPES)}
    for node in pair.cluster.nodes:
        assert {*node.execute("SHOW TABLES FROM lens").split()} == expected
    assert pair.own_rows("schema_migrations") == [5, 5]


def test_a_shard_that_nobody_named_or_knows_stops_the_start(pair: Pair, tmp_path: Path):
    first, second = pair.cluster.nodes
    for node, words in ((first, "names 1 of the 2 shards"), (second, "knows no cluster 'lans'")):
        cluster = "lens" if node is first else "lans"
        given = {"CLICKHOUSE_URL": node.url("lens"), "CLICKHOUSE_CLUSTER": cluster}
        store = open_store(Settings.load({"EVENTLENS_DATA": str(tmp_path), **given}, None))
        with pytest.raises(ConfigurationError, match=words):
            migrate(store)
        store.close()


def test_an_insert_that_one_shard_refused_lands_once(pair: Pair):
    """The other one has its part by then; each tells by itself what it has."""
    project = pair.lens.project()
    mine = f"project_id = '{project.id}'"
    project.send(visits())
    full = pair.cluster.nodes[1]
    full.execute("INSERT INTO lens.events_local (project_id, timestamp) VALUES ('another', '2026-03-01')")
    full.execute("ALTER TABLE lens.events_local MODIFY SETTING parts_to_throw_insert = 1")
    with pytest.raises(StoreUnavailable):
        pair.lens.drain()
    here, there = pair.own_rows("events", mine)
    full.execute("ALTER TABLE lens.events_local RESET SETTING parts_to_throw_insert")
    assert 0 < here < 2 * DEVICES
    assert there == 0
    pair.lens.drain()
    assert pair.own_rows("events", mine) == [here, 2 * DEVICES - here]
    assert project.metrics(**SPAN)["total_events"] == 2 * DEVICES


def test_a_dead_shard(pair: Pair, tmp_path: Path):
    """Reads say what is left and that it is not all; writes wait, and land once."""
    runtime = pair.lens.runtime
    project = filled(pair, visits(2))
    mine = f"project_id = '{project.id}'"
    kept = pair.own_rows("events", mine)
    whole = project.metrics(**SPAN)
    assert (whole["total_events"], whole["unique_visitors"]) == (sum(kept), DEVICES)
    dead = pair.cluster.nodes[0]  # the one that is asked first
    dead.kill9()
    try:
        for _ in range(2):
            answer = project.get("metrics", **SPAN)
            assert answer.status_code == 200, answer.text
            assert answer.json()["meta"]["partial"] is True
            assert answer.json()["data"]["total_events"] == kept[1]
            assert answer.headers["cache-status"] == "EventLens; fwd=miss"
        assert project.get("groups").json()["meta"]["partial"] is True
        assert project.get("export/events.csv", **SPAN).status_code == 503  # has no place to say so
        assert project.get("events/0000000000000000").status_code == 503  # it may be there

        with pytest.raises(StoreUnavailable):
            runtime.rollups.run_once()
        with pytest.raises(StoreUnavailable):
            runtime.services.removing.delete_project("another")
        InProcess(tmp_path / "data", clock=lambda: NOW, **pair.settings).close()  # starts all the same
        project.send(visits(1, first=DEVICES))
        for _ in range(5):
            with pytest.raises(StoreUnavailable):
                runtime.worker.run_once()
        assert runtime.services.queue.depth().events == 2 * DEVICES
        assert runtime.services.queue.count_dead_letters(10) == 0
    finally:
        dead.start()
    deadline = time.monotonic() + 30
    while "partial" in (answer := project.get("metrics", **SPAN).json())["meta"]:
        assert time.monotonic() < deadline
    assert answer["data"]["total_events"] == whole["total_events"]
    project.settle()
    assert sum(pair.own_rows("events", mine)) == sum(kept) + 2 * DEVICES
    assert project.metrics(**SPAN)["unique_visitors"] == 2 * DEVICES
    assert project.metrics(**SPAN)["total_sessions"] == 3 * DEVICES
    assert project.get("metrics", **SPAN).headers["cache-status"] == "EventLens; hit"


def test_what_is_computed_ahead_is_computed_over_all_shards(pair: Pair):
    project = filled(pair, visits(3))
    asked = {**SPAN, "explain": "true"}
    raw = project.get("metrics", exact="true", **asked).json()
    rollups = Rollups(pair.lens.runtime.store, lambda: NOW)
    for day in rollups.due(project.id, ZoneInfo("UTC")).days[RECENT_DAYS:]:
        rollups.build(project.id, day)
    ahead = project.get("metrics", **asked).json()
    assert {each["source"] for each in ahead["meta"]["explain"]["served_by"]} > {"raw"}
    assert ahead["data"] == raw["data"]
    assert project.ask("pages", exact="true", **SPAN) == project.ask("pages", **SPAN)


def test_deletions_reach_each_node(pair: Pair):
    removing = pair.lens.runtime.services.removing
    project = filled(pair, visits(3))
    mine = f"project_id = '{project.id}'"
    deleted = removing.delete_person(project.id, device_id="device-3")
    assert (deleted.events, deleted.sessions) == (6, 3)
    assert pair.own_rows("events", f"{mine} AND device_id = 'device-3'") == [0, 0]
    assert project.metrics(**SPAN)["unique_visitors"] == DEVICES - 1

    removing.expire(project.id, int(START + 86_400) * 1000)
    assert min(pair.own_rows("events", mine)) > 0
    assert pair.own_rows("events", f"{mine} AND timestamp < '2026-03-02'") == [0, 0]
    assert project.metrics(**SPAN)["total_events"] == 4 * (DEVICES - 1)

    removing.delete_project(project.id)
    assert {table: pair.own_rows(table, mine) for table in OF_PROJECT} == {
        table: [0, 0] for table in OF_PROJECT
    }


def test_a_backup_holds_all_shards_and_fills_others(pair: Pair, tmp_path: Path):
    lens = pair.lens.runtime
    project = filled(pair, visits(2))
    sources = Sources(lens.services.settings, lens.catalog, lens.store, lens.queue)
    made = back_up(sources, tmp_path / "backup", lambda _, __: None)
    assert made.tables["events"].rows == sum(pair.own_rows("events"))
    tables = pair.cluster.nodes[0].execute("SHOW TABLES FROM lens").split()
    assert [name for name in tables if name.startswith("snapshot")] == []
    settings = pair.cluster.create_database("again")
    words = ["restore", str(tmp_path / "backup"), "--data", str(tmp_path / "lens")]
    told = CliRunner(env=settings).invoke(main, words)
    assert told.exit_code == 0, told.output
    restored = InProcess(tmp_path / "lens", clock=lambda: NOW, **settings)
    try:
        again = Project(restored.http, project.id, project.write, project.read, project.root)
        assert again.metrics(**SPAN) == project.metrics(**SPAN)
    finally:
        restored.close()
