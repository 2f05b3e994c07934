CREATE TABLE IF NOT EXISTS group_changes
(
    project_id   LowCardinality(String),
    group_id     String CODEC(ZSTD(1)),
    property     String CODEC(ZSTD(1)),
    timestamp    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    arrival      UInt64 CODEC(Delta, ZSTD(1)),
    value        String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (project_id, group_id, property, timestamp, arrival)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS group_members
(
    project_id   LowCardinality(String),
    node         UInt64,
    group_id     String CODEC(ZSTD(1)),
    profile_id   SimpleAggregateFunction(any, String),
    device_id    SimpleAggregateFunction(any, String),
    since        SimpleAggregateFunction(min, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, node, group_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS replay_chunks
(
    project_id        LowCardinality(String),
    session_key       UInt64 CODEC(ZSTD(1)),
    named_key         UInt64 CODEC(ZSTD(1)),
    session_id        String CODEC(ZSTD(1)),
    device_id         String CODEC(ZSTD(1)),
    profile_id        String CODEC(ZSTD(1)),
    chunk_index       UInt16 CODEC(ZSTD(1)),
    digest            UInt64 CODEC(ZSTD(1)),
    arrival           UInt64 CODEC(Delta, ZSTD(1)),
    started_at        DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    ended_at          DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    expires           DateTime('UTC') CODEC(Delta, ZSTD(1)),
    events_count      UInt32 CODEC(ZSTD(1)),
    is_full_snapshot  UInt8,
    bytes             UInt32 CODEC(ZSTD(1)),
    payload           String CODEC(ZSTD(3)),
    INDEX started_range started_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(expires)
ORDER BY (project_id, session_key, named_key, chunk_index, digest)
TTL expires
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, index_granularity_bytes = 1048576;
