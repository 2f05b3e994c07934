"""The schema of a store whose tables lie on several shards, made from `schema.sql`.

On every node each table is there twice: `events_local` holds the node's share, `events` is all of it
(`Distributed`), asked and filled by its usual name from any node. What belongs together lies together: a
row and its later versions, a session and its events, so that every shard can tell by itself which version
counts. People may be spread over shards; what counts them is put together where the question was asked.

What is asked with `QUERY_SETTINGS` means the same as on one server. Without them a condition such as
`visitor IN (SELECT … FROM events)` on a shard would see that shard's events alone, or be refused.
"""

import re
from collections.abc import Mapping
from typing import LiteralString, cast

from eventlens.store.migrate import statements
from eventlens.store.tables import SCHEMA

QUERY_SETTINGS: Mapping[str, object] = {
    # A subquery within a condition or a join is answered once, by all shards, and its answer sent to each.
    "distributed_product_mode": "global",
    "prefer_global_in_and_join": 1,
}

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


def sharded_schema(cluster: str) -> list[LiteralString]:
    """Statements for every node of a cluster, in order; they are to be run on each of them.

    Raises ValueError for a name that is none.
    """
    if not re.fullmatch(r"\w+", cluster, re.ASCII):
        raise ValueError(f"{cluster!r} is no name of a cluster")
    made: list[LiteralString] = []
    for statement in statements(cast(LiteralString, SCHEMA)):
        found = _CREATE.match(statement)
        assert found is not None
        table = cast(LiteralString, found[1])
        local: LiteralString = f"{table}_local"
        name = cast(LiteralString, cluster)
        share: LiteralString = statement.replace(
            f"CREATE TABLE {table}\n", f"CREATE TABLE IF NOT EXISTS {local}\n", 1
        )
        whole: LiteralString = f"""CREATE TABLE IF NOT EXISTS {table} AS {local}
ENGINE = Distributed('{name}', currentDatabase(), '{local}', {SHARDING[table]})"""
        made.extend((share, whole))
    return made


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
