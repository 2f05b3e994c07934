WITH (
  SELECT (groupArray(hour), groupArray(count)) FROM touches
  WHERE project_id = {project:String} AND hour >= intDiv({start:Int64}, 3600000)
    AND hour <= intDiv({end:Int64}, 3600000)) AS t
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted
FROM rollup_totals AS r
WHERE r.project_id = {project:String} AND r.whole_day = {days:UInt8}
  AND r.bucket_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = arraySum((hour, count) -> if(
    hour >= intDiv(first, 3600000) AND hour < intDiv(last + 3599999, 3600000), count, 0), t.1, t.2);
-- project='…', days=1, start=1773100800000, end=1773194400000

WITH (
  SELECT (groupArray(hour), groupArray(count)) FROM touches
  WHERE project_id = {project:String} AND hour >= intDiv({start:Int64}, 3600000)
    AND hour <= intDiv({end:Int64}, 3600000)) AS t
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted
FROM rollup_totals AS r
WHERE r.project_id = {project:String} AND r.whole_day = {days:UInt8}
  AND r.bucket_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = arraySum((hour, count) -> if(
    hour >= intDiv(first, 3600000) AND hour < intDiv(last + 3599999, 3600000), count, 0), t.1, t.2);
-- project='…', days=0, start=1773100800000, end=1773194400000

SELECT bucket, sum(pieces) AS pieces,
  sum(events) AS total_events, sum(views) AS total_screen_views, sum(sessions) AS total_sessions,
  if(total_sessions = 0, 0, sum(duration) / 1000 / total_sessions) AS avg_session_duration,
  if(total_sessions = 0, 0, 100 * sum(bounces) / total_sessions) AS bounce_rate,
  if(total_sessions = 0, 0, sum(session_views) / total_sessions) AS views_per_session,
  toUInt64(round(finalizeAggregation(uniqCombined64MergeState(14)(people)) / (1 + if(finalizeAggregation(uniqCombined64MergeState(14)(people)) > 40960, 0.0276 * exp((40960 - toFloat64(finalizeAggregation(uniqCombined64MergeState(14)(people)))) / 9740), 0)))) AS unique_visitors,
  length(toString(uniqCombined64MergeState(14)(people))) < 12288 AS exact
FROM (
SELECT roundDown(toUnixTimestamp64Milli(bucket_start), {buckets:Array(Int64)}) AS bucket, 1 AS pieces,
  events, views, sessions, bounces, duration, session_views, people
FROM rollup_totals
WHERE project_id = {project:String} AND whole_day IN {days:Array(UInt8)}
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
GROUP BY bucket)
GROUP BY bucket;
-- project='…', start=1773100800000, end=1773194400000, buckets=[1773100800000, 1773104400000, 1773108000000, 1773111600000, 1773115200000, 1773118800000, 1773122400000, 1773126000000, 1773129600000, 1773133200000, 1773136800000, 1773140400000, 1773144000000, 1773147600000, 1773151200000, 1773154800000, 1773158400000, 1773162000000, 1773165600000, 1773169200000, 1773172800000, 1773176400000, 1773180000000, 1773183600000, 1773187200000, 1773190800000], days=[0], first_piece=1773100800000, last_piece=1773183600000, p7=[1773100800000, 1773104400000, 1773108000000, 1773111600000, 1773115200000, 1773118800000, 1773122400000, 1773126000000, 1773129600000, 1773133200000, 1773136800000, 1773140400000, 1773144000000, 1773147600000, 1773151200000, 1773154800000, 1773158400000, 1773162000000, 1773165600000, 1773169200000, 1773172800000, 1773176400000, 1773180000000, 1773183600000], p8=[…, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …, …], p9=[datetime.date(2026, 3, 11)], p10=[0, 1773187200000, 1773194400000], p11=[1773187200000], p12=[datetime.date(2026, 3, 11)], p13=[0, 1773187200000, 1773194400000], p14=[1773187200000]
