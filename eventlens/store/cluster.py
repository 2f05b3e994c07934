"""The schema of a store whose tables lie on several shards, made from `schema.sql`.

On every node each table is there twice: `events_local` holds the node's share, `events` is all of it
(`Distributed`), asked and filled by its usual name from any node. What belongs together lies together: a
row and its later versions, a session and its events, so that every shard can tell by itself which version
counts. People may be spread over shards; what counts them is put together where the question was asked.

What is asked with `QUERY_SETTINGS` means the same as on one server. Without them a condition such as
`visitor IN (SELECT … FROM events)` on a shard would see that shard's events alone, or be refused.
"""

import re
from collections.abc import Mapping, Sequence
from typing import LiteralString, cast

from eventlens.errors import ConfigurationError
from eventlens.store.base import Parameters, Store
from eventlens.store.tables import SCHEMA, statements

QUERY_SETTINGS: Mapping[str, object] = {
    # A subquery within a condition or a join is answered once, by all shards, and its answer sent to each.
    "distributed_product_mode": "global",
    "prefer_global_in_and_join": 1,
}

CHANGING_SETTINGS: Mapping[str, object] = {
    **QUERY_SETTINGS,
    # What a statement inserts is stored when it returns.
    "distributed_foreground_insert": 1,
    # Else each shard would compute from its own rows alone, and insert that.
    "parallel_distributed_insert_select": 0,
}
"""Of statements that insert what they select."""

SHARDING: Mapping[str, LiteralString] = {
    # Outside any session (key 0) an event's number spreads them.
    "events": "cityHash64(project_id, if(session_key = 0, arrival, session_key))",
    "sessions": "cityHash64(project_id, session_key)",
    "identity_links": "cityHash64(project_id, device)",
    "identity_aliases": "cityHash64(project_id, profile)",
    "identities": "cityHash64(project_id, node)",
    "profile_changes": "cityHash64(project_id, profile_id)",
    "excluded": "cityHash64(project_id, hour)",
    "group_changes": "cityHash64(project_id, group_id)",
    "group_members": "cityHash64(project_id, node)",
    "replay_chunks": "cityHash64(project_id, session_key)",
    "touches": "cityHash64(project_id, hour)",
    "rollup_totals": "cityHash64(project_id, bucket_start)",
    "rollup_lists": "cityHash64(project_id, bucket_start)",
    "rollup_rows": "cityHash64(project_id, bucket_start)",
    "schema_migrations": "number",
}
"""Which share of the tables a row belongs to; by columns that are the same in all versions of a row."""

_ENGINE = re.compile(r"\nENGINE = (\w*MergeTree)(?:\((.*?)\))?\n")
_CREATE = re.compile(r"CREATE TABLE (\w+)\n")
_CHANGE = re.compile(r"(CREATE TABLE IF NOT EXISTS|ALTER TABLE|DROP TABLE IF EXISTS) (\w+)\b")


def sharded_schema(cluster: str) -> list[LiteralString]:
    """Statements for every node of a cluster, in order; they are to be run on each of them.

    Raises ValueError for a name that is none.
    """
    made: list[LiteralString] = []
    for statement in statements(cast(LiteralString, SCHEMA)):
        found = _CREATE.match(statement)
        assert found is not None
        table = cast(LiteralString, found[1])
        local: LiteralString = f"{table}_local"
        share: LiteralString = statement.replace(
            f"CREATE TABLE {table}\n", f"CREATE TABLE IF NOT EXISTS {local}\n", 1
        )
        made.extend((share, f"CREATE TABLE IF NOT EXISTS {_whole(cluster, table)}"))
    return made


def _whole(cluster: str, table: LiteralString) -> LiteralString:
    if not re.fullmatch(r"[\w-]+", cluster, re.ASCII):
        raise ValueError(f"{cluster!r} is no name of a cluster")
    name = cast(LiteralString, cluster)
    return f"""{table} AS {table}_local
ENGINE = Distributed('{name}', currentDatabase(), '{table}_local', {SHARDING[table]})"""


