-- Both are computed again from raw rows.
DROP TABLE IF EXISTS rollup_totals;

CREATE TABLE IF NOT EXISTS rollup_totals
(
    project_id       LowCardinality(String),
    grain            UInt8,
    bucket_start     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    bucket_end       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    version          UInt64 CODEC(Delta, ZSTD(1)),
    touched          UInt64 CODEC(ZSTD(1)),
    events           UInt64 CODEC(ZSTD(1)),
    views            UInt64 CODEC(ZSTD(1)),
    sessions         UInt64 CODEC(ZSTD(1)),
    bounces          UInt64 CODEC(ZSTD(1)),
    duration         UInt64 CODEC(ZSTD(1)),
    session_views    UInt64 CODEC(ZSTD(1)),
    people           AggregateFunction(uniqCombined64(14), UInt64) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, grain, bucket_start, bucket_end)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 16;

DROP TABLE IF EXISTS rollup_lists;

CREATE TABLE IF NOT EXISTS rollup_lists
(
    project_id       LowCardinality(String),
    grain            UInt8,
    bucket_start     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    bucket_end       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    version          UInt64 CODEC(Delta, ZSTD(1)),
    touched          UInt64 CODEC(ZSTD(1)),
    events           UInt64 CODEC(ZSTD(1)),
    sizes            Map(LowCardinality(String), UInt64) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, grain, bucket_start, bucket_end)
SETTINGS non_replicated_deduplication_window = 10000;
