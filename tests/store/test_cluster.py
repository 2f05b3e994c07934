"""The schema of a cluster is made from the one schema there is."""

import os
import re
from pathlib import Path
from typing import LiteralString

import pytest

from eventlens.store.cluster import SHARDING, of_share, replicated_schema, sharded_schema, whole_tables
from eventlens.store.migrate import migrations
from eventlens.store.tables import COLUMN_TYPES, SCHEMA


def test_every_table_has_a_share_on_each_node_and_is_whole_under_its_name():
    made = sharded_schema("lens")
    assert [each.split()[5] for each in made] == [
        name for table in COLUMN_TYPES for name in (f"{table}_local", table)
    ]


def test_a_share_is_the_table_of_the_schema():
    first, second = sharded_schema("lens")[:2]
    body = first.partition("\n")[2]
    assert "ENGINE = ReplacingMergeTree(version)" in body
    assert "INDEX arrival_range" in body
    assert "Distributed('lens', currentDatabase(), 'events_local', cityHash64(project_id" in second


def test_rows_are_spread_by_what_all_their_versions_share():
    """Else two versions of a row would lie on two shards, and both would count."""
    assert set(SHARDING) == set(COLUMN_TYPES)
    orders = dict(
        re.findall(r"CREATE TABLE (\w+)\n.*?\nORDER BY \(?(.*?)\)?\n?(?:TTL|SETTINGS|;)", SCHEMA, re.DOTALL)
    )
    for table, share in SHARDING.items():
        used = [name for name in COLUMN_TYPES[table] if re.search(rf"\b{name}\b", share)]
        assert used
        assert [name for name in used if not re.search(rf"\b{name}\b", orders[table])] == []


def test_migrations_add_up_to_the_tables_of_each_node():
    """Each statement has its share in mind, and each table that is whole knows the newest columns."""
    statements: list[LiteralString] = [each for migration in migrations() for each in migration.statements]
    assert {of_share(each).split("_local")[0].split()[-1] for each in statements} == set(COLUMN_TYPES)
    made = {each.removeprefix("CREATE OR REPLACE TABLE ") for each in whole_tables("lens", statements)}
    expected = {each.removeprefix("CREATE TABLE IF NOT EXISTS ") for each in sharded_schema("lens")[1::2]}
    assert made == expected


@pytest.mark.parametrize("name", ["", "a b", "x'); DROP TABLE events", "läns"])
def test_a_name_of_a_cluster_is_a_name(name: str):
    with pytest.raises(ValueError, match="no name of a cluster"):
        sharded_schema(name)


def test_replicated_tables_are_read_before_they_are_believed():
    """Not run here, for want of a Keeper: the statements are in a file, for reviewers."""
    made = ";\n\n".join(replicated_schema("lens")) + ";\n"
    path = Path(__file__).parents[1] / "snapshots" / "cluster" / "replicated.sql"
    if os.environ.get("LENS_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(made)
    assert path.read_text() == made
    assert made.count("ON CLUSTER 'lens'") == 2 * len(COLUMN_TYPES)
    assert "CREATE TABLE IF NOT EXISTS events ON CLUSTER 'lens' AS events_local\n" in made
    assert made.count("ENGINE = Replicated") == len(COLUMN_TYPES)
    assert "non_replicated" not in made
