WITH (
  SELECT arrayPushFront(arrayCumSum(groupArray(t.touched)), 0) FROM (
    SELECT hour, sum(count) AS touched FROM touches
    WHERE project_id = {project:String} AND hour >= {from:UInt32} AND hour < {to:UInt32}
    GROUP BY hour ORDER BY hour WITH FILL FROM {from:UInt32} TO {to:UInt32}) AS t) AS until
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted, r.grain AS grain, map() AS sizes
FROM rollup_totals AS r
WHERE r.project_id = {project:String} AND r.grain >= {finest:UInt8} AND r.grain <= {longest:UInt8}
  AND r.bucket_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY r.grain, r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = until[intDiv(last + 3599999, 3600000) - {from:UInt32} + 1]
  - until[intDiv(first, 3600000) - {from:UInt32} + 1];
-- project='…', finest=1, longest=3, start=1773100800000, end=1773194400000, from=492528, to=492554

WITH (
  SELECT arrayPushFront(arrayCumSum(groupArray(t.touched)), 0) FROM (
    SELECT hour, sum(count) AS touched FROM touches
    WHERE project_id = {project:String} AND hour >= {from:UInt32} AND hour < {to:UInt32}
    GROUP BY hour ORDER BY hour WITH FILL FROM {from:UInt32} TO {to:UInt32}) AS t) AS until
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted, r.grain AS grain, map() AS sizes
FROM rollup_totals AS r
WHERE r.project_id = {project:String} AND r.grain >= {finest:UInt8} AND r.grain <= {longest:UInt8}
  AND r.bucket_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY r.grain, r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = until[intDiv(last + 3599999, 3600000) - {from:UInt32} + 1]
  - until[intDiv(first, 3600000) - {from:UInt32} + 1];
-- project='…', finest=0, longest=0, start=1773187200000, end=1773194400000, from=492552, to=492554

SELECT t.bucket AS bucket, sum(t.pieces) AS pieces,
  sum(t.events) AS total_events, sum(t.views) AS total_screen_views, sum(t.sessions) AS total_sessions,
  if(total_sessions = 0, 0, sum(t.duration) / 1000 / total_sessions) AS avg_session_duration,
  if(total_sessions = 0, 0, 100 * sum(t.bounces) / total_sessions) AS bounce_rate,
  if(total_sessions = 0, 0, sum(t.session_views) / total_sessions) AS views_per_session,
  uniqCombined64Merge(14)(t.people) AS estimate, toUInt64(round(estimate / (1 + if(estimate > 40960, 0.0276 * exp((40960 - toFloat64(estimate)) / 9740), 0)))) AS unique_visitors
FROM (
SELECT roundDown(toUnixTimestamp64Milli(t.bucket_start), {buckets:Array(Int64)}) AS bucket, 1 AS pieces, events, views, sessions, bounces, duration, session_views, people
FROM rollup_totals AS t
WHERE t.project_id = {project:String} AND grain IN {grains:Array(UInt8)}
  AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC')
  AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC')
  AND ((toUnixTimestamp64Milli(bucket_start), version) IN arrayZip({p7:Array(Int64)}, {p8:Array(UInt64)}))
UNION ALL
SELECT roundDown(toUnixTimestamp64Milli(e.timestamp), {buckets:Array(Int64)}) AS bucket, 0 AS pieces,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration,
  0 AS session_views, uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String} AND toDate(e.timestamp) IN {p9:Array(Date)}
  AND roundDown(toUnixTimestamp64Milli(e.timestamp), {p10:Array(Int64)}) IN {p11:Array(Int64)}
GROUP BY bucket
UNION ALL
SELECT roundDown(toUnixTimestamp64Milli(s.session_start), {buckets:Array(Int64)}) AS bucket, 0 AS pieces,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces,
  toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String} AND toDate(s.session_start) IN {p12:Array(Date)}
  AND roundDown(toUnixTimestamp64Milli(s.session_start), {p13:Array(Int64)}) IN {p14:Array(Int64)}
GROUP BY bucket) AS t
GROUP BY bucket;
-- project='…', start=1773100800000, end=1773194400000, buckets=[1773100800000], grains=[1], first_piece=1773100800000, last_piece=1773100800000, p7=[1773100800000], p8=[…], p9=[datetime.date(2026, 3, 11)], p10=[0, 1773187200000, 1773194400000], p11=[1773187200000], p12=[datetime.date(2026, 3, 11)], p13=[0, 1773187200000, 1773194400000], p14=[1773187200000]