def whole_tables(cluster: str, changes: Sequence[LiteralString]) -> list[LiteralString]:
    """Statements that make the tables of a migration's statements from their shares.

    Anew where they are there: they hold no rows themselves, and know the columns of the shares as they were.
    """
    tables = dict.fromkeys(_changed(statement)[2] for statement in changes)
    return [f"CREATE OR REPLACE TABLE {_whole(cluster, cast(LiteralString, table))}" for table in tables]


def of_share(statement: LiteralString) -> LiteralString:
    """A statement of a migration, about a node's share of the table."""
    found = _changed(statement)
    return cast(LiteralString, f"{found[1]} {found[2]}_local{statement[found.end() :]}")


def _changed(statement: str) -> re.Match[str]:
    found = _CHANGE.match(statement)
    assert found is not None, f"a migration makes, alters or drops one table: {statement[:60]}"
    return found


def replicated_schema(cluster: str) -> list[LiteralString]:
    """The same for a cluster with a Keeper, whose shards have replicas: to be run once, on any node.

    What is inserted twice is told apart by Keeper, for all replicas. The macros `shard` and `replica` must be
    set on each node, as ClickHouse's guide for replication asks. Raises ValueError for a name that is none.
    """
    made: list[LiteralString] = []
    for statement in sharded_schema(cluster):
        where = cast(LiteralString, f" ON CLUSTER '{cluster}'")
        head, _, body = statement.partition("\n")
        if " AS " not in head:
            table = head.rpartition(" ")[2]
            engine = _ENGINE.search(f"\n{body}")
            assert engine is not None
            body = body.replace(engine[0], _replicated(engine, table), 1)
            body = body.replace("non_replicated_deduplication_window", "replicated_deduplication_window")
            made.append(cast(LiteralString, f"{head}{where}\n{body}"))
        else:
            name, _, like = head.partition(" AS ")
            made.append(f"{name}{where} AS {like}\n{body}")
    return made


def _replicated(engine: re.Match[str], table: str) -> LiteralString:
    place = f"'/clickhouse/tables/{{shard}}/{{database}}/{table}', '{{replica}}'"
    words = ", ".join(part for part in (place, engine[2]) if part)
    return cast(LiteralString, f"\nENGINE = Replicated{engine[1]}({words})\n")  # all of it from schema.sql


def require_all_shards(store: Store, nodes: Sequence[Store]) -> None:
    """Raise ConfigurationError unless a cluster's nodes know it, and are all of its shards."""
    cluster = store.layout.cluster
    known = "SELECT count() FROM system.clusters WHERE cluster = {cluster:String}"
    if not all(node.query(known, {"cluster": cluster}).rows[0][0] for node in nodes):
        raise ConfigurationError(
            f"CLICKHOUSE_CLUSTER: a server at CLICKHOUSE_URL knows no cluster {cluster!r} (remote_servers)."
        )
    name: LiteralString = "SELECT concat(hostName(), ':', toString(tcpPort()))"
    shards = {row[0] for row in store.query(f"{name} FROM cluster('{cluster}', system.one)").rows}
    missing = shards - {node.query(name).rows[0][0] for node in nodes}
    if missing:
        raise ConfigurationError(
            f"CLICKHOUSE_URL names {len(shards) - len(missing)} of the {len(shards)} shards of {cluster!r}, "
            f"and not {min(missing)}: give a server of each, as http://user:password@a:8123,b:8123/database."
        )


def everywhere(store: Store, sql: LiteralString, parameters: Parameters | None = None) -> None:
    """Run a statement about shares of tables (`Layout.share`) on each server that holds some, one by one.

    Nothing is begun while one of them is away. Raises StoreUnavailable.
    """
    with store.nodes() as nodes:
        for node in nodes:
            node.command(sql, parameters)
