ALTER TABLE events ADD INDEX IF NOT EXISTS visitor_filter visitor TYPE bloom_filter(0.001) GRANULARITY 4;

CREATE TABLE IF NOT EXISTS touches
(
    project_id   LowCardinality(String),
    hour         UInt32 CODEC(Delta, ZSTD(1)),
    count        UInt64 CODEC(ZSTD(1))
)
ENGINE = SummingMergeTree(count)
ORDER BY (project_id, hour)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS rollup_totals
(
    project_id       LowCardinality(String),
    whole_day        UInt8,
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
PARTITION BY toYYYYMM(bucket_start)
ORDER BY (project_id, whole_day, bucket_start, bucket_end)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 16;

CREATE TABLE IF NOT EXISTS rollup_lists
(
    project_id       LowCardinality(String),
    whole_day        UInt8,
    bucket_start     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    bucket_end       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    version          UInt64 CODEC(Delta, ZSTD(1)),
    touched          UInt64 CODEC(ZSTD(1)),
    events           UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(bucket_start)
ORDER BY (project_id, whole_day, bucket_start, bucket_end)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS rollup_rows
(
    project_id       LowCardinality(String),
    list             LowCardinality(String),
    bucket_start     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    version          UInt64 CODEC(Delta, ZSTD(1)),
    key              UInt64 CODEC(ZSTD(1)),
    first            String CODEC(ZSTD(1)),
    second           LowCardinality(String),
    events           UInt64 CODEC(T64, ZSTD(1)),
    views            UInt64 CODEC(T64, ZSTD(1)),
    sessions         UInt64 CODEC(T64, ZSTD(1)),
    bounces          UInt64 CODEC(T64, ZSTD(1)),
    duration         UInt64 CODEC(T64, ZSTD(1)),
    session_views    UInt64 CODEC(T64, ZSTD(1)),
    gaps             UInt64 CODEC(T64, ZSTD(1)),
    spent            UInt64 CODEC(T64, ZSTD(1)),
    title            String CODEC(ZSTD(1)),
    titled           DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    visitors         UInt64 CODEC(T64, ZSTD(1)),
    people           AggregateFunction(uniqCombined64(14), UInt64) CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(bucket_start)
ORDER BY (project_id, list, bucket_start, version, bitNot(visitors), key)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 64;
