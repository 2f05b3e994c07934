-- The event store, readable whole. Migrations in migrations/ add up to exactly this (tests/store).
-- One SQL for the embedded engine and for servers.
--
-- arrival: milliseconds << 20 | n, unique per event, in the order in which events became durable.
-- visitor: 64-bit node of whoever did it: the profile's when the event names one, else the device's,
--          0 for nobody. `identities` maps nodes to people when a question is asked.
-- session_key: 64-bit key of whatever sessions are cut from: a session id that the client sent, else
--          the device, else the profile; 0 = outside any session. A session is (session_key, session_start).
-- revenue: in minor units of the currency.
-- '' means unknown everywhere; answers turn it into null.

-- Every event once. A late event that moves the start of a session rewrites that session's rows with a
-- higher version; ReplacingMergeTree keeps the newest (questions read FINAL).
CREATE TABLE events
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
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(timestamp)
ORDER BY (project_id, toDate(timestamp), session_key, timestamp, arrival)
SETTINGS non_replicated_deduplication_window = 10000;

-- One row a session, whole: what was true of it after its newest event. The columns from referrer to
-- model are its first event's. entry_/exit_ are its first and last screen view (arrival 0 when it has none).
CREATE TABLE sessions
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
ENGINE = ReplacingMergeTree(version, deleted)
PARTITION BY toYYYYMM(session_start)
ORDER BY (project_id, toDate(session_start), session_key, session_start)
SETTINGS non_replicated_deduplication_window = 10000;

-- Which device was seen identified as which profile, and when first. Order of arrival changes nothing.
CREATE TABLE identity_links
(
    project_id   LowCardinality(String),
    device       UInt64,
    profile      UInt64,
    device_id    SimpleAggregateFunction(any, String),
    profile_id   SimpleAggregateFunction(any, String),
    first_seen   SimpleAggregateFunction(min, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, device, profile)
SETTINGS non_replicated_deduplication_window = 10000;

-- `alias` is another name of `profile`.
CREATE TABLE identity_aliases
(
    project_id   LowCardinality(String),
    profile      UInt64,
    alias        UInt64,
    profile_id   SimpleAggregateFunction(any, String),
    alias_id     SimpleAggregateFunction(any, String),
    first_seen   SimpleAggregateFunction(min, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, profile, alias)
SETTINGS non_replicated_deduplication_window = 10000;

-- node → person, only where they differ. Derived from the two tables above by ingest/identity.py.
CREATE TABLE identities
(
    project_id   LowCardinality(String),
    node         UInt64,
    person       UInt64,
    version      UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, node)
SETTINGS non_replicated_deduplication_window = 10000;

-- What happened to profiles, as a log: `set` replaces a property, `add` adds to a number.
-- value is JSON. A profile is the fold of its log by (timestamp, arrival), whatever the order of arrival.
-- node: the profile's, as in `events.visitor`; a row with 0 was written before there were nodes here, and
-- another one with its node takes its place (store/profile_nodes.py).
CREATE TABLE profile_changes
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
ENGINE = ReplacingMergeTree
ORDER BY (project_id, profile_id, property, timestamp, arrival)
SETTINGS non_replicated_deduplication_window = 10000;

-- Accepted but never in the numbers: bots, spam, filtered addresses, repeated ids; by hour and reason.
CREATE TABLE excluded
(
    project_id   LowCardinality(String),
    hour         DateTime('UTC'),
    reason       LowCardinality(String),
    name         String,
    count        UInt64
)
ENGINE = SummingMergeTree(count)
PARTITION BY toYYYYMM(hour)
ORDER BY (project_id, hour, reason, name)
SETTINGS non_replicated_deduplication_window = 10000;

-- What happened to groups, as a log: each row sets a property. value is JSON; `$type` and `$name` are the
-- group's own. The newest by (timestamp, arrival) counts.
CREATE TABLE group_changes
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

-- Who belongs to which groups, and since when: the node of a profile or of a device, and its id.
CREATE TABLE group_members
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

-- Pieces of recorded sessions. session_key: as in `events` for the device (else the profile) that recorded;
-- named_key: for the session id that the client sent, 0 without one. The session itself is looked up when
-- somebody asks. digest: of the payload; it tells a piece that was sent twice from another page's piece of
-- the same number. After `expires` a row is in no answer, and is deleted with the others of its week.
CREATE TABLE replay_chunks
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

-- How often something changed in an hour (UTC, hours since 1970): in its events, in the sessions that overlap it,
-- in the people behind either. Written after the change itself; what was computed when the sum was the same is
-- still right (insights/rollups).
CREATE TABLE touches
(
    project_id   LowCardinality(String),
    hour         UInt32 CODEC(Delta, ZSTD(1)),
    count        UInt64 CODEC(ZSTD(1))
)
ENGINE = SummingMergeTree(count)
ORDER BY (project_id, hour)
SETTINGS non_replicated_deduplication_window = 10000;

-- Answers about an hour, a day, a week or a month (grain 0 to 3) of the project's zone, from raw rows or, the longer
-- ones, from days, when the touches of its hours summed up to `touched`. duration: milliseconds. sessions and what is
-- behind it: of those that start in it.
CREATE TABLE rollup_totals
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

-- The same by the values of a dimension: one row here says which `version` of rollup_rows holds the lists of a
-- bucket, whole, and how many rows each list has there. Rows of any other version are leftovers.
CREATE TABLE rollup_lists
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

-- `list`: a dimension, or page, page_entry, page_exit (first: path, second: origin). key: hash of both. gaps,
-- spent: views followed by another, and milliseconds up to it. titled: when `title` was seen. Largest first.
CREATE TABLE rollup_rows
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

-- Which migrations this store has seen.
CREATE TABLE schema_migrations
(
    number       UInt32,
    name         String,
    applied_at   DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY number;
