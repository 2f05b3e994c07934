SELECT uniqExactIf(e.visitor, e.visitor != 0) AS unique_visitors,
  countIf(e.name = 'screen_view') AS total_screen_views,
  count() AS total_events
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (NOT (e.utm_source IN {p3:Array(String)}) AND ((coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR ifNull(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '')), NULL) IN {p6:Array(Float64)}, false) OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p7:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))'))) OR (match(e.path, {p8:String}))));
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4='plan', p5=['pro', '5'], p6=[5.0], p7=['pro', '5'], p8='^/a'

SELECT count() AS total_sessions,
  if(count() = 0, 0, sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start)) / 1000 / count()) AS avg_session_duration,
  if(count() = 0, 0, 100 * countIf(s.screen_views = 1) / count()) AS bounce_rate,
  if(count() = 0, 0, sum(s.screen_views) / count()) AS views_per_session
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND cityHash64(s.session_key, s.session_start) IN (SELECT cityHash64(e.session_key, e.session_start)
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (NOT (e.utm_source IN {p3:Array(String)}) AND ((coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR ifNull(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '')), NULL) IN {p6:Array(Float64)}, false) OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p7:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))'))) OR (match(e.path, {p8:String})))));
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4='plan', p5=['pro', '5'], p6=[5.0], p7=['pro', '5'], p8='^/a'
