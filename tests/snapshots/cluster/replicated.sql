CREATE TABLE IF NOT EXISTS events_local ON CLUSTER 'lens'
(
    project_id       LowCardinality(String),
    timestamp        DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    arrival          UInt64 CODEC(Delta, ZSTD(1)),
    version          UInt64 CODEC(Delta, ZSTD(1)),
    id               String CODEC(ZSTD(1)),
    name             LowCardinality(String),
    device_id        String CODEC(ZSTD(1)),
    profile_id       String CODEC(ZSTD(1)),
    visitor          UInt64 CODEC(ZSTD(1)),
    session_key      UInt64 CODEC(ZSTD(1)),
    session_start    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    session_id       String CODEC(ZSTD(1)),
    origin           LowCardinality(String),
    path             String CODEC(ZSTD(1)),
    query            String CODEC(ZSTD(1)),
    hash             String CODEC(ZSTD(1)),
    title            String CODEC(ZSTD(1)),
    language         LowCardinality(String),
    screen           LowCardinality(String),
    referrer         String CODEC(ZSTD(1)),
    referrer_name    LowCardinality(String),
    referrer_type    LowCardinality(String),
    utm_source       LowCardinality(String),
    utm_medium       LowCardinality(String),
    utm_campaign     LowCardinality(String),
    utm_term         LowCardinality(String),
    utm_content      LowCardinality(String),
    click_id_name    LowCardinality(String),
    click_id         String CODEC(ZSTD(1)),
    country          LowCardinality(String),
    region           LowCardinality(String),
    city             LowCardinality(String),
    latitude         Nullable(Float32) CODEC(ZSTD(1)),
    longitude        Nullable(Float32) CODEC(ZSTD(1)),
    browser          LowCardinality(String),
    browser_version  LowCardinality(String),
    os               LowCardinality(String),
    os_version       LowCardinality(String),
    device           LowCardinality(String),
    brand            LowCardinality(String),
    model            LowCardinality(String),
    groups           Array(String) CODEC(ZSTD(1)),
    revenue          Nullable(Int64) CODEC(ZSTD(1)),
    currency         LowCardinality(String),
    sdk              LowCardinality(String),
    sdk_version      LowCardinality(String),
    properties       String CODEC(ZSTD(1)),
    INDEX id_filter id TYPE bloom_filter(0.001) GRANULARITY 4,
    INDEX arrival_range arrival TYPE minmax GRANULARITY 1,
    INDEX visitor_filter visitor TYPE bloom_filter(0.001) GRANULARITY 4
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/events_local', '{replica}', version)
PARTITION BY toYYYYMM(timestamp)
ORDER BY (project_id, toDate(timestamp), session_key, timestamp, arrival)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS events ON CLUSTER 'lens' AS events_local
ENGINE = Distributed('lens', currentDatabase(), 'events_local', cityHash64(project_id, if(session_key = 0, arrival, session_key)));

CREATE TABLE IF NOT EXISTS sessions_local ON CLUSTER 'lens'
(
    project_id       LowCardinality(String),
    session_key      UInt64 CODEC(ZSTD(1)),
    session_start    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    session_end      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    version          UInt64 CODEC(Delta, ZSTD(1)),
    deleted          UInt8,
    session_id       String CODEC(ZSTD(1)),
    device_id        String CODEC(ZSTD(1)),
    profile_id       String CODEC(ZSTD(1)),
    visitor          UInt64 CODEC(ZSTD(1)),
    events           UInt32 CODEC(ZSTD(1)),
    screen_views     UInt32 CODEC(ZSTD(1)),
    entry_time       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    entry_arrival    UInt64 CODEC(ZSTD(1)),
    entry_origin     LowCardinality(String),
    entry_path       String CODEC(ZSTD(1)),
    entry_title      String CODEC(ZSTD(1)),
    exit_time        DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    exit_arrival     UInt64 CODEC(ZSTD(1)),
    exit_origin      LowCardinality(String),
    exit_path        String CODEC(ZSTD(1)),
    exit_title       String CODEC(ZSTD(1)),
    referrer         String CODEC(ZSTD(1)),
    referrer_name    LowCardinality(String),
    referrer_type    LowCardinality(String),
    utm_source       LowCardinality(String),
    utm_medium       LowCardinality(String),
    utm_campaign     LowCardinality(String),
    utm_term         LowCardinality(String),
    utm_content      LowCardinality(String),
    click_id_name    LowCardinality(String),
    click_id         String CODEC(ZSTD(1)),
    country          LowCardinality(String),
    region           LowCardinality(String),
    city             LowCardinality(String),
    browser          LowCardinality(String),
    browser_version  LowCardinality(String),
    os               LowCardinality(String),
    os_version       LowCardinality(String),
    device           LowCardinality(String),
    brand            LowCardinality(String),
    model            LowCardinality(String),
    INDEX key_filter session_key TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/sessions_local', '{replica}', version, deleted)
PARTITION BY toYYYYMM(session_start)
ORDER BY (project_id, toDate(session_start), session_key, session_start)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS sessions ON CLUSTER 'lens' AS sessions_local
ENGINE = Distributed('lens', currentDatabase(), 'sessions_local', cityHash64(project_id, session_key));

CREATE TABLE IF NOT EXISTS identity_links_local ON CLUSTER 'lens'
(
    project_id   LowCardinality(String),
    device       UInt64,
    profile      UInt64,
    device_id    SimpleAggregateFunction(any, String),
    profile_id   SimpleAggregateFunction(any, String),
    first_seen   SimpleAggregateFunction(min, DateTime64(3, 'UTC'))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/identity_links_local', '{replica}')
ORDER BY (project_id, device, profile)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS identity_links ON CLUSTER 'lens' AS identity_links_local
ENGINE = Distributed('lens', currentDatabase(), 'identity_links_local', cityHash64(project_id, device));

CREATE TABLE IF NOT EXISTS identity_aliases_local ON CLUSTER 'lens'
(
    project_id   LowCardinality(String),
    profile      UInt64,
    alias        UInt64,
    profile_id   SimpleAggregateFunction(any, String),
    alias_id     SimpleAggregateFunction(any, String),
    first_seen   SimpleAggregateFunction(min, DateTime64(3, 'UTC'))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/identity_aliases_local', '{replica}')
ORDER BY (project_id, profile, alias)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS identity_aliases ON CLUSTER 'lens' AS identity_aliases_local
ENGINE = Distributed('lens', currentDatabase(), 'identity_aliases_local', cityHash64(project_id, profile));

CREATE TABLE IF NOT EXISTS identities_local ON CLUSTER 'lens'
(
    project_id   LowCardinality(String),
    node         UInt64,
    person       UInt64,
    version      UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/identities_local', '{replica}', version)
ORDER BY (project_id, node)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS identities ON CLUSTER 'lens' AS identities_local
ENGINE = Distributed('lens', currentDatabase(), 'identities_local', cityHash64(project_id, node));

CREATE TABLE IF NOT EXISTS profile_changes_local ON CLUSTER 'lens'
(
    project_id   LowCardinality(String),
    profile_id   String CODEC(ZSTD(1)),
    property     String CODEC(ZSTD(1)),
    timestamp    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    arrival      UInt64 CODEC(Delta, ZSTD(1)),
    id           String CODEC(ZSTD(1)),
    operation    Enum8('set' = 1, 'add' = 2),
    value        String CODEC(ZSTD(1)),
    node         UInt64 CODEC(ZSTD(1)),
    INDEX id_filter id TYPE bloom_filter(0.001) GRANULARITY 4
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/profile_changes_local', '{replica}')
ORDER BY (project_id, profile_id, property, timestamp, arrival)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS profile_changes ON CLUSTER 'lens' AS profile_changes_local
ENGINE = Distributed('lens', currentDatabase(), 'profile_changes_local', cityHash64(project_id, profile_id));

CREATE TABLE IF NOT EXISTS excluded_local ON CLUSTER 'lens'
(
    project_id   LowCardinality(String),
    hour         DateTime('UTC'),
    reason       LowCardinality(String),
    name         String,
    count        UInt64
)
ENGINE = ReplicatedSummingMergeTree('/clickhouse/tables/{shard}/{database}/excluded_local', '{replica}', count)
PARTITION BY toYYYYMM(hour)
ORDER BY (project_id, hour, reason, name)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS excluded ON CLUSTER 'lens' AS excluded_local
ENGINE = Distributed('lens', currentDatabase(), 'excluded_local', cityHash64(project_id, hour));

CREATE TABLE IF NOT EXISTS group_changes_local ON CLUSTER 'lens'
(
    project_id   LowCardinality(String),
    group_id     String CODEC(ZSTD(1)),
    property     String CODEC(ZSTD(1)),
    timestamp    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    arrival      UInt64 CODEC(Delta, ZSTD(1)),
    value        String CODEC(ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/group_changes_local', '{replica}')
ORDER BY (project_id, group_id, property, timestamp, arrival)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS group_changes ON CLUSTER 'lens' AS group_changes_local
ENGINE = Distributed('lens', currentDatabase(), 'group_changes_local', cityHash64(project_id, group_id));

CREATE TABLE IF NOT EXISTS group_members_local ON CLUSTER 'lens'
(
    project_id   LowCardinality(String),
    node         UInt64,
    group_id     String CODEC(ZSTD(1)),
    profile_id   SimpleAggregateFunction(any, String),
    device_id    SimpleAggregateFunction(any, String),
    since        SimpleAggregateFunction(min, DateTime64(3, 'UTC'))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/group_members_local', '{replica}')
ORDER BY (project_id, node, group_id)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS group_members ON CLUSTER 'lens' AS group_members_local
ENGINE = Distributed('lens', currentDatabase(), 'group_members_local', cityHash64(project_id, node));

CREATE TABLE IF NOT EXISTS replay_chunks_local ON CLUSTER 'lens'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/replay_chunks_local', '{replica}')
PARTITION BY toMonday(expires)
ORDER BY (project_id, session_key, named_key, chunk_index, digest)
TTL expires
SETTINGS replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, index_granularity_bytes = 1048576;

CREATE TABLE IF NOT EXISTS replay_chunks ON CLUSTER 'lens' AS replay_chunks_local
ENGINE = Distributed('lens', currentDatabase(), 'replay_chunks_local', cityHash64(project_id, session_key));

CREATE TABLE IF NOT EXISTS touches_local ON CLUSTER 'lens'
(
    project_id   LowCardinality(String),
    hour         UInt32 CODEC(Delta, ZSTD(1)),
    count        UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplicatedSummingMergeTree('/clickhouse/tables/{shard}/{database}/touches_local', '{replica}', count)
ORDER BY (project_id, hour)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS touches ON CLUSTER 'lens' AS touches_local
ENGINE = Distributed('lens', currentDatabase(), 'touches_local', cityHash64(project_id, hour));

CREATE TABLE IF NOT EXISTS rollup_totals_local ON CLUSTER 'lens'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/rollup_totals_local', '{replica}', version)
ORDER BY (project_id, grain, bucket_start, bucket_end)
SETTINGS replicated_deduplication_window = 10000, index_granularity = 16;

CREATE TABLE IF NOT EXISTS rollup_totals ON CLUSTER 'lens' AS rollup_totals_local
ENGINE = Distributed('lens', currentDatabase(), 'rollup_totals_local', cityHash64(project_id, bucket_start));

CREATE TABLE IF NOT EXISTS rollup_lists_local ON CLUSTER 'lens'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/rollup_lists_local', '{replica}', version)
ORDER BY (project_id, grain, bucket_start, bucket_end)
SETTINGS replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS rollup_lists ON CLUSTER 'lens' AS rollup_lists_local
ENGINE = Distributed('lens', currentDatabase(), 'rollup_lists_local', cityHash64(project_id, bucket_start));

CREATE TABLE IF NOT EXISTS rollup_rows_local ON CLUSTER 'lens'
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/rollup_rows_local', '{replica}')
PARTITION BY toYYYYMM(bucket_start)
ORDER BY (project_id, list, bucket_start, version, bitNot(visitors), key)
SETTINGS replicated_deduplication_window = 10000, index_granularity = 64;

CREATE TABLE IF NOT EXISTS rollup_rows ON CLUSTER 'lens' AS rollup_rows_local
ENGINE = Distributed('lens', currentDatabase(), 'rollup_rows_local', cityHash64(project_id, bucket_start));

CREATE TABLE IF NOT EXISTS schema_migrations_local ON CLUSTER 'lens'
(
    number       UInt32,
    name         String,
    applied_at   DateTime('UTC') DEFAULT now()
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/schema_migrations_local', '{replica}')
ORDER BY number;

CREATE TABLE IF NOT EXISTS schema_migrations ON CLUSTER 'lens' AS schema_migrations_local
ENGINE = Distributed('lens', currentDatabase(), 'schema_migrations_local', number);
